"""ReplicaSets: as many pods as asked for."""

from __future__ import annotations

from gitops_tui.errors import ApiError
from gitops_tui.model.resource import Object, labels_of, name_of, namespace_of
from gitops_tui.sandbox.controllers.cluster import (
    PODS,
    REPLICA_SETS,
    Cluster,
    generation_of,
    is_deleting,
    replicas_of,
)
from gitops_tui.sandbox.controllers.events import Recorder
from gitops_tui.sandbox.controllers.loop import Key
from gitops_tui.sandbox.controllers.podstate import (
    available_in,
    condition_of,
    deletion_rank,
    is_active,
    is_ready,
    terminating,
)
from gitops_tui.sandbox.controllers.templates import pod_of

_COMPONENT = "replicaset-controller"


class ReplicaSetController:
    def __init__(self, cluster: Cluster, recorder: Recorder) -> None:
        self._cluster = cluster
        self._recorder = recorder

    def reconcile(self, key: Key) -> float | None:
        replica_set = self._cluster.find(*key)
        if replica_set is None or not (replica_set.get("spec") or {}).get("selector"):
            return None
        failure: ApiError | None = None
        if not is_deleting(replica_set):
            failure = self._manage(replica_set, [pod for pod in self._pods(replica_set) if is_active(pod)])
        return self._report(replica_set, failure)

    def _pods(self, replica_set: Object) -> list[Object]:
        return self._cluster.owned(PODS, replica_set)

    def _manage(self, replica_set: Object, pods: list[Object]) -> ApiError | None:
        missing = replicas_of(replica_set) - len(pods)
        for _ in range(missing):
            try:
                pod = self._cluster.store.create(PODS, pod_of(replica_set, replica_set["spec"]["template"]))
            except ApiError as error:
                self._recorder.say(replica_set, _COMPONENT, "FailedCreate", f"Error creating: {error}", level="Warning")
                return error
            self._recorder.say(replica_set, _COMPONENT, "SuccessfulCreate", f"Created pod: {name_of(pod)}")
        for pod in sorted(pods, key=deletion_rank)[: max(0, -missing)]:
            if self._cluster.delete(PODS, pod, _grace(pod)):
                self._recorder.say(replica_set, _COMPONENT, "SuccessfulDelete", f"Deleted pod: {name_of(pod)}")
        return None

    def _report(self, replica_set: Object, failure: ApiError | None) -> float | None:
        current = self._cluster.find(REPLICA_SETS, namespace_of(replica_set), name_of(replica_set))
        if current is None:
            return None
        every = self._pods(current)
        pods = [pod for pod in every if is_active(pod)]
        wanted = labels_of(current["spec"]["template"]).items()
        delays = [available_in(self._cluster, pod, int(current["spec"].get("minReadySeconds") or 0)) for pod in pods]
        status = {
            "replicas": len(pods),
            "fullyLabeledReplicas": sum(1 for pod in pods if wanted <= labels_of(pod).items()),
            "readyReplicas": sum(1 for pod in pods if is_ready(pod)),
            "availableReplicas": sum(1 for delay in delays if delay == 0),
            "terminatingReplicas": terminating(every),
            "observedGeneration": generation_of(current),
            "conditions": self._conditions(current, failure),
        }
        kept = {"replicas", "terminatingReplicas"}
        shown = {field: value for field, value in status.items() if value or field in kept}
        self._cluster.write_status(REPLICA_SETS, current, shown)
        if failure is not None:
            raise failure
        return min((delay for delay in delays if delay), default=None)

    def _conditions(self, replica_set: Object, failure: ApiError | None) -> list[Object]:
        found = list((replica_set.get("status") or {}).get("conditions") or ())
        if failure is None:
            return [one for one in found if one["type"] != "ReplicaFailure"]
        if condition_of(replica_set, "ReplicaFailure"):
            return found
        failed = {
            "type": "ReplicaFailure",
            "status": "True",
            "lastTransitionTime": self._cluster.stamp(),
            "reason": "FailedCreate",
            "message": failure.message,
        }
        return [*found, failed]


def _grace(pod: Object) -> int:
    found = pod["spec"].get("terminationGracePeriodSeconds")
    return 30 if found is None else int(found)
