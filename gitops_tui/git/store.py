"""Bare repositories in the cache: made, configured, judged and made anew.

GitPython writes their configuration; see docs/decisions/git.md for what it does not do here.
"""

from __future__ import annotations

import os
import shutil
from configparser import Error as ConfigError
from configparser import RawConfigParser
from pathlib import Path

from gitops_tui.errors import RepositoryError
from gitops_tui.git.process import Runner

LAYOUT = 1
"""Counted up when mirrors of an earlier layout cannot be used any more."""
PARTS = ("HEAD", "config", "objects", "refs")


def is_usable(directory: Path) -> bool:
    """Whether this is a bare repository of ours. Looks for its parts and reads its configuration only.

    Without GitPython, whose import is longer than all the rest of opening a mirror; whether git can read what is in it
    is asked of git (`gitops_tui.git.mirror`).
    """
    if not all((directory / part).exists() for part in PARTS):
        return False
    config = RawConfigParser(strict=False, allow_no_value=True)
    try:
        config.read_string((directory / "config").read_text())
        return config.getboolean("core", "bare") and config.getint("gitops-tui", "layout") == LAYOUT
    except (ConfigError, OSError, ValueError):
        return False


def create(directory: Path, *, remote: str = "", config: tuple[tuple[str, str, str], ...] = ()) -> None:
    """Make an empty bare repository, in place of whatever is there.

    ``config`` holds ``(section, option, value)``. ``remote`` is written for people who look into the cache; it
    carries no credentials and git does not read it. Made beside and renamed: nobody meets half a repository.
    """
    beside = directory.with_name(f"{directory.name}.new-{os.getpid()}")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        beside.mkdir(parents=True)
        result = Runner(beside).run("init", "--quiet", "--bare", "--template=", ".")
        if result.status != 0:
            raise RepositoryError(f"git cannot make a repository in {directory.parent}: {result.stderr}")
        _configure(beside, (*config, ("gitops-tui", "layout", str(LAYOUT)), ("gitops-tui", "url", remote)))
        shutil.rmtree(directory, ignore_errors=True)
        beside.rename(directory)
    except OSError as error:
        raise RepositoryError(
            f"the cache {directory} cannot be written: {error.strerror or error}",
            hint="Make room there, or name another cache directory.",
        ) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _configure(directory: Path, values: tuple[tuple[str, str, str], ...]) -> None:
    """With GitPython, which asks for the git program when it is imported: never at the top of a module."""
    from git import Repo

    with Repo(directory) as repository, repository.config_writer("repository") as config:
        for section, option, value in values:
            config.set_value(section, option, value)
