"""One operation from its first record to its last: a thread that steps the sync machine and keeps its state.

What is kept is Argo CD's ``operationState``, written before anything else is done and after each step, together with
a lease. An operation whose lease ran out is orphaned: its results say where it stood, and it can be resumed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from gitops_tui.cluster.cache import Changes
from gitops_tui.diff.undo import undo_patch
from gitops_tui.engine.assignment import (
    Assignment,
    Surroundings,
    check_free,
    check_left,
    first_state,
    sync_settings,
)
from gitops_tui.engine.executor import Executor, namespaces_made, patiently
from gitops_tui.engine.overlay import Overlay
from gitops_tui.engine.report import source_json
from gitops_tui.engine.state import (
    AppState,
    OperationLease,
    StateStore,
    next_history_id,
    with_history,
    with_operation,
)
from gitops_tui.errors import ClusterError, Conflict, GitOpsError, InProgressError, ReadOnlyError, StalePlanError
from gitops_tui.health.assess import assess
from gitops_tui.logs import logger
from gitops_tui.model.annotations import DELETION_APPROVED
from gitops_tui.model.application import Application
from gitops_tui.model.drift import FieldDrift
from gitops_tui.model.operation import (
    HistoryEntry,
    OperationState,
    ResourceResult,
    SyncResult,
    parse_time,
)
from gitops_tui.model.resource import Object, ResourceKey, annotations_of, key_of
from gitops_tui.model.snapshot import Progress
from gitops_tui.model.status import OperationPhase, ResultCode, SyncPhase, SyncStatus
from gitops_tui.sync.machine import Step, SyncState, step, terminate
from gitops_tui.sync.pairing import Pair
from gitops_tui.sync.retry import retry_rule
from gitops_tui.sync.settings import Observed

MIN_STEP_S = 0.05
"""A storm of changes costs at most one step in this time."""

START_ATTEMPTS = 5

SETTLE_S = 2.0
"""How long the end waits for the watch to show what was written: what is compared next must not be older."""


class _TakenOver(Exception):
    """Somebody else resumed or ended the operation after our lease ran out: it is not ours to record."""


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
    ) -> None:
        comparison = assignment.comparison
        writer = comparison.session.writer
        if writer is None:
            raise ReadOnlyError("read-only: nothing is written", hint="Start without --read-only to write.")
        self.app = comparison.app
        self._assignment = assignment
        self._around = around
        self._store = store
        self._on_progress = on_progress
        self._on_end = on_end
        self._current = current
        self._overlay = Overlay(comparison.session.cache)
        self._settings = sync_settings(assignment, around.settings)
        targets = [one.target for one in comparison.objects if one.target is not None]
        self._abandoned = threading.Event()
        self._executor = Executor(
            app=self.app,
            session=comparison.session,
            writer=writer,
            overlay=self._overlay,
            saved=around.saved,
            pool=around.pool,
            abandoned=self._abandoned,
            namespaces_made=namespaces_made(targets, comparison.session.cache.get),
            respects_ignored=self._settings.options.respect_ignore_differences,
            tracking=around.tracking,
            manager=around.settings.field_manager,
            migrates=self._settings.options.client_side_apply_migration,
            is_only_dry_run=self._settings.dry_run,
        )
        self._keys = {one.key for one in comparison.objects} | {key_of(hook) for hook in comparison.targets.hooks}
        self._kept = AppState({})
        self._wake = threading.Event()
        self._terminating = threading.Event()
        if assignment.is_ending:
            self._terminating.set()
        self._lease_until: datetime | None = None
        self._held_until = datetime.min.replace(tzinfo=UTC)
        self.state: OperationState = first_state(assignment, around.clock())
        self.progress = Progress(message="starting", since=self.state.started_at)
        self._sync = SyncState(self.state.started_at or around.clock())
        if self.state.sync_result is not None:
            self._sync = replace(self._sync, results=self.state.sync_result.resources)
        self._thread = threading.Thread(target=self._run, name=f"operation {self.app.key}", daemon=True)

    @property
    def revision(self) -> str:
        return self._assignment.comparison.revision

    @property
    def kept(self) -> AppState:
        """What was last written; the watch may still hold less."""
        return self._kept

    @property
    def is_over(self) -> bool:
        return self.state.phase.is_completed

    # --- what others do to it
    def start(self, before: AppState) -> None:
        """Record the operation, then go on by itself. `InProgressError` where somebody else was first.

        ``before`` is what is known of the application's state: nothing may have been written since.
        """
        for _ in range(START_ATTEMPTS):
            if self._assignment.resumed is None:
                check_free(before, self._around.clock())
            else:
                check_left(before, self._around.clock())
            try:
                self._kept = self._store.write(self.app, before, self._recorded(before), pinned=True)
                self._held_until = self._lease_until or self._held_until
                self._thread.start()
                return
            except Conflict:
                before = self._store.latest(self.app)  # a status was written meanwhile, or somebody was first
        raise InProgressError(
            f"somebody else changes {self.app.name} again and again", hint="Look again, and try again."
        )

    def noticed(self, changes: Changes) -> None:
        """The cluster changed; called on a thread of the cache."""
        written = self._overlay.noticed(changes)
        if written or any(change.key in self._keys for change in changes):
            self._wake.set()

    def terminate(self) -> None:
        self._terminating.set()
        self._wake.set()

    def abandon(self) -> None:
        """Stop without a record: the lease runs out and somebody else may resume."""
        self._abandoned.set()
        self._wake.set()

    def wait(self, timeout_s: float) -> bool:
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    # --- its course
    def _run(self) -> None:
        try:
            self._to_its_end()
            self._overlay.settle(SETTLE_S)
        except _TakenOver:
            logger(__name__).warning("somebody else took over the operation of %s", self.app.key)
        except Exception:  # noqa: BLE001 - its lease runs out; here it must not count as running for ever
            logger(__name__).exception("the end of the operation of %s is not recorded", self.app.key)
        finally:
            self._on_end(self)

    def _to_its_end(self) -> None:
        try:
            self._course()
        except _TakenOver:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the operation must not stay Running for ever
            if self._abandoned.is_set():
                self._leave()  # what ends around us is no failure of the operation
                return
            is_ours = not isinstance(error, GitOpsError)
            if is_ours:
                logger(__name__).exception("the operation of %s failed", self.app.key)
            self._finish(OperationPhase.ERROR, f"internal error: {error}" if is_ours else str(error))

    def _course(self) -> None:
        self._undo_foreign()
        if self._assignment.undo and not self._assignment.operation.resources:
            self._finish(OperationPhase.SUCCEEDED, "what was added by hand is removed")
            return
        while not self._abandoned.is_set():
            began = time.monotonic()
            self._wake.clear()
            self._reclaim()
            results = self._sync.results
            self._step()
            if self._sync.phase.is_completed:
                if not self._retries():
                    self._finish(self._sync.phase, self._sync.message)
                    return
                continue
            self._keep()
            pause_s = max(self._sync.wait_s, MIN_STEP_S - (time.monotonic() - began))
            # An apply that changed nothing brings no event: what was just recorded is looked at again by itself.
            self._wait(pause_s, for_change=self._sync.results == results)
        self._leave()

    def _reclaim(self) -> None:
        """Where our lease ran out (a machine that slept, a partition) nothing is done before it is ours again."""
        while self._held_until <= self._around.clock() and not self._abandoned.is_set():
            found = self._store.read(self.app)
            before = found if _version(found) > _version(self._kept) else self._kept
            if before is found and (found.lease is None or found.lease.holder != self._around.identity.instance):
                raise _TakenOver
            try:
                self._kept = self._store.write(self.app, before, self._recorded(before), pinned=True)
                self._held_until = self._lease_until or self._held_until
            except ClusterError as error:
                logger(__name__).info("the lease of %s is not ours again yet: %s", self.app.key, error)
                self._abandoned.wait(1.0)

    def _leave(self) -> None:
        """Give the lease up, so that others see at once that nobody runs this; one that ran out is not ours."""
        if self._held_until <= self._around.clock():
            return
        lease = OperationLease(self._around.identity.instance, self._around.identity.operator, self._around.clock())
        try:
            self._kept = self._store.write(self.app, self._kept, with_operation(self._kept, self.state, lease))
        except ClusterError as error:
            logger(__name__).info("the lease of %s runs out by itself: %s", self.app.key, error)

    def _step(self) -> None:
        observed = self._observed()
        ending = self._terminating.is_set()
        course: Step = (terminate if ending else step)(self._settings, self._sync, observed)
        self._sync = self._driven(course)
        self.progress = self._sync.progress
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

    def _observed(self) -> Observed:
        comparison = self._assignment.comparison
        session = comparison.session
        pairs = [Pair(one.key, one.target, self._overlay.live(one.key)) for one in comparison.objects if one.is_managed]
        restricted = {one.key for one in comparison.objects if one.view.is_restricted}
        return Observed(
            pairs=tuple(pair for pair in pairs if pair.target is not None or pair.live is not None),
            hooks=comparison.targets.hooks,
            live=self._overlay.live,
            health=assess,
            unknown_kind=lambda obj: "" if session.resource_for(obj) else _unknown_words(obj),
            forbidden=lambda obj: "its kind may not be read" if key_of(obj) in restricted else "",
            modified={one.key: one.view.sync is not SyncStatus.SYNCED for one in comparison.objects},
            is_prune_confirmed=self._is_prune_confirmed(),
        )

    def _is_prune_confirmed(self) -> bool:
        at = parse_time(annotations_of(self._current().raw).get(DELETION_APPROVED))
        return (
            at is not None and self.state.started_at is not None and at >= self.state.started_at.replace(microsecond=0)
        )

    def _wait(self, at_least_s: float, *, for_change: bool) -> None:
        """For a wave's delay; then until something changes that matters, or the backstop is reached."""
        until = time.monotonic() + at_least_s
        while (left := until - time.monotonic()) > 0 and not self._terminating.is_set():
            if self._abandoned.wait(min(left, 0.2)):
                return
        if not for_change:
            return
        backstop = time.monotonic() + self._around.settings.reconcile.operation_backstop_s
        while time.monotonic() < backstop:
            if self._wake.wait(min(5.0, self._around.settings.reconcile.operation_lease_s / 3)):
                return
            self._keep()

    def _retries(self) -> bool:
        """Whether a failed operation is tried again; waits as long as its rule says (semantics 1.9)."""
        rule = retry_rule(self.state.operation.retry)
        failed = self._sync.phase in (OperationPhase.FAILED, OperationPhase.ERROR)
        if not failed or self._terminating.is_set() or not rule.allows(self.state.retry_count):
            return False
        now = self._around.clock()
        pause_s = rule.wait_s(self.state.retry_count)
        again = (now + timedelta(seconds=pause_s)).astimezone().strftime("%H:%M:%S")
        number = self.state.retry_count + 1
        message = f"{self._sync.message}. Retrying attempt #{number} at {again}."
        self.state = replace(self.state, message=message, finished_at=now, sync_result=self._result())
        self.progress = replace(self.progress, message=message)
        self._on_progress(self)
        self._write()
        deadline = time.monotonic() + pause_s
        while time.monotonic() < deadline and not self._terminating.is_set() and not self._abandoned.is_set():
            self._wake.wait(min(1.0, max(0.0, deadline - time.monotonic())))
            self._wake.clear()
            self._keep(only_lease=True)
        if self._is_held():
            self._sync = replace(self._sync, message=f"{self._sync.message}. Not tried again: it is held.")
            return False
        self.state = replace(self.state, retry_count=number, finished_at=None)
        self._sync = SyncState(self._sync.started_at)
        return True

    def _is_held(self) -> bool:
        """A hold keeps automation from trying again; what a person began goes on."""
        hold = self._store.read(self.app).hold
        automated = self.state.operation.initiated_by.automated
        return automated and hold is not None and hold.is_active(self._around.clock())

    # --- undoing foreign drift
    def _undo_foreign(self) -> None:
        """Exactly the fields of the plan, each object asked for first; a moved object stops the whole heal."""
        patches = [self._undo_of(key, fields) for key, fields in self._assignment.undo.items()]
        session = self._assignment.comparison.session
        for key, live, patch in patches:
            resource = session.resource_for(live)
            if resource is not None:
                asked = partial(session.dry_run.json_patch, resource, key.namespace, key.name, patch)
                patiently(asked, self._abandoned)
        for key, live, patch in patches:
            resource = session.resource_for(live)
            if resource is None:
                continue
            found = self._executor.writer.json_patch(resource, key.namespace, key.name, patch)
            self._overlay.wrote(found)
            self._undone(key, found, self._assignment.undo[key])

    def _undo_of(self, key: ResourceKey, fields: tuple[FieldDrift, ...]) -> tuple[ResourceKey, Object, list[Object]]:
        live = self._overlay.live(key)
        if live is None:
            raise StalePlanError(f"{key.short} is gone from the cluster")
        return key, live, undo_patch(live, fields)

    def _undone(self, key: ResourceKey, obj: Object, fields: Sequence[FieldDrift]) -> None:
        labels = ", ".join(one.label for one in fields)
        version = str(obj.get("apiVersion", "")).rpartition("/")[2]
        if self._assignment.operation.resources and key in self._assignment.operation.resources:
            return  # the apply that follows reports this object
        result = ResourceResult(
            key, version, ResultCode.SYNCED, f"removed {labels}", "", OperationPhase.SUCCEEDED, SyncPhase.SYNC
        )
        self._sync = replace(self._sync, results=(*self._sync.results, result))

    # --- what is kept
    def _keep(self, *, only_lease: bool = False) -> None:
        """Write what moved; a lease that still holds for long is no reason to write."""
        now = self._around.clock()
        phase = OperationPhase.TERMINATING if self._terminating.is_set() else OperationPhase.RUNNING
        state = replace(self.state, phase=phase, message=self._sync.message, sync_result=self._result())
        third = timedelta(seconds=self._around.settings.reconcile.operation_lease_s * 2 / 3)
        is_lease_old = self._lease_until is None or self._lease_until - now < third
        if only_lease:
            state = self.state
        if state == self.state and not is_lease_old:
            return
        self.state = state
        self._write()

    def _finish(self, phase: OperationPhase, message: str) -> None:
        self._reclaim()
        finished = self._around.clock()
        self.state = replace(self.state, phase=phase, message=message, finished_at=finished, sync_result=self._result())
        before = self._kept
        after = with_operation(before, self.state, None)
        if self._is_recorded_in_history():
            entry = HistoryEntry(
                id=next_history_id(before),
                revision="" if self.app.has_multiple_sources else self.revision,
                revisions=self._revisions(),
                deployed_at=finished,
                deploy_started_at=self.state.started_at,
                source=source_json(self.app).get("source"),
                sources=tuple(source_json(self.app).get("sources") or ()),
                initiated_by=self.state.operation.initiated_by,
            )
            after = with_history(after, entry, self.app.revision_history_limit)
        try:
            self._kept = patiently(lambda: self._store.write(self.app, before, after), self._abandoned)
        except ClusterError as error:
            logger(__name__).warning("the end of the operation of %s is not recorded: %s", self.app.key, error)

    def _is_recorded_in_history(self) -> bool:
        operation = self.state.operation
        is_whole = not operation.dry_run and not operation.resources and not self._assignment.undo
        return self.state.phase is OperationPhase.SUCCEEDED and is_whole

    def _recorded(self, before: AppState) -> AppState:
        now = self._around.clock()
        self._lease_until = now + timedelta(seconds=self._around.settings.reconcile.operation_lease_s)
        identity = self._around.identity
        lease = OperationLease(identity.instance, identity.operator, self._lease_until)
        return with_operation(before, self.state, lease)

    def _write(self) -> None:
        """A write that fails is tried again with the next one: the lease shows what nobody keeps up."""
        try:
            self._kept = self._store.write(self.app, self._kept, self._recorded(self._kept))
            self._held_until = self._lease_until or self._held_until
        except ClusterError as error:
            self._lease_until = None
            logger(__name__).warning("the operation of %s is not recorded: %s", self.app.key, error)

    def _result(self) -> SyncResult:
        sources = source_json(self.app)
        return SyncResult(
            revision="" if self.app.has_multiple_sources else self.revision,
            revisions=self._revisions(),
            source=sources.get("source"),
            sources=tuple(sources.get("sources") or ()),
            resources=self._sync.results,
        )

    def _revisions(self) -> tuple[str, ...]:
        pins = self._assignment.comparison.pins
        return tuple(pin.sha for pin in pins) if self.app.has_multiple_sources else ()


def _version(state: AppState) -> int:
    return int(state.resource_version) if state.resource_version.isdecimal() else 0


def _unknown_words(obj: Object) -> str:
    return f"the cluster knows no kind {obj.get('kind')} in {obj.get('apiVersion')}"
