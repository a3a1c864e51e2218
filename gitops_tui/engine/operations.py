"""The operations of this instance: begun, ended, taken over; and where the state of each application is kept."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from gitops_tui.cluster.cache import Changes
from gitops_tui.cluster.discovery import ApiResource
from gitops_tui.engine.assignment import Assignment, Surroundings
from gitops_tui.engine.board import Board
from gitops_tui.engine.commits import own_commits
from gitops_tui.engine.comparison import Comparison
from gitops_tui.engine.operation import OperationRun
from gitops_tui.engine.record import Record
from gitops_tui.engine.session import Session
from gitops_tui.engine.state import (
    ApplicationStore,
    AppState,
    ConfigMapStore,
    StateStore,
    Unrecorded,
    with_hold,
    with_operation,
)
from gitops_tui.engine.view import is_orphaned
from gitops_tui.errors import ConfigError, InProgressError, NotFound, OperationError
from gitops_tui.model.application import AppKey, Application
from gitops_tui.model.operation import Operation, OperationState
from gitops_tui.model.resource import Object, ResourceKey
from gitops_tui.model.snapshot import Hold
from gitops_tui.model.status import OperationPhase

APPLICATION = ("argoproj.io", "Application")


class Listeners(Struct, frozen=True):
    """``progressed`` and ``ended`` are called on threads of operations."""

    progressed: Callable[[AppKey], None]
    ended: Callable[[AppKey], None]
    began: Callable[[OperationRun], None] = lambda _: None
    """On the thread that starts it; not where it is resumed."""
    completed: Callable[[OperationRun], None] = lambda _: None
    """Its last phase is recorded; before ``ended``, which is told of what was given up, too."""


class Operations:
    """Thread-safe. State is kept in the home cluster, wherever an application is deployed to."""

    def __init__(
        self,
        home: Session,
        around: Surroundings,
        board: Board,
        listeners: Listeners,
        *,
        namespace: str,
        again: Callable[[AppKey, Operation, Sequence[str]], Comparison],
    ) -> None:
        """``again`` compares what an operation names at these commits, or fetches and compares at the newest ones."""
        self._home = home
        self._around = around
        self._board = board
        self._listeners = listeners
        self._namespace = namespace
        self._again = again
        self._lock = threading.Lock()
        self._runs: dict[AppKey, OperationRun] = {}
        self._completed: dict[AppKey, datetime | None] = {}
        """When the last operation that ran here and came to its end had begun."""
        self._kept: dict[AppKey, AppState] = {}
        self._stores: dict[tuple[str, str], StateStore] = {}
        self._stopping = False

    # --- state
    def state_of(self, app: Application) -> AppState:
        """As the watch holds it, or as we last wrote it where the watch is behind."""
        found = self.store(app).read(app)
        kept = self._kept.get(app.key)
        if kept is None or _number(kept) <= _number(found):
            self._kept.pop(app.key, None)
            return found
        return kept

    def store(self, app: Application) -> StateStore:
        """Where the state of an application is kept: made once, since each remembers what it read."""
        kind = APPLICATION if app.origin.in_cluster else ("", "ConfigMap")
        if kind not in self._stores:
            self._stores[kind] = self._made(*kind)
        return self._stores[kind]

    def _made(self, group: str, kind: str) -> StateStore:
        resource = self._home.discovery.find(group, kind)
        if resource is None:
            raise ConfigError(f"the cluster serves no {kind}s")
        if kind == "ConfigMap":
            return ConfigMapStore(self._live_config_map, self._home.writer, resource, self._namespace, self._fetch)
        return ApplicationStore(self._live_application, self._home.writer, resource, self._fetch)

    def _fetch(self, resource: ApiResource, namespace: str, name: str) -> Object | None:
        try:
            return self._home.reader.get(resource, namespace, name)
        except NotFound:
            return None

    def _live_application(self, app: Application) -> Object | None:
        return self._home.cache.get(ResourceKey(*APPLICATION, app.namespace, app.name))

    def _live_config_map(self, namespace: str, name: str) -> Object | None:
        return self._home.cache.get(ResourceKey("", "ConfigMap", namespace, name))

    # --- beginning
    def start(self, assignment: Assignment, current: Callable[[], Application]) -> OperationRun:
        """Begin an operation; it is recorded when this returns. `InProgressError` where there is one."""
        app = assignment.comparison.app
        with self._lock:
            if self._stopping:
                raise OperationError("this program is about to end", hint="Start it again.")
            if app.key in self._runs:
                raise InProgressError(f"an operation of {app.name} runs here already", hint="Wait for it, or end it.")
            run = OperationRun(
                assignment,
                self._around,
                self.store(app) if assignment.is_recorded else Unrecorded(self.store(app)),
                on_progress=self._progressed,
                on_end=self._ended,
                current=current,
                again=lambda operation, commits: self._again(app.key, operation, commits),
            )
            self._runs[app.key] = run
        try:
            run.start(self.state_of(app))
        except BaseException:
            with self._lock:
                self._runs.pop(app.key, None)
            raise
        self._kept[app.key] = run.kept
        self._board.note(app.key, f"{_words(assignment)} started", "operation")
        if assignment.resumed is None:
            self._listeners.began(run)
        return run

    def _progressed(self, run: OperationRun) -> None:
        self._kept[run.app.key] = run.kept
        self._listeners.progressed(run.app.key)

    def _ended(self, run: OperationRun) -> None:
        key = run.app.key
        self._kept[key] = run.kept
        with self._lock:
            self._runs.pop(key, None)
        self._board.note(key, f"{run.state.phase.value}: {run.state.message}", "operation")
        if run.is_over:
            self._completed[key] = run.began_at
            self._listeners.completed(run)
        self._listeners.ended(key)

    def was_ours(self, key: AppKey, operation: OperationState) -> bool:
        """Whether this instance ran the operation to its end."""
        at = operation.started_at
        return at is not None and self._completed.get(key) == at.replace(microsecond=0)

    # --- while it runs
    def run_of(self, key: AppKey) -> OperationRun | None:
        return self._runs.get(key)

    def running(self) -> tuple[AppKey, ...]:
        return tuple(self._runs)

    def noticed(self, changes: Changes) -> None:
        for run in tuple(self._runs.values()):
            run.noticed(changes)

    def terminate(self, record: Record) -> None:
        """End the operation, wherever it runs: another instance is asked through the recorded phase."""
        run = self._runs.get(record.key)
        if run is not None:
            run.terminate()
            return
        state = self.state_of(record.app)
        if state.operation is None or state.operation.phase.is_completed:
            raise OperationError(f"no operation of {record.app.name} is in progress")
        # Only the phase: Argo CD's own record has more than what is read of it here.
        asked = {**state.status.get("operationState", {}), "phase": OperationPhase.TERMINATING.value}
        operation = replace(state.operation, phase=OperationPhase.TERMINATING)
        after = replace(state, status={**state.status, "operationState": asked}, operation=operation)
        self._write(record.app, state, after)

    def record_end(self, record: Record, ended: OperationState) -> None:
        """An operation that was asked for and cannot be begun: one write."""
        state = self.state_of(record.app)
        self._write(record.app, state, replace(with_operation(state, ended, None), requested=None))
        record.state = self.state_of(record.app)
        self._board.note(record.key, f"{ended.phase.value}: {ended.message}", "operation")

    def orphan(self, record: Record, now: datetime) -> OperationState:
        """The operation to resume; raises where there is none, or where somebody runs it."""
        operation = record.state.operation
        if operation is None or not is_orphaned(record, now):
            raise OperationError(
                f"no operation of {record.app.name} was left behind", hint="A running one is ended with terminate."
            )
        return operation

    def abandon(self, key: AppKey) -> None:
        """Its Application is gone: what runs goes no further, and nobody is told how it ended.

        As in Argo CD, where the queue finds no Application to go on with (``appcontroller.go``
        processAppOperationQueueItem).
        """
        self._completed.pop(key, None)
        self._kept.pop(key, None)
        run = self._runs.get(key)
        if run is not None:
            run.abandon()

    # --- holds
    def hold(self, record: Record, hold: Hold | None) -> None:
        state = self.state_of(record.app)
        self._write(record.app, state, with_hold(state, hold))

    def _write(self, app: Application, before: AppState, after: AppState) -> None:
        self._kept[app.key] = self.store(app).write(app, before, after)

    # --- ending
    def drain(self, timeout_s: float) -> bool:
        """Wait until what runs has ended."""
        deadline = time.monotonic() + timeout_s
        return all(run.wait(max(0.0, deadline - time.monotonic())) for run in tuple(self._runs.values()))

    def stop(self, timeout_s: float = 2.0) -> None:
        """Leave what runs to whoever resumes it."""
        with self._lock:
            self._stopping = True
        for run in tuple(self._runs.values()):
            run.abandon()
        self.drain(timeout_s)


def new_hold(owner: str, reason: str, duration: timedelta | None, now: datetime) -> Hold:
    return Hold(owner, reason, now, now + duration if duration else None)


def _words(assignment: Assignment) -> str:
    operation = assignment.operation
    if assignment.undo or operation.self_heal_attempts:
        return "heal"
    by = "automated " if operation.initiated_by.automated else ""
    if operation.manifests:
        return f"{by}sync of local manifests"
    return f"{by}sync to {', '.join(one[:7] for one in own_commits(assignment.comparison.pins))}"


def _number(state: AppState) -> int:
    return int(state.resource_version) if state.resource_version.isdecimal() else 0
