"""Deployment, StatefulSet, DaemonSet, ReplicaSet and Pod (semantics 1.11; Argo CD ``gitops-engine/pkg/health``)."""

from __future__ import annotations

from gitops_tui.health.field import (
    Fields,
    condition,
    conditions,
    count,
    fields,
    is_observed,
    items,
    maybe_count,
    spec,
    status,
    text,
)
from gitops_tui.health.verdict import degraded, healthy, progressing, suspended, unknown
from gitops_tui.model.annotations import HELM_HOOK, HOOK, IGNORE_RESTART_POLICY
from gitops_tui.model.resource import Object, annotations_of, name_of
from gitops_tui.model.status import Health

_ROLLOUT = "Waiting for rollout to finish: "


def deployment(obj: Object) -> Health:
    """Crash-looping pods are Progressing until the progress deadline, 600 s by default."""
    if spec(obj).get("paused") is True:
        return suspended("Deployment is paused")
    if not is_observed(obj):
        return progressing(_ROLLOUT + "observed deployment generation less than desired generation")
    found = condition(obj, "Progressing")
    if found is not None and found.get("reason") == "ProgressDeadlineExceeded":
        return degraded(f'Deployment "{name_of(obj)}" exceeded its progress deadline')
    return _deployment_replicas(maybe_count(spec(obj), "replicas"), status(obj))


def _deployment_replicas(wanted: int | None, found: Fields) -> Health:
    updated, available = count(found, "updatedReplicas"), count(found, "availableReplicas")
    old = count(found, "replicas") - updated
    if wanted is not None and updated < wanted:
        return progressing(f"{_ROLLOUT}{updated} out of {wanted} new replicas have been updated...")
    if old > 0:
        return progressing(f"{_ROLLOUT}{old} old replicas are pending termination...")
    if available < updated:
        return progressing(f"{_ROLLOUT}{available} of {updated} updated replicas are available...")
    return healthy()


def stateful_set(obj: Object) -> Health:
    found, wanted = status(obj), maybe_count(spec(obj), "replicas")
    if not count(found, "observedGeneration") or not is_observed(obj):
        return progressing("Waiting for statefulset spec update to be observed...")
    ready = count(found, "readyReplicas")
    if wanted is not None and ready < wanted:
        return progressing(f"Waiting for {wanted - ready} pods to be ready...")
    strategy = fields(spec(obj), "updateStrategy")
    if strategy.get("type") == "RollingUpdate" and isinstance(strategy.get("rollingUpdate"), dict):
        return _partitioned(wanted, maybe_count(strategy["rollingUpdate"], "partition"), found)
    if strategy.get("type") == "OnDelete":
        return healthy(f"statefulset has {ready} ready pods")
    return _revisions(found)


def _partitioned(wanted: int | None, partition: int | None, found: Fields) -> Health:
    """The API server defaults the ``rollingUpdate`` block, so nearly every StatefulSet is judged here."""
    updated = count(found, "updatedReplicas")
    if wanted is not None and partition is not None and updated < wanted - partition:
        goal = wanted - partition
        return progressing(
            f"Waiting for partitioned roll out to finish: {updated} out of {goal} new pods have been updated..."
        )
    return healthy(f"partitioned roll out complete: {updated} new pods have been updated...")


def _revisions(found: Fields) -> Health:
    target, live = text(found, "updateRevision"), text(found, "currentRevision")
    if target != live:
        updated = count(found, "updatedReplicas")
        return progressing(f"waiting for statefulset rolling update to complete {updated} pods at revision {target}...")
    replicas = count(found, "currentReplicas")
    return healthy(f"statefulset rolling update complete {replicas} pods at revision {live}...")


def daemon_set(obj: Object) -> Health:
    found, name = status(obj), name_of(obj)
    updated, wanted = count(found, "updatedNumberScheduled"), count(found, "desiredNumberScheduled")
    available = count(found, "numberAvailable")
    waiting = f'Waiting for daemon set "{name}" rollout to finish: '
    if not is_observed(obj):
        return progressing(_ROLLOUT + "observed daemon set generation less than desired generation")
    if fields(spec(obj), "updateStrategy").get("type") == "OnDelete":
        return healthy(f"daemon set {updated} out of {wanted} new pods have been updated")
    if updated < wanted:
        return progressing(f"{waiting}{updated} out of {wanted} new pods have been updated...")
    if available < wanted:
        return progressing(f"{waiting}{available} of {wanted} updated pods are available...")
    return healthy()


def replica_set(obj: Object) -> Health:
    if not is_observed(obj):
        return progressing(_ROLLOUT + "observed replica set generation less than desired generation")
    failure = condition(obj, "ReplicaFailure")
    if failure is not None and failure.get("status") == "True":
        return degraded(text(failure, "message"))
    wanted, available = maybe_count(spec(obj), "replicas"), count(status(obj), "availableReplicas")
    if wanted is not None and available < wanted:
        return progressing(f"{_ROLLOUT}{available} out of {wanted} new replicas are available...")
    return healthy()


def pod(obj: Object) -> Health:
    """A pod that ends (``OnFailure``, ``Never``) is Progressing while it runs: it is typically a hook."""
    found = status(obj)
    if _runs_forever(obj):
        broken = [_waiting(one) for one in items(found, "containerStatuses") if _is_broken(_waiting(one))]
        if broken:
            return degraded(", ".join(text(one, "message") for one in broken))
    message, phase = text(found, "message"), text(found, "phase")
    if phase == "Pending":
        return progressing(message)
    if phase == "Succeeded":
        return healthy(message)
    if phase == "Failed":
        return degraded(message or _failure(found))
    if phase == "Running":
        return _running_pod(obj, message)
    return unknown(message)


def _runs_forever(obj: Object) -> bool:
    """Always restarted, or marked so; a hook's restart policy is never ignored, or it would fail too early."""
    if spec(obj).get("restartPolicy") == "Always":
        return True
    return annotations_of(obj).get(IGNORE_RESTART_POLICY) == "true" and not _is_hook(obj)


def _is_hook(obj: Object) -> bool:
    return any(name in annotations_of(obj) for name in (HOOK, HELM_HOOK))


def _waiting(container: Fields) -> Fields:
    return fields(container, "state", "waiting")


def _is_broken(waiting: Fields) -> bool:
    reason = text(waiting, "reason")
    return reason.startswith("Err") or reason.endswith(("Error", "BackOff"))


def _failure(found: Fields) -> str:
    containers = [*items(found, "initContainerStatuses"), *items(found, "containerStatuses")]
    return next(filter(None, map(_exit_message, containers)), "")


def _exit_message(container: Fields) -> str:
    end = fields(container, "state", "terminated")
    if text(end, "message"):
        return text(end, "message")
    if end.get("reason") == "OOMKilled":
        return "OOMKilled"
    code = count(end, "exitCode")
    return f'container "{text(container, "name")}" failed with exit code {code}' if code else ""


def _running_pod(obj: Object, message: str) -> Health:
    if not _runs_forever(obj):
        return progressing(message) if spec(obj).get("restartPolicy") in ("OnFailure", "Never") else unknown(message)
    if any(one.get("type") == "Ready" and one.get("status") == "True" for one in conditions(obj)):
        return healthy(message)
    ended = any(fields(one, "lastState", "terminated") for one in items(status(obj), "containerStatuses"))
    return degraded(message) if ended else progressing(message)
