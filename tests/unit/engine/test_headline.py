"""The one thing to say about an application."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from gitops_tui.engine.headline import last_transition, pod_words, ready_words, trouble_of, worst_pod_words
from gitops_tui.model.drift import FieldDrift, Writer
from gitops_tui.model.operation import Condition, Operation, OperationState
from gitops_tui.model.resource import ResourceKey
from gitops_tui.model.snapshot import Progress, ResourceView, Trouble, TroubleKind
from gitops_tui.model.status import DriftKind, Health, HealthStatus, OperationPhase, SyncStatus, WriterClass

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
KEY = ResourceKey("apps", "Deployment", "shop", "auth")


def trouble(**facts: Any) -> Trouble:
    found: dict[str, Any] = {
        "sync": SyncStatus.SYNCED, "health": Health(HealthStatus.HEALTHY), "resources": (), "conditions": (),
        "operation": None, "progress": None, "is_at_deployed": True, "health_since": None, "health_words": "",
        "waiting": "",
    }  # fmt: skip
    return trouble_of(**{**found, **facts})


def resource(*drift: FieldDrift, exists: bool = True, sync: SyncStatus = SyncStatus.SYNCED) -> ResourceView:
    return ResourceView(KEY, "v1", sync, None, exists=exists, drift=drift)


def field(label: str, kind: DriftKind, manager: str = "kubectl-edit", klass: WriterClass = WriterClass.PERSON) -> Any:
    return FieldDrift((label,), label, label, kind, writer=Writer(manager, time=NOW.isoformat(), klass=klass))


def running(phase: OperationPhase, message: str = "") -> OperationState:
    return OperationState(Operation(), phase, message, started_at=NOW, finished_at=NOW)


def test_nothing_is_wrong() -> None:
    assert trouble() == Trouble()


def test_who_changed_what_and_since_when() -> None:
    labels = [field(f"env {name}", DriftKind.FOREIGN) for name in "ABCDE"]
    found = trouble(resources=[resource(*labels, field("env A", DriftKind.NOTE, "hpa"))])
    assert found == Trouble(TroubleKind.DRIFTED, "env A, env B, env C and 2 more by kubectl-edit", NOW)


@pytest.mark.parametrize(
    ("klass", "is_at_deployed", "kind"),
    [
        (WriterClass.PERSON, True, TroubleKind.DRIFTED),
        (WriterClass.GIT, True, TroubleKind.DRIFTED),
        (WriterClass.GIT, False, TroubleKind.OUT_OF_SYNC),
    ],
)
def test_what_differs_from_git_is_drift_or_a_commit_that_waits(
    klass: WriterClass, is_at_deployed: bool, kind: TroubleKind
) -> None:
    view = resource(field("env A", DriftKind.TARGET, "somebody", klass), sync=SyncStatus.OUT_OF_SYNC)
    found = trouble(
        sync=SyncStatus.OUT_OF_SYNC, resources=[view], is_at_deployed=is_at_deployed, waiting="c0ffee Bo waits"
    )
    assert found.kind is kind
    assert found.what == ("c0ffee Bo waits" if kind is TroubleKind.OUT_OF_SYNC else "env A by somebody")


def test_an_operation_that_runs_is_said_first() -> None:
    drift = resource(field("env A", DriftKind.FOREIGN))
    progress = Progress(wave=2, running=((KEY, "0/3 ready"), (KEY, "")))
    facts = {"operation": running(OperationPhase.RUNNING, "starting"), "resources": [drift]}
    assert trouble(**facts, progress=progress).what == "wave 2: Deployment/auth and 1 more 0/3 ready"
    assert trouble(**facts, progress=Progress(done=3, total=7)).what == "3 of 7"
    assert trouble(**facts) == Trouble(TroubleKind.SYNCING, "starting", NOW)


def test_the_worse_is_said_before_the_lesser() -> None:
    facts: dict[str, Any] = {
        "health": Health(HealthStatus.DEGRADED, "own words"),
        "conditions": [Condition("ComparisonError", "no such branch", NOW), Condition("FightWarning", "x", NOW)],
        "operation": running(OperationPhase.FAILED, "one failed"),
        "sync": SyncStatus.OUT_OF_SYNC,
        "resources": [resource(), resource(exists=False, sync=SyncStatus.OUT_OF_SYNC)],
    }
    said = []
    for name, mended in [
        ("health", Health(HealthStatus.HEALTHY)),
        ("conditions", ()),
        ("operation", None),
        ("resources", [resource()]),
        ("sync", SyncStatus.SYNCED),
    ]:
        found = trouble(**facts)
        said.append((found.kind, found.what))
        facts[name] = mended
    assert said == [
        (TroubleKind.DEGRADED, "own words"),
        (TroubleKind.ERROR, "no such branch"),
        (TroubleKind.FAILED, "sync failed: one failed"),
        (TroubleKind.DRIFTED, "Deployment/auth gone from the cluster"),
        (TroubleKind.OUT_OF_SYNC, ""),
    ]
    assert trouble(**facts) == Trouble()


@pytest.mark.parametrize(
    ("health", "kind"),
    [
        (HealthStatus.PROGRESSING, TroubleKind.PROGRESSING),
        (HealthStatus.MISSING, TroubleKind.MISSING),
        (HealthStatus.UNKNOWN, TroubleKind.UNKNOWN),
        (HealthStatus.SUSPENDED, TroubleKind.SUSPENDED),
    ],
)
def test_the_quiet_states(health: HealthStatus, kind: TroubleKind) -> None:
    assert trouble(health=Health(health, "why")).kind is kind


# --- pods


def pod(**state: Any) -> dict[str, Any]:
    return {"kind": "Pod", "status": {"containerStatuses": [{"image": "auth:2", "restartCount": 6, "state": state}]}}


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"waiting": {"reason": "CrashLoopBackOff"}}, "crash loop, 6 restarts"),
        ({"waiting": {"reason": "ImagePullBackOff"}}, "image auth:2 cannot be pulled"),
        ({"waiting": {"reason": "ErrImagePull"}}, "image auth:2 cannot be pulled"),
        ({"waiting": {"reason": "CreateContainerConfigError"}}, "CreateContainerConfigError"),
        ({"waiting": {"reason": "ContainerCreating"}}, ""),
        ({"terminated": {"reason": "OOMKilled", "exitCode": 137}}, "OOMKilled, exit 137"),
        ({"terminated": {"reason": "Completed", "exitCode": 0}}, ""),
        ({"running": {}}, ""),
    ],
)
def test_a_pods_trouble_in_words(state: dict[str, Any], words: str) -> None:
    assert pod_words(pod(**state)) == words


def test_a_pod_that_no_node_takes() -> None:
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}
    assert pod_words({"status": {"conditions": [condition]}}) == "cannot be scheduled"
    assert pod_words({}) == ""


def test_the_most_frequent_trouble_of_many_pods() -> None:
    crash, pull = pod(waiting={"reason": "CrashLoopBackOff"}), pod(waiting={"reason": "ErrImagePull"})
    assert worst_pod_words([pull, crash, crash, pod(running={})]) == "crash loop, 6 restarts"
    assert worst_pod_words([pod(running={})]) == ""


def test_how_much_of_a_workload_is_ready() -> None:
    assert ready_words({"kind": "Deployment", "spec": {"replicas": 3}, "status": {"readyReplicas": 2}}) == "2/3 ready"
    assert ready_words({"kind": "StatefulSet", "spec": {}}) == "0/1 ready"
    assert ready_words({"kind": "DaemonSet", "status": {"numberReady": 1, "desiredNumberScheduled": 4}}) == "1/4 ready"
    assert ready_words({"kind": "ConfigMap"}) == ""


def test_the_newest_transition() -> None:
    conditions = [
        {"type": "Available", "lastTransitionTime": "2026-11-24T10:00:00Z"},
        {"type": "Progressing", "lastTransitionTime": "2026-11-24T11:00:00Z"},
        {"type": "Odd", "lastTransitionTime": "yesterday"},
    ]
    found = last_transition({"status": {"conditions": conditions}})
    assert found is not None and found.hour == 11
    found = last_transition({"status": {"conditions": conditions}}, "Available")
    assert found is not None and found.hour == 10
    assert last_transition({}) is None
