"""Cells of configuration, storage and the cluster itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from gitops_tui.model.resource import Object, labels_of, metadata_of, name_of
from gitops_tui.sandbox.cells.common import (
    NONE,
    UNKNOWN,
    UNSET,
    created,
    spec_of,
    status_of,
)
from gitops_tui.sandbox.duration import age


def config_map(obj: Object, now: datetime) -> list[Any]:
    return [name_of(obj), len(obj.get("data") or ()) + len(obj.get("binaryData") or ()), created(obj, now)]


def secret(obj: Object, now: datetime) -> list[Any]:
    return [name_of(obj), obj.get("type"), len(obj.get("data") or ()), created(obj, now)]


_MODES = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}


def _modes(spec: Object) -> str:
    return ",".join(_MODES.get(mode, mode) for mode in spec.get("accessModes") or ())


def _phase(obj: Object) -> str:
    return "Terminating" if metadata_of(obj).get("deletionTimestamp") else str(status_of(obj).get("phase") or "")


def claim(obj: Object, now: datetime) -> list[Any]:
    spec, status = spec_of(obj), status_of(obj)
    is_bound = bool(spec.get("volumeName"))
    return [
        name_of(obj),
        _phase(obj),
        spec.get("volumeName") or "",
        (status.get("capacity") or {}).get("storage", "") if is_bound else "",
        _modes(status) if is_bound else "",
        spec.get("storageClassName") or "",
        spec.get("volumeAttributesClassName") or UNSET,
        created(obj, now),
        spec.get("volumeMode") or "Filesystem",
    ]


def volume(obj: Object, now: datetime) -> list[Any]:
    spec = spec_of(obj)
    claim = spec.get("claimRef") or {}
    return [
        name_of(obj),
        (spec.get("capacity") or {}).get("storage", ""),
        _modes(spec),
        spec.get("persistentVolumeReclaimPolicy"),
        _phase(obj),
        f"{claim.get('namespace')}/{claim.get('name')}" if claim else "",
        spec.get("storageClassName") or "",
        spec.get("volumeAttributesClassName") or UNSET,
        status_of(obj).get("reason") or "",
        created(obj, now),
        spec.get("volumeMode") or "Filesystem",
    ]


def storage_class(obj: Object, now: datetime) -> list[Any]:
    is_default = (metadata_of(obj).get("annotations") or {}).get(
        "storageclass.kubernetes.io/is-default-class"
    ) == "true"
    return [
        f"{name_of(obj)} (default)" if is_default else name_of(obj),
        obj.get("provisioner"),
        obj.get("reclaimPolicy"),
        obj.get("volumeBindingMode"),
        bool(obj.get("allowVolumeExpansion")),
        created(obj, now),
    ]


def namespace(obj: Object, now: datetime) -> list[Any]:
    return [name_of(obj), status_of(obj).get("phase"), created(obj, now)]


def node(obj: Object, now: datetime) -> list[Any]:
    status, spec = status_of(obj), spec_of(obj)
    info, prefix = status.get("nodeInfo") or {}, "node-role.kubernetes.io/"
    ready = next((one for one in status.get("conditions") or () if one.get("type") == "Ready"), None)
    state = "Unknown" if ready is None else "Ready" if ready.get("status") == "True" else "NotReady"
    roles = sorted(key.removeprefix(prefix) for key in labels_of(obj) if key.startswith(prefix))
    addresses = {one["type"]: one["address"] for one in status.get("addresses") or ()}
    return [
        name_of(obj),
        f"{state},SchedulingDisabled" if spec.get("unschedulable") else state,
        ",".join(roles) or NONE,
        created(obj, now),
        info.get("kubeletVersion") or "",
        addresses.get("InternalIP", NONE),
        addresses.get("ExternalIP", NONE),
        info.get("osImage") or UNKNOWN,
        info.get("kernelVersion") or UNKNOWN,
        info.get("containerRuntimeVersion") or UNKNOWN,
    ]


def event(obj: Object, now: datetime) -> list[Any]:
    series = obj.get("series") or {}
    involved = obj.get("involvedObject") or {}
    first = obj.get("firstTimestamp") or obj.get("eventTime")
    last = series.get("lastObservedTime") or obj.get("lastTimestamp") or first
    source = obj.get("source") or {}
    name = f"{str(involved.get('kind') or '').lower()}/{involved.get('name') or ''}"
    return [
        age(last, now),
        obj.get("type") or "",
        obj.get("reason") or "",
        name,
        involved.get("fieldPath") or "",
        ", ".join(filter(None, (source.get("component") or obj.get("reportingComponent"), source.get("host")))),
        str(obj.get("message") or "").strip(),
        age(first, now),
        str(series.get("count") or obj.get("count") or 1),
        name_of(obj),
    ]


def quota(obj: Object, now: datetime) -> list[Any]:
    hard, used = status_of(obj).get("hard") or {}, status_of(obj).get("used") or {}
    requests = [f"{key}: {used.get(key, '0')}/{hard[key]}" for key in sorted(hard) if not key.startswith("limits")]
    limits = [f"{key}: {used.get(key, '0')}/{hard[key]}" for key in sorted(hard) if key.startswith("limits")]
    return [name_of(obj), ", ".join(requests), ", ".join(limits), created(obj, now)]
