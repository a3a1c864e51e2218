"""A few daemon threads for what waits on the network. Unlike the standard executor it never keeps a program alive."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")
U = TypeVar("U")


class Pool:
    """Threads are started as they are needed, at most ``size``."""

    def __init__(self, name: str, size: int) -> None:
        self._name = name
        self._size = size
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._threads = 0
        self._outstanding = 0
        """Jobs that have not ended."""
        self._stopping = False

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """Run ``work`` on a thread of the pool; its exception is the future's."""
        future: Future[T] = Future()

        def job() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(work())
            except BaseException as error:  # noqa: BLE001 - handed to whoever waits for the future
                future.set_exception(error)

        with self._lock:
            if self._stopping:
                future.cancel()
                return future
            self._outstanding += 1
            # A thread for each job, as far as they go: one that waited behind a long one would be held up by it.
            if self._outstanding > self._threads and self._threads < self._size:
                self._threads += 1
                threading.Thread(target=self._run, name=f"{self._name}-{self._threads}", daemon=True).start()
            self._jobs.put(job)
        return future

    def map(self, work: Callable[[T], U], items: Iterable[T]) -> list[U]:
        """``work`` of each, side by side; in order. The first exception is raised after all have ended."""
        futures = [self.submit(lambda item=item: work(item)) for item in items]  # type: ignore[misc]  # mypy cannot infer a lambda with a default
        return [future.result() for future in futures]

    def stop(self) -> None:
        """Take nothing new; threads end when they have done what they do."""
        with self._lock:
            self._stopping = True
            for _ in range(self._threads):
                self._jobs.put(None)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
            with self._lock:
                self._outstanding -= 1
