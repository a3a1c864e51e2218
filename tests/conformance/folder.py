"""The folder that a case is about: files in the case itself, or a folder beside the cases."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gitops_tui.errors import NoSuchFile, RepositoryError
from tests.conformance.runner import cases_folder

ROOT = "$ROOT"


@dataclass(frozen=True, slots=True)
class DiskEntry:
    name: str
    path: str
    kind: str


class DiskReader:
    """A folder as a `TreeReader`: what the git package does for a commit."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def entries(self, path: str) -> Sequence[DiskEntry]:
        folder = self._resolved(path)
        if not folder.is_dir():
            raise RepositoryError(f"{path} is no directory")
        return [DiskEntry(one.name, f"{path}/{one.name}".lstrip("/"), _kind(one)) for one in os.scandir(folder)]

    def read(self, path: str) -> bytes:
        file = self._resolved(path)
        if not file.is_file():
            raise NoSuchFile(f"{path} is no file")
        return file.read_bytes()

    def _resolved(self, path: str) -> Path:
        try:
            found = (self._root / path).resolve()
        except (OSError, RuntimeError) as error:
            raise RepositoryError(f"{path} cannot be followed") from error
        if not found.is_relative_to(self._root):
            raise RepositoryError(f"{path} leaves the repository")
        return found


def _kind(entry: os.DirEntry[str]) -> str:
    if entry.is_symlink():
        return "symlink"
    return "tree" if entry.is_dir() else "blob"


@contextmanager
def repository(args: dict[str, Any]) -> Iterator[tuple[DiskReader, str]]:
    """The repository of a case's arguments, and the application's path in it."""
    with TemporaryDirectory() as temporary:
        if args.get("files") is not None:
            _write(Path(temporary), args["files"])
        root = _place(args.get("repoRoot") or args["appPath"], temporary)
        path = os.path.relpath(_place(args["appPath"], temporary), root)
        yield DiskReader(root), "" if path == "." else path


def _place(named: str, temporary: str) -> Path:
    cases = cases_folder()
    if named.startswith(ROOT) or cases is None:
        return Path(named.replace(ROOT, temporary, 1))
    return cases / "render" / named


def _write(root: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
