"""Which fields differ between two objects of one type (structured-merge-diff ``Compare``)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from gitops_tui.model.resource import Object
from gitops_tui.structured.fieldset import FieldSet, Path, Tree, field_element, insert
from gitops_tui.structured.schema import DEDUCED, SchemaNode
from gitops_tui.structured.value import MISSING, Shape, element_of, same, shape_of


class Comparison(Struct, frozen=True):
    """Fields that only the second object has, that both have with other values, that only the first has.

    No field is in more than one of the sets. Both empty and null values are values.
    """

    added: FieldSet
    modified: FieldSet
    removed: FieldSet

    @property
    def is_same(self) -> bool:
        return not (self.added or self.modified or self.removed)

    def without(self, ignored: FieldSet) -> Comparison:
        """Leave out ``ignored`` and everything below."""
        if not ignored:
            return self
        sets = (one.recursive_difference(ignored) for one in (self.added, self.modified, self.removed))
        return Comparison(*sets)


def compare(a: Object, b: Object, schema: SchemaNode | None) -> Comparison:
    """What became of ``a`` in ``b``."""
    walk = _Walk()
    walk.values(a, b, schema or DEDUCED, ())
    return Comparison(FieldSet(walk.added), FieldSet(walk.modified), FieldSet(walk.removed))


class _Walk:
    def __init__(self) -> None:
        self.added: Tree = {}
        self.modified: Tree = {}
        self.removed: Tree = {}

    def values(self, a: Any, b: Any, node: SchemaNode, path: Path) -> None:
        if a is b:
            return
        before = None if a is MISSING else shape_of(a, node)
        after = None if b is MISSING else shape_of(b, node)
        shape = after or before
        if shape is None:
            return
        if before and after and before != after:
            self._as(before, a, b, node, path)
        is_leaf = self._as(shape, a, b, node, path)
        if not is_leaf and a is MISSING:
            insert(self.added, path)
        elif not is_leaf and b is MISSING:
            insert(self.removed, path)

    def _as(self, shape: Shape, a: Any, b: Any, node: SchemaNode, path: Path) -> bool:
        """Compare both sides as if they were of this shape; say whether they were taken as one leaf."""
        if shape == "map" and not node.is_atomic:
            ours, theirs = (x if isinstance(x, dict) else {} for x in (a, b))
            if ours or theirs:
                self._maps(ours, theirs, node, path)
                return False
        elif shape == "list" and node.list_type != "atomic":
            before, after = (x if isinstance(x, list) else [] for x in (a, b))
            if before or after:
                self._lists(before, after, node, path)
                return False
        self._leaf(a, b, path)
        return True

    def _leaf(self, a: Any, b: Any, path: Path) -> None:
        if a is MISSING:
            insert(self.added, path)
        elif b is MISSING:
            insert(self.removed, path)
        elif not same(a, b):
            insert(self.modified, path)

    def _maps(self, a: Object, b: Object, node: SchemaNode, path: Path) -> None:
        for name in a.keys() | b.keys():
            child = node.child(name) or DEDUCED
            self.values(a.get(name, MISSING), b.get(name, MISSING), child, (*path, field_element(name)))

    def _lists(self, a: list[Any], b: list[Any], node: SchemaNode, path: Path) -> None:
        before, after = _by_element(a, node), _by_element(b, node)
        child = node.items or DEDUCED
        for element in before.keys() | after.keys():
            here = (*path, element)
            self._items(before.get(element, []), after.get(element, []), child, here)

    def _items(self, before: list[Any], after: list[Any], node: SchemaNode, path: Path) -> None:
        """Compare what both sides have under one key. More than one item counts as one atomic value."""
        if len(before) > 1 and len(after) > 1:
            if not same(before, after):
                insert(self.modified, path)
        elif len(before) > 1:
            self._each(after, path, node, is_new=True)
            insert(self.removed, path)
        elif len(after) > 1:
            self._each(before, path, node, is_new=False)
            insert(self.added, path)
        else:
            self.values(before[0] if before else MISSING, after[0] if after else MISSING, node, path)

    def _each(self, items: list[Any], path: Path, node: SchemaNode, *, is_new: bool) -> None:
        for item in items:
            before, after = (MISSING, item) if is_new else (item, MISSING)
            self.values(before, after, node, path)


def _by_element(items: Iterable[Any], node: SchemaNode) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for item in items:
        found.setdefault(element_of(item, node), []).append(item)
    return found
