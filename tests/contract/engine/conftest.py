"""A site over each API server in turn; every engine that a test started is stopped when it ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.contract.engine.site import Site
from tests.contract.target import Target, sandbox, target

__all__ = ["sandbox", "target"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's home: Git knows an author, and nothing else of whoever runs the tests."""
    directory = tmp_path / "home"
    directory.mkdir()
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(directory))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(directory / ".config"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    (directory / ".gitconfig").write_text(
        "[user]\n\tname = Ada Lovelace\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n"
    )
    return directory


@pytest.fixture
def site(target: Target, tmp_path: Path, home: Path) -> Iterator[Site]:
    folder = tmp_path / "site"
    folder.mkdir()
    with ExitStack() as stack:
        yield Site(target, folder, stack)
