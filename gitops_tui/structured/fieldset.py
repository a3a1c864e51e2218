"""Sets of field paths, as ``metadata.managedFields`` writes them (FieldsV1).

A path element is the text that FieldsV1 uses: ``f:<field>``, ``k:<keys of a list item as JSON>``, ``v:<value of a
set as JSON>``, ``i:<index>``. A set is a tree of such elements in FieldsV1's own shape, so that reading one costs
nothing: an element is a member of the set where its tree is empty or holds ``"."``. An element that is a member and
nothing else is ``{}``, never ``{".": {}}``: equal sets are equal dictionaries. Source: structured-merge-diff.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, TypeAlias

from msgspec import Struct

from gitops_tui.errors import Invalid

Tree: TypeAlias = "dict[str, Tree]"
Path: TypeAlias = tuple[str, ...]

SELF = "."
_KINDS = "fkvi"


class FieldSet(Struct, frozen=True, eq=False):
    """An immutable set of paths. ``tree`` belongs to the set: nobody changes it."""

    tree: Tree

    @classmethod
    def of(cls, paths: Iterable[Path]) -> FieldSet:
        tree: Tree = {}
        for path in paths:
            insert(tree, path)
        return cls(tree)

    @classmethod
    def from_v1(cls, fields: dict[str, Any]) -> FieldSet:
        """Read ``fieldsV1``; elements of an unknown kind are dropped. Raise `Invalid` for what is no FieldsV1."""
        return cls(_read(fields))

    def to_v1(self) -> dict[str, Any]:
        """``fieldsV1`` in the order in which the API server writes it."""
        return _ordered(self.tree)

    def union(self, other: FieldSet) -> FieldSet:
        return FieldSet(_union(self.tree, other.tree))

    def difference(self, other: FieldSet) -> FieldSet:
        """The paths that ``other`` does not have; children and parents are paths of their own."""
        return FieldSet(_difference(self.tree, other.tree))

    def recursive_difference(self, other: FieldSet) -> FieldSet:
        """Without the members of ``other`` and everything below them."""
        return FieldSet(_recursive_difference(self.tree, other.tree))

    def intersection(self, other: FieldSet) -> FieldSet:
        return FieldSet(_intersection(self.tree, other.tree))

    def has(self, path: Path) -> bool:
        node: Tree | None = self.tree
        for element in path:
            node = node.get(element) if node is not None else None
        return node is not None and bool(path) and is_member(node)

    def leaves(self) -> FieldSet:
        """The members with no members below them."""
        return FieldSet.of(path for path, node in _walk(self.tree, ()) if not node)

    def __iter__(self) -> Iterator[Path]:
        """The paths in the order in which the API server names them: of each level the members, then what is below."""
        return _members(_ordered(self.tree), ())

    def __bool__(self) -> bool:
        return bool(self.tree)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FieldSet) and self.tree == other.tree

    def __hash__(self) -> int:
        return hash(frozenset(self))


EMPTY = FieldSet({})


def is_member(node: Tree) -> bool:
    """Whether the element that ``node`` hangs on is itself in the set."""
    return not node or SELF in node


def insert(tree: Tree, path: Path) -> None:
    """Add a path to a tree under construction. The empty path stands for the object and is not tracked."""
    for number, element in enumerate(path):
        below = tree.get(element)
        if below is None:
            rest: Tree = {}
            for tail in reversed(path[number + 1 :]):
                rest = {tail: rest}
            tree[element] = rest
            return
        if not below and number < len(path) - 1:
            below[SELF] = {}
        tree = below
    if tree and path:
        tree[SELF] = {}


def field_element(name: str) -> str:
    return "f:" + name


def value_element(value: Any) -> str:
    return "v:" + go_json(value)


@lru_cache(maxsize=16384, typed=True)
def key_element(names: tuple[str, ...], *values: Any) -> str:
    """The element of a list item whose key fields ``names``, in alphabetical order, have these values."""
    return "k:" + go_json(dict(zip(names, values, strict=True)))


def go_json(value: Any) -> str:
    """Compact JSON as Go's encoder writes it, with the characters that HTML minds escaped."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    for character in "<>&\u2028\u2029":
        if character in text:
            text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def sorted_keys(value: Any) -> Any:
    """The value with the keys of its mappings in the order in which Go writes them."""
    if isinstance(value, dict):
        return {key: sorted_keys(value[key]) for key in sorted(value)}
    return [sorted_keys(one) for one in value] if isinstance(value, list) else value


def show(path: Path) -> str:
    """A path as the API server prints it: ``.spec.containers[name="web"].image``."""
    return "".join(_show_element(element) for element in path)


def _show_element(element: str) -> str:
    kind, rest = element[0], element[2:]
    if kind == "f":
        return "." + rest
    if kind == "k":
        return "[" + ",".join(f"{name}={_show_value(value)}" for name, value in json.loads(rest).items()) + "]"
    return f"[={_show_value(json.loads(rest))}]" if kind == "v" else f"[{rest}]"


def _show_value(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


# --- trees -----------------------------------------------------------------------------------------------------------


def _node(below: Tree, member: bool) -> Tree | None:
    """What hangs on an element; None where neither it nor anything below it is left."""
    if not below:
        return {} if member else None
    if member:
        below[SELF] = {}
    return below


def _union(a: Tree, b: Tree) -> Tree:
    if not b:
        return a
    if not a:
        return b
    out = dict(a)
    for element, theirs in b.items():
        if element == SELF:
            continue
        ours = a.get(element)
        if ours is None:
            out[element] = theirs
        elif ours is not theirs:
            out[element] = _merge_nodes(ours, theirs)
    return out


def _merge_nodes(a: Tree, b: Tree) -> Tree:
    merged = dict(_union(a, b))
    merged.pop(SELF, None)
    return _node(merged, is_member(a) or is_member(b)) or {}


def _difference(a: Tree, b: Tree) -> Tree:
    out: Tree = {}
    for element, ours in a.items():
        if element == SELF:
            continue
        theirs = b.get(element)
        if theirs == ours:
            continue
        node = ours if theirs is None else _node(_difference(ours, theirs), is_member(ours) and not is_member(theirs))
        if node is not None:
            out[element] = node
    return out


def _recursive_difference(a: Tree, b: Tree) -> Tree:
    out: Tree = {}
    for element, ours in a.items():
        if element == SELF:
            continue
        theirs = b.get(element)
        if theirs is None:
            out[element] = ours
        elif not is_member(theirs):
            node = _node(_recursive_difference(ours, theirs), is_member(ours))
            if node is not None:
                out[element] = node
    return out


def _intersection(a: Tree, b: Tree) -> Tree:
    out: Tree = {}
    for element, ours in a.items():
        theirs = b.get(element)
        if theirs is None or element == SELF:
            continue
        node = _node(_intersection(ours, theirs), is_member(ours) and is_member(theirs))
        if node is not None:
            out[element] = node
    return out


def _walk(tree: Tree, prefix: Path) -> Iterator[tuple[Path, Tree]]:
    for element, node in tree.items():
        if element != SELF:
            path = (*prefix, element)
            yield path, node
            yield from _walk(node, path)


def _members(tree: Tree, prefix: Path) -> Iterator[Path]:
    below = [(element, node) for element, node in tree.items() if element != SELF]
    yield from ((*prefix, element) for element, node in below if is_member(node))
    for element, node in below:
        yield from _members(node, (*prefix, element))


def _read(fields: dict[str, Any]) -> Tree:
    if not isinstance(fields, dict):
        raise Invalid(f"fieldsV1 holds {fields!r} where an object belongs")
    out: Tree = {}
    for element, below in fields.items():
        if element == SELF or element[:1] not in _KINDS:
            continue
        node = _read(below) if below else {}
        if node and SELF in below:
            node[SELF] = {}
        out[_canonical(element)] = node
    return out


@lru_cache(maxsize=16384)
def _canonical(element: str) -> str:
    """The element as the server writes it, whatever spacing and order of keys it came in."""
    if element[1:2] != ":":
        raise Invalid(f"{element!r} is no path element")
    try:
        if element[0] == "k":
            return "k:" + go_json(dict(sorted(json.loads(element[2:]).items())))
        return value_element(json.loads(element[2:])) if element[0] == "v" else element
    except ValueError as error:
        raise Invalid(f"{element!r} is no path element") from error


def _ordered(tree: Tree) -> Tree:
    out: Tree = {SELF: {}} if SELF in tree else {}
    for element in sorted((one for one in tree if one != SELF), key=_order):
        out[element] = _ordered(tree[element])
    return out


@lru_cache(maxsize=16384)
def _order(element: str) -> tuple[Any, ...]:
    """Fields, then keys, values and indices; numbers before text before booleans."""
    kind, rest = element[0], element[2:]
    if kind == "k":
        pairs = tuple((name.encode(), *_value_order(value)) for name, value in json.loads(rest).items())
        return (1, pairs)
    if kind == "v":
        return (2, _value_order(json.loads(rest)))
    return (0, rest.encode()) if kind == "f" else (3, int(rest))


def _value_order(value: Any) -> tuple[Any, ...]:
    if isinstance(value, bool):
        return (2, value)
    if isinstance(value, int | float):
        return (0, value)
    if isinstance(value, str):
        return (1, value.encode())
    return (3, go_json(value))
