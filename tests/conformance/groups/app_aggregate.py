"""The health of an application from that of its objects."""

from __future__ import annotations

from typing import Any

from gitops_tui.health.aggregate import Judged, application_health
from gitops_tui.health.assess import built_in, pending_deletion
from gitops_tui.health.custom import health_scripts, judge
from gitops_tui.lua.runner import Runner
from gitops_tui.model.annotations import IGNORE_HEALTHCHECK
from gitops_tui.model.resource import GroupKind, Object, ResourceKey, annotations_of, group_of
from gitops_tui.model.status import Health, HealthStatus
from gitops_tui.model.system import Customization
from gitops_tui.sync.hooks import is_hook, is_ignored, is_skipped
from tests.conformance.check import check

GROUP = "health/app_aggregate"
FILE = "health/app_aggregate.json"
SKIP: dict[str, str] = {}


def run(case: dict[str, Any]) -> None:
    runner = Runner()
    try:
        judged = [_judged(one, case["resource_overrides"] or {}, runner) for one in case["resources"]]
    finally:
        runner.close()
    found = application_health(judged)
    check(found.status.value, case["expected"]["health"])
    check(found.message, case["expected"]["message"])
    if case["persist_resource_health"]:
        before = [_word(one) for one in case["statuses_before"]]
        statuses = [_status(one, word) for one, word in zip(judged, before, strict=True)]
        check(statuses, [_word(one) for one in case["expected"]["statuses"]])


def _word(status: dict[str, Any]) -> str:
    return (status.get("health") or {}).get("status", "")


def _status(one: Judged, before: str) -> str:
    """What does not count keeps the word that it had."""
    return before if one.is_left_out or one.is_ignored or one.health is None else one.health.status.value


def _judged(one: dict[str, Any], overrides: dict[str, Any], runner: Runner) -> Judged:
    live, target = one["live"], one["target"]
    return Judged(
        key=ResourceKey(one["group"], one["kind"], one["namespace"], one["name"]),
        health=Health(HealthStatus.MISSING) if live is None else _assessed(live, overrides, runner),
        is_live=live is not None,
        is_left_out=(target is not None and is_skipped(target)) or (live is not None and _is_left_out(live)),
        is_ignored=annotations_of(live or {}).get(IGNORE_HEALTHCHECK) == "true",
    )


def _assessed(live: Object, overrides: dict[str, Any], runner: Runner) -> Health | None:
    customizations = {
        key: Customization(
            health_lua=rules.get("health.lua") or "", use_open_libs=bool(rules.get("health.lua.useOpenLibs"))
        )
        for key, rules in overrides.items()
    }
    script = health_scripts(customizations, {}).find(GroupKind(group_of(live), str(live.get("kind"))))
    return pending_deletion(live) or (judge(live, script, runner.run) if script else built_in(live))


def _is_left_out(live: Object) -> bool:
    return is_hook(live) or is_ignored(live)
