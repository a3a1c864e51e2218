"""What follows from the other workloads, on the embedded cluster and on a real control plane."""

from __future__ import annotations

from typing import Any

from tests.contract.controllers.workloads import conditions, counts, create, items, pods, workload
from tests.contract.target import Target, eventually


def test_a_stateful_set(target: Target) -> None:
    create(target, workload("StatefulSet", "db", replicas=2, serviceName="db"))
    path = "/apis/apps/v1/namespaces/{ns}/statefulsets/db"
    eventually(lambda: target.ok("GET", path)["status"].get("readyReplicas") == 2)
    found = target.ok("GET", path)
    [revision] = items(target, "/apis/apps/v1/namespaces/{ns}/controllerrevisions")
    name = revision["metadata"]["name"]
    assert counts(found) == {
        "observedGeneration": 1,
        "replicas": 2,
        "readyReplicas": 2,
        "availableReplicas": 2,
        "currentReplicas": 2,
        "updatedReplicas": 2,
        "currentRevision": name,
        "updateRevision": name,
        "collisionCount": 0,
    }
    suffix = name.removeprefix("db-")
    assert revision["metadata"]["labels"] == {"app": "web", "controller.kubernetes.io/hash": suffix}
    assert revision["data"]["spec"]["template"]["$patch"] == "replace"
    first = pods(target)[0]
    assert first["metadata"]["labels"] == {
        "app": "web",
        "apps.kubernetes.io/pod-index": "0",
        "controller-revision-hash": name,
        "statefulset.kubernetes.io/pod-name": "db-0",
    }
    assert (first["spec"]["hostname"], first["spec"]["subdomain"]) == ("db-0", "db")
    target.kubectl("rollout", "restart", "statefulset/db")
    target.kubectl("rollout", "status", "statefulset/db", "--timeout=60s")
    updated = eventually(
        lambda: (s := target.ok("GET", path)["status"])["currentRevision"] == s["updateRevision"] != name and s,
    )
    assert (updated["currentReplicas"], updated["updatedReplicas"]) == (2, 2)


def test_a_daemon_set(target: Target) -> None:
    create(target, workload("DaemonSet", "agent"))
    path = "/apis/apps/v1/namespaces/{ns}/daemonsets/agent"
    nodes = len(items(target, "/api/v1/nodes"))
    eventually(lambda: target.ok("GET", path)["status"].get("numberAvailable") == nodes)
    assert counts(target.ok("GET", path)) == {
        "observedGeneration": 1,
        "currentNumberScheduled": nodes,
        "desiredNumberScheduled": nodes,
        "numberAvailable": nodes,
        "numberMisscheduled": 0,
        "numberReady": nodes,
        "updatedNumberScheduled": nodes,
    }
    pod = pods(target)[0]
    assert set(pod["metadata"]["labels"]) == {"app", "controller-revision-hash", "pod-template-generation"}
    target.kubectl("rollout", "status", "daemonset/agent", "--timeout=60s")


JOB = "/apis/batch/v1/namespaces/{ns}/jobs/task"


def job(image: str = "busybox:1", **spec: Any) -> dict[str, Any]:
    container = {"name": "c", "image": image, "command": ["sh", "-c", "exit 1" if image == "exit-1" else "true"]}
    template = {"spec": {"restartPolicy": "Never", "containers": [container]}}
    base = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "task"}}
    return {**base, "spec": {"template": template, **spec}}


def test_a_job_completes(target: Target) -> None:
    create(target, job())
    eventually(lambda: "Complete" in conditions(target.ok("GET", JOB)))
    found = target.ok("GET", JOB)
    text = "Reached expected number of succeeded pods"
    assert conditions(found) == {
        "SuccessCriteriaMet": ("True", "CompletionsReached", text),
        "Complete": ("True", "CompletionsReached", text),
    }
    status = counts(found)
    assert status.pop("startTime") <= status.pop("completionTime")
    assert status == {"succeeded": 1, "ready": 0, "terminating": 0, "uncountedTerminatedPods": {}}
    [pod] = pods(target)
    assert pod["status"]["phase"] == "Succeeded"
    target.kubectl("wait", "--for=condition=Complete", "job/task", "--timeout=60s")


def test_a_job_fails(target: Target) -> None:
    create(target, job("exit-1", backoffLimit=0))
    eventually(lambda: "Failed" in conditions(target.ok("GET", JOB)))
    found = target.ok("GET", JOB)
    text = "Job has reached the specified backoff limit"
    assert conditions(found) == {
        "FailureTarget": ("True", "BackoffLimitExceeded", text),
        "Failed": ("True", "BackoffLimitExceeded", text),
    }
    status = counts(found)
    assert status.pop("startTime")
    assert status == {"failed": 1, "ready": 0, "terminating": 0, "uncountedTerminatedPods": {}}


def test_a_job_of_a_cron_job(target: Target) -> None:
    spec = {"schedule": "0 0 1 1 *", "jobTemplate": {"spec": job()["spec"]}}
    create(target, {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "cron"}, "spec": spec})
    target.kubectl("create", "job", "task", "--from=cronjob/cron")
    path = "/apis/batch/v1/namespaces/{ns}/cronjobs/cron"
    eventually(lambda: target.ok("GET", path)["status"].get("lastSuccessfulTime"))
    ended = target.ok("GET", JOB)["status"]["completionTime"]
    assert target.ok("GET", path)["status"] == {"lastSuccessfulTime": ended}
