"""What an operation leaves behind: its result in ``status.operationState``, and its entry in the history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from gitops_tui.engine.report import source_json
from gitops_tui.engine.sources import SourceAt
from gitops_tui.model.application import Application
from gitops_tui.model.operation import HistoryEntry, OperationState, ResourceResult, SyncResult
from gitops_tui.model.status import OperationPhase
from gitops_tui.sync.machine import SyncState
from gitops_tui.sync.managed_namespace import metadata_json


def sync_result(app: Application, pins: Sequence[SourceAt], resources: tuple[ResourceResult, ...]) -> SyncResult:
    """``pins`` empty: a window keeps the commits from being chosen."""
    sources = source_json(app)
    return SyncResult(
        revision=_revision(app, pins),
        revisions=_revisions(app, pins),
        source=sources.get("source"),
        sources=tuple(sources.get("sources") or ()),
        resources=resources,
        managed_namespace_metadata=metadata_json(app.sync_policy.managed_namespace_metadata),
    )


def history_entry(
    app: Application, pins: Sequence[SourceAt], state: OperationState, finished: datetime
) -> HistoryEntry | None:
    """None unless everything was deployed. Its number is given where it is written."""
    operation = state.operation
    if state.phase is not OperationPhase.SUCCEEDED or operation.dry_run or operation.resources:
        return None
    sources = source_json(app)
    return HistoryEntry(
        id=0,
        revision=_revision(app, pins),
        revisions=_revisions(app, pins),
        deployed_at=finished,
        deploy_started_at=state.started_at,
        source=sources.get("source"),
        sources=tuple(sources.get("sources") or ()),
        initiated_by=operation.initiated_by,
    )


def hooks_of(state: OperationState) -> tuple[ResourceResult, ...]:
    """What ran as a hook: whoever resumes the operation must not run it again, so it is recorded at once."""
    results = state.sync_result.resources if state.sync_result is not None else ()
    return tuple(one for one in results if one.hook_type)


def last_words(state: OperationState, sync: SyncState, is_terminated: bool) -> str:
    """A failure says how often it was tried again."""
    is_retried = state.retry_count > 0 and sync.phase is not OperationPhase.SUCCEEDED and not is_terminated
    return f"{sync.message} (retried {state.retry_count} times)." if is_retried else sync.message


def not_retried(sync: SyncState, problem: str) -> SyncState:
    """The end of an operation whose retry rule cannot be read (Argo CD ``processRequestedAppOperation``)."""
    return replace(sync, phase=OperationPhase.ERROR, message=f"{sync.message} (failed to retry: {problem})")


def _revision(app: Application, pins: Sequence[SourceAt]) -> str:
    return "" if app.has_multiple_sources or not pins else pins[0].sha


def _revisions(app: Application, pins: Sequence[SourceAt]) -> tuple[str, ...]:
    return tuple(pin.sha for pin in pins) if app.has_multiple_sources else ()
