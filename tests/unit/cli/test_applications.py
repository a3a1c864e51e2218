"""``app get``: one application in words."""

from __future__ import annotations

import dataclasses

import pytest
from msgspec.structs import replace

from gitops_tui.cli.applications import LIST_HEADINGS_WIDE, _history_row, _row, _say_application
from gitops_tui.model.application import parse_application
from gitops_tui.model.operation import HistoryEntry
from gitops_tui.model.reader import Origin
from gitops_tui.model.snapshot import AppView
from tests.tui import world
from tests.tui.world import NOW


@pytest.mark.parametrize(("orphans", "said"), [(None, False), (0, False), (2, True)])
def test_orphans_are_told_where_there_are_any(
    orphans: int | None, said: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = {"source": {"repoURL": "u", "path": "."}, "destination": {"name": "in-cluster"}}
    app = parse_application({"metadata": {"name": "shop"}, "spec": spec}, origin=Origin(in_cluster=True))
    _say_application(AppView("1", app, orphans=orphans), NOW)
    found = [line for line in capsys.readouterr().out.splitlines() if line.startswith("Orphans:")]
    assert found == (["Orphans:    2 (app resources shop --orphaned)"] if said else [])


def test_each_source_has_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    sources = [
        {"repoURL": "u", "path": "."},
        {"repoURL": "v", "path": "base", "targetRevision": "v2"},
        {"repoURL": "w"},
    ]
    spec = {"sources": sources, "destination": {"name": "in-cluster"}}
    app = parse_application({"metadata": {"name": "shop"}, "spec": spec}, origin=Origin(in_cluster=True))
    _say_application(AppView("1", app, commits=("a" * 40, "b" * 40)), NOW)
    found = [line for line in capsys.readouterr().out.splitlines() if line.startswith("Source")]
    assert found == ["Source 2:   v base v2 @ bbbbbbb", "Source 3:   w HEAD @ ?"]


def test_a_wide_list_names_every_source() -> None:
    """A source of values has no path, and is called as others refer to it."""
    sources = [{"repoURL": "u", "path": "web"}, {"repoURL": "v", "path": "base"}, {"repoURL": "v", "ref": "values"}]
    spec = {"sources": sources, "destination": {"name": "in-cluster"}}
    app = parse_application({"metadata": {"name": "shop"}, "spec": spec}, origin=Origin(in_cluster=True))
    view = AppView("1", app, commits=("a" * 40, "b" * 40, "b" * 40), path_commits={(1, "b" * 40): "c" * 40})
    row = dict(zip(LIST_HEADINGS_WIDE, _row(view, True, NOW), strict=True))
    assert (row["REVISION"], row["REPO"], row["PATH"]) == ("aaaaaaa,ccccccc,bbbbbbb", "u,v,v", "web,base,$values")
    one = replace(view, app=dataclasses.replace(app, sources=app.sources[1:2] * 2), commits=("a" * 40, "b" * 40))
    row = dict(zip(LIST_HEADINGS_WIDE, _row(one, True, NOW), strict=True))
    assert (row["REPO"], row["PATH"]) == ("v", "base,base"), "one repository of all stands once"


def test_the_history_is_told_by_the_commits_of_the_applications_own_path() -> None:
    at, own = "a" * 40, "b" * 40
    view = replace(world.auth_service(), path_commits={(0, at): own})
    entry = HistoryEntry(3, at, deployed_at=NOW, source={"targetRevision": "main"})
    assert _history_row(view, entry, False)[2:] == (own, "-")
    assert _history_row(view, entry, True)[2:] == (own, "main, at aaaaaaa", "-")
    assert _history_row(view, replace(entry, revision=own, source=None), True)[2:] == (own, "HEAD", "-")
    several = HistoryEntry(4, revisions=(at, at), sources=({"targetRevision": "main"}, {}))
    assert _history_row(view, several, True)[2:] == ("bbbbbbb, aaaaaaa", "main, at aaaaaaa; HEAD", "-")
