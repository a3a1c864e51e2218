"""The garbage collector at work while nobody types.

A full collection over a thousand applications of thirty objects takes about a tenth of a second, and comes
when memory was allocated, which is when a key was pressed.
"""

from __future__ import annotations

import gc
from collections.abc import Callable

THRESHOLDS = (20_000, 20, 100)
"""Allocations, and collections of each younger generation, before an older one is looked at."""
APART_S = 60.0


def collect_less_often() -> None:
    """For the whole process; full collections are left to `Tidier` as long as memory does not run away."""
    gc.set_threshold(*THRESHOLDS)


class Tidier:
    """Collects once a minute, in a moment without keys."""

    def __init__(self, ticks: Callable[[], float]) -> None:
        self._ticks = ticks
        self._last_at = ticks()

    def tidy(self, *, is_hand_moving: bool) -> None:
        if not is_hand_moving and self._ticks() - self._last_at >= APART_S:
            gc.collect()
            self._last_at = self._ticks()
