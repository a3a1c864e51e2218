"""A repository's mirror in the cache: fetched under a lock, read at any commit, never checked out."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from msgspec import Struct

from gitops_tui.errors import RepositoryError, RevisionNotFound
from gitops_tui.git import store
from gitops_tui.git.failure import failure, is_corruption
from gitops_tui.git.history import History
from gitops_tui.git.links import Links
from gitops_tui.git.lock import file_lock
from gitops_tui.git.objects import ObjectStore, TreeEntry
from gitops_tui.git.process import NETWORK_S, OnProgress, Result, Runner
from gitops_tui.git.reader import CommitReader
from gitops_tui.git.refs import HEADS, TAGS, UNBORN, Refs, find, local_refs, not_found, remote_refs
from gitops_tui.git.url import cache_key, is_commit_sha, local_path, redact, sanitize
from gitops_tui.git.versions import is_constraint, newest
from gitops_tui.model.commit import Commit

_KEPT = "refs/gitops-tui/kept/"
"""Commits that no branch leads to, fetched because somebody asked: held against git's garbage collection."""
_REFUSED = re.compile(r"not our ref|unadvertised object|find remote ref|no such remote ref|unable to find [0-9a-f]{40}")
_CACHED_ANSWERS = 4096
_CACHED_PATCHES = 32
_CACHED_READERS = 64


class FetchOutcome(Struct, frozen=True):
    """``changed_refs`` are full names since the last fetch of this `Mirror`; all of them after the first one."""

    at: datetime
    changed_refs: tuple[str, ...]
    asked_s: float = 0.0
    """How long the remote took to name its refs …"""
    transferred_s: float | None = None
    """… and to send what was new; None where nothing was."""


class Mirror:
    """All branches and tags of one remote. Thread-safe; several processes may use the same cache."""

    def __init__(self, url: str, directory: Path) -> None:
        """For `open`; ``directory`` need not exist before the first fetch."""
        self.url = url
        self.shown_url = redact(url)
        self.directory = directory
        self.runner = Runner(directory, _environment(url, directory))
        self.objects = ObjectStore(self.runner)
        self._links = Links(self.objects)
        self.history = History(self.runner, self.shown_url)
        self._seen = Refs()
        self._unavailable: set[str] = set()
        self._lock = threading.Lock()
        # What a full id leads to never changes; these are asked for again with each view that is published.
        self._commit = lru_cache(_CACHED_ANSWERS)(self._uncached_commit)
        self._log = lru_cache(_CACHED_ANSWERS)(self._uncached_log)
        self._blame = lru_cache(_CACHED_ANSWERS)(self._uncached_blame)
        self._changed_files = lru_cache(_CACHED_ANSWERS)(self._uncached_changes)
        self._tree_id = lru_cache(_CACHED_ANSWERS)(self._uncached_tree_id)
        self._content_id = lru_cache(_CACHED_ANSWERS)(self._uncached_content_id)
        self._reader = lru_cache(_CACHED_READERS)(self._uncached_reader)
        self._show = lru_cache(_CACHED_PATCHES)(self._uncached_show)

    @classmethod
    def open(cls, url: str, *, cache_root: Path) -> Mirror:
        """The mirror of ``url`` below ``cache_root``, made empty where there is none. Asks no remote."""
        mirror = cls(url, cache_root / cache_key(url))
        with mirror._exclusive():
            if not store.is_usable(mirror.directory) or not mirror._is_readable():
                mirror._remake()
        return mirror

    def close(self) -> None:
        """End every git that runs for this mirror, a fetch in the middle too."""
        self.runner.stop()
        self.objects.close()

    # -- the remote

    def fetch(self, progress: OnProgress | None = None) -> FetchOutcome:
        """Bring branches, tags and HEAD to what the remote has; what is gone there goes here.

        Raises `RepositoryError` or `AuthRequired`; the mirror stays as it was then. One that turns out to be broken
        is made anew.
        """
        with self._exclusive():
            self._mend()
            began = time.monotonic()
            remote = remote_refs(self.runner, self.shown_url)
            asked = time.monotonic()
            is_new = remote != self._local_refs()
            if is_new:
                self._transfer(remote, progress)
            transferred_s = time.monotonic() - asked if is_new else None
            with self._lock:
                changed = remote.changed_since(self._seen)
                self._seen = remote
                self._unavailable.clear()
        return FetchOutcome(datetime.now(UTC), changed, asked - began, transferred_s)

    def resolve(self, revision: str) -> str:
        """The full SHA of a commit: ``HEAD``, a branch, a tag (peeled), a full or a short SHA.

        A constraint such as ``1.*`` is the newest tag that it allows; where there is none, it is a name like others.
        A full SHA that no branch leads to is asked of the remote, once between two fetches. Raises
        `RevisionNotFound` with names that come near.
        """
        revision = revision.strip()
        found = find(self.objects, self._newest_tag(revision) or revision)
        if found is None and is_commit_sha(revision) and self._fetch_commit(revision.lower()):
            found = find(self.objects, revision)
        if found is None:
            raise not_found(revision, self.refs(), self.shown_url)
        return found

    def knows(self, revision: str) -> bool:
        """Whether a name, a full or a short SHA is that of a commit here; the remote is not asked."""
        return find(self.objects, revision) is not None

    def branch(self, revision: str) -> str:
        """The short name of the branch that a revision names; empty where it names none."""
        refs = self.refs()
        if revision in ("", "HEAD"):
            return refs.head.removeprefix(HEADS) if refs.head.startswith(HEADS) else ""
        names = (revision.removeprefix(HEADS), revision.removeprefix("origin/"))
        return next((name for name in names if HEADS + name in refs.ids), "")

    def leads_to(self, sha: str, revision: str) -> bool:
        """Whether a commit contains another one; false where that is none here."""
        found = find(self.objects, revision)
        return found is not None and self.history.is_ancestor(found, sha)

    def _newest_tag(self, revision: str) -> str:
        """The full name of the tag that a constraint means; empty for what is a name or allows no tag."""
        if not revision or not is_constraint(revision):
            return ""
        tags = [name.removeprefix(TAGS) for name in self.refs().ids if name.startswith(TAGS)]
        found = newest(revision, tags)
        return TAGS + found if found else ""

    def refs(self) -> Refs:
        """Branches, tags and HEAD as of the last fetch, by whichever process."""
        return local_refs(self.runner, self.shown_url)

    # -- trees and files

    def reader(self, sha: str) -> CommitReader:
        """The files of a commit by their paths."""
        return self._reader(sha)

    def children(self, sha: str, path: str = "") -> tuple[TreeEntry, ...]:
        """What a directory holds; raises `RepositoryError` with the path where it is no directory."""
        return self._reader(sha).entries(path)

    def tree(self, sha: str, path: str = "") -> tuple[TreeEntry, ...]:
        """Every file, symlink and submodule below a directory, with paths from the repository's root."""
        return self._reader(sha).tree(path)

    def tree_id(self, sha: str, path: str = "") -> str:
        """The object id of a directory; what links lead to is no part of it."""
        return self._tree_id(sha, path)

    def content_id(self, sha: str, path: str = "") -> str:
        """Equal ids mean that every file below a directory reads the same, links followed."""
        return self._content_id(sha, path)

    def blob(self, sha: str, path: str = "") -> bytes:
        """The content of a file at a commit; without a path, that of the blob whose id ``sha`` is."""
        if path:
            return self._reader(sha).read(path)
        return self.objects.read(sha).content

    # -- commits

    def commit(self, sha: str) -> Commit:
        return self._commit(sha)

    def log(self, sha: str, *, paths: Sequence[str] = (), limit: int = 50, skip: int = 0) -> tuple[Commit, ...]:
        """Commits that ``sha`` contains, newest first; with ``paths`` those that touched one of them."""
        return self._log(sha, tuple(path for path in paths if path), limit, skip)

    def changed_files(self, a: str, b: str) -> tuple[str, ...]:
        """Paths that differ between two commits; a rename is both of its names."""
        return self._changed_files(a, b)

    def file_commit(self, sha: str, path: str) -> Commit | None:
        """The newest commit that touched a file; None where none did."""
        found = self.log(sha, paths=(path,), limit=1) if path else ()
        return found[0] if found else None

    def line_commit(self, sha: str, path: str, line: int) -> Commit | None:
        """The commit that last changed a line (1-based); None where there is no such line."""
        found = self._blame(sha, path, line) if line > 0 else ""
        return self.commit(found) if found else None

    def show(self, sha: str) -> str:
        """As ``git show``, without colour; cut off where it is longer than anybody reads."""
        return self._show(sha)

    # -- how it is done

    def _exclusive(self) -> AbstractContextManager[None]:
        return file_lock(self.directory.with_name(f"{self.directory.name}.lock"), timeout_s=NETWORK_S)

    def _local_refs(self) -> Refs:
        """As `refs`; a mirror that is broken is made anew first."""
        try:
            return self.refs()
        except RepositoryError:
            self._remake()
            return self.refs()

    def _is_readable(self) -> bool:
        try:
            self.refs()
        except RepositoryError:
            return False
        return True

    def _mend(self) -> None:
        """Make the mirror anew where somebody removed it, or where reading failed and git finds it broken."""
        if not store.is_usable(self.directory):
            self._remake()
        elif self.objects.is_suspect:
            checked = self.runner.run("fsck", "--no-dangling", "--no-progress", timeout_s=NETWORK_S)
            if checked.status != 0:
                self._remake()
            self.objects.is_suspect = False

    def _remake(self) -> None:
        self.objects.close()
        store.create(self.directory, remote=sanitize(self.url))
        self._set_head("")
        self.objects.is_suspect = False

    def _transfer(self, remote: Refs, progress: OnProgress | None) -> None:
        wanted = [f"+{HEADS}*:{HEADS}*", f"+{TAGS}*:{TAGS}*"]
        if remote.head and not remote.head.startswith(HEADS):
            wanted.append(f"+HEAD:{_KEPT}HEAD")
        result = self._fetch(*wanted, progress=progress)
        if result.status != 0 and is_corruption(result.stderr):
            self._remake()
            result = self._fetch(*wanted, progress=progress)
        if result.status != 0:
            raise failure(f"cannot fetch {self.shown_url}", result, self.shown_url)
        self._set_head(remote.head)

    def _fetch(self, *refspecs: str, progress: OnProgress | None = None) -> Result:
        options = ("--prune", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--progress")
        return self.runner.run("fetch", *options, "origin", *refspecs, timeout_s=NETWORK_S, on_progress=progress)

    def _set_head(self, head: str) -> None:
        if head and not head.startswith(HEADS):
            result = self.runner.run("update-ref", "--no-deref", "HEAD", head)
        else:
            result = self.runner.run("symbolic-ref", "HEAD", head or UNBORN)
        if result.status != 0:
            raise failure("cannot set HEAD in the mirror", result, self.shown_url)

    def _fetch_commit(self, sha: str) -> bool:
        """Whether the remote hands out a commit that no branch and no tag leads to."""
        with self._exclusive():
            if sha in self._unavailable:
                return False
            result = self._fetch(f"+{sha}:{_KEPT}{sha}")
            if result.status == 0:
                return True
            if not _REFUSED.search(result.stderr):
                raise failure(f"cannot fetch {sha[:7]} from {self.shown_url}", result, self.shown_url)
            self._unavailable.add(sha)
            return False

    def _require(self, sha: str) -> None:
        """Raises `RevisionNotFound` for what is no commit here, without starting a process."""
        if not is_commit_sha(sha) or find(self.objects, sha) is None:
            raise RevisionNotFound(f"there is no commit {sha!r} here", url=self.shown_url, revision=sha)

    def _uncached_commit(self, sha: str) -> Commit:
        self._require(sha)
        return self.history.commit(sha)

    def _uncached_log(self, sha: str, paths: tuple[str, ...], limit: int, skip: int) -> tuple[Commit, ...]:
        self._require(sha)
        return self.history.log(sha, paths=paths, limit=limit, skip=skip)

    def _uncached_changes(self, a: str, b: str) -> tuple[str, ...]:
        self._require(a)
        self._require(b)
        return self.history.changed_files(a, b)

    def _uncached_blame(self, sha: str, path: str, line: int) -> str:
        self._require(sha)
        entry = self._reader(sha).entry(path)
        if entry.kind != "blob":
            return ""
        content = self.objects.read(entry.oid).content
        if line > content.count(b"\n") + (not content.endswith(b"\n") and content != b""):
            return ""
        return self.history.blame(sha, path, line)

    def _uncached_show(self, sha: str) -> str:
        self._require(sha)
        return self.history.show(sha)

    def _uncached_tree_id(self, sha: str, path: str) -> str:
        return self._reader(sha).tree_id(path)

    def _uncached_content_id(self, sha: str, path: str) -> str:
        """Where links lead out of the directory, anything in the commit may be read through them."""
        tree, root = self.tree_id(sha, path), self.tree_id(sha)
        return f"{tree}+{root}" if tree != root and self._links.lead_out(tree) else tree

    def _uncached_reader(self, sha: str) -> CommitReader:
        return CommitReader(self.objects, sha, url=self.shown_url)


def _environment(url: str, directory: Path) -> dict[str, str]:
    """Which repository git works on, whatever lies above it, and where its remote is.

    The URL is given by the environment: it may hold a password, which must not stay on the disk.
    """
    path = local_path(url)
    is_plain_path = path is not None and "://" not in url and path.exists()
    first = int(os.environ.get("GIT_CONFIG_COUNT") or 0)
    return {
        "GIT_DIR": str(directory.absolute()),
        "GIT_CONFIG_COUNT": str(first + 1),
        f"GIT_CONFIG_KEY_{first}": "remote.origin.url",
        f"GIT_CONFIG_VALUE_{first}": str(path.resolve()) if is_plain_path and path else url,
    }
