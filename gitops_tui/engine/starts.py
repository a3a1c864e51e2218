"""Begins what automation decided: off the core's thread, and only so many at once.

An operation is recorded before it does anything, and the core must not wait for that request. Where dozens of
applications begin at once, each would take as long as all of them and renew its lease meanwhile; so those that wait
for a place are decided anew when one is free (as with Argo CD's ``--operation-processors``).
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from gitops_tui.engine.pool import Pool
from gitops_tui.errors import GitOpsError
from gitops_tui.logs import logger
from gitops_tui.model.application import AppKey


class Starts:
    """`begin` and `failure` are for the core's thread, `over` for any. ``again`` has an application decided anew."""

    def __init__(self, pool: Pool, limit: int, again: Callable[[AppKey], None]) -> None:
        self._pool = pool
        self._limit = limit
        self._again = again
        self._lock = threading.Lock()
        self._busy: set[AppKey] = set()
        self._waiting: dict[AppKey, None] = {}
        self._failures: dict[AppKey, GitOpsError] = {}

    def is_busy(self, key: AppKey) -> bool:
        """Whether an operation was begun that has not got as far as to wait for something, or to end."""
        return key in self._busy

    def is_due(self, key: AppKey) -> bool:
        """Whether an operation is about to begin, be it that it waits for a place."""
        return key in self._busy or key in self._waiting

    def begin(self, key: AppKey, start: Callable[[], object]) -> bool:
        """Have ``start`` called soon; False where there is no place now, and the application waits for one."""
        with self._lock:
            if len(self._busy) >= self._limit:
                self._waiting[key] = None
                return False
            self._waiting.pop(key, None)
            self._busy.add(key)
        self._pool.submit(lambda: self._run(key, start))
        return True

    def over(self, key: AppKey) -> None:
        """The operation waits, or it has ended: others may take its place, the one that waits longest first."""
        with self._lock:
            if key not in self._busy:
                return
            self._busy.discard(key)
            free = self._limit - len(self._busy)
            woken = list(self._waiting)[:free]
            for one in woken:
                del self._waiting[one]
        for one in woken:
            self._again(one)

    def forget(self, key: AppKey) -> None:
        """Its Application is gone: it waits for no place. One that it has is given back when its operation ends."""
        with self._lock:
            self._waiting.pop(key, None)
            self._failures.pop(key, None)

    def failure(self, key: AppKey) -> GitOpsError | None:
        """Why the last `begin` came to nothing; told once."""
        return self._failures.pop(key, None)

    def _run(self, key: AppKey, start: Callable[[], object]) -> None:
        try:
            start()
        except GitOpsError as error:
            self._failures[key] = error
            self.over(key)
        except Exception:  # noqa: BLE001 - a place that nobody gives back would be lost for ever
            logger(__name__).exception("an operation of %s does not begin", key)
            self.over(key)
        else:
            return  # from here on the operation tells of itself
        self._again(key)
