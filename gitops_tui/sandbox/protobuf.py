"""Requests in Kubernetes' protobuf encoding, which kubectl sends from its typed commands (``create``, ``auth can-i``).

Only reading: every such client takes JSON back. The field numbers are data, made by ``scripts/protobuf_fields`` from
Kubernetes' own types. Source: the Protocol Buffers encoding, and Kubernetes' envelope (``k8s\\0`` + ``Unknown``).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from gitops_tui.model.resource import Object
from gitops_tui.sandbox.failure import bad_request

CONTENT_TYPE = "application/vnd.kubernetes.protobuf"
_MAGIC = b"k8s\x00"
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
Field = tuple[str, str, int]
"""JSON name, type, and whether a zero value is kept."""


@cache
def _data() -> dict[str, Any]:
    text = files("gitops_tui.sandbox").joinpath("data/protobuf.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def read_protobuf(body: bytes) -> Object:
    """The object as JSON would have it. Raises `Invalid` (400) for what cannot be read."""
    try:
        return _read_envelope(body)
    except (IndexError, KeyError, ValueError, UnicodeDecodeError) as error:
        raise bad_request(f"the protobuf object provided is unrecognized: {error}") from error


def _read_envelope(body: bytes) -> Object:
    if not body.startswith(_MAGIC):
        raise ValueError("it does not begin as Kubernetes' protobuf does")
    unknown = dict(_wire(body[len(_MAGIC) :]))
    meta = {number: value.decode() for number, value in _wire(unknown.get(1, b""))}
    api_version, kind = meta.get(1, ""), meta.get(2, "")
    message = _data()["kinds"].get(f"{api_version}/{kind}")
    if message is None:
        raise ValueError(f"no kind {kind} in version {api_version}")
    return {"apiVersion": api_version, "kind": kind, **_message(message, unknown.get(2, b""))}


def _wire(data: bytes) -> Iterator[tuple[int, Any]]:
    """(field number, value): bytes for what has a length, numbers for the rest."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        number, how = tag >> 3, tag & 7
        if how == _VARINT:
            value, at = _varint(data, at)
            yield number, value
        elif how == _BYTES:
            size, at = _varint(data, at)
            yield number, data[at : at + size]
            at += size
        elif how in (_FIXED64, _FIXED32):
            size = 8 if how == _FIXED64 else 4
            yield number, int.from_bytes(data[at : at + size], "little")
            at += size
        else:
            raise ValueError(f"wire type {how}")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _message(name: str, data: bytes) -> Object:
    fields: dict[str, Field] = _data()["messages"][name]
    found: Object = {}
    for number, raw in _wire(data):
        field = fields.get(str(number))
        if field is not None:
            _put(found, field, raw)
    return found


def _put(found: Object, field: Field, raw: Any) -> None:
    name, kind, is_kept = field
    if kind.startswith("[]"):
        found.setdefault(name, []).append(_value(kind[2:], raw))
    elif kind.startswith("{}"):
        entry = dict(_wire(raw))
        found.setdefault(name, {})[entry.get(1, b"").decode()] = _value(kind[2:], entry.get(2, b""))
    else:
        value = _value(kind, raw)
        if not name:
            found.update(value)
        elif value is not None and (is_kept or value not in ("", 0, False)):
            found[name] = value


def _value(kind: str, raw: Any) -> Any:
    if kind in _SCALARS:
        return _SCALARS[kind](raw)
    if kind.startswith("[]"):
        return [_value(kind[2:], one) for _, one in _wire(raw)]
    return _message(kind, raw)


def _signed(raw: int) -> int:
    return raw - (1 << 64) if raw >= 1 << 63 else raw


def _first_text(raw: bytes) -> str:
    return bytes(dict(_wire(raw)).get(1, b"")).decode()


def _time(raw: bytes) -> str | None:
    """None for Go's zero time, which JSON leaves out."""
    found = dict(_wire(raw))
    seconds = _signed(found.get(1, 0))
    if seconds <= 0:
        return None
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _micro_time(raw: bytes) -> str | None:
    found = dict(_wire(raw))
    text = _time(raw)
    return None if text is None else f"{text[:-1]}.{found.get(2, 0) // 1000:06d}Z"


def _int_or_string(raw: bytes) -> int | str:
    found = dict(_wire(raw))
    return bytes(found.get(3, b"")).decode() if found.get(1) else _signed(found.get(2, 0))


def _raw_json(raw: bytes) -> Any:
    text = dict(_wire(raw)).get(1, b"")
    return json.loads(text) if text else None


_SCALARS: dict[str, Callable[[Any], Any]] = {
    "string": lambda raw: raw.decode(),
    "int": _signed,
    "bool": bool,
    "float": float,
    "bytes": lambda raw: base64.b64encode(raw).decode(),
    "time": _time,
    "microtime": _micro_time,
    "quantity": _first_text,
    "intorstring": _int_or_string,
    "raw": _raw_json,
    "duration": lambda raw: dict(_wire(raw)).get(1, 0),
}
