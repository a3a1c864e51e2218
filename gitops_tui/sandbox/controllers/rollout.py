"""The arithmetic of a Deployment's rollout, without any cluster. Source: the Deployment controller's own rules."""

from __future__ import annotations

import math

from gitops_tui.model.resource import Object, annotations_of, metadata_of, name_of
from gitops_tui.sandbox.controllers.cluster import count, replicas_of
from gitops_tui.sandbox.controllers.templates import normal

REVISION = "deployment.kubernetes.io/revision"
REVISION_HISTORY = "deployment.kubernetes.io/revision-history"
DESIRED = "deployment.kubernetes.io/desired-replicas"
MAX = "deployment.kubernetes.io/max-replicas"
NOT_COPIED = {
    "kubectl.kubernetes.io/last-applied-configuration",
    REVISION,
    REVISION_HISTORY,
    DESIRED,
    MAX,
    "deprecated.deployment.rollback.to",
}


def is_rolling(deployment: Object) -> bool:
    return bool((deployment["spec"].get("strategy") or {}).get("type", "RollingUpdate") == "RollingUpdate")


def portion(value: int | str | None, total: int, *, is_rounded_up: bool) -> int:
    """``3`` or ``"25%"`` of ``total``."""
    if isinstance(value, str) and value.endswith("%"):
        exact = int(value[:-1]) * total / 100
        return math.ceil(exact) if is_rounded_up else math.floor(exact)
    return int(value or 0)


def bounds(deployment: Object) -> tuple[int, int]:
    """maxSurge and maxUnavailable in pods; where both come to 0, one may be unavailable."""
    if not is_rolling(deployment):
        return 0, 0
    rolling = (deployment["spec"].get("strategy") or {}).get("rollingUpdate") or {}
    total = replicas_of(deployment)
    surge = portion(rolling.get("maxSurge", "25%"), total, is_rounded_up=True)
    unavailable = portion(rolling.get("maxUnavailable", "25%"), total, is_rounded_up=False)
    if not surge and not unavailable:
        unavailable = 1
    return surge, min(unavailable, total)


def revision_of(obj: Object) -> int:
    found = annotations_of(obj).get(REVISION, "")
    return int(found) if found.isdigit() else 0


def find_new(deployment: Object, replica_sets: list[Object]) -> Object | None:
    """The oldest ReplicaSet with the Deployment's template."""
    wanted = normal(deployment["spec"]["template"])
    by_age = sorted(replica_sets, key=lambda one: (str(metadata_of(one).get("creationTimestamp")), name_of(one)))
    return next((one for one in by_age if normal(one["spec"]["template"]) == wanted), None)


def new_replicas(deployment: Object, replica_sets: list[Object], current: int) -> int:
    """What the new ReplicaSet, of ``current`` pods now, may grow to."""
    wanted = replicas_of(deployment)
    if not is_rolling(deployment):
        return wanted
    surge, _ = bounds(deployment)
    room = wanted + surge - sum(replicas_of(one) for one in replica_sets)
    return current if room <= 0 else current + min(room, wanted - current)


def shrink_old(deployment: Object, new: Object | None, old: list[Object]) -> list[tuple[Object, int]]:
    """(old ReplicaSet, its new size): first the pods that are not available anyway, then what may go."""
    every = [*old, *([new] if new else [])]
    _, unavailable = bounds(deployment)
    least = replicas_of(deployment) - unavailable
    new_missing = replicas_of(new) - count(new, "availableReplicas") if new else 0
    left = sum(replicas_of(one) for one in every) - least - new_missing
    sizes = {name_of(one): replicas_of(one) for one in old}
    by_age = sorted(old, key=lambda one: (str(metadata_of(one).get("creationTimestamp")), name_of(one)))
    for one in by_age:
        useless = min(max(left, 0), max(0, replicas_of(one) - count(one, "availableReplicas")))
        sizes[name_of(one)] -= useless
        left -= useless
    may_go = sum(count(one, "availableReplicas") for one in every) - least
    for one in by_age:
        going = min(max(may_go, 0), max(left, 0), sizes[name_of(one)])
        sizes[name_of(one)] -= going
        may_go -= going
        left -= going
    return [(one, sizes[name_of(one)]) for one in old if sizes[name_of(one)] != replicas_of(one)]


def proportional(deployment: Object, active: list[Object]) -> list[tuple[Object, int]]:
    """(ReplicaSet, its new size): a change of ``spec.replicas`` in mid-rollout, spread over them by their sizes."""
    surge, _ = bounds(deployment)
    allowed = replicas_of(deployment) + surge if replicas_of(deployment) else 0
    to_add = allowed - sum(replicas_of(one) for one in active)
    ordered = sorted(active, key=lambda one: str(metadata_of(one).get("creationTimestamp")), reverse=to_add < 0)
    ordered = sorted(ordered, key=replicas_of, reverse=True)
    sizes, left = [], to_add
    for one in ordered:
        share = _share(one, allowed, deployment, left) if to_add else 0
        sizes.append(replicas_of(one) + share)
        left -= share
    if sizes and left:
        sizes[0] = max(0, sizes[0] + left)
    return list(zip(ordered, sizes, strict=True))


def _share(replica_set: Object, allowed: int, deployment: Object, left: int) -> int:
    size = replicas_of(replica_set)
    before = int(annotations_of(replica_set).get(MAX) or 0) or int(count(deployment, "replicas")) or size
    if not size or not before:
        return 0
    share = round(size * allowed / before) - size
    return min(share, left) if left > 0 else max(share, left)


def is_complete(deployment: Object, status: Object) -> bool:
    wanted = replicas_of(deployment)
    counts = ("updatedReplicas", "replicas", "availableReplicas")
    generation = int(metadata_of(deployment).get("generation") or 0)
    is_seen = int(status.get("observedGeneration") or 0) >= generation
    return is_seen and all(int(status.get(field) or 0) == wanted for field in counts)


def has_progressed(before: Object, after: Object) -> bool:
    """Whether ``after`` is nearer to the end than ``before`` (both are statuses)."""

    def number(status: Object, field: str) -> int:
        return int(status.get(field) or 0)

    def old(status: Object) -> int:
        return number(status, "replicas") - number(status, "updatedReplicas")

    grown = ("updatedReplicas", "readyReplicas", "availableReplicas")
    return old(after) < old(before) or any(number(after, field) > number(before, field) for field in grown)
