"""The bare repository that the demo's Applications name: weeks of commits, made by one ``git fast-import``."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from gitops_tui.errors import RepositoryError
from gitops_tui.sandbox.world.story import Author

BRANCH = "refs/heads/main"


class Change(Struct, frozen=True):
    """One commit. A path with None is deleted."""

    at: datetime
    author: Author
    message: str
    files: Mapping[str, str | None]


class Repository:
    """Bare, with ``main`` as its only branch. Whoever pushes meanwhile is not overwritten."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def create(cls, path: Path) -> Repository:
        """Raises `RepositoryError` where Git is missing or refuses."""
        found = cls(path)
        _git("init", "--quiet", "--bare", "--initial-branch=main", str(path))
        return found

    def commit(self, changes: Iterable[Change]) -> list[str]:
        """Add commits on top of ``main``; their ids. Raises `RepositoryError`, also where ``main`` moved meanwhile."""
        tip = self.tip()
        ordered = list(changes)
        stream = b"feature done\n" + b"".join(
            _commit(number, one, tip if number == 1 else "") for number, one in enumerate(ordered, start=1)
        )
        asked = b"".join(b"get-mark :%d\n" % number for number in range(1, len(ordered) + 1))
        answer = self.git("fast-import", "--quiet", stdin=stream + asked + b"done\n")
        return answer.split()

    def tip(self) -> str:
        """The commit that ``main`` is at; empty in an empty repository."""
        return self.git("for-each-ref", "--format=%(objectname)", BRANCH).strip()

    def read(self, path: str, revision: str = BRANCH) -> str:
        return self.git("show", f"{revision}:{path}")

    def git(self, *arguments: str, stdin: bytes = b"") -> str:
        return _git(*arguments, at=self.path, stdin=stdin)


def _commit(number: int, change: Change, parent: str) -> bytes:
    who = f"{change.author.name} <{change.author.email}> {int(change.at.timestamp())} +0000"
    parts = [f"commit {BRANCH}\nmark :{number}\nauthor {who}\ncommitter {who}\n".encode(), _data(change.message)]
    if parent:
        parts.append(f"from {parent}\n".encode())
    for path, text in change.files.items():
        if text is None:
            parts.append(f"D {path}\n".encode())
        else:
            parts += [f"M 100644 inline {path}\n".encode(), _data(text)]
    return b"".join(parts) + b"\n"


def _data(text: str) -> bytes:
    content = text.encode()
    return b"data %d\n%s\n" % (len(content), content)


def _git(*arguments: str, at: Path | None = None, stdin: bytes = b"") -> str:
    """Git without the configuration of whoever runs the demo."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment = {**own, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=at, input=stdin, capture_output=True, env=environment, check=True
        )
    except FileNotFoundError as error:
        raise RepositoryError("git is not installed", hint="Install Git 2.28 or newer.") from error
    except subprocess.CalledProcessError as error:
        raise RepositoryError(f"git {arguments[0]} failed: {error.stderr.decode(errors='replace').strip()}") from error
    return done.stdout.decode()
