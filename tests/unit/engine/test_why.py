"""The answers to why an application is as it is: from what was compared."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gitops_tui.engine.why import answers_of
from gitops_tui.model.catalogue import Code
from gitops_tui.model.decision import Decision
from gitops_tui.model.drift import FieldDrift, Writer
from gitops_tui.model.operation import Condition
from gitops_tui.model.snapshot import AppView
from gitops_tui.model.status import DriftKind, Health, HealthStatus, SyncStatus
from tests.tui import world

API = world.key("Deployment", "api", "shop")
EDITED = FieldDrift(
    ("spec",), "spec.replicas", "replicas", DriftKind.TARGET, 5, 3, Writer("kubectl-edit"), ticked=True, healable=True
)
ADDED = replace(EDITED, kind=DriftKind.FOREIGN, label="env DEBUG")


def view(
    *, sync: SyncStatus = SyncStatus.OUT_OF_SYNC, health: HealthStatus = HealthStatus.HEALTHY, **one: Any
) -> AppView:
    made = replace(world.resource("Deployment", "api", "shop", sync=sync, health=health), **one)
    other = world.resource("Service", "api", "shop")
    return replace(
        world.healthy("shop"), sync=sync, health=Health(health), resources=(made, other), is_at_deployed=True
    )


def told(found: AppView) -> list[tuple[str, dict[str, Any], tuple[Any, ...]]]:
    return [(one.code.value, dict(one.facts), one.objects) for one in answers_of(found, ())]


COUNTED = ("out-of-sync", {"count": 1, "total": 2}, ())


@pytest.mark.parametrize(
    ("words", "answers"),
    [
        (
            {"drift": (EDITED,)},
            [COUNTED, ("differs", {"fields": ("replicas",), "writer": "kubectl-edit"}, (API,))],
        ),
        ({"exists": False}, [COUNTED, ("missing", {}, (API,))]),
        ({"requires_pruning": True}, [COUNTED, ("to-prune", {}, (API,))]),
        (
            {"sync": SyncStatus.SYNCED, "drift": (ADDED,)},
            [("drifted", {"fields": ("env DEBUG",), "writer": "kubectl-edit"}, (API,))],
        ),
        (
            {"sync": SyncStatus.SYNCED, "health": HealthStatus.DEGRADED},
            [("health", {"health": "Degraded", "message": ""}, (API,))],
        ),
        ({"sync": SyncStatus.SYNCED}, []),
    ],
)
def test_the_state_in_codes_and_facts(words: dict[str, Any], answers: list[Any]) -> None:
    sync, health = words.pop("sync", SyncStatus.OUT_OF_SYNC), words.pop("health", HealthStatus.HEALTHY)
    assert told(view(sync=sync, health=health, **words)) == answers


def test_conditions_come_first_and_what_automation_decided_last() -> None:
    found = replace(view(), conditions=(Condition("SyncError", "it failed", world.NOW),))
    decided = Decision(Code.AUTOMATION_OFF)
    given = answers_of(found, (decided,))
    assert (given[0].code, given[0].since) == (Code.CONDITION, world.NOW)
    assert given[-1] is decided
