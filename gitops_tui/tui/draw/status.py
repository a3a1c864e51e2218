"""The status pane: what is wrong with one application, since when, by whom, and what holds things up."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from itertools import zip_longest

from rich.text import Text

from gitops_tui.model.drift import FieldDrift
from gitops_tui.model.operation import OperationState
from gitops_tui.model.snapshot import AppView, Progress, ResourceView
from gitops_tui.model.status import DriftKind, SyncStatus
from gitops_tui.tui.draw.application import waits
from gitops_tui.tui.draw.field import field_lines
from gitops_tui.tui.draw.rows import Line, fit, join, spread, words, wrap
from gitops_tui.tui.glyphs import HEALTH, NO_STATUS, SYNC, Mark
from gitops_tui.tui.text import plain
from gitops_tui.tui.words import age, clock, count, short

BAR = 20
MOST_SUBJECT = 3
"""Lines of a commit's subject, before the rest of it is left out."""
MOST_REASON = 2
"""Lines of a hold: until when and whose it is come first, and what it holds up has to be seen as well."""


def title(app: AppView | None) -> Text:
    """``auth-service · OutOfSync · Healthy`` for the frame."""
    if app is None:
        return Text("Status")
    sync = SYNC[app.sync]
    health = HEALTH[app.health.status]
    drifted = Text("Drifted") if app.is_drifted and app.sync is SyncStatus.SYNCED else Text()
    return join([plain(app.app.name), Text(sync.word), drifted, Text(health.word)])


def status_lines(app: AppView, width: int, now: datetime, *, is_whole: bool = False) -> list[Line]:
    """Everything, most urgent first; each object's line carries its key. ``is_whole``: also a long reason of a hold."""
    lines = [Line(text) for text in _notices(app, width, now, is_whole=is_whole)]
    lines += [Line(text) for text in _operation(app, width, now)]
    lines += [Line(text) for text in _source(app, width, now)]
    ordered = by_urgency(app)
    for resource in ordered:
        lines.append(Line(partial(resource_line, resource, width), resource.key))
        lines += [Line(text) for text in _details(resource, _cause(app, resource), width, now)]
    if not ordered:
        lines.append(Line(_nothing(app)))
    return lines


def _nothing(app: AppView) -> Text:
    if app.is_loading:
        return Text("comparing Git with the cluster …", "muted")
    return Text("No objects: the source renders none, or could not be compared.", "muted")


def by_urgency(app: AppView) -> list[ResourceView]:
    """Objects, the one to look at first in front."""
    return sorted(app.resources, key=_urgency)


def most_urgent(resources: Iterable[ResourceView]) -> ResourceView | None:
    """The object to look at first; None where there is none."""
    return min(resources, key=_urgency, default=None)


def _urgency(resource: ResourceView) -> tuple[int, int, str, str, str, str]:
    badness = resource.health.status.badness if resource.health else 0
    drifted = any(one.kind is not DriftKind.NOTE for one in resource.drift)
    out = resource.sync is SyncStatus.OUT_OF_SYNC
    noted = bool(resource.drift)
    weight = 4 * drifted + 3 * (badness >= 4) + 2 * out + (badness >= 2) + int(noted)
    key = resource.key
    return -weight, -badness, key.group, key.kind, key.namespace, key.name


def _notices(app: AppView, width: int, now: datetime, *, is_whole: bool) -> list[Text]:
    lines: list[Text] = []
    if app.is_orphaned_operation:
        who = plain(app.operation_owner or "an instance that is gone")
        text = words(("Orphaned operation", "bad"), _where(app.progress), ", started by ", who)
        lines += wrap(words(text, ": ", ("x", "key"), " resumes or terminates it"), width, 2)
    if app.window:
        lines += wrap(window_line(app), width, 2)
    if (held := hold_line(app, now)).plain:
        on_hold = wrap(held, width, 2)
        lines += on_hold if is_whole else _cut(on_hold, MOST_REASON, width)
    if app.managed_by:
        lines += wrap(words(plain(app.managed_by, "strong"), " reconciles this application; ours does not."), width, 2)
    lines += _reported(app, width, now)
    if app.as_reported:
        told = words(
            ("As reported", "warn"), f" by the Application's status: {app.source_type} sources are not rendered here."
        )
        lines += wrap(told, width, 2)
    for condition in app.conditions:
        ink = "bad" if condition.type.endswith("Error") else "warn"
        lines += wrap(words(plain(condition.type, ink), ": ", plain(condition.message)), width, 2)[:4]
    return lines


def _reported(app: AppView, width: int, now: datetime) -> list[Text]:
    """What Argo CD itself says, and where it does not agree with what is shown here."""
    told = app.reported
    if told is None:
        return []
    at = f", looked at {clock(told.reconciled_at, now)}" if told.reconciled_at else ""
    line = words("It says ", plain(told.sync.value, "strong"), ", ", plain(told.health.value, "strong"))
    lines = wrap(words(line, plain(f" at {short(app.own(told.revision)) or 'no revision'}{at}")), width, 2)
    for condition in told.conditions:
        lines += wrap(words(plain(condition.type, "warn"), ": ", plain(condition.message)), width, 4)[:3]
    for text in told.differences:
        lines += wrap(words(("≠ ", "warn"), plain(text)), width, 4)[:3]
    return lines


def window_line(app: AppView) -> Text:
    """``project shop, sync window: denied until 06:00 CET``."""
    ink = "" if app.window.startswith("open") else "warn"
    return words("project ", plain(app.app.project), ", sync window: ", plain(app.window, ink))


def hold_line(app: AppView, now: datetime) -> Text:
    """``On hold until 14:00, by Ana: …``; empty where nothing is held."""
    if app.hold is None or not app.hold.is_active(now):
        return Text()
    until = f"until {clock(app.hold.expires, now)}" if app.hold.expires else "until it is released"
    return words(("On hold", "warn"), f" {until}, by ", plain(app.hold.owner), ": ", plain(app.hold.reason))


def _cut(lines: list[Text], most: int, width: int) -> list[Text]:
    """The first lines of a long text; the last of them says where the rest is."""
    if len(lines) <= most:
        return lines
    rest = words(("…  ", "muted"), ("W", "key"), (" has it whole", "muted"))
    last = lines[most - 1]
    room = max(0, width - rest.cell_len)
    return [*lines[: most - 1], words(fit(last, min(last.cell_len, room)) if last.cell_len > room else last, rest)]


def _where(progress: Progress | None) -> Text:
    return Text(f" in wave {progress.wave}") if progress else Text()


def _operation(app: AppView, width: int, now: datetime) -> list[Text]:
    if app.progress is not None:
        return _progress(app.progress, app, width, now)
    last = app.operation
    if last is None or not last.phase.is_completed or last.phase.value == "Succeeded":
        return []
    told = words(("✗ Last sync " + last.phase.value.lower(), "bad"), " ", _finished(last, now), ": ")
    return wrap(words(told, plain(last.message)), width, 2)[:4]


def _finished(operation: OperationState, now: datetime) -> Text:
    when = operation.finished_at or operation.started_at
    return Text(f"at {clock(when, now)}" if when else "", "muted")


def _progress(progress: Progress, app: AppView, width: int, now: datetime) -> list[Text]:
    phase = progress.phase.value if progress.phase else "Starting"
    wave = f"wave {progress.wave} ({progress.wave_number} of {progress.waves})" if progress.waves else ""
    to = short(app.own(_synced_to(app)))
    head = words(("↻ Syncing", "busy"), f" to {to} · " if to else " · ", (phase, "strong"))
    lines = wrap(join([head, Text(wave), Text(age(progress.since, now), "muted")]), width, 3)
    if progress.total:
        lines.append(
            words("   ", bar(progress.done, progress.total), f" {progress.done}/{count(progress.total, 'object')}")
        )
    lines += [words("   waits for ", text) for text in waits(progress, now)]
    if progress.message:
        lines += [words("   ", text) for text in wrap(plain(progress.message, "muted"), width - 3)[:2]]
    return lines


def _synced_to(app: AppView) -> str:
    """The running operation's own commit: the branch may have moved on since it began."""
    if app.operation is None or app.operation.phase.is_completed:
        return app.revision
    result = app.operation.sync_result
    return app.operation.operation.revision or (result.revision if result else "") or app.revision


def bar(done: int, total: int, cells: int = BAR) -> Text:
    """``█████░░░░░``"""
    full = round(cells * done / total) if total else 0
    return words(("█" * full, "busy"), ("░" * (cells - full), "muted"))


def _source(app: AppView, width: int, now: datetime) -> list[Text]:
    """Which commit, of whom, and what happens by itself: on one line where all of it fits, else the subject whole."""
    target = plain(app.app.source.target_revision or "HEAD")
    commit = app.commit
    where = words(target, (" @ ", "muted"), (short(app.own(app.revision)) or "?", "strong"))
    if commit is None:
        return _apart(words(where, _other_sources(app)), automation(app), width)
    what = words(where, " “", plain(commit.subject), "”", _other_sources(app))
    who = join([plain(commit.author_name), Text(age(commit.committed_at, now))])
    whole = words(what, "  ", who)
    if whole.cell_len + automation(app).cell_len + 2 <= width and commit.sha == app.revision:
        return [spread(whole, automation(app), width)]
    tip = plain(f"{target.plain} itself is at {short(app.revision)}", "muted") if commit.sha != app.revision else Text()
    return [*wrap(what, width, 2)[:MOST_SUBJECT], *_apart(words("  ", join([who, tip])), automation(app), width)]


def _other_sources(app: AppView) -> Text:
    """``, main @ 95b1562``: what the further sources are at; empty where there is one."""
    others = zip(app.app.sources[1:], app.own_of_each(app.commits)[1:], strict=False)
    return words(
        *(words(", ", plain(one.target_revision or "HEAD"), (f" @ {short(sha)}", "muted")) for one, sha in others)
    )


def _apart(left: Text, right: Text, width: int) -> list[Text]:
    """At both ends of one line, else on two."""
    fits = left.cell_len + right.cell_len + 2 <= width
    return [spread(left, right, width)] if fits else [*wrap(left, width, 2), *wrap(words("  ", right), width, 2)]


def automation(app: AppView) -> Text:
    """``auto-sync on, self-heal off``."""
    automated = app.app.sync_policy.automated
    if not app.app.sync_policy.is_automated or automated is None:
        return Text("auto-sync off", "muted")
    return Text(f"auto-sync on, self-heal {'on' if automated.self_heal else 'off'}", "muted")


def resource_mark(resource: ResourceView) -> Mark:
    """The one glyph of an object: worst of drift, health and sync."""
    if resource.is_restricted:
        return Mark("?", "restricted", "unknown")
    if resource.is_pending:
        return Mark("?", "not read", "unknown")
    if any(one.kind is not DriftKind.NOTE for one in resource.drift):
        return Mark("!", "drifted", "drift")
    if resource.health is not None and resource.health.status.badness:
        return HEALTH[resource.health.status]
    if resource.is_left_over:
        return Mark("✗", "to be pruned", "warn")
    if resource.sync is not None:
        return SYNC[resource.sync]
    return HEALTH[resource.health.status] if resource.health is not None else NO_STATUS


def resource_line(resource: ResourceView, width: int) -> Text:
    mark = resource_mark(resource)
    name = words((mark.glyph, mark.ink), " ", plain(resource.key.short, "strong" if mark.ink != "ok" else ""))
    notes = [Text("hook", "muted")] if resource.is_hook else []
    if resource.is_restricted:
        notes.append(Text("restricted: you may not read this kind", "unknown"))
    elif resource.is_pending:
        notes.append(Text("not read", "unknown"))
    elif not resource.exists:
        notes.append(Text("not in the cluster", "muted" if resource.sync is None else "warn"))  # Skip asks for it
    elif resource.is_left_over:
        notes.append(Text("not in Git any more: a sync with prune deletes it", "warn"))
    elif resource.health is not None and resource.health.status.badness:
        health = HEALTH[resource.health.status]
        notes.append(Text(health.word, health.ink))
    if resource.sync is SyncStatus.OUT_OF_SYNC and resource.exists and not resource.is_left_over:
        notes.append(Text("OutOfSync", "warn"))
    return spread(name, join(notes), width) if notes else name


def _cause(app: AppView, resource: ResourceView) -> str:
    """What the headline knows of this object beyond its own health: what its pods suffer from."""
    _, is_about, cause = app.trouble.what.partition(f"{resource.key.short}: ")
    return cause if is_about else ""


def _details(resource: ResourceView, cause: str, width: int, now: datetime) -> list[Text]:
    lines = []
    told = resource.message or (resource.health.message if resource.health and resource.health.status.badness else "")
    for one in filter(None, (told, cause if cause not in told else "")):
        lines += [words("    ", text) for text in wrap(plain(one), width - 4)[:3]]
    ordered = _worst_first(resource.drift)
    for drift, following in zip_longest(ordered, ordered[1:]):
        is_last = following is None or following.writer != drift.writer
        lines += field_lines(drift, width, now, indent=4, says_writer=is_last)
    return lines


def _worst_first(drift: tuple[FieldDrift, ...]) -> list[FieldDrift]:
    order = {DriftKind.TARGET: 0, DriftKind.FOREIGN: 1, DriftKind.NOTE: 2}
    return sorted(drift, key=lambda one: order[one.kind])
