"""A repository in a dictionary: path to content; ``Link`` for a symbolic link, ``Submodule`` for a submodule."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gitops_tui.errors import NoSuchFile, RepositoryError


@dataclass(frozen=True, slots=True)
class Link:
    target: str


@dataclass(frozen=True, slots=True)
class Submodule:
    commit: str


@dataclass(frozen=True, slots=True)
class FileEntry:
    name: str
    path: str
    kind: str


class DictReader:
    """Fulfils `TreeReader`, and notes what was read."""

    def __init__(self, files: Mapping[str, str | bytes | Link | Submodule]) -> None:
        self._files = files
        self.was_read: list[str] = []

    def entries(self, path: str) -> Sequence[FileEntry]:
        prefix = f"{path}/" if path else ""
        below = [name[len(prefix) :] for name in self._files if name.startswith(prefix)]
        if path and not below:
            raise RepositoryError(f"{path} is not a directory")
        names = dict.fromkeys(name.partition("/")[0] for name in reversed(below))
        return [FileEntry(name, prefix + name, self._kind(prefix + name)) for name in names]

    def _kind(self, path: str) -> str:
        kinds = {Link: "symlink", Submodule: "submodule", type(None): "tree"}
        return kinds.get(type(self._files.get(path)), "blob")

    def read(self, path: str) -> bytes:
        self.was_read.append(path)
        found = self._files.get(path)
        if isinstance(found, Link):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), found.target))
            if target.startswith(("..", "/")):
                raise RepositoryError(f"{path} leaves the repository")
            return self.read(target)
        if found is None or isinstance(found, Submodule):
            raise NoSuchFile(f"{path} is not there")
        return found.encode() if isinstance(found, str) else found
