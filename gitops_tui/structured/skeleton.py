"""What Go always writes of a built-in type: the object that tracking a create is measured against.

kube-apiserver compares a new object with an empty one of its Go type, in which structs and fields without
``omitempty`` are there already. That is why ``f:strategy`` of a created Deployment has no ``"."`` and
``f:rollingUpdate`` has one. OpenAPI tells these fields apart: the generator gives them a zero default or requires them.
"""

from __future__ import annotations

from typing import Any

from gitops_tui.model.resource import Object
from gitops_tui.structured.schema import SchemaNode

_ZEROS: tuple[Any, ...] = ("", 0, False)


def empty_of(schema: SchemaNode | None, api_version: str, kind: str) -> Object:
    """An object of this kind in which nothing is set. Of custom resources that is only the kind."""
    base: Object = {"apiVersion": api_version, "kind": kind}
    if schema is None or schema.is_embedded or not _is_go_struct(schema):
        return base
    return {**_zero_struct(schema), **base}


def is_go_kind(schema: SchemaNode | None) -> bool:
    """Whether the kind is compiled into the server, rather than defined by a CustomResourceDefinition."""
    return schema is not None and not schema.is_embedded and _is_go_struct(schema)


def _is_go_struct(schema: SchemaNode) -> bool:
    """Only of types that are structs in Go, the metadata has a default."""
    return schema.defaults.get("metadata") == {}


def _zero_struct(node: SchemaNode) -> Object:
    out: Object = {}
    for name, child in node.fields.items():
        default = node.defaults.get(name)
        if default == {} and child.is_map and isinstance(default, dict):
            out[name] = _zero_struct(child)
        elif _is_zero(default):
            out[name] = default
        elif name in node.required and default is None:
            out[name] = None
    return out


def _is_zero(default: Any) -> bool:
    return default is not None and not isinstance(default, dict | list) and default in _ZEROS


def with_structs(obj: Object, schema: SchemaNode | None) -> Object:
    """``obj`` as a built-in type comes back from storage: with its empty structs (``status: {}``,
    ``resources: {}``) and without empty optional maps and lists and nulls. Other kinds come back unchanged.
    """
    return _struct(obj, schema, fill=True) if schema is not None and is_go_kind(schema) else obj


def without_empties(obj: Object, schema: SchemaNode | None) -> Object:
    """The same without adding the structs that are missing."""
    return _struct(obj, schema, fill=False) if schema is not None and is_go_kind(schema) else obj


def _struct(value: Object, node: SchemaNode, *, fill: bool) -> Object:
    out: Object = {}
    for name, member in value.items():
        child = node.fields.get(name)
        kept = _member(member, child, fill=fill) if child is not None else member
        if kept is None and _is_struct_field(name, node):
            out[name] = {}
        elif not _is_omitted(kept, name, node):
            out[name] = kept
    if fill:
        missing = (name for name in node.defaults if name not in out and _is_struct_field(name, node))
        out.update({name: _struct({}, node.fields[name], fill=True) for name in missing})
    return out


def _is_struct_field(name: str, node: SchemaNode) -> bool:
    """Whether the field holds a struct rather than a pointer to one, and so is never null."""
    return node.fields[name].is_map and node.defaults.get(name) == {} if name in node.fields else False


def _member(value: Any, node: SchemaNode, *, fill: bool) -> Any:
    if isinstance(value, dict):
        if node.fields:
            return _struct(value, node, fill=fill)
        if node.values is not None and node.values.fields:
            return {key: _member(one, node.values, fill=fill) for key, one in value.items()}
    elif isinstance(value, list) and node.items is not None and node.items.fields:
        return [_member(one, node.items, fill=fill) for one in value]
    return value


def _is_omitted(value: Any, name: str, node: SchemaNode) -> bool:
    """Whether ``omitempty`` drops it; a struct or pointer that is empty stays, and so does what is required."""
    if name in node.required or name not in node.fields:
        return False
    if value is None or (value == [] and isinstance(value, list)):
        return True
    child = node.fields[name]
    return value == {} and isinstance(value, dict) and not (child.fields or child.scalar or name in node.defaults)
