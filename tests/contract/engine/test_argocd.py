"""Argo CD is alive: its Applications are its to reconcile, and a sync is handed to it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from gitops_tui.model.plan import Approval
from gitops_tui.model.snapshot import Mode
from gitops_tui.model.status import DriftKind, HealthStatus, SyncStatus
from tests.contract.engine.objects import automated, config_map
from tests.contract.engine.site import Running, Site
from tests.contract.target import eventually

CONTROLLER = "argocd-application-controller"


def lease(site: Site) -> None:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    spec = {"holderIdentity": f"{CONTROLLER}-0", "leaseDurationSeconds": 3600, "renewTime": now}
    body = {"metadata": {"name": CONTROLLER}, "spec": spec}
    site.target.ok("POST", "/apis/coordination.k8s.io/v1/namespaces/{ns}/leases", body)


def reconciled(site: Site) -> None:
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    site.patch("shop", {"status": {"reconciledAt": at}})


def workload(site: Site) -> None:
    if site.target.name != "sandbox":
        # Every engine that looks at the same cluster would see it.
        pytest.skip("the real control plane may be shared")
    labels = {"app.kubernetes.io/name": CONTROLLER}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "main", "image": "argocd:1"}]}}
    spec = {"replicas": 1, "serviceName": "", "selector": {"matchLabels": labels}, "template": template}
    path = "/apis/apps/v1/namespaces/{ns}/statefulsets"
    site.target.ok("POST", path, {"metadata": {"name": CONTROLLER}, "spec": spec})
    site.target.require_controllers()
    eventually(lambda: site.target.ok("GET", f"{path}/{CONTROLLER}")["status"].get("readyReplicas"))


@pytest.fixture(params=[lease, reconciled, workload], ids=["lease", "reconciledAt", "workload"])
def alive(request: pytest.FixtureRequest, site: Site) -> Iterator[Running]:
    """An engine that would reconcile, beside an Argo CD that does."""
    site.commit("begin", {"apps/shop/all.json": [config_map("settings", a="1")]})
    site.application("shop", in_cluster=True, **automated(heal=True))
    request.param(site)
    running = site.engine(from_cluster=True, reconcile=True)
    running.until("shop", lambda view: view.managed_by == "Argo CD")
    yield running
    site.target.call("DELETE", f"/apis/apps/v1/namespaces/{{ns}}/statefulsets/{CONTROLLER}")


def written_by(obj: dict[str, Any], manager: str) -> set[str]:
    """The uppermost fields that a manager wrote."""
    entries = [one["fieldsV1"] for one in obj["metadata"]["managedFields"] if one["manager"] == manager]
    return {field for entry in entries for field in entry}


def test_ours_keeps_its_hands_off(alive: Running) -> None:
    running, site = alive, alive.site
    view = running.until("shop", lambda view: any(one.code == "not-alone" for one in view.log))
    assert view.sync is SyncStatus.OUT_OF_SYNC and view.operation is None
    compared = view.compared_at
    running.refreshed("shop")
    running.until("shop", lambda view: view.compared_at != compared)
    assert site.data("settings") is None
    assert "f:status" not in written_by(site.object("shop"), "gitops-tui")


def test_a_sync_is_handed_over(alive: Running) -> None:
    running, site = alive, alive.site
    plan = running.plan("shop")
    assert plan.asks_argocd
    outcome = running.execute(plan)
    assert outcome.ok and "handed to Argo CD" in outcome.text
    found = site.object("shop")
    assert found["operation"]["sync"]["revision"] == site.git("rev-parse", "HEAD")
    assert found["operation"]["initiatedBy"]["username"]
    assert "operationState" not in (found.get("status") or {})
    assert site.data("settings") is None and running.engine.running_operations() == ()


def test_what_argo_cd_cannot_see_is_undone_without_a_word_in_its_status(site: Site) -> None:
    site.commit("begin", {"apps/shop/all.json": [config_map("settings", a="1")]})
    site.application("shop", in_cluster=True)
    first = site.engine(from_cluster=True)
    first.sync("shop")
    first.engine.stop()
    lease(site)
    script = "sed -i 's/^  a: .*/&\\n  b: added/' \"$1\""
    editor = site.folder / "editor"
    editor.write_text(f"#!/bin/sh\n{script}\n")
    editor.chmod(0o755)
    site.target.kubectl("edit", "configmap/settings", KUBE_EDITOR=str(editor))
    running = site.engine(from_cluster=True)
    running.until("shop", lambda view: view.managed_by == "Argo CD" and view.drift)
    before = site.object("shop")["status"]
    plan = running.heal_plan("shop")
    (field,) = plan.items[0].fields
    assert plan.asks_argocd and field.kind is DriftKind.FOREIGN
    ticked = frozenset({(plan.items[0].key, field.text)})
    running.execute(plan, Approval(typed=plan.must_type, ticked=ticked))
    eventually(lambda: site.data("settings") == {"a": "1"})
    eventually(lambda: not running.engine.running_operations())
    assert site.object("shop")["status"] == before
    assert "operation" not in site.object("shop")


def test_the_header_says_who_reconciles(site: Site) -> None:
    site.commit("begin", {"apps/shop/all.json": [config_map("settings", a="1")]})
    site.application("shop", in_cluster=True)
    lease(site)
    running = site.engine(from_cluster=True, reconcile=True)
    eventually(lambda: "Argo CD reconciles here" in running.engine.snapshot().mode_reason)
    assert running.engine.snapshot().mode is Mode.OBSERVING


def test_what_argo_cd_says_stands_beside_what_is_found_here(site: Site) -> None:
    site.commit("begin", {"apps/shop/all.json": [config_map("settings", a="1"), config_map("more", b="1")]})
    site.application("shop", in_cluster=True)
    lease(site)
    head = site.git("rev-parse", "HEAD")
    listed = [
        {"version": "v1", "kind": "ConfigMap", "namespace": site.target.namespace, "name": name, "status": "Synced"}
        for name in ("settings", "more")
    ]
    status = {
        "sync": {"status": "Synced", "revision": head, "comparedTo": {"source": {"repoURL": "r"}, "destination": {}}},
        "health": {"status": "Healthy"},
        "resources": listed,
        "reconciledAt": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "conditions": [{"type": "OrphanedResourceWarning", "message": "one orphan"}],
    }
    site.patch("shop", {"status": status})
    running = site.engine(from_cluster=True)
    view = running.until("shop", lambda view: view.reported is not None and view.sync is SyncStatus.OUT_OF_SYNC)
    told = view.reported
    assert told is not None and (told.sync, told.health) == (SyncStatus.SYNCED, HealthStatus.HEALTHY)
    assert (told.revision, [one.type for one in told.conditions]) == (head, ["OrphanedResourceWarning"])
    text = " / ".join(told.differences)
    assert "OutOfSync here, Synced for Argo CD: ConfigMap/more, ConfigMap/settings" in text
    assert "Argo CD says Healthy, here it is Missing" in text


def test_a_refresh_and_an_end_are_asked_through_the_resource(site: Site) -> None:
    site.commit("begin", {"apps/shop/all.json": [config_map("settings", a="1")]})
    site.application("shop", in_cluster=True)
    lease(site)
    state = {
        "phase": "Running",
        "startedAt": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "operation": {"sync": {"revision": "a" * 40}, "retry": {"limit": 2}},
        "syncResult": {"revision": "a" * 40, "source": {"repoURL": "r"}, "managedNamespaceMetadata": {"labels": {}}},
    }
    site.patch("shop", {"status": {"operationState": state}})
    running = site.engine(from_cluster=True)
    running.until("shop", lambda view: view.managed_by == "Argo CD" and view.operation is not None)
    running.engine.terminate(running.key("shop")).result(10)
    assert site.object("shop")["status"]["operationState"] == {**state, "phase": "Terminating"}
    running.engine.refresh(running.key("shop"), hard=True)

    def asked() -> object:
        return site.object("shop")["metadata"].get("annotations", {}).get("argocd.argoproj.io/refresh")

    eventually(lambda: asked() == "hard")
