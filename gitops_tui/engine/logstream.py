"""Logs of all pods of a workload, by their times: one daemon thread a container, ended by `Tail.close`.

Of one container lines are handed over as they come; of several by one thread more, which merges them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from gitops_tui.cluster.client import LogReader, Reader
from gitops_tui.engine.logmerge import Merge
from gitops_tui.errors import ClusterError, GitOpsError
from gitops_tui.model.snapshot import LogLine

BATCH = 200
"""At most this many lines are handed over at once, so that a flood never starves the screen."""

TICK_S = 0.1

OnLines = Callable[[Sequence[LogLine]], None]


class Tail:
    """Follows containers; a container that cannot be read says so in a line of its own."""

    def __init__(
        self,
        reader: Reader,
        on_lines: OnLines,
        *,
        follow: bool,
        previous: bool,
        tail: int | None,
        since_s: int | None = None,
    ) -> None:
        self._reader = reader
        self._on_lines = on_lines
        self._follow = follow
        self._previous = previous
        self._tail = tail
        self._since_s = since_s
        self._threads: list[threading.Thread] = []
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._open: list[LogReader] = []
        self._seen: set[tuple[str, str]] = set()
        self._reading = 0
        self._merge: Merge | None = None

    def add(self, namespace: str, pod: str, container: str) -> None:
        """Begin with one container; one that is followed already is left alone."""
        with self._lock:
            if self._closed.is_set() or (pod, container) in self._seen:
                return
            self._seen.add((pod, container))
            self._reading += 1
            begins_merge = len(self._seen) == 2
            if begins_merge:
                self._merge = Merge()
        if begins_merge:
            self._begin(threading.Thread(target=self._hand_on, name="logs merge", daemon=True))
        args = (namespace, pod, container)
        self._begin(threading.Thread(target=self._read, args=args, name=f"logs {pod}/{container}", daemon=True))

    def _begin(self, thread: threading.Thread) -> None:
        self._threads.append(thread)
        thread.start()

    def wait(self, timeout_s: float) -> bool:
        """Whether every container's log has come to its end, and was handed on, within that time."""
        deadline = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def close(self) -> None:
        self._closed.set()
        with self._lock:
            open_now, self._open = self._open, []
        for one in open_now:
            one.close()

    def _read(self, namespace: str, pod: str, container: str) -> None:
        try:
            stream = self._reader.logs(
                namespace,
                pod,
                container,
                follow=self._follow,
                previous=self._previous,
                tail=self._tail,
                since_s=self._since_s,
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
                self._take([LogLine(pod, container, f"({word}: {error.message})")])
        finally:
            with self._lock:
                self._reading -= 1

    def _pass_on(self, stream: LogReader, pod: str, container: str) -> None:
        for lines in stream.batches(BATCH):
            if self._closed.is_set():
                return
            self._take([_line(pod, container, text) for text in lines])

    def _take(self, lines: Sequence[LogLine]) -> None:
        with self._lock:
            if self._merge is not None:
                self._merge.add(lines, time.monotonic())
                return
        self._on_lines(lines)

    def _hand_on(self) -> None:
        """Until all that was read is handed over."""
        assert self._merge is not None
        while not self._closed.wait(TICK_S):
            with self._lock:
                is_over = not self._reading
                lines = self._merge.rest() if is_over else self._merge.due(time.monotonic())
            for first in range(0, len(lines), BATCH):
                self._on_lines(lines[first : first + BATCH])
            if is_over:
                return


def _line(pod: str, container: str, text: str) -> LogLine:
    """With timestamps asked for, the first word of a line is its time."""
    at, space, rest = text.partition(" ")
    return LogLine(pod, container, rest, at) if space and at[:4].isdigit() else LogLine(pod, container, text)
