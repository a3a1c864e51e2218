"""Kubernetes Events of objects, as the faces show them; read when asked for, never watched."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from gitops_tui.model.resource import Object, ResourceKey, metadata_of, split_api_version
from gitops_tui.model.snapshot import EventView

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def event_views(events: Iterable[Object], keys: frozenset[ResourceKey]) -> tuple[EventView, ...]:
    """Those about ``keys``, newest first. Groups and versions of an Event's object are not always told."""
    names = {(key.kind, key.namespace, key.name) for key in keys}
    found = [_view(event) for event in events if _subject(event) in names]
    return tuple(sorted(found, key=lambda one: one.last_seen, reverse=True))


def _subject(event: Object) -> tuple[str, str, str]:
    about: dict[str, Any] = event.get("involvedObject") or event.get("regarding") or {}
    return str(about.get("kind", "")), str(about.get("namespace", "")), str(about.get("name", ""))


def _view(event: Object) -> EventView:
    about: dict[str, Any] = event.get("involvedObject") or event.get("regarding") or {}
    series = event.get("series") or {}
    seen = (
        series.get("lastObservedTime")
        or event.get("lastTimestamp")
        or event.get("eventTime")
        or event.get("firstTimestamp")
        or metadata_of(event).get("creationTimestamp")
    )
    group, _ = split_api_version(str(about.get("apiVersion", "")))
    kind, namespace, name = _subject(event)
    return EventView(
        last_seen=datetime.fromisoformat(str(seen)) if seen else LONG_AGO,
        type=str(event.get("type", "")),
        reason=str(event.get("reason", "")),
        message=str(event.get("message") or event.get("note") or ""),
        object=ResourceKey(group, kind, namespace, name),
        count=int(series.get("count") or event.get("count") or 1),
        source=str(event.get("reportingComponent") or (event.get("source") or {}).get("component") or ""),
    )
