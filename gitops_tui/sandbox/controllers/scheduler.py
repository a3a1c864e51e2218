"""The scheduler: a node for each pod; and a node, where the cluster has none."""

from __future__ import annotations

from gitops_tui.errors import AlreadyExists
from gitops_tui.model.resource import Object, labels_of, metadata_of, name_of, namespace_of
from gitops_tui.sandbox.controllers.cluster import NODES, PODS, Cluster
from gitops_tui.sandbox.controllers.events import Recorder
from gitops_tui.sandbox.controllers.podstate import condition_of, is_finished

NODE = "sandbox-node"
_AMOUNTS = {"cpu": "64", "memory": "256Gi", "pods": "2k", "ephemeral-storage": "1Ti"}
_HEALTHY = (
    ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
)


def furnish(cluster: Cluster) -> None:
    """Nodes for the pods that say that they run on one; `NODE` where there is no pod either."""
    if cluster.all(NODES):
        return
    named = {str(pod["spec"]["nodeName"]) for pod in cluster.everywhere(PODS) if pod["spec"].get("nodeName")}
    for name in sorted(named or {NODE}):
        try:
            cluster.store.create(NODES, _node(name, cluster.stamp()), "kubelet")
        except AlreadyExists:
            continue


def _node(name: str, now: str) -> Object:
    labels = {"kubernetes.io/arch": "amd64", "kubernetes.io/os": "linux", "kubernetes.io/hostname": name}
    conditions = [
        {
            "type": kind,
            "status": status,
            "reason": reason,
            "message": message,
            "lastHeartbeatTime": now,
            "lastTransitionTime": now,
        }
        for kind, status, reason, message in _HEALTHY
    ]
    info = dict.fromkeys(("bootID", "kernelVersion", "machineID", "systemUUID", "kubeProxyVersion"), "")
    info |= {"architecture": "amd64", "operatingSystem": "linux", "osImage": "GitOps sandbox"}
    info |= {"kubeletVersion": "v1.37.2", "containerRuntimeVersion": "sandbox://1"}
    return {
        "metadata": {"name": name, "labels": labels},
        "spec": {},
        "status": {
            "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}, {"type": "Hostname", "address": name}],
            "capacity": _AMOUNTS,
            "allocatable": _AMOUNTS,
            "conditions": conditions,
            "nodeInfo": info,
        },
    }


def is_fit(pod_spec: Object, node: Object) -> bool:
    """``nodeSelector``, and the affinity by name that a DaemonSet gives its pods."""
    labels = labels_of(node)
    if any(labels.get(key) != value for key, value in (pod_spec.get("nodeSelector") or {}).items()):
        return False
    affinity = ((pod_spec.get("affinity") or {}).get("nodeAffinity")) or {}
    required = (affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or {}).get("nodeSelectorTerms") or ()
    names = [field["values"] for term in required for field in term.get("matchFields") or ()]
    return all(name_of(node) in values for values in names)


class Scheduler:
    def __init__(self, cluster: Cluster, recorder: Recorder) -> None:
        self._cluster = cluster
        self._recorder = recorder

    def schedule(self, pod: Object) -> bool:
        """Bind ``pod`` to the node with the fewest pods; False where none takes it."""
        nodes = [node for node in self._cluster.all(NODES) if is_fit(pod["spec"], node)]
        nodes = [node for node in nodes if not (node.get("spec") or {}).get("unschedulable")]
        if not nodes:
            self._refuse(pod)
            return False
        running = [one["spec"].get("nodeName") for one in self._cluster.everywhere(PODS) if not is_finished(one)]
        node = min((name_of(one) for one in nodes), key=lambda name: (running.count(name), name))
        self._bind(pod, node)
        self._recorder.scheduled(pod, node)
        return True

    def _bind(self, pod: Object, node: str) -> None:
        """A binding is no update: it leaves no trace in managedFields, as on the real server."""
        storage, now = self._cluster.store.storage, self._cluster.stamp()
        with storage.lock:
            found = storage.get(PODS, namespace_of(pod), name_of(pod))
            if found is None or metadata_of(found.obj)["uid"] != metadata_of(pod)["uid"]:
                return
            status = found.obj.get("status") or {}
            rest = [one for one in status.get("conditions") or () if one["type"] != "PodScheduled"]
            scheduled = {
                "type": "PodScheduled",
                "status": "True",
                "lastProbeTime": None,
                "lastTransitionTime": now,
                "observedGeneration": int(metadata_of(found.obj).get("generation") or 1),
            }
            spec = {**found.obj["spec"], "nodeName": node}
            storage.put(PODS, {**found.obj, "spec": spec, "status": {**status, "conditions": [*rest, scheduled]}})

    def _refuse(self, pod: Object) -> None:
        if condition_of(pod, "PodScheduled"):
            return
        every = len(self._cluster.all(NODES))
        text = f"0/{every} nodes are available: {every} node(s) didn't match Pod's node affinity/selector."
        condition = {
            "type": "PodScheduled",
            "status": "False",
            "lastProbeTime": None,
            "lastTransitionTime": self._cluster.stamp(),
            "reason": "Unschedulable",
            "message": text,
        }
        status = {**(pod.get("status") or {}), "conditions": [condition]}
        self._cluster.write_status(PODS, pod, status, manager="kube-scheduler")
        self._recorder.say(pod, "default-scheduler", "FailedScheduling", text, level="Warning")
