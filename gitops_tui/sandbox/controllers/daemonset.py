"""DaemonSets: a pod on every node."""

from __future__ import annotations

from gitops_tui.model.resource import Object, annotations_of, labels_of, name_of, namespace_of
from gitops_tui.sandbox.controllers.cluster import (
    DAEMON_SETS,
    NODES,
    PODS,
    Cluster,
    count,
    generation_of,
    is_deleting,
)
from gitops_tui.sandbox.controllers.events import Recorder
from gitops_tui.sandbox.controllers.loop import Key
from gitops_tui.sandbox.controllers.podstate import available_in, is_active, is_finished, is_ready
from gitops_tui.sandbox.controllers.revisions import Revisions, hash_of
from gitops_tui.sandbox.controllers.rollout import portion
from gitops_tui.sandbox.controllers.scheduler import is_fit
from gitops_tui.sandbox.controllers.templates import REVISION_HASH_LABEL, pod_of

_COMPONENT = "daemonset-controller"
_GENERATION = "deprecated.daemonset.template.generation"
_TOLERATED = (
    ("not-ready", "NoExecute"),
    ("unreachable", "NoExecute"),
    ("disk-pressure", "NoSchedule"),
    ("memory-pressure", "NoSchedule"),
    ("pid-pressure", "NoSchedule"),
    ("unschedulable", "NoSchedule"),
)


class DaemonSetController:
    def __init__(self, cluster: Cluster, recorder: Recorder) -> None:
        self._cluster = cluster
        self._recorder = recorder
        self._revisions = Revisions(cluster, REVISION_HASH_LABEL)

    def reconcile(self, key: Key) -> float | None:
        owner = self._cluster.find(*key)
        if owner is None or not (owner.get("spec") or {}).get("selector"):
            return None
        pods = self._cluster.owned(PODS, owner)
        known_as = {labels_of(pod).get(REVISION_HASH_LABEL, "") for pod in pods}
        annotations = {_GENERATION: annotations_of(owner).get(_GENERATION, "1")}
        revision = self._revisions.current(owner, known_as.pop() if len(known_as) == 1 else "", annotations)
        wanted = hash_of(revision, owner)
        if not is_deleting(owner):
            self._work(owner, pods, wanted)
        return self._report(owner, wanted)

    def _nodes(self, owner: Object) -> list[str]:
        spec = owner["spec"]["template"]["spec"]
        return [name_of(node) for node in self._cluster.all(NODES) if is_fit(spec, node)]

    def _work(self, owner: Object, pods: list[Object], wanted: str) -> None:
        by_node: dict[str, list[Object]] = {}
        for pod in pods:
            by_node.setdefault(_node_of(pod), []).append(pod)
        nodes = self._nodes(owner)
        for node in nodes:
            if all(is_finished(pod) and not is_deleting(pod) for pod in by_node.get(node, ())):
                for pod in by_node.get(node, ()):
                    self._delete(owner, pod)
                self._create(owner, node, wanted)
        for node in by_node.keys() - set(nodes):
            for pod in filter(is_active, by_node[node]):
                self._delete(owner, pod)
        self._update(owner, [pod for node in nodes for pod in by_node.get(node, ())], len(nodes), wanted)

    def _update(self, owner: Object, pods: list[Object], total: int, wanted: str) -> None:
        """Pods of an old template go, as many at a time as may be unavailable; broken ones first."""
        strategy = owner["spec"].get("updateStrategy") or {}
        if strategy.get("type", "RollingUpdate") != "RollingUpdate":
            return
        rolling = strategy.get("rollingUpdate") or {}
        most = max(1, portion(rolling.get("maxUnavailable", 1), total, is_rounded_up=True))
        unavailable = total - sum(1 for pod in pods if is_active(pod) and self._is_available(owner, pod))
        old = [pod for pod in pods if is_active(pod) and labels_of(pod).get(REVISION_HASH_LABEL) != wanted]
        broken = [pod for pod in old if not self._is_available(owner, pod)]
        fine = [pod for pod in old if self._is_available(owner, pod)]
        for pod in [*broken, *fine[: max(0, most - unavailable)]]:
            self._delete(owner, pod)

    def _is_available(self, owner: Object, pod: Object) -> bool:
        return available_in(self._cluster, pod, int(owner["spec"].get("minReadySeconds") or 0)) == 0

    def _delete(self, owner: Object, pod: Object) -> None:
        grace = pod["spec"].get("terminationGracePeriodSeconds")
        if self._cluster.delete(PODS, pod, 30 if grace is None else int(grace)):
            self._recorder.say(owner, _COMPONENT, "SuccessfulDelete", f"Deleted pod: {name_of(pod)}")

    def _create(self, owner: Object, node: str, wanted: str) -> None:
        generation = annotations_of(owner).get(_GENERATION, "1")
        labels = {REVISION_HASH_LABEL: wanted, "pod-template-generation": generation}
        pod = pod_of(owner, owner["spec"]["template"], labels=labels)
        match = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": [node]}]}
        required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [match]}}
        pod["spec"]["affinity"] = {**(pod["spec"].get("affinity") or {}), "nodeAffinity": required}
        pod["spec"]["tolerations"] = [
            *(pod["spec"].get("tolerations") or ()),
            *(
                {"key": f"node.kubernetes.io/{key}", "operator": "Exists", "effect": effect}
                for key, effect in _TOLERATED
            ),
        ]
        made = self._cluster.store.create(PODS, pod)
        self._recorder.say(owner, _COMPONENT, "SuccessfulCreate", f"Created pod: {name_of(made)}")

    def _report(self, owner: Object, wanted: str) -> float | None:
        current = self._cluster.find(DAEMON_SETS, namespace_of(owner), name_of(owner))
        if current is None:
            return None
        nodes = set(self._nodes(current))
        pods = [pod for pod in self._cluster.owned(PODS, current) if is_active(pod)]
        placed = [pod for pod in pods if _node_of(pod) in nodes]
        delays = [available_in(self._cluster, pod, int(current["spec"].get("minReadySeconds") or 0)) for pod in placed]
        available = sum(1 for delay in delays if delay == 0)
        status: Object = {
            "observedGeneration": generation_of(current),
            "currentNumberScheduled": len({_node_of(pod) for pod in placed}),
            "desiredNumberScheduled": len(nodes),
            "numberMisscheduled": len(pods) - len(placed),
            "numberReady": sum(1 for pod in placed if is_ready(pod)),
        }
        optional = {
            "numberAvailable": available,
            "numberUnavailable": len(nodes) - available,
            "updatedNumberScheduled": sum(1 for pod in placed if labels_of(pod).get(REVISION_HASH_LABEL) == wanted),
            "collisionCount": count(current, "collisionCount"),
        }
        status |= {field: value for field, value in optional.items() if value}
        self._cluster.write_status(DAEMON_SETS, current, status)
        used = {f"{name_of(current)}-{labels_of(pod).get(REVISION_HASH_LABEL)}" for pod in pods}
        self._revisions.clean_up(current, used | {f"{name_of(current)}-{wanted}"})
        return min((delay for delay in delays if delay), default=None)


def _node_of(pod: Object) -> str:
    """Where the pod runs or, not scheduled yet, is meant to."""
    if pod["spec"].get("nodeName"):
        return str(pod["spec"]["nodeName"])
    affinity = (pod["spec"].get("affinity") or {}).get("nodeAffinity") or {}
    terms = (affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or {}).get("nodeSelectorTerms") or ()
    names = [value for term in terms for field in term.get("matchFields") or () for value in field["values"]]
    return str(names[0]) if names else ""
