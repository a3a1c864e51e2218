"""The loop: what should be compared is compared, what may be started by itself is started, all of it is shown.

One thread (`schedule`) owns the records (`applications`) and runs the rules. Networks are waited for on other threads,
which hand their results back to it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial

from gitops_tui.cluster.cache import Changes
from gitops_tui.engine.applications import Applications
from gitops_tui.engine.awaited import Awaited
from gitops_tui.engine.cluster_changes import ClusterChanges
from gitops_tui.engine.compare_record import RecordComparer
from gitops_tui.engine.concern import Concern, readers_of_files
from gitops_tui.engine.hard_polling import HardPolling
from gitops_tui.engine.kinds import Kinds
from gitops_tui.engine.parts import Parts
from gitops_tui.engine.polling import Polling
from gitops_tui.engine.prepare import Prepared
from gitops_tui.engine.preparing import Preparing, internal_error
from gitops_tui.engine.publishing import Publishing
from gitops_tui.engine.record import Record
from gitops_tui.engine.schedule import SOON_S
from gitops_tui.engine.session import Session
from gitops_tui.engine.system_changes import SystemChanges
from gitops_tui.errors import ClusterError, GitOpsError
from gitops_tui.model.application import AppKey
from gitops_tui.model.catalogue import Code

REST_ALONE, REST = 2.0, 5.0
"""After a comparison an application rests for so many times as long as it took: by itself, and for each other one that
changes at the same time. One that storms costs a third of a core, many a sixth, up to `MAX_REST_S`."""
MAX_REST_S = 5.0
BUSY_REST_S = 1.0
"""While an operation runs, its own writes are the storm; its progress is shown without comparing."""
CLUSTER_RETRY_S = 5.0


def _nothing() -> None:
    """Nobody waits for the fetch."""


class Reconciler:
    """Says what comes after what. Methods that others may call from any thread stand first."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._preparing = Preparing(parts, self.record, self._is_prepared, self._done)
        self._awaited = Awaited()
        concern = Concern(parts.system)
        self._applications = Applications(
            parts,
            self._preparing,
            concern,
            self._awaited,
            refresh=lambda key, hard: self.refresh([key], hard=hard),
            compare_soon=self.compare_soon,
            done=self._done,
        )
        self._comparer = RecordComparer(parts, concern, self._preparing.prepare, self._applications.keys)
        self._polling = Polling(
            parts.system, parts.schedule, parts.fetchers, parts.sources, self._repository_fetched, parts.clock
        )
        self._publishing = Publishing(parts, self._polling, self.compare_soon)
        self._hard_polling = HardPolling(parts.system, parts.schedule, lambda: self.refresh(None, hard=True))
        self._system_changes = SystemChanges(
            parts.system, parts.clusters, parts.schedule, parts.fetchers, self._applications.system_changed
        )
        kinds = Kinds(parts.schedule, parts.fetchers, self._learned)
        self._cluster_changes = ClusterChanges(
            parts, self._applications, concern, kinds, self._system_changes, self.compare_soon
        )
        self._moved: set[str] = set()
        """Repositories in which a refresh of some applications found refs moved: the next poll is for all others."""
        self.is_draining = False

    # --- from any thread
    def begin(self) -> None:
        self._applications.begin()
        self._system_changes.begin()
        self._hard_polling.begin()

    def record(self, key: AppKey) -> Record | None:
        return self._applications.record(key)

    def records(self) -> tuple[Record, ...]:
        return self._applications.all()

    def is_preparing(self, key: AppKey) -> bool:
        """Whether its sources are being fetched or rendered."""
        return self._preparing.is_busy(key)

    def wait_compared(self, timeout_s: float) -> bool:
        """Until every application was compared, or it is known why it cannot be."""
        return self._awaited.wait(timeout_s)

    def catch_up(self, keys: Collection[AppKey], timeout_s: float) -> bool:
        """Fetch what these applications read, and wait until they are compared with it; False where that takes longer.

        Not for the core's own thread.
        """
        self.refresh(keys, hard=False)
        return self._awaited.wait_for(keys, timeout_s)

    def refresh(self, keys: Iterable[AppKey] | None, *, hard: bool, fetched: Callable[[], None] = _nothing) -> None:
        """Fetch and compare these applications, or all (None), now. ``hard``: forget what was worked out before.

        ``fetched`` is called on a thread of the fetchers when what they read was fetched, or could not be.
        """
        wanted = self._applications.keys() if keys is None else tuple(keys)
        known = {key for key in wanted if self.record(key) is not None}
        self._preparing.ask(known)  # before they are awaited: a comparison that ends meanwhile is not the one
        self._awaited.add(known)
        if keys is None:
            self._applications.load_soon()

        def has_fetched(moved: set[str]) -> None:
            self._moved.update(moved)
            fetched()

        work = partial(self._preparing.refresh, wanted, hard, has_fetched)
        self._parts.schedule.put(("refresh", wanted, hard, fetched), work)

    def compare_soon(self, key: AppKey, delay_s: float = SOON_S) -> None:
        record = self.record(key)
        rest_s = record.rest_until - time.monotonic() if record is not None else 0.0
        self._parts.schedule.put(("compare", key), lambda: self._compare(key), max(delay_s, rest_s))

    def decide_anew(self, key: AppKey) -> None:
        """Compare at once, and decide: an operation has ended, or there is a place for one."""
        self._parts.schedule.put(("compare", key), lambda: self._compare(key))

    def compare_all_soon(self) -> None:
        for record in self.records():
            self.compare_soon(record.key)

    def compare_now(self, key: AppKey) -> None:
        """For the core's own thread only."""
        self._compare(key)

    def readers_of_files(self, repo_url: str, files: Sequence[str]) -> tuple[AppKey, ...]:
        """The applications that read any of these files of a repository."""
        return readers_of_files((record.app for record in self.records()), repo_url, files)

    def publish_soon(self, key: AppKey) -> None:
        self._parts.schedule.put(("publish", key), lambda: self._publish(key))

    def cluster_changed(self, cluster: str, changes: Changes) -> None:
        """The watch told of changes: each leads to the applications that it concerns."""
        self._cluster_changes.take(cluster, changes)

    def _done(self, key: AppKey) -> None:
        """A comparison with what stood before a refresh is not what is waited for."""
        if not self._awaited.done(key, lambda: self.record(key) is not None and self._preparing.is_busy(key)):
            return
        self._parts.statuses.refreshed(key)
        if self._awaited.is_all_done:
            self._parts.board.loaded()
            self._parts.clusters.follow()

    # --- sources
    def _is_prepared(self, record: Record, outcome: Prepared | GitOpsError) -> None:
        self._polling.watch(source.repo_url for source in record.app.sources if not source.chart)
        if isinstance(outcome, GitOpsError):
            self._failed(record, outcome)
            return
        record.session, record.pins = outcome.session, outcome.pins
        if outcome.error is not None:
            self._failed(record, outcome.error)
            return
        record.error, record.outage = None, outcome.outage
        record.source_type = outcome.type
        record.refreshed_at = outcome.at
        record.is_reported = bool(outcome.not_rendered)
        record.not_rendered = outcome.not_rendered
        self._preparing.keep(record.key, outcome)
        self._compare(record.key)

    def _failed(self, record: Record, error: GitOpsError) -> None:
        record.error, record.answers = error, ()
        record.refreshed_at = self._parts.clock()
        self._act_on(record)
        self._publishing.publish(record)
        self._done(record.key)
        if isinstance(error, ClusterError):
            self._parts.schedule.put(
                ("retry", record.key), lambda: self._preparing.prepare(record.key), CLUSTER_RETRY_S
            )

    def _repository_fetched(self, repo_url: str, moved: bool) -> None:
        """A failed resolution is tried again even where no ref moved: the remote may be back.

        What a refresh of some applications fetched has moved for the others, too.
        """
        moved = moved or repo_url in self._moved
        self._moved.discard(repo_url)
        is_out = self._parts.sources.outage(repo_url) is not None
        for record in self.records():
            reads = any(source.repo_url == repo_url for source in record.app.sources)
            if reads and (moved or is_out or record.unread is not None):
                self._preparing.prepare(record.key)
            elif reads:
                self.publish_soon(record.key)  # the next poll is at another time
        if moved:
            self._applications.load_soon()

    def _learned(self, session: Session) -> None:
        """Kinds came, or went. From any thread."""
        self._parts.schedule.put(("learned", session.name), lambda: self._prepare_unknown(session))

    def _prepare_unknown(self, session: Session) -> None:
        for record in self.records():
            if record.session is session and record.has_unknown_kinds:
                self._preparing.prepare(record.key)

    # --- comparison
    def _compare(self, key: AppKey) -> None:
        record, prepared = self.record(key), self._preparing.found(key)
        if record is None:
            self._parts.operations.abandon(key)  # it was about to begin when its Application went
            return
        record.state = self._parts.operations.state_of(record.app)
        record.run = self._parts.operations.run_of(key)
        record.managed_by = self._parts.authority.managed_by(record.app)
        record.window = self._parts.projects.line(record.app, self._parts.clock())
        record.end_where_asked()
        self._applications.obey_refresh(record.app)
        if prepared is None or record.error is not None:
            self._act_on(record)
            self._publishing.publish(record)
            return
        if record.is_reported:
            record.comparison = None
            self._settle(record)
            return
        self._compare_prepared(record, prepared)

    def _compare_prepared(self, record: Record, prepared: Prepared) -> None:
        began = time.monotonic()
        try:
            self._comparer.compare(record, prepared)
        except GitOpsError as error:
            self._failed(record, error)
            return
        except Exception as error:  # noqa: BLE001 - shown at the application, which is otherwise never done
            self._failed(record, internal_error(record.key, error))
            return
        self._parts.witness.compared(record.app, time.monotonic() - began)
        self._settle(record)
        self._rest(record, began)

    def _rest(self, record: Record, began: float) -> None:
        """Where many change at once each rests for longer, so that all of them together stay at that share."""
        ended = time.monotonic()
        others = sum(1 for one in self.records() if one.rest_until > began)
        rest_s = min(MAX_REST_S, (REST_ALONE + REST * others) * (ended - began))
        record.rest_until = ended + (max(rest_s, BUSY_REST_S) if record.run is not None else rest_s)

    def _settle(self, record: Record) -> None:
        """Decide, show, write; then whoever waits for the comparison may look."""
        record.answers = ()
        if self.is_draining:
            record.because(Code.DRAINING, self._parts.clock())
        else:
            self._parts.finalizers.keep(record)
            self._act_on(record)
            if not self._parts.deleting.is_due(record):
                window_s = self._parts.projects.next_look(record.app, self._parts.clock())
                waits = [self._parts.automation.consider(record), window_s]
                if known := [one for one in waits if one is not None]:
                    self.compare_soon(record.key, min(known))
        self._publishing.publish(record)
        self._done(record.key)

    def _act_on(self, record: Record) -> None:
        """What was asked for, and what is being deleted: neither waits for a source that cannot be read."""
        if self.is_draining:
            return
        self._parts.requested.begin(record)
        if not self._parts.deleting.is_due(record):
            return
        wait_s = self._parts.deleting.consider(record)
        if wait_s is not None:
            self.compare_soon(record.key, wait_s)

    def _publish(self, key: AppKey) -> None:
        record = self.record(key)
        if record is not None:
            self._publishing.publish_progress(record)
