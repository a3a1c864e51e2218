"""An application's state as Argo CD's ``status`` object: what is written to the cluster and printed as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from gitops_tui.diff.secrets import mask_secret
from gitops_tui.engine.sources import SourceAt
from gitops_tui.errors import GitOpsError, InvalidSpecError
from gitops_tui.manifest.decode import decode, expand_lists
from gitops_tui.model.application import Application
from gitops_tui.model.operation import stamp
from gitops_tui.model.snapshot import AppView, ResourceView
from gitops_tui.model.status import ConditionType, HealthStatus, SyncStatus

Json = dict[str, Any]


def application_json(view: AppView) -> Json:
    """The Application document with its status as we see it, for a screen: Secrets that came with it are masked."""
    raw = {key: value for key, value in view.app.raw.items() if key != "status"}
    status = status_json(view, before=view.app.raw.get("status") or {})
    if "operationState" in status:
        done = status["operationState"]
        status["operationState"] = {**done, "operation": with_masked_manifests(done.get("operation") or {})}
    if "operation" in raw:
        raw["operation"] = with_masked_manifests(raw["operation"])
    return {**raw, "status": status}


def with_masked_manifests(operation: Json) -> Json:
    """What came with an operation (``sync.manifests``) as it may be shown; what cannot be read is left out."""
    sync = operation.get("sync") or {}
    if not sync.get("manifests"):
        return operation
    return {**operation, "sync": {**sync, "manifests": [_masked(str(text)) for text in sync["manifests"]]}}


def _masked(text: str) -> str:
    try:
        found = decode(text.encode(), file="operation.sync.manifests")
    except GitOpsError:
        return ""
    return "\n---\n".join(json.dumps(mask_secret(item.obj)) for item in expand_lists(found))


def status_json(
    view: AppView,
    *,
    before: Mapping[str, Any],
    summary: Mapping[str, list[str]] | None = None,
    reconciled_at: datetime | None = None,
    pins: Sequence[SourceAt] = (),
    controller_namespace: str = "",
) -> Json:
    """``status`` field for field (semantics 1.13). Fields of others that we do not set are kept.

    ``before`` is the status that stands there: times that mark a transition are kept where nothing moved.
    ``reconciled_at`` is when the sources were last resolved, ``pins`` what they were resolved to. An Application
    that is not valid keeps what was found of it before (Argo CD ``refreshAppConditions``).
    """
    app = view.app
    found: Json = {**before, "health": _health_json(view, before.get("health") or {})}
    if view.is_invalid:
        found["sync"] = {**(before.get("sync") or {}), "status": SyncStatus.UNKNOWN.value}
    else:
        found |= {
            "sync": _sync_json(view, pins),
            "resources": [_resource_json(one) for one in sorted(view.resources, key=_resource_order)],
            "resourceHealthSource": "appTree",
            "sourceType": view.source_type,
            "controllerNamespace": controller_namespace or app.namespace,
        }
        if app.has_multiple_sources:
            found.pop("sourceType")
            found["sourceTypes"] = [str(pin.type) for pin in pins] or [view.source_type]
        at = reconciled_at or view.compared_at
        if at is not None:
            found["reconciledAt"] = stamp(at)
    if view.conditions:
        found["conditions"] = [
            one.to_json() for one in sorted(view.conditions, key=lambda one: (one.type, one.message))
        ]
    else:
        found.pop("conditions", None)
    if view.operation is not None:
        found["operationState"] = view.operation.to_json()
    if view.history:
        found["history"] = [one.to_json() for one in view.history]
    if summary is not None:
        found["summary"] = dict(summary)
    return found


def _resource_order(one: ResourceView) -> str:
    """As Argo CD sorts them (``resourceStatusKey``)."""
    return "/".join((one.key.group, one.key.kind, one.key.namespace, one.key.name))


def condition_type_of(error: GitOpsError) -> str:
    """Under which condition what keeps an application from being compared is told."""
    is_spec = isinstance(error, InvalidSpecError)
    return (ConditionType.INVALID_SPEC_ERROR if is_spec else ConditionType.COMPARISON_ERROR).value


def source_json(app: Application) -> Json:
    """``source`` or ``sources`` as the spec has them."""
    spec = app.raw.get("spec") or {}
    return {key: spec[key] for key in ("source", "sources") if spec.get(key)}


def _sync_json(view: AppView, pins: Sequence[SourceAt]) -> Json:
    """Where its sources cannot be read Argo CD reports the revision that was asked for, and no wanted object."""
    app = view.app
    spec = app.raw.get("spec") or {}
    compared: Json = {**source_json(app), "destination": spec.get("destination", {})}
    if spec.get("ignoreDifferences"):
        compared["ignoreDifferences"] = spec["ignoreDifferences"]
    found: Json = {"status": view.sync.value, "comparedTo": compared}
    if app.has_multiple_sources:
        found["revisions"] = (
            [one.target_revision for one in app.sources]
            if view.is_unread
            else [pin.sha for pin in pins] or [view.revision]
        )
    elif revision := app.source.target_revision if view.is_unread else view.revision:
        found["revision"] = revision
    return found


def _health_json(view: AppView, before: Mapping[str, Any]) -> Json:
    is_empty = view.is_unread and not view.resources
    status = HealthStatus.HEALTHY if is_empty else view.health.status
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
    if one.requires_deletion_confirmation:
        found["requiresDeletionConfirmation"] = True
    if one.wave:
        found["syncWave"] = one.wave
    return found
