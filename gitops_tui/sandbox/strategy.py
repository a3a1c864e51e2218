"""What a write may touch, by kind: status apart from spec, the generation, what survives an update."""

from __future__ import annotations

from gitops_tui.model.resource import Object, annotations_of, metadata_of
from gitops_tui.sandbox.registry import ResourceType

_COUNTED = {
    "pods",
    "replicationcontrollers",
    "deployments.apps",
    "replicasets.apps",
    "statefulsets.apps",
    "daemonsets.apps",
    "jobs.batch",
    "cronjobs.batch",
    "horizontalpodautoscalers.autoscaling",
    "ingresses.networking.k8s.io",
    "ingressclasses.networking.k8s.io",
    "networkpolicies.networking.k8s.io",
    "poddisruptionbudgets.policy",
    "endpointslices.discovery.k8s.io",
    "priorityclasses.scheduling.k8s.io",
    "mutatingwebhookconfigurations.admissionregistration.k8s.io",
    "validatingwebhookconfigurations.admissionregistration.k8s.io",
    "customresourcedefinitions.apiextensions.k8s.io",
}
"""Built-in kinds with a ``metadata.generation``, measured on Kubernetes 1.37."""
_TEMPLATE_GENERATION = "deprecated.daemonset.template.generation"
_SERVER_OWNED = (
    "uid",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "generation",
    "selfLink",
)


def has_generation(kind: ResourceType) -> bool:
    return kind.custom is not None or kind.resource in _COUNTED


def keeps_status(kind: ResourceType) -> bool:
    """Whether a write of the main resource leaves ``status`` alone."""
    return kind.has_status


def prepare_create(kind: ResourceType, obj: Object) -> None:
    """Before defaults, in place: a client does not choose the status."""
    meta = obj["metadata"]
    for field in (*_SERVER_OWNED, "resourceVersion"):
        meta.pop(field, None)
    if has_generation(kind):
        meta["generation"] = 1
    if keeps_status(kind) and kind.resource != "nodes":
        obj.pop("status", None)
    if kind.resource == "daemonsets.apps":
        meta["annotations"] = {**(meta.get("annotations") or {}), _TEMPLATE_GENERATION: "1"}


def prepare_update(kind: ResourceType, live: Object, new: Object, subresource: str) -> None:
    """Before defaults, in place on ``new``: what this endpoint may not touch is as it was."""
    _keep_server_owned(live, new)
    if subresource == "status":
        _keep_all_but_status(kind, live, new)
    elif keeps_status(kind):
        _keep(live, new, "status")
    if kind.resource == "namespaces" and subresource != "finalize":
        _keep(live.get("spec") or {}, new.setdefault("spec", {}), "finalizers")


def _keep_server_owned(live: Object, new: Object) -> None:
    for field in _SERVER_OWNED:
        _keep(metadata_of(live), new["metadata"], field)


def _keep(live: Object, new: Object, field: str) -> None:
    if field in live:
        new[field] = live[field]
    else:
        new.pop(field, None)


def _keep_all_but_status(kind: ResourceType, live: Object, new: Object) -> None:
    """Built-in kinds take annotations along with a status, custom ones nothing but ``status``."""
    meta = dict(metadata_of(live))
    if kind.custom is None:
        meta = {**new["metadata"]}
        _keep(metadata_of(live), meta, "labels")
        _keep(metadata_of(live), meta, "ownerReferences")
    for field in ("managedFields", "resourceVersion"):
        _keep(new["metadata"], meta, field)
    status = new.get("status")
    new.clear()
    new.update({**live, "metadata": meta, "status": status if status is not None else {}})


def bump_generation(kind: ResourceType, live: Object, new: Object) -> None:
    """After defaults: the generation counts changes of what was asked for."""
    if not has_generation(kind):
        return
    if _has_new_spec(kind, live, new):
        new["metadata"]["generation"] = int(metadata_of(live).get("generation") or 0) + 1
    if kind.resource == "daemonsets.apps":
        _bump_template_generation(live, new)


def _has_new_spec(kind: ResourceType, live: Object, new: Object) -> bool:
    if kind.resource == "deployments.apps" and annotations_of(live) != annotations_of(new):
        return True
    if kind.custom is None and "spec" in live:
        return bool(live["spec"] != new.get("spec"))
    apart = {"metadata", "apiVersion", "kind"} | ({"status"} if keeps_status(kind) else set())
    fields = (set(live) | set(new)) - apart
    return any(live.get(field) != new.get(field) for field in fields)


def _bump_template_generation(live: Object, new: Object) -> None:
    number = int(annotations_of(live).get(_TEMPLATE_GENERATION) or 1)
    if live["spec"].get("template") != new["spec"].get("template"):
        number += 1
    new["metadata"]["annotations"] = {**annotations_of(new), _TEMPLATE_GENERATION: str(number)}


def pod_quality(pod: Object) -> str:
    """``status.qosClass``, from requests and limits of cpu and memory."""
    wanted = [container.get("resources") or {} for container in pod["spec"].get("containers") or ()]
    if not any(one.get("requests") or one.get("limits") for one in wanted):
        return "BestEffort"
    both = {"cpu", "memory"}
    is_fixed = all(
        both <= set(one.get("limits") or ()) and (one.get("requests") or one["limits"]) == one["limits"]
        for one in wanted
    )
    return "Guaranteed" if is_fixed else "Burstable"


def is_same(live: Object, new: Object) -> bool:
    """Whether a write changes nothing but bookkeeping times: then nothing is stored, as on the real server."""
    return _without_times(live) == _without_times(new)


def _without_times(obj: Object) -> Object:
    meta = dict(metadata_of(obj))
    meta.pop("resourceVersion", None)
    managed = [{k: v for k, v in entry.items() if k != "time"} for entry in meta.pop("managedFields", None) or ()]
    meta["managedFields"] = sorted(managed, key=str)
    for field in ("labels", "annotations", "finalizers", "ownerReferences"):
        if not meta.get(field):
            meta.pop(field, None)
    return {**obj, "metadata": meta}
