"""A request's object as the server's types take it: unknown fields are dropped (or refused), wrong types refused.

Built-in kinds are read by their compiled schema, custom ones by their structural schema (`structural`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitops_tui.model.resource import Object
from gitops_tui.sandbox import failure, structural
from gitops_tui.sandbox.options import WriteOptions
from gitops_tui.sandbox.registry import ResourceType
from gitops_tui.structured.schema import SchemaNode

_GO_NAMES = {"string": "string", "numeric": "int32", "boolean": "bool"}


def decode(kind: ResourceType, obj: Object, schema: SchemaNode | None, options: WriteOptions) -> None:
    """Make ``obj`` what the kind's type can hold, in place. Raises `Invalid` (400) for a wrong type, and for an
    unknown field under ``fieldValidation=Strict``; else unknown fields are warned of."""
    if kind.custom is not None:
        unknown = structural.prune(obj, kind.custom.schema)
    elif schema is not None:
        unknown = list(_drop_unknown(kind, obj, schema, ""))
    else:
        return
    if unknown and options.field_validation == "Strict":
        shown = ", ".join(f'unknown field "{path}"' for path in unknown)
        raise failure.undecodable(kind.kind, kind.version, f"strict decoding error: {shown}")
    if options.field_validation == "Warn":
        options.warnings += [f'unknown field "{path}"' for path in unknown]


def _drop_unknown(kind: ResourceType, value: Any, node: SchemaNode, path: str) -> Iterator[str]:
    if value is None or _is_open(node):
        return
    if node.is_map and isinstance(value, dict):
        yield from _drop_fields(kind, value, node, path)
    elif node.is_list and isinstance(value, list):
        if node.items is not None:
            for number, item in enumerate(value):
                yield from _drop_unknown(kind, item, node.items, f"{path}[{number}]")
    elif not _is_scalar(value, node):
        raise failure.undecodable(kind.kind, kind.version, _mismatch(kind, value, node, path))


def _is_open(node: SchemaNode) -> bool:
    return node.scalar == "untyped"


def _drop_fields(kind: ResourceType, value: Object, node: SchemaNode, path: str) -> Iterator[str]:
    for name in list(value):
        at = f"{path}.{name}" if path else name
        child = node.child(name)
        if child is None:
            del value[name]
            yield at
        elif value[name] is None:
            # Go writes no null: an absent value is absent.
            del value[name]
        else:
            yield from _drop_unknown(kind, value[name], child, at)


def _is_scalar(value: Any, node: SchemaNode) -> bool:
    if node.scalar == "string":
        return isinstance(value, str)
    if node.scalar == "numeric":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if node.scalar == "boolean":
        return isinstance(value, bool)
    return False


def _mismatch(kind: ResourceType, value: Any, node: SchemaNode, path: str) -> str:
    """In the words of Go's JSON decoder."""
    found = {"boolean": "bool", "integer": "number"}.get(structural.type_name(value), structural.type_name(value))
    wanted = _GO_NAMES.get(node.scalar) or ("[]interface {}" if node.is_list else "map[string]interface {}")
    field = ".".join(part for part in path.split(".") if "[" not in part) or path
    owner = field.rpartition(".")[0]
    go_field = field if owner else f"{kind.kind}.{field}"
    if "." in field:
        go_field = f"{kind.kind}.{field}"
    shown = go_field
    if not owner and node.scalar:
        shown = f"{kind.kind}.{path}"
    return f"json: cannot unmarshal {found} into Go struct field {_strip_key(shown, kind)} of type {wanted}"


def _strip_key(shown: str, kind: ResourceType) -> str:
    """A map's field names no key: ``ConfigMap.data``, not ``ConfigMap.data.a``."""
    for field in ("data", "labels", "annotations", "stringData"):
        head, found, _ = shown.partition(f".{field}.")
        if found:
            return f"{head}.{field}"
    return shown or kind.kind
