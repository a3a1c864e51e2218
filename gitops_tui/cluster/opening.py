"""How a cluster's many watches begin: their first lists over a few connections, their streams when that is done with.

A stream holds a connection, and each connection costs a TLS handshake: sixty at once take longer than what they list.
Lists that come after one another share connections; what a list held is up to date until its stream takes over, since
the stream begins at the list's resourceVersion.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager

LISTS_AT_ONCE = 8
PATIENCE_S = 0.25
"""No list waits longer for its turn: others may hang, or the server be far away."""
LATEST_S = 3.0
"""No stream waits longer than this for the first screen."""
SPREAD_S = 0.4
"""The streams of all kinds begin over this time, so that they are not in the way of what is drawn meanwhile."""
DRAWING_S = 0.3
"""How long a screen takes to show what was compared first, on a slow machine."""


class Opening:
    """Thread-safe. Once it is over nothing waits any more."""

    def __init__(self, *, is_over: bool = False, lead_s: float = 0.0) -> None:
        """``lead_s``: no stream begins sooner than that after the first comparison."""
        self._lead_s = lead_s
        self._turns = threading.BoundedSemaphore(LISTS_AT_ONCE)
        self._over = threading.Event()
        self._cancelled = threading.Event()
        if is_over:
            self._over.set()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait, but not for long, until one of a few may list."""
        has_turn = not self._over.is_set() and self._turns.acquire(timeout=PATIENCE_S)
        try:
            yield
        finally:
            if has_turn:
                self._turns.release()

    def wait_over(self) -> None:
        """What was listed need not be followed before the first comparison is shown; not for ever."""
        if self._over.is_set():
            return
        self._over.wait(LATEST_S)
        self._cancelled.wait(self._lead_s + random.uniform(0.0, SPREAD_S))

    def over(self) -> None:
        """What was listed first is compared: follow it. Idempotent."""
        self._over.set()

    def cancel(self) -> None:
        """Everything ends: nobody waits."""
        self._cancelled.set()
        self._over.set()
