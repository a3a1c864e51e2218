"""Cells of autoscalers, budgets, RBAC, definitions and the rest."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from gitops_tui.model.resource import Object, metadata_of, name_of
from gitops_tui.sandbox.cells.common import (
    NONE,
    UNKNOWN,
    UNSET,
    count_of,
    created,
    spec_of,
    status_of,
)


def autoscaler(obj: Object, now: datetime) -> list[Any]:
    spec, status = spec_of(obj), status_of(obj)
    target = spec.get("scaleTargetRef") or {}
    return [
        name_of(obj),
        f"{target.get('kind')}/{target.get('name')}",
        ", ".join(_metric(spec, status)) or NONE,
        str(spec.get("minReplicas", UNSET)),
        spec.get("maxReplicas"),
        count_of(status, "currentReplicas"),
        created(obj, now),
    ]


def _metric(spec: Object, status: Object) -> list[str]:
    current = {
        (one.get("resource") or {}).get("name"): ((one.get("resource") or {}).get("current") or {}).get(
            "averageUtilization"
        )
        for one in status.get("currentMetrics") or ()
    }
    found = []
    for metric in spec.get("metrics") or ():
        resource = metric.get("resource") or {}
        wanted = (resource.get("target") or {}).get("averageUtilization")
        if wanted is not None:
            now = current.get(resource.get("name"))
            found.append(f"{resource['name']}: {UNKNOWN if now is None else f'{now}%'}/{wanted}%")
    return found


def budget(obj: Object, now: datetime) -> list[Any]:
    spec = spec_of(obj)
    limits = [
        str(spec[field]) if spec.get(field) is not None else "N/A" for field in ("minAvailable", "maxUnavailable")
    ]
    return [name_of(obj), *limits, count_of(status_of(obj), "disruptionsAllowed"), created(obj, now)]


def binding(obj: Object, now: datetime) -> list[Any]:
    subjects = obj.get("subjects") or ()
    by_kind = {
        kind: ", ".join(
            f"{one['namespace']}/{one['name']}" if one.get("namespace") else one["name"]
            for one in subjects
            if one.get("kind") == kind
        )
        for kind in ("User", "Group", "ServiceAccount")
    }
    role = obj.get("roleRef") or {}
    return [name_of(obj), f"{role.get('kind')}/{role.get('name')}", created(obj, now), *by_kind.values()]


def lease(obj: Object, now: datetime) -> list[Any]:
    return [name_of(obj), spec_of(obj).get("holderIdentity") or "", created(obj, now)]


def crd(obj: Object, _now: datetime) -> list[Any]:
    spec, names = spec_of(obj), spec_of(obj).get("names") or {}
    established = [one for one in status_of(obj).get("conditions") or () if one.get("type") == "Established"]
    return [
        name_of(obj),
        spec.get("scope"),
        ",".join(one["name"] for one in spec.get("versions") or ()),
        metadata_of(obj).get("creationTimestamp"),
        spec.get("group"),
        names.get("kind"),
        ",".join(names.get("shortNames") or ()),
        bool(established) and established[0].get("status") == "True",
    ]


def api_service(obj: Object, now: datetime) -> list[Any]:
    service = spec_of(obj).get("service")
    available: Object = next(
        (one for one in status_of(obj).get("conditions") or () if one.get("type") == "Available"), {}
    )
    state = str(available.get("status") or "Unknown")
    if available.get("reason") and state != "True":
        state = f"{state} ({available['reason']})"
    shown = f"{service['namespace']}/{service['name']}" if service else "Local"
    return [name_of(obj), shown, state, created(obj, now)]


def webhooks(obj: Object, now: datetime) -> list[Any]:
    return [name_of(obj), len(obj.get("webhooks") or ()), created(obj, now)]


def revision(obj: Object, now: datetime) -> list[Any]:
    owners = metadata_of(obj).get("ownerReferences") or ()
    owner = next((f"{_kind_text(one)}/{one['name']}" for one in owners if one.get("controller")), NONE)
    return [name_of(obj), owner, obj.get("revision"), created(obj, now)]


def _kind_text(owner: Object) -> str:
    group, slash, _ = str(owner.get("apiVersion")).partition("/")
    kind = str(owner["kind"]).lower()
    return f"{kind}.{group}" if slash else kind


def priority_class(obj: Object, now: datetime) -> list[Any]:
    return [
        name_of(obj),
        obj.get("value"),
        bool(obj.get("globalDefault")),
        created(obj, now),
        obj.get("preemptionPolicy"),
    ]
