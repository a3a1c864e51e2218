"""What follows from a Deployment, on the embedded cluster and on a real control plane, by the same assertions."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.contract.controllers.workloads import (
    DEPLOYMENT,
    conditions,
    counts,
    create,
    items,
    pod_template,
    pods,
    replica_sets,
    settled,
    workload,
)
from tests.contract.target import MERGE, STRATEGIC, Target, eventually

REVISION = "deployment.kubernetes.io/revision"


def test_a_rollout_ends_in_the_same_status(target: Target) -> None:
    create(target, workload("Deployment", replicas=2))
    found = settled(target)
    [replica_set] = replica_sets(target)
    name = replica_set["metadata"]["name"]
    assert counts(found) == {
        "observedGeneration": 1,
        "replicas": 2,
        "updatedReplicas": 2,
        "readyReplicas": 2,
        "availableReplicas": 2,
        "terminatingReplicas": 0,
    }
    assert conditions(found) == {
        "Available": ("True", "MinimumReplicasAvailable", "Deployment has minimum availability."),
        "Progressing": ("True", "NewReplicaSetAvailable", f'ReplicaSet "{name}" has successfully progressed.'),
    }
    assert set(found["status"]["conditions"][0]) == {
        "type",
        "status",
        "reason",
        "message",
        "lastUpdateTime",
        "lastTransitionTime",
    }
    assert found["metadata"]["annotations"] == {REVISION: "1"}


def test_the_replica_set_of_a_deployment(target: Target) -> None:
    create(target, workload("Deployment", replicas=2, minReadySeconds=1))
    owner = settled(target)
    [found] = replica_sets(target)
    suffix = found["metadata"]["labels"]["pod-template-hash"]
    assert found["metadata"]["name"] == f"web-{suffix}"
    assert found["metadata"]["annotations"] == {
        REVISION: "1",
        "deployment.kubernetes.io/desired-replicas": "2",
        "deployment.kubernetes.io/max-replicas": "3",
    }
    assert found["spec"]["selector"] == {"matchLabels": {"app": "web", "pod-template-hash": suffix}}
    assert found["spec"]["template"]["metadata"]["labels"] == {"app": "web", "pod-template-hash": suffix}
    assert found["spec"]["minReadySeconds"] == 1
    assert found["metadata"]["ownerReferences"] == [
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "name": "web",
            "uid": owner["metadata"]["uid"],
            "controller": True,
            "blockOwnerDeletion": True,
        }
    ]
    assert counts(found) == {
        "observedGeneration": 1,
        "replicas": 2,
        "fullyLabeledReplicas": 2,
        "readyReplicas": 2,
        "availableReplicas": 2,
        "terminatingReplicas": 0,
    }


def test_the_pods_of_a_deployment(target: Target) -> None:
    create(target, workload("Deployment", replicas=1))
    settled(target)
    [owner], [pod] = replica_sets(target), pods(target)
    name = owner["metadata"]["name"]
    assert pod["metadata"]["generateName"] == f"{name}-"
    assert pod["metadata"]["labels"] == owner["spec"]["template"]["metadata"]["labels"]
    assert [(one["kind"], one["uid"]) for one in pod["metadata"]["ownerReferences"]] == [
        ("ReplicaSet", owner["metadata"]["uid"])
    ]
    assert pod["spec"]["nodeName"]
    assert pod["status"]["phase"] == "Running"
    assert pod["status"]["podIP"]
    assert "startedAt" in pod["status"]["containerStatuses"][0]["state"]["running"]
    true = {kind for kind, found in conditions(pod).items() if found[0] == "True"}
    assert {"Initialized", "Ready", "ContainersReady", "PodScheduled"} <= true


def test_who_writes(target: Target) -> None:
    """Fields of the controllers are told from a person's by their managers."""
    create(target, workload("Deployment", replicas=1))
    found = settled(target)

    def managers(obj: dict[str, Any]) -> set[tuple[str, str]]:
        return {(one["manager"], one.get("subresource", "")) for one in obj["metadata"]["managedFields"]}

    assert ("kube-controller-manager", "status") in managers(found)
    [entry] = [one for one in found["metadata"]["managedFields"] if one["manager"] == "kube-controller-manager"]
    assert set(entry["fieldsV1"]) == {"f:metadata", "f:status"}
    [replica_set] = replica_sets(target)
    assert managers(replica_set) == {("kube-controller-manager", ""), ("kube-controller-manager", "status")}


def test_scale(target: Target) -> None:
    create(target, workload("Deployment", replicas=1))
    settled(target)
    target.kubectl("scale", "deployment/web", "--replicas=3")
    found = eventually(lambda: target.ok("GET", DEPLOYMENT)["status"].get("availableReplicas") == 3)
    assert found
    assert len(replica_sets(target)) == 1
    target.kubectl("scale", "deployment/web", "--replicas=0")
    eventually(lambda: not pods(target))
    eventually(lambda: not target.ok("GET", DEPLOYMENT)["status"].get("replicas"))
    [replica_set] = replica_sets(target)
    assert replica_set["metadata"]["annotations"]["deployment.kubernetes.io/desired-replicas"] == "0"


def test_rollout_restart_status_and_undo(target: Target) -> None:
    create(target, workload("Deployment", replicas=2))
    status = target.kubectl("rollout", "status", "deployment/web", "--timeout=60s")
    assert 'deployment "web" successfully rolled out' in status
    target.kubectl("rollout", "restart", "deployment/web")
    status = target.kubectl("rollout", "status", "deployment/web", "--timeout=60s")
    assert "successfully rolled out" in status
    assert settled(target)["metadata"]["annotations"][REVISION] == "2"
    assert sorted(one["spec"]["replicas"] for one in replica_sets(target)) == [0, 2]
    target.kubectl("rollout", "undo", "deployment/web")
    target.kubectl("rollout", "status", "deployment/web", "--timeout=60s")
    assert settled(target)["metadata"]["annotations"][REVISION] == "3"
    revisions = {one["metadata"]["annotations"][REVISION]: one["spec"]["replicas"] for one in replica_sets(target)}
    assert revisions == {"2": 0, "3": 2}
    history = target.kubectl("rollout", "history", "deployment/web")
    assert [line.split()[0] for line in history.splitlines()[2:] if line] == ["2", "3"]


def test_recreate(target: Target) -> None:
    create(target, workload("Deployment", replicas=2, strategy={"type": "Recreate"}))
    settled(target)
    target.ok("PATCH", DEPLOYMENT, {"spec": {"template": pod_template("nginx:2")}}, content_type=STRATEGIC)
    settled(target)
    assert {one["spec"]["containers"][0]["image"] for one in pods(target)} == {"nginx:2"}


def test_pause_and_resume(target: Target) -> None:
    create(target, workload("Deployment", replicas=1))
    settled(target)
    target.kubectl("rollout", "pause", "deployment/web")
    reason = "DeploymentPaused"
    eventually(lambda: conditions(target.ok("GET", DEPLOYMENT))["Progressing"][1] == reason)
    assert conditions(target.ok("GET", DEPLOYMENT))["Progressing"] == ("Unknown", reason, "Deployment is paused")
    target.ok("PATCH", DEPLOYMENT, {"spec": {"template": pod_template("nginx:2")}}, content_type=STRATEGIC)
    generation = target.ok("GET", DEPLOYMENT)["metadata"]["generation"]
    eventually(lambda: target.ok("GET", DEPLOYMENT)["status"]["observedGeneration"] == generation)
    assert len(replica_sets(target)) == 1
    target.kubectl("rollout", "resume", "deployment/web")
    settled(target)
    assert len(replica_sets(target)) == 2


def test_a_bad_image_ends_at_the_deadline(target: Target) -> None:
    bad = pod_template("nginx:does-not-exist")
    create(target, workload("Deployment", replicas=1, progressDeadlineSeconds=5, template=bad))
    reason = "ProgressDeadlineExceeded"
    eventually(lambda: conditions(target.ok("GET", DEPLOYMENT)).get("Progressing", ("", "", ""))[1] == reason)
    found = target.ok("GET", DEPLOYMENT)
    [replica_set] = replica_sets(target)
    text = f'ReplicaSet "{replica_set["metadata"]["name"]}" has timed out progressing.'
    assert conditions(found) == {
        "Available": ("False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability."),
        "Progressing": ("False", reason, text),
    }
    assert counts(found) == {
        "observedGeneration": 1,
        "replicas": 1,
        "updatedReplicas": 1,
        "unavailableReplicas": 1,
        "terminatingReplicas": 0,
    }
    eventually(lambda: waiting(target) & {"ErrImagePull", "ImagePullBackOff"})
    status = target.kubectl("rollout", "status", "deployment/web", "--timeout=60s", check=False)
    assert "exceeded its progress deadline" in status


def waiting(target: Target) -> set[str]:
    """Why containers wait."""
    states = [one["state"] for pod in pods(target) for one in pod["status"].get("containerStatuses") or ()]
    return {str(state["waiting"].get("reason")) for state in states if "waiting" in state}


def test_events(target: Target) -> None:
    create(target, workload("Deployment", replicas=1))
    settled(target)
    [owner], [pod] = replica_sets(target), pods(target)

    def said() -> set[tuple[str, str, str]]:
        found = items(target, "/api/v1/namespaces/{ns}/events")
        return {(one["involvedObject"]["kind"], one["reason"], one["message"]) for one in found}

    name, node = pod["metadata"]["name"], pod["spec"]["nodeName"]
    wanted = {
        ("Deployment", "ScalingReplicaSet", f"Scaled up replica set {owner['metadata']['name']} from 0 to 1"),
        ("ReplicaSet", "SuccessfulCreate", f"Created pod: {name}"),
        ("Pod", "Scheduled", f"Successfully assigned {target.namespace}/{name} to {node}"),
    }
    eventually(lambda: wanted <= said())


# --- what becomes of it when the owner goes
def delete(target: Target, policy: str) -> None:
    body = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": policy}
    target.ok("DELETE", DEPLOYMENT, body)


@pytest.mark.parametrize("policy", ["Background", "Foreground"])
def test_a_deleted_deployment_takes_everything_along(target: Target, policy: str) -> None:
    create(target, workload("Deployment", replicas=2))
    settled(target)
    delete(target, policy)
    eventually(lambda: target.call("GET", DEPLOYMENT).code == 404)
    if policy == "Foreground":
        assert pods(target) == [] == replica_sets(target)
    eventually(lambda: not pods(target) and not replica_sets(target))


def test_an_orphaned_replica_set_is_adopted_again(target: Target) -> None:
    create(target, workload("Deployment", replicas=2))
    settled(target)
    before = {one["metadata"]["uid"] for one in pods(target)}
    delete(target, "Orphan")
    eventually(lambda: target.call("GET", DEPLOYMENT).code == 404)
    [left] = replica_sets(target)
    assert "ownerReferences" not in left["metadata"]
    assert {one["metadata"]["uid"] for one in pods(target)} == before
    again = create(target, workload("Deployment", replicas=2))
    settled(target)
    [adopted] = replica_sets(target)
    assert adopted["metadata"]["uid"] == left["metadata"]["uid"]
    assert adopted["metadata"]["ownerReferences"][0]["uid"] == again["metadata"]["uid"]
    assert {one["metadata"]["uid"] for one in pods(target)} == before


def test_a_deleted_pod_is_replaced(target: Target) -> None:
    create(target, workload("Deployment", replicas=1))
    settled(target)
    [pod] = pods(target)
    target.kubectl("delete", "pod", pod["metadata"]["name"])
    found = json.loads(target.kubectl("get", "pods", "-o", "json"))["items"]
    assert pod["metadata"]["uid"] not in {one["metadata"]["uid"] for one in found}
    settled(target)
    assert len(pods(target)) == 1


def test_a_write_of_a_label_rolls_nothing_out(target: Target) -> None:
    create(target, workload("Deployment", replicas=1))
    before = settled(target)
    target.ok("PATCH", DEPLOYMENT, {"metadata": {"labels": {"team": "a"}}}, content_type=MERGE)
    found = target.ok("GET", DEPLOYMENT)
    assert found["metadata"]["generation"] == before["metadata"]["generation"]
    assert found["status"] == before["status"]
    assert len(replica_sets(target)) == 1
