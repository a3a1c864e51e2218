"""Operations that somebody asked for through the Application's ``.operation``: ``argocd``, k9s, kubectl, CI.

As Argo CD does it (``appcontroller.go`` processRequestedAppOperation, ``sync.go`` SyncAppState): it stays there while
it runs and goes with the last record; one that cannot be begun ends as Error at once; what a restart left in the
middle goes on; a second one that is put there while the first runs is dropped with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from gitops_tui.engine.assignment import UNDOES, Assignment
from gitops_tui.engine.authority import Authority
from gitops_tui.engine.comparison import Comparison
from gitops_tui.engine.operations import Operations
from gitops_tui.engine.record import Record
from gitops_tui.engine.report import condition_type_of, source_json
from gitops_tui.engine.view import is_orphaned
from gitops_tui.errors import ClusterError, GitOpsError, IgnoreRuleError, InProgressError, InvalidSpecError
from gitops_tui.logs import logger
from gitops_tui.model.application import AppKey
from gitops_tui.model.catalogue import Code
from gitops_tui.model.operation import Operation, OperationState, SyncResult
from gitops_tui.model.status import OperationPhase

CompareFor = Callable[[Record, Operation], Comparison]
"""Compares an application with the cluster at what an operation names."""


class Requested:
    """Begins what ``.operation`` asks for. Runs on the core's thread.

    ``fetch`` resolves the sources anew, ``is_fetching`` says whether that is still going on: a branch is deployed as
    it is when the operation begins, and not as it was when it was looked at last.
    """

    def __init__(
        self,
        operations: Operations,
        authority: Authority,
        clock: Callable[[], datetime],
        compare_for: CompareFor,
        fetch: Callable[[Iterable[AppKey]], None],
        is_fetching: Callable[[AppKey], bool],
    ) -> None:
        self._operations = operations
        self._authority = authority
        self._clock = clock
        self._compare_for = compare_for
        self._fetch = fetch
        self._is_fetching = is_fetching
        self._fetched: dict[AppKey, Mapping[str, Any]] = {}
        """The requests for which the sources were resolved anew."""

    def begin(self, record: Record) -> None:
        """Take up what stands in ``record.state``, where it is ours and nothing runs."""
        asked = record.state.requested
        if asked is None:
            self._fetched.pop(record.key, None)
            return
        if record.run is not None or not self._authority.may_act_on(record.app) or record.managed_by:
            return
        if record.comparison is None and record.error is None and not record.is_reported:
            return  # nothing is known yet
        left = record.state.operation
        if left is not None and not left.phase.is_completed:
            if is_orphaned(record, self._clock()) and UNDOES not in left.operation.info:
                self._begin(record, left.operation, left)
        elif self._is_up_to_date(record, asked):
            self._begin(record, asked, None)

    def _is_up_to_date(self, record: Record, asked: Mapping[str, Any]) -> bool:
        """Whether the sources were resolved since this was asked for; else that is begun.

        They are no matter to what comes with its objects or names the commit.
        """
        sync = asked.get("sync") or {}
        revision = str(sync.get("revision") or "")
        is_pinned = bool(sync.get("manifests")) or (bool(record.pins) and revision == record.pins[0].sha)
        if self._fetched.get(record.key) != asked and not is_pinned:
            self._fetched[record.key] = asked
            self._fetch([record.key])
            return False
        return not self._is_fetching(record.key)

    def _begin(self, record: Record, asked: Operation | Mapping[str, Any], left: OperationState | None) -> None:
        now = self._clock()
        operation = Operation()
        try:
            operation = asked if isinstance(asked, Operation) else parsed(asked)
            comparison = self._compare_for(record, _pinned(operation, left))
            names_none = comparison is record.comparison and not (operation.revision or operation.revisions)
            newest = (lambda: record.comparison) if names_none else None
            assignment = Assignment(comparison, operation, resumed=left, is_requested=True, newest=newest)
            record.run = self._operations.start(assignment, lambda: record.app)
            record.state = self._operations.state_of(record.app)
            record.because(Code.REQUESTED, now, revision=comparison.revision)
        except (ClusterError, InProgressError) as error:
            logger(__name__).warning("the operation asked for on %s is not begun yet: %s", record.key, error)
            record.because(Code.NOT_STARTED, now, item="The Application's .operation", message=str(error))
        except GitOpsError as error:
            record.because(Code.NOT_STARTED, now, item="The Application's .operation", message=str(error))
            self._refuse(record, operation, left, error)

    def _refuse(self, record: Record, operation: Operation, left: OperationState | None, error: GitOpsError) -> None:
        """It ends as Error, with what kept it from beginning."""
        now, app = self._clock(), record.app
        sources = source_json(app)
        is_spec = isinstance(error, InvalidSpecError)
        asked_for = "" if is_spec or app.has_multiple_sources else operation.revision or app.source.target_revision
        if isinstance(error, IgnoreRuleError) and asked_for and record.pins:
            asked_for = record.pins[0].sha  # the sources were read
        result = SyncResult(
            revision=asked_for,
            revisions=operation.revisions,
            source=sources.get("source"),
            sources=tuple(sources.get("sources") or ()),
        )
        is_invalid = isinstance(error, InvalidSpecError) and error.path == "operation"
        words = str(error) if is_invalid else f"{condition_type_of(error)}: {error}"
        begun = left or OperationState(operation, OperationPhase.ERROR, started_at=now, sync_result=result)
        ended = replace(begun, phase=OperationPhase.ERROR, message=words, finished_at=now)
        try:
            self._operations.record_end(record, ended)
        except GitOpsError as failed:
            logger(__name__).warning("the operation asked for on %s is not ended: %s", record.key, failed)


def parsed(asked: Mapping[str, Any]) -> Operation:
    """Raises `InvalidSpecError` where it is no operation."""
    try:
        operation = Operation.from_json(asked)
    except (AttributeError, TypeError, ValueError) as error:
        raise InvalidSpecError(f"Invalid operation request: {error}", path="operation") from error
    if not isinstance(asked.get("sync"), dict):
        raise InvalidSpecError("Invalid operation request: no operation specified", path="operation")
    return operation


def _pinned(operation: Operation, left: OperationState | None) -> Operation:
    """What goes on goes on at the commits with which it began."""
    result = left.sync_result if left is not None else None
    if result is None or not (result.revision or result.revisions):
        return operation
    return replace(operation, revision=result.revision, revisions=result.revisions)
