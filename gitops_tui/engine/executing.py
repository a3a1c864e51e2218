"""From what a person asks to a plan, and from a confirmed plan to its operation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from gitops_tui.engine.administration import approve_prune
from gitops_tui.engine.asked import Asked
from gitops_tui.engine.assignment import UNDOES, Assignment, Undo, refused
from gitops_tui.engine.commits import pin_with
from gitops_tui.engine.comparing import FRESH_S, Comparing
from gitops_tui.engine.comparison import Comparison
from gitops_tui.engine.identity import Identity
from gitops_tui.engine.local import why_not_local
from gitops_tui.engine.moved import has_moved
from gitops_tui.engine.operation import OperationRun
from gitops_tui.engine.operations import APPLICATION, Operations
from gitops_tui.engine.planning import Planner, check_typed, fields_to_undo, target_drift_keys
from gitops_tui.engine.projects import Projects
from gitops_tui.engine.record import Record
from gitops_tui.engine.reverting import Reverting, commits_after
from gitops_tui.engine.rollback import as_rollback, chosen_entry
from gitops_tui.engine.session import Session
from gitops_tui.errors import GitOpsError, InvalidSpecError, OperationError, StalePlanError
from gitops_tui.model.annotations import REFRESH
from gitops_tui.model.application import AppKey
from gitops_tui.model.operation import InitiatedBy, Operation
from gitops_tui.model.plan import Approval, Outcome, Plan, PlanKind, SyncRequest
from gitops_tui.model.resource import Object
from gitops_tui.model.status import OperationPhase
from gitops_tui.sync.window_words import why_blocked

ASK_GIT_S = 10.0
LATE = "Git has not answered yet: this is what was fetched last"
ASKED_LATELY = timedelta(seconds=5)
"""So long what Git said when the plan was made is what it says now: a script plans and executes in one breath."""


class Executing(Comparing, frozen=True):
    """Answers on threads for questions. What needs the records' memory is done on the core's thread."""

    operations: Operations
    projects: Projects
    asked: Asked
    planner: Planner
    reverting: Reverting
    home: Session
    identity: Identity
    is_leading: Callable[[], bool]
    """Whether this instance reconciles by itself."""

    # --- plans
    def plan_sync(self, keys: Sequence[AppKey], request: SyncRequest) -> Plan:
        """At what the branch says now: Git is asked first. Where it does not answer soon the plan says so."""
        is_late = _follows_branches(request) and not self.reconciler.catch_up(keys, ASK_GIT_S)
        plan = self._plan_sync(keys, request)
        return replace(plan, warnings=(*plan.warnings, LATE)) if is_late else plan

    def _plan_sync(self, keys: Sequence[AppKey], request: SyncRequest) -> Plan:
        comparisons = [self.wanted(key, request) for key in keys]
        confirmers = [self.comparer.confirmer(one.session) for one in comparisons]
        return self._completed(self.planner.sync(comparisons, request, confirmers), request, comparisons)

    def wanted(self, key: AppKey, request: SyncRequest) -> Comparison:
        """At the revision that is asked for, or with the objects that come with the request."""
        if request.manifests:
            return self.asked.comparison(self.record(key), Operation(manifests=request.manifests))
        if request.revisions:
            return self.at_commits(key, request.revisions)
        return self.at(key, request.revision)

    def plan_heal(self, key: AppKey) -> Plan:
        comparison = self._deployed(key)
        plan = self.planner.heal(comparison, self.comparer.confirmer(comparison.session))
        return self._completed(plan, None, [comparison])

    def plan_rollback(self, key: AppKey, entry_id: int | None, *, prune: bool, dry_run: bool = False) -> Plan:
        """To an entry of the history, or the one before the last. No hooks run."""
        entry, comparison = self._at_entry(self.record(key), entry_id)
        request = SyncRequest(prune=prune, dry_run=dry_run, strategy="apply", rollback_to=entry.id)
        plan = self.planner.sync([comparison], request, [self.comparer.confirmer(comparison.session)])
        return self._completed(replace(plan, kind=PlanKind.ROLLBACK), request, [comparison])

    def plan_revert(self, key: AppKey, commits: Sequence[str]) -> Plan:
        comparison = self._basis(key)

        def plan_of(after: Comparison, kind: PlanKind) -> Plan:
            request = SyncRequest(prune=True)
            planned = self.planner.sync([after], request, [self.comparer.confirmer(after.session)])
            return replace(planned, kind=kind, revisions={key: comparison.commits})

        plan = self.reverting.plan(comparison, commits, lambda app, after: self.at_commits(app.key, after), plan_of)
        return self._completed(plan, None, ())

    def _completed(self, plan: Plan, request: SyncRequest | None, planned: Sequence[Comparison]) -> Plan:
        """What keeps the plan from being executed, who would do it, and what was asked for.

        ``planned``: what would be deployed; none for a revert, which deploys nothing by itself.
        """
        refusals = (refused(Assignment(one, Operation())) for one in planned)
        blockers, argocd = [one[1] for one in refusals if one is not None], False
        warnings = list(plan.warnings)
        now = self.clock()
        for key in plan.apps:
            record = self.record(key)
            argocd = argocd or bool(record.managed_by)
            operation = record.state.operation
            if operation is not None and not operation.phase.is_completed and not plan.dry_run:
                blockers.append(f"another operation of {key.name} is in progress")
            if record.outage is not None:
                warnings.append(
                    f"Git does not answer, and this is what {key.name} was when it last did: {record.outage}"
                )
            hold = record.state.hold
            if hold is not None and hold.is_active(now):
                warnings.append(f"{key.name} is held by {hold.owner}: {hold.reason}")
            if request is not None and request.manifests:
                blockers += filter(None, [why_not_local(record.app, is_dry_run=request.dry_run)])
            window = self._window(record)
            if window and not plan.dry_run:
                (warnings if plan.kind is PlanKind.REVERT else blockers).append(window)
        if self.home.writer is None:
            blockers.append("read-only: nothing is written")
        return replace(plan, blockers=tuple(blockers), asks_argocd=argocd, warnings=tuple(warnings), request=request)

    def _window(self, record: Record) -> str:
        """Which sync window keeps a person from syncing the application now; empty where none does."""
        now, app = self.clock(), record.app
        try:
            verdict = self.projects.verdict(app, now, is_manual=True)
        except InvalidSpecError as error:
            return f"the sync windows of project {app.project} cannot be read: {error.message}"
        if verdict.is_allowed:
            return ""
        return f"{app.name}: {why_blocked(self.projects.windows(app), verdict, now, is_manual=True)}"

    # --- execution
    def execute(self, plan: Plan, approval: Approval) -> Outcome:
        """Raises `StalePlanError` where what the plan was pinned to has moved.

        A branch is asked once more; where Git does not answer, what was shown is what is done.
        """
        if plan.blockers:
            raise OperationError("; ".join(plan.blockers))
        if plan.kind is PlanKind.REVERT:
            return self._revert(plan, approval)
        check_typed(plan, approval)
        for key in plan.apps:
            record = self.record(key)
            if bool(record.managed_by) is not plan.asks_argocd:
                raise StalePlanError(f"who reconciles {key.name} changed meanwhile", hint="Look at the new plan.")
            window = "" if plan.dry_run else self._window(record)
            if window:
                raise StalePlanError(window, hint="Look at the new plan.")
        is_as_shown = self._may_have_moved(plan) and not self._git_answers(plan.apps)
        comparisons = [self._unmoved(plan, key) for key in plan.apps]
        if plan.kind is PlanKind.HEAL:
            return self._heal(plan, approval, comparisons[0])
        request = plan.request or SyncRequest(prune=plan.prune, dry_run=plan.dry_run)
        began = [self._begin(plan, one, self._operation(one, request)) for one in comparisons]
        names = ", ".join(key.name for key in plan.apps)
        by = "handed to Argo CD" if plan.asks_argocd else "started"
        as_shown = ", as it was shown: Git does not answer" if is_as_shown else ""
        return Outcome(True, f"{plan.kind} of {names} {by}{as_shown}", started_at=began[0])

    def _git_answers(self, keys: Sequence[AppKey]) -> bool:
        """Fetch and compare anew; False where that is not done soon."""
        is_in_time = self.reconciler.catch_up(keys, ASK_GIT_S)
        return is_in_time and all(self.record(key).outage is None for key in keys)

    def _may_have_moved(self, plan: Plan) -> bool:
        """Whether a branch decides what is deployed, and was not asked a moment ago."""
        is_of_branches = plan.kind is PlanKind.SYNC and _follows_branches(plan.request or SyncRequest())
        return is_of_branches and self.clock() - plan.made_at > ASKED_LATELY

    def _revert(self, plan: Plan, approval: Approval) -> Outcome:
        """Push; then sync to the new commit, unless automation does it, or the revert waits on its own branch."""
        key = plan.apps[0]
        basis = self._basis(key)
        if not approval.as_branch:
            if approval.then_sync:
                check_typed(plan, approval)
            self._check_cluster(plan, basis)
        outcome = self.reverting.execute(basis, plan, approval)
        self.reconciler.refresh([key], hard=False)
        if not outcome.ok or outcome.is_on_own_branch or not approval.then_sync or self._syncs_itself(key):
            return outcome
        try:
            comparison = self._after_revert(key, plan, outcome.commit)
            request = SyncRequest(prune=bool(plan.prunes))
            began = self._begin(plan, comparison, self._operation(comparison, request))
        except GitOpsError as error:
            return replace(outcome, text=f"{outcome.text}, not synced: {error}", hint="Sync it by hand.")
        return replace(outcome, text=f"{outcome.text}; sync started", started_at=began)

    def _check_cluster(self, plan: Plan, basis: Comparison) -> None:
        """The cluster is as the plan of a revert showed it; whether the branch is, shows in pushing to it."""
        if plan.revert is None:
            return
        key, pin = basis.app.key, pin_with(basis.pins, [commit.sha for commit in plan.revert.commits])
        after = self.at_commits(key, commits_after(basis, pin, plan.revert.new_commit))
        self._checked(replace(plan, revisions={key: after.commits}), after)

    def _after_revert(self, key: AppKey, plan: Plan, sha: str) -> Comparison:
        """With the commit that was just pushed to the branch on which the plan's commits were."""
        basis = self._basis(key)
        for url in {pin.source.repo_url for pin in basis.pins}:
            self.sources.fetch(url)
        undone = plan.revert.commits if plan.revert is not None else ()
        pin = pin_with(basis.pins, [one.sha for one in undone])
        return self.at_commits(key, commits_after(basis, pin, sha))

    def _syncs_itself(self, key: AppKey) -> bool:
        """Whether somebody reconciles the application who syncs new commits by himself."""
        record = self.record(key)
        is_reconciled = bool(record.managed_by) or self.is_leading()
        return record.app.sync_policy.is_automated and is_reconciled

    def _unmoved(self, plan: Plan, key: AppKey) -> Comparison:
        if plan.request is not None and plan.request.manifests:
            return self._checked(plan, self.wanted(key, plan.request))
        current = self.fresh(key)
        if plan.kind is PlanKind.HEAL:
            comparison = self._deployed(key)
        elif plan.request is not None and plan.request.rollback_to is not None:
            comparison = self._at_entry(self.record(key), plan.request.rollback_to)[1]
        elif plan.request is not None and (plan.request.revision or plan.request.revisions):
            comparison = self.at_commits(key, plan.revisions[key])
        else:
            comparison = current
        return self._checked(plan, comparison)

    def _checked(self, plan: Plan, comparison: Comparison) -> Comparison:
        moved = has_moved(plan, comparison)
        if moved:
            raise StalePlanError(moved, hint="Look at the new plan.")
        return comparison

    def _operation(self, comparison: Comparison, request: SyncRequest) -> Operation:
        options = [*comparison.app.sync_policy.sync_options]
        options += ["Replace=true"] if request.replace else []
        options += ["ApplyOutOfSyncOnly=true"] if request.apply_out_of_sync_only else []
        asked = Operation(
            prune=request.prune,
            dry_run=request.dry_run,
            strategy=request.strategy,
            force=request.force,
            resources=request.resources,
            sync_options=tuple(options),
            initiated_by=InitiatedBy(username=self.identity.operator),
            retry=request.retry,
            manifests=request.manifests,
        )
        operation = comparison.pinned(asked)
        if request.rollback_to is None:
            return operation
        record = self.record(comparison.app.key)
        return as_rollback(operation, chosen_entry(record.app, record.state.history, request.rollback_to))

    def _heal(self, plan: Plan, approval: Approval, comparison: Comparison) -> Outcome:
        key, keys = comparison.app.key, target_drift_keys(plan)
        undo = fields_to_undo(plan, approval.ticked, approval.unticked)
        if not keys and not undo:
            return Outcome(False, "nothing was chosen to be undone", hint="Tick a field in the plan.")
        asked = Operation(
            resources=keys,
            sync_options=comparison.app.sync_policy.sync_options,
            initiated_by=InitiatedBy(username=self.identity.operator),
        )
        operation = comparison.pinned(asked)
        if plan.asks_argocd:
            return self._heal_beside_argocd(comparison, operation, undo)
        run = self.operations.start(Assignment(comparison, operation, undo), lambda: self.record(key).app)
        self.reconciler.publish_soon(key)
        return Outcome(True, f"heal of {comparison.app.name} started", started_at=run.began_at)

    def _heal_beside_argocd(self, comparison: Comparison, operation: Operation, undo: Undo) -> Outcome:
        """Argo CD applies what Git says; what was added, which it does not see, is removed without a record.

        In this order: an object that Argo CD applied meanwhile is not the one that the plan was about.
        """
        app = comparison.app
        outcome = Outcome(True, f"heal of {app.name} started")
        if undo:
            only_undo = replace(operation, resources=())
            assignment = Assignment(comparison, only_undo, undo, is_recorded=False)
            run = self.operations.start(assignment, lambda: self.record(app.key).app)
            if not run.wait(FRESH_S) or run.state.phase is not OperationPhase.SUCCEEDED:
                raise OperationError(f"what was added by hand is not removed: {run.state.message}")
            outcome = Outcome(True, f"what was added to {app.name} by hand is removed", started_at=run.began_at)
        return self._hand_over(comparison, operation) if operation.resources else outcome

    def _begin(self, plan: Plan, comparison: Comparison, operation: Operation) -> datetime | None:
        """Start it, or hand it over; when it started, where it is ours."""
        if plan.asks_argocd:
            self._hand_over(comparison, operation)
            return None
        key = comparison.app.key
        run = self.operations.start(Assignment(comparison, operation), lambda: self.record(key).app)
        if operation.prune and not operation.dry_run:
            approve_prune(self.home, comparison, self.record(key).standing)
        self.reconciler.publish_soon(key)
        return run.began_at

    def _hand_over(self, comparison: Comparison, operation: Operation) -> Outcome:
        """Argo CD reconciles this Application: it runs the operation that stands in ``.operation``."""
        app = comparison.app
        resource = self.home.discovery.find(*APPLICATION)
        if resource is None or self.home.writer is None:
            raise OperationError("the Application cannot be written")
        self.home.writer.merge_patch(resource, app.namespace, app.name, {"operation": operation.to_json()})
        return Outcome(True, f"handed to Argo CD: {app.name}")

    def ask_refresh(self, key: AppKey, *, hard: bool) -> None:
        """Whoever else reconciles the Application is asked to look again, as ``argocd app get --refresh`` does."""
        record = self.reconciler.record(key)
        resource = self.home.discovery.find(*APPLICATION)
        if record is None or not record.managed_by or resource is None or self.home.writer is None:
            return
        patch: Object = {"metadata": {"annotations": {REFRESH: "hard" if hard else "normal"}}}
        self.home.writer.merge_patch(resource, record.app.namespace, record.app.name, patch)

    # --- running operations
    def terminate(self, key: AppKey) -> Outcome:
        record = self.record(key)
        if record.managed_by or not self._is_orphaned(record):
            self.operations.terminate(record)
        else:
            self._resumed(record, is_ending=True)
        self.reconciler.publish_soon(key)
        return Outcome(True, f"the operation of {record.app.name} is being ended")

    def resume(self, key: AppKey) -> Outcome:
        record = self.record(key)
        if UNDOES in self.operations.orphan(record, self.clock()).operation.info:
            raise OperationError(
                "what it was to remove was chosen in another program", hint="Terminate it, and heal again."
            )
        self._resumed(record)
        self.reconciler.publish_soon(key)
        return Outcome(True, f"the operation of {record.app.name} goes on")

    def _resumed(self, record: Record, *, is_ending: bool = False) -> OperationRun:
        operation = self.operations.orphan(record, self.clock())
        comparison = self.asked.comparison(record, operation.operation)
        return self.operations.start(
            Assignment(comparison, operation.operation, resumed=operation, is_ending=is_ending),
            lambda: self.record(record.key).app,
        )

    def _is_orphaned(self, record: Record) -> bool:
        try:
            self.operations.orphan(record, self.clock())
        except OperationError:
            return False
        return True


def _follows_branches(request: SyncRequest) -> bool:
    """Whether what is deployed is what the target revisions name, whatever that is by then."""
    return not (request.revision or request.manifests)
