"""Repositories that do not answer, and for how long that changes nothing.

Source: Argo CD's ``controller/state.go`` (repoErrorGracePeriod; semantics 1.1): for a while after the first error the
status stays as it was; who asked for a refresh is told at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from gitops_tui.errors import RepositoryError


class Outage(Struct, frozen=True):
    """``is_told``: somebody asked, and was told of it."""

    since: datetime
    error: RepositoryError
    is_told: bool = False


class Outages:
    """By URL. Thread-safe."""

    def __init__(self, grace_s: float, clock: Callable[[], datetime]) -> None:
        self._grace = timedelta(seconds=grace_s)
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, Outage] = {}

    def failed(self, url: str, error: RepositoryError, *, is_asked: bool) -> None:
        with self._lock:
            known = self._known.get(url) or Outage(self._clock(), error)
            self._known[url] = replace(known, error=error, is_told=known.is_told or is_asked)

    def answered(self, url: str) -> None:
        with self._lock:
            self._known.pop(url, None)

    def of(self, url: str) -> RepositoryError | None:
        """Why what was fetched before no longer counts; None while it does."""
        with self._lock:
            known = self._known.get(url)
        if known is None or not (known.is_told or self._clock() - known.since > self._grace):
            return None
        return known.error
