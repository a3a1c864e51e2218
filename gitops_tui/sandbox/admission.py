"""What the API server adds or refuses on the way in, after defaults: addresses, service accounts, namespaces.

Called with the storage's lock held, so an address that was free still is when the object is stored.
"""

from __future__ import annotations

import random
import secrets
from ipaddress import IPv4Network

from gitops_tui.model.resource import Object, metadata_of
from gitops_tui.sandbox import failure
from gitops_tui.sandbox.failure import Cause
from gitops_tui.sandbox.pod_defaults import containers
from gitops_tui.sandbox.registry import ResourceType
from gitops_tui.sandbox.storage import Storage
from gitops_tui.sandbox.strategy import pod_quality

SERVICE_NETWORK = IPv4Network("10.96.0.0/16")
NODE_PORTS = range(30000, 32768)
_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
_TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
_ALLOCATED = ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "healthCheckNodePort")


def random_suffix() -> str:
    """Five characters, as ``generateName`` and pods' names get."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(5))


def require_namespace(storage: Storage, kind: ResourceType, namespace: str, name: str) -> None:
    """Raises `NotFound` or `Forbidden` where nothing may be created in ``namespace``."""
    found = storage.get("namespaces", "", namespace)
    if found is None:
        raise failure.not_found("namespaces", namespace)
    if metadata_of(found.obj).get("deletionTimestamp"):
        cause = Cause("NamespaceTerminating", f"namespace {namespace} is being terminated", "metadata.namespace")
        why = f"unable to create new content in namespace {namespace} because it is being terminated"
        raise failure.forbidden(kind.resource, name, why, [cause])


def admit_create(storage: Storage, kind: ResourceType, obj: Object) -> None:
    """Mutate a new object, in place."""
    if kind.resource == "pods":
        _admit_pod(obj)
    elif kind.resource == "services":
        _allocate(storage, obj)
    elif kind.resource == "persistentvolumeclaims":
        _protect(obj, "kubernetes.io/pvc-protection")
    elif kind.resource == "persistentvolumes":
        _protect(obj, "kubernetes.io/pv-protection")
    elif kind.resource == "namespaces":
        obj.setdefault("spec", {})["finalizers"] = ["kubernetes"]
    elif kind.resource == "jobs.batch":
        _label_job(obj)


def admit_update(storage: Storage, kind: ResourceType, live: Object, new: Object) -> None:
    """Mutate an update, in place."""
    if kind.resource == "services":
        _keep_allocated(live, new)
        _allocate(storage, new)


def _protect(obj: Object, finalizer: str) -> None:
    found = obj["metadata"].setdefault("finalizers", [])
    if finalizer not in found:
        found.append(finalizer)


# --- pods
def _admit_pod(pod: Object) -> None:
    spec = pod["spec"]
    account = spec.get("serviceAccountName") or "default"
    spec["serviceAccountName"] = spec["serviceAccount"] = account
    if spec.get("automountServiceAccountToken") is not False:
        _mount_token(spec)
    spec.setdefault("priority", 0)
    spec.setdefault("preemptionPolicy", "PreemptLowerPriority")
    _tolerate_node_trouble(spec)
    pod["status"] = {"phase": "Pending", "qosClass": pod_quality(pod)}


def _mount_token(spec: Object) -> None:
    if any(m.get("mountPath") == _TOKEN_PATH for c in containers(spec) for m in c.get("volumeMounts") or ()):
        return
    name = f"kube-api-access-{random_suffix()}"
    sources: list[Object] = [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {
            "downwardAPI": {
                "items": [{"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}]
            }
        },
    ]
    spec["volumes"] = [
        *(spec.get("volumes") or ()),
        {"name": name, "projected": {"sources": sources, "defaultMode": 420}},
    ]
    mount = {"name": name, "readOnly": True, "mountPath": _TOKEN_PATH}
    for container in containers(spec):
        container["volumeMounts"] = [*(container.get("volumeMounts") or ()), mount]


def _tolerate_node_trouble(spec: Object) -> None:
    found = spec.get("tolerations") or []
    for key in ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"):
        if not any(one.get("key") == key for one in found):
            found = [*found, {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}]
    spec["tolerations"] = found


# --- jobs
def _label_job(job: Object) -> None:
    """A Job selects its pods by its own uid unless ``manualSelector`` says otherwise."""
    spec = job["spec"]
    if spec.get("manualSelector"):
        return
    uid, name = job["metadata"]["uid"], job["metadata"]["name"]
    added = {
        "batch.kubernetes.io/controller-uid": uid,
        "batch.kubernetes.io/job-name": name,
        "controller-uid": uid,
        "job-name": name,
    }
    meta = spec["template"].setdefault("metadata", {})
    meta["labels"] = {**(meta.get("labels") or {}), **added}
    if not job["metadata"].get("labels"):
        job["metadata"]["labels"] = dict(meta["labels"])
    spec.setdefault("selector", {"matchLabels": {"batch.kubernetes.io/controller-uid": uid}})


# --- services
def _allocate(storage: Storage, service: Object) -> None:
    spec = service["spec"]
    if spec["type"] == "ExternalName":
        return
    if not spec.get("clusterIP"):
        spec["clusterIP"] = _free_address(storage)
    spec["clusterIPs"] = [spec["clusterIP"]]
    spec.setdefault("ipFamilies", ["IPv4"])
    spec.setdefault("ipFamilyPolicy", "SingleStack")
    if spec["type"] in ("NodePort", "LoadBalancer"):
        _allocate_node_ports(storage, spec)


def _free_address(storage: Storage) -> str:
    taken = {record.obj["spec"].get("clusterIP") for record in storage.all("services")[0]}
    while True:
        address = str(SERVICE_NETWORK[random.randrange(256, SERVICE_NETWORK.num_addresses - 1)])
        if address not in taken:
            return address


def _allocate_node_ports(storage: Storage, spec: Object) -> None:
    if spec["type"] == "LoadBalancer" and spec.get("allocateLoadBalancerNodePorts") is False:
        return
    services = [record.obj["spec"] for record in storage.all("services")[0]]
    taken = {port.get("nodePort") for one in services for port in one.get("ports") or ()}
    taken |= {port.get("nodePort") for port in spec.get("ports") or ()}
    for port in spec.get("ports") or ():
        if not port.get("nodePort"):
            port["nodePort"] = next(one for one in NODE_PORTS if one not in taken)
            taken.add(port["nodePort"])


def _keep_allocated(live: Object, new: Object) -> None:
    """A client that leaves an allocated value out does not mean to give it back."""
    old, spec = live["spec"], new["spec"]
    if spec["type"] == "ExternalName":
        for field in _ALLOCATED:
            spec.pop(field, None)
        return
    for field in _ALLOCATED:
        if not spec.get(field) and old.get(field):
            spec[field] = old[field]
    old_ports = {(one.get("protocol"), one.get("port")): one.get("nodePort") for one in old.get("ports") or ()}
    for port in spec.get("ports") or ():
        before = old_ports.get((port.get("protocol"), port.get("port")))
        if spec["type"] == "ClusterIP" and port.get("nodePort") == before:
            port.pop("nodePort", None)
        elif spec["type"] != "ClusterIP" and not port.get("nodePort") and before:
            port["nodePort"] = before


def service_account(namespace: str) -> Object:
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": namespace}}


def root_certificate(namespace: str, certificate: str) -> Object:
    """The ConfigMap that every namespace holds."""
    text = (
        "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as "
        "the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of "
        "Kubernetes clusters."
    )
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": "kube-root-ca.crt",
            "namespace": namespace,
            "annotations": {"kubernetes.io/description": text},
        },
        "data": {"ca.crt": certificate},
    }
