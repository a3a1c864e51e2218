"""``app sync --local``: a folder is deployed in place of Git; and objects that come with ``.operation``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gitops_tui.errors import OperationError
from gitops_tui.model.status import OperationPhase, SyncStatus
from tests.contract.engine.objects import automated, config_map, secret
from tests.contract.engine.site import PATIENCE_S, Running, Site
from tests.contract.target import eventually


def folder_of(site: Site, *objects: dict[str, object]) -> Path:
    folder = site.folder / "at-work"
    folder.mkdir(exist_ok=True)
    (folder / "all.json").write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)}))
    return folder


def deployed(site: Site, **spec: object) -> Running:
    site.commit("one", {"apps/shop/all.json": [config_map("settings", a="1"), config_map("old")]})
    site.application("shop", **spec)
    return site.engine(from_cluster=site.apps_are_objects)


def manifests(running: Running, folder: Path) -> tuple[str, ...]:
    return running.engine.local_manifests(running.key("shop"), folder)


def test_a_folder_is_deployed_and_git_says_otherwise_afterwards(site: Site) -> None:
    running = deployed(site)
    running.sync("shop")
    given = manifests(running, folder_of(site, config_map("settings", a="2"), secret("word", of="mouth")))
    plan = running.plan("shop", manifests=given, prune=True)
    assert {item.key.name: item.action.value for item in plan.changes} == {
        "settings": "configure",
        "word": "create",
        "old": "prune",
    }
    operation = running.ended("shop", running.execute(plan))
    assert operation.phase is OperationPhase.SUCCEEDED, operation.message
    assert site.data("settings") == {"a": "2"} and site.config_maps() == {"settings"}
    assert operation.operation.manifests == given and operation.operation.revision == ""
    assert operation.sync_result is not None and operation.sync_result.revision == ""
    view = running.until("shop", lambda view: view.sync is SyncStatus.OUT_OF_SYNC)
    assert [bool(entry.revision) for entry in view.history] == [True, False]
    word = running.resource("shop", "Secret", "word")
    assert word.requires_pruning, "Git does not have it"
    running.sync("shop", prune=True)
    assert site.data("settings") == {"a": "1"} and site.config_maps() == {"settings", "old"}


def test_one_object_of_a_folder(site: Site) -> None:
    running = deployed(site)
    given = manifests(running, folder_of(site, config_map("settings", a="2"), config_map("more")))
    chosen = next(one.key for one in running.view("shop").resources if one.key.name == "settings")
    operation = running.ended("shop", running.execute(running.plan("shop", manifests=given, resources=(chosen,))))
    assert operation.phase is OperationPhase.SUCCEEDED, operation.message
    assert site.config_maps() == {"settings"} and site.data("settings") == {"a": "2"}
    assert not running.view("shop").history


def test_automation_refuses_a_folder_but_not_its_dry_run(site: Site) -> None:
    running = deployed(site, **automated())
    given = manifests(running, folder_of(site, config_map("settings", a="2")))
    with pytest.raises(OperationError, match="cannot use local sync when Automatic Sync Policy is enabled"):
        running.execute(running.plan("shop", manifests=given))
    operation = running.ended("shop", running.execute(running.plan("shop", manifests=given, dry_run=True)))
    assert operation.phase is OperationPhase.SUCCEEDED, operation.message
    assert site.config_maps() == set()


def test_objects_that_come_with_the_operation_are_deployed_though_git_is_gone(site: Site) -> None:
    """``argocd app sync --local`` and others put them into ``.operation``."""
    deployed(site, in_cluster=True).engine.stop()
    running = site.engine(from_cluster=True, reconcile=True)
    site.remote.rename(site.folder / "elsewhere.git")
    given = [json.dumps(config_map("settings", a="3"))]
    site.patch("shop", {"operation": {"sync": {"manifests": given}, "initiatedBy": {"username": "ana"}}})
    eventually(lambda: site.data("settings") == {"a": "3"}, PATIENCE_S)
    view = running.until("shop", lambda view: view.operation is not None and view.operation.phase.is_completed)
    assert view.operation is not None and view.operation.phase is OperationPhase.SUCCEEDED, view.operation
    assert site.config_maps() == {"settings"}
    eventually(lambda: "operation" not in site.object("shop"))
    status = site.object("shop")["status"]
    assert status["operationState"]["operation"]["sync"]["manifests"] == given
    assert "revision" not in status["history"][-1]
