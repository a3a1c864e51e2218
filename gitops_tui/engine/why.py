"""Why an application is in the state in which it is: answers from what was compared, then what automation decided."""

from __future__ import annotations

from collections.abc import Iterable

from gitops_tui.model.catalogue import Code
from gitops_tui.model.decision import Decision
from gitops_tui.model.drift import FieldDrift
from gitops_tui.model.facts import FactValue
from gitops_tui.model.snapshot import AppView, Hold, ResourceView
from gitops_tui.model.status import DriftKind, HealthStatus, SyncStatus

SHOWN = 5


def answers_of(view: AppView, decided: tuple[Decision, ...]) -> tuple[Decision, ...]:
    """The state first, then why automation does something or nothing about it."""
    return (*_state(view), *decided)


def _state(view: AppView) -> Iterable[Decision]:
    for condition in view.conditions:
        facts = {"condition": condition.type, "message": condition.message}
        yield Decision(Code.CONDITION, facts, since=condition.last_transition_time)
    if view.sync is SyncStatus.OUT_OF_SYNC:
        yield from _out_of_sync(view)
    foreign = [(one, drift) for one, drift in view.drift if drift.kind is DriftKind.FOREIGN]
    for one, drift in foreign[:SHOWN]:
        yield Decision(Code.DRIFTED, {"fields": (drift.label,), **_by(drift)}, (one.key,))
    if view.health.status is not HealthStatus.HEALTHY:
        unhealthy = [one for one in view.resources if one.health and one.health.status is view.health.status]
        for one in unhealthy[:SHOWN]:
            message = one.health.message if one.health else ""
            yield Decision(Code.HEALTH, {"health": view.health.status.value, "message": message}, (one.key,))


def _out_of_sync(view: AppView) -> Iterable[Decision]:
    differing = [one for one in view.resources if one.sync is SyncStatus.OUT_OF_SYNC]
    total = sum(1 for one in view.resources if one.sync is not None)
    yield Decision(Code.OUT_OF_SYNC, {"count": len(differing), "total": total})
    for one in differing[:SHOWN]:
        yield _difference(one)


def _difference(one: ResourceView) -> Decision:
    if one.requires_pruning:
        return Decision(Code.TO_PRUNE, objects=(one.key,))
    if not one.exists:
        return Decision(Code.MISSING, objects=(one.key,))
    fields = [drift for drift in one.drift if drift.kind is DriftKind.TARGET]
    labels = tuple(drift.label for drift in fields)
    return Decision(Code.DIFFERS, {"fields": labels, **(_by(fields[0]) if fields else {})}, (one.key,))


def _by(drift: FieldDrift) -> dict[str, FactValue]:
    return {"writer": drift.writer.manager} if drift.writer is not None and drift.writer.manager else {}


def held_by(hold: Hold) -> Decision:
    facts: dict[str, FactValue] = {"owner": hold.owner, "reason": hold.reason}
    return Decision(Code.HELD, facts, since=hold.since, next_at=hold.expires)
