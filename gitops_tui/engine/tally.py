"""What the core counts while it runs: plain numbers, for whoever wants to show them. Knows no monitoring system."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from gitops_tui.model.measure import Family, Labels, MeasureKind, Spread

MOST_SAMPLES = 20_000
"""Of one name. Names come from outside: Applications and repositories that come and go must not fill the memory."""


@dataclass(frozen=True, slots=True)
class Count:
    """Something that is counted. ``bounds``: it is a duration, and these are its buckets, in seconds."""

    name: str
    help: str
    labels: tuple[str, ...]
    bounds: tuple[float, ...] = field(default=(), compare=False)


class Tally:
    """Thread-safe. Label values are given in the order of the count's labels."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers: dict[Count, dict[Labels, float]] = {}
        self._spreads: dict[Count, dict[Labels, Spread]] = {}

    def add(self, count: Count, *labels: str, by: float = 1.0) -> None:
        with self._lock:
            numbers = self._numbers.setdefault(count, {})
            if labels in numbers or len(numbers) < MOST_SAMPLES:
                numbers[labels] = numbers.get(labels, 0.0) + by

    def observe(self, count: Count, seconds: float, *labels: str) -> None:
        with self._lock:
            spreads = self._spreads.setdefault(count, {})
            if labels in spreads or len(spreads) < MOST_SAMPLES:
                known = spreads.get(labels) or Spread(count.bounds, (0,) * len(count.bounds))
                spreads[labels] = known.with_one(seconds)

    def forget(self, namespace: str, name: str) -> None:
        """An Application is gone: what was counted for it alone is no longer shown, as in Argo CD."""
        with self._lock:
            for count, numbers in self._numbers.items():
                if count.labels[:2] == ("namespace", "name"):
                    for labels in [one for one in numbers if one[:2] == (namespace, name)]:
                        del numbers[labels]

    def families(self) -> list[Family]:
        """All that was counted so far."""
        with self._lock:
            found = [
                Family(count.name, MeasureKind.COUNTER, count.help, count.labels, tuple(numbers.items()))
                for count, numbers in self._numbers.items()
            ]
            found += [
                Family(count.name, MeasureKind.HISTOGRAM, count.help, count.labels, tuple(spreads.items()))
                for count, spreads in self._spreads.items()
            ]
        return found
