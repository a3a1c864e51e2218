"""How long a self-heal waits."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_tui.manifest.duration import seconds
from gitops_tui.model.operation import parse_time
from gitops_tui.sync.retry import SelfHealBackoff
from tests.conformance.check import check

GROUP = "sync/self_heal_backoff"
FILE = "sync/self_heal_backoff.json"
SKIP: dict[str, str] = {}


def run(case: dict[str, Any]) -> None:
    now = parse_time(case["now"])
    assert now is not None
    finished_at = parse_time(case["finished_at"])
    remaining_s = backoff(case).remaining_s(case["attempts"], finished_at, now)
    expected = case["expected"]
    check(remaining_s <= 0, expected["may_sync_now"])
    assert remaining_s == pytest.approx(expected["remaining_seconds"], abs=case["tolerance_seconds"])


def backoff(case: dict[str, Any]) -> SelfHealBackoff:
    """The controller's settings in a case: a fixed pause where there is no exponential one."""
    fixed_s = seconds(case["self_heal_timeout"])
    found = case["self_heal_backoff"]
    if found is None:
        return SelfHealBackoff(duration_s=0, fixed_s=fixed_s)
    return SelfHealBackoff(seconds(found["Duration"]), int(found["Factor"]), seconds(found["Cap"]), fixed_s)
