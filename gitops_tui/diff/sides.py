"""Two objects walked side by side into one run of YAML lines: kept, removed, added."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any, Literal, NamedTuple

from gitops_tui.diff.yamltext import (
    TOP,
    Place,
    YamlLine,
    block_lines,
    block_mark,
    element_of,
    field_lines,
    identities,
    is_block,
    item_lines,
    key_text,
    ordered,
)
from gitops_tui.structured.value import same


class SideLine(NamedTuple):
    """A line, and where it belongs: in the first object (kept and removed lines) or in the second (added ones)."""

    kind: Literal[" ", "-", "+"]
    text: str
    place: Place


class _Pair(NamedTuple):
    """The same thing on both sides."""

    before: Place
    after: Place

    def at(self, key: str) -> _Pair:
        return _Pair(self.before.at(key, key), self.after.at(key, key))


def side_by_side(before: dict[str, Any], after: dict[str, Any]) -> list[SideLine]:
    """Every line of both objects, in one order."""
    return list(_maps(before, after, _Pair(TOP, TOP), 0, ordered(before, after)))


def _all(kind: Literal[" ", "-", "+"], lines: Iterator[YamlLine]) -> Iterator[SideLine]:
    return (SideLine(kind, line.text, line.place) for line in lines)


def _maps(
    before: dict[str, Any], after: dict[str, Any], where: _Pair, indent: int, keys: Sequence[str]
) -> Iterator[SideLine]:
    for key in keys:
        here = where.at(key)
        if key not in after:
            yield from _all("-", field_lines(key, before[key], here.before, indent))
        elif key not in before:
            yield from _all("+", field_lines(key, after[key], here.after, indent))
        else:
            yield from _field(key, before[key], after[key], here, indent)


def _field(key: str, before: Any, after: Any, where: _Pair, indent: int) -> Iterator[SideLine]:
    if same(before, after):
        yield from _all(" ", field_lines(key, before, where.before, indent))
        return
    head = f"{' ' * indent}{key_text(key)}:"
    if isinstance(before, dict) and isinstance(after, dict) and before and after:
        yield SideLine(" ", head, where.before)
        yield from _maps(before, after, where, indent + 2, ordered(before, after))
    elif isinstance(before, list) and isinstance(after, list) and before and after:
        yield SideLine(" ", head, where.before)
        yield from _lists(before, after, where, indent)
    elif is_block(before) and is_block(after):
        yield from _blocks(head, before, after, where, indent + 2)
    else:
        yield from _all("-", field_lines(key, before, where.before, indent))
        yield from _all("+", field_lines(key, after, where.after, indent))


# --- lists -----------------------------------------------------------------------------------------------------------


def _lists(before: list[Any], after: list[Any], where: _Pair, indent: int) -> Iterator[SideLine]:
    """Items of one name stand against each other; items without names are matched by what they are."""
    ours, theirs = identities(before), identities(after)
    is_named = ours is not None and theirs is not None and ours[0] == theirs[0]
    sides = _Items(before, after, where, indent, ours, theirs)
    if is_named and ours is not None and theirs is not None:
        yield from sides.aligned(ours[1], theirs[1])
    else:
        yield from sides.aligned([_written(one) for one in before], [_written(one) for one in after])


def _written(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


class _Items:
    """Two lists with how their items are named on each side."""

    def __init__(
        self,
        before: list[Any],
        after: list[Any],
        where: _Pair,
        indent: int,
        ours: tuple[str, list[Any]] | None,
        theirs: tuple[str, list[Any]] | None,
    ) -> None:
        self._before, self._after = before, after
        self._where, self._indent = where, indent
        self._ours, self._theirs = ours, theirs

    def aligned(self, ours: Sequence[Hashable], theirs: Sequence[Hashable]) -> Iterator[SideLine]:
        for tag, i1, i2, j1, j2 in opcodes(ours, theirs):
            is_paired = tag == "equal" or (tag == "replace" and i2 - i1 == j2 - j1 and self._ours is None)
            if is_paired:
                for number in range(i2 - i1):
                    yield from self._both(i1 + number, j1 + number)
            else:
                yield from self._removed(i1, i2)
                yield from self._added(j1, j2)

    def _removed(self, start: int, end: int) -> Iterator[SideLine]:
        for index in range(start, end):
            yield from _all("-", item_lines(self._before[index], self._place(index).before, self._indent))

    def _added(self, start: int, end: int) -> Iterator[SideLine]:
        for index in range(start, end):
            place = self._where.after.at(element_of(self._theirs, index), index)
            yield from _all("+", item_lines(self._after[index], place, self._indent))

    def _place(self, index: int, other: int = 0) -> _Pair:
        return _Pair(
            self._where.before.at(element_of(self._ours, index), index),
            self._where.after.at(element_of(self._theirs, other), other),
        )

    def _both(self, index: int, other: int) -> Iterator[SideLine]:
        ours, theirs = self._before[index], self._after[other]
        where = self._place(index, other)
        if same(ours, theirs):
            yield from _all(" ", item_lines(ours, where.before, self._indent))
        elif isinstance(ours, dict) and isinstance(theirs, dict) and _lead(ours, theirs):
            yield from self._changed(ours, theirs, where)
        else:
            yield from self._removed(index, index + 1)
            yield from self._added(other, other + 1)

    def _changed(self, ours: dict[str, Any], theirs: dict[str, Any], where: _Pair) -> Iterator[SideLine]:
        """An item that both sides have: what is the same on both leads, and carries the dash."""
        lead = _lead(ours, theirs)
        keys = [lead, *(key for key in ordered(ours, theirs) if key != lead)]
        cut = self._indent + 2
        for number, line in enumerate(_maps(ours, theirs, where, cut, keys)):
            yield line._replace(text=f"{' ' * self._indent}- {line.text[cut:]}") if number == 0 else line


def _lead(ours: dict[str, Any], theirs: dict[str, Any]) -> str:
    """The first field that is the same on both sides; empty where nothing is, so that nothing can carry the dash."""
    keys = ordered(ours, theirs)
    return next((key for key in keys if key in ours and key in theirs and same(ours[key], theirs[key])), "")


# --- long texts ------------------------------------------------------------------------------------------------------


def _blocks(head: str, before: str, after: str, where: _Pair, indent: int) -> Iterator[SideLine]:
    marks = block_mark(before), block_mark(after)
    if marks[0] == marks[1]:
        yield SideLine(" ", f"{head} {marks[0]}", where.before)
    else:
        yield SideLine("-", f"{head} {marks[0]}", where.before)
        yield SideLine("+", f"{head} {marks[1]}", where.after)
    ours, theirs = block_lines(before, indent), block_lines(after, indent)
    for tag, i1, i2, j1, j2 in opcodes(ours, theirs):
        if tag == "equal":
            yield from (SideLine(" ", text, where.before) for text in ours[i1:i2])
        else:
            yield from (SideLine("-", text, where.before) for text in ours[i1:i2])
            yield from (SideLine("+", text, where.after) for text in theirs[j1:j2])


def opcodes(before: Sequence[Hashable], after: Sequence[Hashable]) -> Iterator[tuple[str, int, int, int, int]]:
    """difflib's opcodes. What both begin and end with is taken off first: it is most of a long file."""
    head = _shared(before, after)
    tail = _shared(before[head:][::-1], after[head:][::-1])
    i_end, j_end = len(before) - tail, len(after) - tail
    if head:
        yield "equal", 0, head, 0, head
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before[head:i_end], after[head:j_end]).get_opcodes():
        yield tag, i1 + head, i2 + head, j1 + head, j2 + head
    if tail:
        yield "equal", i_end, len(before), j_end, len(after)


def _shared(before: Sequence[Hashable], after: Sequence[Hashable]) -> int:
    length = 0
    for ours, theirs in zip(before, after, strict=False):
        if ours != theirs:
            break
        length += 1
    return length
