"""Since when something is in trouble: the words of the list's last column."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from gitops_tui.engine.headline import standing_since
from gitops_tui.model.status import HealthStatus

LONG_AGO, BROKEN, MOVED = (datetime(2026, 11, day, 12, tzinfo=UTC) for day in (1, 20, 22))


def condition(type_: str, transition: datetime, update: datetime) -> dict[str, Any]:
    return {"type": type_, "lastTransitionTime": transition.isoformat(), "lastUpdateTime": update.isoformat()}


@pytest.mark.parametrize(
    ("status", "conditions", "since"),
    [
        (
            HealthStatus.PROGRESSING,
            [condition("Available", LONG_AGO, LONG_AGO), condition("Progressing", LONG_AGO, MOVED)],
            MOVED,
        ),
        (
            HealthStatus.DEGRADED,
            [condition("Available", BROKEN, BROKEN), condition("Progressing", MOVED, MOVED)],
            BROKEN,
        ),
        (HealthStatus.DEGRADED, [condition("Failed", BROKEN, BROKEN)], BROKEN),
        (HealthStatus.PROGRESSING, [], None),
    ],
)
def test_standing_since(status: HealthStatus, conditions: list[dict[str, Any]], since: datetime | None) -> None:
    assert standing_since({"status": {"conditions": conditions}}, status) == since
