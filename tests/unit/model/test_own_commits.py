"""Which revisions are told of an application, and what its own commits are then."""

from __future__ import annotations

from msgspec.structs import replace

from gitops_tui.model.catalogue import Code
from gitops_tui.model.decision import Decision, Logged
from gitops_tui.model.operation import HistoryEntry, Operation, OperationState, SyncResult
from gitops_tui.model.own_commits import told_revisions, with_path_commits
from gitops_tui.model.snapshot import Reported
from gitops_tui.model.status import HealthStatus, OperationPhase, SyncStatus
from tests.tui import world

APP = replace(world.auth_service(), why=(), log=())
SOURCE = {"repoURL": APP.app.source.repo_url, "path": APP.app.source.path}


def entry(revision: str, **source: str) -> HistoryEntry:
    return HistoryEntry(1, revision, source={**SOURCE, **source})


def test_everything_that_names_a_revision_counts() -> None:
    ended = OperationState(Operation(), OperationPhase.SUCCEEDED, sync_result=SyncResult(revisions=("d", "e")))
    view = replace(
        APP,
        history=(entry("a"), HistoryEntry(0)),
        operation=ended,
        reported=Reported(SyncStatus.SYNCED, HealthStatus.HEALTHY, "f"),
        why=(Decision(Code.SELF_HEAL_OFF, {"revision": "g"}),),
        log=(Logged(Decision(Code.DEPLOYED, {"revision": "h i"}), world.NOW, world.NOW),),
    )
    assert told_revisions(view) == {("a",), ("d", "e"), ("f",), ("g",), ("h", "i")}


def test_what_was_deployed_of_another_path_is_not_told_with_a_commit_of_this_one() -> None:
    told = Logged(Decision(Code.DEPLOYED, {"revision": "a"}), world.NOW, world.NOW)
    assert told_revisions(replace(APP, history=(entry("a", path="apps/before"), entry("b")), log=(told,))) == {("b",)}
    assert told_revisions(replace(APP, history=(HistoryEntry(1, "a"),))) == {("a",)}, "it does not say of which"


def test_what_is_found_is_told() -> None:
    view = with_path_commits(replace(APP, revision="b", path_commits={(0, "b"): "c"}), {(0, "a"): "d", (0, "b"): "x"})
    assert view.own("a") == "d" and view.own_of_each(("z",)) == ("z",)
    assert view.path_commits[0, "b"] == "c"
