"""A watch tells of changes: each leads to the applications that it concerns, or to what is read anew."""

from __future__ import annotations

from collections.abc import Callable

from gitops_tui.cluster.cache import Change, Changes
from gitops_tui.engine.applications import Applications
from gitops_tui.engine.concern import Concern
from gitops_tui.engine.kinds import Kinds
from gitops_tui.engine.operations import APPLICATION
from gitops_tui.engine.orphans import looking_for_orphans
from gitops_tui.engine.parts import Parts
from gitops_tui.engine.projects import PROJECT
from gitops_tui.engine.schedule import SOON_S
from gitops_tui.engine.system_changes import SystemChanges
from gitops_tui.model.application import AppKey


class ClusterChanges:
    """Thread-safe: called on the threads of the caches, it puts work on the core's schedule."""

    def __init__(
        self,
        parts: Parts,
        applications: Applications,
        concern: Concern,
        kinds: Kinds,
        system_changes: SystemChanges,
        compare_soon: Callable[[AppKey], None],
    ) -> None:
        self._parts = parts
        self._applications = applications
        self._concern = concern
        self._kinds = kinds
        self._system_changes = system_changes
        self._compare_soon = compare_soon

    def take(self, cluster: str, changes: Changes) -> None:
        parts = self._parts
        parts.operations.noticed(changes)
        session = next((one for one in parts.clusters.sessions if one.name == cluster), None)
        if session is not None:
            parts.witness.changed(session.connection.server, changes)
            self._kinds.noticed(session, changes)
        concerned: set[AppKey] = set()
        for change in changes:
            self._read_anew(cluster, change)
            if session is not None and not parts.ignored_updates.covers(change):
                concerned |= self._concern.of(change, session.cache) or looking_for_orphans(
                    self._applications.all(), change, cluster
                )
        for key in concerned:
            self._compare_soon(key)

    def _read_anew(self, cluster: str, change: Change) -> None:
        """Settings of the system, Applications and projects are objects, too."""
        if self._system_changes.concerns(cluster, change.key):
            self._system_changes.soon()
        if (change.key.group, change.key.kind) == APPLICATION:
            self._applications.load_soon(SOON_S)
        elif (change.key.group, change.key.kind) == PROJECT:
            self._parts.schedule.put("projects", self._applications.projects_changed, SOON_S)
            self._applications.load_soon(SOON_S)
