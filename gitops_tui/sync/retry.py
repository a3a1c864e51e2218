"""How long to wait before a failed operation is tried again, and before drift is healed again (semantics 0.5, 1.9)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from gitops_tui.manifest.duration import seconds

DEFAULT_DURATION_S = 5.0
DEFAULT_FACTOR = 2
DEFAULT_MAX_S = 180.0
AUTOMATED_LIMIT = 5
LONGEST_S = 365 * 24 * 3600.0
_WHOLE = re.compile(r"[+-]?[0-9]{1,15}", re.ASCII)


class RetryRule(Struct, frozen=True):
    """``limit`` 0: never; below 0: without end. ``max_s`` 0 or below: no cap.

    ``refresh``: the next attempt takes the newest revision.
    """

    limit: int = 0
    duration_s: float = DEFAULT_DURATION_S
    factor: int = DEFAULT_FACTOR
    max_s: float = DEFAULT_MAX_S
    refresh: bool = False
    problem: str = ""
    """Why nobody can say when to try again: a duration that is none."""

    def allows(self, count: int) -> bool:
        """Whether one more attempt may follow after ``count`` retries."""
        return self.limit < 0 or count < self.limit

    def wait_s(self, count: int) -> float:
        """The wait before the retry that follows ``count`` retries.

        Argo CD counts a retry before it computes the wait anew, so the first real wait has the exponent 1.
        """
        try:
            wait = self.duration_s * float(self.factor) ** (count + 1)
        except OverflowError:
            wait = LONGEST_S
        return min(self.max_s if self.max_s > 0 else LONGEST_S, wait)


def retry_rule(found: Mapping[str, Any] | None) -> RetryRule:
    """``operation.retry``, as ``spec.syncPolicy.retry`` spells it; what is absent has Argo CD's defaults.

    A duration that cannot be read is the rule's ``problem`` (Argo CD ``RetryStrategy.NextRetryAt``).
    """
    if not found:
        return RetryRule()
    backoff: Mapping[str, Any] = found.get("backoff") or {}
    factor = backoff.get("factor")
    rule = RetryRule(
        limit=int(found.get("limit") or 0),
        factor=DEFAULT_FACTOR if factor is None else int(factor),
        refresh=bool(found.get("refresh")),
    )
    try:
        duration_s = _seconds(backoff.get("duration"), DEFAULT_DURATION_S)
        max_s = _seconds(backoff.get("maxDuration"), DEFAULT_MAX_S)
    except ValueError as error:
        return replace(rule, problem=str(error))
    return replace(rule, duration_s=duration_s, max_s=max_s)


def _seconds(value: object, default: float) -> float:
    """``5s``, ``1m`` or a bare number of seconds; raises ValueError for what is neither."""
    if not value:
        return default
    text = str(value)
    return float(text) if _WHOLE.fullmatch(text) else seconds(text)


class SelfHealBackoff(Struct, frozen=True):
    """``duration_s`` 0: only ``fixed_s`` between two heals; ``factor`` 0: no growth; ``cap_s`` 0: no cap."""

    duration_s: float = 2.0
    factor: int = 3
    cap_s: float = 300.0
    fixed_s: float = 0.0

    def wait_s(self, attempts: int) -> float:
        """The pause after a heal, with ``attempts`` heals so far on this revision.

        What grows is capped, so the first pause never is (Kubernetes' ``wait.Backoff``).
        """
        if self.duration_s <= 0:
            return self.fixed_s
        if attempts == 0:
            return 0.0
        grown = self.duration_s * float(self.factor or 1) ** min(attempts - 1, 64)
        return min(self.cap_s, grown) if self.cap_s > 0 and attempts > 1 and self.factor else grown

    def remaining_s(self, attempts: int, finished_at: datetime | None, now: datetime) -> float:
        """Seconds until a heal may start; zero or less: now. Without a last operation the pause starts now."""
        wait = self.wait_s(attempts)
        return wait if finished_at is None else wait - (now - finished_at).total_seconds()
