"""One application in the list: glyph, name, health, sync, drift, and its trouble in words."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from rich.text import Text

from gitops_tui.model.snapshot import AppView, Progress, TroubleKind
from gitops_tui.tui.draw.rows import fit, join, row, words
from gitops_tui.tui.glyphs import HEALTH, SYNC, TROUBLE
from gitops_tui.tui.text import plain
from gitops_tui.tui.words import age, short

GLYPH, HEALTH_WIDTH, SYNC_WIDTH, DRIFT_WIDTH = 1, 11, 12, 5
NARROW_HEALTH, NARROW_SYNC, NARROW_DRIFT = 9, 9, 3
LONGEST_NAME = 40
ROOM_FOR_LAST = 24
"""Cells in which a writer and ``last 14 d ago`` both fit."""


class Columns(Struct, frozen=True):
    """How wide each column is; 0: not shown."""

    name: int
    health: int = 0
    sync: int = 0
    drift: int = 0
    what: int = 0

    @classmethod
    def for_width(cls, width: int, longest_name: int) -> Columns:
        """Wider adds columns. A list narrower than 34 cells shows the trouble's word alone."""
        if width < 34:
            return cls(name=width - 2 - 12, what=11)
        if width < 64:
            return cls._compact(width)
        name = max(12, min(longest_name, LONGEST_NAME, width // 3))
        used = 2 + name + 1 + HEALTH_WIDTH + 1 + SYNC_WIDTH + 1 + DRIFT_WIDTH + 1
        return cls(name, HEALTH_WIDTH, SYNC_WIDTH, DRIFT_WIDTH, max(0, width - used))

    @classmethod
    def _compact(cls, width: int) -> Columns:
        health, sync = (HEALTH_WIDTH, SYNC_WIDTH) if width >= 50 else (NARROW_HEALTH, NARROW_SYNC)
        return cls(width - 2 - health - sync - NARROW_DRIFT - 3, health, sync, NARROW_DRIFT)


def heading(columns: Columns) -> Text:
    """The line above the list."""
    cells = [(Text(" "), GLYPH), (Text("APPLICATION"), columns.name)]
    if columns.health:
        cells += [(Text("HEALTH"), columns.health), (Text("SYNC"), columns.sync)]
    if columns.drift:
        cells.append((Text("DRIFT" if columns.drift >= 5 else ""), columns.drift))
    if columns.what:
        cells.append((Text("WHAT"), columns.what))
    made = row(*cells)
    made.stylize("muted")
    return made


def application_row(app: AppView, columns: Columns, now: datetime) -> Text:
    mark = TROUBLE[app.trouble.kind]
    held = Text("held", "warn") if app.hold is not None and app.hold.is_active(now) else Text()
    name = _name(app, held if columns.health and not columns.what else Text(), columns.name)
    cells = [(Text(mark.glyph, mark.ink), GLYPH), (name, columns.name)]
    if columns.health:
        cells += [(_health(app, columns.health), columns.health), (_sync(app, columns.sync), columns.sync)]
        cells.append((_drift(app), columns.drift))
    if columns.what:
        room = columns.what - (held.cell_len + 3 if held.plain else 0)
        told = join([held, what(app, now, room)]) if columns.health else Text(mark.word, mark.ink)
        cells.append((told, columns.what))
    return row(*cells)


def _name(app: AppView, held: Text, width: int) -> Text:
    """The name; where there is no column of words, with the hold behind it, which is never cut off."""
    name = plain(app.app.name, "strong")
    if not held.plain:
        return name
    return words(fit(name, min(name.cell_len, max(1, width - held.cell_len - 1))), " ", held)


def _health(app: AppView, width: int) -> Text:
    mark = HEALTH[app.health.status]
    word = "Progress." if width < len(mark.word) and mark.word.startswith("Progress") else mark.word
    return fit(Text(word, mark.ink if app.health.status.badness else "muted"), width)


def _sync(app: AppView, width: int) -> Text:
    if app.is_orphaned_operation:
        return Text("Orphaned", "bad")
    if app.progress is not None:
        step = f" {app.progress.wave_number}/{app.progress.waves}" if app.progress.waves else ""
        return Text("Syncing" + step if len("Syncing" + step) <= width else "Sync" + step, "busy")
    mark = SYNC[app.sync]
    return Text(mark.word, "muted" if mark.ink == "ok" else mark.ink)


def _drift(app: AppView) -> Text:
    fields = len(app.drift)
    return Text(f"⚑{fields}", "drift") if fields else Text("")


def what(app: AppView, now: datetime, width: int) -> Text:
    """The trouble in words with its age, which is never cut off; without trouble, what is deployed."""
    if app.is_loading and app.trouble.kind is TroubleKind.NONE:
        return Text("comparing …", "muted")
    if app.trouble.kind is TroubleKind.NONE and not app.trouble.what:
        return _deployed(app, now)
    told = plain(app.trouble.what or TROUBLE[app.trouble.kind].word)
    since = age(app.trouble.since, now)
    if not since or since in told.plain:
        return told
    aged = Text(since, "muted")
    if told.cell_len + len(since) + 3 <= width:
        return join([told, aged])
    told = _cause(told)
    by = _writers(app)
    if app.trouble.kind is TroubleKind.DRIFTED and by:
        told, aged = plain(by), Text(f"last {since} ago" if width >= ROOM_FOR_LAST else since, "muted")
    return join([fit(told, min(told.cell_len, max(8, width - aged.cell_len - 3))), aged])


def _cause(told: Text) -> Text:
    """``Deployment/billing: image … cannot be pulled`` without the object: in little room the cause says more."""
    about, colon, _ = told.plain.partition(": ")
    return told[len(about) + 2 :] if colon and "/" in about and " " not in about else told


def _writers(app: AppView) -> str:
    """``kubectl-edit``, ``kubectl-edit +1``: who wrote the fields that drifted."""
    names = sorted({drift.writer.manager for _, drift in app.drift if drift.writer is not None})
    return f"{names[0]} +{len(names) - 1}" if len(names) > 1 else "".join(names)


def _deployed(app: AppView, now: datetime) -> Text:
    """``3f2c1ab Ana · 2 h``, ``3f2c1ab +1 Ana · 2 h``: the commit of the first source, and how many more there are."""
    commit = app.commit
    if commit is None:
        return Text(short(app.deployed_revision or app.revision), "muted")
    more = len(app.app.sources) - 1
    sha = f"{commit.short} +{more}" if more else commit.short
    who = words((sha, "muted"), " ", plain(commit.author_name, "muted"))
    return join([who, Text(age(commit.committed_at, now), "muted")])


def waits(progress: Progress, now: datetime) -> list[Text]:
    """What a running operation waits for, one text an object."""
    begun = {key: one.since for one in progress.waits for key in one.objects}
    return [
        join(
            [
                words(plain(key.short, "name"), ": ", plain(why)),
                Text(age(begun.get(key) or progress.since, now), "muted"),
            ]
        )
        for key, why in progress.running
    ]
