"""The order of the list: trouble first, the newest trouble before what has been so for weeks.

While somebody is typing or a plan is open the order stands still: what is new comes last, nothing moves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from gitops_tui.model.snapshot import AppView, TroubleKind

_RANK = {kind: number for number, kind in enumerate(TroubleKind)}
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def by_trouble(apps: Iterable[AppView]) -> list[AppView]:
    return sorted(apps, key=_urgency)


def _urgency(app: AppView) -> tuple[int, float, str, str]:
    since = app.trouble.since or _LONG_AGO
    return _RANK[app.trouble.kind], -since.timestamp(), app.app.name, app.app.namespace


def standing(apps: Sequence[AppView], order: Sequence[str]) -> list[AppView]:
    """``apps`` in the order in which their uids stood; those that are new follow, by trouble."""
    places = {uid: place for place, uid in enumerate(order)}
    known = sorted((app for app in apps if app.uid in places), key=lambda app: places[app.uid])
    return known + by_trouble(app for app in apps if app.uid not in places)
