"""Events: Argo CD's words, few of them, and none where nobody may write them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from gitops_tui.engine.audit import (
    LONGEST,
    NORMAL,
    WARNING,
    Audit,
    Happening,
    operation_completed,
    operation_started,
)
from gitops_tui.engine.counted import KUBERNETES_EVENTS
from gitops_tui.engine.eventlimit import BURST, MERGED_S, REFILL_S, EventLimit
from gitops_tui.engine.tally import Tally
from gitops_tui.errors import Forbidden, NotFound, ServerError
from gitops_tui.model.application import Application, Origin, parse_application
from gitops_tui.model.operation import Condition, InitiatedBy, Operation, OperationState, SyncResult
from gitops_tui.model.resource import ResourceKey
from gitops_tui.model.snapshot import AppView
from gitops_tui.model.status import Health, HealthStatus, OperationPhase, SyncStatus

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
SHA = "6113728f27ae82c7b1a177c8d03f9e96e0adf246"


def app(*, in_cluster: bool = True, status: dict[str, Any] | None = None, name: str = "shop") -> Application:
    document = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name, "namespace": "argocd", "uid": f"u-{name}", "resourceVersion": "7"},
        "spec": {
            "source": {"repoURL": "https://h/o/r", "path": "."},
            "destination": {"server": "https://k", "namespace": "n"},
        },
        "status": status or {},
    }
    return parse_application(document, origin=Origin(in_cluster=in_cluster))


def view(of: Application, sync: SyncStatus, health: HealthStatus, *conditions: Condition) -> AppView:
    return AppView("1", of, sync=sync, health=Health(health), conditions=conditions)


@dataclass
class Cluster:
    """A home session and a pool in one: what is submitted runs at once, what is written is kept."""

    created: list[dict[str, Any]] = field(default_factory=list)
    patched: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    error: Exception | None = None
    asked: int = 0
    now_s: float = 0.0

    @property
    def home(self) -> Cluster:
        return self

    discovery = cache = writer = home

    def find(self, group: str, kind: str) -> str:
        return kind

    def get(self, key: ResourceKey) -> None:
        return None

    def create(self, resource: str, obj: dict[str, Any]) -> None:
        self.asked += 1
        if self.error is not None:
            raise self.error
        self.created.append(obj)

    def merge_patch(self, resource: str, namespace: str, name: str, patch: dict[str, Any]) -> None:
        if self.error is not None:
            raise self.error
        if name not in [one["metadata"]["name"] for one in self.created]:
            raise NotFound("gone", code=404)
        self.patched.append((name, patch))

    def submit(self, work: Callable[[], None]) -> None:
        work()

    def audit(self, tally: Tally | None = None) -> Audit:
        anything: Any = self
        return Audit(anything, anything, tally or Tally(), lambda: NOW, lambda: self.now_s)


def said(cluster: Cluster) -> list[str]:
    return [f"{one['type']} {one['reason']}: {one['message']}" for one in cluster.created]


def test_a_status_that_is_another_one_is_told_once() -> None:
    cluster, shop = Cluster(), app()
    audit = cluster.audit()
    for _ in range(3):
        audit.status(view(shop, SyncStatus.OUT_OF_SYNC, HealthStatus.MISSING))
    audit.status(view(shop, SyncStatus.SYNCED, HealthStatus.MISSING))
    assert said(cluster) == [
        "Normal ResourceUpdated: Updated sync status:  -> OutOfSync",
        "Normal ResourceUpdated: Updated health status:  -> Missing",
        "Normal ResourceUpdated: Updated sync status: OutOfSync -> Synced",
    ]


def test_a_new_instance_goes_on_from_the_status_that_stands_there() -> None:
    cluster = Cluster()
    shop = app(status={"sync": {"status": "Synced"}, "health": {"status": "Healthy"}})
    cluster.audit().status(view(shop, SyncStatus.SYNCED, HealthStatus.HEALTHY))
    assert cluster.created == []
    cluster.audit().status(view(shop, SyncStatus.SYNCED, HealthStatus.DEGRADED))
    assert said(cluster) == ["Normal ResourceUpdated: Updated health status: Healthy -> Degraded"]


def test_a_deletion_that_fails_is_told() -> None:
    cluster, shop = Cluster(), app(status={"sync": {"status": "Synced"}, "health": {"status": "Healthy"}})
    failing = Condition("DeletionError", "no such thing", NOW)
    audit = cluster.audit()
    audit.status(view(shop, SyncStatus.SYNCED, HealthStatus.HEALTHY, failing))
    audit.status(view(shop, SyncStatus.SYNCED, HealthStatus.HEALTHY, failing))
    assert said(cluster) == ["Warning StatusRefreshed: Unable to delete application resources: no such thing"]


def test_an_event_names_the_application() -> None:
    cluster = Cluster()
    cluster.audit().tell(app(), Happening(NORMAL, "OperationStarted", "x"))
    (found,) = cluster.created
    assert found["involvedObject"] == {
        "apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "namespace": "argocd", "name": "shop",
        "uid": "u-shop", "resourceVersion": "7",
    }  # fmt: skip
    assert found["metadata"]["namespace"] == "argocd"
    assert found["metadata"]["name"].startswith("shop.")
    assert found["source"] == {"component": "gitops-tui"}
    assert (found["firstTimestamp"], found["count"]) == ("2026-11-28T12:00:00Z", 1)


AUTOMATED = Operation(revision=SHA, initiated_by=InitiatedBy(automated=True))
BY_HAND = Operation(initiated_by=InitiatedBy(username="ana"))
PARTIAL = replace(BY_HAND, resources=(ResourceKey("apps", "Deployment", "n", "web"),))


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (AUTOMATED, f"Initiated automated sync to '{SHA}'"),
        (BY_HAND, f"ana initiated sync to HEAD ({SHA})"),
        (replace(BY_HAND, revision=SHA), f"ana initiated sync to {SHA}"),
        (replace(BY_HAND, revision="v1", initiated_by=InitiatedBy()), f"Unknown user initiated sync to v1 ({SHA})"),
        (PARTIAL, f"ana initiated partial sync to HEAD ({SHA})"),
    ],
)
def test_what_begins(operation: Operation, words: str) -> None:
    state = OperationState(operation, OperationPhase.RUNNING)
    assert operation_started(app(), state, (SHA,)) == Happening(NORMAL, "OperationStarted", words)


@pytest.mark.parametrize(
    ("operation", "phase", "severity", "words"),
    [
        (AUTOMATED, OperationPhase.SUCCEEDED, NORMAL, f"Sync operation to {SHA} succeeded"),
        (BY_HAND, OperationPhase.FAILED, WARNING, f"Sync operation to {SHA} failed: no luck"),
        (PARTIAL, OperationPhase.ERROR, WARNING, f"Partial sync operation to {SHA} failed: no luck"),
    ],
)
def test_what_ends(operation: Operation, phase: OperationPhase, severity: str, words: str) -> None:
    state = OperationState(operation, phase, message="no luck", sync_result=SyncResult(revision=SHA))
    assert operation_completed(state) == Happening(severity, "OperationCompleted", words)


def test_an_action_is_told_of_the_application() -> None:
    cluster = Cluster()
    cluster.audit().acted(app(), "ana", "restart", ResourceKey("apps", "Deployment", "n", "web"))
    assert said(cluster) == ["Normal ResourceActionRan: ana ran action restart on resource apps/Deployment/web"]


def test_only_applications_of_the_cluster_and_only_where_writing_is_allowed() -> None:
    cluster = Cluster()
    cluster.audit().tell(app(in_cluster=False), Happening(NORMAL, "OperationStarted", "x"))
    read_only = cluster.audit()
    anything: Any = type("Home", (), {"writer": None, "discovery": cluster, "cache": cluster})()
    read_only._home = anything
    read_only.tell(app(), Happening(NORMAL, "OperationStarted", "x"))
    assert cluster.asked == 0


def test_who_may_not_write_asks_once(caplog: pytest.LogCaptureFixture) -> None:
    cluster = Cluster(error=Forbidden("events is forbidden", code=403))
    audit = cluster.audit()
    for number in range(5):
        audit.tell(app(), Happening(NORMAL, "OperationStarted", str(number)))
    assert cluster.asked == 1
    assert caplog.text.count("no Events are written in argocd") == 1


def test_the_same_words_are_one_event_that_is_counted() -> None:
    cluster, tally = Cluster(), Tally()
    audit = cluster.audit(tally)
    for _ in range(3):
        audit.tell(app(), Happening(NORMAL, "ResourceUpdated", "up"))
        audit.tell(app(), Happening(NORMAL, "ResourceUpdated", "down"))
    assert len(cluster.created) == 2
    assert [patch["count"] for _, patch in cluster.patched] == [2, 2, 3, 3]
    cluster.created.clear()  # they expired
    audit.tell(app(), Happening(NORMAL, "ResourceUpdated", "up"))
    assert cluster.created[0]["count"] == 4
    assert dict(tally.families()[0].samples) == {("written",): 2.0, ("merged",): 5.0}


def test_what_could_not_be_written_is_written_anew() -> None:
    cluster = Cluster(error=ServerError("etcd", code=500))
    audit = cluster.audit()
    audit.tell(app(), Happening(NORMAL, "ResourceUpdated", "up"))
    cluster.error = None
    audit.tell(app(), Happening(NORMAL, "ResourceUpdated", "up"))
    assert len(cluster.created) == 1


def test_a_storm_is_cut_off_and_another_application_is_not() -> None:
    cluster, tally = Cluster(), Tally()
    audit = cluster.audit(tally)
    for number in range(500):
        audit.tell(app(), Happening(NORMAL, "ResourceUpdated", str(number)))
    assert len(cluster.created) == BURST
    audit.tell(app(name="calm"), Happening(NORMAL, "ResourceUpdated", "x"))
    assert len(cluster.created) == BURST + 1
    cluster.now_s = 2 * REFILL_S
    for number in range(10):
        audit.tell(app(), Happening(NORMAL, "ResourceUpdated", f"later {number}"))
    assert len(cluster.created) == BURST + 3
    (family,) = [one for one in tally.families() if one.name == KUBERNETES_EVENTS.name]
    assert dict(family.samples)["dropped",] == 500 - BURST + 8


def test_words_are_no_longer_than_kubernetes_takes_them() -> None:
    cluster = Cluster()
    cluster.audit().tell(app(), Happening(WARNING, "OperationCompleted", "ä" * 4000))
    assert len(cluster.created[0]["message"].encode()) <= LONGEST + 3


def test_after_a_while_the_same_words_are_a_new_event() -> None:
    limit = EventLimit()
    first = limit.admit("a", ("x",), "one", 0.0)
    assert first is not None and first[1]
    again = limit.admit("a", ("x",), "two", MERGED_S - 1)
    assert again is not None and not again[1] and again[0].name == "one"
    later = limit.admit("a", ("x",), "three", 2 * MERGED_S)
    assert later is not None and later[1] and later[0].name == "three"
