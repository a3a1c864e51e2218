"""Which fields differ, as people would list them: a new container is one difference and not thirty."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from gitops_tui.diff.path import find, from_fields
from gitops_tui.errors import Invalid
from gitops_tui.model.resource import Object
from gitops_tui.structured.compare import compare
from gitops_tui.structured.fieldset import SELF, Path, Tree, field_element, is_member
from gitops_tui.structured.schema import DEDUCED, SchemaNode
from gitops_tui.structured.value import MISSING, element_of, same


class FieldChange(Struct, frozen=True):
    """One field; `MISSING` where a side does not have it. ``is_order``: the same items in another order."""

    path: Path
    before: Any
    after: Any
    is_order: bool = False


def changes(before: Object, after: Object, schema: SchemaNode | None) -> tuple[FieldChange, ...]:
    """Every difference of two objects that are not the same, at least one, in the order of the paths."""
    node = schema or DEDUCED
    try:
        comparison = compare(before, after, schema)
    except Invalid:
        return (FieldChange((), before, after),)
    trees = (comparison.modified.tree, comparison.added.tree, comparison.removed.tree)
    paths = sorted({path for tree in trees for path in outermost(tree, node)})
    found = [FieldChange(path, *(simple(find(side, from_fields(path))) for side in (before, after))) for path in paths]
    return tuple(found) or tuple(reordered(before, after, node, ())) or (FieldChange((), before, after),)


def outermost(tree: Tree, node: SchemaNode | None, path: Path = ()) -> Iterator[Path]:
    """The members that are in no other member, but rather the items than the list, and the keys than the map."""
    for element, below in tree.items():
        if element == SELF:
            continue
        here, child = (*path, element), child_of(node, element)
        is_named = is_member(below) and not (is_collection(child) and len(below) > 1)
        if is_named:
            yield here
        else:
            yield from outermost(below, child, here)


def child_of(node: SchemaNode | None, element: str) -> SchemaNode | None:
    if node is None:
        return None
    return node.child(element[2:]) if element[0] == "f" else node.items


def is_collection(node: SchemaNode | None) -> bool:
    """A list of named items or a map of names: something of which people name the parts."""
    if node is None:
        return False
    is_map = node.is_map and not node.is_atomic and not node.fields
    return is_map or (node.is_list and node.list_type != "atomic" and not node.is_map)


def simple(value: Any) -> Any:
    """A variable's value instead of the variable: ``{"name": "DEBUG", "value": "1"} -> "1"``."""
    if isinstance(value, dict) and value.keys() <= {"name", "value"} and "name" in value:
        return value.get("value", "")
    return value


def reordered(before: Any, after: Any, node: SchemaNode | None, path: Path) -> Iterator[FieldChange]:
    """The lists of named items that hold the same in another order."""
    if before is after or node is None:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for name in before.keys() & after.keys():
            yield from reordered(before[name], after[name], node.child(name), (*path, field_element(name)))
    elif isinstance(before, list) and isinstance(after, list) and node.list_type != "atomic":
        yield from _reordered_list(before, after, node, path)


def _reordered_list(before: list[Any], after: list[Any], node: SchemaNode, path: Path) -> Iterator[FieldChange]:
    ours, theirs = ([element_of(item, node) for item in side] for side in (before, after))
    if ours != theirs and not same(before, after):
        yield FieldChange(path, _names(ours), _names(theirs), is_order=True)
        return
    for name, old, new in zip(ours, before, after, strict=False):
        yield from reordered(old, new, node.items, (*path, name))


def _names(elements: list[str]) -> list[Any]:
    """What names the items: the value of the key, or of all keys where there are several."""
    names = []
    for element in elements:
        (keys,) = from_fields((element,))
        values = [value for _, value in keys] if isinstance(keys, tuple) else [keys]
        names.append(values[0] if len(values) == 1 else values)
    return names


__all__ = ["MISSING", "FieldChange", "changes", "child_of", "is_collection", "outermost", "reordered", "simple"]
