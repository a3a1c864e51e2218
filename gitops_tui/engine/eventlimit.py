"""Which Events are written, and which are merged or dropped: one application that flaps must not flood the cluster.

The same words about the same Application within ten minutes are one Event whose ``count`` grows. Whatever the words,
an Application has so many writes at hand and gets a new one every few seconds, as client-go's spam filter does it
(``tools/record/events_cache.go``; its numbers are too small for a sync's own six events).
"""

from __future__ import annotations

from dataclasses import dataclass

MERGED_S = 600.0
BURST = 30
REFILL_S = 10.0
REMEMBERED = 2_000


@dataclass
class Written:
    """An Event that stands in the cluster. ``count`` includes what was dropped since."""

    name: str
    first_s: float
    last_s: float
    count: int = 1


@dataclass
class _Bucket:
    left: float
    at_s: float


class EventLimit:
    """Used under the audit's lock. Times are seconds of a clock that only rises."""

    def __init__(self) -> None:
        self._written: dict[tuple[str, ...], Written] = {}
        self._buckets: dict[str, _Bucket] = {}

    def admit(self, app: str, words: tuple[str, ...], name: str, now_s: float) -> tuple[Written, bool] | None:
        """The Event to write and whether it is a new one (called ``name``); None: not now.

        ``app`` names the Application, ``words`` all in which two Events about it may differ.
        """
        key = (app, *words)
        known = self._written.get(key)
        if known is not None and now_s - known.last_s < MERGED_S:
            known.count += 1
            if not self._takes(app, now_s):
                return None
            known.last_s = now_s
            return known, False
        if not self._takes(app, now_s):
            return None
        made = self._written[key] = Written(name, now_s, now_s)
        self._forget(now_s)
        return made, True

    def gone(self, written: Written) -> None:
        """It is not in the cluster (any more): the next one is a new one."""
        self._written = {key: one for key, one in self._written.items() if one is not written}

    def _takes(self, app: str, now_s: float) -> bool:
        bucket = self._buckets.setdefault(app, _Bucket(BURST, now_s))
        bucket.left = min(float(BURST), bucket.left + (now_s - bucket.at_s) / REFILL_S)
        bucket.at_s = now_s
        if bucket.left < 1.0:
            return False
        bucket.left -= 1.0
        return True

    def _forget(self, now_s: float) -> None:
        if len(self._written) <= REMEMBERED:
            return
        self._written = {key: one for key, one in self._written.items() if now_s - one.last_s < MERGED_S}
        while len(self._written) > REMEMBERED:
            self._written.pop(next(iter(self._written)))
        full = BURST * REFILL_S
        self._buckets = {app: one for app, one in self._buckets.items() if now_s - one.at_s < full}
