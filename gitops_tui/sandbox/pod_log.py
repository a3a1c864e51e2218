"""What containers print: kept in memory, read and followed by ``kubectl logs``."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from threading import Condition

from msgspec import Struct

KEPT_LINES = 5000
Key = tuple[str, str, str]
"""Namespace, pod, container."""


class Line(Struct, frozen=True):
    at: datetime
    text: str

    def shown(self, *, with_time: bool) -> str:
        return f"{self.at.isoformat().replace('+00:00', 'Z')} {self.text}\n" if with_time else f"{self.text}\n"


class LogQuery(Struct, frozen=True):
    follow: bool = False
    previous: bool = False
    timestamps: bool = False
    tail: int | None = None
    since_s: float | None = None
    limit_bytes: int | None = None


class PodLogs:
    """Thread-safe. A restart moves a container's lines to "previous"."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._changed = Condition()
        self._lines: dict[Key, deque[Line]] = defaultdict(lambda: deque(maxlen=KEPT_LINES))
        self._previous: dict[Key, deque[Line]] = {}
        self._written: dict[Key, int] = defaultdict(int)
        self._is_closed = False

    def append(self, namespace: str, pod: str, container: str, text: str, *, at: datetime | None = None) -> None:
        key = (namespace, pod, container)
        with self._changed:
            self._lines[key].append(Line(at or self._clock(), text))
            self._written[key] += 1
            self._changed.notify_all()

    def restart(self, namespace: str, pod: str, container: str) -> None:
        """The container starts anew: what it printed is "previous" now."""
        with self._changed:
            self._previous[namespace, pod, container] = self._lines.pop((namespace, pod, container), deque())

    def forget(self, namespace: str, pod: str) -> None:
        with self._changed:
            for lines in (self._lines, self._previous):
                for key in [key for key in lines if key[:2] == (namespace, pod)]:
                    del lines[key]
            self._changed.notify_all()

    def close(self) -> None:
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def has_previous(self, namespace: str, pod: str, container: str) -> bool:
        with self._changed:
            return (namespace, pod, container) in self._previous

    def read(self, key: Key, query: LogQuery, is_alive: Callable[[], bool]) -> Iterator[str]:
        """The lines that ``query`` asks for; with ``follow`` those that come, until the pod is gone."""
        with self._changed:
            lines = list(self._previous.get(key, ()) if query.previous else self._lines.get(key, ()))
            seen = self._written[key]
        yield from _limited(self._chosen(lines, query), query)
        while query.follow and not query.previous:
            fresh, seen = self._wait(key, seen)
            if not fresh:
                yield ""
            yield from (line.shown(with_time=query.timestamps) for line in fresh)
            if self._is_closed or not (fresh or is_alive()):
                return

    def _wait(self, key: Key, seen: int) -> tuple[list[Line], int]:
        """What was written since ``seen``, after a second at the latest, and how much was written in all."""
        with self._changed:
            self._changed.wait_for(lambda: self._written[key] > seen or self._is_closed, timeout=1.0)
            count = self._written[key] - seen
            return list(self._lines.get(key, ()))[-count:] if count else [], self._written[key]

    def _chosen(self, lines: list[Line], query: LogQuery) -> list[Line]:
        if query.since_s is not None:
            start = self._clock() - timedelta(seconds=query.since_s)
            lines = [line for line in lines if line.at >= start]
        if query.tail is not None:
            lines = lines[-query.tail :] if query.tail else []
        return lines


def _limited(lines: list[Line], query: LogQuery) -> Iterator[str]:
    left = query.limit_bytes
    for line in lines:
        text = line.shown(with_time=query.timestamps)
        if left is not None:
            text = text[:left]
            left -= len(text)
        if text:
            yield text
