"""Carrying out the tasks of a wave: actions asked for batch by batch, and what became of each recorded.

Source: Argo CD ``sync_context.go`` runTasks, setResourceResult (semantics 1.7, "inside one wave").
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from enum import StrEnum
from itertools import groupby

from msgspec.structs import replace

from gitops_tui.model.operation import ResourceResult
from gitops_tui.model.resource import ResourceKey
from gitops_tui.model.status import OperationPhase, ResultCode, SyncPhase
from gitops_tui.sync.actions import Action, Answer, SyncState, Verb
from gitops_tui.sync.hooks import has_hook_finalizer
from gitops_tui.sync.images import images_of
from gitops_tui.sync.options import (
    is_forced,
    is_pruning_disabled,
    is_replaced,
    is_validated,
    needs_prune_confirmation,
)
from gitops_tui.sync.settings import Observed, SyncSettings
from gitops_tui.sync.tasks import SyncTask, TaskId, with_result


class RunState(StrEnum):
    SUCCESSFUL = "successful"
    PENDING = "pending"
    FAILED = "failed"


Doing = Generator[tuple[Action, ...], Sequence[Answer], RunState]
Deciding = Generator[tuple[Action, ...], Sequence[Answer], bool]
Clearing = Generator[tuple[Action, ...], Sequence[Answer], tuple[RunState, list[SyncTask]]]
Steps = Generator[tuple[Action, ...], Sequence[Answer], None]

_PHASE_OF_RESULT = {
    ResultCode.SYNCED: OperationPhase.RUNNING,
    ResultCode.SYNC_FAILED: OperationPhase.FAILED,
    ResultCode.PRUNED: OperationPhase.SUCCEEDED,
    ResultCode.PRUNE_SKIPPED: OperationPhase.SUCCEEDED,
}


class Runner:
    """Runs tasks and keeps their results, for the length of one step."""

    def __init__(self, settings: SyncSettings, state: SyncState, observed: Observed) -> None:
        self._settings = settings
        self._observed = observed
        self._results: dict[TaskId, ResourceResult] = {_id(one): one for one in state.results}
        self._released: set[ResourceKey] = set()

    @property
    def results(self) -> tuple[ResourceResult, ...]:
        return tuple(self._results.values())

    def run(self, tasks: Sequence[SyncTask], dry_run: bool) -> Doing:
        """One wave: free the hooks of earlier syncs, prune, clear those hooks away, then apply kind after kind."""
        dry = dry_run or self._settings.dry_run
        creates = [task for task in tasks if not task.is_prune]
        prunes = [task for task in tasks if task.is_prune]
        if not dry and not (yield from self.release(task for task in creates if task.is_pending)):
            return RunState.FAILED
        if self.unconfirmed(prunes) and not dry:
            return RunState.PENDING
        if (yield from self._prune(prunes, dry)) is RunState.FAILED:
            return RunState.FAILED
        if not dry:
            state, creates = yield from self._clear_hooks(creates)
            if state is not RunState.SUCCESSFUL:
                return state
        outcome = RunState.SUCCESSFUL
        for _, group in groupby(creates, key=lambda task: task.key.kind):
            if (yield from self._apply(list(group), dry)) is RunState.FAILED:
                outcome = RunState.FAILED
        return outcome

    def unconfirmed(self, tasks: Iterable[SyncTask]) -> tuple[SyncTask, ...]:
        """Prunes that wait for a person's yes; an operation that prunes nothing waits for none."""
        if self._observed.is_prune_confirmed or not self._settings.prune:
            return ()
        default = self._settings.options.prune
        return tuple(task for task in tasks if task.is_prune and needs_prune_confirmation(task.obj, default))

    def _prune(self, tasks: Sequence[SyncTask], dry: bool) -> Doing:
        deleting = []
        for task in tasks:
            skipped = self._prune_skipped(task)
            if skipped:
                self._done(task, ResultCode.PRUNE_SKIPPED, skipped, dry)
            elif dry:
                self._done(task, ResultCode.PRUNED, "pruned (dry run)", dry)
            elif task.is_being_deleted:
                self._done(task, ResultCode.PRUNED, "pruned", dry)
            else:
                deleting.append(task)
        if not deleting:
            return RunState.SUCCESSFUL
        answers = yield tuple(self._action(Verb.PRUNE, task) for task in deleting)
        for task, answer in zip(deleting, answers, strict=True):
            code = ResultCode.PRUNED if answer.ok else ResultCode.SYNC_FAILED
            self._done(task, code, "pruned" if answer.ok else answer.message, dry)
        return _state_of(answers)

    def _prune_skipped(self, task: SyncTask) -> str:
        if not self._settings.prune:
            return "ignored (requires pruning)"
        return "ignored (no prune)" if is_pruning_disabled(task.obj, self._settings.options.prune) else ""

    def _clear_hooks(self, tasks: list[SyncTask]) -> Clearing:
        """A hook of an earlier sync goes before it is made anew: the next step makes it, or this one where all of them
        turn out to be gone. The tasks come back without what is gone.
        """
        old = [task for task in tasks if task.deletes_before_creation]
        if not old:
            return RunState.SUCCESSFUL, tasks
        answers = yield tuple(self._action(Verb.DELETE_HOOK, task) for task in old)
        self._note_errors(old, answers, "failed to delete resource")
        if _state_of(answers) is RunState.FAILED:
            return RunState.FAILED, tasks
        if not all(answer.is_gone for answer in answers):
            return RunState.PENDING, tasks
        gone = {task.id for task in old}
        return RunState.SUCCESSFUL, [replace(task, live=None) if task.id in gone else task for task in tasks]

    def _apply(self, tasks: Sequence[SyncTask], dry: bool) -> Doing:
        tried = [task for task in tasks if not (dry and task.skip_dry_run)]
        if not tried:
            return RunState.SUCCESSFUL
        answers = yield tuple(replace(self._action(Verb.APPLY, task), dry_run=dry) for task in tried)
        for task, answer in zip(tried, answers, strict=True):
            code = ResultCode.SYNCED if answer.ok else ResultCode.SYNC_FAILED
            self._done(task, code, answer.message, dry)
        return _state_of(answers)

    # --- hooks
    def delete_hooks(self, tasks: Sequence[SyncTask]) -> Steps:
        """Free them, then delete them, each for itself; one that cannot be freed or deleted gets an error.

        What is deleted and still held goes when the next sync frees it.
        """
        hooks = _by_object(tasks)
        if not hooks or self._settings.dry_run:
            return
        yield from self.release(hooks)
        answers = yield tuple(self._action(Verb.DELETE_HOOK, task) for task in hooks)
        self._note_errors(hooks, answers, "failed to delete resource")

    def release(self, tasks: Iterable[SyncTask]) -> Deciding:
        """Take the finalizer off live hooks, once a step; whether all went well."""
        held = [task for task in _by_object(tasks) if _is_held(task) and task.key not in self._released]
        if not held or self._settings.dry_run:
            return True
        self._released |= {task.key for task in held}
        answers = yield tuple(self._action(Verb.RELEASE_HOOK, task) for task in held)
        self._note_errors(held, answers, "failed to remove hook finalizer")
        return all(answer.ok for answer in answers)

    def _note_errors(self, tasks: Sequence[SyncTask], answers: Sequence[Answer], words: str) -> None:
        for task, answer in zip(tasks, answers, strict=True):
            if not answer.ok:
                self.record(task, None, OperationPhase.ERROR, f"{words}: {answer.message}")

    def end_hooks(self, tasks: Sequence[SyncTask]) -> Steps:
        """Delete hooks that were freed before their time; one that cannot be deleted is recorded as failed."""
        if not tasks:
            return
        answers = yield tuple(self._action(Verb.DELETE_HOOK, task) for task in tasks)
        for task, answer in zip(tasks, answers, strict=True):
            if not answer.ok:
                self.record(task, None, OperationPhase.FAILED, f"Failed to delete: {answer.message}")

    def _action(self, verb: Verb, task: SyncTask) -> Action:
        options = self._settings.options
        return Action(
            verb,
            task,
            replace=is_replaced(task.target, task.live, options.replace),
            force=is_forced(task.target, task.live, self._settings.force),
            validate=is_validated(task.target, options.validate),
            propagation=options.propagation,
        )

    # --- results
    def _done(self, task: SyncTask, code: ResultCode, message: str, dry: bool) -> None:
        """Record a result; a dry run that is only a precaution leaves a trace only where it fails."""
        if dry and not self._settings.dry_run and code is not ResultCode.SYNC_FAILED:
            return
        phase = _PHASE_OF_RESULT[code]
        if self._settings.dry_run and phase is OperationPhase.RUNNING:
            phase = OperationPhase.SUCCEEDED
        self.record(task, code, phase, message)

    def record(self, task: SyncTask, code: ResultCode | None, phase: OperationPhase | None, message: str) -> None:
        """``code`` None and an empty message leave what is known of the task."""
        known = self._results.get(task.id)
        self._results[task.id] = ResourceResult(
            key=task.key,
            version=task.version,
            status=code or (known.status if known else None),
            message=message or (known.message if known else ""),
            hook_type=task.hook_type,
            hook_phase=phase,
            sync_phase=task.phase,
            images=images_of(task.obj),
        )

    def current(self, tasks: Iterable[SyncTask]) -> tuple[SyncTask, ...]:
        """The tasks with their newest results."""
        return tuple(with_result(task, self._results.get(task.id)) for task in tasks)


def _state_of(answers: Iterable[Answer]) -> RunState:
    return RunState.SUCCESSFUL if all(answer.ok for answer in answers) else RunState.FAILED


def _by_object(tasks: Iterable[SyncTask]) -> list[SyncTask]:
    """One task an object: a hook of two phases is deleted once."""
    return list({task.key: task for task in tasks}.values())


def _is_held(task: SyncTask) -> bool:
    return task.is_hook and task.live is not None and has_hook_finalizer(task.live)


def _id(result: ResourceResult) -> TaskId:
    return TaskId(result.key, result.sync_phase or SyncPhase.SYNC)
