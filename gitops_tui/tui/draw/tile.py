"""The wall, to be read from across the room: tiles, worst first, and what is known to be old in grey."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from rich.text import Text

from gitops_tui.model.snapshot import AppView, JournalEntry, Snapshot, TroubleKind
from gitops_tui.tui.draw.application import waits
from gitops_tui.tui.draw.bigtext import SCALES, big, can_write, cells
from gitops_tui.tui.draw.bigtext import rows as big_rows
from gitops_tui.tui.draw.header import tally
from gitops_tui.tui.draw.rows import fit, join, words, wrap
from gitops_tui.tui.glyphs import TALLIES, TROUBLE
from gitops_tui.tui.order import broken_first
from gitops_tui.tui.text import clean, plain
from gitops_tui.tui.words import age, clock, count

LEAST_WIDTH, LEAST_HEIGHT = 24, 5
BELOW = 6
"""Rows of a tile with big letters that are not letters: edges, a blank above and below, two lines of words."""
SPARE = 3
"""Rows that a tile may have beyond that: more words, no emptiness."""


class Grid(Struct, frozen=True):
    """How many tiles fit at once, how big each is, and the scale of its letters (0: plain ones)."""

    columns: int
    rows: int
    width: int
    height: int
    scale: int = 0

    @property
    def places(self) -> int:
        return self.columns * self.rows

    @classmethod
    def for_room(cls, width: int, height: int, names: Sequence[str]) -> Grid:
        """The biggest letters with which all tiles fit, then the biggest tiles; the smallest where they do not."""
        most = max(1, (width + 1) // (LEAST_WIDTH + 1))
        letters = _usual_length(names)
        grids = [cls._of(width, height, columns, -(-len(names) // columns), letters) for columns in range(1, most + 1)]
        fitting = [grid for grid in grids if grid.height >= LEAST_HEIGHT]
        if fitting:
            return max(fitting, key=lambda grid: (grid.scale, min(grid.width, 4 * grid.height)))
        return cls._of(width, height, most, max(1, height // LEAST_HEIGHT), letters)

    @classmethod
    def _of(cls, width: int, height: int, columns: int, rows: int, letters: int) -> Grid:
        wide, high = (width - columns + 1) // columns, height // rows
        fits = (one for one in SCALES if cells(letters, one) + 7 <= wide and big_rows(one) + BELOW <= high)
        scale = next(fits, 0)
        return cls(columns, rows, wide, min(high, (big_rows(scale) if scale else 1) + BELOW + SPARE), scale)


def _usual_length(names: Sequence[str]) -> int:
    """The length that two names of three do not exceed: one long name must not make all letters small."""
    lengths = sorted(len(name) for name in names)
    return lengths[-(-2 * len(lengths) // 3) - 1] if lengths else 0


def troubled(snapshot: Snapshot) -> list[AppView]:
    return [app for app in broken_first(snapshot.apps) if app.trouble.kind is not TroubleKind.NONE]


def page(apps: Sequence[AppView], places: int, turn: int) -> tuple[Sequence[AppView], int, int]:
    """The tiles of this turn, with its number and how many there are. The worst are on every page."""
    if len(apps) <= places:
        return apps, 1, 1
    pinned = apps[: max(1, places // 3)]
    rest = apps[len(pinned) :]
    step = max(1, places - len(pinned))
    pages = -(-len(rest) // step)
    start = (turn % pages) * step
    return [*pinned, *rest[start : start + step]], turn % pages + 1, pages


def wall_lines(snapshot: Snapshot, width: int, height: int, turn: int, now: datetime) -> list[Text]:
    """Every line of the wall between the banner and the bottom."""
    foot = _foot(snapshot, width, now)
    apps = troubled(snapshot)
    room = height - 2 - len(foot) - 1
    grid = Grid.for_room(width - 2, room, [clean(app.app.name) for app in apps] or [""])
    shown, number, pages = page(apps, grid.places, turn)
    lines = [_head(snapshot, width, now), Text()]
    lines += _tiles(shown, grid, snapshot, now) if apps else _calm(snapshot, width, room)
    lines += [Text()] * (height - len(foot) - len(lines))
    if pages > 1:
        lines[height - len(foot) - 1] = Text(f" page {number} of {pages}, {len(apps)} in trouble", "muted")
    return (lines[: height - len(foot)] + foot)[:height]


def is_old(snapshot: Snapshot) -> bool:
    return snapshot.cluster.stale_since is not None or not snapshot.cluster.is_reachable


def _ink(ink: str, snapshot: Snapshot) -> str:
    return "grey" if is_old(snapshot) else ink


def _as_of(snapshot: Snapshot, now: datetime) -> str:
    """The data's clock: the time of day while it is live, else when it was."""
    if not is_old(snapshot):
        return now.strftime("%H:%M:%S")
    since = snapshot.cluster.stale_since or snapshot.cluster.last_contact
    return f"as of {clock(since, now)}" if since else "never seen"


def _head(snapshot: Snapshot, width: int, now: datetime) -> Text:
    name = clean(snapshot.cluster.name).upper()
    left = words(
        " ", (name, "heading"), f"   {count(len(snapshot.apps), 'application')}   ", (_as_of(snapshot, now), "strong")
    )
    versions = (join(_numbers(snapshot, with_words=True), "   "), join(_numbers(snapshot, with_words=False), "   "))
    right = next((one for one in versions if left.cell_len + one.cell_len + 3 <= width), versions[-1])
    gap = width - left.cell_len - right.cell_len - 1
    return words(left, " " * gap, right, " ") if gap > 0 else fit(words(" ", (name, "heading"), "  ", right), width)


def _numbers(snapshot: Snapshot, *, with_words: bool) -> list[Text]:
    """Each tally that counts something, and always the bad, the fine and the unknown; one a glyph without words."""
    numbers: dict[str, tuple[str, int]] = {}
    for one, number in tally(snapshot.apps):
        if number or one.glyph in "✗✓?":
            label = f" {one.word}" if with_words else ""
            known = numbers.get(one.glyph + label, (one.ink, 0))
            numbers[one.glyph + label] = (known[0], known[1] + number)
    return [Text(f"{label[0]} {number}{label[1:]}", _ink(ink, snapshot)) for label, (ink, number) in numbers.items()]


def _tiles(apps: Sequence[AppView], grid: Grid, snapshot: Snapshot, now: datetime) -> list[Text]:
    lines: list[Text] = []
    for start in range(0, len(apps), grid.columns):
        drawn = [_tile(app, grid, snapshot, now) for app in apps[start : start + grid.columns]]
        lines += [words(" ", join(parts, " ")) for parts in zip(*drawn, strict=True)]
    return lines


def _tile(app: AppView, grid: Grid, snapshot: Snapshot, now: datetime) -> list[Text]:
    mark = TROUBLE[app.trouble.kind]
    ink, inner = _ink(mark.ink, snapshot), grid.width - 4
    body = _name(app, grid, ink, _ink("strong", snapshot))
    since = age(app.trouble.since, now)
    wave = f", wave {app.progress.wave_number} of {app.progress.waves}" if app.progress and app.progress.waves else ""
    body.append(Text(mark.word.capitalize() + (f" for {since}" if since else "") + wave, ink))
    told = waits(app.progress, now) if app.progress else []
    texts = told or ([plain(app.trouble.what)] if app.trouble.what else [])
    body += [line for text in texts for line in wrap(text, inner)]
    height = grid.height - 2
    if is_old(snapshot):
        for text in body:
            text.stylize("grey")
    body = (body + [Text()] * height)[:height]
    edges = (Text("┏" + "━" * (grid.width - 2) + "┓", ink), Text("┗" + "━" * (grid.width - 2) + "┛", ink))
    sides = [words(("┃ ", ink), fit(text, inner), (" ┃", ink)) for text in body]
    return [edges[0], *sides, edges[1]]


def _name(app: AppView, grid: Grid, ink: str, strong: str) -> list[Text]:
    """In big letters where the tile is big and the name fits."""
    name, glyph = clean(app.app.name).upper(), TROUBLE[app.trouble.kind].glyph
    fits = (one for one in SCALES if one <= grid.scale and cells(len(name), one) + 7 <= grid.width)
    scale = next(fits, 0) if can_write(name) else 0
    if not scale:
        return [words((f"{glyph}  ", ink), (name, strong))]
    middle = big_rows(scale) // 2
    lines = enumerate(big(name, scale))
    return [
        Text(),
        *(words((f"{glyph}  " if row == middle else "   ", ink), (line, strong)) for row, line in lines),
        Text(),
    ]


def _calm(snapshot: Snapshot, width: int, height: int) -> list[Text]:
    """Nothing in trouble: one sentence in the middle."""
    if snapshot.is_loading:
        told = Text("reading applications …", "busy")
    elif not snapshot.apps:
        told = Text("no applications", "muted")
    elif is_old(snapshot):
        told = Text(f"✓ {len(snapshot.apps)} were healthy and in sync", "grey")
    else:
        told = Text(f"✓ all {len(snapshot.apps)} healthy and in sync", "ok")
    pad = max(0, (width - told.cell_len) // 2)
    return [Text()] * max(0, height // 2 - 1) + [words(" " * pad, told)]


def _foot(snapshot: Snapshot, width: int, now: datetime) -> list[Text]:
    fine = sum(number for one, number in tally(snapshot.apps) if one is TALLIES[-1])
    as_of = f", {_as_of(snapshot, now)}" if is_old(snapshot) else ""
    lines = [Text(f" {fine} healthy and in sync{as_of}", _ink("ok", snapshot))]
    if snapshot.journal:
        told = join([_entry(one, now) for one in sorted(snapshot.journal, key=lambda e: e.at, reverse=True)[:4]])
        told.stylize(_ink("", snapshot))
        lines.append(fit(words(" ", told), width))
    return lines


def _entry(entry: JournalEntry, now: datetime) -> Text:
    return words((clock(entry.at, now), "muted"), " ", plain(entry.app.name, "strong"), " ", plain(entry.text))
