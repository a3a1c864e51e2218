"""What is kept of one running operation where every operator sees it, under a lease (semantics 1.15).

What is kept is Argo CD's ``operationState``. It is written before anything else is done and after each step that
moved something. An operation whose lease ran out is orphaned: its results say where it stood, and it can be resumed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from gitops_tui.engine.assignment import Surroundings
from gitops_tui.engine.pace import Pace
from gitops_tui.engine.patience import patiently
from gitops_tui.engine.state import AppState, OperationLease, StateStore, next_history_id, with_history, with_operation
from gitops_tui.errors import ClusterError, Conflict, InProgressError
from gitops_tui.logs import logger
from gitops_tui.model.application import Application
from gitops_tui.model.operation import HistoryEntry, OperationState
from gitops_tui.model.status import OperationPhase

START_ATTEMPTS = 5
PROGRESS_S = 1.0
"""Progress is told once in so long: an operation that ends sooner is its start and its end."""


class TakenOver(Exception):
    """Somebody else resumed or ended the operation after our lease ran out: it is not ours to record."""


class Ledger:
    """Used by the thread of one operation. ``abandoned`` ends its waiting."""

    def __init__(
        self,
        app: Application,
        store: StateStore,
        around: Surroundings,
        abandoned: threading.Event,
        *,
        holds_request: bool = False,
        begins_request: bool = False,
    ) -> None:
        """``holds_request``: ``.operation`` tells of it; ``begins_request``: and we put it there."""
        self._app = app
        self._begins_request = begins_request
        self._holds_request = holds_request
        self._store = store
        self._around = around
        self._abandoned = abandoned
        self._kept = AppState({})
        self._lease_until: datetime | None = None
        self._held_until = datetime.min.replace(tzinfo=UTC)
        self._pace = Pace()

    @property
    def kept(self) -> AppState:
        """What was last written; the watch may still hold less."""
        return self._kept

    @property
    def is_end_asked(self) -> bool:
        """Whether what stands there since our last write says that another instance wants the end."""
        operation = self._kept.operation
        return operation is not None and operation.phase is OperationPhase.TERMINATING

    def found(self) -> AppState:
        """What stands there as far as is known here."""
        return self._store.read(self._app)

    def begin(self, before: AppState, state: OperationState, check: Callable[[AppState, datetime], None]) -> None:
        """The first record. ``check`` raises `InProgressError` where what stands there forbids it.

        ``before`` is what is known of the application's state: nothing may have been written since.
        """
        for _ in range(START_ATTEMPTS):
            check(before, self._around.clock())
            if self._begins_request and before.requested is not None:
                raise InProgressError(f"another operation of {self._app.name} was asked for", hint="Wait for it.")
            try:
                after = self._recorded(before, state)
                if self._begins_request and self._app.origin.in_cluster:
                    after = replace(after, requested=state.operation.to_json())
                with self._pace.writing():
                    self._kept = self._store.write(self._app, before, after, pinned=True)
                self._held_until = self._lease_until or self._held_until
                return
            except Conflict:
                before = self._store.latest(self._app)  # a status was written meanwhile, or somebody was first
        raise InProgressError(
            f"somebody else changes {self._app.name} again and again", hint="Look again, and try again."
        )

    def reclaim(self, state: OperationState) -> None:
        """Where our lease ran out (a machine that slept, a partition) nothing is done before it is ours again."""
        while self._held_until <= self._around.clock() and not self._abandoned.is_set():
            found = self.found()
            before = found if _version(found) > _version(self._kept) else self._kept
            if before is found and (found.lease is None or found.lease.holder != self._around.identity.instance):
                raise TakenOver
            try:
                self._kept = self._store.write(self._app, before, self._recorded(before, state), pinned=True)
                self._held_until = self._lease_until or self._held_until
            except ClusterError as error:
                logger(__name__).info("the lease of %s is not ours again yet: %s", self._app.key, error)
                self._abandoned.wait(1.0)

    def is_lease_old(self) -> bool:
        """Whether the lease is to be renewed: one that still holds for long is no reason to write."""
        third = timedelta(seconds=self._around.settings.reconcile.operation_lease_s * 2 / 3)
        return self._lease_until is None or self._lease_until - self._around.clock() < third

    @property
    def rest_s(self) -> float:
        """For how long progress is better not told: what comes meanwhile is told with it."""
        return self._pace.rest_s(PROGRESS_S)

    def write(self, state: OperationState) -> None:
        """A write that fails is tried again with the next one: the lease shows what nobody keeps up."""
        try:
            with self._pace.writing():
                self._kept = self._store.write(self._app, self._kept, self._recorded(self._kept, state))
            self._held_until = self._lease_until or self._held_until
        except ClusterError as error:
            self._lease_until = None
            logger(__name__).warning("the operation of %s is not recorded: %s", self._app.key, error)

    def leave(self, state: OperationState) -> None:
        """Give the lease up, so that others see at once that nobody runs this; one that ran out is not ours."""
        if self._held_until <= self._around.clock():
            return
        lease = OperationLease(self._around.identity.instance, self._around.identity.operator, self._around.clock())
        try:
            self._kept = self._store.write(self._app, self._kept, with_operation(self._kept, state, lease))
        except ClusterError as error:
            logger(__name__).info("the lease of %s runs out by itself: %s", self._app.key, error)

    def end(self, state: OperationState, entry: HistoryEntry | None) -> None:
        """The last record, with the deployment's entry in the history where there is one (its id is given here)."""
        before = self._kept
        after = with_operation(before, state, None)
        if self._holds_request:
            after = replace(after, requested=None)
        if entry is not None:
            numbered = replace(entry, id=next_history_id(before))
            after = with_history(after, numbered, self._app.revision_history_limit)
        try:
            self._kept = patiently(lambda: self._store.write(self._app, before, after), self._abandoned)
        except ClusterError as error:
            logger(__name__).warning("the end of the operation of %s is not recorded: %s", self._app.key, error)

    def _recorded(self, before: AppState, state: OperationState) -> AppState:
        now = self._around.clock()
        self._lease_until = now + timedelta(seconds=self._around.settings.reconcile.operation_lease_s)
        identity = self._around.identity
        lease = OperationLease(identity.instance, identity.operator, self._lease_until)
        return with_operation(before, state, lease)


def _version(state: AppState) -> int:
    return int(state.resource_version) if state.resource_version.isdecimal() else 0
