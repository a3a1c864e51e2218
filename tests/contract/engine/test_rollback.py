"""Back to an entry of the history: its source and revision, no hooks, refused while auto-sync is on."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_tui.errors import OperationError
from gitops_tui.model.plan import ItemAction, Plan, PlanKind
from gitops_tui.model.status import OperationPhase, SyncStatus
from tests.contract.engine.objects import automated, config_map, hook
from tests.contract.engine.site import PATIENCE_S, Running, Site
from tests.contract.engine.test_automation import worker
from tests.contract.target import eventually


def rollback(running: Running, entry: int | None = None, *, prune: bool = False) -> Plan:
    return running.engine.plan_rollback(running.key("shop"), entry, prune=prune).result(PATIENCE_S)


def twice(site: Site, **spec: Any) -> Running:
    """Deployed at two commits; the second one brought an object and a hook."""
    site.commit("one", {"apps/shop/all.json": [config_map("settings", a="1")]})
    site.application("shop", **spec)
    running = site.engine(from_cluster=site.apps_are_objects)
    running.sync("shop")
    both = [config_map("settings", a="2"), config_map("extra"), hook("PreSync", "before")]
    site.commit("two", {"apps/shop/all.json": both})
    running.refreshed("shop")
    running.sync("shop")
    return running


def test_the_entry_before_is_deployed_again_without_hooks(site: Site) -> None:
    running = twice(site)
    first, second = running.view("shop").history
    site.target.ok("DELETE", site.path("configmaps", "before"))
    plan = rollback(running, prune=True)
    assert (plan.kind, plan.revisions[running.key("shop")]) == (PlanKind.ROLLBACK, (first.revision,))
    assert {(item.key.name, item.action) for item in plan.changes} == {
        ("settings", ItemAction.CONFIGURE),
        ("extra", ItemAction.PRUNE),
    }
    operation = running.ended("shop", running.execute(plan))
    assert operation.phase is OperationPhase.SUCCEEDED, operation.message
    assert (operation.operation.strategy, operation.operation.source) == ("apply", first.source)
    assert site.data("settings") == {"a": "1"} and site.config_maps() == {"settings"}
    view = running.until("shop", lambda view: view.sync is SyncStatus.OUT_OF_SYNC)
    assert [one.revision for one in view.history] == [first.revision, second.revision, first.revision]
    assert [one.id for one in view.history] == [0, 1, 2]
    running.execute(rollback(running, 1, prune=True))
    eventually(lambda: site.data("settings") == {"a": "2"})


def test_the_source_of_the_entry_counts_and_not_todays(site: Site) -> None:
    """The path of the Application has changed since: what is rolled back to is read at its old path."""
    running = twice(site, in_cluster=True)
    site.commit("three", {"apps/moved/all.json": [config_map("settings", a="3")]})
    site.patch("shop", {"spec": {"source": {"path": "apps/moved"}}})
    running.until("shop", lambda view: view.app.source.path == "apps/moved")
    running.refreshed("shop")
    running.until("shop", lambda view: view.app.source.path == "apps/moved" and view.sync is SyncStatus.OUT_OF_SYNC)
    running.sync("shop", prune=True)
    assert site.data("settings") == {"a": "3"}
    operation = running.ended("shop", running.execute(rollback(running, 1)))
    assert operation.phase is OperationPhase.SUCCEEDED, operation.message
    assert site.data("settings") == {"a": "2"}
    assert operation.sync_result is not None
    assert (operation.sync_result.source or {})["path"] == "apps/shop"
    assert (running.view("shop").history[-1].source or {})["path"] == "apps/shop"


def test_why_a_rollback_is_refused(site: Site) -> None:
    running = twice(site)
    with pytest.raises(OperationError, match="does not have deployment id '7'"):
        rollback(running, 7)
    site.application("shop", **automated())
    running.engine.refresh(None)
    running.until("shop", lambda view: view.app.sync_policy.is_automated)
    with pytest.raises(OperationError, match="auto-sync is enabled") as refused:
        rollback(running)
    assert "--sync-policy none" in refused.value.hint


def test_an_operation_that_names_a_source_is_done_with_that_source(site: Site) -> None:
    """As ``argocd app rollback --core`` asks for it."""
    running = twice(site, in_cluster=True)
    first = running.view("shop").history[0]
    running.engine.stop()
    leader = worker(site)
    sync = {"revision": first.revision, "source": {**(first.source or {})}, "syncStrategy": {"apply": {}}}
    site.patch("shop", {"operation": {"sync": sync, "initiatedBy": {"username": "ana"}}})
    eventually(lambda: site.data("settings") == {"a": "1"})
    view = leader.until("shop", lambda view: len(view.history) == 3)
    assert (view.history[-1].revision, view.history[-1].initiated_by.username) == (first.revision, "ana")


@pytest.mark.parametrize(("limit", "kept"), [(1, [2]), (0, []), (None, [0, 1, 2])])
def test_how_many_entries_are_kept(site: Site, limit: int | None, kept: list[int]) -> None:
    site.commit("one", {"apps/shop/all.json": [config_map("settings")]})
    site.application("shop", in_cluster=True)
    if limit is not None:
        site.patch("shop", {"spec": {"revisionHistoryLimit": limit}})
    running = site.engine(from_cluster=True)
    for _ in range(3):
        running.sync("shop")
    assert [one.id for one in running.view("shop").history] == kept
    running.sync("shop", resources=(running.view("shop").resources[0].key,))
    running.ended("shop", running.execute(running.plan("shop", dry_run=True)))
    assert [one.id for one in running.view("shop").history] == kept, "selective and dry runs leave no trace"
