"""The files of one commit, read from Git without a checkout. Symlinks are followed, but never out of the repository."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from gitops_tui.errors import NoSuchFile, RepositoryError, RevisionNotFound
from gitops_tui.git.objects import ObjectMissing, ObjectStore, TreeEntry

_MOST_LINKS = 40
"""As many symlinks on the way to one file as Linux follows."""
_DEEPEST = 1000


class CommitReader:
    """Directories and files at ``sha``; paths are relative to the repository's root, ``""`` is the root itself."""

    def __init__(self, objects: ObjectStore, sha: str, *, url: str = "") -> None:
        self.sha = sha
        self._objects = objects
        self._url = url
        self._lock = threading.Lock()
        self._root: TreeEntry | None = None

    def entries(self, path: str = "") -> tuple[TreeEntry, ...]:
        """What a directory holds, in git's order; raises `RepositoryError` where ``path`` is none."""
        entry = self._directory(path)
        prefix = _prefix(path)
        return tuple(
            TreeEntry(prefix + child.path, child.mode, child.kind, child.oid)
            for child in self._objects.children(entry.oid)
        )

    def read(self, path: str) -> bytes:
        """The content of a file; raises `NoSuchFile` where ``path`` is none."""
        entry = self.entry(path)
        if entry.kind != "blob":
            raise NoSuchFile(f"{path or '.'} is a {_NAMES[entry.kind]}, no file", url=self._url)
        return self._objects.read(entry.oid).content

    def tree_id(self, path: str = "") -> str:
        """The object id of a directory: the same id means the same content all the way down."""
        return self._directory(path).oid

    def tree(self, path: str = "") -> tuple[TreeEntry, ...]:
        """Every file, symlink and submodule below a directory."""
        return tuple(self._below(self._directory(path).oid, _prefix(path), 0))

    def entry(self, path: str) -> TreeEntry:
        """What a path leads to, after all symlinks; its ``path`` is its bare name."""
        pending = list(reversed(path.split("/")))
        way = [self._top()]
        links = 0
        while pending:
            name = pending.pop()
            if name in ("", "."):
                continue
            if way[-1].kind != "tree":
                # Not the same as a file that is missing: what is below a submodule may well be there.
                raise self._error(f"{path} is no path: {way[-1].name} is a {_NAMES[way[-1].kind]}, no directory")
            if name == "..":
                if len(way) == 1:
                    raise self._error(f"{path} leads out of the repository")
                way.pop()
                continue
            child = self._objects.child(way[-1].oid, name)
            if child is None:
                message = f"{path} does not exist at {self.sha[:7]}"
                raise NoSuchFile(message, url=self._url, hint="Correct the path or the revision.")
            if child.kind != "symlink":
                way.append(child)
                continue
            links += 1
            pending.extend(reversed(self._target(child, path, links)))
        return way[-1]

    def _target(self, link: TreeEntry, path: str, links: int) -> list[str]:
        if links > _MOST_LINKS:
            raise self._error(f"{path} goes through too many symlinks")
        target = self._objects.read(link.oid).content.decode(errors="surrogateescape")
        if target.startswith("/"):
            raise self._error(f"{path} leads out of the repository: {link.name} is a symlink to {target}")
        return target.split("/")

    def _directory(self, path: str) -> TreeEntry:
        entry = self.entry(path)
        if entry.kind != "tree":
            raise self._error(f"{path} is a {_NAMES[entry.kind]}, no directory")
        return entry

    def _top(self) -> TreeEntry:
        with self._lock:
            if self._root is None:
                try:
                    found = self._objects.read(f"{self.sha}^{{tree}}")
                except ObjectMissing as error:
                    raise RevisionNotFound(
                        f"there is no commit {self.sha}", url=self._url, revision=self.sha
                    ) from error
                self._root = TreeEntry("", "040000", "tree", found.oid)
            return self._root

    def _below(self, oid: str, prefix: str, depth: int) -> Iterator[TreeEntry]:
        if depth > _DEEPEST:
            raise self._error(f"{prefix[:80]}… is nested too deeply")
        for child in self._objects.children(oid):
            if child.kind == "tree":
                yield from self._below(child.oid, f"{prefix}{child.path}/", depth + 1)
            else:
                yield TreeEntry(prefix + child.path, child.mode, child.kind, child.oid)

    def _error(self, message: str) -> RepositoryError:
        return RepositoryError(message, url=self._url)


_NAMES = {"blob": "file", "tree": "directory", "submodule": "submodule", "symlink": "symlink"}


def _prefix(path: str) -> str:
    parts = [part for part in path.split("/") if part not in ("", ".")]
    return "".join(f"{part}/" for part in parts)
