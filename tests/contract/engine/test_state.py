"""Where state is kept: in the Application itself, in Argo CD's shape, or in a ConfigMap."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from gitops_tui.engine.leadership import LEASE_NAME
from gitops_tui.model.status import SyncStatus
from tests.contract.engine.objects import URL, automated, config_map
from tests.contract.engine.site import Site
from tests.contract.target import PATIENCE_S, eventually


def test_an_applications_status_has_argo_cds_shape(site: Site) -> None:
    sha = site.commit("begin", {"apps/shop/all.json": [config_map("settings", a="1")]})
    site.application("shop", in_cluster=True, **automated(heal=True))
    site.engine(from_cluster=True, reconcile=True)

    def whole() -> Any:
        status = site.object("shop").get("status") or {}
        is_synced = (status.get("sync") or {}).get("status") == "Synced"
        return status if is_synced and "operationState" in status and "history" in status else None

    status = eventually(whole)
    source = {"repoURL": URL, "targetRevision": "main", "path": "apps/shop"}
    assert status["sync"]["revision"] == sha
    assert status["sync"]["comparedTo"]["source"] == source
    assert status["health"]["status"] == "Healthy"
    assert status["reconciledAt"] and status["sourceType"] == "Directory"
    assert status["resources"] == [
        {"version": "v1", "kind": "ConfigMap", "namespace": site.namespace, "name": "settings", "status": "Synced"}
    ]
    state = status["operationState"]
    assert state["phase"] == "Succeeded" and state["operation"]["initiatedBy"] == {"automated": True}
    assert state["syncResult"]["revision"] == sha and state["syncResult"]["source"] == source
    assert [(one["id"], one["revision"]) for one in status["history"]] == [(0, sha)]
    printed = site.target.kubectl("get", "applications.argoproj.io", "shop", "-o", "jsonpath={.status.sync.status}")
    assert printed == "Synced"
    assert site.state_maps() == set()


def test_a_status_that_stands_is_not_written_again(site: Site) -> None:
    site.commit("begin", {"apps/shop/all.json": [config_map("settings", a="1")]})
    site.application("shop", in_cluster=True, **automated())
    running = site.engine(from_cluster=True, reconcile=True)

    def at_rest() -> bool:
        status = site.object("shop").get("status") or {}
        return (status.get("sync") or {}).get("status") == "Synced" and "lastTransitionTime" in status["health"]

    eventually(at_rest)
    running.until("shop", lambda view: view.sync is SyncStatus.SYNCED and view.progress is None)
    eventually(lambda: site.object("shop")["status"]["operationState"]["phase"] == "Succeeded")
    rest = {"version": "", "since": 0}

    def quiet() -> bool:
        """Twenty looks in a row show the same object."""
        version = site.object("shop")["metadata"]["resourceVersion"]
        rest["since"] = rest["since"] + 1 if version == rest["version"] else 0
        rest["version"] = version
        return rest["since"] >= 20

    eventually(quiet)
    site.target.kubectl("create", "configmap", "somebody-elses")
    assert site.object("shop")["metadata"]["resourceVersion"] == rest["version"]


def test_an_observer_writes_only_the_operation_that_a_person_began(site: Site) -> None:
    site.commit("begin", {"apps/shop/all.json": [config_map("settings", a="1")]})
    site.application("shop", in_cluster=True)
    running = site.engine(from_cluster=True)
    running.sync("shop")
    status = site.object("shop")["status"]
    assert set(status) == {"operationState", "history"}


def test_without_the_kind_state_is_a_config_map_from_the_first_write_on(site: Site) -> None:
    sha = site.commit("begin", {"apps/shop/all.json": [config_map("settings", a="1")]})
    site.application("shop")
    running = site.engine()
    assert site.state_maps() == set()
    running.sync("shop")
    (name,) = site.state_maps()
    found = site.target.ok("GET", site.path("configmaps", name))
    assert found["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "gitops-tui"
    assert json.loads(found["data"]["status"])["history"][0]["revision"] == sha
    assert json.loads(found["data"]["status"])["operationState"]["phase"] == "Succeeded"
    assert "settings" not in {one.key.name for one in running.view("shop").resources if one.requires_pruning}


def test_applications_of_one_name_in_two_namespaces_keep_their_own_state(site: Site) -> None:
    site.commit("begin", {"apps/shop/a.json": config_map("one"), "apps/other/a.json": config_map("two")})
    site.application("shop")
    text = (site.apps / "shop.json").read_text()
    other = json.loads(text)
    other["metadata"]["namespace"] = f"{site.namespace}-other"
    other["spec"]["source"]["path"] = "apps/other"
    (site.apps / "other.json").write_text(json.dumps(other))
    running = site.engine()
    running.sync("shop")
    running.engine.refresh(None)
    assert running.engine.wait_compared(PATIENCE_S)
    views = {view.key.namespace: view for view in running.engine.snapshot().apps}
    assert len(views) == 2
    assert views[site.namespace].operation is not None
    assert views[f"{site.namespace}-other"].operation is None


def test_an_operation_that_somebody_asked_for_in_the_object_is_run(site: Site) -> None:
    first = site.commit("begin", {"apps/shop/all.json": [config_map("settings", a="1")]})
    site.commit("newer", {"apps/shop/all.json": [config_map("settings", a="2")]})
    site.application("shop", in_cluster=True)
    site.engine(from_cluster=True, reconcile=True)
    site.patch("shop", {"operation": {"sync": {"revision": first}, "initiatedBy": {"username": "ci"}}})
    eventually(lambda: site.data("settings") == {"a": "1"})
    eventually(lambda: ((site.object("shop").get("status") or {}).get("history") or [{}])[-1].get("revision") == first)
    found = site.object("shop")
    assert "operation" not in found
    assert found["status"]["operationState"]["operation"]["initiatedBy"] == {"username": "ci"}


def test_a_refresh_that_somebody_asked_for_in_the_object_is_obeyed(site: Site) -> None:
    site.commit("begin", {"apps/shop/all.json": [config_map("settings", a="1")]})
    site.application("shop", in_cluster=True)
    running = site.engine(from_cluster=True, reconcile=True)
    eventually(lambda: "status" in site.object("shop"))
    sha = site.commit("newer", {"apps/shop/all.json": [config_map("settings", a="2")]})
    site.patch("shop", {"metadata": {"annotations": {"argocd.argoproj.io/refresh": "normal"}}})
    running.until("shop", lambda view: view.revision == sha)
    eventually(lambda: not site.object("shop")["metadata"].get("annotations"))


def test_a_sync_by_hand_tells_what_came_of_it_where_nobody_reconciles(site: Site) -> None:
    sha = site.commit("begin", {"apps/shop/all.json": [config_map("settings", a="1")]})
    site.application("shop", in_cluster=True)
    running = site.engine(from_cluster=True)
    running.sync("shop")
    running.engine.stop()
    status = site.object("shop")["status"]
    assert (status["sync"]["status"], status["sync"]["revision"]) == ("Synced", sha)
    assert status["health"]["status"] == "Healthy" and status["resources"]


def test_a_sync_by_hand_leaves_status_to_the_instance_that_reconciles(site: Site) -> None:
    site.commit("begin", {"apps/shop/all.json": [config_map("settings", a="1")]})
    site.application("shop", in_cluster=True)
    observer = site.engine(from_cluster=True)
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    spec = {"holderIdentity": "another", "leaseDurationSeconds": 15, "renewTime": now}
    lease = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": LEASE_NAME}, "spec": spec}
    site.target.ok("POST", "/apis/coordination.k8s.io/v1/namespaces/{ns}/leases", lease)
    observer.sync("shop")
    observer.engine.stop()
    status = site.object("shop")["status"]
    assert status["operationState"]["phase"] == "Succeeded" and "sync" not in status


def test_of_what_cannot_be_read_nothing_is_said_object_by_object(site: Site) -> None:
    """What lives is listed, as in Argo CD, and nobody knows whether Git wants it."""
    site.commit("begin", {"apps/shop/all.json": [config_map("settings", a="1")]})
    site.application("shop", in_cluster=True, **automated())
    running = site.engine(from_cluster=True, reconcile=True)
    running.until("shop", lambda view: view.sync is SyncStatus.SYNCED)
    site.commit("break", {"apps/shop/all.json": '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": '})
    assert running.refreshed("shop").sync is SyncStatus.UNKNOWN

    def resources() -> Any:
        status = site.object("shop").get("status") or {}
        return status["resources"] if (status.get("sync") or {}).get("status") == "Unknown" else None

    assert [(one["name"], one["status"], one["requiresPruning"]) for one in eventually(resources)] == [
        ("settings", "Unknown", True)
    ]
