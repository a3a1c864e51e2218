"""What the objects of an application make of it as a whole: its sync status, its health, its conditions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec.structs import replace

from gitops_tui.engine.comparison import ComparedObject, Comparison, app_instance
from gitops_tui.engine.projects import Permits
from gitops_tui.engine.session import Session
from gitops_tui.engine.targets import TargetSet
from gitops_tui.engine.why_object import IGNORE_EXTRANEOUS
from gitops_tui.errors import GitOpsError
from gitops_tui.health.aggregate import APPLICATION, Judged, application_health
from gitops_tui.model.annotations import COMPARE_OPTIONS, IGNORE_HEALTHCHECK
from gitops_tui.model.application import Application
from gitops_tui.model.operation import Condition
from gitops_tui.model.resource import ResourceKey, annotations_of
from gitops_tui.model.status import ConditionType, Health, SyncStatus
from gitops_tui.sync.csv import has
from gitops_tui.sync.hooks import is_ignored
from gitops_tui.sync.tracking import Tracking, app_of, is_self_referenced


def sync_status(objects: Iterable[ComparedObject]) -> SyncStatus:
    """Any object that counts OutOfSync makes the application so (semantics 1.6, last row)."""
    counted = [one.view.sync for one in objects if not _is_ignored_extra(one)]
    if SyncStatus.OUT_OF_SYNC in counted:
        return SyncStatus.OUT_OF_SYNC
    return SyncStatus.UNKNOWN if SyncStatus.UNKNOWN in counted else SyncStatus.SYNCED


def _is_ignored_extra(one: ComparedObject) -> bool:
    if one.target is not None:
        return False
    return has(one.live, COMPARE_OPTIONS, IGNORE_EXTRANEOUS)


def health_of(app: Application, objects: Iterable[ComparedObject]) -> Health:
    """An Application that is among its own objects does not count in its own health, as in Argo CD."""
    itself = ResourceKey(APPLICATION.group, APPLICATION.kind, app.namespace, app.name)
    return application_health(
        Judged(
            key=one.key,
            health=one.view.health,
            is_live=one.view.exists,
            is_left_out=not one.is_managed or is_ignored(one.target or one.live or {}),
            is_ignored=one.key == itself or annotations_of(one.live or {}).get(IGNORE_HEALTHCHECK) == "true",
        )
        for one in objects
    )


def judged_by_project(one: ComparedObject, permits: Permits, session: Session) -> ComparedObject:
    """A kind that the project does not permit has no status of its own, however it compares (semantics 1.6)."""
    is_namespaced = session.is_namespaced(one.key.group, one.key.kind) is True
    if permits.has_kind(one.key, is_namespaced=is_namespaced):
        return one
    words = permits.why_not(one.key, is_namespaced=is_namespaced)
    return replace(one, view=replace(one.view, sync=SyncStatus.UNKNOWN, message=words))


def without_verdict(comparison: Comparison, why: GitOpsError) -> Comparison:
    """What was compared without a rule that nobody can read: what was to be ignored would be undone, so that nothing
    can be said (Argo CD ``CompareAppState`` where ``StateDiffs`` fails).
    """
    unknown = tuple(replace(one, view=replace(one.view, sync=SyncStatus.UNKNOWN)) for one in comparison.objects)
    condition = Condition(ConditionType.COMPARISON_ERROR, why.with_hint, comparison.at)
    rest = (one for one in comparison.conditions if one.type != ConditionType.IGNORE_DIFFERENCES_WARNING)
    return replace(comparison, objects=unknown, sync=SyncStatus.UNKNOWN, conditions=(condition, *rest), refusal=why)


def conditions_of(
    app: Application, targets: TargetSet, objects: Sequence[ComparedObject], tracking: Tracking, now: datetime
) -> Iterable[Condition]:
    """The targets' own, then what the objects tell; in the order in which they are shown."""
    for condition in targets.conditions:
        yield replace(condition, last_transition_time=now)
    yield from _shared(app, app_instance(app, targets), objects, tracking, now)
    restricted = sorted({str(one.key.group_kind) for one in objects if one.view.is_restricted})
    if restricted:
        message = f"{', '.join(restricted)} may not be read: nothing of it is judged or pruned"
        yield Condition(ConditionType.RESTRICTED_WARNING, message, now)
    failing = sorted({f"{one.key.group_kind} {one.view.message}" for one in objects if one.view.is_failing})
    if failing:
        yield Condition(ConditionType.COMPARISON_ERROR, f"Failed to load live state: {'; '.join(failing)}", now)
    for problem, keys in _by_problem(objects).items():
        yield Condition(ConditionType.IGNORE_DIFFERENCES_WARNING, f"{problem} ({_named(keys)})", now)


def _shared(
    app: Application, instance: str, objects: Sequence[ComparedObject], tracking: Tracking, now: datetime
) -> Iterable[Condition]:
    """Objects of ours that carry another application's tracking."""
    for one in objects:
        owner = app_of(one.live, tracking) if one.live is not None and one.target is not None else ""
        if owner not in ("", instance) and is_self_referenced(one.live or {}, None, tracking):
            message = f"{one.key.short} is part of applications {app.name} and {owner}"
            yield Condition(ConditionType.SHARED_RESOURCE_WARNING, message, now)


def _by_problem(objects: Iterable[ComparedObject]) -> dict[str, list[ResourceKey]]:
    found: dict[str, list[ResourceKey]] = {}
    for one in objects:
        for problem in one.problems:
            found.setdefault(problem, []).append(one.key)
    return found


def _named(keys: Sequence[ResourceKey]) -> str:
    more = f" and {len(keys) - 1} more" if len(keys) > 1 else ""
    return f"{keys[0].short}{more}"
