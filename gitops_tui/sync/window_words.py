"""Sync windows in words: one short line about the present, one sentence about what blocks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from gitops_tui.model.project import SyncWindow
from gitops_tui.sync.windows import Verdict, allowed_from, decide, next_change, zone_of

_SOON = timedelta(hours=20)


def state_line(windows: Sequence[SyncWindow], now: datetime) -> str:
    """``denied until 06:00 CET``, ``by hand only until …``, ``open until …``; empty where no window matters now."""
    automated = decide(windows, now, is_manual=False)
    if automated.code == "no-window":
        return ""
    if automated.is_allowed:
        return f"open{_until(_closes(automated, now), automated, now)}"
    by_hand = decide(windows, now, is_manual=True).is_allowed
    until = allowed_from(windows, now, is_manual=False)
    return f"{'by hand only' if by_hand else 'denied'}{_until(until, automated, now)}"


def why_blocked(windows: Sequence[SyncWindow], verdict: Verdict, now: datetime, *, is_manual: bool) -> str:
    """Which window keeps a sync back, and until when."""
    first = verdict.windows[0]
    zone = f" {first.time_zone}" if first.time_zone else ""
    named = f"{first.kind} window '{first.schedule}' for {first.duration}{zone}"
    what = f"the {named} is open" if verdict.code == "deny-window" else f"the {named} is closed"
    more = f" and {len(verdict.windows) - 1} more" if len(verdict.windows) > 1 else ""
    return f"{what}{more}: no sync{_until(allowed_from(windows, now, is_manual=is_manual), verdict, now)}"


def next_look(windows: Sequence[SyncWindow], now: datetime) -> float | None:
    """Seconds until one of the windows opens or closes; None where that is not in sight."""
    changes = [found for one in windows if (found := next_change(one, now)) is not None]
    return max(0.0, (min(changes) - now).total_seconds()) if changes else None


def _closes(verdict: Verdict, now: datetime) -> datetime | None:
    ends = [next_change(one, now) for one in verdict.windows]
    known = [end for end in ends if end is not None]
    return max(known) if len(known) == len(ends) else None


def _until(at: datetime | None, verdict: Verdict, now: datetime) -> str:
    """In the zone in which the window is written; with the day where that is not soon."""
    if at is None:
        return ""
    shown = at.astimezone(zone_of(verdict.windows[0]))
    return f" until {shown:%H:%M %Z}" if at - now < _SOON else f" until {shown:%a %d %b %H:%M %Z}"
