"""Why an application is in the state in which it is: sentences from what was compared, before the log of decisions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from gitops_tui.model.drift import FieldDrift
from gitops_tui.model.snapshot import AppView, Reason, ResourceView
from gitops_tui.model.status import DriftKind, HealthStatus, SyncStatus

SHOWN = 5


def reasons_of(view: AppView, at: datetime) -> tuple[Reason, ...]:
    """The state first, then what was decided and why, newest first."""
    state = (Reason(code, text, at) for code, text in _state(view))
    return (*state, *view.reasons)


def _state(view: AppView) -> Iterable[tuple[str, str]]:
    for condition in view.conditions:
        yield condition.type, condition.message
    if view.sync is SyncStatus.OUT_OF_SYNC:
        yield from _out_of_sync(view)
    foreign = [(one, drift) for one, drift in view.drift if drift.kind is DriftKind.FOREIGN]
    for one, drift in foreign[:SHOWN]:
        yield "drifted", f"{one.key.short}: {drift.label} is in the cluster and not in Git{_by(drift)}"
    unhealthy = [one for one in view.resources if one.health and one.health.status is view.health.status]
    if view.health.status is not HealthStatus.HEALTHY:
        for one in unhealthy[:SHOWN]:
            message = one.health.message if one.health else ""
            yield "health", f"{view.health.status} because of {one.key.short}{f': {message}' if message else ''}"


def _out_of_sync(view: AppView) -> Iterable[tuple[str, str]]:
    differing = [one for one in view.resources if one.sync is SyncStatus.OUT_OF_SYNC]
    total = sum(1 for one in view.resources if one.sync is not None)
    yield "out-of-sync", f"OutOfSync because {len(differing)} of {total} objects differ from Git"
    for one in differing[:SHOWN]:
        yield "differs", f"{one.key.short} {_difference(one)}"


def _difference(one: ResourceView) -> str:
    if one.requires_pruning:
        return "is in the cluster and not in Git any more"
    if not one.exists:
        return "is in Git and not in the cluster"
    fields = [drift for drift in one.drift if drift.kind is DriftKind.TARGET]
    labels = ", ".join(drift.label for drift in fields[:3]) or "differs"
    more = f" and {len(fields) - 3} more" if len(fields) > 3 else ""
    return f"differs in {labels}{more}{_by(fields[0]) if fields else ''}"


def _by(drift: FieldDrift) -> str:
    if drift.writer is None or not drift.writer.manager:
        return ""
    return f", written by {drift.writer.manager}"
