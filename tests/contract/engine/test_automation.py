"""What happens by itself: syncs, heals, and what automation leaves to a person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from gitops_tui.model.operation import OperationState
from gitops_tui.model.snapshot import AppView, Mode
from gitops_tui.model.status import OperationPhase, SyncStatus
from tests.contract.engine.objects import automated, config_map
from tests.contract.engine.site import Running, Site
from tests.contract.target import eventually

WRONG = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "wrong"}, "spec": {"ports": [{"port": 99999}]}}


def worker(site: Site, **reconcile: Any) -> Running:
    """An engine that reconciles."""
    from_cluster = site.apps_are_objects
    running = site.engine(reconcile=True, from_cluster=from_cluster, settings=site.settings(**reconcile))
    eventually(lambda: running.engine.snapshot().mode is Mode.RECONCILING)
    return running


def condition(view: AppView, kind: str) -> str:
    return next((one.message for one in view.conditions if one.type == kind), "")


def codes(view: AppView) -> list[str]:
    return [one.code for one in view.log]


def operation(view: AppView) -> OperationState:
    assert view.operation is not None
    return view.operation


def test_an_instance_that_observes_begins_nothing(site: Site) -> None:
    site.commit("begin", {"apps/shop/all.json": [config_map("settings", a="1")]})
    site.application("shop", **automated(heal=True))
    running = site.engine()
    view = running.until("shop", lambda view: "observing" in codes(view))
    assert view.operation is None and site.data("settings") is None
    assert site.state_maps() == set()


def test_a_new_commit_is_synced_and_drift_healed(site: Site) -> None:
    site.commit("begin", {"apps/shop/all.json": [config_map("settings", a="1"), config_map("other", a="1")]})
    site.application("shop", **automated(heal=True))
    running = worker(site)
    eventually(lambda: site.data("settings") == {"a": "1"})
    running.until("shop", lambda view: view.sync is SyncStatus.SYNCED and view.progress is None)
    site.commit("newer", {"apps/shop/all.json": [config_map("settings", a="2"), config_map("other", a="1")]})
    running.refreshed("shop")
    eventually(lambda: site.data("settings") == {"a": "2"})
    running.until("shop", lambda view: view.sync is SyncStatus.SYNCED and view.progress is None)
    site.set_data("settings", a="by hand")
    eventually(lambda: site.data("settings") == {"a": "2"})
    view = running.until(
        "shop", lambda view: operation(view).operation.resources and operation(view).phase.is_completed
    )
    assert [one.name for one in operation(view).operation.resources] == ["settings"]
    assert operation(view).operation.self_heal_attempts == 1
    assert operation(view).operation.initiated_by.automated
    assert len(view.history) == 2, "a heal is no deployment"


def test_without_self_heal_drift_stays(site: Site) -> None:
    site.commit("begin", {"apps/shop/all.json": [config_map("settings", a="1")]})
    site.application("shop", **automated())
    running = worker(site)
    running.until("shop", lambda view: view.sync is SyncStatus.SYNCED and view.progress is None)
    site.set_data("settings", a="by hand")
    running.until("shop", lambda view: "self-heal-off" in codes(view))
    assert site.data("settings") == {"a": "by hand"}


def test_a_revision_is_tried_once(site: Site) -> None:
    site.commit("begin", {"apps/shop/all.json": [config_map("settings", a="1"), WRONG]})
    site.application("shop", **automated(heal=True, retry={"limit": 0}))
    running = worker(site)
    view = running.until("shop", lambda view: condition(view, "SyncError"))
    assert "Failed last sync attempt" in condition(view, "SyncError")
    tried = operation(view)
    assert tried.phase is OperationPhase.FAILED
    for number in range(3):
        site.set_data("settings", a=f"by hand {number}")
        compared = running.view("shop").compared_at
        running.until("shop", lambda view, compared=compared: view.compared_at != compared)
    assert operation(running.view("shop")) == tried
    site.commit("mend", {"apps/shop/all.json": [config_map("settings", a="3")]})
    running.refreshed("shop")
    view = running.until("shop", lambda view: view.sync is SyncStatus.SYNCED and not condition(view, "SyncError"))
    assert site.data("settings") == {"a": "3"}


def test_heals_of_one_revision_back_off(site: Site) -> None:
    site.commit("begin", {"apps/shop/all.json": [config_map("settings", a="1")]})
    site.application("shop", **automated(heal=True))
    running = worker(site, self_heal_backoff_s=4.0)
    running.until("shop", lambda view: view.sync is SyncStatus.SYNCED and view.progress is None)
    site.set_data("settings", a="once")
    first = running.until("shop", healed(1))
    running.until("shop", lambda view: view.sync is SyncStatus.SYNCED)
    site.set_data("settings", a="twice")
    second = running.until("shop", healed(2))
    ended, began = operation(first).finished_at, operation(second).started_at
    assert ended is not None and began - ended > timedelta(seconds=3)  # whole seconds
    eventually(lambda: site.data("settings") == {"a": "1"})


def healed(times: int) -> Callable[[AppView], bool]:
    """Whether the heal of this number is over."""
    return lambda view: operation(view).operation.self_heal_attempts == times and view.progress is None


def many(number: int) -> list[dict[str, Any]]:
    return [config_map(f"map-{one}") for one in range(number)]


@pytest.fixture
def guarded(site: Site) -> Running:
    """Of 25 objects Git keeps one, and automation holds the prune back."""
    site.commit("begin", {"apps/shop/all.json": many(25)})
    site.application("shop", in_cluster=True, **automated(prune=True))
    running = worker(site)
    running.until("shop", lambda view: view.sync is SyncStatus.SYNCED and view.progress is None)
    site.commit("drop most", {"apps/shop/all.json": many(1)})
    running.refreshed("shop")
    view = running.until("shop", lambda view: condition(view, "PruneApprovalNeeded"))
    assert "it would delete 24 of 25 objects" in condition(view, "PruneApprovalNeeded")
    assert len(site.config_maps()) == 25
    return running


def test_a_large_prune_waits_for_a_person_who_syncs(site: Site, guarded: Running) -> None:
    plan = guarded.plan("shop", prune=True)
    assert (len(plan.prunes), plan.must_type) == (24, "shop")
    guarded.execute(plan)
    eventually(lambda: site.config_maps() == {"map-0"})
    guarded.until("shop", lambda view: view.sync is SyncStatus.SYNCED and not condition(view, "PruneApprovalNeeded"))


def test_a_large_prune_waits_for_an_approval(site: Site, guarded: Running) -> None:
    status = lambda: site.object("shop").get("status") or {}  # noqa: E731 - asked again and again
    eventually(lambda: [one["type"] for one in status().get("conditions") or ()] == ["PruneApprovalNeeded"])
    approved = {"metadata": {"annotations": {"gitops-tui.io/prune-approved": site.git("rev-parse", "HEAD").strip()}}}
    site.patch("shop", approved)
    eventually(lambda: site.config_maps() == {"map-0"})
    eventually(lambda: not status().get("conditions"))


@pytest.mark.parametrize("is_allowed", [False, True], ids=["refused", "allowed"])
def test_nothing_in_git_prunes_everything_only_where_that_is_allowed(site: Site, is_allowed: bool) -> None:
    site.commit("begin", {"apps/shop/all.json": many(2), "apps/shop/README.md": "Maps."})
    site.application("shop", **automated(prune=True, heal=True, empty=is_allowed))
    running = worker(site)
    running.until("shop", lambda view: view.sync is SyncStatus.SYNCED and view.progress is None)
    site.commit("drop all", {"apps/shop/all.json": None})
    running.refreshed("shop")
    if is_allowed:
        eventually(lambda: site.config_maps() == set())
        return
    view = running.until("shop", lambda view: condition(view, "SyncError"))
    assert "auto-sync will wipe out all resources" in condition(view, "SyncError")
    assert len(site.config_maps()) == 2


def test_one_of_two_instances_leads_and_the_other_takes_over(site: Site) -> None:
    site.commit("begin", {"apps/shop/all.json": [config_map("settings", a="1")]})
    site.application("shop", **automated(heal=True))
    one = worker(site)
    two = site.engine(reconcile=True)
    eventually(lambda: two.engine.snapshot().mode_reason.endswith("reconciles here"))
    assert two.engine.snapshot().mode is Mode.OBSERVING
    two.until("shop", lambda view: "not-leading" in codes(view))
    one.until("shop", lambda view: view.sync is SyncStatus.SYNCED and view.progress is None)
    one.engine.stop()
    eventually(lambda: two.engine.snapshot().mode is Mode.RECONCILING)
    site.set_data("settings", a="by hand")
    eventually(lambda: site.data("settings") == {"a": "1"})
