"""What is measured, as values: a family has a name, labels and samples, as Prometheus has them."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

Labels = tuple[str, ...]


class MeasureKind(StrEnum):
    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Spread(Struct, frozen=True):
    """How durations spread: ``counts[i]`` are those of at most ``bounds[i]`` seconds, each in one place only."""

    bounds: tuple[float, ...]
    counts: tuple[int, ...]
    total_s: float = 0.0
    count: int = 0

    def with_one(self, seconds: float) -> Spread:
        place = next((number for number, bound in enumerate(self.bounds) if seconds <= bound), None)
        counts = tuple(one + (number == place) for number, one in enumerate(self.counts))
        return Spread(self.bounds, counts, self.total_s + seconds, self.count + 1)


class Family(Struct, frozen=True):
    """Samples carry the values of ``labels`` in order; those of a histogram are `Spread`s."""

    name: str
    kind: MeasureKind
    help: str
    labels: tuple[str, ...]
    samples: tuple[tuple[Labels, float | Spread], ...] = ()
