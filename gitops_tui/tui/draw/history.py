"""The commits of an application's path, newest first, with what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich.text import Text

from gitops_tui.model.snapshot import AppView, CommitView
from gitops_tui.tui.draw.rows import Line, fit, spread, words
from gitops_tui.tui.text import clean, plain
from gitops_tui.tui.words import age

AUTHOR = 10
SOURCE = 16


def title(app: AppView | None) -> Text:
    if app is None:
        return Text("History")
    if len(app.app.sources) > 1:
        return Text(f"History ─ {len(app.app.sources)} sources")
    return words("History ─ ", plain(app.app.source.path or app.app.source.chart or app.app.source.repo_url))


def history_lines(commits: Sequence[CommitView], width: int, now: datetime) -> list[Line]:
    if not commits:
        return [Line(Text("No commit touches this path.", "muted"))]
    sources = min(SOURCE, max(len(clean(one.source)) for one in commits))
    return [Line(_commit(one, width, now, sources), one.commit.sha) for one in commits]


def _commit(view: CommitView, width: int, now: datetime, sources: int) -> Text:
    """``sources``: how wide the column is that says whose commit it is; 0: there is one source."""
    commit = view.commit
    is_deployed = "deployed" in view.marks
    left = words(
        ("✓ " if is_deployed else "  ", "ok"),
        (commit.short, "strong" if is_deployed else "name"),
        " ",
        fit(Text(age(commit.committed_at, now), "muted"), 6),
        " ",
        fit(plain(commit.author_name, "muted"), AUTHOR),
        " ",
        words(fit(plain(view.source, "muted"), sources), " ") if sources else "",
        plain(commit.subject),
    )
    marks = plain(", ".join(view.marks), "bad" if "failed" in view.marks else "ok")
    return spread(left, marks, width)
