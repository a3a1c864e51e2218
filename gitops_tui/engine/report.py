"""An application's state as Argo CD's ``status`` object: what is written to the cluster and printed as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from gitops_tui.model.application import Application
from gitops_tui.model.operation import stamp
from gitops_tui.model.resource import Object
from gitops_tui.model.snapshot import AppView, ResourceView
from gitops_tui.model.status import HealthStatus, SyncStatus

Json = dict[str, Any]


def application_json(view: AppView) -> Json:
    """The Application document with its status as we see it."""
    raw = {key: value for key, value in view.app.raw.items() if key != "status"}
    return {**raw, "status": status_json(view, before=view.app.raw.get("status") or {})}


def status_json(
    view: AppView, *, before: Mapping[str, Any], images: Iterable[str] = (), reconciled_at: datetime | None = None
) -> Json:
    """``status`` field for field (semantics 1.13). Fields of others that we do not set are kept.

    ``before`` is the status that stands there: times that mark a transition are kept where nothing moved.
    ``reconciled_at`` is when the sources were last resolved.
    """
    app = view.app
    found: Json = {
        **before,
        "sync": _sync_json(view),
        "health": _health_json(view, before.get("health") or {}),
        "resources": [_resource_json(one) for one in view.resources],
        "resourceHealthSource": "appTree",
        "sourceType": view.source_type,
        "controllerNamespace": app.namespace,
    }
    if view.conditions:
        found["conditions"] = [one.to_json() for one in view.conditions]
    else:
        found.pop("conditions", None)
    if view.operation is not None:
        found["operationState"] = view.operation.to_json()
    if view.history:
        found["history"] = [one.to_json() for one in view.history]
    listed = sorted(set(images))
    if listed:
        found["summary"] = {**(before.get("summary") or {}), "images": listed}
    at = reconciled_at or view.compared_at
    if at is not None:
        found["reconciledAt"] = stamp(at)
    return found


def images_of(objects: Iterable[Object | None]) -> list[str]:
    """Every container image in the live objects, sorted (``status.summary.images``)."""
    found: set[str] = set()
    for obj in objects:
        spec = (obj or {}).get("spec") or {}
        pod = (spec.get("jobTemplate") or {}).get("spec") or spec
        pod = (pod.get("template") or {}).get("spec") or pod
        for word in ("containers", "initContainers"):
            found |= {str(one["image"]) for one in pod.get(word) or () if isinstance(one, dict) and one.get("image")}
    return sorted(found)


def source_json(app: Application) -> Json:
    """``source`` or ``sources`` as the spec has them."""
    spec = app.raw.get("spec") or {}
    return {key: spec[key] for key in ("source", "sources") if spec.get(key)}


def _sync_json(view: AppView) -> Json:
    app = view.app
    spec = app.raw.get("spec") or {}
    compared: Json = {**source_json(app), "destination": spec.get("destination", {})}
    if spec.get("ignoreDifferences"):
        compared["ignoreDifferences"] = spec["ignoreDifferences"]
    found: Json = {"status": view.sync.value, "comparedTo": compared}
    revision = view.revision or (app.source.target_revision if _is_unread(view) else "")
    if revision:
        found["revision"] = revision
    return found


def _is_unread(view: AppView) -> bool:
    """Its source could never be read: Argo CD then reports what was asked for, and Healthy for nothing at all."""
    return view.sync is SyncStatus.UNKNOWN and not view.resources and bool(view.conditions)


def _health_json(view: AppView, before: Mapping[str, Any]) -> Json:
    status = HealthStatus.HEALTHY if _is_unread(view) else view.health.status
    found: Json = {"status": status.value}
    if before.get("status") == found["status"] and before.get("lastTransitionTime"):
        found["lastTransitionTime"] = before["lastTransitionTime"]
    elif view.compared_at is not None:
        found["lastTransitionTime"] = stamp(view.compared_at)
    return found


def _resource_json(one: ResourceView) -> Json:
    key = one.key
    names = {"group": key.group, "version": one.version, "kind": key.kind, "namespace": key.namespace, "name": key.name}
    found: Json = {name: value for name, value in names.items() if value}
    if one.sync is not None:
        found["status"] = one.sync.value
    if one.is_hook:
        found["hook"] = True
    if one.requires_pruning:
        found["requiresPruning"] = True
    if one.wave:
        found["syncWave"] = one.wave
    return found
