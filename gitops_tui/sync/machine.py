"""A sync as a state machine that is pure and stepped from outside (Argo CD ``sync_context.go``, semantics 1.7).

`step` is one look at the world: a generator that yields batches of actions, is sent an answer for each, and returns
the new state. A batch may be carried out side by side; nothing else may run between two batches of one step. Between
steps there is only `SyncState`, which is what the operation's status records: whoever holds that can go on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from gitops_tui.model.decision import Decision
from gitops_tui.model.resource import Object, ResourceKey, key_of
from gitops_tui.model.status import HealthStatus, HookDeletePolicy, OperationPhase, ResultCode, SyncPhase
from gitops_tui.sync.actions import Action, Answer, Step, SyncState, Verb
from gitops_tui.sync.progress import confirmation_of, progress_of
from gitops_tui.sync.running import Deciding, Runner, RunState, Steps
from gitops_tui.sync.settings import Observed, SyncSettings
from gitops_tui.sync.tasklist import is_missing_namespace, list_tasks
from gitops_tui.sync.tasks import SyncTask, TaskId, has_delete_policy, is_multi_step

__all__ = ["Action", "Answer", "Step", "SyncState", "Verb", "step", "terminate"]


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
        self._asked: tuple[Decision, ...] = ()
        self._runner = Runner(settings, state, observed)
        self._begun = bool(state.results)
        self._tasks: tuple[SyncTask, ...] = ()

    def step(self) -> Step:
        if (yield from self._begin()):
            yield from self._go_on()
        return self._state()

    def _state(self) -> SyncState:
        progress = progress_of(self._current(), self._observed.health, self._started_at, self._message)
        progress = replace(progress, waits=(*self._asked, *progress.waits))
        return SyncState(self._started_at, self._phase, self._message, self._runner.results, self._wait_s, progress)

    def _current(self) -> tuple[SyncTask, ...]:
        return self._runner.current(self._tasks)

    def _list(self) -> tuple[SyncTask, ...]:
        """Take up the tasks; the answer is those that are not valid."""
        known = {TaskId(one.key, one.sync_phase or SyncPhase.SYNC): one for one in self._runner.results}
        listed = list_tasks(self._settings, self._observed, known, self._started_at)
        self._tasks = listed.tasks
        return listed.invalid

    # --- before anything is applied
    def _begin(self) -> Deciding:
        """Whether the operation may go on: its tasks are valid and, at first, the dry run passes."""
        invalid = self._list()
        if invalid:
            for task in invalid:
                self._runner.record(task, ResultCode.SYNC_FAILED, None, task.message)
            reasons = _reasons(invalid)
            self._end(OperationPhase.FAILED, f"one or more synchronization tasks are not valid: {reasons}")
            return False
        if self._begun:
            return True
        return (yield from self._dry_run())

    def _dry_run(self) -> Deciding:
        """The namespace for real where it is not there, so that the rest can be asked for; then all, stored nowhere."""
        made = [task for task in self._tasks if is_missing_namespace(task, self._settings)][:1]
        if made and (yield from self._runner.run(made, self._settings.dry_run)) is RunState.FAILED:
            self._end(OperationPhase.FAILED, _with_reason("the namespace failed to apply", self._runner.current(made)))
            return False
        wanted = [task for task in self._tasks if task not in made and self._is_wanted(task)]
        if (yield from self._runner.run(wanted, True)) is RunState.FAILED:
            self._end(OperationPhase.FAILED, "one or more objects failed to apply (dry run)")
            return False
        return True

    # --- what is running
    def _go_on(self) -> Steps:
        self._refresh_running()
        tasks = self._current()
        waiting = [task for task in tasks if task.is_running and (is_multi_step(tasks) or task.is_hook)]
        if waiting:
            self._note_vanished(waiting)
            self._running(waiting)
            return
        going = [task for task in tasks if task.status is ResultCode.PRUNED and task.is_being_deleted]
        if going:
            self._running(going, "deletion of")
            return
        yield from self._runner.release(task for task in tasks if task.is_completed)
        regular = [task for task in self._current() if task.phase is not SyncPhase.SYNC_FAIL]
        if any(task.has_failed for task in regular):
            yield from self._delete_hooks(HookDeletePolicy.HOOK_FAILED)
            yield from self._fail(regular, "one or more synchronization tasks completed unsuccessfully")
            return
        yield from self._next_wave([task for task in regular if task.is_pending and self._is_wanted(task)])

    def _refresh_running(self) -> None:
        """Running tasks end by the health of what is live."""
        for task in self._current():
            if not task.is_running or task.is_prune or task.live is None:
                continue
            judged = self._hook_state(task, task.live) if task.is_hook else self._resource_state(task, task.live)
            if judged is not None:
                self._runner.record(task, task.status, *judged)

    def _note_vanished(self, waiting: Iterable[SyncTask]) -> None:
        """What is waited for and was deleted never gets healthy: the next step fails."""
        for task in waiting:
            if task.live is None and self._observed.live(key_of(task.obj)) is None:
                message = f"Resource {task.words} is missing, it might have been deleted"
                self._runner.record(task, ResultCode.SYNC_FAILED, OperationPhase.ERROR, message)

    def _hook_state(self, task: SyncTask, live: Object) -> tuple[OperationPhase, str]:
        health = self._observed.health(live)
        if health is None:
            return OperationPhase.SUCCEEDED, f"{task.key.name} created"
        if health.status in (HealthStatus.UNKNOWN, HealthStatus.DEGRADED):
            return OperationPhase.FAILED, health.message
        if health.status in (HealthStatus.PROGRESSING, HealthStatus.SUSPENDED):
            return OperationPhase.RUNNING, health.message
        return OperationPhase.SUCCEEDED, health.message

    def _resource_state(self, task: SyncTask, live: Object) -> tuple[OperationPhase, str] | None:
        health = self._observed.health(live)
        if health is None:
            return OperationPhase.SUCCEEDED, task.message
        if health.status is HealthStatus.HEALTHY:
            return OperationPhase.SUCCEEDED, health.message
        if health.status is HealthStatus.DEGRADED:
            return OperationPhase.FAILED, health.message
        return None

    def _is_wanted(self, task: SyncTask) -> bool:
        """``ApplyOutOfSyncOnly`` leaves unmodified objects out; hooks, prunes and what is not there stay."""
        modified = self._observed.modified
        if not self._settings.options.apply_out_of_sync_only or modified is None:
            return True
        if task.is_hook or task.is_prune or task.live is None:
            return True
        own: ResourceKey = replace(task.key, namespace=key_of(task.live).namespace)
        return modified.get(own, True)

    # --- the next wave
    def _next_wave(self, pending: Sequence[SyncTask]) -> Steps:
        if not pending:
            yield from self._succeed("successfully synced (no more tasks)")
            return
        place = (pending[0].phase, pending[0].wave)
        wave = [task for task in pending if (task.phase, task.wave) == place]
        is_final = len(wave) == len(pending)
        outcome = yield from self._runner.run(wave, False)
        if outcome is not RunState.FAILED and not is_final:
            self._wait_s = self._settings.wave_delay_s
        if outcome is RunState.FAILED:
            yield from self._fail_wave(wave)
        elif outcome is RunState.PENDING:
            self._pending(wave)
        elif is_final and not any(task.is_hook for task in wave):
            # Even where the objects degrade later: without hooks and waves a sync is one apply.
            yield from self._succeed("successfully synced (all tasks run)")
        else:
            self._running(wave)

    def _pending(self, wave: Sequence[SyncTask]) -> None:
        unconfirmed = self._runner.unconfirmed(wave)
        if unconfirmed:
            self._asked = (confirmation_of(unconfirmed),)
            self._running(unconfirmed, "pruning confirmation of")
        else:
            self._running([task for task in wave if task.deletes_before_creation], "deletion of")

    def _succeed(self, message: str) -> Steps:
        yield from self._delete_hooks(HookDeletePolicy.HOOK_SUCCEEDED)
        self._end(OperationPhase.SUCCEEDED, message)

    def _fail_wave(self, wave: Sequence[SyncTask]) -> Steps:
        """An apply failed. What else was applied in the wave runs to its end first, and so do SyncFail hooks."""
        tried = self._runner.current(wave)
        running = [task for task in tried if task.is_running]
        yield from self._fail(tried, "one or more objects failed to apply")
        if running:
            self._running([*running, *(task for task in self._sync_fail_hooks() if not task.is_completed)])
        elif self._phase.is_completed:
            yield from self._delete_hooks(HookDeletePolicy.HOOK_FAILED)

    def _fail(self, tasks: Iterable[SyncTask], message: str) -> Steps:
        """Run the SyncFail hooks, if there are any, to their end; then the operation has failed."""
        text = _with_reason(message, [task for task in tasks if task.has_failed])
        hooks = self._sync_fail_hooks()
        if all(task.is_completed for task in hooks):
            broken = [task for task in hooks if task.status is ResultCode.SYNC_FAILED]
            more = f"\n{_with_reason('one or more SyncFail hooks failed', broken)}" if broken else ""
            self._end(OperationPhase.FAILED, text + more)
            return
        pending = [task for task in hooks if task.is_pending]
        yield from self._runner.run(pending, False)
        self._running(pending or hooks)

    def _sync_fail_hooks(self) -> list[SyncTask]:
        return [task for task in self._current() if task.phase is SyncPhase.SYNC_FAIL]

    def _delete_hooks(self, policy: HookDeletePolicy) -> Steps:
        """Live hooks that do not run, where their delete policy names this end of the operation."""
        tasks = self._current()
        ended = [task for task in tasks if task.live is not None and not task.is_running]
        yield from self._runner.delete_hooks([task for task in ended if has_delete_policy(task, policy)])

    # --- termination
    def terminate(self) -> Step:
        self._list()
        tasks = [self._with_live(task) for task in self._current() if task.is_hook]
        yield from self._runner.release(task for task in tasks if task.is_completed)
        if (yield from self._end_running([task for task in tasks if task.is_running])):
            self._end(OperationPhase.FAILED, "Operation terminated")
        else:
            self._end(OperationPhase.ERROR, "Operation termination had errors")
        return self._state()

    def _end_running(self, running: Sequence[SyncTask]) -> Deciding:
        """Free every running hook and delete it, each for itself; one that ended meanwhile is recorded as it ended.

        Whether all went well.
        """
        for task in running:
            if task.live is None:
                self._runner.record(task, None, OperationPhase.SUCCEEDED, "Terminated")
        states = {task.id: self._hook_state(task, task.live) for task in running if task.live is not None}
        yield from self._runner.release(task for task in running if task.id in states)
        freed = self._still_running([task for task in running if task.id in states])
        yield from self._runner.end_hooks([task for task in freed if _goes_with_the_end(task, states[task.id][0])])
        ended = self._still_running(freed)
        for task in ended:
            phase, message = states[task.id]
            is_cut_short = phase is OperationPhase.RUNNING
            words = (OperationPhase.FAILED, "Terminated") if is_cut_short else (phase, message)
            self._runner.record(task, None, *words)
        return len(ended) == len(states)

    def _still_running(self, tasks: Iterable[SyncTask]) -> list[SyncTask]:
        """Those for which no failure was recorded since."""
        return [task for task in tasks if all(one.is_running for one in self._runner.current([task]))]

    def _with_live(self, task: SyncTask) -> SyncTask:
        return task if task.live is not None else replace(task, live=self._observed.live(key_of(task.obj)))

    # --- what is told
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


def _goes_with_the_end(hook: SyncTask, phase: OperationPhase) -> bool:
    """Whether a hook in this phase is deleted where the operation is terminated."""
    return phase is OperationPhase.RUNNING or has_delete_policy(hook, HookDeletePolicy.HOOK_FAILED)


def _reasons(tasks: Iterable[SyncTask]) -> str:
    return ",".join(dict.fromkeys(task.message for task in tasks if task.message))


def _with_reason(message: str, tasks: Iterable[SyncTask]) -> str:
    reasons = _reasons(tasks)
    return f"{message}, reason: {reasons}" if reasons else message
