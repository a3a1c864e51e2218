"""Each repository is fetched again and again, with jitter, so that many do not come at once."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from gitops_tui.engine.pool import Pool
from gitops_tui.engine.schedule import Schedule
from gitops_tui.engine.sources import Sources
from gitops_tui.engine.system import System
from gitops_tui.git.url import redact
from gitops_tui.model.catalogue import Code
from gitops_tui.model.decision import Decision

IDLE_S = 60.0

OnFetched = Callable[[str, bool], None]
"""A repository (as written) was asked; whether a ref moved. Called on the core's thread."""


class Polling:
    """Begins with the first application that reads a repository; used on the core's thread."""

    def __init__(
        self,
        system: System,
        schedule: Schedule,
        pool: Pool,
        sources: Sources,
        fetched: OnFetched,
        clock: Callable[[], datetime],
    ) -> None:
        self._system = system
        self._schedule = schedule
        self._pool = pool
        self._sources = sources
        self._fetched = fetched
        self._polled: set[str] = set()
        self._next: dict[str, datetime] = {}
        self._clock = clock
        self._random = random.Random()

    def watch(self, repo_urls: Iterable[str]) -> None:
        for repo_url in repo_urls:
            if repo_url and repo_url not in self._polled:
                self._polled.add(repo_url)
                self._later(repo_url)

    def _later(self, repo_url: str) -> None:
        """Without a period nothing is fetched by itself, but a period may be set at any time."""
        settings = self._system.settings
        delay_s = (settings.poll_s or IDLE_S) + self._random.uniform(0, settings.poll_jitter_s)
        self._next[repo_url] = self._clock() + timedelta(seconds=delay_s)
        self._schedule.put(("poll", repo_url), lambda: self._now(repo_url), delay_s)

    def answers(self, repo_urls: Iterable[str]) -> tuple[Decision, ...]:
        """When these repositories are asked next."""
        if not self._system.settings.poll_s:
            return (Decision(Code.POLL_OFF),)
        known = [url for url in dict.fromkeys(repo_urls) if url in self._next]
        return tuple(Decision(Code.NEXT_POLL, {"repository": redact(url)}, next_at=self._next[url]) for url in known)

    def _now(self, repo_url: str) -> None:
        self._later(repo_url)
        if not self._system.settings.poll_s:
            return

        def fetch() -> None:
            moved = bool(self._sources.fetch_all({repo_url}))
            self._schedule.put(("polled", repo_url), lambda: self._fetched(repo_url, moved))

        self._pool.submit(fetch)
