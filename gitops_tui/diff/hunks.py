"""What a diff viewer draws: two objects as one run of YAML lines, cut into hunks.

The objects are walked side by side, so that a list item stands against the item of the same name and a changed
line of a long text against that line. ``-`` is the cluster now, ``+`` what it would be.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Literal

from msgspec import Struct

from gitops_tui.diff.path import tokens
from gitops_tui.diff.sides import SideLine, side_by_side
from gitops_tui.model.drift import FieldDrift, Path, path_text
from gitops_tui.model.resource import Object

Kind = Literal[" ", "-", "+"]
Pair = tuple["DiffLine | None", "DiffLine | None"]
Range = tuple[int, int]


class DiffLine(Struct, frozen=True):
    """``path`` is the field that the line belongs to; ``drift`` what is known of it, where something is."""

    kind: Kind
    text: str
    path: Path = ()
    drift: FieldDrift | None = None


class Hunk(Struct, frozen=True):
    """Changed lines with some around them. ``header`` is the part of the object that all changes are in."""

    header: str
    lines: tuple[DiffLine, ...]
    start: int = 0
    """The number of the first line in the whole diff, from 0."""

    @property
    def changed(self) -> int:
        return sum(line.kind != " " for line in self.lines)


def hunks(
    live: Object | None, predicted: Object | None, *, context: int = 3, annotate: Sequence[FieldDrift] = ()
) -> tuple[Hunk, ...]:
    """The hunks with ``context`` lines around each; none where nothing differs. A None side is empty."""
    before, after = live or {}, predicted or {}
    lines = _annotated(side_by_side(before, after), before, after, annotate)
    return tuple(_hunk(lines, start, end) for start, end in _spans(lines, context))


def whole(
    live: Object | None, predicted: Object | None, *, annotate: Sequence[FieldDrift] = ()
) -> tuple[DiffLine, ...]:
    """Every line of both, changed or not."""
    before, after = live or {}, predicted or {}
    return tuple(_annotated(side_by_side(before, after), before, after, annotate))


def _annotated(
    lines: Sequence[SideLine], before: Object, after: Object, drifts: Sequence[FieldDrift]
) -> list[DiffLine]:
    known = {"-": _by_place(before, drifts), "+": _by_place(after, drifts)}
    known[" "] = known["-"]
    longest = max((len(place) for places in known.values() for place in places), default=0)
    return [DiffLine(one.kind, one.text, one.place.path, _drift(one, known[one.kind], longest)) for one in lines]


def _by_place(obj: Object, drifts: Sequence[FieldDrift]) -> dict[tuple[str, ...], FieldDrift]:
    found = ((tokens(obj, one.path), one) for one in drifts)
    return {place: one for place, one in found if place}


def _drift(line: SideLine, known: dict[tuple[str, ...], FieldDrift], longest: int) -> FieldDrift | None:
    """The drift of the line's field or of what the field is in."""
    if not known:
        return None
    place = tuple(str(token) for token in line.place.tokens)
    for length in range(min(len(place), longest), 0, -1):
        found = known.get(place[:length])
        if found is not None:
            return found
    return None


def _spans(lines: Sequence[DiffLine], context: int) -> list[Range]:
    """Runs of changes with their context; runs whose contexts touch are one."""
    spans: list[Range] = []
    for number, line in enumerate(lines):
        if line.kind == " ":
            continue
        start, end = max(0, number - context), min(len(lines), number + context + 1)
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans


def _hunk(lines: Sequence[DiffLine], start: int, end: int) -> Hunk:
    inside = tuple(lines[start:end])
    return Hunk(path_text(_common([line.path for line in inside if line.kind != " "])), inside, start)


def _common(paths: Sequence[Path]) -> Path:
    """The longest path that all are below of; of a single field the thing that it is in."""
    first, last = min(paths, key=_text_key), max(paths, key=_text_key)
    length = 0
    for ours, theirs in zip(first, last, strict=False):
        if ours != theirs:
            break
        length += 1
    return first[: min(length, len(first) - 1)] if len(first) > 1 else first


def _text_key(path: Path) -> list[str]:
    return [str(element) for element in path]


# --- side by side ----------------------------------------------------------------------------------------------------


def pair_lines(lines: Sequence[DiffLine]) -> tuple[Pair, ...]:
    """Left and right: unchanged lines against themselves, a run of removals against the additions that follow."""
    pairs: list[Pair] = []
    removed: list[DiffLine] = []
    added: list[DiffLine] = []
    for line in lines:
        if line.kind == "+":
            added.append(line)
            continue
        if line.kind == " " or added:
            pairs += zip_longest(removed, added)
            removed, added = [], []
        if line.kind == "-":
            removed.append(line)
        else:
            pairs.append((line, line))
    pairs += zip_longest(removed, added)
    return tuple(pairs)


def changed_range(before: str, after: str) -> tuple[Range, Range]:
    """What differs between two lines: from where their beginnings part to where their ends meet, for each of them."""
    shortest = min(len(before), len(after))
    start = _equal_length(before, after, shortest)
    tail = _equal_length(before[::-1], after[::-1], shortest - start)
    return (start, len(before) - tail), (start, len(after) - tail)


def _equal_length(ours: str, theirs: str, longest: int) -> int:
    """How many characters both begin with, found by halving, so that very long lines cost little."""
    low, high = 0, longest
    while low < high:
        middle = (low + high + 1) // 2
        if ours[low:middle] == theirs[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
