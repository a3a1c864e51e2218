"""Somebody writes ``argocd-cm``: what it says counts from then on, without a restart."""

from __future__ import annotations

from collections.abc import Callable

from gitops_tui.engine.pool import Pool
from gitops_tui.engine.schedule import SOON_S, Schedule
from gitops_tui.engine.session import Clusters
from gitops_tui.engine.system import System
from gitops_tui.logs import logger
from gitops_tui.model.resource import Object, ResourceKey

REREAD_S = 60.0
"""How often the ConfigMaps are read where they may not be watched."""


class SystemChanges:
    """Runs on the core's thread; `concerns` and `soon` may be called from any."""

    def __init__(
        self, system: System, clusters: Clusters, schedule: Schedule, fetchers: Pool, changed: Callable[[], None]
    ) -> None:
        self._system = system
        self._clusters = clusters
        self._schedule = schedule
        self._fetchers = fetchers
        self._changed = changed

    def begin(self) -> None:
        self._schedule.put("reread system", self._reread, REREAD_S)

    def concerns(self, cluster: str, key: ResourceKey) -> bool:
        return key in self._system.keys and cluster == self._clusters.home.name

    def soon(self) -> None:
        cache = self._clusters.home.cache
        self._schedule.put("system", lambda: self._take(*(cache.get(key) for key in self._system.keys)), SOON_S)

    def _reread(self) -> None:
        self._schedule.put("reread system", self._reread, REREAD_S)
        home = self._clusters.home
        if home.cache.state("", "ConfigMap", self._system.namespace).word == "synced":
            return

        def read() -> None:
            found = self._system.fetched(home)
            self._schedule.put("system", lambda: self._take(*found))

        self._fetchers.submit(read)

    def _take(self, config_map: Object | None, parameters: Object | None) -> None:
        before = self._system.settings
        if not self._system.take(config_map, parameters):
            return
        logger(__name__).info("the settings of the system changed")
        for session in self._clusters.sessions:
            if self._system.settings.kinds != before.kinds:
                session.filters_changed()
            session.cache.reindex()
        self._changed()
