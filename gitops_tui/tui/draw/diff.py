"""The difference between what the cluster holds and what an apply would make of it, as lines.

``−`` is the cluster now, ``+`` is what it would be; the writer of a field stands beside its first line.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import zip_longest

from msgspec import Struct
from msgspec.structs import replace
from rich.text import Text

from gitops_tui.diff.hunks import DiffLine, Hunk, hunks, pair_lines
from gitops_tui.model.drift import FieldDrift
from gitops_tui.model.resource import Object, ResourceKey
from gitops_tui.model.snapshot import ResourceDetail
from gitops_tui.model.status import DriftKind
from gitops_tui.tui.draw.field import writer
from gitops_tui.tui.draw.rows import Line, fit, spread, words
from gitops_tui.tui.highlight import yaml_line
from gitops_tui.tui.text import plain
from gitops_tui.tui.words import age

WHOLE = 1_000_000
"""Lines of context that show the whole object."""
SIGNS = {"-": ("- ", "removed"), "+": ("+ ", "added"), " ": ("  ", "muted")}
MOST_LINES = 5000
SIDE_BY_SIDE = 72
"""Cells; in less, both halves would be cut, and the diff stays unified."""


class Look(Struct, frozen=True):
    """How a diff is looked at."""

    side_by_side: bool = False
    is_whole: bool = False
    with_writers: bool = True

    def turned(self) -> Look:
        return replace(self, side_by_side=not self.side_by_side)

    def folded(self) -> Look:
        return replace(self, is_whole=not self.is_whole)

    def attributed(self) -> Look:
        return replace(self, with_writers=not self.with_writers)


def diff_title(key: ResourceKey | None) -> Text:
    if key is None:
        return Text("Diff")
    return words("Diff ─ ", plain(key.short), (" ─ − cluster now  + after", "muted"))


HUNK, CHANGE = "hunk", "change"
"""Keys of the lines where `n` and `N` stop: a hunk's heading, and where a whole object is shown, its first change."""


FIRST_LOOK = Look()


def stops(lines: Sequence[Line], look: Look) -> list[int]:
    """Rows where `n` and `N` stop."""
    wanted = CHANGE if look.is_whole else HUNK
    return [row for row, line in enumerate(lines) if line.key == wanted]


def diff_lines(detail: ResourceDetail, width: int, now: datetime, look: Look = FIRST_LOOK) -> list[Line]:
    whole = _one_sided(detail)
    if whole is not None:
        return whole
    after = _after(detail)
    made = hunks(detail.compared, after, context=WHOLE if look.is_whole else 3, annotate=detail.drift)
    if not made:
        return [Line(Text("No difference.", "ok")), *_notes(detail, width, now)]
    lines: list[Line] = []
    for hunk in made:
        lines += _hunk(hunk, width, now, look, detail)
        if len(lines) > MOST_LINES:
            return [*lines[:MOST_LINES], Line(Text("… cut here: y shows the whole manifest", "warn"))]
    return lines + _notes(detail, width, now)


def _after(detail: ResourceDetail) -> Object | None:
    return detail.predicted if detail.predicted is not None else detail.target


def _one_sided(detail: ResourceDetail) -> list[Line] | None:
    """An object on one side only needs words, not two hundred green lines."""
    if detail.live is None and _after(detail) is None:
        return [Line(Text("Neither in Git nor in the cluster.", "muted"))]
    if detail.live is None:
        return [Line(Text("Not in the cluster: a sync creates it. y shows what Git says.", "added"))]
    if detail.target is None and detail.predicted is None:
        return [Line(Text("Not in Git: a sync with prune deletes it. y shows it.", "removed"))]
    return None


def _notes(detail: ResourceDetail, width: int, now: datetime) -> list[Line]:
    notes = [one for one in detail.drift if one.kind is DriftKind.NOTE]
    return [
        Line(fit(words(("note ", "muted"), plain(one.label or one.text), "  ", writer(one, now)), width))
        for one in notes
    ]


def _hunk(hunk: Hunk, width: int, now: datetime, look: Look, detail: ResourceDetail) -> list[Line]:
    head = Line(words(("@@ ", "muted"), plain(hunk.header, "name")), HUNK)
    shown = _dedented(hunk.lines)
    told: set[tuple[str, str]] = set()

    def who(line: DiffLine | None) -> Text:
        return _who(line, told, now, detail) if line is not None and look.with_writers else Text()

    lines = [] if look.is_whole else [head]  # which says where in the object a part of it is
    has_sides = look.side_by_side and width >= SIDE_BY_SIDE
    pairs = pair_lines(shown) if has_sides else [(line, line) for line in shown]
    was_changed = False
    for left, right in pairs:
        one, other = who(left), who(right)
        drawn = _pair(left, right, one, other, width) if has_sides else _attributed(left, one, width)
        is_changed = left is None or right is None or left.kind != " "
        lines += [Line(drawn[0], CHANGE if is_changed and not was_changed else None), *map(Line, drawn[1:])]
        was_changed = is_changed
    return lines


def _dedented(lines: Sequence[DiffLine]) -> tuple[DiffLine, ...]:
    """Without the indentation that all lines of a hunk have: its heading says where it is."""
    depth = min((len(one.text) - len(one.text.lstrip(" ")) for one in lines if one.text.strip()), default=0)
    return tuple(replace(one, text=one.text[depth:]) for one in lines)


def _who(line: DiffLine, told: set[tuple[str, str]], now: datetime, detail: ResourceDetail) -> Text:
    """The writer beside the first removed line of a field; the file's last commit beside the first added one."""
    if line.drift is None or line.kind == " ":
        return Text()
    mark = (line.kind, line.drift.text)
    if mark in told:
        return Text()
    told.add(mark)
    return writer(line.drift, now) if line.kind == "-" else _commit(line.drift, detail, now)


def _commit(drift: FieldDrift, detail: ResourceDetail, now: datetime) -> Text:
    """Of the line; where that is not found, the file's last one, and said so."""
    own = detail.field_commits.get(drift.text)
    commit = own or detail.file_commit
    if commit is None or drift.kind is not DriftKind.TARGET:
        return Text()
    when = f", {age(commit.committed_at, now)}"
    of_file = words() if own is not None else words(("file: ", "muted"))
    return words(of_file, (commit.short, "name"), " ", plain(commit.author_name, "muted"), (when, "muted"))


def _attributed(line: DiffLine | None, who: Text, width: int) -> list[Text]:
    """The line with its writer at the right end; where both do not fit, the writer under it."""
    if line is None:
        return [Text()]
    body = words(SIGNS[line.kind], _content(line))
    if not who.plain:
        return [body]
    if body.cell_len + 2 + who.cell_len <= width:
        return [spread(body, who, width)]
    depth = len(line.text) - len(line.text.lstrip(" ")) + 4
    return [body, words(" " * min(depth, max(0, width - who.cell_len)), who)]


def _content(line: DiffLine) -> Text:
    """Changed lines in the colour of the change, the rest as YAML."""
    if line.kind == " ":
        return yaml_line(line.text)
    return plain(line.text, SIGNS[line.kind][1])


def _pair(left: DiffLine | None, right: DiffLine | None, before: Text, after: Text, width: int) -> list[Text]:
    half = max(10, (width - 3) // 2)
    sides = (_attributed(left, before, half), _attributed(right, after, half))
    rows = zip_longest(*sides, fillvalue=Text())
    return [words(fit(one, half), (" │ ", "muted"), fit(other, half)) for one, other in rows]
