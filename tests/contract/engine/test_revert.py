"""Reverts: pushed to the remote, never by force, and synced."""

from __future__ import annotations

import pytest

from gitops_tui.errors import GitOpsError, RevertConflict, StalePlanError
from gitops_tui.model.plan import Approval, ItemAction, Plan, PlanKind
from gitops_tui.model.status import SyncStatus
from tests.contract.engine.objects import Object, config_map, deployment
from tests.contract.engine.site import PATIENCE_S, Running, Site
from tests.contract.target import eventually


@pytest.fixture
def shop(site: Site) -> Running:
    """Two commits, the second of them deployed and wrong."""
    site.commit("begin", {"apps/shop/a.json": config_map("settings", a="1"), "apps/shop/b.json": config_map("other")})
    site.application("shop")
    site.commit("break it", {"apps/shop/a.json": config_map("settings", a="wrong")})
    running = site.engine()
    running.sync("shop")
    return running


def revert(running: Running, *shas: str) -> Plan:
    wanted = shas or (running.site.git("rev-parse", "HEAD"),)
    return running.engine.plan_revert(running.key("shop"), wanted).result(PATIENCE_S)


def tip(site: Site, branch: str = "main") -> str:
    return site.git("ls-remote", "origin", f"refs/heads/{branch}").partition("\t")[0]


def test_a_revert_is_planned_pushed_and_synced(shop: Running) -> None:
    site, before = shop.site, tip(shop.site)
    plan = revert(shop)
    assert plan.kind is PlanKind.REVERT and plan.revert is not None
    assert (plan.revert.branch, plan.revert.base, plan.revert.files) == ("main", before, ("apps/shop/a.json",))
    assert plan.revert.author == "Ada Lovelace <ada@example.org>"
    assert [item.key.name for item in plan.items if item.action is ItemAction.CONFIGURE] == ["settings"]
    assert tip(site) == before, "a plan pushes nothing"
    outcome = shop.execute(plan)
    assert outcome.ok and outcome.commit == tip(site) and not outcome.is_on_own_branch
    shop.ended("shop", outcome)
    assert site.data("settings") == {"a": "1"}
    view = shop.until("shop", lambda view: view.sync is SyncStatus.SYNCED)
    assert view.revision == view.deployed_revision == outcome.commit
    site.git("fetch", "--quiet")
    message = site.git("log", "-1", "--format=%an%n%B", "origin/main")
    assert message.startswith('Ada Lovelace\nRevert "break it"') and before in message
    assert site.git("rev-parse", "origin/main^") == before


def test_a_commit_may_be_named_by_its_first_digits(shop: Running) -> None:
    newest = shop.site.git("rev-parse", "HEAD")
    found = revert(shop, newest[:8]).revert
    assert found is not None and [commit.sha for commit in found.commits] == [newest]
    with pytest.raises(GitOpsError, match="'0000000' names no branch, tag or commit") as wrong:
        revert(shop, "0000000")
    assert "SHA of a commit" in wrong.value.hint


def test_a_revert_is_pushed_without_a_sync_where_that_is_wanted(shop: Running) -> None:
    outcome = shop.execute(revert(shop), Approval(then_sync=False))
    assert tip(shop.site) == outcome.commit
    shop.until("shop", lambda view: view.revision == outcome.commit and view.sync is SyncStatus.OUT_OF_SYNC)
    assert shop.site.data("settings") == {"a": "wrong"}


def test_a_branch_that_moved_makes_the_plan_stale(shop: Running) -> None:
    plan = revert(shop)
    bad = shop.site.git("rev-parse", "HEAD")
    moved = shop.site.commit("meanwhile", {"apps/shop/b.json": config_map("other", b="2")})
    with pytest.raises(StalePlanError, match="main moved"):
        shop.execute(plan)
    assert tip(shop.site) == moved
    shop.refreshed("shop")
    again = revert(shop, bad)
    assert again.revert is not None and again.revert.base == moved
    outcome = shop.execute(again)
    shop.ended("shop", outcome)
    assert shop.site.data("settings") == {"a": "1"} and shop.site.data("other") == {"b": "2"}


def test_a_cluster_that_moved_makes_the_plan_stale_and_nothing_is_pushed(shop: Running) -> None:
    plan, before = revert(shop), tip(shop.site)
    shop.site.set_data("settings", by="hand")
    shop.until("shop", lambda view: view.sync is SyncStatus.OUT_OF_SYNC or view.drift)
    with pytest.raises(StalePlanError, match="ConfigMap/settings changed in the cluster"):
        shop.execute(plan)
    assert tip(shop.site) == before
    shop.ended("shop", shop.execute(revert(shop)))
    assert (shop.site.data("settings") or {}).get("a") == "1"


def test_a_protected_branch_gets_the_revert_beside_it(shop: Running) -> None:
    site, before = shop.site, tip(shop.site)
    site.hook(
        "pre-receive",
        "while read old new ref; do\n"
        '  [ "$ref" = refs/heads/main ] || { echo "Create one: https://git.example.com/mr/new"; continue; }\n'
        '  echo "GL-HOOK-ERR: You are not allowed to push code to protected branches on this project."; exit 1\n'
        "done",
    )
    bad = before[:7]
    outcome = shop.execute(revert(shop))
    assert outcome.ok and outcome.is_on_own_branch
    assert outcome.link == "https://git.example.com/mr/new"
    assert tip(site) == before and tip(site, f"revert-{bad}") == outcome.commit
    assert site.data("settings") == {"a": "wrong"}
    assert shop.engine.running_operations() == ()


def test_what_git_cannot_revert_names_its_files(shop: Running) -> None:
    bad = shop.site.git("rev-parse", "HEAD")
    shop.site.commit("on top", {"apps/shop/a.json": config_map("settings", a="3")})
    shop.refreshed("shop")
    with pytest.raises(RevertConflict) as caught:
        revert(shop, bad)
    assert caught.value.files == ("apps/shop/a.json",)


def test_who_else_reads_the_files_is_named(shop: Running) -> None:
    twin = shop.site.application("twin", path="apps")
    eventually(lambda: shop.engine.snapshot().find(twin))
    assert shop.engine.wait_compared(PATIENCE_S)
    plan = revert(shop)
    assert plan.revert is not None and plan.revert.also_affects == (twin,)
    assert not any("also read" in text for text in plan.warnings), "each face tells it once, in its own words"


def _pods(running: Running) -> set[str]:
    """Names of the pods that are there."""
    (workload,) = (one for one in running.engine.tree(running.key("shop")).result(PATIENCE_S) if one.key.name == "web")
    return {pod.key.name for replica_set in workload.children for pod in replica_set.children}


def test_a_rollout_that_is_half_way_back_restarts_nothing(site: Site) -> None:
    """Its new pod is never available for long enough, so the old ones are all still there."""

    def web(image: str, **spec: int) -> dict[str, Object]:
        made = deployment("web", replicas=3, image=image)
        made["spec"] |= {"strategy": {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}, **spec}
        return {"apps/shop/web.json": made}

    site.commit("begin", web("registry.example/web:1"))
    site.application("shop")
    running = site.engine()
    running.sync("shop")
    before = eventually(lambda: found if len(found := _pods(running)) == 3 else None)
    site.commit("break it", web("registry.example/web:2", minReadySeconds=300))
    running.refreshed("shop")
    assert running.plan("shop").restarted_pods == 3
    running.sync("shop")
    eventually(lambda: len(_pods(running)) == 4)
    running.refreshed("shop")
    plan = revert(running)
    (item,) = plan.changes
    assert plan.restarted_pods == 0
    assert item.notes == ("3 pods run with this template already and stay; 1 pod of another ends",)
    running.ended("shop", running.execute(plan))
    eventually(lambda: _pods(running) == before)
