"""The loop: what should be compared is compared, what may be started by itself is started, all of it is shown.

One thread (`schedule`) owns the records and runs the rules. Networks are waited for on other threads, which hand
their results back to it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from gitops_tui.cluster.cache import Changes
from gitops_tui.config import Settings
from gitops_tui.engine.authority import Authority
from gitops_tui.engine.automation import Automation
from gitops_tui.engine.board import Board
from gitops_tui.engine.compare import Comparer
from gitops_tui.engine.concern import Concern, readers_of_files
from gitops_tui.engine.deleting import Deleting
from gitops_tui.engine.feed import ApplicationFeed
from gitops_tui.engine.finalizers import HookFinalizers
from gitops_tui.engine.ignored_updates import IgnoredUpdates
from gitops_tui.engine.journal import note_changes
from gitops_tui.engine.kinds import Kinds
from gitops_tui.engine.operations import APPLICATION, Operations
from gitops_tui.engine.orphans import looking_for_orphans, orphans_of
from gitops_tui.engine.polling import Polling
from gitops_tui.engine.pool import Pool
from gitops_tui.engine.prepare import Prepared, spec_of
from gitops_tui.engine.preparing import Preparing, internal_error
from gitops_tui.engine.projects import PROJECT, Projects
from gitops_tui.engine.record import Record
from gitops_tui.engine.requested import Requested
from gitops_tui.engine.schedule import Schedule
from gitops_tui.engine.session import Clusters, Session
from gitops_tui.engine.sources import Sources
from gitops_tui.engine.status_writer import StatusWriter
from gitops_tui.engine.system import System
from gitops_tui.engine.system_changes import SystemChanges
from gitops_tui.engine.targets import TargetSet, needs_discovery, read_targets
from gitops_tui.engine.view import app_view, has_content_of
from gitops_tui.engine.view import deployed_revision as deployed_of
from gitops_tui.engine.witness import Witness
from gitops_tui.errors import ClusterError, GitOpsError
from gitops_tui.model.annotations import REFRESH
from gitops_tui.model.application import AppKey, Application
from gitops_tui.model.catalogue import Code
from gitops_tui.model.operation import OperationState
from gitops_tui.model.snapshot import Problem
from gitops_tui.model.status import OperationPhase
from gitops_tui.sync.tracking import instance_name

SOON_S = 0.02
"""A change is compared after this: what changes together is compared together."""
REST = 5.0
"""After a comparison an application rests for this many times as long as it took: a storm costs a sixth of a core."""
MAX_REST_S = 2.0
BUSY_REST_S = 1.0
"""While an operation runs, its own writes are the storm; its progress is shown without comparing."""
CLUSTER_RETRY_S = 5.0
FILES_POLL_S = 2.0
DISCOVERY_EVERY_S = 10.0
LOAD = "load"


def _nothing() -> None:
    """Nobody waits for the fetch."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What the loop is made of."""

    settings: Settings
    clusters: Clusters
    sources: Sources
    comparer: Comparer
    system: System
    ignored_updates: IgnoredUpdates
    projects: Projects
    board: Board
    schedule: Schedule
    fetchers: Pool
    operations: Operations
    authority: Authority
    automation: Automation
    requested: Requested
    deleting: Deleting
    finalizers: HookFinalizers
    statuses: StatusWriter
    feed: ApplicationFeed
    witness: Witness
    namespace: str
    polls_files: bool
    clock: Callable[[], datetime]


class Reconciler:
    """Owns the records. Methods that others may call from any thread say so."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._records: dict[AppKey, Record] = {}
        self._preparing = Preparing(parts, self.record, self._is_prepared, self._done)
        self._kinds = Kinds(parts.schedule, parts.fetchers, self._learned)
        self._concern = Concern(parts.system)
        self._polling = Polling(
            parts.system, parts.schedule, parts.fetchers, parts.sources, self._repository_fetched, parts.clock
        )
        self._system_changes = SystemChanges(
            parts.system, parts.clusters, parts.schedule, parts.fetchers, self._system_changed
        )
        self._moved: set[str] = set()
        """Repositories in which a refresh of some applications found refs moved: the next poll is for all others."""
        self._loaded_problems: tuple[Problem, ...] = ()
        self._discovered_at = 0.0
        self._pending: set[AppKey] = set()
        self._waiting = threading.Condition()
        self._is_loaded = False
        self.is_draining = False

    # --- from any thread
    def begin(self) -> None:
        self._parts.schedule.put(LOAD, self._load)
        self._system_changes.begin()

    def record(self, key: AppKey) -> Record | None:
        return self._records.get(key)

    def records(self) -> tuple[Record, ...]:
        return tuple(self._records.values())

    def is_preparing(self, key: AppKey) -> bool:
        """Whether its sources are being fetched or rendered."""
        return self._preparing.is_busy(key)

    def wait_compared(self, timeout_s: float) -> bool:
        """Until every application was compared, or it is known why it cannot be."""
        with self._waiting:
            return self._waiting.wait_for(lambda: self._is_loaded and not self._pending, timeout_s)

    def refresh(self, keys: Iterable[AppKey] | None, *, hard: bool, fetched: Callable[[], None] = _nothing) -> None:
        """Fetch and compare these applications, or all (None), now. ``hard``: forget what was worked out before.

        ``fetched`` is called on a thread of the fetchers when what they read was fetched, or could not be.
        """
        wanted = tuple(self._records) if keys is None else tuple(keys)
        with self._waiting:
            known = {key for key in wanted if key in self._records}
            self._pending |= known
            self._preparing.ask(known)
        if keys is None:
            self._parts.schedule.put(LOAD, self._load)

        def has_fetched(moved: set[str]) -> None:
            self._moved.update(moved)
            fetched()

        work = partial(self._preparing.refresh, wanted, hard, has_fetched)
        self._parts.schedule.put(("refresh", wanted, hard, fetched), work)

    def compare_soon(self, key: AppKey, delay_s: float = SOON_S) -> None:
        record = self._records.get(key)
        rest_s = record.rest_until - time.monotonic() if record is not None else 0.0
        self._parts.schedule.put(("compare", key), lambda: self._compare(key), max(delay_s, rest_s))

    def decide_anew(self, key: AppKey) -> None:
        """Compare at once, and decide: an operation has ended, or there is a place for one."""
        self._parts.schedule.put(("compare", key), lambda: self._compare(key))

    def compare_all_soon(self) -> None:
        for key in tuple(self._records):
            self.compare_soon(key)

    def compare_now(self, key: AppKey) -> None:
        """For the core's own thread only."""
        self._compare(key)

    def readers_of_files(self, repo_url: str, files: Sequence[str]) -> tuple[AppKey, ...]:
        """The applications that read any of these files of a repository."""
        return readers_of_files((record.app for record in self.records()), repo_url, files)

    def publish_soon(self, key: AppKey) -> None:
        self._parts.schedule.put(("publish", key), lambda: self._publish_key(key))

    def cluster_changed(self, cluster: str, changes: Changes) -> None:
        """The watch told of changes: each leads to the applications that it concerns."""
        self._parts.operations.noticed(changes)
        session = next((one for one in self._parts.clusters.sessions if one.name == cluster), None)
        if session is not None:
            self._parts.witness.changed(session.connection.server, changes)
            self._kinds.noticed(session, changes)
        concerned: set[AppKey] = set()
        for change in changes:
            if self._system_changes.concerns(cluster, change.key):
                self._system_changes.soon()
            if (change.key.group, change.key.kind) == APPLICATION:
                self._parts.schedule.put(LOAD, self._load, SOON_S)
            elif (change.key.group, change.key.kind) == PROJECT:
                self._parts.schedule.put("projects", self._projects_changed, SOON_S)
                self._parts.schedule.put(LOAD, self._load, SOON_S)
            if session is not None and not self._parts.ignored_updates.covers(change):
                concerned |= self._concern.of(change, session.cache) or looking_for_orphans(
                    self.records(), change, cluster
                )
        for key in concerned:
            self.compare_soon(key)

    # --- applications
    def _system_changed(self) -> None:
        self._put_problems()
        for record in self.records():
            record.targets = None
            self._preparing.prepare(record.key)

    def _put_problems(self) -> None:
        parts = self._parts
        problems = (*self._loaded_problems, *parts.system.settings.problems, *parts.projects.problems())
        parts.board.put_problems(problems)

    def _load(self) -> None:
        """Read the Applications; what is new or changed is prepared, what is gone is dropped."""
        parts = self._parts
        loaded = parts.feed.load()
        is_new = parts.projects.declare(loaded.projects)
        self._loaded_problems = loaded.problems
        self._put_problems()
        keys = {app.key for app in loaded.applications}
        for key in self._records.keys() - keys:
            self._drop(key)
        if is_new:
            self._projects_changed()
        for app in loaded.applications:
            self._take(app)
        parts.board.keep_apps(keys)
        with self._waiting:
            self._is_loaded = True
            self._waiting.notify_all()
        if not self._pending:
            parts.board.loaded()
        if parts.polls_files:
            parts.schedule.put(LOAD, self._load, FILES_POLL_S)

    def _projects_changed(self) -> None:
        """What is permitted, and what is compared, may be something else now."""
        for key in tuple(self._records):
            self._preparing.prepare(key)

    def _take(self, app: Application) -> None:
        record = self._records.get(app.key)
        if record is None:
            record = self._records[app.key] = Record(app)
            self._await(app.key)
            self._preparing.prepare(app.key)
            if self._parts.deleting.is_due(record):
                self.compare_soon(app.key)
        elif spec_of(app) != spec_of(record.app):
            reads_anew = app.sources != record.app.sources
            record.app = app
            record.targets = None
            self._parts.comparer.forget(app.key)
            self._await(app.key)
            if reads_anew:  # what another source names is asked of the remote, not of what was fetched some time ago
                self.refresh([app.key], hard=False)
            else:
                self._preparing.prepare(app.key)
            if self._parts.deleting.is_due(record):
                self.compare_soon(app.key)
        elif app is not record.app:
            record.app = app
            self.compare_soon(app.key)
        self._obey_refresh(app)

    def _obey_refresh(self, app: Application) -> None:
        """Looked for again with each comparison: who asked before we led is not forgotten."""
        if app.annotations.get(REFRESH) and self._parts.statuses.takes_refresh(app):
            self.refresh([app.key], hard=app.annotations[REFRESH] == "hard")

    def _drop(self, key: AppKey) -> None:
        self._records.pop(key, None)
        self._preparing.forget(key)
        self._parts.comparer.forget(key)
        self._parts.deleting.forget(key)
        self._concern.forget(key)
        self._parts.witness.gone(key)
        self._parts.statuses.forget(key)
        self._done(key)

    def _await(self, key: AppKey) -> None:
        with self._waiting:
            self._pending.add(key)

    def _done(self, key: AppKey) -> None:
        """A comparison with what stood before a refresh is not what is waited for."""
        with self._waiting:
            if key in self._records and self._preparing.is_busy(key):
                return
            self._pending.discard(key)
            self._waiting.notify_all()
            is_all = self._is_loaded and not self._pending
        self._parts.statuses.refreshed(key)
        if is_all:
            self._parts.board.loaded()

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
        record.error = None
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
        self._publish(record)
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
            if reads and (moved or is_out or record.error is not None):
                self._preparing.prepare(record.key)
            elif reads:
                self.publish_soon(record.key)  # the next poll is at another time
        if moved:
            self._parts.schedule.put(LOAD, self._load)

    def _learned(self, session: Session) -> None:
        """Kinds came, or went. From any thread."""
        self._parts.schedule.put(("learned", session.name), lambda: self._prepare_unknown(session))

    def _prepare_unknown(self, session: Session) -> None:
        for record in self.records():
            if record.session is session and record.has_unknown_kinds:
                self._preparing.prepare(record.key)

    # --- comparison
    def _compare(self, key: AppKey) -> None:
        record, prepared = self._records.get(key), self._preparing.found(key)
        if record is None:
            return
        record.state = self._parts.operations.state_of(record.app)
        record.run = self._parts.operations.run_of(key)
        record.managed_by = self._parts.authority.managed_by(record.app)
        record.window = self._parts.projects.line(record.app, self._parts.clock())
        self._end_where_asked(record)
        self._obey_refresh(record.app)
        if prepared is None or record.error is not None:
            self._act_on(record)
            self._publish(record)
            return
        if record.is_reported:
            record.comparison = None
            self._settle(record)
            return
        began = time.monotonic()
        try:
            self._compare_prepared(record, prepared)
        except GitOpsError as error:
            self._failed(record, error)
            return
        except Exception as error:  # noqa: BLE001 - shown at the application, which is otherwise never done
            self._failed(record, internal_error(key, error))
            return
        ended = time.monotonic()
        self._parts.witness.compared(record.app, ended - began)
        rest_s = min(MAX_REST_S, REST * (ended - began))
        record.rest_until = ended + (max(rest_s, BUSY_REST_S) if record.run is not None else rest_s)
        self._settle(record)

    def _compare_prepared(self, record: Record, prepared: Prepared) -> None:
        now = self._parts.clock()
        targets = record.targets
        is_same = record.targets_of is not None and prepared.is_same_as(record.targets_of)
        if targets is None or not is_same or record.has_unknown_kinds:
            targets = self._targets(record, prepared)
        if needs_discovery(targets, prepared.session) and self._may_discover(now):
            prepared.session.learn_kinds()
            targets = self._targets(record, prepared)
            self._preparing.prepare(record.key)  # what was learned has to be listed
        record.targets, record.targets_of = targets, prepared
        record.has_unknown_kinds = needs_discovery(targets, prepared.session)
        is_deployed = len(prepared.pins) == 1 and has_content_of(prepared.pins[0], deployed_of(record))
        record.comparison = self._parts.comparer.compare(
            record.app, prepared.session, prepared.pins, targets, now, is_deployed=is_deployed
        )
        record.compared_at = now
        instances = {instance_name(one, self._parts.namespace) for one in self._records}
        record.orphans = orphans_of(record.comparison, instances, self._parts.system.tracking)
        self._concern.compares(record.key, targets.instance, (one.key for one in record.comparison.objects))
        if record.comparison.health.status is not record.health:
            record.health, record.health_since = record.comparison.health.status, now

    def _targets(self, record: Record, prepared: Prepared) -> TargetSet:
        system, home = self._parts.system, self._parts.namespace
        return read_targets(record.app, prepared.renderings, prepared.session, system, home_namespace=home)

    def _may_discover(self, now: datetime) -> bool:
        if now.timestamp() - self._discovered_at < DISCOVERY_EVERY_S:
            return False
        self._discovered_at = now.timestamp()
        return True

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
        self._publish(record)
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

    # --- showing
    def _publish_key(self, key: AppKey) -> None:
        record = self._records.get(key)
        if record is not None:
            record.run = self._parts.operations.run_of(key)
            record.state = self._parts.operations.state_of(record.app)
            self._end_where_asked(record)
            self._publish(record)

    def _end_where_asked(self, record: Record) -> None:
        """Another instance asked for the end of an operation that runs here."""
        operation: OperationState | None = record.state.operation
        if record.run is not None and operation is not None and operation.phase is OperationPhase.TERMINATING:
            record.run.terminate()

    def _publish(self, record: Record) -> None:
        record.polls = self._polling.answers(source.repo_url for source in record.app.sources if not source.chart)
        view = app_view(record, self._parts.clock())
        note_changes(self._parts.board, self._parts.board.view(record.key), view)
        self._parts.board.put_app(view)
        if self._is_ours(record) and not view.is_loading:
            self._parts.witness.published(view)
        self._parts.statuses.write_soon(record, view)

    def _is_ours(self, record: Record) -> bool:
        return self._parts.authority.is_leading and not record.managed_by and not record.is_reported
