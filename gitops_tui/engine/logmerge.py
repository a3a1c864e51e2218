"""Lines of several containers in the order of their times, a moment after they came; pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from gitops_tui.model.snapshot import LogLine

WINDOW_S = 0.3
"""A line waits this long for older ones of other containers; what comes later than that follows where it came."""


class Merge:
    """Stable: of one time, and of one container, what came first goes first. ``now`` is any clock that only grows."""

    def __init__(self, window_s: float = WINDOW_S) -> None:
        self._window_s = window_s
        self._held: list[tuple[str, int, float, LogLine]] = []
        self._newest: dict[tuple[str, str], str] = {}
        self._number = 0

    def __len__(self) -> int:
        return len(self._held)

    def add(self, lines: Iterable[LogLine], now: float) -> None:
        for line in lines:
            container = (line.pod, line.container)
            # A line without a time, or with one of before, stays behind the line that its container wrote before it.
            key = max(time_key(line.at), self._newest.get(container, ""))
            self._newest[container] = key
            self._number += 1
            self._held.append((key, self._number, now, line))

    def due(self, now: float) -> list[LogLine]:
        """What has waited long enough, and what is older than that."""
        waited = (one[:2] for one in self._held if one[2] <= now - self._window_s)
        last = max(waited, default=None)
        return self._taken(last) if last is not None else []

    def rest(self) -> list[LogLine]:
        return self._taken(max(((key, number) for key, number, _, _ in self._held), default=("", 0)))

    def _taken(self, last: tuple[str, int]) -> list[LogLine]:
        going = sorted((one for one in self._held if one[:2] <= last), key=lambda one: one[:2])
        self._held = [one for one in self._held if one[:2] > last]
        return [line for *_, line in going]


def time_key(at: str) -> str:
    """An RFC 3339 time as text that sorts by time: in UTC, with nine digits of a second. Empty where it is none."""
    whole, _, fraction = at.removesuffix("Z").partition(".")
    if at.endswith("Z"):
        return f"{whole}.{fraction:0<9}"
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return ""
    digits = fraction.partition("+")[0].partition("-")[0]
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{digits:0<9}"
