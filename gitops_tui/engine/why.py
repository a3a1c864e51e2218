"""Why an application is in the state in which it is: answers from what was compared, then what automation decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from gitops_tui.engine.state import AppState
from gitops_tui.engine.waiting import operation_answers
from gitops_tui.engine.why_object import last_write, writers_of
from gitops_tui.model.catalogue import Code
from gitops_tui.model.decision import Decision
from gitops_tui.model.drift import is_changed_by_hand
from gitops_tui.model.facts import FactValue
from gitops_tui.model.snapshot import AppView, Hold, ResourceView, TroubleKind
from gitops_tui.model.status import DriftKind, HealthStatus, SyncStatus

ABOUT: Mapping[TroubleKind, tuple[Code, ...]] = {
    TroubleKind.DRIFTED: (Code.DRIFTED, Code.DIFFERS, Code.MISSING),
    TroubleKind.DEGRADED: (Code.HEALTH,),
    TroubleKind.FAILED: (Code.OPERATION_FAILED,),
    TroubleKind.ERROR: (Code.CONDITION,),
    TroubleKind.OUT_OF_SYNC: (Code.OUT_OF_SYNC,),
    TroubleKind.PROGRESSING: (Code.HEALTH,),
    TroubleKind.SUSPENDED: (Code.HEALTH,),
    TroubleKind.MISSING: (Code.HEALTH, Code.MISSING),
    TroubleKind.UNKNOWN: (Code.HEALTH, Code.RESTRICTED),
}
"""By the headline: the answers that say the same at length. They come first."""


def answers_of(view: AppView, state: AppState, decided: tuple[Decision, ...], now: datetime) -> tuple[Decision, ...]:
    """What the headline says first; then the rest of the state, the operation, and what automation decided.

    Complete: each object that is not as it should be is in it. ``decided`` is by whoever decides (`Record.answers`).
    """
    first = ABOUT.get(view.trouble.kind, ())
    found = (*_state(view), *operation_answers(view, state, now))
    ordered = sorted(found, key=lambda one: first.index(one.code) if one.code in first else len(first))
    return (*ordered, *decided, *_hold(view, decided), *(one for resource in view.resources for one in resource.why))


def _state(view: AppView) -> Iterable[Decision]:
    for condition in view.conditions:
        facts = {"condition": condition.type, "message": condition.message}
        yield Decision(Code.CONDITION, facts, since=condition.last_transition_time)
    if view.sync is SyncStatus.OUT_OF_SYNC:
        yield from _out_of_sync(view)
    for one in view.resources:
        foreign = [drift for drift in one.drift if drift.kind is DriftKind.FOREIGN]
        if foreign:
            facts_of = {"fields": tuple(drift.label for drift in foreign), **writers_of(foreign)}
            yield Decision(Code.DRIFTED, facts_of, (one.key,), since=last_write(foreign))
    if view.health.status is not HealthStatus.HEALTHY:
        yield from _health(view)


def _health(view: AppView) -> Iterable[Decision]:
    health = view.health
    unhealthy = [one for one in view.resources if one.health and one.health.status is health.status]
    for one in unhealthy:
        own = one.health.message if one.health else ""
        facts = {"health": health.status.value, "message": _cause(view, one) or own, "reason": own}
        yield Decision(Code.HEALTH, facts, (one.key,))


def _cause(view: AppView, one: ResourceView) -> str:
    """What the headline knows of this object: what its pods suffer from says more than its own message."""
    return view.trouble.what.removeprefix(f"{one.key.short}: ") if view.trouble.what.startswith(one.key.short) else ""


def _out_of_sync(view: AppView) -> Iterable[Decision]:
    differing = [one for one in view.resources if one.sync is SyncStatus.OUT_OF_SYNC]
    if not differing:
        yield Decision(Code.NAMESPACE_METADATA)
        return
    total = sum(1 for one in view.resources if one.sync is not None)
    yield Decision(Code.OUT_OF_SYNC, {"count": len(differing), "total": total})
    for one in differing:
        yield _difference(one)


def _difference(one: ResourceView) -> Decision:
    if one.requires_pruning:
        return Decision(Code.TO_PRUNE, objects=(one.key,))
    if not one.exists:
        return Decision(Code.MISSING, objects=(one.key,))
    fields = [drift for drift in one.drift if drift.kind is DriftKind.TARGET]
    facts = {"fields": tuple(drift.label for drift in fields), **writers_of(fields)}
    by_hand = [drift for drift in fields if is_changed_by_hand(drift, is_at_deployed=False)]
    return Decision(Code.DIFFERS, facts, (one.key,), since=last_write(by_hand))


def _hold(view: AppView, decided: tuple[Decision, ...]) -> Iterable[Decision]:
    """A hold is told whoever acts, and when it ends."""
    if view.hold is None:
        return
    if all(one.code is not Code.HELD for one in decided):
        yield held_by(view.hold)
    if view.hold.expires is not None:
        yield Decision(Code.HOLD_ENDS, {"owner": view.hold.owner}, next_at=view.hold.expires)


def held_by(hold: Hold) -> Decision:
    facts: dict[str, FactValue] = {"owner": hold.owner, "reason": hold.reason}
    return Decision(Code.HELD, facts, since=hold.since)
