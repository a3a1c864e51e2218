"""How long is waited before the next try."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops_tui.sync.retry import RetryRule, SelfHealBackoff, retry_rule

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def test_the_first_wait_has_the_exponent_one() -> None:
    rule = RetryRule(limit=5)
    assert [rule.wait_s(count) for count in range(6)] == [10, 20, 40, 80, 160, 180]


@pytest.mark.parametrize(("limit", "count", "allows"), [(0, 0, False), (2, 1, True), (2, 2, False), (-1, 1000, True)])
def test_how_often(limit: int, count: int, allows: bool) -> None:
    assert RetryRule(limit=limit).allows(count) is allows


@pytest.mark.parametrize(
    ("found", "rule"),
    [
        (None, RetryRule()),
        ({}, RetryRule()),
        ({"limit": 3}, RetryRule(limit=3)),
        ({"limit": 3, "refresh": True}, RetryRule(limit=3, refresh=True)),
        ({"backoff": {"duration": "10", "factor": 3, "maxDuration": "1m30s"}}, RetryRule(0, 10, 3, 90)),
        ({"backoff": {"duration": "-10", "factor": 0, "maxDuration": ""}}, RetryRule(0, -10, 0)),
    ],
)
def test_reading(found: dict[str, Any] | None, rule: RetryRule) -> None:
    assert retry_rule(found) == rule


@pytest.mark.parametrize("backoff", [{"duration": "soon"}, {"maxDuration": "1d"}])
def test_a_duration_that_is_none_is_a_problem(backoff: dict[str, Any]) -> None:
    """Argo CD ``RetryStrategy.NextRetryAt``: an error, and the operation is not tried again."""
    assert "is not a duration" in retry_rule({"limit": 3, "backoff": backoff}).problem


def test_no_cap_and_no_end() -> None:
    """``maxDuration: "0"`` caps nothing, and no number of attempts is too many to count."""
    uncapped = retry_rule({"limit": -1, "backoff": {"maxDuration": "0"}})
    assert uncapped.wait_s(5) == 320
    assert uncapped.wait_s(5000) > 10**6
    assert RetryRule(limit=-1).wait_s(5000) == 180
    assert RetryRule(factor=0).wait_s(3) == 0


def test_self_heals_get_rarer() -> None:
    assert [SelfHealBackoff().wait_s(attempts) for attempts in range(7)] == [0, 2, 6, 18, 54, 162, 300]


@pytest.mark.parametrize(
    ("backoff", "waits"),
    [
        (SelfHealBackoff(cap_s=0), [0, 2, 6, 18, 54, 162, 486]),
        (SelfHealBackoff(factor=0), [0, 2, 2, 2, 2, 2, 2]),
        (SelfHealBackoff(factor=1), [0, 2, 2, 2, 2, 2, 2]),
        (SelfHealBackoff(duration_s=60, cap_s=20), [0, 60, 20, 20, 20, 20, 20]),
        (SelfHealBackoff(duration_s=0, fixed_s=5), [5, 5, 5, 5, 5, 5, 5]),
    ],
)
def test_a_back_off_without_a_cap_or_growth(backoff: SelfHealBackoff, waits: list[float]) -> None:
    assert [backoff.wait_s(attempts) for attempts in range(7)] == waits


def test_what_remains_counts_from_the_end_of_the_last_operation() -> None:
    backoff = SelfHealBackoff()
    assert backoff.remaining_s(3, NOW - timedelta(seconds=5), NOW) == pytest.approx(13)
    assert backoff.remaining_s(3, None, NOW) == 18
    assert backoff.remaining_s(0, NOW, NOW) == 0


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_waits_never_shrink_and_never_pass_the_cap(first: int, second: int) -> None:
    fewer, more = sorted((first, second))
    backoff = SelfHealBackoff()
    assert 0 <= backoff.wait_s(fewer) <= backoff.wait_s(more) <= backoff.cap_s
