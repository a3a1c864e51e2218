"""A push that a webhook told of: which Applications it concerns, and their refresh.

Source: Argo CD's ``util/webhook`` HandleEvent (semantics 1.1, "Webhooks").
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Protocol

from gitops_tui.git.versions import is_constraint, newest
from gitops_tui.model.application import AppKey, Application, Source
from gitops_tui.render.paths import files_have_changed, refresh_paths
from gitops_tui.webhook.push import HEADS, TAGS, Push, RefChange, repository_of


def concerned(apps: Iterable[Application], push: Push) -> tuple[AppKey, ...]:
    """The Applications one of whose sources reads what was pushed."""
    repositories = {found for url in push.urls if (found := repository_of(url))}
    return tuple(app.key for app in apps if any(_reads(app, source, push, repositories) for source in app.sources))


def _reads(app: Application, source: Source, push: Push, repositories: set[str]) -> bool:
    if source.chart or repository_of(source.repo_url) not in repositories:
        return False
    if not any(follows(source.target_revision, change) for change in push.changes):
        return False
    return files_have_changed(refresh_paths(app, source), push.files)


def follows(target_revision: str, change: RefChange) -> bool:
    """Whether a ``targetRevision`` may mean another commit after a ref moved. A commit's SHA never does."""
    if target_revision in ("", "HEAD"):
        return change.is_default is not False
    if target_revision.startswith((HEADS, TAGS)):
        return target_revision == change.name
    if target_revision == change.short:
        return True
    is_range = change.is_tag and is_constraint(target_revision)
    return is_range and newest(target_revision, [change.short]) is not None


class Refresh(Protocol):
    def __call__(self, keys: Iterable[AppKey], *, hard: bool, fetched: Callable[[], None]) -> None: ...


class Pushes:
    """Many pushes of one repository become one refresh that runs and one that waits. Thread-safe."""

    def __init__(self, apps: Callable[[], Iterable[Application]], refresh: Refresh) -> None:
        self._apps = apps
        self._refresh = refresh
        self._lock = threading.Lock()
        self._waiting: dict[str, set[AppKey]] = {}
        """By repository, while one of its refreshes fetches; what came meanwhile is in the set."""

    def take(self, push: Push) -> tuple[AppKey, ...]:
        """Refresh what the push concerns; these are named."""
        keys = concerned(self._apps(), push)
        if not keys:
            return ()
        repository = repository_of(push.urls[0])
        with self._lock:
            waiting = self._waiting.get(repository)
            if waiting is not None:
                waiting.update(keys)
                return keys
            self._waiting[repository] = set()
        self._begin(repository, keys)
        return keys

    def _begin(self, repository: str, keys: Iterable[AppKey]) -> None:
        self._refresh(keys, hard=False, fetched=lambda: self._fetched(repository))

    def _fetched(self, repository: str) -> None:
        with self._lock:
            keys = self._waiting.pop(repository, set())
            if keys:
                self._waiting[repository] = set()
        if keys:
            self._begin(repository, keys)
