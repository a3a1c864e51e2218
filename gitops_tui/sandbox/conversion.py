"""One stored object, the versions that it is served in: both Event kinds are one; custom versions differ in name."""

from __future__ import annotations

from gitops_tui.model.resource import Object
from gitops_tui.sandbox.registry import ResourceType

_EVENT_FIELDS = {
    "regarding": "involvedObject",
    "note": "message",
    "reportingController": "reportingComponent",
    "deprecatedSource": "source",
    "deprecatedFirstTimestamp": "firstTimestamp",
    "deprecatedLastTimestamp": "lastTimestamp",
    "deprecatedCount": "count",
}
"""events.k8s.io's name -> the core name, under which Events are stored."""
_CORE_FIELDS = {core: new for new, core in _EVENT_FIELDS.items()}


def is_converted(kind: ResourceType) -> bool:
    return kind.resource != kind.storage


def to_stored(kind: ResourceType, obj: Object) -> Object:
    if not is_converted(kind):
        return obj
    return {**_rename(obj, _EVENT_FIELDS), "apiVersion": "v1"}


def to_served(kind: ResourceType, obj: Object) -> Object:
    """The object in the version that was asked for."""
    if is_converted(kind):
        return {**_rename(obj, _CORE_FIELDS), "apiVersion": kind.api_version}
    if obj.get("apiVersion") != kind.api_version:
        return {**obj, "apiVersion": kind.api_version}
    return obj


def _rename(obj: Object, names: dict[str, str]) -> Object:
    return {names.get(field, field): value for field, value in obj.items()}
