"""What the API server answers when it says no: errors with the words, reasons and codes of the real one.

Each function gives an `ApiError` to raise; `status_of` is the ``Status`` object that goes over the wire.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from gitops_tui.errors import (
    AlreadyExists,
    ApiError,
    Conflict,
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    ServerError,
    Unauthorized,
)
from gitops_tui.model.resource import Object
from gitops_tui.structured.conflict import FieldConflict, conflict_message

MODIFIED = "the object has been modified; please apply your changes to the latest version and try again"


class Cause(Struct, frozen=True):
    """One reason why an object is not valid: ``reason`` is ``FieldValueInvalid``, ``FieldValueRequired`` …"""

    reason: str
    message: str
    field: str


def required(field: str, detail: str = "") -> Cause:
    return Cause("FieldValueRequired", f"Required value: {detail}" if detail else "Required value", field)


def invalid_value(field: str, shown: str, detail: str) -> Cause:
    """``shown`` is the value as Go prints it: quoted strings, JSON for the rest."""
    return Cause("FieldValueInvalid", f"Invalid value: {shown}: {detail}", field)


def forbidden_value(field: str, detail: str) -> Cause:
    return Cause("FieldValueForbidden", f"Forbidden: {detail}", field)


def unsupported_value(field: str, shown: str, supported: Sequence[str]) -> Cause:
    listed = ", ".join(f'"{one}"' for one in supported)
    return Cause("FieldValueNotSupported", f"Unsupported value: {shown}: supported values: {listed}", field)


def split_resource(resource: str) -> tuple[str, str]:
    """``"deployments.apps" -> ("deployments", "apps")``."""
    plural, _, group = resource.partition(".")
    return plural, group


def details(name: str, group: str, kind: str, causes: Sequence[Cause] = ()) -> Object:
    found: Object = {}
    if name:
        found["name"] = name
    if group:
        found["group"] = group
    found["kind"] = kind
    if causes:
        found["causes"] = [{"reason": c.reason, "message": c.message, "field": c.field} for c in causes]
    return found


def _details_of(resource: str, name: str) -> Object:
    plural, group = split_resource(resource)
    return details(name, group, plural)


def not_found(resource: str, name: str) -> NotFound:
    return NotFound(f'{resource} "{name}" not found', code=404, reason="NotFound", details=_details_of(resource, name))


def no_such_resource() -> NotFound:
    return NotFound("the server could not find the requested resource", code=404, reason="NotFound")


def already_exists(resource: str, name: str, *, is_terminating: bool = False) -> AlreadyExists:
    text = f'{resource} "{name}" already exists'
    if is_terminating:
        text = f"object is being deleted: {text}"
    return AlreadyExists(text, code=409, reason="AlreadyExists", details=_details_of(resource, name))


def conflict(resource: str, name: str, why: str = MODIFIED) -> Conflict:
    return Conflict(
        f'Operation cannot be fulfilled on {resource} "{name}": {why}',
        code=409,
        reason="Conflict",
        details=_details_of(resource, name),
    )


def apply_conflict(conflicts: Sequence[FieldConflict]) -> Conflict:
    causes = [(one.path, one.message) for one in conflicts]
    found = [{"reason": "FieldManagerConflict", "message": text, "field": field} for field, text in causes]
    return Conflict(
        conflict_message(tuple(conflicts)), code=409, reason="Conflict", causes=causes, details={"causes": found}
    )


def invalid(group: str, kind: str, name: str, causes: Sequence[Cause]) -> Invalid:
    """422: one cause is written as it is, several in brackets, as apimachinery's ErrorList does."""
    texts = [f"{cause.field}: {cause.message}" for cause in causes]
    unique = list(dict.fromkeys(texts))
    shown = unique[0] if len(unique) == 1 else f"[{', '.join(unique)}]"
    full = f"{kind}.{group}" if group else kind
    return Invalid(
        f'{full} "{name}" is invalid: {shown}',
        code=422,
        reason="Invalid",
        causes=[(c.field, c.message) for c in causes],
        details=details(name, group, kind, causes),
    )


def unprocessable_patch() -> Invalid:
    return Invalid("the server rejected our request due to an error in our request", code=422, reason="Invalid")


def bad_request(message: str) -> Invalid:
    return Invalid(message, code=400, reason="BadRequest")


def undecodable(kind: str, version: str, why: str) -> Invalid:
    return bad_request(f'{kind} in version "{version}" cannot be handled as a {kind}: {why}')


def forbidden(resource: str, name: str, why: str, causes: Sequence[Cause] = ()) -> Forbidden:
    plural, group = split_resource(resource)
    shown = f'{resource} "{name}"' if name else resource
    return Forbidden(
        f"{shown} is forbidden: {why}",
        code=403,
        reason="Forbidden",
        details=details(name, group, plural, causes),
    )


def unauthorized() -> Unauthorized:
    return Unauthorized("Unauthorized", code=401, reason="Unauthorized")


def expired(message: str) -> Gone:
    return Gone(message, code=410, reason="Expired")


def internal(message: str) -> ServerError:
    """500 without a reason, as errors that the real server did not classify."""
    return ServerError(message, code=500)


def method_not_allowed() -> ApiError:
    return ApiError(
        "the server does not allow this method on the requested resource", code=405, reason="MethodNotAllowed"
    )


def unsupported_media_type() -> ApiError:
    return ApiError("415: Unsupported Media Type", code=415, reason="UnsupportedMediaType")


def too_large_version(wanted: int, current: int) -> ServerError:
    return ServerError(
        f"Timeout: Too large resource version: {wanted}, current: {current}",
        code=504,
        reason="Timeout",
        details={
            "causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}],
            "retryAfterSeconds": 1,
        },
        retry_after_s=1,
    )


_EMPTY_DETAILS = ("NotFound", "Invalid", "UnsupportedMediaType", "MethodNotAllowed")
"""Reasons whose ``details`` are there even where they say nothing."""


def status_of(error: ApiError) -> Object:
    """The ``Status`` object that says ``error``."""
    found: Object = {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": error.message,
    }
    if error.reason:
        found["reason"] = error.reason
    if error.details or (error.reason in _EMPTY_DETAILS and error.code != 400):
        found["details"] = error.details
    return {**found, "code": error.code}


def success(resource: str, name: str, uid: str) -> Object:
    """What a deletion that is done answers."""
    found = {**_details_of(resource, name), "uid": uid}
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": found}
