"""Who waits for comparisons: commands that want every application compared, and the board's first whole snapshot."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable

from gitops_tui.model.application import AppKey


class Awaited:
    """The applications that were not compared since they came, changed, or were asked to be refreshed. Thread-safe."""

    def __init__(self) -> None:
        self._pending: set[AppKey] = set()
        self._changed = threading.Condition()
        self._is_loaded = False

    @property
    def is_all_done(self) -> bool:
        """Whether the Applications are known and each was compared, or it is known why it cannot be."""
        return self._is_loaded and not self._pending

    def add(self, keys: Iterable[AppKey]) -> None:
        with self._changed:
            self._pending.update(keys)

    def loaded(self) -> bool:
        """The Applications are known; whether none of them is waited for."""
        with self._changed:
            self._is_loaded = True
            self._changed.notify_all()
            return self.is_all_done

    def done(self, key: AppKey, is_busy: Callable[[], bool]) -> bool:
        """One was compared. False, and nothing changes, where it is busy again: what comes of that is waited for."""
        with self._changed:
            if is_busy():
                return False
            self._pending.discard(key)
            self._changed.notify_all()
            return True

    def wait_for(self, keys: Collection[AppKey], timeout_s: float) -> bool:
        """Until none of these is waited for."""
        with self._changed:
            return self._changed.wait_for(lambda: self._pending.isdisjoint(keys), timeout_s)

    def wait(self, timeout_s: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self.is_all_done, timeout_s)
