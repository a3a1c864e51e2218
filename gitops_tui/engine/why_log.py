"""The log that an application's status tells: deployments, the last operation and standing conditions.

It is all that is known of what other instances decided, and of what this one decided before it began.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gitops_tui.engine.state import AppState
from gitops_tui.model.catalogue import Code
from gitops_tui.model.decision import LOG_LENGTH, Decision, Logged
from gitops_tui.model.facts import FactValue
from gitops_tui.model.operation import InitiatedBy
from gitops_tui.model.status import OperationPhase

AUTOMATION = "automation"


def whole_log(own: Iterable[Logged], state: AppState) -> tuple[Logged, ...]:
    """Newest first, at most `LOG_LENGTH`: what was decided here, and what is recorded."""
    entries = sorted((*own, *recorded(state)), key=lambda one: one.last_at, reverse=True)
    return tuple(entries[:LOG_LENGTH])


def recorded(state: AppState) -> Iterator[Logged]:
    for entry in state.history:
        if entry.deployed_at is not None:
            facts = {"revision": entry.revision or " ".join(entry.revisions), **_owner(entry.initiated_by)}
            yield Logged(Decision(Code.DEPLOYED, facts), entry.deployed_at, entry.deployed_at)
    last = state.operation
    if last is not None and last.finished_at is not None and last.phase.is_completed:
        told: dict[str, FactValue] = {"phase": last.phase.value, "message": last.message}
        if last.phase is not OperationPhase.SUCCEEDED or last.operation.resources:
            decision = Decision(Code.OPERATION_ENDED, {**told, **_owner(last.operation.initiated_by)})
            yield Logged(decision, last.finished_at, last.finished_at)
    for condition in state.conditions:
        if condition.last_transition_time is not None:
            facts = {"condition": condition.type, "message": condition.message}
            at = condition.last_transition_time
            yield Logged(Decision(Code.CONDITION, facts), at, at)


def _owner(by: InitiatedBy) -> dict[str, FactValue]:
    owner = AUTOMATION if by.automated else by.username
    return {"owner": owner} if owner else {}
