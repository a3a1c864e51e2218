"""Which revisions are told of an application, so that each can be told as the commit of its own path.

A deployment is recorded with the commit that its branch was at, which is rarely the application's own
(`AppView.own`). Only today's is looked up with each comparison; those of its past are asked for where they are shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from gitops_tui.model.operation import HistoryEntry
from gitops_tui.model.snapshot import AppView

Revisions = tuple[str, ...]
"""One for each source."""


def told_revisions(view: AppView) -> frozenset[Revisions]:
    """Those of its history, its operation and its decisions; not those of other paths than it has today."""
    others = {entry.commits for entry in view.history if not _is_of_its_paths(entry, view)}
    return frozenset(one for one in _told(view) if any(one)) - others


def with_path_commits(view: AppView, found: Mapping[tuple[int, str], str]) -> AppView:
    """The view with these commits besides those that it knows."""
    return replace(view, path_commits={**found, **view.path_commits})


def _told(view: AppView) -> Iterator[Revisions]:
    yield from (entry.commits for entry in view.history)
    if view.operation is not None:
        asked, result = view.operation.operation, view.operation.sync_result
        yield asked.revisions or (asked.revision,)
        yield result.commits if result is not None else ()
    if view.reported is not None:
        yield view.reported.revisions or (view.reported.revision,)
    for decision in (*view.why, *(one.decision for one in view.log)):
        revision = decision.facts.get("revision")
        if isinstance(revision, str):
            yield tuple(revision.split(" "))


def _is_of_its_paths(entry: HistoryEntry, view: AppView) -> bool:
    places = [(one.get("repoURL", ""), one.get("path", "")) for one in entry.all_sources]
    return not places or places == [(one.repo_url, one.path) for one in view.app.sources]
