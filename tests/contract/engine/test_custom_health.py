"""A custom resource whose health a Lua script judges holds a wave, and counts in its application's health."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from gitops_tui.model.annotations import PRE_DELETE_FINALIZER, RESOURCES_FINALIZER
from gitops_tui.model.status import Health, HealthStatus, OperationPhase
from tests.contract.engine.objects import Object, automated, config_map, in_wave
from tests.contract.engine.site import PATIENCE_S, Running, Site
from tests.contract.target import eventually

SCRIPT = """
local hs = {status = "Progressing", message = "waiting for a phase"}
if obj.status ~= nil and obj.status.phase ~= nil then
  hs.status = obj.status.phase:gsub("^Ready$", "Healthy"):gsub("^Broken$", "Degraded")
  hs.message = "it is " .. obj.status.phase
end
return hs
"""


def definition(group: str) -> Object:
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"widgets.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"kind": "Widget", "plural": "widgets", "singular": "widget", "listKind": "WidgetList"},
            "versions": [version],
        },
    }


def widget(group: str) -> Object:
    notes = {"argocd.argoproj.io/sync-wave": "1"}
    return {"apiVersion": f"{group}/v1", "kind": "Widget", "metadata": {"name": "first", "annotations": notes}}


@pytest.fixture
def group(site: Site) -> Iterator[str]:
    """A group of its own for each test: definitions belong to the whole cluster."""
    name = f"w{uuid.uuid4().hex[:8]}.example.com"
    yield name
    site.target.call("DELETE", f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.{name}")


def scripted(site: Site, group: str, **options: Any) -> Running:
    script = site.folder / "lua" / f"_.{group.partition('.')[2]}" / "Widget" / "health.lua"
    script.parent.mkdir(parents=True)
    script.write_text(SCRIPT)
    return site.engine(settings=replace(site.settings(), customizations=site.folder / "lua"), **options)


def set_phase(site: Site, group: str, phase: str) -> None:
    path = f"/apis/{group}/v1/namespaces/{{ns}}/widgets/first"
    site.target.ok("PATCH", path, {"status": {"phase": phase}}, content_type="application/merge-patch+json")


def test_a_wave_waits_for_what_the_script_says(site: Site, group: str) -> None:
    objects = [definition(group), widget(group), in_wave(2, "after")]
    site.commit("a widget", {"apps/shop/all.json": objects})
    site.application("shop")
    running = scripted(site, group)
    outcome = running.execute(running.plan("shop"))
    path = f"/apis/{group}/v1/namespaces/{{ns}}/widgets/first"
    eventually(lambda: site.target.call("GET", path).code == 200)
    running.until("shop", lambda view: view.progress is not None and view.progress.wave == 1)
    assert site.data("after") is None
    set_phase(site, group, "Ready")
    operation = running.ended("shop", outcome)
    assert operation.phase is OperationPhase.SUCCEEDED, operation.message
    assert site.data("after") is not None
    view = running.until("shop", lambda view: view.health.status is HealthStatus.HEALTHY)
    found = next(one for one in view.resources if one.key.kind == "Widget")
    assert found.health is not None and found.health.message == "it is Ready"
    set_phase(site, group, "Broken")
    view = running.until("shop", lambda view: view.health.status is HealthStatus.DEGRADED)
    assert "Widget" in view.health.message


def test_argocd_cm_customises_kinds_while_it_runs(site: Site) -> None:
    """Health by the key of one kind, actions beside the built-in ones; and what is changed counts without a restart."""
    site.commit("a setting", {"apps/shop/all.json": [config_map("settings", phase="Healthy")]})
    site.application("shop")
    argocd_cm = config_map(
        "argocd-cm",
        **{
            "resource.customizations.health.ConfigMap": "return {status = obj.data.phase, message = 'by script'}",
            "resource.customizations.actions.ConfigMap": (
                "discovery.lua: return {mark = {}}\n"
                "definitions: [{name: mark, action.lua: obj.data.marked = 'yes' return obj}]\n"
            ),
        },
    )
    site.target.ok("POST", site.path("configmaps"), argocd_cm)
    running = site.engine()
    running.sync("shop")
    view = running.until("shop", lambda view: view.resources[0].health is not None)
    assert view.resources[0].health == Health(HealthStatus.HEALTHY, "by script")
    key = view.resources[0].key
    assert [one.name for one in running.engine.actions(running.key("shop"), key).result(PATIENCE_S)] == ["mark"]
    running.engine.run_action(running.key("shop"), key, "mark", {}).result(PATIENCE_S)
    assert site.data("settings") == {"phase": "Healthy", "marked": "yes"}
    site.set_data("argocd-cm", **{"resource.customizations.health.ConfigMap": "return {status = 'Degraded'}"})
    running.until("shop", lambda view: view.health.status is HealthStatus.DEGRADED)


def test_a_hook_of_a_deletion_is_judged_by_its_script(site: Site, group: str) -> None:
    before = widget(group)
    before["metadata"]["annotations"] = {"argocd.argoproj.io/hook": "PreDelete"}
    site.commit("a hook of its own kind", {"apps/shop/all.json": [definition(group), before, config_map("settings")]})
    site.application("shop", in_cluster=True, **automated())
    site.patch("shop", {"metadata": {"finalizers": [RESOURCES_FINALIZER]}})
    running = scripted(site, group, reconcile=True, from_cluster=True)
    running.until("shop", lambda view: view.operation and view.operation.phase.is_completed)
    applications = f"{site._applications}/shop"
    eventually(lambda: PRE_DELETE_FINALIZER in (site.object("shop")["metadata"].get("finalizers") or ()))
    site.target.ok("DELETE", applications)
    path = f"/apis/{group}/v1/namespaces/{{ns}}/widgets/first"
    eventually(lambda: site.target.call("GET", path).code == 200)
    running.until("shop", lambda view: "deletion-hooks" in [one.code for one in view.log])
    assert site.data("settings") is not None, "nothing goes while the script says that the hook runs"
    set_phase(site, group, "Ready")
    eventually(lambda: site.target.call("GET", applications).code == 404)
    assert site.data("settings") is None
