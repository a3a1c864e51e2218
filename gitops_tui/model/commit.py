"""A Git commit, as history shows it. All times in UTC; all text as somebody wrote it (hostile until drawn)."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


class Commit(Struct, frozen=True):
    """``sha`` is the full 40 hex digits; ``parents`` in Git's order."""

    sha: str
    author_name: str
    author_email: str
    authored_at: datetime
    committer_name: str
    committed_at: datetime
    subject: str
    body: str = ""
    parents: tuple[str, ...] = ()

    @property
    def short(self) -> str:
        return self.sha[:7]

    @property
    def is_merge(self) -> bool:
        return len(self.parents) > 1
