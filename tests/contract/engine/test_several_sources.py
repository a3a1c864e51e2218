"""An Application of two repositories: what is deployed, seen, healed and reverted is of each at its own commit."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from gitops_tui.errors import NotFound, OperationError, StalePlanError
from gitops_tui.model.own_commits import with_path_commits
from gitops_tui.model.plan import ItemAction
from gitops_tui.model.status import SyncStatus
from tests.contract.engine.objects import URL, Object, config_map
from tests.contract.engine.site import PATIENCE_S, Running, Site, key

SHARED_URL = "https://git.example.com/platform/shared.git"


class Shared:
    """The second repository."""

    def __init__(self, folder: Path) -> None:
        self.remote, self._clone = folder / "shared.git", folder / "shared"
        self._at = int(time.time())
        self._git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(self.remote))
        self._git(folder, "clone", "--quiet", str(self.remote), str(self._clone))

    def _git(self, directory: Path, *words: str) -> str:
        dates = dict.fromkeys(("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"), f"@{self._at} +0000")
        env = {**os.environ, **dates}
        done = subprocess.run(
            ("git", *words), cwd=directory, env=env, capture_output=True, text=True, check=True, timeout=60
        )
        return done.stdout.strip()

    def commit(self, subject: str, name: str, obj: Object) -> str:
        """Each a minute after the one before, so that there is an order."""
        self._at += 60
        path = self._clone / "base" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(obj))
        self._git(self._clone, "add", "--all")
        self._git(self._clone, "commit", "--quiet", "--message", subject)
        self._git(self._clone, "push", "--quiet", "origin", "HEAD")
        return self._git(self._clone, "rev-parse", "HEAD")

    def tip(self) -> str:
        return self._git(self.remote, "rev-parse", "main")


@pytest.fixture
def shared(site: Site) -> Shared:
    return Shared(site.folder)


@pytest.fixture
def shop(site: Site, shared: Shared) -> Running:
    """Deployed from both: ``settings`` of the first repository, ``common`` of the second."""
    site.commit("begin the shop", {"apps/shop/settings.json": config_map("settings", a="1")})
    shared.commit("begin what is shared", "common.json", config_map("common", b="1"))
    sources = [
        {"repoURL": URL, "path": "apps/shop", "targetRevision": "main"},
        {"repoURL": SHARED_URL, "path": "base", "targetRevision": "main"},
    ]
    site.application("shop", source=None, sources=sources)
    settings = site.settings()
    mapped = {**settings.repositories, SHARED_URL: str(shared.remote)}
    running = site.engine(settings=replace(settings, repositories=mapped))
    running.sync("shop")
    return running


def commits(running: Running) -> list[tuple[str, str, tuple[str, ...]]]:
    found = running.engine.commits(running.key("shop")).result(PATIENCE_S)
    return [(one.source, one.commit.subject, one.marks) for one in found]


def test_each_source_is_deployed_and_recorded_at_its_own_commit(shop: Running, shared: Shared) -> None:
    assert shop.site.data("settings") == {"a": "1"} and shop.site.data("common") == {"b": "1"}
    view = shop.view("shop")
    assert view.is_at_deployed and view.commits == (shop.site.git("rev-parse", "HEAD"), shared.tip())
    assert view.own_of_each(view.commits) == view.commits, "each commit touches its source's path"
    assert view.history[-1].revisions == view.commits and not view.history[-1].revision
    operation = view.operation
    assert operation is not None and operation.operation.revisions == view.commits


def test_the_commits_of_both_are_one_list(shop: Running, shared: Shared) -> None:
    newest = shared.commit("change what is shared", "common.json", config_map("common", b="2"))
    view = shop.refreshed("shop")
    assert view.trouble.what == f"{newest[:7]} Ada Lovelace waits: ConfigMap/common"
    assert commits(shop) == [
        ("shared", "change what is shared", ("target",)),
        ("shared", "begin what is shared", ("deployed",)),
        ("manifests", "begin the shop", ("deployed",)),
    ]
    patch = shop.engine.commit_patch(shop.key("shop"), newest).result(PATIENCE_S)
    assert "change what is shared" in patch and "common.json" in patch
    with pytest.raises(NotFound, match="no source of the application has the commit aaaaaaa"):
        shop.engine.commit_patch(shop.key("shop"), "a" * 40).result(PATIENCE_S)


def test_what_was_deployed_is_known_by_the_commits_of_its_own_paths(shop: Running, shared: Shared) -> None:
    """The branch was elsewhere when it was deployed, and has moved on since."""
    own = (shop.site.git("rev-parse", "HEAD"), shared.tip())
    deployed = shop.site.commit("another one's", {"apps/other/a.json": config_map("other", a="1")})
    shop.refreshed("shop")
    shop.sync("shop")
    shop.site.commit("another one's again", {"apps/other/a.json": config_map("other", a="2")})
    view = shop.refreshed("shop")
    assert view.history[-1].revisions == (deployed, own[1])
    told = [entry.text for entry in shop.engine.snapshot().journal]
    assert told.count(f"sync to {own[0][:7]}, {own[1][:7]} started") == 2
    assert view.own(deployed) == deployed, "not looked up with each comparison"
    found = shop.engine.path_commits(shop.key("shop")).result(PATIENCE_S)
    assert with_path_commits(view, found).own_of_each(view.history[-1].revisions) == own


def test_an_object_is_told_with_the_commit_of_its_own_repository(shop: Running, shared: Shared) -> None:
    newest = shared.commit("change what is shared", "common.json", config_map("common", b="2"))
    shop.refreshed("shop")
    detail = shop.engine.detail(shop.key("shop"), key("ConfigMap", shop.site.namespace, "common")).result(PATIENCE_S)
    assert detail.file == "base/common.json"
    assert detail.file_commit is not None and detail.file_commit.sha == newest


def test_what_was_changed_by_hand_is_drift_of_what_is_deployed(shop: Running) -> None:
    shop.site.set_data("common", b="by hand")
    view = shop.until("shop", lambda view: view.sync is SyncStatus.OUT_OF_SYNC)
    assert view.is_drifted and [one.key.name for one, _ in view.drift] == ["common"]


def test_a_heal_deploys_nothing_new_of_any_source(shop: Running, shared: Shared) -> None:
    shared.commit("change what is shared", "common.json", config_map("common", b="2"))
    shop.site.set_data("settings", a="by hand")
    shop.refreshed("shop")
    plan = shop.heal_plan("shop")
    assert [item.key.name for item in plan.items] == ["settings"]
    shop.ended("shop", shop.execute(plan))
    assert shop.site.data("settings") == {"a": "1"} and shop.site.data("common") == {"b": "1"}


def test_a_heal_of_other_sources_than_those_deployed_is_refused(shop: Running) -> None:
    shop.site.application("shop", source={"repoURL": URL, "path": "apps/shop", "targetRevision": "main"})
    shop.until("shop", lambda view: not view.app.has_multiple_sources and view.sync is SyncStatus.OUT_OF_SYNC)
    with pytest.raises(OperationError, match="other sources than those that were deployed"):
        shop.heal_plan("shop")


def test_a_plan_is_stale_where_any_of_the_sources_moved(shop: Running, shared: Shared) -> None:
    plan = shop.plan("shop")
    assert plan.sources == {shop.key("shop"): ("manifests", "shared")}
    told = [one.subject if one else "" for one in plan.commits[shop.key("shop")]]
    assert told == ["begin the shop", "begin what is shared"]
    newest = shared.commit("change what is shared", "common.json", config_map("common", b="2"))
    shop.refreshed("shop")
    with pytest.raises(StalePlanError, match=f"Git moved from .{{7}} to {newest[:7]}"):
        shop.execute(plan)


def test_a_commit_of_the_second_repository_is_reverted_there(shop: Running, shared: Shared) -> None:
    wrong = shared.commit("break what is shared", "common.json", config_map("common", b="wrong"))
    shop.refreshed("shop")
    shop.sync("shop")
    before = shop.site.git("rev-parse", "HEAD")
    plan = shop.engine.plan_revert(shop.key("shop"), (wrong[:8],)).result(PATIENCE_S)
    assert [item.key.name for item in plan.items if item.action is ItemAction.CONFIGURE] == ["common"]
    assert plan.revert is not None and plan.revert.repository == SHARED_URL
    outcome = shop.execute(plan)
    assert outcome.commit == shared.tip() != wrong
    shop.ended("shop", outcome)
    assert shop.site.data("common") == {"b": "1"}
    assert shop.view("shop").history[-1].revisions == (before, shared.tip())


def test_commits_of_several_repositories_are_not_reverted_at_once(shop: Running, shared: Shared) -> None:
    chosen = (shared.tip(), shop.site.git("rev-parse", "HEAD"))
    with pytest.raises(OperationError, match="several repositories"):
        shop.engine.plan_revert(shop.key("shop"), chosen).result(PATIENCE_S)


def test_one_source_is_deployed_at_another_revision(shop: Running, shared: Shared) -> None:
    """The others at what their own revisions name; an older commit of one is no plan that Git moved away from."""
    first = shared.tip()
    newest = shared.commit("change what is shared", "common.json", config_map("common", b="2"))
    shop.refreshed("shop")
    shop.sync("shop")
    plan = shop.plan("shop", revisions=("", first))
    assert plan.revisions[shop.key("shop")] == (shop.site.git("rev-parse", "HEAD"), first)
    operation = shop.ended("shop", shop.execute(plan))
    assert operation.operation.revisions == plan.revisions[shop.key("shop")]
    assert shop.site.data("common") == {"b": "1"}
    shop.until("shop", lambda view: view.sync is SyncStatus.OUT_OF_SYNC and view.commits[1] == newest)


def test_branches_of_one_repository_are_reverted_each_for_itself(site: Site) -> None:
    site.commit("begin", {"apps/shop/a.json": config_map("settings", a="1")})
    site.git("checkout", "--quiet", "-b", "stable")
    site.commit("begin stable", {"base/b.json": config_map("common", b="1")})
    wrong = site.commit("break stable", {"base/b.json": config_map("common", b="wrong")})
    sources = [
        {"repoURL": URL, "path": "apps/shop", "targetRevision": "main"},
        {"repoURL": URL, "path": "base", "targetRevision": "stable"},
    ]
    site.application("shop", source=None, sources=sources)
    running = site.engine()
    running.sync("shop")
    plan = running.engine.plan_revert(running.key("shop"), (wrong,)).result(PATIENCE_S)
    assert plan.revert is not None and plan.revert.branch == "stable"
    assert plan.revert.repository == "", "there is one"
    outcome = running.execute(plan)
    running.ended("shop", outcome)
    assert site.data("common") == {"b": "1"} and running.view("shop").commits[1] == outcome.commit
