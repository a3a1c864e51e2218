"""One operation from its first record to its last: a thread that steps the sync machine and keeps its state.

Nothing is done before the first record is written (`engine.ledger`).
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from gitops_tui.cluster.cache import Changes
from gitops_tui.engine.assignment import (
    Assignment,
    Surroundings,
    check_free,
    check_left,
    executor_for,
    first_state,
    refused,
    sync_settings,
)
from gitops_tui.engine.comparison import Comparison
from gitops_tui.engine.ledger import Ledger, TakenOver
from gitops_tui.engine.observing import is_prune_confirmed, observed
from gitops_tui.engine.outcome import history_entry, hooks_of, last_words, not_retried, sync_result
from gitops_tui.engine.overlay import Overlay
from gitops_tui.engine.sources import SourceAt
from gitops_tui.engine.state import AppState, StateStore
from gitops_tui.engine.undoing import undo_foreign
from gitops_tui.engine.waiting import with_since
from gitops_tui.errors import GitOpsError, ReadOnlyError
from gitops_tui.logs import logger
from gitops_tui.model.application import Application
from gitops_tui.model.operation import Operation, OperationState, SyncResult
from gitops_tui.model.resource import key_of
from gitops_tui.model.snapshot import Progress
from gitops_tui.model.status import OperationPhase
from gitops_tui.sync.machine import Step, SyncState, step, terminate
from gitops_tui.sync.retry import retry_rule

MIN_STEP_S = 0.05
"""A storm of changes costs at most one step in this time."""

WINDOW_POLL_S = 1.0
"""How often an operation that waits for a sync window looks whether it may go on."""

SETTLE_S = 2.0
"""How long the end waits for the watch to show what was written: what is compared next must not be older."""


class OperationRun:
    """A running operation. `start` returns when it is recorded, so that nobody else begins another one."""

    def __init__(
        self,
        assignment: Assignment,
        around: Surroundings,
        store: StateStore,
        *,
        on_progress: Callable[[OperationRun], None],
        on_end: Callable[[OperationRun], None],
        current: Callable[[], Application],
        again: Callable[[Operation, Sequence[str]], Comparison],
    ) -> None:
        """``again`` compares for another attempt, at these commits or, without any, at what Git has by then."""
        self.app = assignment.comparison.app
        self._around = around
        self._on_progress = on_progress
        self._on_end = on_end
        self._current = current
        self._again = again
        self._overlay = Overlay(assignment.comparison.session.cache)
        self._abandoned = threading.Event()
        self._take_up(assignment)
        self._is_pinned = assignment.newest is None or assignment.resumed is not None
        self._ledger = Ledger(
            self.app,
            store,
            around,
            self._abandoned,
            holds_request=assignment.holds_request,
            begins_request=assignment.begins_request,
        )
        self._wake, self._gone = threading.Event(), threading.Event()
        self._terminating = threading.Event()
        if assignment.ends:
            self._terminating.set()
        self.state: OperationState = first_state(assignment, around.clock())
        self.is_resting = False
        """Whether it came to wait for something: it needs no place among those that begin any more."""
        self.progress = Progress(message="starting", since=self.state.started_at)
        self._sync = SyncState(self.state.started_at or around.clock())
        if self.state.sync_result is not None:
            self._sync = replace(self._sync, results=self.state.sync_result.resources)
        self._thread = threading.Thread(target=self._run, name=f"operation {self.app.key}", daemon=True)

    def _take_up(self, assignment: Assignment) -> None:
        """Everything that follows from what is to be deployed."""
        comparison, around = assignment.comparison, self._around
        writer = comparison.session.writer
        if writer is None:
            raise ReadOnlyError("read-only: nothing is written", hint="Start without --read-only to write.")
        self._assignment = assignment
        self._settings = sync_settings(assignment, around.settings)
        self._executor = executor_for(comparison, around, self._settings, writer, self._overlay, self._abandoned)
        self._keys = {one.key for one in comparison.objects} | {key_of(hook) for hook in comparison.targets.hooks}

    @property
    def revision(self) -> str:
        """The commit that is synced; empty while a window keeps one from being chosen."""
        return self._assignment.comparison.revision if self._is_pinned else ""

    @property
    def _pins(self) -> tuple[SourceAt, ...]:
        return self._assignment.comparison.pins if self._is_pinned else ()

    @property
    def commits(self) -> tuple[str, ...]:
        """The commit of each source."""
        return self._assignment.comparison.commits

    @property
    def is_undoing(self) -> bool:
        """Whether it removes what was added by hand."""
        return bool(self._assignment.undo)

    @property
    def kept(self) -> AppState:
        """What was last written; the watch may still hold less."""
        return self._ledger.kept

    @property
    def began_at(self) -> datetime | None:
        """In whole seconds, as the cluster keeps it: tells the operation from those before."""
        at = self.state.started_at
        return at.replace(microsecond=0) if at else None

    @property
    def is_over(self) -> bool:
        return self.state.phase.is_completed

    # --- what others do to it
    def start(self, before: AppState) -> None:
        """Record the operation, then go on by itself. `InProgressError` where somebody else was first.

        ``before`` is what is known of the application's state: nothing may have been written since.
        """
        try:
            self._ledger.begin(before, self.state, check_free if self._assignment.resumed is None else check_left)
        except BaseException:
            self._gone.set()
            raise
        self._thread.start()

    def noticed(self, changes: Changes) -> None:
        """The cluster changed; called on a thread of the cache."""
        written = self._overlay.noticed(changes)
        if written or any(change.key in self._keys for change in changes):
            self._wake.set()

    def terminate(self) -> None:
        self._terminating.set()
        self._wake.set()

    def look(self) -> None:
        """What the Application says has changed: a person's yes, for instance."""
        self._wake.set()

    def abandon(self) -> None:
        """Stop without a record: the lease runs out and somebody else may resume."""
        self._abandoned.set()
        self._wake.set()

    def wait(self, timeout_s: float) -> bool:
        """Until it is over, also where it only begins at this moment; False where that takes longer."""
        return self._gone.wait(timeout_s)

    # --- its course
    def _run(self) -> None:
        try:
            self._to_its_end()
            self._overlay.settle(SETTLE_S)
        except TakenOver:
            logger(__name__).warning("somebody else took over the operation of %s", self.app.key)
        except Exception:  # noqa: BLE001 - its lease runs out; here it must not count as running for ever
            logger(__name__).exception("the end of the operation of %s is not recorded", self.app.key)
        finally:
            try:
                self._on_end(self)
            finally:
                self._gone.set()

    def _to_its_end(self) -> None:
        try:
            self._course()
        except TakenOver:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the operation must not stay Running for ever
            if self._abandoned.is_set():
                self._ledger.leave(self.state)  # what ends around us is no failure of the operation
                return
            is_ours = not isinstance(error, GitOpsError)
            if is_ours:
                logger(__name__).exception("the operation of %s failed", self.app.key)
            self._finish(OperationPhase.ERROR, f"internal error: {error}" if is_ours else str(error))

    def _course(self) -> None:
        self._wait_for_window()
        if self._abandoned.is_set():
            self._ledger.leave(self.state)
            return
        self._pin()
        if refused(self._assignment) is None:
            for undone in undo_foreign(self._assignment, self._executor, self._abandoned):
                self._sync = replace(self._sync, results=(*self._sync.results, undone))
            if self.is_undoing and not self._assignment.operation.resources:
                self._finish(OperationPhase.SUCCEEDED, "what was added by hand is removed")
                return
        while not self._abandoned.is_set():
            began = time.monotonic()
            self._wake.clear()
            self._ledger.reclaim(self.state)
            self._end_where_late()
            self._wait_for_window()
            results = self._sync.results
            self._step()
            if self._sync.phase.is_completed:
                if not self._retries():
                    self._finish(self._sync.phase, last_words(self.state, self._sync, self._terminating.is_set()))
                    return
                continue
            self._keep()
            pause_s = max(self._sync.wait_s, MIN_STEP_S - (time.monotonic() - began))
            # An apply that changed nothing brings no event: what was just recorded is looked at again by itself.
            self._wait(pause_s, for_change=self._sync.results == results)
        self._ledger.leave(self.state)

    def _late_in_s(self) -> float:
        """Seconds until the operation takes too long; for ever where no limit is set."""
        limit, began = self._around.settings.reconcile.sync_timeout_s, self.state.started_at
        if not limit or began is None:
            return math.inf
        return limit - (self._around.clock() - began).total_seconds()

    def _end_where_late(self) -> None:
        if self._late_in_s() <= 0 and not self._terminating.is_set():
            self._sync = replace(self._sync, message="operation is terminating due to timeout")
            self._terminating.set()
            self._keep()

    def _wait_for_window(self) -> None:
        """Nothing is done while a sync window of the project keeps the operation back; its end may be asked for."""
        before = self._sync.message
        while not (self._terminating.is_set() or self._abandoned.is_set()):
            message = self._around.blocked(self._current(), self.state)
            if not message:
                break
            if self._sync.message != message:
                self._sync = replace(self._sync, message=message)
                self.progress = replace(self.progress, message=message)
                self._rests()
            self._keep()
            self._wake.wait(WINDOW_POLL_S)
            self._wake.clear()
            self._end_where_late()
        if not self._terminating.is_set():
            self._sync = replace(self._sync, message=before)

    def _pin(self) -> None:
        """What is synced is what stands now: a window may have opened long after the operation was asked for."""
        newest = self._assignment.newest
        found = newest() if newest is not None and not self._is_pinned else None
        self._is_pinned = True
        if found is not None and found is not self._assignment.comparison:
            self._take_up(replace(self._assignment, comparison=found))

    def _step(self) -> None:
        ending, refusal = self._terminating.is_set(), refused(self._assignment)
        if refusal is not None and not ending:
            self._sync = replace(self._sync, phase=refusal[0], message=refusal[1])
            return
        seen = observed(
            self._assignment.comparison,
            self._overlay,
            self._around.assess,
            is_prune_confirmed=is_prune_confirmed(self._current(), self.state.started_at),
        )
        course: Step = (terminate if ending else step)(self._settings, self._sync, seen)
        self._sync = self._driven(course)
        self.progress = with_since(self._sync.progress, self.progress, self._around.clock())
        self._on_progress(self)

    def _driven(self, course: Step) -> SyncState:
        """Carry out what the machine asks for, batch by batch."""
        try:
            batch = next(course)
            while True:
                # A hook with a generated name is known only now; its end has to wake us.
                self._keys |= {key_of(action.task.obj) for action in batch}
                batch = course.send(self._executor.run(batch))
        except StopIteration as end:
            found: SyncState = end.value
            return found

    def _wait(self, at_least_s: float, *, for_change: bool) -> None:
        """For a wave's delay; then until something changes that matters, or the backstop is reached."""
        until = time.monotonic() + at_least_s
        while (left := until - time.monotonic()) > 0 and not self._terminating.is_set():
            if self._abandoned.wait(min(left, 0.2)):
                return
        if not for_change:
            return
        if not self.is_resting:
            self._rests()
        backstop = time.monotonic() + self._around.settings.reconcile.operation_backstop_s
        while time.monotonic() < backstop and self._late_in_s() > 0:
            lease_s = self._around.settings.reconcile.operation_lease_s
            pause_s = min(self._ledger.rest_s or 5.0, 5.0, lease_s / 3, max(0.0, self._late_in_s()))
            if self._wake.wait(pause_s):
                return
            self._keep()

    def _rests(self) -> None:
        """It waits for others, and not for what it does itself."""
        self.is_resting = True
        self._on_progress(self)

    def _retries(self) -> bool:
        """Whether a failed operation is tried again; waits as long as its rule says (semantics 1.9)."""
        rule = retry_rule(self.state.operation.retry)
        has_failed = self._sync.phase in (OperationPhase.FAILED, OperationPhase.ERROR)
        if not has_failed or self._terminating.is_set() or not rule.allows(self.state.retry_count):
            return False
        if rule.problem:
            self._sync = not_retried(self._sync, rule.problem)
            return False
        now = self._around.clock()
        pause_s = rule.wait_s(self.state.retry_count)
        number, result = self.state.retry_count + 1, self._result()
        again = (now + timedelta(seconds=pause_s)).astimezone()
        message = f"{self._sync.message}. Retrying attempt #{number} at {again:%H:%M:%S}."
        self.state = replace(self.state, message=message, finished_at=now, retry_count=number, sync_result=result)
        self.progress = replace(self.progress, message=message)
        self._rests()
        self._ledger.write(self.state)
        deadline = time.monotonic() + pause_s
        while time.monotonic() < deadline and not self._terminating.is_set() and not self._abandoned.is_set():
            self._wake.wait(min(1.0, max(0.0, deadline - time.monotonic())))
            self._wake.clear()
            self._keep(only_lease=True)
        if self._is_held():
            self._sync = replace(self._sync, message=f"{self._sync.message}. Not tried again: it is held.")
            return False
        self.state = replace(self.state, finished_at=None)
        ends = self._terminating.is_set()  # no attempt follows: what the last one did stands
        self._sync = SyncState(self._sync.started_at, results=self._sync.results if ends else ())
        if rule.refresh and not ends:
            self._refresh()
        elif refused(self._assignment) is not None and not ends:
            self._refresh(self.commits)  # nothing was applied, so that only another look can end otherwise
        return True

    def _refresh(self, commits: Sequence[str] = ()) -> None:
        """``retry.refresh``: the newest revision is tried next; where it cannot be read, the one that failed.

        What came with the operation is of no revision, and stays.
        """
        if self.state.operation.manifests:
            return
        try:
            comparison = self._again(self.state.operation, commits)
        except GitOpsError as error:
            logger(__name__).warning("%s is tried again at the revision that failed: %s", self.app.key, error)
            return
        operation = comparison.pinned(self.state.operation)
        self._take_up(replace(self._assignment, comparison=comparison, operation=operation))
        self.state = replace(self.state, operation=operation)

    def _is_held(self) -> bool:
        """A hold keeps automation from trying again; what a person began goes on."""
        hold = self._ledger.found().hold
        automated = self.state.operation.initiated_by.automated
        return automated and hold is not None and hold.is_active(self._around.clock())

    # --- what is kept
    def _keep(self, *, only_lease: bool = False) -> None:
        """Write what moved; a lease that still holds for long is no reason to write."""
        phase = OperationPhase.TERMINATING if self._terminating.is_set() else OperationPhase.RUNNING
        moved = replace(self.state, phase=phase, message=self._sync.message, sync_result=self._result())
        state = self.state if only_lease else moved
        is_urgent = phase is not self.state.phase or hooks_of(state) != hooks_of(self.state)
        is_due = state != self.state and (is_urgent or not self._ledger.rest_s)
        if is_due or self._ledger.is_lease_old():
            self.state = state
            self._ledger.write(state)
            if self._ledger.is_end_asked and not self._terminating.is_set():
                self.terminate()  # the next record would undo what the watch has not shown yet

    def _finish(self, phase: OperationPhase, message: str) -> None:
        self._ledger.reclaim(self.state)
        finished = self._around.clock()
        self.state = replace(self.state, phase=phase, message=message, finished_at=finished, sync_result=self._result())
        entry = None if self.is_undoing else history_entry(self.app, self._pins, self.state, finished)
        self._ledger.end(self.state, entry)

    def _result(self) -> SyncResult:
        return sync_result(self.app, self._pins, self._sync.results)
