"""Who only looks writes nothing, and who may see little is shown that little."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gitops_tui.errors import ReadOnlyError
from gitops_tui.model.plan import Approval
from gitops_tui.model.snapshot import Mode
from gitops_tui.model.status import HealthStatus, OperationPhase, SyncStatus
from tests.contract.engine.objects import automated, config_map, secret
from tests.contract.engine.site import Site
from tests.contract.target import PATIENCE_S, eventually


@pytest.fixture
def keys(site: Site) -> Site:
    """A Secret and a ConfigMap, synced."""
    site.commit("begin", {"apps/keys/s.json": secret("keys", password="word"), "apps/keys/c.json": config_map("keys")})
    site.application("keys", **automated(heal=True, prune=True))
    running = site.engine()
    running.sync("keys")
    running.engine.stop()
    return site


def test_there_is_no_writing_client_in_read_only_mode(keys: Site) -> None:
    running = keys.engine(read_only=True, reconcile=True)
    engine, app = running.engine, running.key("keys")
    assert engine._clusters.home.writer is None
    assert engine.snapshot().mode is Mode.READ_ONLY and engine.is_read_only
    keys.set_data("keys", key="by hand")
    view = running.until("keys", lambda view: view.sync is SyncStatus.OUT_OF_SYNC)
    assert view.drift, "it still sees"
    plans = [running.plan("keys"), running.heal_plan("keys")]
    assert [plan.blockers for plan in plans] == [("read-only: nothing is written",)] * 2
    writes = [
        *(engine.execute(plan, Approval(typed="keys")) for plan in plans),
        engine.terminate(app), engine.resume(app), engine.hold(app, "no", timedelta(hours=1)), engine.release(app),
    ]  # fmt: skip
    for write in writes:
        with pytest.raises(ReadOnlyError):
            write.result(PATIENCE_S)
    assert keys.data("keys") == {"key": "by hand"}


def test_looking_makes_nothing(site: Site) -> None:
    site.commit("begin", {"apps/shop/all.json": [config_map("settings")]})
    site.application("shop")
    site.application("claimed", in_cluster=True, path="apps/shop")
    version = site.object("claimed")["metadata"]["resourceVersion"]
    for from_cluster in (False, True):
        running = site.engine(from_cluster=from_cluster)
        running.plan("claimed" if from_cluster else "shop")
        running.refreshed("claimed" if from_cluster else "shop")
        running.engine.stop()
    assert site.state_maps() == set() and site.config_maps() == set()
    assert site.object("claimed")["metadata"]["resourceVersion"] == version
    leases = site.target.ok("GET", "/apis/coordination.k8s.io/v1/namespaces/{ns}/leases")["items"]
    assert leases == []


def test_what_may_not_be_read_is_neither_missing_nor_pruned(keys: Site) -> None:
    running = keys.engine(user="viewer")
    view = running.view("keys")
    hidden = running.resource("keys", "Secret", "keys")
    assert hidden.is_restricted and hidden.exists and hidden.sync is SyncStatus.UNKNOWN and hidden.health is None
    assert running.resource("keys", "ConfigMap", "keys").sync is SyncStatus.SYNCED
    assert view.sync is SyncStatus.UNKNOWN and view.health.status is not HealthStatus.MISSING
    assert any(one.type == "RestrictedWarning" and "Secret" in one.message for one in view.conditions)
    assert "Secret" in eventually(lambda: running.engine.snapshot().cluster.restricted)
    keys.commit("drop", {"apps/keys/s.json": None})
    assert running.refreshed("keys").sync is SyncStatus.SYNCED
    assert running.plan("keys", prune=True).prunes == ()


def test_a_write_that_is_forbidden_says_so_and_leaves_nothing(keys: Site) -> None:
    keys.set_data("keys", key="by hand")
    running = keys.engine(user="viewer")
    plan = running.plan("keys")
    with pytest.raises(Exception, match="cannot"):
        running.execute(plan)
    assert running.engine.running_operations() == ()
    assert keys.data("keys") == {"key": "by hand"}
    operation = running.view("keys").operation
    assert operation is not None and operation.phase is OperationPhase.SUCCEEDED, "the one of before"
