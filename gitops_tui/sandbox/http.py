"""A request as the handlers see it and what they answer, without sockets."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct, field

from gitops_tui.model.resource import Object
from gitops_tui.sandbox import failure
from gitops_tui.sandbox.auth import User
from gitops_tui.sandbox.protobuf import CONTENT_TYPE, read_protobuf
from gitops_tui.sandbox.storage import encode

JSON = "application/json"


class Request(Struct, frozen=True):
    """``query`` holds the last value of each name; ``path`` is decoded."""

    method: str
    path: str
    query: dict[str, str]
    user: User
    accept: str = ""
    content_type: str = ""
    user_agent: str = ""
    body: bytes = b""

    def json_body(self, kind: str) -> Object:
        """The object in the body; raises `Invalid` (400), `ApiError` (415)."""
        if self.content_type == CONTENT_TYPE:
            return read_protobuf(self.body)
        if self.content_type not in ("", JSON, "application/yaml"):
            raise failure.unsupported_media_type()
        if self.content_type == "application/yaml":
            return _yaml(self.body)
        try:
            found: Any = json.loads(self.body)
        except ValueError as error:
            text = self.body.decode(errors="replace")
            why = f"couldn't get version/kind; json parse error: {_go_error(error)} ({text[:200]})"
            raise failure.bad_request(f"the object provided is unrecognized (must be of type {kind}): {why}") from error
        if not isinstance(found, dict):
            raise failure.bad_request(f"the object provided is unrecognized (must be of type {kind})")
        return found


def _go_error(error: ValueError) -> str:
    return "unexpected end of JSON input" if "Expecting" in str(error) else str(error)


def _yaml(body: bytes) -> Object:
    from gitops_tui.manifest.decode import decode_documents

    found = next(iter(decode_documents(body)), None)
    if not isinstance(found, dict):
        raise failure.bad_request("the object provided is unrecognized")
    return found


class Answer(Struct, frozen=True):
    """A whole response."""

    body: bytes
    code: int = 200
    content_type: str = JSON
    warnings: tuple[str, ...] = ()

    @classmethod
    def of(cls, value: object, code: int = 200, warnings: tuple[str, ...] = ()) -> Answer:
        return cls(encode(value) + b"\n", code, JSON, warnings)


class Stream(Struct, frozen=True):
    """A response that goes on: chunks as they come, empty ones to see whether anybody listens."""

    chunks: Iterator[bytes]
    content_type: str = JSON
    close: Callable[[], None] = field(default=lambda: None)


def accepted(header: str) -> list[tuple[str, dict[str, str]]]:
    """The media types of an ``Accept`` header in their order, with their parameters."""
    found = []
    for part in header.split(","):
        media, *words = (word.strip() for word in part.split(";"))
        pairs = (word.partition("=") for word in words)
        found.append((media, {name: value for name, _, value in pairs}))
    return found


def wanted_form(header: str) -> str:
    """``Table``, ``PartialObjectMetadata(List)``, ``APIGroupDiscoveryList`` or "" for the plain object."""
    for media, parameters in accepted(header):
        if media in (JSON, "*/*", "application/*", ""):
            return parameters.get("as", "")
    return ""
