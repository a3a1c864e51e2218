"""StatefulSets: pods with a name and claims of their own, one after the other."""

from __future__ import annotations

import copy

from msgspec import Struct

from gitops_tui.errors import AlreadyExists
from gitops_tui.model.resource import Object, labels_of, metadata_of, name_of, namespace_of
from gitops_tui.sandbox.controllers.cluster import (
    CLAIMS,
    PODS,
    STATEFUL_SETS,
    Cluster,
    count,
    generation_of,
    is_deleting,
    replicas_of,
)
from gitops_tui.sandbox.controllers.events import Recorder
from gitops_tui.sandbox.controllers.loop import Key
from gitops_tui.sandbox.controllers.podstate import available_in, is_active, is_finished, is_ready, phase_of
from gitops_tui.sandbox.controllers.revisions import Revisions, template_in
from gitops_tui.sandbox.controllers.templates import REVISION_HASH_LABEL, pod_of

_COMPONENT = "statefulset-controller"
_POD_NAME, _POD_INDEX = "statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index"


class _Plan(Struct, frozen=True):
    """One look at a set: its pods by ordinal, and the revisions' names."""

    owner: Object
    pods: dict[int, Object]
    current: Object
    update: Object

    @property
    def first(self) -> int:
        return int((self.owner["spec"].get("ordinals") or {}).get("start") or 0)

    @property
    def wanted(self) -> range:
        return range(self.first, self.first + replicas_of(self.owner))

    @property
    def partition(self) -> int:
        rolling = (self.owner["spec"].get("updateStrategy") or {}).get("rollingUpdate") or {}
        return int(rolling.get("partition") or 0)

    @property
    def is_rolling(self) -> bool:
        return bool((self.owner["spec"].get("updateStrategy") or {}).get("type", "RollingUpdate") == "RollingUpdate")

    @property
    def is_ordered(self) -> bool:
        return bool(self.owner["spec"].get("podManagementPolicy", "OrderedReady") == "OrderedReady")

    def revision_for(self, ordinal: int) -> Object:
        """What a pod that is made now is made from."""
        rolling = (self.owner["spec"].get("updateStrategy") or {}).get("rollingUpdate")
        kept = count(self.owner, "currentReplicas") if rolling is None else self.partition
        return self.current if self.is_rolling and ordinal < self.first + kept else self.update


class StatefulSetController:
    def __init__(self, cluster: Cluster, recorder: Recorder) -> None:
        self._cluster = cluster
        self._recorder = recorder
        self._revisions = Revisions(cluster, "controller.kubernetes.io/hash")

    def reconcile(self, key: Key) -> float | None:
        owner = self._cluster.find(*key)
        if owner is None or not (owner.get("spec") or {}).get("selector"):
            return None
        plan = self._plan(owner)
        if not is_deleting(owner):
            self._work(plan)
        return self._report(plan)

    def _plan(self, owner: Object) -> _Plan:
        status = owner.get("status") or {}
        known_as = str(status.get("updateRevision") or "").removeprefix(f"{name_of(owner)}-")
        update = self._revisions.current(owner, known_as)
        named = {name_of(one): one for one in self._revisions.of(owner)}
        current = named.get(str(status.get("currentRevision") or ""), update)
        return _Plan(owner, self._pods(owner), current, update)

    def _pods(self, owner: Object) -> dict[int, Object]:
        found = {}
        for pod in self._cluster.owned(PODS, owner):
            ordinal = name_of(pod).removeprefix(f"{name_of(owner)}-")
            if ordinal.isdigit():
                found[int(ordinal)] = pod
        return found

    # --- pods
    def _work(self, plan: _Plan) -> None:
        """The missing pods in order, then those too many from the end, then one of an old revision."""
        if not self._fill(plan):
            return
        for ordinal in sorted(set(plan.pods) - set(plan.wanted), reverse=True):
            pod = plan.pods[ordinal]
            if not is_deleting(pod):
                self._delete(plan.owner, pod)
            if plan.is_ordered:
                return
        if plan.is_rolling:
            self._update(plan)

    def _fill(self, plan: _Plan) -> bool:
        """Whether every wanted pod is there and, in ordered sets, ready."""
        for ordinal in plan.wanted:
            pod = plan.pods.get(ordinal)
            if pod is None:
                self._create(plan, ordinal)
                if plan.is_ordered:
                    return False
            elif phase_of(pod) in ("Failed", "Succeeded") and not is_deleting(pod):
                self._delete(plan.owner, pod)
                return False
            elif plan.is_ordered and (is_deleting(pod) or not self._is_available(plan.owner, pod)):
                # A pod that is broken for good is replaced by its update, which fixes it maybe.
                return not is_deleting(pod) and self._is_outdated(plan, pod)
        return True

    def _is_available(self, owner: Object, pod: Object) -> bool:
        return available_in(self._cluster, pod, int(owner["spec"].get("minReadySeconds") or 0)) == 0

    @staticmethod
    def _is_outdated(plan: _Plan, pod: Object) -> bool:
        return _revision_of(pod, plan.owner) != name_of(plan.update)

    def _update(self, plan: _Plan) -> None:
        """From the last pod down to the partition: one at a time, and none while a newer one is not ready."""
        for ordinal in sorted(set(plan.pods) & set(plan.wanted), reverse=True):
            pod = plan.pods[ordinal]
            if ordinal < plan.first + plan.partition:
                return
            if self._is_outdated(plan, pod):
                if not is_deleting(pod):
                    self._delete(plan.owner, pod)
                return
            if is_deleting(pod) or not self._is_available(plan.owner, pod):
                return

    def _delete(self, owner: Object, pod: Object) -> None:
        grace = pod["spec"].get("terminationGracePeriodSeconds")
        if self._cluster.delete(PODS, pod, 30 if grace is None else int(grace)):
            text = f"Delete Pod {name_of(pod)} in StatefulSet {name_of(owner)} successful"
            self._recorder.say(owner, _COMPONENT, "SuccessfulDelete", text)

    def _create(self, plan: _Plan, ordinal: int) -> None:
        owner, revision = plan.owner, plan.revision_for(ordinal)
        name = f"{name_of(owner)}-{ordinal}"
        labels = {_POD_NAME: name, _POD_INDEX: str(ordinal), REVISION_HASH_LABEL: name_of(revision)}
        pod = pod_of(owner, template_in(revision), labels=labels)
        pod["metadata"]["name"] = name
        pod["spec"]["hostname"] = name
        if owner["spec"].get("serviceName"):
            pod["spec"]["subdomain"] = owner["spec"]["serviceName"]
        for claim in owner["spec"].get("volumeClaimTemplates") or ():
            self._claim(owner, pod, claim)
        self._cluster.store.create(PODS, pod)
        text = f"Create Pod {name} in StatefulSet {name_of(owner)} successful"
        self._recorder.say(owner, _COMPONENT, "SuccessfulCreate", text)

    def _claim(self, owner: Object, pod: Object, template: Object) -> None:
        """The pod's own claim, which outlives it."""
        volume, name = name_of(template), f"{name_of(template)}-{name_of(pod)}"
        others = [one for one in pod["spec"].get("volumes") or () if one["name"] != volume]
        pod["spec"]["volumes"] = [*others, {"name": volume, "persistentVolumeClaim": {"claimName": name}}]
        labels = (owner["spec"].get("selector") or {}).get("matchLabels") or {}
        meta = {"name": name, "namespace": namespace_of(owner), "labels": {**labels_of(template), **labels}}
        if annotations := metadata_of(template).get("annotations"):
            meta["annotations"] = annotations
        try:
            self._cluster.store.create(CLAIMS, {"metadata": meta, "spec": copy.deepcopy(template["spec"])})
        except AlreadyExists:
            return
        text = f"Create Claim {name} Pod {name_of(pod)} in StatefulSet {name_of(owner)} success"
        self._recorder.say(owner, _COMPONENT, "SuccessfulCreate", text)

    # --- the status
    def _report(self, plan: _Plan) -> float | None:
        owner = self._cluster.find(STATEFUL_SETS, namespace_of(plan.owner), name_of(plan.owner))
        if owner is None:
            return None
        pods = [pod for pod in self._pods(owner).values() if not is_finished(pod)]
        active = [pod for pod in pods if is_active(pod)]
        delays = [available_in(self._cluster, pod, int(owner["spec"].get("minReadySeconds") or 0)) for pod in active]
        ready = sum(1 for pod in active if is_ready(pod))
        current, update = name_of(plan.current), name_of(plan.update)
        updated = sum(1 for pod in active if _revision_of(pod, owner) == update)
        kept = sum(1 for pod in active if _revision_of(pod, owner) == current)
        if plan.is_rolling and updated == ready == replicas_of(owner) and len(pods) == updated:
            current, kept = update, updated
        numbers = {
            "observedGeneration": generation_of(owner),
            "readyReplicas": ready,
            "currentReplicas": kept,
            "updatedReplicas": updated,
        }
        status: Object = {field: value for field, value in numbers.items() if value}
        status |= {
            "replicas": len(pods),
            "availableReplicas": sum(1 for delay in delays if delay == 0),
            "currentRevision": current,
            "updateRevision": update,
            "collisionCount": count(owner, "collisionCount"),
        }
        self._cluster.write_status(STATEFUL_SETS, owner, status)
        used = {current, update} | {_revision_of(pod, owner) for pod in pods}
        self._revisions.clean_up(owner, used)
        return min((delay for delay in delays if delay), default=None)


def _revision_of(pod: Object, owner: Object) -> str:
    """The name of the pod's revision; the label holds it in full, though a seeded pod may carry only its hash."""
    found, prefix = labels_of(pod).get(REVISION_HASH_LABEL, ""), f"{name_of(owner)}-"
    return found if found.startswith(prefix) else f"{prefix}{found}"
