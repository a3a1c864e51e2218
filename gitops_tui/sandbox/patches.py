"""The four patch types: JSON (RFC 6902), merge (RFC 7386), strategic merge, and apply."""

from __future__ import annotations

import copy
import json
from typing import Any

from msgspec import Struct

from gitops_tui.errors import ManifestError
from gitops_tui.model.resource import Object, metadata_of
from gitops_tui.sandbox import failure
from gitops_tui.structured.mergepatch import merge_patch
from gitops_tui.structured.schema import SchemaNode
from gitops_tui.structured.strategic import strategic_merge

JSON = "application/json-patch+json"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"
TYPES = (JSON, MERGE, STRATEGIC, APPLY)


class Patch(Struct, frozen=True):
    """A patch as it was sent. ``type`` is one of `TYPES`."""

    type: str
    body: bytes

    @property
    def is_apply(self) -> bool:
        return self.type == APPLY

    def configuration(self, api_version: str, kind: str, namespace: str, name: str) -> Object:
        """An apply's object, checked against the URL. Raises `Invalid` (400)."""
        found = _read_yaml(self.body)
        if not found.get("apiVersion") or not found.get("kind"):
            group, _, version = str(found.get("apiVersion") or "/").rpartition("/")
            raise failure.bad_request(f"invalid object type: {group}/{version}, Kind={found.get('kind') or ''}")
        if (found["apiVersion"], found["kind"]) != (api_version, kind):
            raise failure.bad_request(
                f"patch object is {found['apiVersion']}, Kind={found['kind']}, the URL's {api_version}, Kind={kind}"
            )
        meta = found.setdefault("metadata", {})
        if meta.get("managedFields") is not None:
            raise failure.bad_request("metadata.managedFields must be nil")
        check_name(found, namespace, name)
        meta["name"] = name
        if namespace:
            meta["namespace"] = namespace
        return found


def check_name(obj: Object, namespace: str, name: str) -> None:
    """Raises `Invalid` (400) where the object is another one than the URL names."""
    meta = metadata_of(obj)
    if meta.get("name") not in (None, "", name):
        text = f"the name of the object ({meta['name']}) does not match the name on the URL ({name})"
        raise failure.bad_request(text)
    if namespace and meta.get("namespace") not in (None, "", namespace):
        raise failure.bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )


def _read_yaml(body: bytes) -> Object:
    """JSON where it is JSON (every client of ours, kubectl too), else YAML as Kubernetes reads it."""
    try:
        found: Any = json.loads(body)
    except ValueError:
        from gitops_tui.manifest.decode import decode_documents

        try:
            found = next(iter(decode_documents(body)), None)
        except ManifestError as error:
            raise failure.bad_request(f"error decoding YAML: {error}") from error
    if not isinstance(found, dict):
        raise failure.bad_request("error decoding patch: not an object")
    return found


def read_json(body: bytes, what: str) -> Any:
    try:
        return json.loads(body)
    except ValueError as error:
        raise failure.bad_request(f"error decoding {what}: {error}") from error


def apply_patch(patch: Patch, live: Object, schema: SchemaNode | None, *, is_custom: bool) -> Object:
    """``live`` with a JSON, merge or strategic merge patch; a new object. Raises `Invalid`, `ApiError` (415)."""
    if patch.type == JSON:
        return _json_patch(patch.body, live)
    body = read_json(patch.body, "patch")
    if not isinstance(body, dict):
        raise failure.bad_request("error decoding patch: json: cannot unmarshal array into Go value of type map")
    if patch.type == MERGE:
        patched: Object = merge_patch(live, body)
        return patched
    if is_custom or schema is None:
        raise failure.unsupported_media_type()
    return strategic_merge(live, body, schema)


def _json_patch(body: bytes, live: Object) -> Object:
    import jsonpatch
    from jsonpointer import JsonPointerException

    steps = read_json(body, "patch")
    if not isinstance(steps, list):
        text = f"json: cannot unmarshal {_go_type(steps)} into Go value of type []handlers.jsonPatchOp"
        raise failure.bad_request(f"error decoding patch: {text}")
    try:
        patched: Object = jsonpatch.apply_patch(copy.deepcopy(live), steps, in_place=True)
    except (jsonpatch.JsonPatchException, JsonPointerException) as error:
        raise failure.unprocessable_patch() from error
    return patched


def _go_type(value: Any) -> str:
    return "object" if isinstance(value, dict) else "string" if isinstance(value, str) else "number"
