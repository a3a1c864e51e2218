"""The Applications that there are: each is read, taken into a record, and dropped with everything known of it."""

from __future__ import annotations

from collections.abc import Callable

from gitops_tui.engine.awaited import Awaited
from gitops_tui.engine.concern import Concern
from gitops_tui.engine.parts import Parts
from gitops_tui.engine.prepare import spec_of
from gitops_tui.engine.preparing import Preparing
from gitops_tui.engine.record import Record
from gitops_tui.model.annotations import DELETION_APPROVED, REFRESH
from gitops_tui.model.application import AppKey, Application
from gitops_tui.model.snapshot import Problem

FILES_POLL_S = 2.0
LOAD = "load"


class Applications:
    """Owns the records; used on the core's thread, `begin`, `record`, `all` and `load_soon` from any.

    ``refresh`` fetches and prepares one application (``hard``: anew), ``compare_soon`` compares it, ``done`` is told
    of each that is gone.
    """

    def __init__(
        self,
        parts: Parts,
        preparing: Preparing,
        concern: Concern,
        awaited: Awaited,
        *,
        refresh: Callable[[AppKey, bool], None],
        compare_soon: Callable[[AppKey], None],
        done: Callable[[AppKey], None],
    ) -> None:
        self._parts = parts
        self._preparing = preparing
        self._concern = concern
        self._awaited = awaited
        self._refresh = refresh
        self._compare_soon = compare_soon
        self._done = done
        self._records: dict[AppKey, Record] = {}
        self._loaded_problems: tuple[Problem, ...] = ()
        self._has_begun = False

    def begin(self) -> None:
        """From now on they are read: before they were listed, what is read of them would be taken for all there are."""
        self._has_begun = True
        self.load_soon()

    def record(self, key: AppKey) -> Record | None:
        return self._records.get(key)

    def all(self) -> tuple[Record, ...]:
        return tuple(self._records.values())

    def keys(self) -> tuple[AppKey, ...]:
        return tuple(self._records)

    def load_soon(self, delay_s: float = 0.0) -> None:
        if self._has_begun:
            self._parts.schedule.put(LOAD, self._load, delay_s)

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
            self.projects_changed()
        for app in loaded.applications:
            self._take(app)
        parts.board.keep_apps(keys)
        if self._awaited.loaded():
            parts.board.loaded()
            parts.clusters.follow()
        if parts.polls_files:
            self.load_soon(FILES_POLL_S)

    def projects_changed(self) -> None:
        """What is permitted, and what is compared, may be something else now."""
        for record in self.all():
            self._preparing.prepare(record.key)

    def system_changed(self) -> None:
        """The settings of the system are other ones: what targets are read from them, and how, too."""
        self._put_problems()
        for record in self.all():
            record.targets = None
            self._preparing.prepare(record.key)

    def _put_problems(self) -> None:
        parts = self._parts
        problems = (*self._loaded_problems, *parts.system.settings.problems, *parts.projects.problems())
        parts.board.put_problems(problems)

    def _take(self, app: Application) -> None:
        record = self._records.get(app.key)
        if record is not None and record.app.uid != app.uid:
            self._drop(app.key)  # deleted and made anew, faster than anybody looked: it is another one
            record = None
        if record is None:
            record = self._records[app.key] = Record(app)
            self._awaited.add([app.key])
            self._preparing.prepare(app.key)
            self._look_where_deleting(record)
        elif spec_of(app) != spec_of(record.app):
            is_approved = app.annotations.get(DELETION_APPROVED) != record.app.annotations.get(DELETION_APPROVED)
            self._take_spec(record, app)
            if is_approved and (run := self._parts.operations.run_of(app.key)) is not None:
                run.look()
            self._look_where_deleting(record)
        elif app is not record.app:
            record.app = app
            self._compare_soon(app.key)
        self.obey_refresh(app)

    def _take_spec(self, record: Record, app: Application) -> None:
        reads_anew = app.sources != record.app.sources
        record.app = app
        record.targets = None
        self._parts.comparer.forget(app.key)
        self._awaited.add([app.key])
        if reads_anew:  # what another source names is asked of the remote, not of what was fetched some time ago
            self._refresh(app.key, False)
        else:
            self._preparing.prepare(app.key)

    def _look_where_deleting(self, record: Record) -> None:
        """A deletion waits for no source."""
        if self._parts.deleting.is_due(record):
            self._compare_soon(record.key)

    def obey_refresh(self, app: Application) -> None:
        """Looked for again with each comparison: who asked before we led is not forgotten."""
        if app.annotations.get(REFRESH) and self._parts.statuses.takes_refresh(app):
            self._refresh(app.key, app.annotations[REFRESH] == "hard")

    def _drop(self, key: AppKey) -> None:
        self._records.pop(key, None)
        self._parts.automation.forget(key)
        self._parts.operations.abandon(key)
        self._preparing.forget(key)
        self._parts.comparer.forget(key)
        self._parts.deleting.forget(key)
        self._concern.forget(key)
        self._parts.witness.gone(key)
        self._parts.statuses.forget(key)
        self._done(key)
