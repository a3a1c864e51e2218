"""What is waited for, since when and until when: of a running operation, and of one that another instance runs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec.structs import replace

from gitops_tui.engine.state import AppState
from gitops_tui.model.catalogue import Code
from gitops_tui.model.decision import Decision
from gitops_tui.model.facts import FactValue
from gitops_tui.model.operation import OperationState
from gitops_tui.model.snapshot import AppView, Progress
from gitops_tui.model.status import OperationPhase
from gitops_tui.sync.retry import retry_rule


def with_since(progress: Progress, before: Progress, now: datetime) -> Progress:
    """Each wait begins when it is seen first; that its message changes makes it no other wait."""
    known = {(one.code, one.objects): one.since for one in before.waits}
    waits = tuple(replace(one, since=known.get((one.code, one.objects)) or now) for one in progress.waits)
    return replace(progress, waits=waits)


def operation_answers(view: AppView, state: AppState, now: datetime) -> Iterable[Decision]:
    """About the operation that runs, was left behind or failed last."""
    operation = view.operation
    if operation is None:
        return
    if not operation.phase.is_completed:
        yield from _unfinished(view, operation, state, now)
    elif operation.phase is not OperationPhase.SUCCEEDED:
        facts: dict[str, FactValue] = {"phase": operation.phase.value, "message": operation.message}
        yield Decision(Code.OPERATION_FAILED, {**facts, "revision": _revision(operation)}, since=operation.finished_at)


def _unfinished(view: AppView, operation: OperationState, state: AppState, now: datetime) -> Iterable[Decision]:
    owner = state.lease.user if state.lease else ""
    if operation.finished_at is not None:
        yield _retry(operation, operation.finished_at)
    elif view.is_orphaned_operation:
        yield Decision(
            Code.ORPHANED, {"owner": owner or "somebody"}, since=state.lease.expires if state.lease else None
        )
        return
    elif view.progress is not None:
        yield from view.progress.waits
        if not view.progress.waits:
            yield Decision(Code.OPERATION_RUNS, {"message": view.progress.message}, since=operation.started_at)
    else:
        facts = {"owner": owner, "message": operation.message}
        yield Decision(Code.OPERATION_ELSEWHERE, facts, since=operation.started_at)
    if state.lease is not None and view.progress is None and state.lease.expires > now:
        yield Decision(Code.LEASE_ENDS, {"owner": owner}, next_at=state.lease.expires)


def _retry(operation: OperationState, failed_at: datetime) -> Decision:
    """Between two attempts the operation is Running and has an end (semantics 0.5)."""
    rule = retry_rule(operation.operation.retry)
    wait = timedelta(seconds=rule.wait_s(operation.retry_count))
    facts: dict[str, FactValue] = {"attempts": operation.retry_count + 1, "message": operation.message}
    if rule.limit > 0:
        facts["limit"] = rule.limit
    return Decision(Code.RETRY, facts, since=failed_at, next_at=failed_at + wait)


def _revision(operation: OperationState) -> str:
    result = operation.sync_result
    if result is None:
        return operation.operation.revision
    return result.revision or " ".join(result.revisions)
