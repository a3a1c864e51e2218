"""An object without some of its fields, or with nothing but some of them (structured-merge-diff ``RemoveItems``)."""

from __future__ import annotations

from typing import Any

from gitops_tui.model.resource import Object
from gitops_tui.structured.fieldset import FieldSet, Tree, field_element, is_member
from gitops_tui.structured.schema import DEDUCED, SchemaNode
from gitops_tui.structured.value import element_of, shape_of


def remove_fields(obj: Object, fields: FieldSet, schema: SchemaNode | None) -> Object:
    """``obj`` without the members of ``fields``; what loses its last field on the way becomes null."""
    left: Object | None = _remove(obj, fields.tree, schema or DEDUCED) if fields else obj
    return left or {}


def extract(obj: Object, fields: FieldSet, schema: SchemaNode | None) -> Object:
    """What ``obj`` has of ``fields``, with the keys of the list items on the way."""
    taken: Object | None = _extract(obj, fields.tree, schema or DEDUCED)
    return taken or {}


def _below(tree: Tree, element: str) -> tuple[bool, Tree]:
    """Whether the element is a member, and what of its children is in the set."""
    node = tree.get(element)
    if node is None:
        return False, {}
    return is_member(node), node


def _remove(value: Any, tree: Tree, node: SchemaNode) -> Any:
    shape = shape_of(value, node)
    if shape == "scalar":
        return value
    if shape == "map":
        is_open = isinstance(value, dict) and not node.is_atomic
        return _remove_from_map(value, tree, node) if is_open else None
    is_open = isinstance(value, list) and node.list_type != "atomic"
    return _remove_from_list(value, tree, node) if is_open else None


def _remove_from_map(value: Object, tree: Tree, node: SchemaNode) -> Object | None:
    out: Object = {}
    for name, member in value.items():
        is_removed, below = _below(tree, field_element(name))
        if not is_removed:
            out[name] = _remove(member, below, node.child(name) or DEDUCED) if below else member
    return out or None


def _remove_from_list(items: list[Any], tree: Tree, node: SchemaNode) -> list[Any] | None:
    out = []
    child = node.items or DEDUCED
    for item in items:
        is_removed, below = _below(tree, element_of(item, node))
        if not is_removed:
            out.append(_remove(item, below, child) if below else item)
    return out or None


def _extract(value: Any, tree: Tree, node: SchemaNode) -> Any:
    shape = shape_of(value, node)
    if shape == "map" and isinstance(value, dict) and value and not node.is_atomic:
        return _extract_from_map(value, tree, node)
    if shape == "list" and isinstance(value, list) and value and node.list_type != "atomic":
        return _extract_from_list(value, tree, node)
    return value


def _extract_from_map(value: Object, tree: Tree, node: SchemaNode) -> Object | None:
    out: Object = {}
    for name, member in value.items():
        below = tree.get(field_element(name))
        if below is not None:
            taken = _extract(member, below, node.child(name) or DEDUCED)
            out[name] = {} if taken is None and member is not None else taken
    return out or None


def _extract_from_list(items: list[Any], tree: Tree, node: SchemaNode) -> list[Any] | None:
    out = []
    child = node.items or DEDUCED
    for item in items:
        below = tree.get(element_of(item, node))
        if below is not None:
            taken = _extract(item, below, child)
            keys = {key: item[key] for key in node.keys if key in item} if isinstance(item, dict) else None
            out.append({**keys, **(taken or {})} if keys else taken)
    return out or None
