"""Objects with their type: the fields they have, whether they are valid, and the operations on two of them.

Without a schema (None) typing is deduced: maps granular, lists atomic, as the server does for unknown kinds.
Nothing here changes an argument; results share what they did not change with the arguments.
"""

from __future__ import annotations

from typing import Any

from gitops_tui.errors import Invalid
from gitops_tui.model.resource import Object
from gitops_tui.structured.compare import Comparison, compare
from gitops_tui.structured.fieldset import SELF, FieldSet, Path, Tree, field_element
from gitops_tui.structured.merge import merge
from gitops_tui.structured.remove import extract, remove_fields
from gitops_tui.structured.schema import DEDUCED, SchemaNode
from gitops_tui.structured.value import element_of, invalid_at, shape_of

__all__ = ["Comparison", "compare", "extract", "fieldset_of", "merge", "remove_fields", "validate"]


def fieldset_of(obj: Object, schema: SchemaNode | None) -> FieldSet:
    """Every field that ``obj`` sets: leaves, list items, keys of maps, and what is null or an empty map.

    A field that the schema names is a member only as a leaf; an empty granular list is no member at all.
    """
    return FieldSet(tree_of(obj, schema or DEDUCED) or {})


def tree_of(value: Any, node: SchemaNode) -> Tree | None:
    """The fields of one value: ``{}`` a leaf, None nothing to own."""
    shape = shape_of(value, node)
    if shape == "scalar":
        return {}
    if shape == "map":
        if node.is_atomic:
            return {}
        return _map_tree(value, node) if isinstance(value, dict) else None
    if node.list_type == "atomic":
        return {}
    return _list_tree(value, node) if isinstance(value, list) else None


_PLAIN = frozenset((str, int, bool, float))


def _map_tree(value: Object, node: SchemaNode) -> Tree | None:
    tree: Tree = {}
    fields = node.fields
    for name, member in value.items():
        if type(member) in _PLAIN:
            tree["f:" + name] = {}
            continue
        child = fields.get(name)
        below = tree_of(member, child or node.values or DEDUCED)
        if child is None or member is None or member == {}:
            if below:
                below[SELF] = {}
            else:
                below = {}
        if below is not None:
            tree[field_element(name)] = below
    return tree or None


def _list_tree(items: list[Any], node: SchemaNode) -> Tree | None:
    tree: Tree = {}
    repeated: set[str] = set()
    child = node.items or DEDUCED
    for item in items:
        element = element_of(item, node)
        if element in tree:
            repeated.add(element)
            continue
        below = tree_of(item, child)
        if below:
            below[SELF] = {}
        tree[element] = below or {}
    for element in repeated:
        tree[element] = {}
    return tree or None


def validate(obj: Object, schema: SchemaNode | None, *, allow_duplicates: bool = False) -> None:
    """Raise `Invalid` where ``obj`` is not of its type: unknown fields, wrong scalars, items twice in a list."""
    _validate(obj, schema or DEDUCED, (), allow_duplicates)


def _validate(value: Any, node: SchemaNode, path: Path, allow_duplicates: bool) -> None:
    shape = shape_of(value, node)
    if value is None:
        return
    if shape == "scalar":
        _validate_scalar(value, node, path)
    elif shape == "map":
        if not isinstance(value, dict):
            raise invalid_at(path, f"expected map, got {value!r}")
        _validate_map(value, node, path, allow_duplicates)
    else:
        if not isinstance(value, list):
            raise invalid_at(path, f"expected list, got {value!r}")
        _validate_list(value, node, path, allow_duplicates)


def _validate_map(value: Object, node: SchemaNode, path: Path, allow_duplicates: bool) -> None:
    for name, member in value.items():
        child = node.child(name)
        if type(member) is str and child is not None and child.scalar == "string":
            continue
        here = (*path, field_element(name))
        if child is None:
            raise invalid_at(here, "field not declared in schema")
        _validate(member, child, here, allow_duplicates)


def _validate_list(items: list[Any], node: SchemaNode, path: Path, allow_duplicates: bool) -> None:
    seen: set[str] = set()
    child = node.items or DEDUCED
    for number, item in enumerate(items):
        element = f"i:{number}"
        if node.list_type != "atomic":
            try:
                element = element_of(item, node)
            except Invalid as error:
                raise invalid_at(path, f"element {number}: {error.message}") from error
            if element in seen and not allow_duplicates:
                raise invalid_at(path, f"duplicate entries for key {element[2:]}")
            seen.add(element)
        _validate(item, child, (*path, element), allow_duplicates)


_SCALARS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "numeric": (int, float),
    "boolean": (bool,),
    "untyped": (str, int, float, bool),
}


def _validate_scalar(value: Any, node: SchemaNode, path: Path) -> None:
    is_wrong_bool = isinstance(value, bool) and node.scalar == "numeric"
    if is_wrong_bool or not isinstance(value, _SCALARS[node.scalar]):
        raise invalid_at(path, f"expected {node.scalar}, got {value!r}")
