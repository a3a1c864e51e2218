"""Fields of custom resources that hold core types, so that their quantities compare equal (``knownTypeFields``).

Source: Argo CD "Diffing customization", known Kubernetes types: every type of ``core/v1``, quantities and durations.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
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

CORE: Final = "core/v1/"
EMBEDDED: Final[Mapping[str, str]] = {
    "EphemeralContainerCommon": "EphemeralContainer",
    "PersistentVolumeSource": "PersistentVolumeSpec",
    "ProbeHandler": "Probe",
    "VolumeSource": "Volume",
}
"""Types that are only ever embedded, of which OpenAPI has no more than what embeds them."""
RESOURCE_LIST: Final = f"{CORE}ResourceList"
QUANTITY: Final = "core/Quantity"
DURATION: Final = "meta/v1/Duration"
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

    ``fields`` are those of the settings for this kind, which take the place of what is built in. Raise `KeyError` for
    a type that nobody knows.
    """
    group, kind = group_of(obj), str(obj.get("kind") or "")
    known = fields or ALWAYS.get(f"{group}/{kind}" if group else kind, {})
    for path, type_name in known.items():
        obj = _at(obj, path.split("."), _canonical_of(type_name))
    return obj


def is_known(type_name: str) -> bool:
    """Whether `normalize_known` knows how values of the type are written."""
    return type_name in (QUANTITY, DURATION) or _type(type_name) is not None


def _canonical_of(type_name: str) -> Callable[[Any], Any]:
    if type_name == DURATION:
        return duration
    if type_name == QUANTITY:
        return _quantity
    node = _type(type_name)
    if node is None:
        raise KeyError(type_name)
    return lambda value: typed_value(value, node)


@cache
def _type(name: str) -> SchemaNode | None:
    """The core type of that name; None where there is none."""
    if name == RESOURCE_LIST:  # in OpenAPI it has no name
        requirements = _type(f"{CORE}ResourceRequirements")
        return requirements.child("limits") if requirements else None
    if not name.startswith(CORE):
        return None
    short = name.removeprefix(CORE)
    return builtin.schemas().named(f"io.k8s.api.core.v1.{EMBEDDED.get(short, short)}")


def _at(value: Any, path: list[str], change: Callable[[Any], Any]) -> Any:
    """A copy with what is at ``path`` changed, in every object of a list that is there or on the way."""
    if isinstance(value, list):
        return [_at(item, path, change) if isinstance(item, dict) else item for item in value]
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
    text = value[1:] if value.startswith(("-", "+")) else value
    parts = _DURATION_PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return "0s" if text == "0" else value
    total = sum(int(Decimal(number) * _NANOSECONDS[unit]) for number, unit in parts)
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
