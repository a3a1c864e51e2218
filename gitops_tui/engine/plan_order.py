"""The order of a plan's lines: that in which they are applied, each with the phase and wave that it has then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from gitops_tui.engine.comparison import Comparison
from gitops_tui.model.plan import ItemAction, PlanItem
from gitops_tui.model.resource import Object, ResourceKey, key_of
from gitops_tui.model.status import SyncPhase
from gitops_tui.sync.hooks import sync_phases
from gitops_tui.sync.options import parse_options
from gitops_tui.sync.ordering import reorder_prune_waves, sort_tasks
from gitops_tui.sync.tasks import SyncTask, make_task


def in_order(comparison: Comparison, items: Sequence[PlanItem]) -> list[PlanItem]:
    """The items of one application as the operation goes through them: phases, waves, kinds; prunes where they fall.

    A Namespace or a definition that moves ahead of what needs it has the phase and the wave of that.
    """
    prune_last = parse_options(comparison.app.sync_policy.sync_options).prune_last
    tasks = list(_tasks(comparison, items))
    left: dict[ResourceKey, list[PlanItem]] = {}
    for item in items:
        left.setdefault(item.key, []).append(item)
    ordered = [
        replace(_taken(left[task.key], task), wave=task.wave, phase=task.phase.value)
        for task in sort_tasks(reorder_prune_waves(tasks, prune_last=prune_last))
    ]
    return [*ordered, *(item for rest in left.values() for item in rest)]


def hook_key(hook: Object) -> ResourceKey:
    """One that gets its name when it is made is called ``migrate-*``."""
    key = key_of(hook)
    return key if key.name else replace(key, name=f"{(hook.get('metadata') or {}).get('generateName', '')}*")


def _tasks(comparison: Comparison, items: Sequence[PlanItem]) -> Iterator[SyncTask]:
    """One a line, under the line's key."""
    hooks = {hook_key(hook): hook for hook in comparison.targets.hooks}
    objects = {one.key: one for one in comparison.objects}
    for item in items:
        one = None if item.action is ItemAction.HOOK else objects.get(item.key)
        if one is not None and (obj := one.target if one.target is not None else one.live) is not None:
            phase = next(iter(sync_phases(obj)), SyncPhase.SYNC)
            yield replace(make_task(phase, one.target, one.live), key=item.key)
        elif item.key in hooks:
            yield replace(make_task(SyncPhase(item.phase), hooks[item.key], None), key=item.key)


def _taken(items: list[PlanItem], task: SyncTask) -> PlanItem:
    """Takes a task's line out of those of its object; a hook has one a phase."""
    found = next((item for item in items if item.phase == task.phase.value), items[0])
    items.remove(found)
    return found
