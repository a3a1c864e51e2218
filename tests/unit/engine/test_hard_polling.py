"""``timeout.hard.reconciliation``: all is rendered anew once a period, which may be set and taken away at any time."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from types import SimpleNamespace
from typing import cast

from msgspec.structs import replace

from gitops_tui.engine.hard_polling import IDLE_S, HardPolling
from gitops_tui.engine.schedule import Schedule
from gitops_tui.engine.system import System
from gitops_tui.model.system import DEFAULT_SYSTEM


class Clockwork:
    """A schedule whose time is moved by the test."""

    def __init__(self, hard_poll_s: float) -> None:
        self.system = SimpleNamespace(settings=replace(DEFAULT_SYSTEM, hard_poll_s=hard_poll_s))
        self.waits: list[float] = []
        self.work: Callable[[], None] = lambda: None
        self.refreshed = 0
        schedule = SimpleNamespace(put=self._put)
        HardPolling(cast(System, self.system), cast(Schedule, schedule), self._refresh).begin()

    def _put(self, _: Hashable, work: Callable[[], None], delay_s: float) -> None:
        self.work = work
        self.waits.append(delay_s)

    def _refresh(self) -> None:
        self.refreshed += 1

    def set(self, hard_poll_s: float) -> None:
        self.system.settings = replace(DEFAULT_SYSTEM, hard_poll_s=hard_poll_s)


def test_once_a_period() -> None:
    found = Clockwork(3600)
    found.work()
    found.work()
    assert found.refreshed == 2 and found.waits == [3600, 3600, 3600]


def test_nothing_by_default_until_a_period_is_set() -> None:
    found = Clockwork(0)
    found.work()
    assert found.refreshed == 0 and found.waits == [IDLE_S, IDLE_S]
    found.set(600)
    found.work()
    assert found.refreshed == 0, "a period that was set just now has not gone by"
    found.work()
    assert found.refreshed == 1 and found.waits[-1] == 600


def test_a_period_that_was_taken_away_is_none() -> None:
    found = Clockwork(600)
    found.set(0)
    found.work()
    assert found.refreshed == 0 and found.waits[-1] == IDLE_S
