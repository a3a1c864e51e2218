"""Real repositories, made by the real git, in a home of their own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from gitops_tui.git.mirror import Mirror


class Clone:
    """Somebody's clone, with a bare repository as its remote."""

    def __init__(self, directory: Path, remote: Path) -> None:
        self.directory = directory
        self.remote = remote
        self._minute = 0

    @property
    def url(self) -> str:
        return f"file://{self.remote}"

    def git(self, *args: str, stdin: str | None = None) -> str:
        self._minute += 1
        date = f"2026-01-01T{self._minute // 60:02}:{self._minute % 60:02}:00Z"
        return subprocess.run(
            ("git", *args),
            cwd=self.directory,
            env=os.environ | {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date},
            input=stdin,
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        ).stdout.strip()

    def write(self, files: Mapping[str, str]) -> None:
        for name, content in files.items():
            path = self.directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")

    def commit(self, subject: str, files: Mapping[str, str] | None = None) -> str:
        """Commit everything and push the branch; the SHA."""
        self.write(files or {})
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", subject)
        self.git("push", "--quiet", "--force", "origin", "HEAD")
        return self.git("rev-parse", "HEAD")

    def hook(self, name: str, script: str) -> None:
        """A hook of the remote."""
        path = self.remote / "hooks" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)

    def tip(self, branch: str) -> str:
        """Where a branch of the remote stands; empty where there is none."""
        return self.git("ls-remote", "origin", f"refs/heads/{branch}").partition("\t")[0]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's home: only what a test configures in it is configured."""
    directory = tmp_path / "home"
    directory.mkdir()
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("EMAIL", raising=False)
    monkeypatch.setenv("HOME", str(directory))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(directory / ".config"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    (directory / ".gitconfig").write_text(
        "[user]\n\tname = Ada Lovelace\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n", encoding="utf-8"
    )
    return directory


@pytest.fixture
def clone(tmp_path: Path, home: Path) -> Clone:
    """An empty clone of an empty remote, both on ``main``."""
    remote, directory = tmp_path / "remote.git", tmp_path / "clone"
    subprocess.run(("git", "init", "--quiet", "--bare", str(remote)), check=True)
    subprocess.run(("git", "clone", "--quiet", str(remote), str(directory)), check=True, capture_output=True)
    return Clone(directory, remote)


OpenMirror = Callable[[str], Mirror]


@pytest.fixture
def open_mirror(tmp_path: Path) -> Iterator[OpenMirror]:
    """Opens mirrors in one cache, and closes them."""
    opened: list[Mirror] = []

    def open_one(url: str) -> Mirror:
        mirror = Mirror.open(url, cache_root=tmp_path / "cache")
        opened.append(mirror)
        return mirror

    yield open_one
    for mirror in opened:
        mirror.close()


@pytest.fixture
def mirror(clone: Clone, open_mirror: OpenMirror) -> Mirror:
    """Opened, not fetched yet."""
    return open_mirror(clone.url)
