"""Syncs: order, hooks, prunes and their brakes."""

from __future__ import annotations

import stat

import pytest

from gitops_tui.errors import OperationError
from gitops_tui.model.plan import Approval, ItemAction
from gitops_tui.model.status import HealthStatus, OperationPhase, ResultCode, SyncStatus
from tests.contract.engine.objects import config_map, gate, hook, in_wave, job
from tests.contract.engine.site import Running, Site, key


def written(site: Site, *names: str) -> list[int]:
    """When each ConfigMap was written, in the server's own order."""
    return [int(site.target.ok("GET", site.path("configmaps", one))["metadata"]["resourceVersion"]) for one in names]


def phases(running: Running) -> list[tuple[str, str]]:
    operation = running.view("shop").operation
    assert operation is not None and operation.sync_result is not None
    return [(str(one.sync_phase), one.key.name) for one in operation.sync_result.resources]


def test_hooks_and_waves_run_in_their_order(site: Site) -> None:
    objects = [
        in_wave(1, "second"), in_wave(-1, "first"), hook("PreSync", "before"),
        hook("PostSync", "after"), hook("PostSync", "brief", policy="HookSucceeded"), hook("SyncFail", "sorry"),
    ]  # fmt: skip
    site.commit("begin", {"apps/shop/all.json": objects})
    site.application("shop")
    running = site.engine()
    running.sync("shop")
    times = written(site, "before", "first", "second", "after")
    assert times == sorted(times)
    assert site.config_maps() == {"before", "first", "second", "after"}
    assert running.view("shop").sync is SyncStatus.SYNCED
    assert ("PreSync", "before") in phases(running) and ("PostSync", "brief") in phases(running)


def test_what_is_to_be_skipped_is_left_as_it_is(site: Site) -> None:
    """Neither made nor written, and above all not pruned: it stands in Git, though the live one says nothing of it."""
    site.commit("begin", {"apps/shop/all.json": [config_map("plain"), config_map("kept", key="old")]})
    site.application("shop")
    running = site.engine()
    running.sync("shop")
    skips = [hook("Skip", "kept"), hook("Skip", "never-made")]
    site.commit("skip them", {"apps/shop/all.json": [config_map("plain"), *skips]})
    view = running.refreshed("shop")
    assert view.sync is SyncStatus.SYNCED and view.health.status is HealthStatus.HEALTHY
    kept = running.resource("shop", "ConfigMap", "kept")
    assert (kept.sync, kept.requires_pruning, kept.drift) == (None, False, ())
    plan = running.plan("shop", prune=True)
    assert [item.key.name for item in plan.items] == ["plain"] and not running.heal_plan("shop").items
    running.sync("shop", prune=True)
    assert site.data("kept") == {"key": "old"} and site.data("never-made") is None


def test_a_wave_waits_until_what_it_made_is_healthy(site: Site) -> None:
    site.commit("begin", {"apps/shop/all.json": [gate(), in_wave(1, "after")]})
    site.application("shop")
    running = site.engine()
    outcome = running.execute(running.plan("shop"))
    view = running.until("shop", lambda view: view.progress is not None and view.progress.running)
    assert view.progress is not None
    assert view.progress.running[0][0] == key("Service", site.namespace, "gate")
    assert view.trouble.what.startswith("wave 0: Service/gate")
    assert site.data("after") is None
    site.open_gate()
    assert running.ended("shop", outcome).phase is OperationPhase.SUCCEEDED
    assert site.data("after") == {"key": "value"}


def test_a_job_runs_before_the_sync_and_holds_it(site: Site) -> None:
    site.target.require_controllers()
    site.commit("begin", {"apps/shop/all.json": [config_map("settings"), job("migrate", hook="PreSync")]})
    site.application("shop")
    running = site.engine()
    running.sync("shop")
    assert phases(running) == [("PreSync", "migrate"), ("Sync", "settings")]


def test_replace_and_force_together_make_an_object_anew_at_every_sync(site: Site) -> None:
    """The way to run a Job with each sync; without ``Force`` the object is only overwritten."""
    both = job("each-time", annotations={"argocd.argoproj.io/sync-options": "Force=true,Replace=true"})
    both["spec"]["suspend"] = True
    put = config_map("put", annotations={"argocd.argoproj.io/sync-options": "Replace=true"})
    site.commit("begin", {"apps/shop/all.json": [both, put]})
    site.application("shop")
    running = site.engine()

    def uids() -> list[str]:
        found = [site.target.ok("GET", "/apis/batch/v1/namespaces/{ns}/jobs/each-time")]
        found.append(site.target.ok("GET", site.path("configmaps", "put")))
        return [one["metadata"]["uid"] for one in found]

    running.sync("shop")
    before = uids()
    site.target.ok("PATCH", site.path("configmaps", "put"), {"data": {"by": "hand"}},
                   content_type="application/merge-patch+json")  # fmt: skip
    running.sync("shop")
    after = uids()
    assert before[0] != after[0] and before[1] == after[1]
    assert site.data("put") == {"key": "value"}, "a replaced object is as Git has it, without what others added"


def test_a_namespace_is_made_where_the_application_asks_for_it(site: Site) -> None:
    other = f"{site.namespace}-new"
    site.commit("begin", {"apps/shop/all.json": [config_map("settings")]})
    policy = {"syncOptions": ["CreateNamespace=true"], "managedNamespaceMetadata": {"labels": {"team": "shop"}}}
    site.application("shop", namespace=other, syncPolicy=policy)
    running = site.engine()
    plan = running.plan("shop")
    assert not [item.error for item in plan.items if item.error]
    try:
        running.sync("shop")
        made = site.target.ok("GET", f"/api/v1/namespaces/{other}")
        assert made["metadata"]["labels"]["team"] == "shop"
        assert site.target.call("GET", site.path("configmaps", "settings", other)).code == 200
    finally:
        site.target.call("DELETE", f"/api/v1/namespaces/{other}")


def test_what_git_lost_stays_without_prune_and_is_saved_before_it_goes(site: Site) -> None:
    files = {f"apps/shop/{number}.json": config_map(f"map-{number}", a=str(number)) for number in range(6)}
    site.commit("begin", dict(files))
    site.application("shop")
    running = site.engine()
    running.sync("shop")
    site.commit("drop one", {"apps/shop/3.json": None})
    assert running.refreshed("shop").sync is SyncStatus.OUT_OF_SYNC
    left = running.plan("shop")
    assert [(item.action, item.key.name) for item in left.items if item.action is not ItemAction.UNCHANGED] == [
        (ItemAction.SKIP, "map-3")
    ]
    running.ended("shop", running.execute(left))
    assert site.data("map-3") == {"a": "3"}
    plan = running.plan("shop", prune=True)
    assert [item.key.name for item in plan.prunes] == ["map-3"] and not plan.must_type
    operation = running.ended("shop", running.execute(plan))
    assert operation.sync_result is not None
    assert [one.key.name for one in operation.sync_result.resources if one.status is ResultCode.PRUNED] == ["map-3"]
    assert site.config_maps() == {f"map-{number}" for number in (0, 1, 2, 4, 5)}
    (saved,) = (site.folder / "deleted").rglob("*.yaml")
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    site.target.kubectl("create", "-f", str(saved))
    assert site.data("map-3") == {"a": "3"}


def test_a_large_prune_needs_the_name_or_its_number(site: Site) -> None:
    site.commit("begin", {f"apps/shop/{number}.json": config_map(f"map-{number}") for number in range(4)})
    site.application("shop")
    running = site.engine()
    running.sync("shop")
    site.commit("drop two", {"apps/shop/0.json": None, "apps/shop/1.json": None})
    running.refreshed("shop")
    plan = running.plan("shop", prune=True)
    assert (plan.must_type, plan.must_type_reason) == ("shop", "deletes 2 of 4 objects")
    for refused in (Approval(), Approval(typed="shopp"), Approval(prune_count=1)):
        with pytest.raises(OperationError, match="'shop' must be typed"):
            running.execute(plan, refused)
    assert len(site.config_maps()) == 4
    running.ended("shop", running.execute(plan, Approval(prune_count=2)))
    assert site.config_maps() == {"map-2", "map-3"}


def test_a_saved_object_that_cannot_be_written_stops_its_deletion(site: Site) -> None:
    site.commit("begin", {f"apps/shop/{number}.json": config_map(f"map-{number}") for number in range(6)})
    site.application("shop")
    running = site.engine()
    running.sync("shop")
    (site.folder / "deleted").write_text("in the way")
    site.commit("drop one", {"apps/shop/0.json": None})
    running.refreshed("shop")
    operation = running.ended("shop", running.execute(running.plan("shop", prune=True)))
    assert operation.phase is OperationPhase.FAILED
    assert len(site.config_maps()) == 6
    assert operation.sync_result is not None
    assert any("cannot be saved before it is deleted" in one.message for one in operation.sync_result.resources)


def test_one_object_of_many_and_a_dry_run(site: Site) -> None:
    site.commit("begin", {"apps/shop/all.json": [config_map("one"), config_map("two")]})
    site.application("shop")
    running = site.engine()
    running.ended("shop", running.execute(running.plan("shop", dry_run=True)))
    assert site.config_maps() == set()
    chosen = (key("ConfigMap", site.namespace, "two"),)
    operation = running.ended("shop", running.execute(running.plan("shop", resources=chosen)))
    assert operation.operation.resources == chosen
    assert site.config_maps() == {"two"}
    assert running.view("shop").history == (), "neither is a deployment"


def test_what_the_server_refuses_stands_in_the_plan_and_fails_only_itself(site: Site) -> None:
    wrong = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "wrong"}, "spec": {"ports": [{"port": 99999}]}}
    site.commit("begin", {"apps/shop/all.json": [config_map("right"), wrong]})
    site.application("shop")
    running = site.engine()
    plan = running.plan("shop")
    (refused,) = [item for item in plan.items if item.error]
    assert refused.key.name == "wrong" and "99999" in refused.error
    assert plan.confirmed_by_server_s is None
    operation = running.ended("shop", running.execute(plan))
    assert operation.phase is OperationPhase.FAILED and operation.sync_result is not None
    assert site.config_maps() == {"right"}
    results = {one.key.name: one.status for one in operation.sync_result.resources}
    assert results == {"right": ResultCode.SYNCED, "wrong": ResultCode.SYNC_FAILED}


def test_what_is_of_a_wrong_type_fails_for_itself(site: Site) -> None:
    """The dry run before a sync is no check of types: the server's is asked with the object itself."""
    wrong = {**gate(), "spec": {"ports": [{"port": "eighty"}]}}
    site.commit("begin", {"apps/shop/all.json": [wrong, config_map("settings")]})
    site.application("shop")
    running = site.engine()
    operation = running.ended("shop", running.execute(running.plan("shop")))
    assert operation.phase is OperationPhase.FAILED and operation.sync_result is not None
    assert {one.key.name: one.status for one in operation.sync_result.resources} == {
        "settings": ResultCode.SYNCED,
        "gate": ResultCode.SYNC_FAILED,
    }


def test_a_commit_of_before_is_deployed_where_it_is_named(site: Site) -> None:
    first = site.commit("begin", {"apps/shop/all.json": [config_map("settings", a="1")]})
    site.commit("newer", {"apps/shop/all.json": [config_map("settings", a="2")]})
    site.application("shop")
    running = site.engine()
    running.sync("shop")
    assert site.data("settings") == {"a": "2"}
    running.ended("shop", running.execute(running.plan("shop", revision=first)))
    assert site.data("settings") == {"a": "1"}
    view = running.view("shop")
    assert [one.revision for one in view.history][-1] == view.deployed_revision == first
    assert view.sync is SyncStatus.OUT_OF_SYNC


def test_a_plan_is_at_what_the_branch_says_now(site: Site) -> None:
    site.commit("begin", {"apps/shop/all.json": [config_map("settings", a="1")]})
    site.application("shop")
    running = site.engine()
    newest = site.commit("change", {"apps/shop/all.json": [config_map("settings", a="2")]})
    plan = running.plan("shop")
    assert set(plan.revisions.values()) == {(newest,)} and not plan.warnings


def test_a_plan_says_that_git_does_not_answer(site: Site) -> None:
    last = site.commit("begin", {"apps/shop/all.json": [config_map("settings", a="1")]})
    site.application("shop")
    running = site.engine()
    site.remote.rename(site.folder / "away.git")
    plan = running.plan("shop")
    assert set(plan.revisions.values()) == {(last,)} and "Git does not answer" in plan.warnings[0]
