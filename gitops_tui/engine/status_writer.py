"""Writes what was found into the Application's own status, in Argo CD's shape: for kubectl, k9s and dashboards.

Only an instance that reconciles does it, or one that has just synced by hand where nobody reconciles; and only when
something moved: an unchanged status is no request, and times that mark transitions stay.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from gitops_tui.actions.patch import merge_patch_between
from gitops_tui.engine.authority import Authority
from gitops_tui.engine.comparison import Comparison
from gitops_tui.engine.operations import APPLICATION
from gitops_tui.engine.pace import Pace
from gitops_tui.engine.pool import Pool
from gitops_tui.engine.record import Record
from gitops_tui.engine.refreshing import Refreshes
from gitops_tui.engine.report import status_json
from gitops_tui.engine.schedule import Schedule
from gitops_tui.engine.session import Session
from gitops_tui.engine.summary import summary_of
from gitops_tui.engine.tree import descendants
from gitops_tui.errors import ClusterError
from gitops_tui.logs import logger
from gitops_tui.model.application import AppKey, Application
from gitops_tui.model.operation import OperationState
from gitops_tui.model.resource import Object, ResourceKey, metadata_of
from gitops_tui.model.snapshot import AppView
from gitops_tui.model.status import SyncStatus

AT_MOST_EVERY_S = 0.25
STARTING_S = 10.0
"""An operation that is about to begin writes soon; for so long at most what is found before waits for that."""
RUNNING_S = 5.0
"""While an operation runs it tells itself how far it is: what its objects are like is told less often."""
ENDED_S = 1.0
"""After an operation what it brought about moves for a moment more: one write for all of it."""
SETTLED = timedelta(minutes=5)
"""After its own sync an observer tells for so long what comes of it."""
OPERATION = ("operationState", "history")
"""Written by the operation itself."""


class _Due(Struct, frozen=True):
    """A status that is about to be written; since when something of it has moved."""

    since: datetime
    record: Record
    view: AppView


class StatusWriter:
    """`write_soon` and `takes_refresh` are called on the core's thread; requests go out on the pool."""

    def __init__(
        self,
        home: Session,
        authority: Authority,
        schedule: Schedule,
        pool: Pool,
        namespace: str,
        without_targets: Callable[[Record], Comparison | None],
        is_starting: Callable[[AppKey], bool],
        was_ours: Callable[[AppKey, OperationState], bool],
        clock: Callable[[], datetime],
    ) -> None:
        """``was_ours``: whether this instance ran an operation."""
        self._home = home
        self._authority = authority
        self._schedule = schedule
        self._pool = pool
        self._namespace = namespace
        self._without_targets = without_targets
        self._is_starting = is_starting
        self._was_ours = was_ours
        self._clock = clock
        self._in_flight: set[AppKey] = set()
        self._due: dict[AppKey, _Due] = {}
        self._paces: dict[AppKey, Pace] = defaultdict(Pace)
        self._refreshes = Refreshes()
        self._told: dict[AppKey, datetime | None] = {}
        """The end of the operation whose outcome went out: whoever waits for it is not kept by a slow server."""
        self._written: dict[AppKey, Object] = {}
        """Our last answers: the watch may be behind."""

    def write_soon(self, record: Record, view: AppView) -> None:
        if not self._may_tell(record) or record.managed_by or view.is_loading or record.is_reported:
            return
        before = self._due.get(view.key)
        self._due[view.key] = _Due(before.since if before else self._clock(), record, view)
        delay_s = max(AT_MOST_EVERY_S, self._rest_s(record))
        self._schedule.put(("status", view.key), lambda: self._write(record, view), delay_s)

    def flush(self, timeout_s: float) -> None:
        """At the end what is due is written at once: nobody comes back to it. After the core's thread has ended."""
        if self._home.cache.stale_since is not None:
            return
        due, self._due = self._due, {}
        sent = [self._sent(one.record, one.view) for key, one in due.items() if key not in self._in_flight]
        wait([future for future in sent if future is not None], timeout_s)

    def takes_refresh(self, app: Application) -> bool:
        """Whether a ``refresh`` annotation is ours to obey now. It is taken off with the status that comes of it."""
        if not self._may_write(app) or self._authority.managed_by(app):
            return False
        return self._refreshes.take(app)

    def refreshed(self, key: AppKey) -> None:
        """All that was asked for is compared, and its status will be written if it is another one."""
        if self._refreshes.done(key):
            self._schedule.put(("refreshed", key), lambda: self._take_off(key), 2 * AT_MOST_EVERY_S)

    def forget(self, key: AppKey) -> None:
        self._refreshes.forget(key)
        self._written.pop(key, None)
        self._told.pop(key, None)
        self._paces.pop(key, None)

    def _take_off(self, key: AppKey) -> None:
        """Where no status was written with it: nothing moved, or it is not ours to write."""
        if key in self._in_flight or key in self._due:
            self._schedule.put(("refreshed", key), lambda: self._take_off(key), AT_MOST_EVERY_S)
            return
        live = self._home.cache.get(ResourceKey(*APPLICATION, key.namespace, key.name))
        patch = self._refreshes.taken_off(key, live) if live is not None else {}
        if patch:
            self._in_flight.add(key)
            self._pool.submit(lambda: self._send(key, patch))

    def _may_write(self, app: Application) -> bool:
        return self._authority.may_act_on(app) and self._home.writer is not None

    def _may_tell(self, record: Record) -> bool:
        """Also, for a while, of what our own sync brought about where nobody reconciles."""
        return self._may_write(record.app) or self._is_own_sync(record)

    def _is_own_sync(self, record: Record) -> bool:
        operation = record.state.operation
        if operation is None or operation.finished_at is None or self._home.writer is None:
            return False
        is_late = self._clock() - operation.finished_at > SETTLED
        return not is_late and self._was_ours(record.key, operation) and self._authority.may_tell_of(record.app)

    def _rest_s(self, record: Record) -> float:
        """How long a write is worth putting off: an operation writes soon, or just did; or the server is slow."""
        key, pace, operation, now = record.key, self._paces[record.key], record.state.operation, self._clock()
        if self._refreshes.is_awaited(key):
            return 0.0
        if self._is_starting(key):
            due = self._due.get(key)
            return _left_s(due.since if due is not None else now, STARTING_S, now)
        if operation is None:
            return pace.rest_s()
        if operation.phase.is_completed:
            ended_s = _left_s(operation.finished_at, ENDED_S, now)
            is_told = self._told.get(key) == operation.finished_at
            return max(ended_s, pace.rest_s()) if is_told else ended_s
        return max(_left_s(operation.started_at, RUNNING_S, now), pace.rest_s(RUNNING_S))

    def _write(self, record: Record, view: AppView) -> None:
        if view.key in self._in_flight or self._rest_s(record) > AT_MOST_EVERY_S:  # more was begun since this was due
            self.write_soon(record, view)
            return
        self._due.pop(view.key, None)
        self._sent(record, view)

    def _sent(self, record: Record, view: AppView) -> Future[None] | None:
        """The request, where something moved."""
        live = self._home.cache.get(ResourceKey(*APPLICATION, view.app.namespace, view.app.name))
        if live is None:
            return None
        before = _newer(live, self._written.get(view.key)).get("status") or {}
        after = self._status(record, view, before)
        kept = {key: value for key, value in before.items() if key in OPERATION}
        patch = merge_patch_between(before, {**{key: after[key] for key in after if key not in OPERATION}, **kept})
        asked = self._refreshes.taken_off(view.key, live)
        if not patch and not asked:
            return None
        self._in_flight.add(view.key)
        operation = record.state.operation
        if operation is not None and operation.phase.is_completed:
            self._told[view.key] = operation.finished_at
        return self._pool.submit(lambda: self._send(view.key, {**({"status": patch} if patch else {}), **asked}))

    def _status(self, record: Record, view: AppView, before: Object) -> Object:
        comparison = record.comparison
        if view.is_unread:
            comparison = self._without_targets(record)
            if comparison is not None:
                living = (one.view for one in comparison.objects if one.live is not None)
                resources = tuple(replace(one, sync=SyncStatus.UNKNOWN) for one in living)  # Git may want any of it
                view = replace(view, resources=resources, health=comparison.health)
        return status_json(
            view,
            before=before,
            summary=_summary(comparison) if comparison is not None else None,
            reconciled_at=_reconciled_at(record),
            pins=record.pins,
            controller_namespace=self._namespace,
        )

    def _send(self, key: AppKey, patch: Object) -> None:
        try:
            self._patch(key, patch)
        finally:
            self._in_flight.discard(key)

    def _patch(self, app: AppKey, patch: Object) -> None:
        resource = self._home.discovery.find(*APPLICATION)
        if resource is None or self._home.writer is None:
            return
        if not self._authority.is_leading and self._authority.is_led_elsewhere():
            return
        try:
            with self._paces[app].writing():
                written = self._home.writer.merge_patch(resource, app.namespace, app.name, patch)
            self._written[app] = written
            if "metadata" in patch:
                self._refreshes.went(app, written)
        except ClusterError as error:
            logger(__name__).warning("the status of %s is not written: %s", app, error)


def _left_s(since: datetime | None, patience_s: float, now: datetime) -> float:
    if since is None:
        return 0.0
    return min(patience_s, max(0.0, patience_s - (now - since).total_seconds()))


def _newer(live: Object, written: Object | None) -> Object:
    """What was written last, where the watch does not show it yet."""
    return written if written is not None and _version(written) > _version(live) else live


def _version(obj: Object) -> int:
    text = str(metadata_of(obj).get("resourceVersion", ""))
    return int(text) if text.isdecimal() else 0


def _reconciled_at(record: Record) -> datetime | None:
    """When the sources were resolved, or an operation ended after which the application was compared.

    Argo CD refreshes after each operation, and ``argocd app wait`` waits for that.
    """
    operation = record.state.operation
    ended = operation.finished_at if operation is not None and operation.phase.is_completed else None
    is_seen = ended is not None and record.compared_at is not None and record.compared_at >= ended
    times = [record.refreshed_at, ended if is_seen else None]
    return max((at for at in times if at is not None), default=None)


def _summary(comparison: Comparison) -> Mapping[str, list[str]]:
    live = [one.live for one in comparison.objects if one.live is not None]
    children = comparison.session.cache.children
    return summary_of(below for obj in live for below in descendants(obj, children, ""))
