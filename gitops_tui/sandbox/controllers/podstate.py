"""What the controllers ask about a pod, and which pods go first."""

from __future__ import annotations

from gitops_tui.model.resource import Object, metadata_of
from gitops_tui.sandbox.controllers.cluster import Cluster, is_deleting


def phase_of(pod: Object) -> str:
    return str((pod.get("status") or {}).get("phase") or "")


def is_finished(pod: Object) -> bool:
    return phase_of(pod) in ("Succeeded", "Failed")


def is_active(pod: Object) -> bool:
    return not is_finished(pod) and not is_deleting(pod)


def condition_of(obj: Object, name: str) -> Object | None:
    found = (obj.get("status") or {}).get("conditions") or ()
    return next((one for one in found if one.get("type") == name), None)


def is_ready(pod: Object) -> bool:
    return (condition_of(pod, "Ready") or {}).get("status") == "True"


def available_in(cluster: Cluster, pod: Object, min_ready_s: int) -> float | None:
    """Seconds until a ready pod counts as available: 0 for now, None for one that is not ready."""
    if not is_ready(pod):
        return None
    since = (condition_of(pod, "Ready") or {}).get("lastTransitionTime")
    if not min_ready_s or not since:
        return 0.0
    return max(0.0, min_ready_s - cluster.seconds_since(since))


def deletion_rank(pod: Object) -> tuple[bool, int, bool, int, str, str]:
    """Sorts first what a ReplicaSet deletes first: unassigned, pending, not ready, cheap, young."""
    order = {"Pending": 0, "": 0, "Unknown": 1, "Running": 2}
    since = (condition_of(pod, "Ready") or {}).get("lastTransitionTime") or ""
    cost = int((metadata_of(pod).get("annotations") or {}).get("controller.kubernetes.io/pod-deletion-cost") or 0)
    return (
        bool(pod["spec"].get("nodeName")),
        order.get(phase_of(pod), 3),
        is_ready(pod),
        cost,
        _reversed(since),
        _reversed(str(metadata_of(pod).get("creationTimestamp") or "")),
    )


def _reversed(text: str) -> str:
    """Sorts the later first."""
    return "".join(chr(0xFF - ord(letter)) for letter in text)


def terminating(pods: list[Object]) -> int:
    return sum(1 for pod in pods if is_deleting(pod) and not is_finished(pod))
