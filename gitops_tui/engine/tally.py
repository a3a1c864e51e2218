"""What the core counts while it runs: plain numbers, for whoever wants to show them. Knows no monitoring system."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass

Labels = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spread:
    """How durations spread: ``counts[i]`` are those of at most ``bounds[i]`` seconds, each in one place only."""

    bounds: tuple[float, ...]
    counts: tuple[int, ...]
    total_s: float = 0.0
    count: int = 0

    def with_one(self, seconds: float) -> Spread:
        place = next((number for number, bound in enumerate(self.bounds) if seconds <= bound), None)
        counts = tuple(one + (number == place) for number, one in enumerate(self.counts))
        return Spread(self.bounds, counts, self.total_s + seconds, self.count + 1)


class Tally:
    """Counters and durations by name and label values. Thread-safe; a name's labels are told where it is shown."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, dict[Labels, float]] = {}
        self._spreads: dict[str, dict[Labels, Spread]] = {}

    def add(self, name: str, *labels: str, by: float = 1.0) -> None:
        with self._lock:
            counts = self._counts.setdefault(name, {})
            counts[labels] = counts.get(labels, 0.0) + by

    def observe(self, name: str, bounds: tuple[float, ...], seconds: float, *labels: str) -> None:
        """``bounds`` are those of the name, the same each time, and rise."""
        with self._lock:
            spreads = self._spreads.setdefault(name, {})
            known = spreads.get(labels) or Spread(bounds, (0,) * len(bounds))
            spreads[labels] = known.with_one(seconds)

    def counts(self, name: str) -> Mapping[Labels, float]:
        with self._lock:
            return dict(self._counts.get(name, {}))

    def spreads(self, name: str) -> Mapping[Labels, Spread]:
        with self._lock:
            return dict(self._spreads.get(name, {}))
