"""A sync as a state machine that is pure and stepped from outside (Argo CD ``sync_context.go``, semantics 1.7).

`step` is one look at the world: a generator that yields batches of actions, is sent an answer for each, and returns
the new state. A batch may be carried out side by side; nothing else may run between two batches of one step. Between
steps there is only `SyncState`, which is what the operation's status records: whoever holds that can go on.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import groupby

from gitops_tui.model.operation import ResourceResult
from gitops_tui.model.resource import Object
from gitops_tui.model.snapshot import Progress
from gitops_tui.model.status import HealthStatus, HookDeletePolicy, OperationPhase, ResultCode, SyncPhase
from gitops_tui.sync.hooks import has_hook_finalizer
from gitops_tui.sync.options import (
    is_forced,
    is_pruning_disabled,
    is_replaced,
    is_validated,
    needs_prune_confirmation,
)
from gitops_tui.sync.progress import progress_of
from gitops_tui.sync.settings import Observed, SyncSettings
from gitops_tui.sync.tasklist import is_auto_namespace, list_tasks
from gitops_tui.sync.tasks import SyncTask, TaskId, has_delete_policy, is_multi_step


class Verb(StrEnum):
    APPLY = "apply"
    PRUNE = "prune"
    DELETE_HOOK = "delete hook"
    RELEASE_HOOK = "release hook"
    """Take the hook finalizer off a live hook."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do to the cluster, with the options that hold for this object."""

    verb: Verb
    task: SyncTask
    dry_run: bool = False
    replace: bool = False
    force: bool = False
    validate: bool = True
    propagation: str = "Foreground"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of an action. A deletion of what is already gone is ``ok``."""

    ok: bool
    message: str = ""


@dataclass(frozen=True, slots=True)
class SyncState:
    """Everything that has to be kept between steps. ``wait_s``: the next step must not come sooner."""

    started_at: datetime
    phase: OperationPhase = OperationPhase.RUNNING
    message: str = ""
    results: tuple[ResourceResult, ...] = ()
    wait_s: float = 0.0
    progress: Progress = Progress()  # noqa: RUF009 - frozen


Step = Generator[tuple[Action, ...], Sequence[Answer], SyncState]
_Doing = Generator[tuple[Action, ...], Sequence[Answer], "_RunState"]
_Steps = Generator[tuple[Action, ...], Sequence[Answer], None]

_PHASE_OF_RESULT = {
    ResultCode.SYNCED: OperationPhase.RUNNING,
    ResultCode.SYNC_FAILED: OperationPhase.FAILED,
    ResultCode.PRUNED: OperationPhase.SUCCEEDED,
    ResultCode.PRUNE_SKIPPED: OperationPhase.SUCCEEDED,
}


class _RunState(StrEnum):
    SUCCESSFUL = "successful"
    PENDING = "pending"
    FAILED = "failed"


def step(settings: SyncSettings, state: SyncState, observed: Observed) -> Step:
    """One step of a running operation. A completed one is returned as it is."""
    if state.phase.is_completed:
        return state
    return (yield from _Machine(settings, state, observed).step())


def terminate(settings: SyncSettings, state: SyncState, observed: Observed) -> Step:
    """End an operation: running hooks are deleted; what was applied stays."""
    return (yield from _Machine(settings, state, observed).terminate())


class _Machine:
    """The course of one step; lives no longer than that."""

    def __init__(self, settings: SyncSettings, state: SyncState, observed: Observed) -> None:
        self._settings = settings
        self._observed = observed
        self._started_at = state.started_at
        self._phase = state.phase
        self._message = state.message
        self._wait_s = 0.0
        self._results: dict[TaskId, ResourceResult] = {_id(one): one for one in state.results}
        self._tasks: tuple[SyncTask, ...] = ()

    def step(self) -> Step:
        if (yield from self._begin()):
            yield from self._go_on()
        return self._state()

    def _state(self) -> SyncState:
        tasks = self._current(self._tasks)
        progress = progress_of(tasks, self._observed.health, self._started_at, self._message)
        results = tuple(self._results.values())
        return SyncState(self._started_at, self._phase, self._message, results, self._wait_s, progress)

    # --- before anything is applied
    def _begin(self) -> Generator[tuple[Action, ...], Sequence[Answer], bool]:
        """Whether the operation may go on: its tasks are valid and, at first, the dry run passes."""
        listed = list_tasks(self._settings, self._observed, self._results, self._started_at)
        self._tasks = listed.tasks
        if listed.invalid:
            for task in listed.invalid:
                self._record(task, ResultCode.SYNC_FAILED, OperationPhase.FAILED, task.message)
            reasons = _reasons(listed.invalid)
            self._end(OperationPhase.FAILED, f"one or more synchronization tasks are not valid: {reasons}")
            return False
        if self._results:
            return True
        return (yield from self._dry_run())

    def _dry_run(self) -> Generator[tuple[Action, ...], Sequence[Answer], bool]:
        """The auto namespace for real, so that the rest can be asked for; then everything, stored nowhere."""
        made = [task for task in self._tasks if is_auto_namespace(task, self._settings)]
        if made and (yield from self._run(made, self._settings.dry_run)) is _RunState.FAILED:
            yield from self._fail(self._current(made), "the namespace failed to apply")
            return False
        self._tasks = tuple(task for task in self._tasks if task not in made)
        if (yield from self._run([task for task in self._tasks if self._is_wanted(task)], True)) is _RunState.FAILED:
            self._end(OperationPhase.FAILED, "one or more objects failed to apply (dry run)")
            return False
        return True

    # --- what is running
    def _go_on(self) -> _Steps:
        self._refresh_running()
        tasks = self._current(self._tasks)
        waiting = [task for task in tasks if task.is_running and (is_multi_step(tasks) or task.is_hook)]
        if waiting:
            self._running(waiting)
            return
        going = [task for task in tasks if task.status is ResultCode.PRUNED and task.is_being_deleted]
        if going:
            self._running(going, "deletion of")
            return
        yield from self._release(task for task in tasks if task.is_hook and task.is_completed)
        regular = [task for task in tasks if task.phase is not SyncPhase.SYNC_FAIL]
        if any(task.has_failed for task in regular):
            failed = [task for task in regular if task.status is ResultCode.SYNC_FAILED or task.has_failed]
            yield from self._fail(failed, "one or more synchronization tasks completed unsuccessfully")
            return
        yield from self._next_wave([task for task in regular if task.is_pending and self._is_wanted(task)])

    def _refresh_running(self) -> None:
        """Running tasks end by the health of what is live; what vanished is an error."""
        for task in self._current(self._tasks):
            if not task.is_running or task.is_prune:
                continue
            if task.live is None:
                message = f"Resource {task.words} is missing, it might have been deleted"
                self._record(task, task.status, OperationPhase.ERROR, message)
                continue
            judged = self._hook_state(task) if task.is_hook else self._resource_state(task)
            if judged is not None:
                self._record(task, task.status, *judged)

    def _hook_state(self, task: SyncTask) -> tuple[OperationPhase, str]:
        assert task.live is not None
        health = self._observed.health(task.live)
        if health is None:
            return OperationPhase.SUCCEEDED, f"{task.key.name} created"
        if health.status in (HealthStatus.UNKNOWN, HealthStatus.DEGRADED):
            return OperationPhase.FAILED, health.message
        if health.status in (HealthStatus.PROGRESSING, HealthStatus.SUSPENDED):
            return OperationPhase.RUNNING, health.message
        return OperationPhase.SUCCEEDED, health.message

    def _resource_state(self, task: SyncTask) -> tuple[OperationPhase, str] | None:
        assert task.live is not None
        health = self._observed.health(task.live)
        if health is None:
            return OperationPhase.SUCCEEDED, task.message
        if health.status is HealthStatus.HEALTHY:
            return OperationPhase.SUCCEEDED, health.message
        if health.status is HealthStatus.DEGRADED:
            return OperationPhase.FAILED, health.message
        return None

    def _is_wanted(self, task: SyncTask) -> bool:
        """``ApplyOutOfSyncOnly`` leaves unmodified objects out; hooks, prunes and what is unknown stay."""
        modified = self._observed.modified
        if not self._settings.options.apply_out_of_sync_only or modified is None or task.is_hook or task.is_prune:
            return True
        own = task.key if task.live is None else replace(task.key, namespace=_namespace(task))
        return modified.get(own, modified.get(task.key, True))

    # --- the next wave
    def _next_wave(self, pending: Sequence[SyncTask]) -> _Steps:
        if not pending:
            yield from self._succeed("successfully synced (no more tasks)")
            return
        first, last = pending[0], pending[-1]
        place = (first.phase, first.wave)
        is_final = place == (last.phase, last.wave)
        wave = [task for task in pending if (task.phase, task.wave) == place]
        remaining = [task for task in pending if (task.phase, task.wave) != place or task.is_hook]
        self._phase, self._message = OperationPhase.RUNNING, "one or more tasks are running"
        outcome = yield from self._run(wave, False)
        if outcome is not _RunState.FAILED and not is_final:
            self._wait_s = self._settings.wave_delay_s
        if outcome is _RunState.FAILED:
            yield from self._fail(self._current(wave), "one or more objects failed to apply")
        elif outcome is _RunState.PENDING:
            self._running(wave, "pruning confirmation of" if self._unconfirmed(wave) else "deletion of")
        elif remaining:
            self._running(remaining)
        else:
            yield from self._succeed("successfully synced (all tasks run)")

    def _succeed(self, message: str) -> _Steps:
        yield from self._delete_hooks(HookDeletePolicy.HOOK_SUCCEEDED)
        self._end(OperationPhase.SUCCEEDED, message)

    def _fail(self, failed: Iterable[SyncTask], message: str) -> _Steps:
        """Run the SyncFail hooks, if there are any, to their end; then the operation has failed."""
        yield from self._delete_hooks(HookDeletePolicy.HOOK_FAILED)
        text = _with_reason(message, [task for task in failed if task.has_failed])
        hooks = [task for task in self._current(self._tasks) if task.phase is SyncPhase.SYNC_FAIL]
        if not hooks or all(task.is_completed for task in hooks):
            self._end(OperationPhase.FAILED, text)
            return
        pending = [task for task in hooks if task.is_pending]
        if pending and (yield from self._run(pending, False)) is _RunState.FAILED:
            broken = [task for task in self._current(pending) if task.has_failed]
            self._end(OperationPhase.FAILED, f"{text}\n{_with_reason('one or more SyncFail hooks failed', broken)}")
            return
        self._running(self._current(hooks))

    # --- doing
    def _run(self, tasks: Sequence[SyncTask], dry_run: bool) -> _Doing:
        """One wave: prune, clear the hooks of earlier syncs, then apply kind after kind."""
        dry = dry_run or self._settings.dry_run
        creates = [task for task in tasks if not task.is_prune]
        prunes = [task for task in tasks if task.is_prune]
        if self._unconfirmed(prunes) and not dry:
            return _RunState.PENDING
        if (yield from self._prune(prunes, dry)) is _RunState.FAILED:
            return _RunState.FAILED
        if not dry:
            state = yield from self._clear_hooks(creates)
            if state is not _RunState.SUCCESSFUL:
                return state
        outcome = _RunState.SUCCESSFUL
        for _, group in groupby(creates, key=lambda task: task.key.kind):
            if (yield from self._apply(list(group), dry)) is _RunState.FAILED:
                outcome = _RunState.FAILED
        return outcome

    def _unconfirmed(self, tasks: Iterable[SyncTask]) -> bool:
        if self._observed.is_prune_confirmed or not self._settings.prune:
            return False
        default = self._settings.options.prune
        return any(task.is_prune and needs_prune_confirmation(task.obj, default) for task in tasks)

    def _prune(self, tasks: Sequence[SyncTask], dry: bool) -> _Doing:
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
            return _RunState.SUCCESSFUL
        answers = yield tuple(self._action(Verb.PRUNE, task) for task in deleting)
        for task, answer in zip(deleting, answers, strict=True):
            code = ResultCode.PRUNED if answer.ok else ResultCode.SYNC_FAILED
            self._done(task, code, "pruned" if answer.ok else answer.message, dry)
        return _RunState.SUCCESSFUL if all(answer.ok for answer in answers) else _RunState.FAILED

    def _prune_skipped(self, task: SyncTask) -> str:
        if not self._settings.prune:
            return "ignored (requires pruning)"
        return "ignored (no prune)" if is_pruning_disabled(task.obj, self._settings.options.prune) else ""

    def _clear_hooks(self, tasks: Sequence[SyncTask]) -> _Doing:
        """A hook of an earlier sync goes before it is made anew: the next step makes it."""
        old = [task for task in tasks if task.deletes_before_creation]
        if not old:
            return _RunState.SUCCESSFUL
        yield from self._release(old)
        answers = yield tuple(self._action(Verb.DELETE_HOOK, task) for task in old)
        for task, answer in zip(old, answers, strict=True):
            if not answer.ok:
                message = f"failed to delete resource: {answer.message}"
                self._record(task, None, OperationPhase.ERROR, message)
        return _RunState.PENDING if all(answer.ok for answer in answers) else _RunState.FAILED

    def _apply(self, tasks: Sequence[SyncTask], dry: bool) -> _Doing:
        tried = [task for task in tasks if not (dry and task.skip_dry_run)]
        if not tried:
            return _RunState.SUCCESSFUL
        answers = yield tuple(replace(self._action(Verb.APPLY, task), dry_run=dry) for task in tried)
        for task, answer in zip(tried, answers, strict=True):
            code = ResultCode.SYNCED if answer.ok else ResultCode.SYNC_FAILED
            self._done(task, code, answer.message, dry)
        return _RunState.SUCCESSFUL if all(answer.ok for answer in answers) else _RunState.FAILED

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

    def _delete_hooks(self, policy: HookDeletePolicy) -> _Steps:
        """Hooks that ended, where their delete policy names this end of the operation."""
        tasks = self._current(self._tasks)
        ended = [
            task for task in tasks if task.live is not None and task.is_completed and has_delete_policy(task, policy)
        ]
        if ended and not self._settings.dry_run:
            yield from self._release(ended)
            yield tuple(self._action(Verb.DELETE_HOOK, task) for task in ended)

    def _release(self, tasks: Iterable[SyncTask]) -> _Steps:
        held = [task for task in tasks if task.live is not None and has_hook_finalizer(task.live)]
        if held and not self._settings.dry_run:
            yield tuple(self._action(Verb.RELEASE_HOOK, task) for task in held)

    # --- termination
    def terminate(self) -> Step:
        listed = list_tasks(self._settings, self._observed, self._results, self._started_at)
        self._tasks = listed.tasks
        hooks = [task for task in self._current(self._tasks) if task.is_hook and task.live is not None]
        yield from self._release(task for task in hooks if task.is_completed or task.is_running)
        running = []
        for task in hooks:
            if not task.is_running:
                continue
            phase, message = self._hook_state(task)
            if phase is OperationPhase.RUNNING:
                running.append(task)
            else:
                self._record(task, None, phase, message)
        answers = (yield tuple(self._action(Verb.DELETE_HOOK, task) for task in running)) if running else ()
        for task, answer in zip(running, answers, strict=True):
            if answer.ok:
                self._record(task, None, OperationPhase.SUCCEEDED, "Deleted")
            else:
                self._record(task, None, OperationPhase.FAILED, f"Failed to delete: {answer.message}")
        if all(answer.ok for answer in answers):
            self._end(OperationPhase.FAILED, "Operation terminated")
        else:
            self._end(OperationPhase.ERROR, "Operation termination had errors")
        return self._state()

    # --- what is kept
    def _done(self, task: SyncTask, code: ResultCode, message: str, dry: bool) -> None:
        """Record a result; a dry run that is only a precaution leaves a trace only where it fails."""
        if dry and not self._settings.dry_run and code is not ResultCode.SYNC_FAILED:
            return
        phase = _PHASE_OF_RESULT[code]
        if self._settings.dry_run and phase is OperationPhase.RUNNING:
            phase = OperationPhase.SUCCEEDED
        self._record(task, code, phase, message)

    def _record(self, task: SyncTask, code: ResultCode | None, phase: OperationPhase, message: str) -> None:
        known = self._results.get(task.id)
        self._results[task.id] = ResourceResult(
            key=task.key,
            version=task.version,
            status=code,
            message=message or (known.message if known else ""),
            hook_type=task.hook_type,
            hook_phase=phase,
            sync_phase=task.phase,
        )

    def _current(self, tasks: Iterable[SyncTask]) -> tuple[SyncTask, ...]:
        return tuple(replace_result(task, self._results) for task in tasks)

    def _running(self, tasks: Sequence[SyncTask], reason: str = "") -> None:
        hooks = [task for task in tasks if task.is_hook]
        named = hooks if hooks and not reason else tasks
        why = reason or ("completion of hook" if hooks else "healthy state of")
        noun = "hooks" if hooks and not reason else "resources"
        more = f" and {len(named) - 1} more {noun}" if len(named) > 1 else ""
        self._phase = OperationPhase.RUNNING
        self._message = f"waiting for {why} {named[0].words}{more}"

    def _end(self, phase: OperationPhase, message: str) -> None:
        self._phase, self._message = phase, message


def replace_result(task: SyncTask, results: dict[TaskId, ResourceResult]) -> SyncTask:
    """The task with its newest result."""
    found = results.get(task.id)
    if found is None:
        return task
    return replace(task, state=found.hook_phase, status=found.status, message=found.message)


def _id(result: ResourceResult) -> TaskId:
    return TaskId(result.key, result.sync_phase or SyncPhase.SYNC)


def _reasons(tasks: Iterable[SyncTask]) -> str:
    return ",".join(dict.fromkeys(task.message for task in tasks if task.message))


def _with_reason(message: str, tasks: Iterable[SyncTask]) -> str:
    reasons = _reasons(tasks)
    return f"{message}, reason: {reasons}" if reasons else message


def _namespace(task: SyncTask) -> str:
    live: Object = task.live or {}
    return str((live.get("metadata") or {}).get("namespace") or "")
