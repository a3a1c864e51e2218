"""Where a running operation is, as the screen draws it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from gitops_tui.model.catalogue import Code
from gitops_tui.model.decision import Decision
from gitops_tui.model.facts import FactValue
from gitops_tui.model.resource import Object
from gitops_tui.model.snapshot import Progress
from gitops_tui.model.status import Health, HealthStatus, ResultCode, SyncPhase
from gitops_tui.sync.tasks import SyncTask


def progress_of(
    tasks: Sequence[SyncTask], health: Callable[[Object], Health | None], since: datetime, message: str
) -> Progress:
    """The wave that runs (else the next one), how much is done, and what it waits for and why."""
    regular = [task for task in tasks if task.phase is not SyncPhase.SYNC_FAIL or not task.is_pending]
    waves = list(dict.fromkeys((task.phase, task.wave) for task in regular))
    current = next((task for task in regular if not task.is_completed), regular[-1] if regular else None)
    if current is None:
        return Progress(message=message, since=since)
    return Progress(
        phase=current.phase,
        wave=current.wave,
        wave_number=waves.index((current.phase, current.wave)) + 1,
        waves=len(waves),
        done=sum(task.is_completed for task in regular),
        total=len(regular),
        running=tuple((task.key, _why(task, health)) for task in regular if _is_waited_for(task, health)),
        message=message,
        since=since,
        waits=tuple(_waits(regular, current, health)),
    )


def _waits(
    tasks: Sequence[SyncTask], current: SyncTask, health: Callable[[Object], Health | None]
) -> Iterator[Decision]:
    """What keeps the operation from going on, in the machine's own order."""
    running = [task for task in tasks if task.is_running]
    for task in running:
        facts: dict[str, FactValue] = {"wave": task.wave, "message": _why(task, health)}
        if task.is_hook:
            yield Decision(Code.HOOK_WAITS, {**facts, "hook": task.phase.value}, (task.key,))
        else:
            yield Decision(Code.WAVE_WAITS, facts, (task.key,))
    going = [task.key for task in tasks if task.status is ResultCode.PRUNED and task.is_being_deleted]
    if going and not running:
        yield Decision(Code.PRUNE_WAITS, {"wave": current.wave}, tuple(going))


def confirmation_of(tasks: Sequence[SyncTask]) -> Decision:
    """Prunes that wait for a person's yes."""
    return Decision(Code.CONFIRMATION_WAITS, {"wave": tasks[0].wave}, tuple(task.key for task in tasks))


def _is_waited_for(task: SyncTask, health: Callable[[Object], Health | None]) -> bool:
    """What was applied and is healthy is through: the machine's next look says so."""
    found = health(task.live) if task.live is not None and not task.is_hook else None
    return task.is_running and (found is None or found.status is not HealthStatus.HEALTHY)


def _why(task: SyncTask, health: Callable[[Object], Health | None]) -> str:
    """``created`` of kubectl's ``job.batch/migrate created``: the object is named beside it."""
    found = health(task.live) if task.live is not None else None
    told = task.message.removeprefix(task.message.partition(f"/{task.key.name} ")[0] + f"/{task.key.name} ")
    return (found.message or found.status.value) if found is not None else told
