"""Resource actions on a real API server: what they change, and that nothing is written read-only."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from gitops_tui.errors import ActionError, GitOpsError, NotFound, ReadOnlyError
from gitops_tui.model.resource import ResourceKey
from tests.contract.engine.objects import Object, deployment, job
from tests.contract.engine.site import PATIENCE_S, Running, Site
from tests.contract.target import eventually

RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"
CRON_JOB: Object = {
    "apiVersion": "batch/v1",
    "kind": "CronJob",
    "metadata": {"name": "nightly"},
    "spec": {
        "schedule": "0 3 1 1 *",
        "jobTemplate": {
            "metadata": {"labels": {"from": "nightly"}},
            "spec": {
                "template": {
                    "spec": {
                        "restartPolicy": "Never",
                        "containers": [{"name": "main", "image": "registry.example/task:1"}],
                    }
                }
            },
        },
    },
}


def running(site: Site, **settings: Any) -> Running:
    site.commit("two workloads", {"apps/shop/all.json": [deployment("web", replicas=1), CRON_JOB]})
    site.application("shop")
    found = site.engine(settings=replace(site.settings(), **settings))
    found.sync("shop")
    return found


def key(site: Site, group: str, kind: str, name: str) -> ResourceKey:
    return ResourceKey(group, kind, site.namespace, name)


def run(found: Running, target: ResourceKey, name: str, **parameters: str) -> str:
    return found.engine.run_action(found.key("shop"), target, name, parameters).result(PATIENCE_S).text


def live(site: Site, kind: str, name: str) -> Object:
    """``kind`` as ``apps/deployments``."""
    group, _, plural = kind.partition("/")
    body: Object = site.target.ok("GET", f"/apis/{group}/v1/namespaces/{{ns}}/{plural}/{name}")
    return body


def is_noted(found: Running, text: str) -> bool:
    return any(text in entry.text for entry in found.engine.snapshot().journal)


def test_a_deployment_is_restarted_scaled_and_paused(site: Site) -> None:
    found, web = running(site), key(site, "apps", "Deployment", "web")
    available = found.engine.actions(found.key("shop"), web).result(PATIENCE_S)
    assert [one.name for one in available] == ["restart", "pause", "resume", "scale"]
    before = live(site, "apps/deployments", "web")
    assert run(found, web, "restart") == "restart on Deployment/web: Deployment/web patched"
    after = live(site, "apps/deployments", "web")
    assert after["spec"]["template"]["metadata"]["annotations"][RESTARTED_AT]
    assert after["metadata"]["generation"] == before["metadata"]["generation"] + 1
    eventually(lambda: live(site, "apps/deployments", "web")["status"].get("observedGeneration", 0) >= 2)
    run(found, web, "scale", replicas="2")
    run(found, web, "pause")
    spec = live(site, "apps/deployments", "web")["spec"]
    assert (spec["replicas"], spec["paused"]) == (2, True)
    assert run(found, web, "pause") == "pause on Deployment/web: nothing to change"
    run(found, web, "resume")
    assert not live(site, "apps/deployments", "web")["spec"].get("paused")
    events = found.engine.events(found.key("shop"), web).result(PATIENCE_S)
    assert any(one.reason == "ResourceActionRan" and "ran action restart" in one.message for one in events)
    eventually(lambda: is_noted(found, "restart on Deployment/web"))


def test_a_cron_job_makes_a_job_and_is_suspended(site: Site) -> None:
    found, nightly = running(site), key(site, "batch", "CronJob", "nightly")
    said = run(found, nightly, "create-job")
    made = said.partition(": Job/")[2].partition(" ")[0]
    job = live(site, "batch/jobs", made)
    assert job["metadata"]["ownerReferences"][0]["name"] == "nightly"
    assert job["metadata"]["labels"]["from"] == "nightly"
    run(found, nightly, "suspend")
    assert live(site, "batch/cronjobs", "nightly")["spec"]["suspend"] is True


def test_a_job_is_terminated_through_its_status(site: Site) -> None:
    """A suspended one, so that it does not end by itself meanwhile."""
    suspended = job("task")
    suspended["spec"]["suspend"] = True
    site.commit("a job", {"apps/shop/all.json": [suspended]})
    site.application("shop")
    found, task = site.engine(), key(site, "batch", "Job", "task")
    found.sync("shop")
    eventually(lambda: (live(site, "batch/jobs", "task").get("status") or {}).get("conditions"))
    assert run(found, task, "terminate") == "terminate on Job/task: Job/task patched"
    conditions = live(site, "batch/jobs", "task")["status"]["conditions"]
    assert {"Suspended", "FailureTarget"} <= {one["type"] for one in conditions}


def test_an_object_that_an_object_owns_has_actions_too(site: Site) -> None:
    found = running(site)

    def replica_set() -> ResourceKey | None:
        tree = found.engine.tree(found.key("shop")).result(PATIENCE_S)
        return next((child.key for root in tree for child in root.children if child.key.kind == "ReplicaSet"), None)

    owned = eventually(replica_set)
    assert owned is not None
    available = found.engine.actions(found.key("shop"), owned).result(PATIENCE_S)
    assert [one.name for one in available] == ["scale"]


def test_what_is_not_there_says_so(site: Site) -> None:
    found = running(site)
    with pytest.raises(NotFound):
        run(found, key(site, "apps", "Deployment", "none"), "restart")
    with pytest.raises(ActionError, match="no action 'polish'"):
        run(found, key(site, "apps", "Deployment", "web"), "polish")
    with pytest.raises(ActionError, match="replicas"):
        run(found, key(site, "apps", "Deployment", "web"), "scale", replicas="many")


def test_scripts_of_the_folder_create_and_patch(site: Site) -> None:
    actions = site.folder / "lua" / "apps" / "Deployment" / "actions"
    (actions / "mark").mkdir(parents=True)
    (actions / "discovery.lua").write_text('return {mark = {params = {{name = "word"}}}}')
    (actions / "mark" / "action.lua").write_text(
        """
        obj.metadata.annotations["example.com/mark"] = actionParams["word"]
        local made = {apiVersion = "v1", kind = "ConfigMap", data = {word = actionParams["word"]},
                      metadata = {name = "mark", namespace = obj.metadata.namespace}}
        return {{operation = "create", resource = made}, {operation = "patch", resource = obj}}
        """
    )
    found, web = running(site, customizations=site.folder / "lua"), key(site, "apps", "Deployment", "web")
    before = live(site, "apps/deployments", "web")
    assert (
        run(found, web, "mark", word="hello")
        == "mark on Deployment/web: ConfigMap/mark created, Deployment/web patched"
    )
    after = live(site, "apps/deployments", "web")
    assert after["metadata"]["annotations"]["example.com/mark"] == "hello"
    assert after["spec"] == before["spec"]
    assert site.data("mark") == {"word": "hello"}


def test_read_only_runs_nothing(site: Site) -> None:
    running(site)
    found = site.engine(read_only=True)
    with pytest.raises(ReadOnlyError):
        run(found, key(site, "apps", "Deployment", "web"), "restart")
    assert found.engine.actions(found.key("shop"), key(site, "apps", "Deployment", "web")).result(PATIENCE_S)


def jobs(site: Site) -> list[str]:
    found = site.target.ok("GET", "/apis/batch/v1/namespaces/{ns}/jobs")["items"]
    return [one["metadata"]["name"] for one in found]


def test_what_an_action_creates_is_held_to_the_project(site: Site) -> None:
    spec = {
        "sourceRepos": ["*"],
        "destinations": [{"server": "*", "namespace": "*"}],
        "namespaceResourceBlacklist": [{"group": "batch", "kind": "Job"}],
    }
    project = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {"name": "default", "namespace": site.namespace},
        "spec": spec,
    }
    (site.apps / "project.json").write_text(json.dumps(project))
    found, nightly = running(site), key(site, "batch", "CronJob", "nightly")
    with pytest.raises(ActionError, match="resource batch:Job is not permitted in project default"):
        run(found, nightly, "create-job")
    assert jobs(site) == []
    assert run(found, nightly, "suspend") == "suspend on CronJob/nightly: CronJob/nightly patched"


def test_what_the_server_refuses_to_create_is_refused_before_anything_is_written(site: Site) -> None:
    if site.target.name != "control_plane":
        pytest.skip("needs quotas that are enforced")
    site.target.require_controllers()
    found, nightly = running(site), key(site, "batch", "CronJob", "nightly")
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "none"},
        "spec": {"hard": {"count/jobs.batch": "0"}},
    }
    path = "/api/v1/namespaces/{ns}/resourcequotas"
    site.target.ok("POST", path, quota)
    eventually(lambda: (site.target.ok("GET", f"{path}/none").get("status") or {}).get("hard"))
    with pytest.raises(GitOpsError, match="exceeded quota"):
        run(found, nightly, "create-job")
    assert jobs(site) == []
