"""What Argo CD says of an Application that it reconciles, beside our own comparison, and where the two differ; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from gitops_tui.model.operation import Condition, parse_time, resource_from_json
from gitops_tui.model.resource import ResourceKey
from gitops_tui.model.snapshot import AppView, Reported
from gitops_tui.model.status import HealthStatus, SyncStatus

NAMED = 3
"""So many objects are named, the rest is counted."""


def with_reported(view: AppView, status: Mapping[str, Any]) -> AppView:
    """The view with what the Application's own ``status`` says, where somebody else writes that."""
    if not view.managed_by or view.as_reported or not status.get("sync"):
        return view
    sync, health = status.get("sync") or {}, status.get("health") or {}
    told = Reported(
        sync=_enum(SyncStatus, sync.get("status"), SyncStatus.UNKNOWN),
        health=_enum(HealthStatus, health.get("status"), HealthStatus.UNKNOWN),
        revision=str(sync.get("revision") or next(iter(sync.get("revisions") or ()), "")),
        revisions=tuple(map(str, sync.get("revisions") or ())),
        conditions=tuple(Condition.from_json(one) for one in status.get("conditions") or ()),
        reconciled_at=parse_time(status.get("reconciledAt")),
    )
    return replace(view, reported=replace(told, differences=tuple(_differences(view, told, status))))


def _differences(view: AppView, told: Reported, status: Mapping[str, Any]) -> Iterator[str]:
    """A sentence for each, with the reason as far as it can be seen."""
    who = view.managed_by
    theirs_at, ours_at = told.revisions or (told.revision,), view.commits or (view.revision,)
    is_at_same = not (told.revision and view.revision) or theirs_at == ours_at
    if not is_at_same:
        at, git = (", ".join(sha[:7] for sha in shas) for shas in (theirs_at, ours_at))
        yield f"{who} is at {at}, Git at {git}: it has not looked since"
    theirs = {resource_from_json(one): str(one.get("status") or "") for one in status.get("resources") or ()}
    ours = {one.key: one.sync.value if one.sync else "" for one in view.resources}
    # What Git does not have any more may be listed by one and not by the other while it is being deleted.
    wanted = {one.key for one in view.resources if not one.requires_pruning and not one.is_hook}
    if is_at_same:
        yield from _of_objects(who, ours, theirs, wanted)
    if told.sync is not view.sync and is_at_same:
        yield f"{who} says {told.sync.value}, here it is {view.sync.value}"
    if told.health is not view.health.status:
        yield f"{who} says {told.health.value}, here it is {view.health.status.value}: {_health_reason(view, told)}"
    if view.is_drifted and told.sync is SyncStatus.SYNCED:
        yield f"{who} does not count what was added by hand: {len(view.drift)} fields drifted"


def _of_objects(
    who: str, ours: Mapping[ResourceKey, str], theirs: Mapping[ResourceKey, str], wanted: set[ResourceKey]
) -> Iterator[str]:
    only_here = [key for key in wanted if key in theirs and (ours[key], theirs[key]) == ("OutOfSync", "Synced")]
    only_there = [key for key in wanted if key in theirs and (ours[key], theirs[key]) == ("Synced", "OutOfSync")]
    if only_here:
        yield f"OutOfSync here, Synced for {who}: {_named(only_here)}; here the API server's own dry run decides"
    if only_there:
        yield f"Synced here, OutOfSync for {who}: {_named(only_there)}; applying it would change nothing"
    unknown = sorted(key for key in wanted if key not in theirs)
    if unknown:
        yield f"not known to {who}: {_named(unknown)}; other settings of exclusions or rendering"


def _health_reason(view: AppView, told: Reported) -> str:
    if told.reconciled_at is not None and view.compared_at is not None and told.reconciled_at < view.compared_at:
        return f"it was judged there at {told.reconciled_at:%H:%M:%S}, or by checks that are not here"
    return "by checks that are not here"


def _named(keys: list[ResourceKey]) -> str:
    listed = sorted(keys)
    more = f" and {len(listed) - NAMED} more" if len(listed) > NAMED else ""
    return ", ".join(key.short for key in listed[:NAMED]) + more


def _enum(kind: Any, value: object, default: Any) -> Any:
    try:
        return kind(str(value))
    except ValueError:
        return default
