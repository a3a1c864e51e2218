"""The repositories that sources name, fetched and rendered; what was rendered once is not rendered again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from gitops_tui.config import Settings
from gitops_tui.engine.counted import GIT_FAILURES, GIT_REQUESTS, GIT_SECONDS, repository_label
from gitops_tui.engine.outage import Outages
from gitops_tui.engine.renderings import Renderings
from gitops_tui.engine.tally import Tally
from gitops_tui.errors import RepositoryError, SourceError
from gitops_tui.git.mirror import Mirror
from gitops_tui.git.url import is_commit_sha, redact
from gitops_tui.model.application import AppKey, Source
from gitops_tui.model.commit import Commit
from gitops_tui.model.snapshot import SourceView
from gitops_tui.render import overrides
from gitops_tui.render.detect import SourceType, source_type
from gitops_tui.render.directory import Rendered, render_directory
from gitops_tui.render.overrides import overridden
from gitops_tui.sync.tracking import instance_name

RENDERED = "rendered"
"""Beside the mirrors: what was read from them."""


class SourceAt(Struct, frozen=True):
    """A source pinned to a commit. ``content`` identifies what is read there: equal ones render equally."""

    source: Source
    """As the Application has it."""
    rendered_as: Source
    """As the files in its directory change it (`render.overrides`)."""
    mirror: Mirror
    sha: str
    content: str
    type: SourceType
    error: SourceError | None = None
    """Why those files cannot be read: the commit is known, and cannot be rendered."""

    def last_commit(self) -> Commit:
        """The newest commit that touched the path: that one the application is at, whatever else was committed."""
        found = self.log(self.sha, limit=1)
        return found[0] if found else self.mirror.commit(self.sha)

    def log(self, sha: str, *, limit: int) -> tuple[Commit, ...]:
        """The commits that touched the path, of those that ``sha`` contains; newest first."""
        path = self.source.path.strip("/")
        return self.mirror.log(sha, paths=(path,) if path and path != "." else (), limit=limit)


class Sources:
    """Mirrors by URL, and renderings by content. Thread-safe."""

    def __init__(
        self,
        settings: Settings,
        clock: Callable[[], datetime],
        publish: Callable[[SourceView], None],
        tally: Tally | None = None,
        *,
        namespace: str,
    ) -> None:
        """``namespace``: where Applications lie whose names stand alone in the names of override files."""
        self._namespace = namespace
        self._settings = settings
        self._clock = clock
        self._publish = publish
        self._tally = tally or Tally()
        self._outages = Outages(settings.reconcile.repo_error_grace_s, clock)
        self._lock = threading.Lock()
        self._mirrors: dict[str, Mirror] = {}
        self._is_closed = False
        self._opening: dict[str, threading.Lock] = {}
        self._views: dict[str, SourceView] = {}
        self._renderings = Renderings(settings.git_cache / RENDERED)

    def mapped(self, repo_url: str) -> str:
        """The URL or path that is fetched for a ``repoURL`` as written (settings: ``repositories``)."""
        wanted = repo_url.rstrip("/").removesuffix(".git")
        for written, actual in self._settings.repositories.items():
            if written.rstrip("/").removesuffix(".git") == wanted:
                return actual
        return repo_url

    def mirror(self, repo_url: str) -> Mirror:
        """The mirror of a repository, cloned at first use. One thread clones, the others wait."""
        url = self.mapped(repo_url)
        with self._lock:
            known = self._mirrors.get(url)
            opening = self._opening.setdefault(url, threading.Lock())
        if known is not None:
            return known
        with opening:
            if url not in self._mirrors:
                mirror = self._first_open(url)
                with self._lock:
                    self._mirrors[url] = mirror
                    is_over = self._is_closed
                if is_over:
                    mirror.close()
            return self._mirrors[url]

    def _first_open(self, url: str) -> Mirror:
        try:
            mirror = Mirror.open(url, cache_root=self._settings.git_cache)
            self._fetch(url, mirror)
            return mirror
        except RepositoryError as error:
            self._show(url, error=error.message)
            raise

    def outage(self, repo_url: str) -> RepositoryError | None:
        """Why what a repository was when it last answered no longer counts; None while it does."""
        return self._outages.of(self.mapped(repo_url))

    def outage_of(self, source: Source) -> RepositoryError | None:
        """The same of a source: a commit that is named is what it was."""
        return None if is_commit_sha(source.target_revision) else self.outage(source.repo_url)

    def fetch_all(self, repo_urls: set[str], *, is_asked: bool = False) -> set[str]:
        """Fetch these repositories; the ``repoURL``s of those in which a ref moved. Failures show in their views.

        ``is_asked``: somebody asked for it, and is told of a failure at once (`outage`).
        """
        moved = set()
        for repo_url in sorted(repo_urls - {""}):
            try:
                if self.fetch(repo_url):
                    moved.add(repo_url)
            except RepositoryError as error:
                self._outages.failed(self.mapped(repo_url), error, is_asked=is_asked)
        return moved

    def fetch(self, repo_url: str) -> bool:
        """Fetch now; whether a ref moved."""
        url = self.mapped(repo_url)
        known = self._mirrors.get(url)
        if known is None:
            self.mirror(repo_url)
            return True
        return self._fetch(url, known)

    def _fetch(self, url: str, mirror: Mirror) -> bool:
        try:
            outcome = mirror.fetch(progress=lambda text: self._show(url, progress=str(text)))
        except RepositoryError as error:
            self._tally.add(GIT_FAILURES, repository_label(url))
            self._show(url, error=error.message)
            raise
        self._outages.answered(url)
        for kind, seconds in (("ls-remote", outcome.asked_s), ("fetch", outcome.transferred_s)):
            if seconds is not None:
                self._tally.add(GIT_REQUESTS, repository_label(url), kind)
                self._tally.observe(GIT_SECONDS, seconds, repository_label(url), kind)
        self._show(url, fetched_at=self._clock())
        return bool(outcome.changed_refs)

    def _show(self, url: str, *, fetched_at: datetime | None = None, error: str = "", progress: str = "") -> None:
        shown = redact(url)
        last = self._views.get(shown)
        at = fetched_at or (last.fetched_at if last else None)
        view = SourceView(shown, at, error, progress)
        self._views[shown] = view
        self._publish(view)

    def pin(self, app: AppKey, source: Source, revision: str | None = None) -> SourceAt:
        """Resolve a revision of an application's source (or another) and find out how it is rendered."""
        mirror = self.mirror(source.repo_url)
        sha = mirror.resolve(source.target_revision or "HEAD" if revision is None else revision)
        path = source.path.strip("/")
        names = [entry.name for entry in mirror.children(sha, path)]
        rendered_as, error = source, None
        if overrides.are_among(names):
            try:
                rendered_as = overridden(mirror.reader(sha), source, instance_name(app, self._namespace))
            except SourceError as failure:
                error = failure
        kind = source_type(rendered_as, names)
        return SourceAt(source, rendered_as, mirror, sha, mirror.content_id(sha, path), kind, error)

    def render(self, at: SourceAt) -> Rendered:
        """The objects of a pinned source; the same content with the same options is rendered once."""
        if at.error is not None:
            raise at.error
        return self._renderings.of(
            at.content, at.rendered_as, lambda: render_directory(at.mirror.reader(at.sha), at.rendered_as)
        )

    def forget(self) -> None:
        """Render everything anew."""
        self._renderings.forget()

    def close(self) -> None:
        """End every git that runs; a mirror that is just being opened is closed when it is."""
        with self._lock:
            self._is_closed = True
            mirrors = tuple(self._mirrors.values())
        for mirror in mirrors:
            mirror.close()
