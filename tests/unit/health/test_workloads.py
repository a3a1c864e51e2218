"""Deployment, ReplicaSet, StatefulSet, DaemonSet and Pod: each row of Argo CD's rules with its message."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_tui.health.assess import assess
from gitops_tui.model.status import Health, HealthStatus

Object = dict[str, Any]
ROLLOUT = "Waiting for rollout to finish: "
HEALTHY, DEGRADED, PROGRESSING = HealthStatus.HEALTHY, HealthStatus.DEGRADED, HealthStatus.PROGRESSING
SUSPENDED, UNKNOWN = HealthStatus.SUSPENDED, HealthStatus.UNKNOWN


def workload(kind: str, spec: Object, status: Object, *, generation: int = 2) -> Object:
    metadata = {"name": "web", "namespace": "shop", "generation": generation}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": metadata, "spec": spec, "status": status}


def seen(**status: Any) -> Object:
    return {"observedGeneration": 2, **status}


DONE = seen(replicas=3, updatedReplicas=3, readyReplicas=3, availableReplicas=3)
LATE = [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}]

DEPLOYMENTS = [
    ("rolled out", {"replicas": 3}, DONE, HEALTHY, ""),
    ("scaled to nothing", {"replicas": 0}, seen(), HEALTHY, ""),
    (
        "paused, whatever else",
        {"replicas": 3, "paused": True},
        seen(conditions=LATE),
        SUSPENDED,
        "Deployment is paused",
    ),
    (
        "not seen yet, though its last rollout failed",
        {"replicas": 3},
        {**DONE, "observedGeneration": 1, "conditions": LATE},
        PROGRESSING,
        f"{ROLLOUT}observed deployment generation less than desired generation",
    ),
    (
        "no status",
        {"replicas": 3},
        {},
        PROGRESSING,
        f"{ROLLOUT}observed deployment generation less than desired generation",
    ),
    ("too late", {"replicas": 3}, seen(conditions=LATE), DEGRADED, 'Deployment "web" exceeded its progress deadline'),
    (
        "rolling",
        {"replicas": 3},
        seen(replicas=4, updatedReplicas=1, availableReplicas=3),
        PROGRESSING,
        f"{ROLLOUT}1 out of 3 new replicas have been updated...",
    ),
    (
        "old pods still end",
        {"replicas": 3},
        seen(replicas=4, updatedReplicas=3, availableReplicas=3),
        PROGRESSING,
        f"{ROLLOUT}1 old replicas are pending termination...",
    ),
    (
        "not available",
        {"replicas": 3},
        seen(replicas=3, updatedReplicas=3, availableReplicas=1),
        PROGRESSING,
        f"{ROLLOUT}1 of 3 updated replicas are available...",
    ),
    ("replicas left out", {}, seen(replicas=1, updatedReplicas=1, availableReplicas=1), HEALTHY, ""),
]


def rows(table: list[Any]) -> Any:
    return pytest.mark.parametrize(
        ("spec", "status", "expected", "message"), [pytest.param(*row[1:], id=row[0]) for row in table]
    )


@rows(DEPLOYMENTS)
def test_deployment(spec: Object, status: Object, expected: HealthStatus, message: str) -> None:
    assert assess(workload("Deployment", spec, status)) == Health(expected, message)


FAILURE = {"type": "ReplicaFailure", "message": "exceeded quota"}

REPLICA_SETS = [
    ("all available", {"replicas": 2}, seen(replicas=2, availableReplicas=2), HEALTHY, ""),
    (
        "not seen yet",
        {"replicas": 2},
        {"observedGeneration": 1},
        PROGRESSING,
        f"{ROLLOUT}observed replica set generation less than desired generation",
    ),
    ("cannot make pods", {"replicas": 2}, seen(conditions=[{**FAILURE, "status": "True"}]), DEGRADED, "exceeded quota"),
    (
        "could not once",
        {"replicas": 2},
        seen(availableReplicas=2, conditions=[{**FAILURE, "status": "False"}]),
        HEALTHY,
        "",
    ),
    (
        "some are missing",
        {"replicas": 2},
        seen(replicas=2, availableReplicas=1),
        PROGRESSING,
        f"{ROLLOUT}1 out of 2 new replicas are available...",
    ),
]


@rows(REPLICA_SETS)
def test_replica_set(spec: Object, status: Object, expected: HealthStatus, message: str) -> None:
    assert assess(workload("ReplicaSet", spec, status)) == Health(expected, message)


def rolling(partition: int | None, replicas: int = 3) -> Object:
    block = {} if partition is None else {"partition": partition}
    return {"replicas": replicas, "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": block}}


UNSEEN = "Waiting for statefulset spec update to be observed..."
NO_BLOCK = {"replicas": 3, "updateStrategy": {"type": "RollingUpdate"}}

STATEFUL_SETS = [
    ("not seen yet", rolling(0), {**DONE, "observedGeneration": 1}, PROGRESSING, UNSEEN),
    ("not ready", rolling(0), seen(readyReplicas=1), PROGRESSING, "Waiting for 2 pods to be ready..."),
    (
        "rolled out",
        rolling(0),
        DONE,
        HEALTHY,
        "partitioned roll out complete: 3 new pods have been updated...",
    ),
    (
        "rolling down to the partition",
        rolling(1),
        seen(readyReplicas=3, updatedReplicas=1),
        PROGRESSING,
        "Waiting for partitioned roll out to finish: 1 out of 2 new pods have been updated...",
    ),
    (
        "held at the partition",
        rolling(2),
        seen(readyReplicas=3, updatedReplicas=1),
        HEALTHY,
        "partitioned roll out complete: 1 new pods have been updated...",
    ),
    (
        "a block without a partition",
        rolling(None),
        seen(readyReplicas=3, updatedReplicas=1, updateRevision="b", currentRevision="a"),
        HEALTHY,
        "partitioned roll out complete: 1 new pods have been updated...",
    ),
    (
        "on delete",
        {"replicas": 3, "updateStrategy": {"type": "OnDelete"}},
        seen(readyReplicas=3, updateRevision="b", currentRevision="a"),
        HEALTHY,
        "statefulset has 3 ready pods",
    ),
    (
        "no block, rolling",
        NO_BLOCK,
        seen(readyReplicas=3, updatedReplicas=1, updateRevision="b", currentRevision="a"),
        PROGRESSING,
        "waiting for statefulset rolling update to complete 1 pods at revision b...",
    ),
    (
        "no block, rolled out",
        NO_BLOCK,
        seen(readyReplicas=3, currentReplicas=3, updateRevision="b", currentRevision="b"),
        HEALTHY,
        "statefulset rolling update complete 3 pods at revision b...",
    ),
]


@rows(STATEFUL_SETS)
def test_stateful_set(spec: Object, status: Object, expected: HealthStatus, message: str) -> None:
    assert assess(workload("StatefulSet", spec, status)) == Health(expected, message)


def test_a_stateful_set_that_no_controller_looked_at_is_not_judged_by_its_generation() -> None:
    unseen = workload("StatefulSet", rolling(0, replicas=0), {"replicas": 0}, generation=0)
    assert assess(unseen) == Health(PROGRESSING, UNSEEN)


WAITING = 'Waiting for daemon set "web" rollout to finish: '
NODES = {"desiredNumberScheduled": 4}

DAEMON_SETS = [
    ("everywhere", {}, seen(**NODES, updatedNumberScheduled=4, numberAvailable=4), HEALTHY, ""),
    ("no nodes", {}, seen(), HEALTHY, ""),
    (
        "not seen yet",
        {},
        {"observedGeneration": 1, **NODES},
        PROGRESSING,
        f"{ROLLOUT}observed daemon set generation less than desired generation",
    ),
    (
        "on delete",
        {"updateStrategy": {"type": "OnDelete"}},
        seen(**NODES, updatedNumberScheduled=1),
        HEALTHY,
        "daemon set 1 out of 4 new pods have been updated",
    ),
    (
        "rolling",
        {},
        seen(**NODES, updatedNumberScheduled=1, numberAvailable=4),
        PROGRESSING,
        f"{WAITING}1 out of 4 new pods have been updated...",
    ),
    (
        "not available",
        {},
        seen(**NODES, updatedNumberScheduled=4, numberAvailable=3),
        PROGRESSING,
        f"{WAITING}3 of 4 updated pods are available...",
    ),
]


@rows(DAEMON_SETS)
def test_daemon_set(spec: Object, status: Object, expected: HealthStatus, message: str) -> None:
    assert assess(workload("DaemonSet", spec, status)) == Health(expected, message)


# --- pods ------------------------------------------------------------------------------------------------------------


def pod(phase: str, *containers: Object, policy: str = "Always", notes: Object | None = None, **status: Any) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web-1", "annotations": notes or {}},
        "spec": {"restartPolicy": policy},
        "status": {"phase": phase, "containerStatuses": list(containers), **status},
    }


def waiting(reason: str, message: str = "told") -> Object:
    return {"name": "app", "state": {"waiting": {"reason": reason, "message": message}}}


def ended(**end: Any) -> Object:
    return {"name": "app", "state": {"terminated": end}}


READY = [{"type": "Ready", "status": "True"}]
CRASHED = {"name": "app", "state": {"running": {}}, "lastState": {"terminated": {"exitCode": 1}}}
MARKED = {"argocd.argoproj.io/ignore-restart-policy": "true"}


@pytest.mark.parametrize(
    "reason", ["CrashLoopBackOff", "ImagePullBackOff", "ErrImagePull", "CreateContainerConfigError"]
)
@pytest.mark.parametrize("phase", ["Pending", "Running"])
def test_a_container_that_cannot_start_degrades_a_pod_that_runs_for_ever(reason: str, phase: str) -> None:
    assert assess(pod(phase, waiting(reason))) == Health(DEGRADED, "told")


@pytest.mark.parametrize("reason", ["ContainerCreating", "PodInitializing", ""])
def test_a_container_that_merely_waits_does_not(reason: str) -> None:
    assert assess(pod("Pending", waiting(reason), message="queued")) == Health(PROGRESSING, "queued")


def test_every_broken_container_is_told() -> None:
    containers = (waiting("ErrImagePull", "no image"), CRASHED, waiting("CrashLoopBackOff", "back-off 5m"))
    assert assess(pod("Running", *containers)) == Health(DEGRADED, "no image, back-off 5m")


@pytest.mark.parametrize("policy", ["OnFailure", "Never"])
def test_a_pod_that_ends_is_not_failed_before_its_end(policy: str) -> None:
    assert assess(pod("Running", waiting("ImagePullBackOff"), policy=policy)) == Health(PROGRESSING)
    assert assess(pod("Pending", waiting("ImagePullBackOff"), policy=policy)) == Health(PROGRESSING)


@pytest.mark.parametrize("policy", ["OnFailure", "Never"])
def test_unless_it_is_marked_and_no_hook(policy: str) -> None:
    broken = waiting("ImagePullBackOff")
    assert assess(pod("Pending", broken, policy=policy, notes=MARKED)) == Health(DEGRADED, "told")
    for hook in ("argocd.argoproj.io/hook", "helm.sh/hook"):
        notes = {**MARKED, hook: "PreSync"}
        assert assess(pod("Pending", broken, policy=policy, notes=notes)) == Health(PROGRESSING)
    unmarked = {"argocd.argoproj.io/ignore-restart-policy": "false"}
    assert assess(pod("Pending", broken, policy=policy, notes=unmarked)) == Health(PROGRESSING)


RUNNING = [
    ("ready", {"conditions": READY}, (), HEALTHY),
    ("ready again", {"conditions": READY}, (CRASHED,), HEALTHY),
    ("crashed and not ready", {}, (CRASHED,), DEGRADED),
    ("not ready yet", {"conditions": [{"type": "Ready", "status": "False"}]}, (), PROGRESSING),
]


@pytest.mark.parametrize(
    ("status", "containers", "expected"), [row[1:] for row in RUNNING], ids=[r[0] for r in RUNNING]
)
def test_a_running_pod(status: Object, containers: tuple[Object, ...], expected: HealthStatus) -> None:
    assert assess(pod("Running", *containers, message="told", **status)) == Health(expected, "told")


@pytest.mark.parametrize("policy", ["OnFailure", "Never"])
def test_a_running_pod_that_ends_is_progressing_though_it_is_ready(policy: str) -> None:
    assert assess(pod("Running", policy=policy, conditions=READY)) == Health(PROGRESSING)


def test_a_pod_that_ended_well_and_one_of_which_nothing_is_known() -> None:
    assert assess(pod("Succeeded", ended(exitCode=0), policy="Never")) == Health(HEALTHY)
    assert assess(pod("Unknown", message="node lost")) == Health(UNKNOWN, "node lost")
    assert assess({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "new"}}) == Health(UNKNOWN)


FAILED = [
    ("the pod's own words first", {"message": "evicted"}, (ended(message="boom", exitCode=2),), "evicted"),
    ("the container's words", {}, (ended(exitCode=0), ended(message="boom", exitCode=2)), "boom"),
    ("out of memory", {}, (ended(reason="OOMKilled", exitCode=137),), "OOMKilled"),
    ("an exit code", {}, (ended(exitCode=3),), 'container "app" failed with exit code 3'),
    (
        "an init container first",
        {"initContainerStatuses": [{"name": "init", "state": {"terminated": {"exitCode": 4}}}]},
        (ended(exitCode=3),),
        'container "init" failed with exit code 4',
    ),
    ("nothing told", {}, (ended(exitCode=0),), ""),
]


@pytest.mark.parametrize(
    ("status", "containers", "message"), [row[1:] for row in FAILED], ids=[row[0] for row in FAILED]
)
def test_a_failed_pod_says_why(status: Object, containers: tuple[Object, ...], message: str) -> None:
    assert assess(pod("Failed", *containers, policy="Never", **status)) == Health(DEGRADED, message)
