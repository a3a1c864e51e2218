"""The one thing to say about an application, in words; pure.

``Drifted`` means that somebody changed the cluster by hand: foreign fields, or target drift while Git stands where it
was deployed or while a person's client owns the field. Else target drift is a commit that waits.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from gitops_tui.model.drift import FieldDrift, is_changed_by_hand
from gitops_tui.model.operation import Condition, OperationState
from gitops_tui.model.resource import Object
from gitops_tui.model.snapshot import Progress, ResourceView, Trouble, TroubleKind
from gitops_tui.model.status import Health, HealthStatus, OperationPhase, SyncStatus


def trouble_of(
    *,
    sync: SyncStatus,
    health: Health,
    resources: Sequence[ResourceView],
    conditions: Sequence[Condition],
    operation: OperationState | None,
    progress: Progress | None,
    is_at_deployed: bool,
    health_since: datetime | None,
    health_words: str,
    waiting: str,
) -> Trouble:
    """Worst first. ``health_words`` says what is wrong with the worst object; ``waiting`` what a new commit changes."""
    if operation is not None and not operation.phase.is_completed:
        return Trouble(TroubleKind.SYNCING, _progress_words(progress, operation), operation.started_at)
    by_hand = [
        (res, one) for res in resources for one in res.drift if is_changed_by_hand(one, is_at_deployed=is_at_deployed)
    ]
    if by_hand:
        return _drifted(by_hand)
    gone = [res for res in resources if not res.exists and res.sync is SyncStatus.OUT_OF_SYNC and not res.is_hook]
    if health.status is HealthStatus.DEGRADED:
        return Trouble(TroubleKind.DEGRADED, health_words or health.message, health_since)
    errors = [one for one in conditions if one.type.endswith("Error")]
    if errors:
        return Trouble(TroubleKind.ERROR, errors[0].message, errors[0].last_transition_time)
    if operation is not None and operation.phase in (OperationPhase.FAILED, OperationPhase.ERROR):
        return Trouble(TroubleKind.FAILED, f"sync failed: {operation.message}", operation.finished_at)
    if is_at_deployed and gone and len(gone) < len(resources):
        return Trouble(TroubleKind.DRIFTED, f"{_names(gone)} gone from the cluster")
    return _quiet(sync, health, health_since, health_words, waiting)


def _quiet(sync: SyncStatus, health: Health, since: datetime | None, health_words: str, waiting: str) -> Trouble:
    """The states that are no emergency."""
    if sync is SyncStatus.OUT_OF_SYNC and health.status is not HealthStatus.MISSING:
        return Trouble(TroubleKind.OUT_OF_SYNC, waiting)
    if health.status is HealthStatus.PROGRESSING:
        return Trouble(TroubleKind.PROGRESSING, health_words or health.message, since)
    if health.status is HealthStatus.MISSING:
        return Trouble(TroubleKind.MISSING, "nothing of it is in the cluster")
    if HealthStatus.UNKNOWN in (health.status,) or sync is SyncStatus.UNKNOWN:
        return Trouble(TroubleKind.UNKNOWN, health.message or waiting)
    if health.status is HealthStatus.SUSPENDED:
        return Trouble(TroubleKind.SUSPENDED, health_words or health.message, since)
    return Trouble()


def _drifted(found: Sequence[tuple[ResourceView, FieldDrift]]) -> Trouble:
    """``env AUTH_MODE, env DEBUG by kubectl-edit``; since the writer's last write, the newest of all."""
    labels = list(dict.fromkeys(one.label for _, one in found))
    shown = ", ".join(labels[:3]) + (f" and {len(labels) - 3} more" if len(labels) > 3 else "")
    writers = [one.writer for _, one in found if one.writer is not None]
    names = list(dict.fromkeys(writer.manager for writer in writers if writer.manager))
    times = [at for at in (_time(writer.time) for writer in writers) if at is not None]
    by = f" by {', '.join(names)}" if names else ""
    return Trouble(TroubleKind.DRIFTED, shown + by, max(times, default=None))


def _progress_words(progress: Progress | None, operation: OperationState) -> str:
    if progress is None:
        return operation.message or "starting"
    if progress.running:
        key, why = progress.running[0]
        more = f" and {len(progress.running) - 1} more" if len(progress.running) > 1 else ""
        return f"wave {progress.wave}: {key.short}{more} {why}".rstrip()
    return progress.message or f"{progress.done} of {progress.total}"


def _names(resources: Sequence[ResourceView]) -> str:
    more = f" and {len(resources) - 2} more" if len(resources) > 2 else ""
    return ", ".join(res.key.short for res in resources[:2]) + more


# --- pods ------------------------------------------------------------------------------------------------------------


def pod_words(pod: Object) -> str:
    """What is wrong with a pod as people say it: ``crash loop, 6 restarts``; empty where nothing is."""
    status = pod.get("status") or {}
    containers = [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]
    restarts = sum(int(one.get("restartCount") or 0) for one in containers)
    for one in containers:
        waiting = (one.get("state") or {}).get("waiting") or {}
        reason = str(waiting.get("reason") or "")
        if reason == "CrashLoopBackOff":
            return f"crash loop, {restarts} restart{'' if restarts == 1 else 's'}"
        if reason in ("ErrImagePull", "ImagePullBackOff", "InvalidImageName"):
            return f"image {one.get('image', '')} cannot be pulled"
        if reason and reason not in ("ContainerCreating", "PodInitializing"):
            return reason
        ended = (one.get("state") or {}).get("terminated") or {}
        if ended.get("reason") not in (None, "Completed"):
            return f"{ended['reason']}, exit {ended.get('exitCode')}"
    unscheduled = [one for one in status.get("conditions") or () if one.get("reason") == "Unschedulable"]
    return "cannot be scheduled" if unscheduled else ""


def worst_pod_words(pods: Iterable[Object]) -> str:
    """The most frequent trouble among pods, with how many have it where several do."""
    words = [text for text in (pod_words(pod) for pod in pods) if text]
    if not words:
        return ""
    return max(set(words), key=lambda text: (words.count(text), text))


def ready_words(obj: Object) -> str:
    """``2/3 ready`` of a workload; empty for other kinds."""
    status, spec = obj.get("status") or {}, obj.get("spec") or {}
    kind = obj.get("kind")
    if kind in ("Deployment", "ReplicaSet", "StatefulSet"):
        return f"{status.get('readyReplicas') or 0}/{spec.get('replicas', 1)} ready"
    if kind == "DaemonSet":
        return f"{status.get('numberReady') or 0}/{status.get('desiredNumberScheduled') or 0} ready"
    return ""


def last_transition(obj: Object, type_: str = "") -> datetime | None:
    """The newest ``lastTransitionTime`` among an object's conditions (of one type, where given)."""
    conditions = (obj.get("status") or {}).get("conditions") or ()
    times = (_time(one.get("lastTransitionTime")) for one in conditions if not type_ or one.get("type") == type_)
    return max((at for at in times if at is not None), default=None)


def standing_since(obj: Object, status: HealthStatus) -> datetime | None:
    """Since when an object is in its health; of a rollout that goes on, when it last got on.

    ``Available`` stays as it is while pods are replaced: its transition may be weeks old.
    """
    stands = last_transition(obj, "Available") or last_transition(obj)
    if status is not HealthStatus.PROGRESSING:
        return stands
    conditions = (obj.get("status") or {}).get("conditions") or ()
    moves = (_time(one.get("lastUpdateTime")) for one in conditions if one.get("type") == "Progressing")
    return max((at for at in (stands, *moves) if at is not None), default=None)


def _time(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(value)) if value else None
    except ValueError:
        return None
