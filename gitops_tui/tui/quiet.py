"""The garbage collector at work while nobody types, and not while the program starts.

A full collection over a thousand applications of thirty objects takes about a tenth of a second, and comes
when memory was allocated, which is when a key was pressed.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

THRESHOLDS = (20_000, 20, 100)
"""Allocations, and collections of each younger generation, before an older one is looked at."""
APART_S = 60.0


STARTED_S = 5.0
"""The collector rests no longer than this, whatever keeps the first screen."""


def rest() -> None:
    """Collect nothing until the first screen: modules, classes and lists of objects come, and nothing of them goes.

    A sixth of the time until then is spent in looking at it again and again. `Tidier` begins to collect.
    """
    gc.disable()


def collect() -> None:
    """From now on. Idempotent."""
    gc.enable()


@contextmanager
def resting() -> Iterator[None]:
    """The same for a command that ends soon: nothing is collected in the block."""
    rest()
    try:
        yield
    finally:
        collect()


def collect_less_often() -> None:
    """For the whole process; full collections are left to `Tidier` as long as memory does not run away."""
    gc.set_threshold(*THRESHOLDS)


class Tidier:
    """Collects once a minute, in a moment without keys."""

    def __init__(self, ticks: Callable[[], float]) -> None:
        self._ticks = ticks
        self._began_at = self._last_at = ticks()

    def begin(self, *, is_started: bool) -> None:
        """Collect from now on, once the first screen is there; what stands then is never looked at again."""
        if not gc.isenabled() and (is_started or self._ticks() - self._began_at >= STARTED_S):
            gc.freeze()
            collect()

    def tidy(self, *, is_hand_moving: bool) -> None:
        if not is_hand_moving and self._ticks() - self._last_at >= APART_S:
            gc.collect()
            self._last_at = self._ticks()
