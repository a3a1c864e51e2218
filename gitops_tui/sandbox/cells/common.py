"""What the cells of several kinds have in common."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from gitops_tui.model.resource import Object, metadata_of, name_of
from gitops_tui.sandbox.duration import age
from gitops_tui.sandbox.pod_cells import container_images, container_names

Cells = Callable[[Object, datetime], list[Any]]
NONE, UNSET, UNKNOWN = "<none>", "<unset>", "<unknown>"


def created(obj: Object, now: datetime) -> str:
    return age(metadata_of(obj).get("creationTimestamp"), now)


def spec_of(obj: Object) -> Object:
    return obj.get("spec") or {}


def status_of(obj: Object) -> Object:
    return obj.get("status") or {}


def count_of(found: Object, field: str) -> int:
    return int(found.get(field) or 0)


def containers_of(pod_spec: Object) -> list[str]:
    return [",".join(container_names(pod_spec)), ",".join(container_images(pod_spec))]


def template_of(spec: Object) -> Object:
    return (spec.get("template") or {}).get("spec") or {}


def name_and_age(obj: Object, now: datetime) -> list[Any]:
    return [name_of(obj), created(obj, now)]


def created_only(obj: Object, _now: datetime) -> list[Any]:
    return [name_of(obj), metadata_of(obj).get("creationTimestamp")]
