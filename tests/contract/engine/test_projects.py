"""Projects on a real control plane: what they refuse is not done, and their windows keep operations back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gitops_tui.errors import OperationError, StalePlanError
from gitops_tui.model.status import HealthStatus, OperationPhase, ResultCode, SyncStatus
from tests.contract.engine.objects import Object, automated, config_map, secret
from tests.contract.engine.site import Site
from tests.contract.target import eventually

CLOSED = {"kind": "deny", "schedule": "* * * * *", "duration": "1h", "applications": ["*"]}


def project(site: Site, **spec: Any) -> None:
    """Declare ``default`` beside the Applications."""
    known = {"sourceRepos": ["*"], "destinations": [{"server": "*", "namespace": "*"}]}
    found: Object = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {"name": "default", "namespace": site.namespace},
        "spec": {**known, **spec},
    }
    (site.apps / "project.json").write_text(json.dumps(found))


def test_a_destination_that_is_not_permitted_is_never_compared(site: Site) -> None:
    site.commit("begin", {"apps/shop/all.json": [config_map("settings")]})
    project(site, destinations=[{"server": "*", "namespace": "elsewhere"}])
    site.application("shop", **automated())
    view = site.engine(reconcile=True).view("shop")
    assert (view.sync, view.health.status, view.resources) == (SyncStatus.UNKNOWN, HealthStatus.UNKNOWN, ())
    assert [one.type for one in view.conditions] == ["InvalidSpecError"]
    assert "do not match any of the allowed destinations in project 'default'" in view.conditions[0].message
    assert site.data("settings") is None


def test_a_kind_that_is_not_permitted_is_named_in_the_plan_and_fails_its_task(site: Site) -> None:
    site.commit("begin", {"apps/shop/all.json": [config_map("settings"), secret("token", a="1")]})
    project(site, namespaceResourceBlacklist=[{"group": "", "kind": "Secret"}])
    site.application("shop")
    running = site.engine()
    plan = running.plan("shop")
    refused = {item.key.kind: item.error for item in plan.items if item.error}
    assert refused == {"Secret": "resource :Secret is not permitted in project default"}
    running.execute(plan)
    view = running.until("shop", lambda view: view.operation and view.operation.phase.is_completed)
    assert view.operation is not None and view.operation.phase is OperationPhase.FAILED
    assert view.operation.sync_result is not None
    failed = {
        one.key.kind: one.message
        for one in view.operation.sync_result.resources
        if one.status is ResultCode.SYNC_FAILED
    }
    assert failed == refused
    assert site.data("settings") is None, "one task that is not valid keeps all of them back"
    statuses = {one.key.kind: one.sync for one in view.resources}
    assert statuses == {"ConfigMap": SyncStatus.OUT_OF_SYNC, "Secret": SyncStatus.UNKNOWN}


def test_a_window_keeps_automation_and_plans_back_until_it_is_gone(site: Site) -> None:
    site.commit("begin", {"apps/shop/all.json": [config_map("settings")]})
    project(site, syncWindows=[CLOSED])
    site.application("shop", **automated())
    worker = site.engine(reconcile=True)
    view = worker.until("shop", lambda view: any(one.code == "sync-window" for one in view.log))
    assert view.window.startswith("denied") and view.sync is SyncStatus.OUT_OF_SYNC
    plan = worker.plan("shop")
    assert any("the deny window '* * * * *' for 1h is open" in one for one in plan.blockers)
    with pytest.raises(OperationError, match="deny window"):
        worker.execute(plan)
    assert site.data("settings") is None
    project(site)
    eventually(lambda: site.data("settings") == {"key": "value"})


def test_a_window_that_opens_over_a_plan_makes_it_stale(site: Site) -> None:
    site.commit("begin", {"apps/shop/all.json": [config_map("settings")]})
    project(site)
    site.application("shop")
    running = site.engine()
    plan = running.plan("shop")
    assert not plan.blockers
    project(site, syncWindows=[CLOSED])
    running.until("shop", lambda view: view.window.startswith("denied"))
    with pytest.raises(StalePlanError, match="deny window"):
        running.execute(plan)
    assert site.data("settings") is None
