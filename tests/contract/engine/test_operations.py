"""One operation at a time, seen by everybody: ended, left behind, taken over; and holds."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import Any

import pytest

from gitops_tui.cluster.writer import Writer
from gitops_tui.engine.assignment import UNDOES
from gitops_tui.errors import InProgressError, OperationError
from gitops_tui.model.plan import SyncRequest
from gitops_tui.model.snapshot import Mode
from gitops_tui.model.status import OperationPhase, SyncStatus
from tests.contract.engine.objects import automated, config_map, gate, in_wave
from tests.contract.engine.site import Running, Site, key
from tests.contract.target import PATIENCE_S, eventually

IN_CLUSTER = pytest.mark.parametrize("in_cluster", [False, True], ids=["files", "objects"])


def waiting(site: Site, running: Running) -> None:
    """Begin a sync that waits for the gate."""
    running.execute(running.plan("shop"))
    running.until("shop", lambda view: view.progress is not None and view.progress.running)


@pytest.fixture
def in_cluster() -> bool:
    return False


@pytest.fixture
def shop(site: Site, in_cluster: bool) -> Site:
    site.commit("begin", {"apps/shop/all.json": [gate(), in_wave(1, "after")]})
    site.application("shop", in_cluster=in_cluster)
    return site


def test_a_second_operation_is_refused(shop: Site) -> None:
    one, two = shop.engine(), shop.engine()
    chosen = (key("ConfigMap", shop.namespace, "after"),)
    plans = [running.plan("shop", resources=chosen) for running in (one, two)]
    waiting(shop, one)
    for running, plan in zip((one, two), plans, strict=True):
        with pytest.raises(InProgressError):
            running.execute(plan)
    view = two.until("shop", lambda view: view.operation is not None)
    assert view.operation_owner and not view.is_orphaned_operation
    assert two.plan("shop").blockers == ("another operation of shop is in progress",)
    with pytest.raises(OperationError, match="in progress"):
        two.execute(two.plan("shop"))
    with pytest.raises(OperationError, match="no operation of shop was left behind"):
        two.engine.resume(two.key("shop")).result(PATIENCE_S)


def test_an_operation_is_terminated_where_it_runs(shop: Site) -> None:
    running = shop.engine()
    waiting(shop, running)
    running.engine.terminate(running.key("shop")).result(PATIENCE_S)
    view = running.until("shop", lambda view: view.operation and view.operation.phase.is_completed)
    assert view.operation is not None
    assert (view.operation.phase, view.operation.message) == (OperationPhase.FAILED, "Operation terminated")
    assert shop.data("after") is None and view.history == ()


@IN_CLUSTER
def test_an_operation_is_terminated_from_another_instance(shop: Site) -> None:
    one, two = (shop.engine(from_cluster=shop.apps_are_objects) for _ in range(2))
    waiting(shop, one)
    two.until("shop", lambda view: view.operation is not None)
    two.engine.terminate(two.key("shop")).result(PATIENCE_S)
    view = two.until("shop", lambda view: view.operation and view.operation.phase.is_completed)
    assert view.operation is not None and view.operation.phase is OperationPhase.FAILED
    eventually(lambda: one.engine.running_operations() == ())


@IN_CLUSTER
def test_an_operation_that_was_left_behind_is_resumed_to_its_end(shop: Site) -> None:
    one = shop.engine(from_cluster=shop.apps_are_objects)
    waiting(shop, one)
    one.engine.stop()
    two = shop.engine(from_cluster=shop.apps_are_objects)
    view = two.until("shop", lambda view: view.is_orphaned_operation)
    assert view.operation_owner and two.plan("shop").blockers
    two.engine.resume(two.key("shop")).result(PATIENCE_S)
    shop.open_gate()
    view = two.until("shop", lambda view: view.operation and view.operation.phase.is_completed)
    assert view.operation is not None and view.operation.phase is OperationPhase.SUCCEEDED, view.operation
    assert shop.data("after") == {"key": "value"}
    assert not view.is_orphaned_operation and len(view.history) == 1
    two.engine.stop()
    three = shop.engine(from_cluster=shop.apps_are_objects)
    assert three.view("shop").history == view.history, "what happened survives a restart"
    assert three.view("shop").deployed_revision == shop.git("rev-parse", "HEAD")


def test_an_operation_that_was_left_behind_is_terminated(shop: Site) -> None:
    one = shop.engine()
    waiting(shop, one)
    one.engine.stop()
    two = shop.engine()
    two.until("shop", lambda view: view.is_orphaned_operation)
    two.engine.terminate(two.key("shop")).result(PATIENCE_S)
    view = two.until("shop", lambda view: view.operation and view.operation.phase.is_completed)
    assert view.operation is not None and view.operation.phase is OperationPhase.FAILED
    assert not view.is_orphaned_operation
    shop.open_gate()
    two.sync("shop")


def test_a_lease_that_runs_out_leaves_an_orphan(shop: Site) -> None:
    one = shop.engine()
    waiting(shop, one)
    two = shop.engine(ahead=timedelta(minutes=2))
    assert two.until("shop", lambda view: view.is_orphaned_operation).operation_owner


@IN_CLUSTER
def test_a_hold_is_obeyed_by_whoever_reconciles_and_ends_by_itself(site: Site, in_cluster: bool) -> None:
    site.commit("begin", {"apps/shop/all.json": [config_map("settings", a="1")]})
    site.application("shop", in_cluster=in_cluster, **automated())
    observer = site.engine(from_cluster=in_cluster)
    observer.engine.hold(observer.key("shop"), "an incident", None).result(PATIENCE_S)
    worker = site.engine(from_cluster=in_cluster, reconcile=True)
    eventually(lambda: worker.engine.snapshot().mode is Mode.RECONCILING)
    view = worker.until("shop", lambda view: any(one.code == "held" for one in view.log))
    assert view.hold is not None and view.hold.reason == "an incident"
    assert site.data("settings") is None
    assert any("is held by" in text for text in observer.plan("shop").warnings)
    observer.engine.hold(observer.key("shop"), "an incident", timedelta(seconds=3)).result(PATIENCE_S)
    ends = worker.until("shop", lambda view: view.hold and view.hold.expires).hold
    view = worker.until("shop", lambda view: view.sync is SyncStatus.SYNCED and view.operation)
    assert ends is not None and ends.expires is not None and view.operation is not None
    assert view.hold is None and view.operation.started_at >= ends.expires.replace(microsecond=0)
    assert site.data("settings") == {"a": "1"}


def test_a_hold_is_released_by_hand_and_belongs_to_somebody(site: Site) -> None:
    site.commit("begin", {"apps/shop/all.json": [config_map("settings", a="1")]})
    site.application("shop", **automated())
    worker = site.engine(reconcile=True)
    shop = worker.key("shop")
    worker.until("shop", lambda view: view.sync is SyncStatus.SYNCED)
    worker.engine.hold(shop, "at work", None).result(PATIENCE_S)
    site.set_data("settings", a="2")
    assert worker.engine.plan_sync([shop], SyncRequest()).result(PATIENCE_S).warnings
    worker.engine.release(shop).result(PATIENCE_S)
    assert worker.until("shop", lambda view: view.hold is None)


def test_an_engine_that_ends_among_its_writes_leaves_no_failure(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.commit("begin", {"apps/shop/all.json": [config_map(f"map-{number}") for number in range(12)]})
    site.application("shop")
    settings = site.settings(apply_parallelism=2, operation_lease_s=5.0)
    one = site.engine(settings=settings)
    apply, is_slow = Writer.apply, threading.Event()

    def slow(self: Writer, *words: Any, **how: Any) -> Any:
        if is_slow.is_set():
            time.sleep(0.7)
        return apply(self, *words, **how)

    monkeypatch.setattr(Writer, "apply", slow)
    is_slow.set()
    one.execute(one.plan("shop"))
    eventually(lambda: site.config_maps())
    one.engine.stop()
    names = ("operation", "requests")
    eventually(lambda: not [one for one in threading.enumerate() if one.name.startswith(names)])
    is_slow.clear()
    two = site.engine(settings=settings)
    view = two.until("shop", lambda view: view.is_orphaned_operation)
    assert view.operation is not None and view.operation.phase is OperationPhase.RUNNING
    two.engine.resume(two.key("shop")).result(PATIENCE_S)
    view = two.until("shop", lambda view: view.operation and view.operation.phase.is_completed)
    assert view.operation is not None and view.operation.phase is OperationPhase.SUCCEEDED, view.operation
    assert len(site.config_maps()) == 12 and len(view.history) == 1


def test_a_heal_that_was_left_behind_is_no_sync_of_everything(site: Site) -> None:
    site.commit("begin", {"apps/shop/all.json": [config_map("settings", a="1")]})
    site.application("shop", in_cluster=True)
    running = site.engine(from_cluster=True)
    # As an engine leaves it that dies while it removes what was added by hand.
    operation = {
        "sync": {"revision": site.git("rev-parse", "HEAD")}, "info": [dict(zip(("name", "value"), UNDOES, strict=True))]
    }  # fmt: skip
    state = {"phase": "Running", "operation": operation, "startedAt": "2026-11-24T01:00:00Z"}
    lease = '{"holder": "gone", "user": "ana", "expires": "2026-11-24T01:01:00Z"}'
    annotations = {"gitops-tui.io/operation-lease": lease}
    site.patch("shop", {"status": {"operationState": state}, "metadata": {"annotations": annotations}})
    running.until("shop", lambda view: view.is_orphaned_operation)
    with pytest.raises(OperationError, match="chosen in another program"):
        running.engine.resume(running.key("shop")).result(PATIENCE_S)
    running.engine.terminate(running.key("shop")).result(PATIENCE_S)
    view = running.until("shop", lambda view: view.operation and view.operation.phase.is_completed)
    assert view.operation is not None and view.operation.phase is OperationPhase.FAILED
    assert site.config_maps() == set()
