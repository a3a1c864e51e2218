"""Operations that somebody asked for through the Application's ``.operation``: ``argocd``, k9s, kubectl, CI."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from gitops_tui.engine.assignment import Assignment
from gitops_tui.engine.authority import Authority
from gitops_tui.engine.compare import Comparison
from gitops_tui.engine.operations import APPLICATION, Operations
from gitops_tui.engine.record import Record
from gitops_tui.engine.session import Session
from gitops_tui.errors import ClusterError, GitOpsError, InvalidSpecError
from gitops_tui.logs import logger
from gitops_tui.model.application import Application
from gitops_tui.model.catalogue import Code
from gitops_tui.model.operation import Operation
from gitops_tui.model.resource import Object

CompareFor = Callable[[Record, Operation], Comparison]
"""Compares an application with the cluster at what an operation names."""


class Requested:
    """Takes ``.operation`` off the Application and begins it. Runs on the core's thread."""

    def __init__(
        self,
        home: Session,
        operations: Operations,
        authority: Authority,
        clock: Callable[[], datetime],
        compare_for: CompareFor,
    ) -> None:
        self._home = home
        self._operations = operations
        self._authority = authority
        self._clock = clock
        self._compare_for = compare_for
        self._taken: dict[str, str] = {}

    def begin(self, record: Record) -> None:
        asked = record.app.raw.get("operation")
        if not isinstance(asked, dict) or not self._is_ours(record) or self._is_taken(record.app):
            return
        now = self._clock()
        try:
            operation = _parsed(asked)
            self._take(record.app)
            comparison = self._compare_for(record, operation)
            record.run = self._operations.start(Assignment(comparison, operation), lambda: record.app)
            record.state = self._operations.state_of(record.app)
            record.because(Code.REQUESTED, now, revision=comparison.revision)
        except GitOpsError as error:
            logger(__name__).warning("the operation asked for on %s is not begun: %s", record.key, error)
            record.because(Code.NOT_STARTED, now, item="The Application's .operation", message=str(error))

    def _is_ours(self, record: Record) -> bool:
        last = record.state.operation
        is_free = record.run is None and (last is None or last.phase.is_completed)
        can_run = record.comparison is not None and is_free and not record.managed_by
        return can_run and self._authority.is_leading and record.app.origin.in_cluster

    def _is_taken(self, app: Application) -> bool:
        """The watch may still hold what was taken off already."""
        return self._taken.get(app.uid) == app.resource_version

    def _take(self, app: Application) -> None:
        resource = self._home.discovery.find(*APPLICATION)
        if resource is None or self._home.writer is None:
            raise ClusterError("Applications cannot be written")
        self._taken[app.uid] = app.resource_version
        patch: Object = {"operation": None, "metadata": {"resourceVersion": app.resource_version}}
        taken = self._home.writer.merge_patch(resource, app.namespace, app.name, patch)
        self._operations.remember(app, taken)


def _parsed(asked: Object) -> Operation:
    """Raises `InvalidSpecError` where it is no operation; it stays where it is then."""
    try:
        return Operation.from_json(asked)
    except (AttributeError, TypeError, ValueError) as error:
        raise InvalidSpecError(f"is no operation: {error}", path="operation") from error
