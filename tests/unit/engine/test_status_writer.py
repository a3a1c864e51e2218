"""Writing an Application's status: what moved, once, and not while more is about to move."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from gitops_tui.engine.authority import Authority
from gitops_tui.engine.record import Record
from gitops_tui.engine.session import Session
from gitops_tui.engine.state import AppState
from gitops_tui.engine.status_writer import StatusWriter
from gitops_tui.model.application import Application, parse_application
from gitops_tui.model.operation import Operation, OperationState
from gitops_tui.model.reader import Origin
from gitops_tui.model.snapshot import AppView
from gitops_tui.model.status import Health, HealthStatus, OperationPhase, SyncStatus

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def raw(version: str = "7", **more: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": "web", "namespace": "argocd", "resourceVersion": version, **more.pop("metadata", {})},
        "spec": {"project": "p", "source": {"repoURL": "r"}, "destination": {"name": "in-cluster"}},
        **more,
    }


def application(**notes: str) -> Application:
    return parse_application(raw(metadata={"annotations": notes}), origin=Origin(in_cluster=True))


def _at_once(work: Callable[[], None]) -> Future[None]:
    done: Future[None] = Future()
    done.set_result(work())
    return done


class World:
    """An API server that merges patches of status; the watch shows what it is told to show."""

    def __init__(self) -> None:
        self.seen = raw()
        self.status: dict[str, Any] = {}
        self.sent: list[dict[str, Any]] = []
        self.due: list[tuple[Callable[[], None], float]] = []
        self.is_starting = False
        self.was_ours, self.is_leading, self.is_led_elsewhere = False, True, False
        session = SimpleNamespace(
            cache=SimpleNamespace(get=lambda key: self.seen, stale_since=None),
            discovery=SimpleNamespace(find=lambda *_: object()),
            writer=SimpleNamespace(merge_patch=self._merge),
        )
        authority = SimpleNamespace(
            may_act_on=lambda app: self.is_leading,
            may_tell_of=lambda app: not self.is_leading,
            is_leading=True,
            is_led_elsewhere=lambda: self.is_led_elsewhere,
            managed_by=lambda app: "",
        )
        self.authority = authority
        self.writer = StatusWriter(
            cast(Session, session),
            cast(Authority, authority),
            cast(Any, SimpleNamespace(put=lambda key, work, delay_s: self.due.append((work, delay_s)))),
            cast(Any, SimpleNamespace(submit=_at_once)),
            "argocd",
            lambda record: None,
            lambda key: self.is_starting,
            lambda key, operation: self.was_ours,
            lambda: NOW,
        )
        self.version = 7

    def _merge(self, resource: Any, namespace: str, name: str, patch: dict[str, Any]) -> dict[str, Any]:
        self.sent.append(patch)
        self.version += 1
        self.status = {**self.status, **(patch.get("status") or {})}
        return raw(str(self.version), status=self.status)

    def write(self, record: Record, health: HealthStatus = HealthStatus.HEALTHY) -> float:
        """Write what is found; after how many seconds that was due."""
        found = AppView("web", record.app, sync=SyncStatus.SYNCED, health=Health(health), compared_at=NOW)
        self.writer.write_soon(record, found)
        if not self.due:
            return -1.0
        work, delay_s = self.due.pop()
        work()
        return delay_s


def record(operation: OperationState | None = None, **facts: Any) -> Record:
    return Record(application(), state=AppState({}, operation), compared_at=NOW, **facts)


def ended(at: datetime) -> OperationState:
    return OperationState(Operation(), OperationPhase.SUCCEEDED, started_at=at, finished_at=at)


def test_what_did_not_move_is_no_request_even_where_the_watch_is_behind() -> None:
    world, one = World(), record()
    world.write(one)
    world.write(one)
    assert len(world.sent) == 1, "the watch still shows what stood before"
    world.write(one, HealthStatus.DEGRADED)
    assert len(world.sent) == 2 and world.sent[1]["status"]["health"]["status"] == "Degraded"


@pytest.mark.parametrize(
    ("operation", "is_starting", "delay_s"),
    [
        (None, False, 0.25),
        (None, True, 10.0),
        (ended(NOW - timedelta(seconds=0.4)), False, 0.6),
        (ended(NOW - timedelta(minutes=1)), False, 0.25),
        (OperationState(Operation(), OperationPhase.RUNNING, started_at=NOW - timedelta(seconds=1)), False, 4.0),
        (OperationState(Operation(), OperationPhase.RUNNING, started_at=NOW - timedelta(minutes=1)), False, 0.25),
    ],
)
def test_beside_an_operation_a_write_waits_for_more(
    operation: OperationState | None, is_starting: bool, delay_s: float
) -> None:
    world = World()
    world.is_starting = is_starting
    assert world.write(record(operation)) == pytest.approx(delay_s)


def test_a_comparison_after_an_operation_reconciles_as_argocd_waits_for_it() -> None:
    world, before = World(), NOW - timedelta(minutes=5)
    world.write(record(ended(NOW - timedelta(seconds=30)), refreshed_at=before))
    assert world.sent[-1]["status"]["reconciledAt"] == "2026-11-24T11:59:30Z"
    later = ended(NOW - timedelta(seconds=10))
    world.write(dataclasses.replace(record(later, refreshed_at=before), compared_at=NOW - timedelta(seconds=20)))
    assert world.sent[-1]["status"]["reconciledAt"] == "2026-11-24T11:55:00Z"


def test_an_operation_that_begins_after_a_write_was_due_is_waited_for() -> None:
    world, running = World(), OperationState(Operation(), OperationPhase.RUNNING, started_at=NOW)
    world.write(record(running))
    assert world.sent == []
    assert world.due.pop()[1] == pytest.approx(5.0)


def test_whoever_waits_for_a_refresh_is_not_kept_waiting_by_an_operation() -> None:
    world, running = World(), OperationState(Operation(), OperationPhase.RUNNING, started_at=NOW)
    asking = dataclasses.replace(record(running), app=application(**{"argocd.argoproj.io/refresh": "normal"}))
    world.seen = asking.app.raw
    assert world.writer.takes_refresh(asking.app)
    world.writer.refreshed(asking.key)
    world.due.clear()
    assert world.write(asking) == pytest.approx(0.25)
    assert "metadata" in world.sent[-1]


def observing() -> World:
    """An observer that has just synced."""
    world = World()
    world.is_leading = world.authority.is_leading = False
    world.was_ours = True
    return world


def test_an_observer_tells_what_its_own_sync_brought_about() -> None:
    world = observing()
    world.write(record(ended(NOW - timedelta(seconds=10))))
    assert world.sent[-1]["status"]["sync"]["status"] == "Synced"


@pytest.mark.parametrize(("minutes", "was_ours", "is_led"), [(6, True, False), (0, False, False), (0, True, True)])
def test_an_observer_tells_nothing_else(minutes: int, was_ours: bool, is_led: bool) -> None:
    world = observing()
    world.was_ours, world.is_led_elsewhere = was_ours, is_led
    world.write(record(ended(NOW - timedelta(minutes=minutes, seconds=10))))
    assert world.sent == []


def test_what_is_due_is_written_at_the_end() -> None:
    world = World()
    view = AppView("web", application(), sync=SyncStatus.SYNCED, compared_at=NOW)
    world.writer.write_soon(record(ended(NOW)), view)
    world.writer.flush(1.0)
    world.writer.flush(1.0)
    assert len(world.sent) == 1


def test_what_an_operation_brought_about_is_told_at_once_and_only_the_rest_waits_for_a_slow_server() -> None:
    world, one = World(), record(ended(NOW - timedelta(seconds=10)))
    world.writer._paces[one.key].rest_s = lambda at_least_s=0.0: 9.0  # type: ignore[method-assign]
    assert world.write(one) == pytest.approx(0.25) and len(world.sent) == 1
    assert world.write(one, HealthStatus.DEGRADED) == pytest.approx(9.0) and len(world.sent) == 1
    later = dataclasses.replace(one, state=AppState({}, ended(NOW - timedelta(seconds=5))))
    world.due.clear()
    assert world.write(later, HealthStatus.DEGRADED) == pytest.approx(0.25) and len(world.sent) == 2
