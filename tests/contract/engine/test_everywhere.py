"""Applications of all namespaces (``-A``): in another namespace than Argo CD's they are tracked as ``<ns>_<app>``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gitops_tui.model.application import AppKey
from gitops_tui.model.status import OperationPhase, SyncStatus
from tests.contract.engine.objects import application, automated, config_map
from tests.contract.engine.site import PATIENCE_S, Site
from tests.contract.target import eventually

TRACKING = "argocd.argoproj.io/tracking-id"
PATH = "/apis/argoproj.io/v1alpha1/namespaces"


@pytest.fixture
def other(site: Site) -> Iterator[str]:
    name = f"{site.namespace}-team"
    site.target.ok("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
    yield name
    site.target.call("DELETE", f"/api/v1/namespaces/{name}")


def test_two_of_one_name_are_told_apart_by_their_namespace(site: Site, other: str) -> None:
    """Neither takes the objects of the other for its own, and each prunes only what it lost."""
    site.commit("begin", {"apps/here/all.json": [config_map("at-home")], "apps/team/all.json": [config_map("of-team")]})
    site.define()
    policy = automated(prune=True)
    for home, path in ((site.namespace, "apps/here"), (other, "apps/team")):
        found = application("shop", home=home, namespace=site.namespace, path=path, **policy)
        site.target.ok("POST", f"{PATH}/{home}/applications", found)
    site.apps_are_objects = True
    running = site.engine(from_cluster=True, reconcile=True, all_namespaces=True)
    keys = (AppKey(site.namespace, "shop"), AppKey(other, "shop"))

    def settled() -> bool:
        views = [running.engine.snapshot().find(key) for key in keys]
        return all(
            view is not None
            and view.sync is SyncStatus.SYNCED
            and view.operation is not None
            and view.operation.phase is OperationPhase.SUCCEEDED
            for view in views
        )

    eventually(settled, PATIENCE_S)
    marks = {
        name: site.target.ok("GET", site.path("configmaps", name))["metadata"]["annotations"][TRACKING]
        for name in ("at-home", "of-team")
    }
    assert marks == {
        "at-home": f"shop:/ConfigMap:{site.namespace}/at-home",
        "of-team": f"{other}_shop:/ConfigMap:{site.namespace}/of-team",
    }
    site.commit("less", {"apps/team/all.json": [config_map("new")]})
    running.engine.refresh(None)
    eventually(lambda: site.data("of-team") is None and site.data("new") is not None)
    assert site.data("at-home") is not None
    there = f"{PATH}/{other}/applications/shop"
    eventually(lambda: "sync" in (site.target.ok("GET", there).get("status") or {}), PATIENCE_S)
    status = site.target.ok("GET", there)["status"]
    assert status["sync"]["status"] and status["controllerNamespace"] == site.namespace
