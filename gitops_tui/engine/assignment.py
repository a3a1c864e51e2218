"""What one operation is about, and whether it may begin."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from msgspec import Struct, field
from msgspec.structs import replace

from gitops_tui.cluster.writer import Writer
from gitops_tui.config import Settings
from gitops_tui.engine.assessor import Assessor
from gitops_tui.engine.comparison import Comparison
from gitops_tui.engine.executor import Executor, namespaces_made
from gitops_tui.engine.identity import Identity
from gitops_tui.engine.overlay import Overlay
from gitops_tui.engine.pool import Pool
from gitops_tui.engine.projects import Projects
from gitops_tui.engine.saved import SavedObjects
from gitops_tui.engine.state import AppState
from gitops_tui.engine.system import System
from gitops_tui.errors import InProgressError
from gitops_tui.model.application import Application
from gitops_tui.model.drift import FieldDrift
from gitops_tui.model.operation import Operation, OperationState
from gitops_tui.model.resource import ResourceKey
from gitops_tui.model.status import ConditionType, OperationPhase
from gitops_tui.sync.options import SyncOptions, parse_options
from gitops_tui.sync.settings import SyncSettings, settings_of
from gitops_tui.sync.tracking import DEFAULT_TRACKING, Tracking

SHARED = ConditionType.SHARED_RESOURCE_WARNING.value
INVALID = ConditionType.INVALID_SPEC_ERROR.value
UNDOES = ("gitops-tui.io/undoes", "fields that were added by hand")
"""In an operation's ``info``: which fields these are is not recorded, so that nobody else can go on with it."""

Undo = dict[ResourceKey, tuple[FieldDrift, ...]]


class Surroundings(Struct, frozen=True):
    """What every operation of an instance shares."""

    settings: Settings
    identity: Identity
    pool: Pool
    saved: SavedObjects
    clock: Callable[[], datetime]
    system: System | None = None
    assess: Assessor = field(default_factory=Assessor)
    projects: Projects | None = None
    """None where no project has a say."""

    def blocked(self, app: Application, operation: OperationState) -> str:
        """What the operation says while a sync window keeps it back; empty where none does."""
        if self.projects is None:
            return ""
        is_manual = not operation.operation.initiated_by.automated
        return self.projects.blocked(app, self.clock(), is_manual=is_manual, started_at=operation.started_at)

    @property
    def tracking(self) -> Tracking:
        return self.system.tracking if self.system is not None else DEFAULT_TRACKING


class Assignment(Struct, frozen=True):
    """What one operation is about. ``undo``: foreign fields that a person chose to remove (a heal)."""

    comparison: Comparison
    operation: Operation
    undo: Undo = field(default_factory=dict)
    resumed: OperationState | None = None
    is_ending: bool = False
    """It begins by ending: what was left behind is terminated, nothing more is applied."""
    is_recorded: bool = True
    """Whether the application's state tells of it."""
    is_requested: bool = False
    """It stands in the Application's ``.operation``: taken off with the last record."""
    newest: Callable[[], Comparison | None] | None = None
    """What is synced once a window that kept it from beginning has opened; None: what was asked for then."""

    @property
    def ends(self) -> bool:
        """Whether it only ends what was left behind: asked for now, or of the instance that is gone."""
        left = self.resumed
        return self.is_ending or (left is not None and left.phase is OperationPhase.TERMINATING)

    @property
    def holds_request(self) -> bool:
        """Whether ``.operation`` tells of it while it runs: what was asked for there, and what automation begins.

        So ``argocd`` sees that it runs, and can end it.
        """
        return not self.undo and (self.is_requested or self.operation.initiated_by.automated)

    @property
    def begins_request(self) -> bool:
        """Whether we are to put it there."""
        return self.holds_request and not self.is_requested and self.resumed is None


def refused(assignment: Assignment) -> tuple[OperationPhase, str] | None:
    """How an attempt ends before anything is applied, in Argo CD's order (``SyncAppState``): another application has
    one of the objects and ``FailOnSharedResource=true``, or an object finds no namespace.
    """
    conditions = assignment.comparison.conditions
    shared = [one.message for one in conditions if one.type == SHARED]
    if shared and sync_options(assignment).fail_on_shared_resource:
        return OperationPhase.FAILED, f"Shared resource found: {'; '.join(shared)}"
    invalid = [f"{one.type}: {one.message}" for one in conditions if one.type == INVALID]
    return (OperationPhase.ERROR, ";".join(invalid)) if invalid else None


def sync_options(assignment: Assignment) -> SyncOptions:
    """An operation that was asked for through ``.operation`` has its own options only, as in Argo CD."""
    own = assignment.operation.sync_options
    return parse_options(own if own or assignment.is_requested else assignment.comparison.app.sync_policy.sync_options)


def first_state(assignment: Assignment, now: datetime) -> OperationState:
    if assignment.resumed is not None:
        left = assignment.resumed
        if left.finished_at is not None:  # it waited for its next attempt, which begins anew
            left = replace(left, sync_result=None)
        phase = OperationPhase.TERMINATING if assignment.ends else OperationPhase.RUNNING
        return replace(left, phase=phase, finished_at=None)
    operation = assignment.operation
    if assignment.undo:
        operation = replace(operation, info=(*operation.info, UNDOES))
    return OperationState(operation, OperationPhase.RUNNING, "starting", started_at=now)


def check_free(state: AppState, now: datetime) -> None:
    """One operation at a time; an orphaned one must be resumed or terminated, never overrun."""
    operation = state.operation
    if operation is None or operation.phase.is_completed:
        return
    if state.lease is not None and state.lease.expires <= now:
        raise InProgressError(
            f"{state.lease.user} left an operation behind", hint="Resume or terminate it before a new one."
        )
    by = f" by {state.lease.user}" if state.lease else ""
    raise InProgressError(f"another operation is in progress{by}", hint="Wait for it, or terminate it.")


def check_left(state: AppState, now: datetime) -> None:
    """Only what nobody runs may be resumed: of two who try at once the second sees the lease of the first."""
    if state.operation is None or state.operation.phase.is_completed:
        raise InProgressError("the operation has ended meanwhile", hint="Look at it again.")
    if state.lease is not None and state.lease.expires > now:
        raise InProgressError(f"{state.lease.user} runs it again already", hint="Wait for it, or terminate it.")


def executor_for(
    comparison: Comparison,
    around: Surroundings,
    settings: SyncSettings,
    writer: Writer,
    overlay: Overlay,
    abandoned: threading.Event,
) -> Executor:
    """What carries out the actions of an operation on these targets."""
    targets = [one.target for one in comparison.objects if one.target is not None and one.is_managed]
    return Executor(
        app=comparison.app,
        session=comparison.session,
        writer=writer,
        overlay=overlay,
        saved=around.saved,
        pool=around.pool,
        abandoned=abandoned,
        namespaces_made=namespaces_made(targets, comparison.session.cache.get),
        ignores=(*comparison.app.ignore_differences, *comparison.system.customized_differences),
        tracking=around.tracking,
        manager=around.settings.field_manager,
        options=settings.options,
        is_only_dry_run=settings.dry_run,
    )


def sync_settings(assignment: Assignment, settings: Settings) -> SyncSettings:
    comparison = assignment.comparison
    app = comparison.app
    found = settings_of(
        assignment.operation,
        namespace=app.destination.namespace,
        revision=comparison.revision,
        options=() if assignment.is_requested else app.sync_policy.sync_options,
        namespace_metadata=app.sync_policy.managed_namespace_metadata,
    )
    return replace(found, wave_delay_s=settings.reconcile.wave_delay_s)
