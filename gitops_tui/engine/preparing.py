"""Finds out what applications should be: fetches, then renders, on other threads, once at a time for each."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Protocol

from gitops_tui.engine.compare import Comparer
from gitops_tui.engine.pool import Pool
from gitops_tui.engine.prepare import Prepared, prepare
from gitops_tui.engine.projects import Projects
from gitops_tui.engine.record import Record
from gitops_tui.engine.schedule import Schedule
from gitops_tui.engine.session import Clusters
from gitops_tui.engine.sources import Sources
from gitops_tui.errors import GitOpsError, OperationError
from gitops_tui.logs import logger
from gitops_tui.model.application import AppKey


class Around(Protocol):
    """What is needed of the engine's parts."""

    @property
    def clusters(self) -> Clusters: ...
    @property
    def projects(self) -> Projects: ...
    @property
    def sources(self) -> Sources: ...
    @property
    def comparer(self) -> Comparer: ...
    @property
    def schedule(self) -> Schedule: ...
    @property
    def fetchers(self) -> Pool: ...
    @property
    def clock(self) -> Callable[[], datetime]: ...


class Preparing:
    """Used on the core's thread; `ask`, `is_busy` and `found` from any.

    ``prepared`` is told each outcome, ``gone`` each application that is no longer there.
    """

    def __init__(
        self,
        around: Around,
        record: Callable[[AppKey], Record | None],
        prepared: Callable[[Record, Prepared | GitOpsError], None],
        gone: Callable[[AppKey], None],
    ) -> None:
        self._around = around
        self._record = record
        self._is_prepared = prepared
        self._gone = gone
        self._prepared: dict[AppKey, Prepared] = {}
        self._running: set[AppKey] = set()
        self._again: set[AppKey] = set()
        self._asked: dict[AppKey, int] = {}
        """The last refresh that was asked for and whose fetch is not over; numbers grow."""
        self._refreshes = 0
        self._anew: set[AppKey] = set()
        """Nothing that was rendered before counts for these, once."""
        self._lock = threading.Lock()

    def found(self, key: AppKey) -> Prepared | None:
        return self._prepared.get(key)

    def keep(self, key: AppKey, outcome: Prepared) -> None:
        self._prepared[key] = outcome

    def forget(self, key: AppKey) -> None:
        self._prepared.pop(key, None)
        self._asked.pop(key, None)

    def is_busy(self, key: AppKey) -> bool:
        return key in self._asked or key in self._running

    def ask(self, keys: Iterable[AppKey]) -> None:
        """A refresh of these is on its way."""
        with self._lock:
            self._refreshes += 1
            self._asked.update(dict.fromkeys(keys, self._refreshes))

    def refresh(self, keys: tuple[AppKey, ...], hard: bool, fetched: Callable[[set[str]], None]) -> None:
        """Fetch what these applications read, then prepare them.

        ``fetched`` is told, on the fetcher's thread, in which repositories a ref moved.
        """
        around = self._around
        records = [record for key in keys if (record := self._record(key)) is not None]
        repositories = {source.repo_url for record in records for source in record.app.sources if not source.chart}
        if hard:
            around.sources.forget()
            for record in records:
                around.comparer.forget(record.key)
                self._anew.add(record.key)
        asked = {key: self._asked.get(key, 0) for key in keys}

        def fetch() -> None:
            moved: set[str] = set()
            try:
                moved = around.sources.fetch_all(repositories, is_asked=True)
            finally:
                around.schedule.put(("prepare", *asked.items()), lambda: self._prepare_all(asked))
                fetched(moved)

        around.fetchers.submit(fetch)

    def _prepare_all(self, asked: Mapping[AppKey, int]) -> None:
        """After a fetch; who asked again meanwhile waits for the next one."""
        for key, number in asked.items():
            with self._lock:
                if self._asked.get(key) == number:
                    del self._asked[key]
            self.prepare(key)

    def prepare(self, key: AppKey) -> None:
        """Find out, on another thread, what the application should be; once at a time."""
        record = self._record(key)
        if record is None:
            self._gone(key)
            return
        if key in self._running:
            self._again.add(key)
            return
        self._running.add(key)
        around, app = self._around, record.app
        before = None if key in self._anew else self._prepared.get(key)
        keeps = key not in self._anew
        self._anew.discard(key)

        def work() -> None:
            outcome: Prepared | GitOpsError
            try:
                around.projects.check(app)
                outcome = prepare(app, around.clusters, around.sources, around.clock(), before, keeps=keeps)
            except GitOpsError as error:
                outcome = error
            except Exception as error:  # noqa: BLE001 - an application that nobody prepares would load for ever
                outcome = internal_error(key, error)
            around.schedule.put(("prepared", key), lambda: self._take(key, outcome))

        around.fetchers.submit(work)

    def _take(self, key: AppKey, outcome: Prepared | GitOpsError) -> None:
        self._running.discard(key)
        if key in self._again:
            self._again.discard(key)
            self.prepare(key)
            return
        record = self._record(key)
        if record is None:
            self._gone(key)
            return
        self._is_prepared(record, outcome)


def internal_error(key: AppKey, error: Exception) -> GitOpsError:
    """A mistake of ours: the application says so and nothing is done to it; the others go on."""
    logger(__name__).error("%s cannot be compared", key, exc_info=error)
    return OperationError(f"internal error: {type(error).__name__}: {error}", hint="Please report it, with the log.")
