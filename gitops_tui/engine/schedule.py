"""One thread that does the core's work, in the order in which it is due; equal work is done once.

The rules run here and nowhere else: a pool would only take turns at the interpreter's lock. What waits for the
network for long (fetches, operations, plans) has threads of its own.
"""

from __future__ import annotations

import heapq
import threading
import time
from collections.abc import Callable, Hashable
from itertools import count

from gitops_tui.logs import logger

Work = Callable[[], None]

SOON_S = 0.02
"""A change is worked on after this: what changes together is worked on together."""


class Schedule:
    """Runs keyed work. A key that is due already keeps its earlier time; the newest work of a key is what runs."""

    def __init__(self, name: str) -> None:
        self._condition = threading.Condition()
        self._heap: list[tuple[float, int, Hashable]] = []
        self._due: dict[Hashable, tuple[float, Work]] = {}
        self._order = count()
        self._stopping = False
        self._began: float | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        with self._condition:
            self._stopping = True
            self._condition.notify()
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join(timeout_s)

    def put(self, key: Hashable, work: Work, delay_s: float = 0.0) -> None:
        """Do ``work`` after ``delay_s``, or when ``key`` is due already, whichever is sooner."""
        at = time.monotonic() + delay_s
        with self._condition:
            known = self._due.get(key)
            if known is not None and known[0] <= at:
                self._due[key] = (known[0], work)
                return
            self._due[key] = (at, work)
            heapq.heappush(self._heap, (at, next(self._order), key))
            self._condition.notify()

    def drop(self, key: Hashable) -> None:
        with self._condition:
            self._due.pop(key, None)

    def is_idle(self) -> bool:
        with self._condition:
            return not any(at <= time.monotonic() for at, _ in self._due.values())

    def is_alive(self, busy_s: float) -> bool:
        """False where the thread has died, or has been at one piece of work for longer than this."""
        began = self._began
        return self._thread.is_alive() and (began is None or time.monotonic() - began < busy_s)

    def _run(self) -> None:
        while True:
            self._began = None
            work = self._next()
            if work is None:
                return
            self._began = time.monotonic()
            try:
                work()
            except Exception:  # noqa: BLE001 - one piece of work that fails must not end all work
                logger(__name__).exception("work failed")

    def _next(self) -> Work | None:
        with self._condition:
            while not self._stopping:
                if not self._heap:
                    self._condition.wait()
                    continue
                at, _, key = self._heap[0]
                due = self._due.get(key)
                if due is None or due[0] != at:  # dropped, or due sooner than this entry says
                    heapq.heappop(self._heap)
                    continue
                wait_s = at - time.monotonic()
                if wait_s > 0:
                    self._condition.wait(wait_s)
                    continue
                heapq.heappop(self._heap)
                del self._due[key]
                return due[1]
            return None
