"""An Application that is deleted: its hooks, its objects wave by wave, its finalizers, and a source that is gone."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_tui.model.annotations import DELETION_APPROVED, POST_DELETE_FINALIZER, PRE_DELETE_FINALIZER
from gitops_tui.model.annotations import RESOURCES_FINALIZER as RESOURCES
from gitops_tui.model.snapshot import AppView
from tests.contract.engine.objects import automated, config_map, gate, hook, in_wave, job
from tests.contract.engine.site import Running, Site
from tests.contract.engine.test_automation import condition, worker
from tests.contract.target import eventually

HELM_AFTER = config_map(
    "helm-after", annotations={"helm.sh/hook": "post-delete", "helm.sh/hook-delete-policy": "hook-succeeded"}
)


def deployed(site: Site, objects: list[Any], names: set[str], finalizers: tuple[str, ...] = (RESOURCES,)) -> Running:
    """An Application that is deployed by itself and carries these finalizers."""
    site.commit("begin", {"apps/shop/all.json": objects})
    site.application("shop", in_cluster=True, **automated())
    site.patch("shop", {"metadata": {"finalizers": list(finalizers)}})
    running = worker(site)
    eventually(lambda: site.config_maps() == names)
    running.until("shop", lambda view: view.operation and view.operation.phase.is_completed)
    return running


def finalizers(site: Site) -> list[str]:
    return list(site.object("shop")["metadata"].get("finalizers") or ())


def delete(site: Site) -> None:
    site.target.ok("DELETE", f"{site._applications}/shop")


def is_gone(site: Site) -> bool:
    return site.target.call("GET", f"{site._applications}/shop").code == 404


def why(view: AppView) -> list[str]:
    return [one.code for one in view.log]


def test_hooks_before_and_after_and_waves_from_the_highest(site: Site) -> None:
    waits = gate("before")
    waits["metadata"]["annotations"] = {"argocd.argoproj.io/hook": "PreDelete"}
    last = hook("PostDelete", "after", policy="BeforeHookCreation")
    objects = [in_wave(0, "first"), in_wave(2, "last"), waits, last, HELM_AFTER]
    running = deployed(site, objects, {"first", "last"})
    pre, post = PRE_DELETE_FINALIZER, POST_DELETE_FINALIZER
    eventually(lambda: finalizers(site) == [RESOURCES, pre, f"{pre}/cleanup", post, f"{post}/cleanup"])
    running.until("shop", lambda view: view.sync.value == "Synced")  # hooks of a deletion are no part of a sync

    delete(site)
    service = "/api/v1/namespaces/{ns}/services/before"
    eventually(lambda: site.target.call("GET", service).code == 200)
    running.until("shop", lambda view: "deletion-hooks" in why(view))
    assert site.config_maps() == {"first", "last"}, "nothing is deleted before the hooks are done"
    site.open_gate("before")
    eventually(lambda: is_gone(site))
    eventually(lambda: site.config_maps() == {"after"})
    assert site.target.call("GET", service).code == 404, "a hook that stays is one of the objects"


def test_hooks_that_leave_git_take_their_finalizers_along(site: Site) -> None:
    objects = [config_map("settings"), hook("PreDelete", "before")]
    running = deployed(site, objects, {"settings"}, ("example.com/other",))
    eventually(lambda: len(finalizers(site)) == 3)
    site.commit("no hooks", {"apps/shop/all.json": [config_map("settings")]})
    running.refreshed("shop")
    eventually(lambda: finalizers(site) == ["example.com/other"])
    site.patch("shop", {"metadata": {"finalizers": []}})


def test_an_application_whose_source_is_gone_is_deleted_all_the_same(site: Site) -> None:
    running = deployed(site, [config_map("settings"), config_map("other")], {"settings", "other"})
    site.commit("the path is gone", {"apps/shop/all.json": None, "README": "nothing"})
    running.refreshed("shop")
    running.until("shop", lambda view: condition(view, "ComparisonError"))
    delete(site)
    eventually(lambda: is_gone(site))
    assert site.config_maps() == set()


def test_hooks_that_nobody_can_read_hold_the_deletion_and_say_so(site: Site) -> None:
    running = deployed(site, [config_map("settings"), hook("PreDelete", "before")], {"settings"})
    eventually(lambda: PRE_DELETE_FINALIZER in finalizers(site))
    site.commit("the path is gone", {"apps/shop/all.json": None, "README": "nothing"})
    running.refreshed("shop")
    running.until("shop", lambda view: condition(view, "ComparisonError"))
    delete(site)
    running.until("shop", lambda view: "PreDelete hooks cannot be read" in condition(view, "DeletionError"))
    assert site.config_maps() == {"settings"}
    site.patch("shop", {"metadata": {"finalizers": [RESOURCES]}})
    eventually(lambda: is_gone(site))
    assert site.config_maps() == set()


def test_a_cluster_that_nobody_knows_lets_go_and_deletes_nothing(site: Site) -> None:
    deployed(site, [config_map("settings")], {"settings"})
    site.patch("shop", {"spec": {"destination": {"server": "https://gone.example.com"}}})
    delete(site)
    eventually(lambda: is_gone(site))
    assert site.config_maps() == {"settings"}


def asking(site: Site) -> set[str]:
    """The objects of which the status says that they ask before they are deleted."""
    resources = (site.object("shop").get("status") or {}).get("resources") or ()
    return {one["name"] for one in resources if one.get("requiresDeletionConfirmation")}


def test_one_object_asks_first_and_another_stays(site: Site) -> None:
    asks = config_map("asks", annotations={"argocd.argoproj.io/sync-options": "Delete=confirm"})
    stays = config_map("stays", annotations={"helm.sh/resource-policy": "keep"})
    running = deployed(
        site, [asks, stays, config_map("plain")], {"asks", "stays", "plain"}, (f"{RESOURCES}/background",)
    )
    eventually(lambda: asking(site) == {"asks"})
    delete(site)
    view = running.until("shop", lambda view: "deletion-unconfirmed" in why(view))
    assert not condition(view, "DeletionError") and site.config_maps() == {"asks", "stays", "plain"}
    since = site.object("shop")["metadata"]["deletionTimestamp"]
    site.patch("shop", {"metadata": {"annotations": {DELETION_APPROVED: since}}})
    eventually(lambda: is_gone(site))
    assert site.config_maps() == {"stays"}


@pytest.mark.parametrize(("phase", "left"), [("PreDelete", {"settings"}), ("PostDelete", set())])
def test_a_hook_that_fails_is_told_and_tried_again(site: Site, phase: str, left: set[str]) -> None:
    """What the real controllers make of a Job whose container fails. Before it nothing is deleted."""
    if site.target.name != "control_plane":
        pytest.skip("needs pods that fail")
    site.target.require_controllers()
    fails = job("says-no", hook=phase)
    fails["spec"]["backoffLimit"] = 0
    fails["spec"]["template"]["spec"]["containers"][0]["image"] = "registry.example/exit-1:1"
    running = deployed(site, [config_map("settings"), fails], {"settings"})
    finalizer = {"PreDelete": PRE_DELETE_FINALIZER, "PostDelete": POST_DELETE_FINALIZER}[phase]
    eventually(lambda: finalizer in finalizers(site))
    delete(site)
    view = running.until("shop", lambda view: condition(view, "DeletionError"))
    assert "says-no" in (condition(view, "DeletionError") or "")
    assert site.config_maps() == left and finalizer in finalizers(site)
    first = _uid_of_job(site)
    eventually(lambda: _uid_of_job(site) not in (first, ""))
    site.patch("shop", {"metadata": {"finalizers": []}})
    eventually(lambda: is_gone(site))


def _uid_of_job(site: Site) -> str:
    answer = site.target.call("GET", site.path("jobs", "says-no"))
    return str(answer.body["metadata"]["uid"]) if answer.code == 200 else ""
