"""What is begun by itself: automated syncs, self-heals, and the removal of hand-made additions where asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from msgspec.structs import replace

from gitops_tui.config import Settings
from gitops_tui.diff.undo import heals_itself
from gitops_tui.engine.assignment import UNDOES, Assignment
from gitops_tui.engine.authority import Authority
from gitops_tui.engine.board import Board
from gitops_tui.engine.comparison import ComparedObject, Comparison
from gitops_tui.engine.fights import Field, Fights
from gitops_tui.engine.operations import Operations
from gitops_tui.engine.projects import Projects
from gitops_tui.engine.record import Record
from gitops_tui.engine.starts import Starts
from gitops_tui.engine.view import is_orphaned
from gitops_tui.errors import GitOpsError, InvalidSpecError
from gitops_tui.model.annotations import HEAL_FOREIGN, PRUNE_APPROVED
from gitops_tui.model.application import AppKey
from gitops_tui.model.catalogue import Code
from gitops_tui.model.decision import Decision
from gitops_tui.model.drift import FieldDrift
from gitops_tui.model.operation import Condition, InitiatedBy, Operation
from gitops_tui.model.resource import ResourceKey, metadata_of
from gitops_tui.model.status import ConditionType, DriftKind, OperationPhase, SyncStatus
from gitops_tui.render.paths import files_have_changed, refresh_paths
from gitops_tui.sync.automation import Candidate, Situation, decide, due
from gitops_tui.sync.retry import SelfHealBackoff
from gitops_tui.sync.window_words import why_blocked

WINDOW_S = 30.0
"""How often an application that a sync window keeps back is looked at again: a project may change meanwhile."""

FAILED_WAIT_S = 5.0
"""What could not be begun is decided anew after this."""
QUEUED_WAIT_S = 2.0
"""What waits for a place is decided anew when one is free, and after this at the latest."""


class Automation:
    """Runs on the core's thread, after each comparison."""

    def __init__(
        self,
        settings: Settings,
        authority: Authority,
        operations: Operations,
        starts: Starts,
        board: Board,
        clock: Callable[[], datetime],
        projects: Projects,
        compare_for: Callable[[Record, Operation], Comparison],
    ) -> None:
        self._settings = settings
        self._authority = authority
        self._operations = operations
        self._starts = starts
        self._board = board
        self._clock = clock
        self._projects = projects
        self._compare_for = compare_for
        self._fights = Fights()

    def forget(self, key: AppKey) -> None:
        """Its Application is gone."""
        self._starts.forget(key)

    def consider(self, record: Record) -> float | None:
        """Begin what is due; the seconds after which to look again, or None."""
        comparison, now = record.comparison, self._clock()
        if self._starts.is_busy(record.key):
            return None
        record.standing = ()
        if comparison is None or record.unread is not None:
            if record.is_reported:
                record.because(Code.NOT_RENDERED, now, tool=record.not_rendered)
            return None
        refused = self._authority.why_not(record, now)
        if refused is not None:
            record.decided(refused, now)
            record.answers += (due(decide(self._situation(record, comparison, now))),)
            return self._hold_end(record, now) if refused.code is Code.HELD else None
        failure = self._starts.failure(record.key)
        if failure is not None:
            record.because(Code.NOT_STARTED, now, item="What is due", message=str(failure))
            return FAILED_WAIT_S
        resumed = self._left_behind(record, now)
        if resumed is not None:
            owner = record.state.lease.user if record.state.lease else "an instance that is gone"
            return self._start(record, resumed, Decision(Code.RESUMED, {"owner": owner}), now)
        late = [one for one in comparison.objects if one.view.is_pending]
        if late:
            keys, message = tuple(one.key for one in late), late[0].view.message
            record.because(Code.NOT_READ, now, objects=keys, message=message)
            return None
        window = self._window(record, now)
        if window is not None:
            record.decided(window, now)
            return WINDOW_S
        verdict = decide(self._situation(record, comparison, now))
        if verdict.condition is not None:
            record.standing = (replace(verdict.condition, last_transition_time=now),)
        if verdict.operation is not None:
            return self._begin(record, Assignment(comparison, verdict.operation), verdict.decision, now)
        record.decided(verdict.decision, now)
        if comparison.sync is SyncStatus.SYNCED and self._heals_foreign(record, comparison, now):
            return QUEUED_WAIT_S
        return verdict.wait_s

    def _window(self, record: Record, now: datetime) -> Decision | None:
        """Why a sync window lets automation begin nothing; None where it does. By hand is no matter here."""
        if not (record.app.sync_policy.is_automated or HEAL_FOREIGN in record.app.annotations):
            return None
        try:
            verdict = self._projects.verdict(record.app, now, is_manual=False)
        except InvalidSpecError as error:
            return Decision(Code.SYNC_WINDOW, {"reason": f"the sync windows cannot be read: {error.message}"})
        if verdict.is_allowed:
            return None
        windows = self._projects.windows(record.app)
        return Decision(Code.SYNC_WINDOW, {"reason": why_blocked(windows, verdict, now, is_manual=False)})

    def _left_behind(self, record: Record, now: datetime) -> Assignment | None:
        """What automation began and a crash left behind goes on; what a person began waits for a person.

        What somebody has asked to end is ended, whoever began it.
        """
        left = record.state.operation
        if left is None or not is_orphaned(record, now) or record.run is not None:
            return None
        goes_on = left.operation.initiated_by.automated and UNDOES not in left.operation.info
        if not goes_on and left.phase is not OperationPhase.TERMINATING:
            return None
        try:
            at = self._compare_for(record, left.operation)
        except GitOpsError as error:
            record.because(Code.NOT_RESUMED, now, message=str(error))
            return None
        return Assignment(at, left.operation, resumed=left)

    def _situation(self, record: Record, comparison: Comparison, now: datetime) -> Situation:
        reconcile = self._settings.reconcile
        state = record.state
        is_running = state.operation is not None and not state.operation.phase.is_completed
        return Situation(
            app=record.app,
            sync=comparison.sync,
            resources=tuple(
                Candidate(one.key, one.view.sync or SyncStatus.SYNCED, one.view.requires_pruning, _is_going(one))
                for one in comparison.objects
                if one.is_managed or one.is_skipped
            ),
            revisions=comparison.commits,
            now=now,
            operation=state.operation,
            is_in_progress=record.run is not None or is_running or state.requested is not None,
            new_revision_has_changes=_has_changes(record, comparison),
            backoff=SelfHealBackoff(
                reconcile.self_heal_backoff_s, reconcile.self_heal_backoff_factor, reconcile.self_heal_backoff_cap_s
            ),
            guards_prune=reconcile.guard_automatic_prune,
            is_prune_approved=self._is_approved(record),
        )

    def _is_approved(self, record: Record) -> bool:
        """A person's approval counts for the very commits for which it was given."""
        approved = record.app.annotations.get(PRUNE_APPROVED)
        return bool(approved) and approved == " ".join(pin.sha for pin in record.pins)

    def _begin(self, record: Record, assignment: Assignment, decision: Decision, now: datetime) -> float | None:
        comparison = assignment.comparison
        fields = _target_fields(comparison, assignment.operation.resources)
        fought = self._fights.fought_over(record.key, fields, now)
        if fought:
            self._warn_of_fight(record, fought, comparison, now)
        wait_s = self._start(record, assignment, decision, now)
        if wait_s is None:
            self._fights.healed(record.key, fields, now)
        return wait_s

    def _heals_foreign(self, record: Record, comparison: Comparison, now: datetime) -> bool:
        """Only where the Application says so, and never what is young, or back after it was undone.

        Whether it would, but there is no place for it now.
        """
        if record.app.annotations.get(HEAL_FOREIGN) != "person":
            return False
        undo: dict[ResourceKey, tuple[FieldDrift, ...]] = {}
        for one in comparison.objects:
            fields = tuple(replace(field, ticked=True) for field in one.view.drift if heals_itself(field, now))
            back = [(one.key, f.text) for f in fields if self._fights.is_back(record.key, (one.key, f.text), now)]
            if back:
                self._warn_of_fight(record, back, comparison, now)
            elif fields:
                undo[one.key] = fields
        if not undo:
            return False
        operation = comparison.pinned(Operation(initiated_by=InitiatedBy(automated=True)))
        labels = tuple(drift.label for found in undo.values() for drift in found)
        decision = Decision(Code.HEALING_FOREIGN, {"fields": labels}, tuple(undo))
        is_queued = self._start(record, Assignment(comparison, operation, undo), decision, now) is not None
        if not is_queued:
            undone = [(key, field.text) for key, found in undo.items() for field in found]
            self._fights.healed(record.key, undone, now)
        return is_queued

    def _warn_of_fight(self, record: Record, fields: list[Field], comparison: Comparison, now: datetime) -> None:
        """Name both sides, and the ways out."""
        (key, text), writer = fields[0], _other_writer(fields[0], comparison)
        record.because(Code.FIGHT, now, objects=(key,), fields=(text,), writer=writer)
        message = (
            f"{key.short} {text}: {writer} sets it and we undo it, again and again. "
            "Hold the application, let Git or an ignore rule say who is right."
        )
        record.standing = (*record.standing, Condition(ConditionType.FIGHT_WARNING.value, message, now))

    def _start(self, record: Record, assignment: Assignment, begun: Decision, now: datetime) -> float | None:
        """None where it is being started; else the seconds after which to look for a place again."""
        if self._starts.begin(record.key, lambda: self._operations.start(assignment, lambda: record.app)):
            record.decided(begun, now)
            return None
        record.because(Code.QUEUED, now, next_at=now + timedelta(seconds=QUEUED_WAIT_S))
        return QUEUED_WAIT_S

    def _hold_end(self, record: Record, now: datetime) -> float | None:
        hold = record.state.hold
        return (hold.expires - now).total_seconds() if hold is not None and hold.expires is not None else None


def _has_changes(record: Record, comparison: Comparison) -> bool:
    """Whether the commits since the last attempt concern the application (``manifest-generate-paths``).

    Without the annotation every commit does, as in Argo CD.
    """
    result = record.state.operation.sync_result if record.state.operation else None
    if result is None or record.app.has_multiple_sources or not comparison.pins:
        return True
    pin = comparison.pins[0]
    paths = refresh_paths(record.app, pin.source)
    if not paths or not result.revision or result.revision == pin.sha:
        return True
    try:
        return files_have_changed(paths, pin.mirror.changed_files(result.revision, pin.sha))
    except GitOpsError:
        return True  # the commit of the last attempt is gone: a force push


def _is_going(one: ComparedObject) -> bool:
    return one.view.requires_pruning and bool(metadata_of(one.live or {}).get("deletionTimestamp"))


def _target_fields(comparison: Comparison, keys: tuple[ResourceKey, ...]) -> list[Field]:
    chosen = set(keys)
    return [
        (one.key, field.text)
        for one in comparison.objects
        if one.key in chosen
        for field in one.view.drift
        if field.kind is DriftKind.TARGET
    ]


def _other_writer(field: Field, comparison: Comparison) -> str:
    key, text = field
    one = comparison.find(key)
    drifts = one.view.drift if one is not None else ()
    writers = [drift.writer.manager for drift in drifts if drift.text == text and drift.writer is not None]
    return writers[0] if writers else "somebody"
