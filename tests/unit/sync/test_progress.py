"""What a running operation is said to wait for."""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec.structs import replace

from gitops_tui.model.resource import Object
from gitops_tui.model.status import Health, HealthStatus, OperationPhase, ResultCode, SyncPhase
from gitops_tui.sync.progress import progress_of
from gitops_tui.sync.tasks import SyncTask, make_task

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def applied(kind: str, name: str, health: str = "", message: str = "") -> SyncTask:
    obj: Object = {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": "shop"}, "health": health}
    task = make_task(SyncPhase.SYNC, obj, obj if health else None)
    return replace(task, state=OperationPhase.RUNNING, status=ResultCode.SYNCED, message=message)


def health_of(obj: Object) -> Health:
    return Health(HealthStatus(obj["health"]), "")


def test_what_is_healthy_is_not_waited_for() -> None:
    tasks = [applied("Service", "web", "Healthy"), applied("Deployment", "web", "Progressing")]
    found = progress_of(tasks, health_of, NOW, "")
    assert [(key.kind, why) for key, why in found.running] == [("Deployment", "Progressing")]


def test_an_object_is_not_named_again_by_what_is_said_of_it() -> None:
    tasks = [applied("Job", "migrate", message="job.batch/migrate created"), applied("Job", "other", message="no: why")]
    assert [why for _, why in progress_of(tasks, health_of, NOW, "").running] == ["created", "no: why"]
