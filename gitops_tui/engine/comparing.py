"""An application compared for a person or an operation: at this moment, at another commit, source or folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from gitops_tui.engine.asked import newest
from gitops_tui.engine.compare import Comparer
from gitops_tui.engine.comparison import Comparison
from gitops_tui.engine.local import render_folder
from gitops_tui.engine.prepare import prepare_at
from gitops_tui.engine.reconciler import Reconciler
from gitops_tui.engine.record import Record
from gitops_tui.engine.rollback import chosen_entry, with_sources
from gitops_tui.engine.schedule import Schedule
from gitops_tui.engine.session import Session
from gitops_tui.engine.sources import SourceAt, Sources
from gitops_tui.engine.system import System
from gitops_tui.engine.targets import TargetSet, read_targets
from gitops_tui.engine.view import deployed_commits, have_content_of
from gitops_tui.errors import GitOpsError, NotFound, OperationError
from gitops_tui.model.application import AppKey, Application
from gitops_tui.model.operation import HistoryEntry, Operation
from gitops_tui.model.status import Health, HealthStatus, SyncStatus
from gitops_tui.render.directory import Rendered
from gitops_tui.sync.tracking import instance_name

FRESH_S = 10.0


class Comparing(Struct, frozen=True):
    """What is remembered of an application is not touched but by `fresh`, which asks the core's thread."""

    reconciler: Reconciler
    comparer: Comparer
    sources: Sources
    schedule: Schedule
    system: System
    namespace: str
    clock: Callable[[], datetime]

    def record(self, key: AppKey) -> Record:
        found = self.reconciler.record(key)
        if found is None:
            raise NotFound(f"no application {key}")
        return found

    def comparison(self, record: Record) -> Comparison:
        """The newest one; raises why there is none."""
        return newest(record)

    def pins(self, record: Record) -> tuple[SourceAt, ...]:
        """The sources at their commits, even where those cannot be rendered; raises why there are none."""
        if record.pins:
            return record.pins
        raise record.error or OperationError(f"{record.app.name} was not compared yet", hint="Try again in a moment.")

    def _basis(self, key: AppKey) -> Comparison:
        """What a revert starts from: a commit that cannot be rendered is the one that most needs it."""
        record = self.record(key)
        if record.error is None:
            return self.fresh(key)
        self.pins(record)
        if record.session is None:
            raise record.error
        if record.comparison is not None:
            return replace(record.comparison, app=record.app, pins=record.pins)
        unknown = Health(HealthStatus.UNKNOWN)
        nothing: TargetSet = TargetSet(())
        return Comparison(
            record.app, record.session, record.pins, nothing, (), SyncStatus.UNKNOWN, unknown, (), self.clock()
        )

    def fresh(self, key: AppKey) -> Comparison:
        """Compared with what the cluster holds at this moment."""
        self.comparison(self.record(key))
        done: Future[None] = Future()

        def work() -> None:
            try:
                self.reconciler.compare_now(key)
            finally:
                done.set_result(None)

        self.schedule.put(("fresh", key, id(done)), work)
        try:
            done.result(FRESH_S)
        except TimeoutError:
            raise OperationError(f"{key.name} was not compared in time", hint="Try again in a moment.") from None
        return self.comparison(self.record(key))

    def at(self, key: AppKey, revision: str) -> Comparison:
        """Compared with another commit; what is remembered of the application is not touched."""
        record = self.record(key)
        if not revision or record.error is None or record.session is None:
            current = self.fresh(key)
            if revision in ("", current.revision):
                return current
        return self._rendered(record.app, self._session(record), revision)

    def at_commits(self, key: AppKey, commits: Sequence[str]) -> Comparison:
        """The same with a commit, or another revision, for each source."""
        record = self.record(key)
        if record.error is None or record.session is None:
            current = self.fresh(key)
            if tuple(commits) == current.commits:
                return current
        return self._rendered(record.app, self._session(record), "", commits)

    def _rendered(
        self,
        app: Application,
        session: Session,
        revision: str,
        revisions: Sequence[str] = (),
        *,
        is_deployed: bool = False,
    ) -> Comparison:
        prepared = prepare_at(app, session, self.sources, revision, self.clock(), revisions)
        return self._compared(app, session, prepared.pins, prepared.renderings, is_deployed=is_deployed)

    def _compared(
        self,
        app: Application,
        session: Session,
        pins: tuple[SourceAt, ...],
        renderings: Sequence[Rendered],
        *,
        is_deployed: bool = False,
    ) -> Comparison:
        targets = read_targets(app, renderings, session, self.system, home_namespace=self.namespace)
        now = self.clock()
        return self.comparer.compare(app, session, pins, targets, now, is_deployed=is_deployed, keep=False).usable

    def _session(self, record: Record) -> Session:
        if record.session is None:
            raise record.error or OperationError(f"{record.app.name} was not compared yet")
        return record.session

    def locally(self, key: AppKey, folder: Path) -> Comparison:
        """Compared with a folder of this machine in place of the source's path."""
        record = self.record(key)
        rendered = render_folder(record.app, folder, instance_name(key, self.namespace))
        return self._compared(record.app, self._session(record), record.pins, (rendered,))

    def again(self, key: AppKey, operation: Operation, commits: Sequence[str] = ()) -> Comparison:
        """Compared anew, at the sources of an operation: at these commits, else fetched and at what the target
        revisions name by then.
        """
        record = self.record(key)
        app = with_sources(record.app, operation.source, operation.sources)
        if not commits:
            self.sources.fetch_all({source.repo_url for source in app.sources if not source.chart})
        return self._rendered(app, self._session(record), "", commits)

    def _at_entry(self, record: Record, entry_id: int | None) -> tuple[HistoryEntry, Comparison]:
        """What a rollback deploys; raises where it is refused."""
        entry = chosen_entry(record.app, record.state.history, entry_id)
        app = with_sources(record.app, entry.source, entry.sources)
        return entry, self._rendered(app, self._session(record), entry.revision, entry.revisions)

    def _deployed(self, key: AppKey) -> Comparison:
        """At the commit that is deployed: a heal deploys nothing new."""
        record, current = self.record(key), self.fresh(key)
        deployed = deployed_commits(record)
        if not deployed or have_content_of(current.pins, deployed):
            return current
        if len(deployed) != len(record.app.sources):
            raise OperationError(
                f"{key.name} has other sources than those that were deployed",
                hint="Sync the application: a heal deploys nothing new.",
            )
        try:
            return self._rendered(record.app, self._session(record), "", deployed, is_deployed=True)
        except GitOpsError as error:
            named = ", ".join(sha[:7] for sha in deployed)
            raise OperationError(
                f"the deployed commit {named} cannot be read: {error}",
                hint="Sync the application to a commit that is there.",
            ) from error
