"""What stands in every cluster before an application comes: nodes, a storage class, namespaces."""

from __future__ import annotations

from datetime import timedelta

from gitops_tui.model.resource import Object
from gitops_tui.sandbox.admission import service_account
from gitops_tui.sandbox.world.past import FIELD_MANAGER, Past, condition
from gitops_tui.sandbox.world.story import ARGOCD_NAMESPACE

CLUSTER_AGE = timedelta(days=120)
NODES = ("worker-1", "worker-2", "worker-3")
_SYSTEM = ("default", "kube-node-lease", "kube-public", "kube-system")


def furnish(past: Past) -> None:
    past.go(CLUSTER_AGE)
    for namespace in _SYSTEM:
        add_namespace(past, namespace, "kube-apiserver")
    for number, name in enumerate(NODES):
        past.store.seed(_node(past, name, f"192.0.2.{11 + number}"))
    past.create(_STORAGE_CLASS, "kubectl-create")
    past.create(_INGRESS_CLASS, "helm")
    past.go(CLUSTER_AGE - timedelta(days=1))
    add_namespace(past, ARGOCD_NAMESPACE, "kubectl-create")


def add_namespace(past: Past, name: str, manager: str = FIELD_MANAGER) -> None:
    """A namespace with its default ServiceAccount."""
    created = past.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}, manager)
    past.status(created, {"phase": "Active"})
    past.create(service_account(name))


def _node(past: Past, name: str, address: str) -> Object:
    moment = past.stamp(past.ago)
    size = {"cpu": "4", "memory": "16Gi", "pods": "110", "ephemeral-storage": "100Gi"}
    message = "kubelet is posting ready status"
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "creationTimestamp": moment,
            "labels": {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"},
        },
        "spec": {"podCIDR": "10.244.0.0/16"},
        "status": {
            "capacity": size,
            "allocatable": size,
            "addresses": [{"type": "InternalIP", "address": address}, {"type": "Hostname", "address": name}],
            "conditions": [condition("Ready", moment, reason="KubeletReady", message=message)],
            "nodeInfo": {
                "kubeletVersion": "v1.37.0",
                "osImage": "Debian GNU/Linux 12 (bookworm)",
                "containerRuntimeVersion": "containerd://2.1.4",
                "kernelVersion": "6.1.0",
                "operatingSystem": "linux",
                "architecture": "amd64",
            },
        },
    }


_STORAGE_CLASS: Object = {
    "apiVersion": "storage.k8s.io/v1",
    "kind": "StorageClass",
    "metadata": {"name": "standard", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
    "provisioner": "disks.example.com",
}
_INGRESS_CLASS: Object = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "IngressClass",
    "metadata": {"name": "nginx"},
    "spec": {"controller": "k8s.io/ingress-nginx"},
}
