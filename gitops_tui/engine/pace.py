"""How often something may be written: who answers slowly is busy, and more requests would make it slower still.

A server at rest answers in milliseconds, and nothing is held back. Where sixty applications are deployed at once a
write takes a second, and each of them then writes a few times in all instead of at every step.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

REST = 10.0
"""A write is followed by a rest of this many times as long as it took."""
MAX_REST_S = 15.0


class Pace:
    """Of one thing that is written again and again. One thread writes, others may ask."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._rest_until = 0.0
        self._ended: float | None = None

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Around the request, however it ends."""
        began = self._monotonic()
        try:
            yield
        finally:
            self._ended = self._monotonic()
            self._rest_until = self._ended + min(MAX_REST_S, REST * (self._ended - began))

    def rest_s(self, at_least_s: float = 0.0) -> float:
        """Seconds until the next write is due; ``at_least_s`` after the last one."""
        if self._ended is None:
            return 0.0
        return max(0.0, max(self._rest_until, self._ended + at_least_s) - self._monotonic())
