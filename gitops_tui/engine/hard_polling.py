"""``timeout.hard.reconciliation``: everything is rendered anew by itself, whatever was worked out before.

Source: Argo CD ``appcontroller.go`` needRefreshAppStatus (hard expiry; semantics 1.1). Here it is one time for all.
"""

from __future__ import annotations

from collections.abc import Callable

from gitops_tui.engine.schedule import Schedule
from gitops_tui.engine.system import System

IDLE_S = 60.0
"""How often it is looked whether a period was set meanwhile."""


class HardPolling:
    """Used on the core's thread. ``refresh`` refreshes all applications hard."""

    def __init__(self, system: System, schedule: Schedule, refresh: Callable[[], None]) -> None:
        self._system = system
        self._schedule = schedule
        self._refresh = refresh

    def begin(self) -> None:
        period_s = self._system.settings.hard_poll_s
        self._schedule.put("hard poll", lambda: self._now(is_due=period_s > 0), period_s or IDLE_S)

    def _now(self, *, is_due: bool) -> None:
        """A period that was taken away meanwhile is none; the next one is as it is set then."""
        if is_due and self._system.settings.hard_poll_s:
            self._refresh()
        self.begin()
