"""What rendering asks of a repository: the files of one commit, by path."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Entry(Protocol):
    """One name in a directory. ``path`` is relative to the repository's root, without a slash at either end."""

    @property
    def name(self) -> str: ...

    @property
    def path(self) -> str: ...

    @property
    def kind(self) -> str:
        """``blob``, ``tree``, ``symlink`` or ``submodule``."""
        ...


class TreeReader(Protocol):
    """The files of one commit. Both methods raise `RepositoryError` where there is nothing to read."""

    def entries(self, path: str) -> Sequence[Entry]:
        """The direct children of a directory; ``""`` is the root."""
        ...

    def read(self, path: str) -> bytes:
        """The content of a file; raises `NoSuchFile` where there is none.

        Symbolic links are followed, and refused where they leave the repository.
        """
        ...
