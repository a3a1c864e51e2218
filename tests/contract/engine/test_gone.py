"""An operation whose Application goes away while it runs: no thread and no place of it is left."""

from __future__ import annotations

import threading

import pytest

from gitops_tui.model.status import OperationPhase, SyncStatus
from tests.contract.engine.objects import automated, gate, in_wave, job
from tests.contract.engine.site import Running, Site
from tests.contract.target import eventually

PATH = "/apis/argoproj.io/v1alpha1/namespaces/{ns}/applications/shop"


def threads() -> set[str]:
    return {one.name for one in threading.enumerate() if one.name.startswith("operation ")}


def waiting(site: Site, *, in_cluster: bool) -> Running:
    """One that automation began and that waits for a gate: with it the only place of those that begin."""
    site.commit(
        "begin", {"apps/shop/all.json": [gate(), in_wave(1, "late")], "apps/next/all.json": [in_wave(0, "own")]}
    )
    site.application("shop", in_cluster=in_cluster, **automated())
    running = site.engine(from_cluster=in_cluster, reconcile=True, settings=site.settings(operation_processors=1))
    running.until("shop", lambda view: view.operation is not None and "healthy state" in view.operation.message)
    assert any("shop" in name for name in threads())
    return running


@pytest.mark.parametrize("in_cluster", [True, False])
def test_it_ends_with_its_application(site: Site, in_cluster: bool) -> None:
    running = waiting(site, in_cluster=in_cluster)
    if in_cluster:
        site.target.ok("DELETE", PATH)
    else:
        (site.apps / "shop.json").unlink()
    eventually(lambda: running.engine.snapshot().find(running.key("shop")) is None)
    eventually(lambda: not running.engine.running_operations())
    eventually(lambda: not any("shop" in name for name in threads()))
    site.open_gate()
    site.application("next", in_cluster=in_cluster, **automated())
    running.until("next", lambda view: view.sync is SyncStatus.SYNCED)
    told = [(one.at, one.app.name, one.text) for one in running.engine.snapshot().journal]
    assert site.data("own") is not None, f"its place was free: {told}"
    assert site.data("late") is None, f"it did nothing more: {told}"


def test_one_of_the_same_name_is_another_one(site: Site) -> None:
    """Deleted and made anew at once: nothing of the operation before is written to it."""
    running = waiting(site, in_cluster=True)
    first = site.object("shop")
    anew = {"apiVersion": first["apiVersion"], "kind": "Application", "spec": {**first["spec"]}}
    del anew["spec"]["syncPolicy"]
    site.target.ok("DELETE", PATH)
    site.target.ok("POST", PATH.rpartition("/")[0], {**anew, "metadata": {"name": "shop"}})
    eventually(lambda: not running.engine.running_operations())
    view = running.until("shop", lambda view: view.app.raw["metadata"]["uid"] != first["metadata"]["uid"])
    running.until("shop", lambda view: view.sync is SyncStatus.OUT_OF_SYNC and view.operation is None)
    site.open_gate()
    operation = running.ended(view.app.name, running.execute(running.plan("shop")))
    assert operation.phase is OperationPhase.SUCCEEDED, operation.message
    assert operation.operation.initiated_by.automated is False


def test_a_hook_that_was_made_stays_as_it_is(site: Site) -> None:
    """Nobody knows whether it is still wanted; Argo CD leaves it, too."""
    before = job("before", hook="PreSync", annotations={"test/done-after": "600s"})
    before["spec"]["suspend"] = True
    site.commit("begin", {"apps/shop/all.json": [before, in_wave(0, "own")]})
    site.application("shop", in_cluster=True, **automated())
    running = site.engine(from_cluster=True, reconcile=True)
    running.until("shop", lambda view: view.operation is not None and "completion of hook" in view.operation.message)
    site.target.ok("DELETE", PATH)
    eventually(lambda: not running.engine.running_operations())
    assert site.target.call("GET", site.path("jobs", "before")).code == 200
    patch = {"metadata": {"finalizers": []}}
    site.target.ok("PATCH", site.path("jobs", "before"), patch, content_type="application/merge-patch+json")
