"""The order of the list: trouble first, the newest trouble before what has been so for weeks.

What somebody changed by hand stands above all in the list, also on a healthy application: it is what nobody finds
otherwise. The wall is read by who looks up at red, and has what is broken first.

While somebody is typing or a plan is open the order stands still: what is new comes last, nothing moves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from gitops_tui.model.snapshot import BROKEN, AppView, TroubleKind
from gitops_tui.model.status import HealthStatus

_RANK = {kind: number for number, kind in enumerate(TroubleKind)}
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def by_trouble(apps: Iterable[AppView]) -> list[AppView]:
    return sorted(apps, key=_urgency)


def broken_first(apps: Iterable[AppView]) -> list[AppView]:
    """By trouble, but what is broken before what is merely not as Git says; what is changed by hand may be both."""
    return sorted(by_trouble(apps), key=lambda app: not _is_broken(app))


def _is_broken(app: AppView) -> bool:
    return app.trouble.kind in BROKEN or app.health.status is HealthStatus.DEGRADED


def _urgency(app: AppView) -> tuple[int, float, str, str]:
    since = app.trouble.since or _LONG_AGO
    return _RANK[app.trouble.kind], -since.timestamp(), app.app.name, app.app.namespace


def standing(apps: Sequence[AppView], order: Sequence[str]) -> list[AppView]:
    """``apps`` in the order in which their uids stood; those that are new follow, by trouble."""
    places = {uid: place for place, uid in enumerate(order)}
    known = sorted((app for app in apps if app.uid in places), key=lambda app: places[app.uid])
    return known + by_trouble(app for app in apps if app.uid not in places)
