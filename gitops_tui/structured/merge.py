"""What applying a configuration makes of a live object, before anything is pruned (structured-merge-diff ``Merge``)."""

from __future__ import annotations

from typing import Any

from gitops_tui.model.resource import Object
from gitops_tui.structured.schema import DEDUCED, SchemaNode
from gitops_tui.structured.value import MISSING, element_of, invalid_at, same, shape_of


def merge(live: Object, config: Object, schema: SchemaNode | None) -> Object:
    """``live`` with everything that ``config`` sets. Gives ``live`` itself back where nothing differs.

    Raise `Invalid` where ``config`` has an item twice in a list of type ``map`` or ``set``.
    """
    merged: Object = merge_values(live, config, schema or DEDUCED)
    return merged


def merge_values(live: Any, config: Any, node: SchemaNode) -> Any:
    """Merge two present values. Leaves, and empty on empty, are taken from ``config``."""
    if config is None and live is None:
        return live
    shape = shape_of(config, node)
    if shape == "map" and not node.is_atomic:
        ours, theirs = _mapping(live), _mapping(config)
        if ours or theirs:
            return _merge_maps(live, ours, theirs, node)
    elif shape == "list" and node.list_type != "atomic":
        before, after = _sequence(live), _sequence(config)
        if before or after:
            return _merge_lists(live, before, after, node)
    return live if same(live, config) else config


def _mapping(value: Any) -> Object:
    return value if isinstance(value, dict) else {}


def _sequence(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _merge_maps(live: Any, ours: Object, theirs: Object, node: SchemaNode) -> Any:
    out: Object | None = None
    for name, value in theirs.items():
        before = ours.get(name, MISSING)
        if before == value and type(value) is str:
            continue
        merged = value if before is MISSING else merge_values(before, value, node.child(name) or DEDUCED)
        if merged is not before:
            if out is None:
                out = dict(ours)
            out[name] = merged
    if out is not None:
        return out
    return live if isinstance(live, dict) else ours


def _merge_lists(live: Any, before: list[Any], after: list[Any], node: SchemaNode) -> Any:
    merged = _ListMerge(before, after, node).run()
    unchanged = len(merged) == len(before) and all(map(_is, merged, before))
    return live if unchanged and isinstance(live, list) else merged


def _is(a: Any, b: Any) -> bool:
    return a is b


class _ListMerge:
    """Interleaves two lists by their items' keys: shared items in the order of the configuration, the others of the
    live list where they stood, new ones where the configuration has them."""

    def __init__(self, before: list[Any], after: list[Any], node: SchemaNode) -> None:
        self._before, self._after = before, after
        self._child = node.items or DEDUCED
        self._ours = [element_of(item, node) for item in before]
        self._theirs = [element_of(item, node) for item in after]
        self._our_items = self._index_live()
        self._their_items = self._index_config()
        self._shared = [element for element in self._theirs if element in self._our_items]
        self._next_shared = 0
        self._taken: set[str] = set()
        self._out: list[Any] = []

    def _index_live(self) -> dict[str, Any]:
        """Items by element; one that is there more than once has no value to merge with."""
        items: dict[str, Any] = {}
        for element, item in zip(self._ours, self._before, strict=True):
            items[element] = None if element in items else item
        return items

    def _index_config(self) -> dict[str, Any]:
        items = dict(zip(self._theirs, self._after, strict=True))
        if len(items) != len(self._theirs):
            repeated = next(one for one in self._theirs if self._theirs.count(one) > 1)
            raise invalid_at((), f"duplicate entries for key {repeated[2:]}")
        return items

    def run(self) -> list[Any]:
        left, right = 0, 0
        while left < len(self._ours) or right < len(self._theirs):
            left, right = self._step(left, right)
        return self._out

    def _step(self, left: int, right: int) -> tuple[int, int]:
        """Take one item, from either side; give back how far both have been read."""
        element = self._ours[left] if left < len(self._ours) else None
        if element is not None and right < len(self._theirs):
            if element == self._theirs[right]:
                self._take_config(element)
                self._next_shared += 1
                return left + 1, right + 1
            if element in self._their_items and self._awaits_another(element):
                return left + 1, right
        if element is not None and element not in self._their_items:
            self._out.append(self._before[left])
            return left + 1, right
        if element is not None and element in self._taken:
            left += 1
        if right < len(self._theirs):
            theirs = self._theirs[right]
            is_next = self._next_shared < len(self._shared) and self._shared[self._next_shared] == theirs
            self._take_config(theirs)
            self._next_shared += is_next
            right += 1
        return left, right

    def _awaits_another(self, element: str) -> bool:
        return self._next_shared < len(self._shared) and self._shared[self._next_shared] != element

    def _take_config(self, element: str) -> None:
        self._taken.add(element)
        theirs = self._their_items[element]
        if element in self._our_items:
            theirs = merge_values(self._our_items[element], theirs, self._child)
        self._out.append(theirs)
