"""What a bench prints: our figure, its yardstick from the same run, their ratio, and what was to be reached."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

NOT_HERE = "(not from this run)"
HEADER = ("work", "ours", "yardstick", "ours / yardstick", "target", "")


@dataclass(frozen=True, slots=True)
class Row:
    """``is_met`` None: a figure without a target."""

    work: str
    ours: str
    yardstick: str = ""
    ratio: float | None = None
    target: str = ""
    is_met: bool | None = None

    @property
    def is_from_elsewhere(self) -> bool:
        return NOT_HERE in self.yardstick

    def cells(self) -> tuple[str, ...]:
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}" if self.ratio >= 1 else f"1/{1 / self.ratio:.1f}"
        verdict = {True: "met", False: "MISSED", None: ""}[self.is_met]
        return self.work, self.ours, self.yardstick, ratio, self.target, verdict


def compared(work: str, ours: float, yardstick: float, most: float, *, unit: str, against: str, note: str = "") -> Row:
    """A figure beside another of the same unit; met where ours is at most ``most`` of it."""
    ratio = ours / yardstick
    target = f"<= 1/{1 / most:.0f}" if most < 1 else "<= 1"
    return Row(
        work, f"{_figure(ours, unit)}{note}", f"{_figure(yardstick, unit)} {against}", ratio, target, ratio <= most
    )


def published(work: str, ours: float, other: float, most: float, *, unit: str, whose: str, note: str = "") -> Row:
    """A figure beside one that was measured elsewhere, and is marked so."""
    return compared(work, ours, other, most, unit=unit, against=f"{whose} {NOT_HERE}", note=note)


def limited(work: str, ours: float, most: float, *, unit: str, note: str = "") -> Row:
    """A figure with a limit of its own."""
    return Row(work, f"{_figure(ours, unit)}{note}", "", None, f"< {_figure(most, unit)}", ours < most)


def median(values: Iterable[float]) -> float:
    return statistics.median(values)


def spread(values: Sequence[float]) -> str:
    """The least and the most of several runs."""
    return f" ({min(values):.2f}-{max(values):.2f}, {len(values)} runs)"


def _figure(value: float, unit: str) -> str:
    if unit == "s" and value < 1:
        return f"{value * 1000:.0f} ms"
    return f"{value:.2f} {unit}" if value < 10 else f"{value:.0f} {unit}"


def table(rows: Sequence[Row]) -> str:
    """All rows with their columns aligned."""
    cells = [HEADER, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEADER))]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() for line in cells
    )
