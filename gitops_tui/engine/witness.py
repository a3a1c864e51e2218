"""Told of what the core does; counts it, and has Events written about it. Decides nothing."""

from __future__ import annotations

from gitops_tui.cluster.cache import Changes
from gitops_tui.engine.audit import Audit
from gitops_tui.engine.counted import (
    CLUSTER_EVENTS,
    HEALS,
    RECONCILE,
    SYNC_SECONDS,
    SYNCS,
    app_labels,
    dest_server,
)
from gitops_tui.engine.operation import OperationRun
from gitops_tui.engine.tally import Tally
from gitops_tui.model.application import AppKey, Application
from gitops_tui.model.resource import ResourceKey
from gitops_tui.model.snapshot import AppView
from gitops_tui.model.status import OperationPhase


class Witness:
    """Called on whichever thread it happens; waits for nothing."""

    def __init__(self, audit: Audit, tally: Tally) -> None:
        self._audit = audit
        self._tally = tally

    def began(self, run: OperationRun) -> None:
        self._audit.started(run.app, run.state, run.commits)

    def completed(self, run: OperationRun) -> None:
        """An operation has its last phase. Only what succeeded adds to the seconds, as in Argo CD."""
        app, state = run.app, run.state
        operation = state.operation
        dry_run = str(operation.dry_run).lower()
        self._tally.add(SYNCS, *app_labels(app), dest_server(app), state.phase.value, dry_run)
        if state.phase is OperationPhase.SUCCEEDED and state.started_at and state.finished_at:
            seconds = (state.finished_at - state.started_at).total_seconds()
            self._tally.add(SYNC_SECONDS, *app_labels(app), dest_server(app), by=max(0.0, seconds))
        if operation.self_heal_attempts or run.is_undoing:
            by = "automation" if operation.initiated_by.automated else "person"
            self._tally.add(HEALS, *app_labels(app), state.phase.value, by)
        self._audit.ended(app, state)

    def acted(self, app: Application, who: str, action: str, key: ResourceKey) -> None:
        self._audit.acted(app, who, action, key)

    def compared(self, app: Application, seconds: float) -> None:
        self._tally.observe(RECONCILE, seconds, app.namespace, dest_server(app))

    def published(self, view: AppView) -> None:
        """Of an Application that we reconcile."""
        self._audit.status(view)

    def changed(self, server: str, changes: Changes) -> None:
        for change in changes:
            self._tally.add(CLUSTER_EVENTS, server, change.key.group, change.key.kind)

    def gone(self, key: AppKey) -> None:
        self._audit.forget(key)
        self._tally.forget(key.namespace, key.name)
