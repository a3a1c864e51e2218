"""A Deployment's conditions: Available, Progressing with its reasons and its deadline, ReplicaFailure."""

from __future__ import annotations

from gitops_tui.model.resource import Object, name_of
from gitops_tui.sandbox.controllers.cluster import Cluster, count, generation_of, replicas_of
from gitops_tui.sandbox.controllers.podstate import condition_of
from gitops_tui.sandbox.controllers.rollout import bounds, has_progressed, is_complete

_NO_DEADLINE = 2**31 - 1
AVAILABLE_REASON, TIMED_OUT_REASON = "NewReplicaSetAvailable", "ProgressDeadlineExceeded"


def deadline_of(deployment: Object) -> int | None:
    """``progressDeadlineSeconds``; None where there is none."""
    found = deployment["spec"].get("progressDeadlineSeconds", 600)
    return None if found is None or int(found) >= _NO_DEADLINE else int(found)


def without(conditions: list[Object], name: str) -> list[Object]:
    return [one for one in conditions if one["type"] != name]


def with_condition(
    conditions: list[Object], name: str, status: str, reason: str, message: str, now: str
) -> list[Object]:
    """The same status for the same reason stays as it is, whatever the message; the same status keeps its time."""
    current = next((one for one in conditions if one["type"] == name), None)
    if current and current["status"] == status and current.get("reason") == reason:
        return conditions
    since = current["lastTransitionTime"] if current and current["status"] == status else now
    made = {
        "type": name,
        "status": status,
        "lastUpdateTime": now,
        "lastTransitionTime": since,
        "reason": reason,
        "message": message,
    }
    return [*without(conditions, name), made]


class Progress:
    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def counted(self, deployment: Object, new: Object | None, replica_sets: list[Object]) -> Object:
        """The status that the ReplicaSets give, with the condition Available."""
        available = sum(count(one, "availableReplicas") for one in replica_sets)
        numbers = {
            "observedGeneration": generation_of(deployment),
            "replicas": sum(count(one, "replicas") for one in replica_sets),
            "updatedReplicas": count(new, "replicas") if new else 0,
            "readyReplicas": sum(count(one, "readyReplicas") for one in replica_sets),
            "availableReplicas": available,
            "unavailableReplicas": max(0, sum(replicas_of(one) for one in replica_sets) - available),
            "collisionCount": count(deployment, "collisionCount"),
        }
        status: Object = {field: value for field, value in numbers.items() if value}
        status["terminatingReplicas"] = sum(count(one, "terminatingReplicas") for one in replica_sets)
        _, unavailable = bounds(deployment)
        conditions = list((deployment.get("status") or {}).get("conditions") or ())
        now = self._cluster.stamp()
        if available >= replicas_of(deployment) - unavailable:
            text = "Deployment has minimum availability."
            status["conditions"] = with_condition(
                conditions, "Available", "True", "MinimumReplicasAvailable", text, now
            )
        else:
            text = "Deployment does not have minimum availability."
            status["conditions"] = with_condition(
                conditions, "Available", "False", "MinimumReplicasUnavailable", text, now
            )
        return status

    def rolled(self, deployment: Object, new: Object | None, replica_sets: list[Object]) -> Object:
        """The whole status of a Deployment that rolls out."""
        status = self.counted(deployment, new, replica_sets)
        status["conditions"] = self._judged(deployment, new, status)
        failed = next((found for one in replica_sets if (found := condition_of(one, "ReplicaFailure"))), None)
        rest = without(status["conditions"], "ReplicaFailure")
        if failed:
            known = [one for one in status["conditions"] if one["type"] == "ReplicaFailure"]
            now = self._cluster.stamp()
            text, reason = str(failed.get("message")), str(failed.get("reason"))
            rest += with_condition(known, "ReplicaFailure", failed["status"], reason, text, now)
        status["conditions"] = rest
        return status

    def _judged(self, deployment: Object, new: Object | None, status: Object) -> list[Object]:
        conditions: list[Object] = status["conditions"]
        current = condition_of(deployment, "Progressing")
        if deadline_of(deployment) is None:
            return without(conditions, "Progressing")
        is_one = status.get("replicas", 0) == status.get("updatedReplicas", 0)
        if is_one and current and current.get("reason") == AVAILABLE_REASON:
            return conditions
        what = f'ReplicaSet "{name_of(new)}"' if new else f'Deployment "{name_of(deployment)}"'
        now = self._cluster.stamp()
        if is_complete(deployment, status):
            text = f"{what} has successfully progressed."
            return with_condition(conditions, "Progressing", "True", AVAILABLE_REASON, text, now)
        if has_progressed(deployment.get("status") or {}, status):
            text = f"{what} is progressing."
            return self._renewed(conditions, current, text, now)
        if self.seconds_left(deployment) == 0:
            text = f"{what} has timed out progressing."
            return with_condition(conditions, "Progressing", "False", TIMED_OUT_REASON, text, now)
        return conditions

    @staticmethod
    def _renewed(conditions: list[Object], current: Object | None, text: str, now: str) -> list[Object]:
        """Progress starts the deadline anew: the condition is written again even if only its time differs."""
        rest = without(conditions, "Progressing")
        [made] = with_condition([], "Progressing", "True", "ReplicaSetUpdated", text, now)
        if current and current["status"] == "True":
            made["lastTransitionTime"] = current["lastTransitionTime"]
        return [*rest, made]

    def seconds_left(self, deployment: Object) -> float | None:
        """Until the deadline is over; None where none runs: nothing rolls out, or no deadline is set."""
        current, deadline = condition_of(deployment, "Progressing"), deadline_of(deployment)
        if current is None or deadline is None or current.get("reason") == AVAILABLE_REASON:
            return None
        if current.get("reason") == TIMED_OUT_REASON:
            return 0.0
        since = current.get("lastUpdateTime") or current["lastTransitionTime"]
        return max(0.0, deadline - self._cluster.seconds_since(since))
