"""What a cluster around the workloads provides: volumes for claims, addresses for load balancers."""

from __future__ import annotations

import hashlib

from gitops_tui.errors import AlreadyExists
from gitops_tui.model.resource import Object, metadata_of, name_of, namespace_of
from gitops_tui.sandbox.controllers.cluster import CLAIMS, PODS, VOLUMES, Cluster, claims_of, is_deleting
from gitops_tui.sandbox.controllers.events import Recorder
from gitops_tui.sandbox.controllers.loop import Key


class VolumeController:
    """Every claim gets a volume of its own, at once where a pod waits for it; a volume goes with its claim."""

    def __init__(self, cluster: Cluster, recorder: Recorder) -> None:
        self._cluster = cluster
        self._recorder = recorder

    def reconcile(self, key: Key) -> float | None:
        claim = self._cluster.find(*key)
        if claim is None:
            self._release(key)
        elif not is_deleting(claim) and (claim.get("status") or {}).get("phase") != "Bound":
            if self._cluster.is_fresh(claim) and not self._is_used(key):
                return 1.0
            self._bind(claim)
        return None

    def _is_used(self, key: Key) -> bool:
        return any(key[2] in claims_of(pod) for pod in self._cluster.all(PODS, key[1]))

    def _bind(self, claim: Object) -> None:
        wanted = str(claim["spec"].get("volumeName") or "")
        volume = self._cluster.find(VOLUMES, "", wanted) if wanted else self._provide(claim)
        if volume is None:
            return
        self._cluster.write_status(VOLUMES, volume, {"phase": "Bound"})
        if not wanted:
            claim = self._cluster.store.update(
                CLAIMS, {**claim, "spec": {**claim["spec"], "volumeName": name_of(volume)}}
            )
        status = {
            "phase": "Bound",
            "accessModes": volume["spec"].get("accessModes"),
            "capacity": volume["spec"].get("capacity"),
        }
        self._cluster.write_status(CLAIMS, claim, status)

    def _provide(self, claim: Object) -> Object:
        uid, spec = metadata_of(claim)["uid"], claim["spec"]
        name = f"pvc-{uid}"
        size = ((spec.get("resources") or {}).get("requests") or {}).get("storage") or "1Gi"
        volume = {
            "metadata": {"name": name, "annotations": {"pv.kubernetes.io/provisioned-by": "sandbox.gitops-tui.dev"}},
            "spec": {
                "accessModes": spec.get("accessModes") or ["ReadWriteOnce"],
                "capacity": {"storage": size},
                "claimRef": {
                    "apiVersion": "v1",
                    "kind": "PersistentVolumeClaim",
                    "name": name_of(claim),
                    "namespace": namespace_of(claim),
                    "uid": uid,
                },
                "persistentVolumeReclaimPolicy": "Delete",
                "storageClassName": spec.get("storageClassName") or "",
                "hostPath": {"path": f"/sandbox/{name}"},
                "volumeMode": spec.get("volumeMode") or "Filesystem",
            },
        }
        try:
            made = self._cluster.store.create(VOLUMES, volume)
        except AlreadyExists:
            return self._cluster.store.get(VOLUMES, "", name)
        text = f"Successfully provisioned volume {name}"
        self._recorder.say(claim, "persistentvolume-controller", "ProvisioningSucceeded", text)
        return made

    def _release(self, key: Key) -> None:
        for volume in self._cluster.all(VOLUMES):
            owner = volume["spec"].get("claimRef") or {}
            if (owner.get("namespace"), owner.get("name")) != key[1:] or is_deleting(volume):
                continue
            volume = self._cluster.write_status(VOLUMES, volume, {"phase": "Released"})
            if volume["spec"].get("persistentVolumeReclaimPolicy") == "Delete":
                self._cluster.delete(VOLUMES, volume)


class AddressController:
    """An address for a Service of type LoadBalancer or an Ingress, which would wait for ever without one."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def reconcile(self, key: Key) -> float | None:
        obj = self._cluster.find(*key)
        if obj is None or is_deleting(obj) or ((obj.get("status") or {}).get("loadBalancer") or {}).get("ingress"):
            return None
        is_service = obj["kind"] == "Service"
        if is_service and (obj["spec"].get("type") != "LoadBalancer" or obj["spec"].get("loadBalancerClass")):
            return None  # a class means another implementation than the cluster's own
        if self._cluster.is_fresh(obj):
            return 1.0
        number = hashlib.sha256(metadata_of(obj)["uid"].encode()).digest()[0]
        address: Object = {"ip": f"198.51.100.{max(1, min(number, 254))}", **({"ipMode": "VIP"} if is_service else {})}
        status = {**(obj.get("status") or {}), "loadBalancer": {"ingress": [address]}}
        self._cluster.write_status(key[0], obj, status, manager="sandbox-load-balancer")
        return None
