"""Whether automation starts an operation, and if not, why (Argo CD ``autoSync``, semantics 1.9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from gitops_tui.model.application import Application
from gitops_tui.model.catalogue import Code
from gitops_tui.model.decision import Decision
from gitops_tui.model.facts import FactValue
from gitops_tui.model.operation import Condition, InitiatedBy, Operation, OperationState, SyncResult
from gitops_tui.model.resource import ResourceKey
from gitops_tui.model.status import ConditionType, OperationPhase, SyncStatus
from gitops_tui.sync.brakes import automatic_prune_needs_approval, wipes_everything
from gitops_tui.sync.retry import AUTOMATED_LIMIT, SelfHealBackoff


class Candidate(Struct, frozen=True):
    """One compared object."""

    key: ResourceKey
    sync: SyncStatus
    requires_pruning: bool = False
    is_going: bool = False
    """It is to be pruned, and the cluster is deleting it already."""


class Situation(Struct, frozen=True):
    """All that the decision rests on. ``revisions``: the commit of each source, in the order of the sources."""

    app: Application
    sync: SyncStatus
    resources: tuple[Candidate, ...]
    revisions: tuple[str, ...]
    now: datetime
    operation: OperationState | None = None
    is_in_progress: bool = False
    new_revision_has_changes: bool = True
    backoff: SelfHealBackoff = SelfHealBackoff()
    guards_prune: bool = False
    is_prune_approved: bool = False


class Verdict(Struct, frozen=True):
    """``operation`` None: nothing starts now; ``wait_s`` not None: look again after that."""

    decision: Decision
    operation: Operation | None = None
    condition: Condition | None = None
    wait_s: float | None = None

    @property
    def code(self) -> Code:
        return self.decision.code


def decide(at: Situation) -> Verdict:
    """The rules in Argo CD's order; the guard of a dangerous prune comes last, just before the start."""
    stopped = _stopped(at)
    if stopped is not None:
        return stopped
    if not already_attempted(at.app, at.operation, at.revisions, at.new_revision_has_changes):
        return _guarded(at, _operation(at), Decision(Code.STARTED, {"revision": _joined(at)}))
    return _again(at)


def due(verdict: Verdict) -> Decision:
    """What the rules say where nobody may act on it: what would start is due, all else is as it is."""
    decision = verdict.decision
    if decision.code is Code.STARTED:
        return replace(decision, code=Code.SYNC_DUE)
    return replace(decision, code=Code.HEAL_DUE) if decision.code is Code.HEALING else decision


def _stopped(at: Situation) -> Verdict | None:
    automated = at.app.sync_policy.automated
    if automated is None or not automated.enabled:
        return Verdict(Decision(Code.AUTOMATION_OFF))
    if at.is_in_progress:
        return Verdict(Decision(Code.IN_PROGRESS))
    if at.app.deletion_timestamp:
        return Verdict(Decision(Code.DELETING))
    if at.sync is not SyncStatus.OUT_OF_SYNC:
        return Verdict(Decision(Code.NOT_OUT_OF_SYNC, {"sync": at.sync.value}))
    changed = [one for one in at.resources if one.sync is not SyncStatus.SYNCED]
    if not automated.prune and all(one.requires_pruning for one in changed):
        return Verdict(_only_prunes(tuple(one.key for one in changed)))
    return None


def _only_prunes(keys: tuple[ResourceKey, ...]) -> Decision:
    """Also where not even a prune is needed: what differs is the metadata of the destination namespace."""
    return Decision(Code.PRUNE_OFF, objects=keys) if keys else Decision(Code.NO_OBJECT_DIFFERS)


def _again(at: Situation) -> Verdict:
    """This revision was tried: only self-heal goes on, and only after a success."""
    assert at.operation is not None and at.app.sync_policy.automated is not None
    if at.operation.phase is not OperationPhase.SUCCEEDED:
        text = f"Failed last sync attempt to {_words(at.revisions)}: {at.operation.message}"
        return Verdict(_failed_before(at, at.operation), condition=_condition(ConditionType.SYNC_ERROR, text))
    if not at.app.sync_policy.automated.self_heal:
        return Verdict(Decision(Code.SELF_HEAL_OFF, {"revision": _joined(at)}))
    attempts = at.operation.operation.self_heal_attempts
    changed = [one for one in at.resources if one.sync is not SyncStatus.SYNCED]
    drifted = tuple(one.key for one in changed)
    if changed and all(one.is_going for one in changed):
        return Verdict(Decision(Code.GOING, objects=drifted))
    remaining = at.backoff.remaining_s(attempts, at.operation.finished_at, at.now)
    if remaining > 0:
        next_at = at.now + timedelta(seconds=remaining)
        facts: dict[str, FactValue] = {"attempts": attempts, "revision": _joined(at), "count": len(drifted)}
        return Verdict(Decision(Code.BACKING_OFF, facts, drifted, next_at=next_at), wait_s=remaining)
    operation = _operation(at, resources=drifted, attempts=attempts + 1)
    return _guarded(at, operation, Decision(Code.HEALING, {"revision": _joined(at), "attempts": attempts + 1}, drifted))


def _failed_before(at: Situation, operation: OperationState) -> Decision:
    facts: dict[str, FactValue] = {
        "revision": _joined(at),
        "message": operation.message,
        "phase": operation.phase.value,
    }
    if operation.finished_at is not None:
        facts["failed_at"] = operation.finished_at
    return Decision(Code.FAILED_BEFORE, facts, since=operation.finished_at)


def _guarded(at: Situation, operation: Operation, begun: Decision) -> Verdict:
    automated = at.app.sync_policy.automated
    prunes = [one.key for one in at.resources if one.requires_pruning]
    if automated is None or not automated.prune:
        return Verdict(begun, operation)
    if wipes_everything(len(prunes), len(at.resources)) and not automated.allow_empty:
        words = f"Skipping sync attempt to {_words(at.revisions)}: auto-sync will wipe out all resources"
        decision = Decision(Code.WOULD_WIPE_OUT, {"revision": _joined(at)}, tuple(prunes))
        return Verdict(decision, condition=_condition(ConditionType.SYNC_ERROR, words))
    reason = automatic_prune_needs_approval(prunes, len(at.resources)) if at.guards_prune else ""
    if reason and not at.is_prune_approved:
        words = f"The automated prune waits for approval: {reason}. Sync it by hand with prune to approve."
        condition = _condition(ConditionType.PRUNE_APPROVAL_NEEDED, words)
        decision = Decision(Code.PRUNE_NEEDS_APPROVAL, {"revision": _joined(at), "reason": reason}, tuple(prunes))
        return Verdict(decision, condition=condition)
    return Verdict(begun, operation)


def _operation(at: Situation, *, resources: tuple[ResourceKey, ...] = (), attempts: int = 0) -> Operation:
    spec: Mapping[str, Any] = at.app.raw.get("spec") or {}
    policy: Mapping[str, Any] = spec.get("syncPolicy") or {}
    multiple = at.app.has_multiple_sources
    automated = at.app.sync_policy.automated
    retry: Mapping[str, Any] | None = policy.get("retry")
    return Operation(
        revision="" if multiple else _first(at.revisions),
        revisions=at.revisions if multiple else (),
        prune=automated.prune if automated else False,
        resources=resources,
        sync_options=at.app.sync_policy.sync_options,
        self_heal_attempts=attempts,
        initiated_by=InitiatedBy(automated=True),
        retry={"limit": AUTOMATED_LIMIT} if retry is None else retry,
        source=None if multiple else spec.get("source"),
        sources=tuple(spec.get("sources") or ()) if multiple else (),
    )


def already_attempted(
    app: Application, operation: OperationState | None, revisions: Sequence[str], new_revision_has_changes: bool = True
) -> bool:
    """Whether this desired state was tried before: the same commits of the same sources."""
    result = operation.sync_result if operation else None
    if result is None:
        return False
    if new_revision_has_changes and attempted_revisions(app, result) != tuple(revisions):
        return False
    spec: Mapping[str, Any] = app.raw.get("spec") or {}
    if app.has_multiple_sources:
        tried = [_without_empty(one) for one in result.sources]
        return tried == [_without_empty(one) for one in spec.get("sources") or ()]
    return bool(_without_empty(result.source) == _without_empty(spec.get("source")))


def attempted_revisions(app: Application, result: SyncResult) -> tuple[str, ...]:
    return result.revisions if app.has_multiple_sources else (result.revision,)


def _without_empty(value: Any) -> Any:
    """As Go writes it: what is empty is not there."""
    if isinstance(value, Mapping):
        kept = {key: _without_empty(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item not in (None, "", False, 0, [], {})}
    return [_without_empty(item) for item in value] if isinstance(value, list) else value


def _first(revisions: Sequence[str]) -> str:
    return revisions[0] if revisions else ""


def _joined(at: Situation) -> str:
    """The revision as a fact: of several sources all of them."""
    return " ".join(at.revisions)


def _words(revisions: Sequence[str]) -> str:
    return f"[{' '.join(revisions)}]"


def _condition(kind: ConditionType, text: str) -> Condition:
    return Condition(kind.value, text)
