"""Logs of all pods of a workload, as they come: one daemon thread a container, ended by `Tail.close`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from gitops_tui.cluster.client import LogReader, Reader
from gitops_tui.errors import ClusterError, GitOpsError
from gitops_tui.model.snapshot import LogLine

BATCH = 200
"""At most this many lines are handed over at once, so that a flood never starves the screen."""

OnLines = Callable[[Sequence[LogLine]], None]


class Tail:
    """Follows containers; a container that cannot be read says so in a line of its own."""

    def __init__(self, reader: Reader, on_lines: OnLines, *, follow: bool, previous: bool, tail: int) -> None:
        self._reader = reader
        self._on_lines = on_lines
        self._follow = follow
        self._previous = previous
        self._tail = tail
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._open: list[LogReader] = []
        self._seen: set[tuple[str, str]] = set()

    def add(self, namespace: str, pod: str, container: str) -> None:
        """Begin with one container; one that is followed already is left alone."""
        with self._lock:
            if self._closed.is_set() or (pod, container) in self._seen:
                return
            self._seen.add((pod, container))
        args = (namespace, pod, container)
        threading.Thread(target=self._read, args=args, name=f"logs {pod}/{container}", daemon=True).start()

    def close(self) -> None:
        self._closed.set()
        with self._lock:
            open_now, self._open = self._open, []
        for one in open_now:
            one.close()

    def _read(self, namespace: str, pod: str, container: str) -> None:
        try:
            stream = self._reader.logs(
                namespace, pod, container, follow=self._follow, previous=self._previous, tail=self._tail
            )
            with self._lock:
                self._open.append(stream)
            if self._closed.is_set():
                stream.close()
                return
            self._pass_on(stream, pod, container)
        except GitOpsError as error:
            if not self._closed.is_set():
                word = "cannot be read" if isinstance(error, ClusterError) else "failed"
                self._on_lines([LogLine(pod, container, f"({word}: {error.message})")])

    def _pass_on(self, stream: LogReader, pod: str, container: str) -> None:
        for lines in stream.batches(BATCH):
            if self._closed.is_set():
                return
            self._on_lines([_line(pod, container, text) for text in lines])


def _line(pod: str, container: str, text: str) -> LogLine:
    """With timestamps asked for, the first word of a line is its time."""
    at, space, rest = text.partition(" ")
    return LogLine(pod, container, rest, at) if space and at[:4].isdigit() else LogLine(pod, container, text)
