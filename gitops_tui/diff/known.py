"""Fields of custom resources that hold core types, so that their quantities compare equal (``knownTypeFields``).

Source: Argo CD "Diffing customization", known Kubernetes types. A type is found where a built-in kind has it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from gitops_tui.diff.normalize import typed_value
from gitops_tui.manifest import quantity
from gitops_tui.model.resource import Object, group_of
from gitops_tui.structured import builtin
from gitops_tui.structured.schema import SchemaNode

ALWAYS: Final[Mapping[str, Mapping[str, str]]] = {
    "argoproj.io/Rollout": {"spec.template.spec": "core/v1/PodSpec"},
}
"""By ``group/Kind``: dotted field -> type. Built into Argo CD."""

PLACES: Final[Mapping[str, tuple[str, str, str]]] = {
    "core/v1/Pod": ("v1", "Pod", ""),
    "core/v1/PodSpec": ("v1", "Pod", "spec"),
    "core/v1/PodTemplateSpec": ("apps/v1", "Deployment", "spec.template"),
    "core/v1/Container": ("v1", "Pod", "spec.containers.[]"),
    "core/v1/EnvVar": ("v1", "Pod", "spec.containers.[].env.[]"),
    "core/v1/Probe": ("v1", "Pod", "spec.containers.[].livenessProbe"),
    "core/v1/Lifecycle": ("v1", "Pod", "spec.containers.[].lifecycle"),
    "core/v1/ResourceRequirements": ("v1", "Pod", "spec.containers.[].resources"),
    "core/v1/ResourceList": ("v1", "Pod", "spec.containers.[].resources.limits"),
    "core/v1/SecurityContext": ("v1", "Pod", "spec.containers.[].securityContext"),
    "core/v1/PodSecurityContext": ("v1", "Pod", "spec.securityContext"),
    "core/v1/VolumeMount": ("v1", "Pod", "spec.containers.[].volumeMounts.[]"),
    "core/v1/Volume": ("v1", "Pod", "spec.volumes.[]"),
    "core/v1/Toleration": ("v1", "Pod", "spec.tolerations.[]"),
    "core/v1/Affinity": ("v1", "Pod", "spec.affinity"),
    "core/v1/LocalObjectReference": ("v1", "Pod", "spec.imagePullSecrets.[]"),
    "core/v1/ObjectReference": ("v1", "ServiceAccount", "secrets.[]"),
    "core/v1/PersistentVolumeClaim": ("v1", "PersistentVolumeClaim", ""),
    "core/v1/PersistentVolumeClaimSpec": ("v1", "PersistentVolumeClaim", "spec"),
    "core/v1/PersistentVolumeSpec": ("v1", "PersistentVolume", "spec"),
    "core/v1/ServiceSpec": ("v1", "Service", "spec"),
    "core/v1/ServicePort": ("v1", "Service", "spec.ports.[]"),
    "core/v1/ResourceQuotaSpec": ("v1", "ResourceQuota", "spec"),
    "core/v1/LimitRangeSpec": ("v1", "LimitRange", "spec"),
}

DURATIONS: Final = ("meta/v1/Duration", "metav1/Duration")
_DURATION_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)")
_NANOSECONDS = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "μs": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
}


def normalize_known(obj: Object, fields: Mapping[str, str] | None = None) -> Object:
    """``obj`` with its fields of core types written as these types write them. A field that is not there is skipped.

    ``fields`` are those of the settings for this kind. Raise `KeyError` for a type that nobody knows.
    """
    group, kind = group_of(obj), str(obj.get("kind") or "")
    known = ALWAYS.get(f"{group}/{kind}" if group else kind, {})
    for path, type_name in {**known, **(fields or {})}.items():
        obj = _at(obj, path.split("."), _canonical_of(type_name))
    return obj


def is_known(type_name: str) -> bool:
    """Whether `normalize_known` knows how values of the type are written."""
    return type_name in PLACES or type_name in DURATIONS or type_name.endswith("/Quantity")


def _canonical_of(type_name: str) -> Callable[[Any], Any]:
    if type_name in DURATIONS:
        return duration
    if type_name.endswith("/Quantity"):
        return _quantity
    node = _type(type_name)
    return lambda value: typed_value(value, node)


@cache
def _type(name: str) -> SchemaNode:
    api_version, kind, path = PLACES[name]
    node = builtin.schemas().for_kind(api_version, kind)
    for step in filter(None, path.split(".")):
        assert node is not None, "a built-in kind has the places that the table names"
        node = node.items if step == "[]" else node.child(step)
    assert node is not None, "a built-in kind has the places that the table names"
    return node


def _at(value: Any, path: list[str], change: Callable[[Any], Any]) -> Any:
    """A copy with what is at ``path`` changed, in every item where a list is on the way."""
    if isinstance(value, list):
        return [_at(item, path, change) for item in value]
    if not path:
        return change(value)
    if not isinstance(value, dict) or path[0] not in value:
        return value
    return {**value, path[0]: _at(value[path[0]], path[1:], change)}


def _quantity(value: Any) -> Any:
    try:
        return quantity.canonical(value)
    except (ValueError, TypeError):
        return value


def duration(value: Any) -> Any:
    """Go's way to write a duration: ``90m -> 1h30m0s``. What is none stays as it is."""
    if not isinstance(value, str):
        return value
    text = value.removeprefix("-")
    parts = _DURATION_PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return "0s" if text in ("0", "+0") else value
    total = sum(round(float(number) * _NANOSECONDS[unit]) for number, unit in parts)
    return ("-" if value.startswith("-") else "") + _written(total)


def _written(nanoseconds: int) -> str:
    if nanoseconds == 0:
        return "0s"
    for unit in ("ns", "µs", "ms"):
        if nanoseconds < _NANOSECONDS[unit] * 1000:
            return f"{_decimal(nanoseconds, _NANOSECONDS[unit])}{unit}"
    seconds, rest = divmod(nanoseconds, 10**9)
    hours, minutes = seconds // 3600, seconds // 60 % 60
    tail = f"{_decimal((seconds % 60) * 10**9 + rest, 10**9)}s"
    if hours:
        return f"{hours}h{minutes}m{tail}"
    return f"{minutes}m{tail}" if minutes else tail


def _decimal(amount: int, unit: int) -> str:
    whole, rest = divmod(amount, unit)
    fraction = f"{rest:0{len(str(unit)) - 1}d}".rstrip("0") if rest else ""
    return f"{whole}.{fraction}" if fraction else str(whole)
