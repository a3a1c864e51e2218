"""The health of an application from that of its objects."""

from __future__ import annotations

from typing import Any

from gitops_tui.health.aggregate import APPLICATION, Judged, application_health
from gitops_tui.health.assess import assess
from gitops_tui.model.annotations import IGNORE_HEALTHCHECK
from gitops_tui.model.resource import GroupKind, Object, ResourceKey, annotations_of
from gitops_tui.model.status import Health, HealthStatus
from gitops_tui.sync.hooks import is_hook, is_ignored, is_skipped
from tests.conformance.check import check

GROUP = "health/app_aggregate"
FILE = "health/app_aggregate.json"
SKIP: dict[str, str] = {}


def skipped(case: dict[str, Any]) -> str:
    scripted = [kind for kind, rules in (case["resource_overrides"] or {}).items() if rules.get("health.lua")]
    return "" if not scripted or scripted == ["argoproj.io/Application"] else "health in Lua is not read"


def run(case: dict[str, Any]) -> None:
    judges_children = bool(case["resource_overrides"])
    found = application_health(_judged(one, judges_children) for one in case["resources"])
    check(found.status.value, case["expected"]["health"])
    check(found.message, case["expected"]["message"])


def _judged(one: dict[str, Any], judges_children: bool) -> Judged:
    live, target = one["live"], one["target"]
    key = ResourceKey(one["group"], one["kind"], one["namespace"], one["name"])
    is_child = judges_children and GroupKind(key.group, key.kind) == APPLICATION
    return Judged(
        key=key,
        health=None if live is None else _of_child(live) if is_child else assess(live),
        is_live=live is not None,
        is_left_out=(target is not None and is_skipped(target)) or (live is not None and _is_left_out(live)),
        is_ignored=annotations_of(live or target or {}).get(IGNORE_HEALTHCHECK) == "true",
    )


def _is_left_out(live: Object) -> bool:
    return is_hook(live) or is_ignored(live)


def _of_child(live: Object) -> Health:
    """What the script in these cases says: the child's own word."""
    found = live["status"]["health"]
    return Health(HealthStatus(found.get("status") or "Progressing"), found.get("message") or "")
