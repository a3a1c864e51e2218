"""Sync windows: when a project's applications may sync (semantics 1.12; Argo CD's ``types.go``, ``SyncWindows``).

A window is open from its schedule for its duration, by the clock on the wall of its time zone at the moment that is
asked about: one from 22:00 for 8 h ends at 06:00 also in the night in which clocks are changed. As in the reference it
is open strictly after its start and before its end, an unknown zone counts as UTC, and one whose schedule never comes
(30 February) is always open.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from gitops_tui.errors import InvalidSpecError
from gitops_tui.manifest.duration import seconds
from gitops_tui.model.application import Application
from gitops_tui.model.glob import match
from gitops_tui.model.project import SyncWindow
from gitops_tui.sync.cron import CronError, Schedule, parse

ALLOW, DENY = "allow", "deny"
BLOCKED = "Sync operation blocked by sync window"
LONGEST_DESCRIPTION = 255
_HINT = "Correct spec.syncWindows of the project."


class Verdict(Struct, frozen=True):
    """Whether a sync may run. ``code`` is stable; ``windows`` are those that decided."""

    is_allowed: bool
    code: str
    windows: tuple[SyncWindow, ...] = ()


# --- one window ------------------------------------------------------------------------------------------------------


def is_active(window: SyncWindow, now: datetime) -> bool:
    """Whether a window is open; raises `InvalidSpecError` where its schedule or its duration is none."""
    schedule, duration = _read(window)
    wall = _wall(window, now)
    start = schedule.next_after(wall - duration)
    return start is None or start < wall


def check_window(window: SyncWindow) -> None:
    """Raises `InvalidSpecError` where Argo CD's API would refuse the window."""
    if window.kind not in (ALLOW, DENY):
        raise InvalidSpecError(f"kind '{window.kind}' mismatch: can only be allow or deny", hint=_HINT)
    _read(window)
    if len(window.description.encode()) > LONGEST_DESCRIPTION:
        raise InvalidSpecError(f"description must not exceed {LONGEST_DESCRIPTION} characters", hint=_HINT)


def has_unknown_zone(window: SyncWindow) -> bool:
    """Whether ``timeZone`` names no zone: it counts as UTC then."""
    return window.time_zone != "" and _zone(window.time_zone) is None


def zone_of(window: SyncWindow) -> ZoneInfo:
    """Whose clock the window is written by; one whose schedule names another zone as well is shown by ``timeZone``."""
    return _zone(window.time_zone or _read(window)[0].zone or "UTC") or ZoneInfo("UTC")


def _read(window: SyncWindow) -> tuple[Schedule, timedelta]:
    try:
        schedule = parse(window.schedule)
    except CronError as error:
        raise InvalidSpecError(f"cannot parse schedule '{window.schedule}': {error}", hint=_HINT) from error
    if schedule.zone and _zone(schedule.zone) is None:
        message = f"cannot parse schedule '{window.schedule}': provided bad location {schedule.zone}"
        raise InvalidSpecError(message, hint=_HINT)
    try:
        return schedule, timedelta(seconds=seconds(window.duration))
    except (ValueError, OverflowError) as error:
        raise InvalidSpecError(f"cannot parse duration '{window.duration}': {error}", hint=_HINT) from error


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _wall(window: SyncWindow, now: datetime) -> datetime:
    """What the clock on the wall of the window's zone shows."""
    return (now.astimezone(UTC) + _offset(window, now)).replace(tzinfo=None)


def _offset(window: SyncWindow, at: datetime) -> timedelta:
    """How far the window's clock is ahead of UTC. A zone in the schedule is added to ``timeZone``, as in Argo CD."""
    offset = _ahead(_zone(window.time_zone or "UTC"), at)
    zone = _read(window)[0].zone
    return offset + _ahead(_zone(zone), at + offset) if zone else offset


def _ahead(zone: ZoneInfo | None, at: datetime) -> timedelta:
    return at.astimezone(zone or UTC).utcoffset() or timedelta()


# --- the windows of an application -----------------------------------------------------------------------------------


def matching(windows: Iterable[SyncWindow], app: Application) -> tuple[SyncWindow, ...]:
    """The windows that apply to an application."""
    return tuple(one for one in windows if applies(one, app))


def applies(window: SyncWindow, app: Application) -> bool:
    """Any of the lists that are given must match; with ``andOperator`` all of them must."""
    destination = app.destination
    places = [place for place in (destination.name, destination.server) if place]
    asked = (
        (window.applications, [app.name]),
        (window.clusters, places),
        (window.namespaces, [destination.namespace]),
    )
    answers = [_matches_any(globs, texts) for globs, texts in asked if globs]
    if window.and_operator:
        return bool(answers) and all(answers)
    return any(answers)


def _matches_any(globs: Sequence[str], texts: Sequence[str]) -> bool:
    return any(glob == "*" or match(glob, text) for glob in globs for text in texts)


def active(windows: Iterable[SyncWindow], now: datetime) -> tuple[SyncWindow, ...]:
    return tuple(one for one in windows if is_active(one, now))


def inactive_allows(windows: Iterable[SyncWindow], now: datetime) -> tuple[SyncWindow, ...]:
    """The allow windows that are closed: they keep a sync back where no other one is open."""
    return tuple(one for one in windows if one.kind == ALLOW and not is_active(one, now))


def decide(
    windows: Sequence[SyncWindow], now: datetime, *, is_manual: bool, started_at: datetime | None = None
) -> Verdict:
    """Whether a sync may begin, or go on where it began at ``started_at``.

    ``windows``: those that apply to the application. Raises `InvalidSpecError` where one of them cannot be read.
    """
    open_now = active(windows, now)
    denies = tuple(one for one in open_now if one.kind == DENY)
    if denies:
        return _unless_exempt("deny-window", denies, windows, is_manual, started_at)
    allows = tuple(one for one in open_now if one.kind == ALLOW)
    if allows:
        return Verdict(True, "allow-window", allows)
    closed = inactive_allows(windows, now)
    if closed:
        return _unless_exempt("outside-allow-window", closed, windows, is_manual, started_at)
    return Verdict(True, "no-window")


def can_sync(
    windows: Sequence[SyncWindow], now: datetime, *, is_manual: bool, started_at: datetime | None = None
) -> bool:
    return decide(windows, now, is_manual=is_manual, started_at=started_at).is_allowed


def _unless_exempt(
    code: str,
    blocking: tuple[SyncWindow, ...],
    windows: Sequence[SyncWindow],
    is_manual: bool,
    started_at: datetime | None,
) -> Verdict:
    """Blocked, but for a sync by hand that all of them let pass, and for one that began when it was allowed."""
    if is_manual and all(one.manual_sync for one in blocking):
        return Verdict(True, "manual-exempt", blocking)
    may_overrun = started_at is not None and all(one.sync_overrun for one in blocking)
    if may_overrun and started_at is not None and can_sync(windows, started_at, is_manual=is_manual):
        return Verdict(True, "overrun", blocking)
    return Verdict(False, code, blocking)


# --- what comes next -------------------------------------------------------------------------------------------------

_MOMENT = timedelta(microseconds=1)
_MOST_STEPS = 400
_TWO_DAYS_MINUTES = 2 * 24 * 60
"""Where there is a gap in each day no stretch is as long; its openings are a minute apart at least."""
_FURTHEST = timedelta(days=366 * 6)


def allowed_from(windows: Sequence[SyncWindow], now: datetime, *, is_manual: bool) -> datetime | None:
    """When a sync that is blocked now may begin; None where no end of it is in sight."""
    at = now
    for _ in range(_MOST_STEPS):
        changes = [found for one in windows if (found := next_change(one, at)) is not None]
        if not changes:
            return None
        at = min(changes)
        if can_sync(windows, at + _MOMENT, is_manual=is_manual):
            return at
        at += _MOMENT
    return None


def next_change(window: SyncWindow, now: datetime) -> datetime | None:
    """When a window that is open closes, or one that is closed opens; None where neither is in sight."""
    was_open = is_active(window, now)
    at = now.astimezone(UTC)
    for _ in range(_MOST_STEPS):
        offset = _offset(window, at)
        wall = (at + offset).replace(tzinfo=None)
        edge = _closing(window, wall) if was_open else _opening(window, wall)
        until = min(at + _FURTHEST, (edge - offset).replace(tzinfo=UTC)) if edge else at + _FURTHEST
        shift = _clock_change(window, at, until)
        if shift is None:
            return until if edge else None
        # Clocks are changed before: what was reckoned holds only up to there.
        if is_active(window, shift + _MOMENT) is not was_open:
            return shift
        at = shift + _MOMENT
    return None


def _opening(window: SyncWindow, wall: datetime) -> datetime | None:
    schedule, duration = _read(window)
    return schedule.next_after(wall - _MOMENT) if duration > timedelta() else None


def _closing(window: SyncWindow, wall: datetime) -> datetime | None:
    """The end of the stretch in which openings follow each other without a gap; None where it goes on and on."""
    schedule, duration = _read(window)
    start = schedule.last_before(wall)
    if start is None:
        return None
    is_dense, end = schedule.widest_gap <= duration, start + duration
    for _ in range(_MOST_STEPS if is_dense else _TWO_DAYS_MINUTES):
        latest = schedule.last_before(end + _MOMENT)
        if latest is None or latest + duration <= end:
            return end
        # Without a gap in a day the whole day is taken in one step.
        end = (schedule.last_of(latest.date()) if is_dense else latest) + duration
    return None


def _clock_change(window: SyncWindow, after: datetime, until: datetime) -> datetime | None:
    """The first instant after ``after`` and before ``until`` at which the offset of its clock is another one."""
    offset, low = _offset(window, after), after
    while low < until:
        high = min(low + timedelta(days=1), until)
        if _offset(window, high) != offset:
            return _bisected(window, low, high)
        low = high
    return None


def _bisected(window: SyncWindow, low: datetime, high: datetime) -> datetime:
    offset = _offset(window, low)
    low, high = low.replace(microsecond=0), high.replace(microsecond=0)
    while high - low > timedelta(seconds=1):
        middle = (low + (high - low) / 2).replace(microsecond=0)
        if _offset(window, middle) == offset:
            low = middle
        else:
            high = middle
    return high
