"""A folder of this machine in place of a commit: what somebody is about to commit (``--local``)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from gitops_tui.errors import NoSuchFile, RepositoryError


class LocalEntry(Struct, frozen=True):
    name: str
    path: str
    kind: str


class LocalTree(Struct, frozen=True):
    """Reads below ``root`` only: a symbolic link that leads out of it is refused, as in a repository."""

    root: Path

    def entries(self, path: str) -> Sequence[LocalEntry]:
        try:
            found = sorted(self._below(path).iterdir())
        except OSError as error:
            raise _unreadable(self.root / path, error) from error
        return [LocalEntry(one.name, f"{path}/{one.name}".lstrip("/"), _kind(one)) for one in found]

    def read(self, path: str) -> bytes:
        try:
            return self._below(path).read_bytes()
        except OSError as error:
            raise _unreadable(self.root / path, error) from error

    def _below(self, path: str) -> Path:
        found, root = (self.root / path).resolve(), self.root.resolve()
        if found != root and root not in found.parents:
            raise RepositoryError(f"{self.root / path} leads out of {self.root}", hint="Give a folder that holds it.")
        return found


def _kind(path: Path) -> str:
    if path.is_symlink():
        return "symlink"
    return "tree" if path.is_dir() else "blob"


def _unreadable(path: Path, error: OSError) -> RepositoryError:
    is_none = isinstance(error, (FileNotFoundError, IsADirectoryError))
    kind = NoSuchFile if is_none else RepositoryError
    return kind(f"{path} cannot be read: {error.strerror}", hint="Give a folder of manifests with --local.")
