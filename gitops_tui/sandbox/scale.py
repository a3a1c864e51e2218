"""The ``scale`` subresource: how many replicas, without the rest of the object."""

from __future__ import annotations

import copy
from typing import Any

from gitops_tui.model.resource import Object, metadata_of
from gitops_tui.sandbox import failure
from gitops_tui.sandbox.registry import ResourceType
from gitops_tui.sandbox.selectors import selector_text

_META = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")


def _paths(kind: ResourceType) -> tuple[list[str], list[str], list[str]]:
    """Where the wanted count, the present count and the selector are."""
    declared = (kind.custom.scale if kind.custom else None) or {}
    wanted = declared.get("specReplicasPath", ".spec.replicas")
    present = declared.get("statusReplicasPath", ".status.replicas")
    selector = declared.get("labelSelectorPath", "")
    return wanted.strip(".").split("."), present.strip(".").split("."), selector.strip(".").split(".")


def _find(obj: Object, path: list[str]) -> Any:
    found: Any = obj
    for step in path:
        found = found.get(step) if isinstance(found, dict) else None
    return found


def scale_of(kind: ResourceType, obj: Object) -> Object:
    """The Scale that stands for ``obj``."""
    wanted, present, selector = _paths(kind)
    meta = metadata_of(obj)
    status: Object = {"replicas": int(_find(obj, present) or 0)}
    shown = _find(obj, selector) if kind.custom else _selector(obj)
    if shown:
        status["selector"] = shown
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {field: meta[field] for field in _META if field in meta},
        "spec": {"replicas": int(_find(obj, wanted) or 0)},
        "status": status,
    }


def _selector(obj: Object) -> str:
    selector = (obj.get("spec") or {}).get("selector")
    if obj.get("kind") == "ReplicationController":
        selector = {"matchLabels": selector or {}}
    return "" if not selector else selector_text(selector)


def scaled(kind: ResourceType, obj: Object, scale: Object) -> Object:
    """``obj`` with the count of ``scale``; raises `Invalid` where that is negative or no number."""
    count = (scale.get("spec") or {}).get("replicas", 0)
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        cause = failure.invalid_value("spec.replicas", str(count), "must be greater than or equal to 0")
        raise failure.invalid("autoscaling", "Scale", str(metadata_of(obj).get("name")), [cause])
    new = copy.deepcopy(obj)
    *parents, last = _paths(kind)[0]
    inner = new
    for step in parents:
        inner = inner.setdefault(step, {})
    inner[last] = count
    version = metadata_of(scale).get("resourceVersion")
    if version:
        new["metadata"]["resourceVersion"] = version
    return new


def without_scale_time(obj: Object) -> Object:
    """managedFields of a scale carry no time, as measured on the real server."""
    managed = [
        {k: v for k, v in entry.items() if k != "time"} if entry.get("subresource") == "scale" else entry
        for entry in metadata_of(obj).get("managedFields") or ()
    ]
    return {**obj, "metadata": {**metadata_of(obj), "managedFields": managed}} if managed else obj
