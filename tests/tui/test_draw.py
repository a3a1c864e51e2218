"""What drawing functions leave out when there is little room, and what they never do."""

from __future__ import annotations

import dataclasses

import pytest
from msgspec.structs import replace
from rich.text import Text

from gitops_tui.model.catalogue import Code
from gitops_tui.model.decision import Decision
from gitops_tui.model.operation import Operation, OperationState
from gitops_tui.model.snapshot import AppView, Hold, TreeNode, Trouble, TroubleKind
from gitops_tui.model.status import Health, HealthStatus, OperationPhase, SyncStatus
from gitops_tui.tui.draw import status
from gitops_tui.tui.draw.application import Columns, application_row, what
from gitops_tui.tui.draw.bigtext import SCALES, big, cells, rows
from gitops_tui.tui.draw.header import banner
from gitops_tui.tui.draw.history import history_lines
from gitops_tui.tui.draw.rows import wrap
from gitops_tui.tui.draw.status import resource_line, status_lines
from gitops_tui.tui.draw.summary import summary
from gitops_tui.tui.draw.tile import Grid, troubled, wall_lines
from gitops_tui.tui.draw.tree import tree_lines
from gitops_tui.tui.draw.why import why_lines
from gitops_tui.tui.order import by_trouble
from tests.tui import world


@pytest.mark.parametrize("width", range(20, 60))
def test_the_age_of_a_trouble_is_never_cut_off(width: int) -> None:
    for app in (world.auth_service(), world.billing(), world.api_service(), world.checkout()):
        told = what(app, world.NOW, width)
        assert told.cell_len <= max(width, 24)
        assert any(age in told.plain for age in ("14 d", "4 min", "41 s", "2 h"))


def test_drift_in_little_room_names_the_writer() -> None:
    assert what(world.auth_service(), world.NOW, 33).plain == "kubectl-edit · last 14 d ago"
    assert what(world.auth_service(), world.NOW, 60).plain == "env AUTH_MODE, env DEBUG · kubectl-edit · 14 d"


@pytest.mark.parametrize("width", [40, 80, 120])
def test_stale_says_since_when_in_any_room(width: int) -> None:
    old = world.stale(world.snapshot())
    told = banner(old, world.NOW, width)
    assert told.cell_len == width
    assert "since 02:43 (4 min)" in told.plain
    expired = replace(old, cluster=replace(old.cluster, message="token expired: run aws sso login"))
    if width > 40:
        assert "run aws sso login" in banner(expired, world.NOW, width).plain


@pytest.mark.parametrize("scale", SCALES)
def test_letters_are_as_big_as_they_say(scale: int) -> None:
    drawn = big("AB", scale)
    assert len(drawn) == rows(scale)
    assert {len(line) for line in drawn} == {cells(2, scale)}
    assert any("█" in line for line in drawn)


@pytest.mark.parametrize(("width", "height"), [(78, 19), (118, 35), (238, 60), (298, 74)])
@pytest.mark.parametrize("number", [1, 4, 9, 30, 200])
def test_tiles_fit_into_their_room(width: int, height: int, number: int) -> None:
    grid = Grid.for_room(width, height, ["auth-service"] * number)
    assert grid.columns * (grid.width + 1) - 1 <= width
    assert grid.rows * grid.height <= height
    assert grid.places >= min(number, 6)


def test_fewer_tiles_have_bigger_letters() -> None:
    scales = [Grid.for_room(238, 60, ["auth-service"] * number).scale for number in (1, 4, 9, 60)]
    assert scales == sorted(scales, reverse=True)
    assert scales[0] > scales[-1] == 0


def test_the_wall_is_as_high_as_its_room() -> None:
    for width, height in ((80, 24), (120, 40), (300, 80)):
        assert len(wall_lines(world.snapshot(), width, height, 0, world.NOW)) == height


def test_what_is_broken_comes_first_on_the_wall_and_what_was_changed_by_hand_in_the_list() -> None:
    """Whose hand it was nobody finds otherwise; the wall is looked at by who asks what is down."""
    drifted, degraded = world.auth_service(), world.billing()
    made = world.snapshot(drifted, degraded, world.checkout())
    assert [app.app.name for app in by_trouble(made.apps)] == ["auth-service", "billing", "checkout"]
    assert [app.app.name for app in troubled(made)] == ["billing", "auth-service", "checkout"]
    both = replace(drifted, health=Health(HealthStatus.DEGRADED, "crash loop"))
    assert [app.app.name for app in troubled(world.snapshot(both, degraded))] == ["auth-service", "billing"]


@pytest.mark.parametrize("width", [36, 42, 60, 80, 120])
def test_a_hold_is_in_the_list_until_it_ends(width: int) -> None:
    columns = Columns.for_width(width, len("auth-service"))
    held = replace(world.auth_service(), hold=Hold("Ana", "debugging", world.ago(hours=1), world.ago(hours=-1)))
    over = replace(held, hold=Hold("Ana", "debugging", world.ago(hours=2), world.ago(hours=1)))
    assert " held" in application_row(held, columns, world.NOW).plain
    assert application_row(held, columns, world.NOW).cell_len <= width
    assert application_row(over, columns, world.NOW) == application_row(world.auth_service(), columns, world.NOW)


@pytest.mark.parametrize("width", [64, 80, 120])
def test_a_row_says_that_there_are_more_sources(width: int) -> None:
    app, columns = world.healthy("gateway"), Columns.for_width(width, 12)
    sources = app.app.sources * 3
    several = replace(app, app=dataclasses.replace(app.app, sources=sources, has_multiple_sources=True))
    assert " 91be07d +2 deploy" in application_row(several, columns, world.NOW).plain
    assert application_row(several, columns, world.NOW).cell_len <= width
    assert " 91be07d deploy" in application_row(app, columns, world.NOW).plain


@pytest.mark.parametrize("width", [34, 78, 118])
def test_a_long_reason_of_a_hold_leaves_room_for_what_is_wrong(width: int) -> None:
    reason = "the database is moved to another region, " * 40
    held = replace(world.auth_service(), hold=Hold("Ana", reason, world.ago(hours=1), world.ago(hours=-1)))
    lines = [line.text for line in status_lines(held, width, world.NOW)]
    assert "until 03:47, by Ana: the" in " ".join(line.plain.strip() for line in lines[:2])
    assert lines[1].plain.endswith("…  W has it whole")
    assert lines[2].plain.startswith("main @ ")
    assert all(line.cell_len <= width for line in lines)
    brief = replace(held, hold=Hold("Ana", "debugging", world.ago(hours=1), world.ago(hours=-1)))
    assert "has it whole" not in "".join(line.text.plain for line in status_lines(brief, width, world.NOW))


def test_an_orphaned_operation_does_not_look_as_if_it_ran() -> None:
    orphaned = replace(world.api_service(), is_orphaned_operation=True)
    row = application_row(orphaned, Columns.for_width(42, 12), world.NOW).plain
    assert "Orphaned" in row and "Sync" not in row


def test_the_status_names_the_cause_that_the_headline_knows() -> None:
    app = world.billing()
    workload = app.resources[0]
    trouble = Trouble(TroubleKind.DEGRADED, f"{workload.key.short}: image x:1 cannot be pulled")
    told = [line.text.plain.strip() for line in status_lines(replace(app, trouble=trouble), 80, world.NOW)]
    assert told.count("image x:1 cannot be pulled") == 1


def test_a_running_operation_is_told_with_its_own_commit() -> None:
    operation = OperationState(Operation(revision="0123456789" * 4), OperationPhase.RUNNING)
    lines = status_lines(replace(world.api_service(), operation=operation), 80, world.NOW)
    assert "Syncing to 0123456 " in lines[0].text.plain


def test_in_little_room_the_cause_stays_and_the_object_goes() -> None:
    trouble = Trouble(TroubleKind.DEGRADED, "Deployment/billing: image x:1 cannot be pulled", world.ago(minutes=35))
    app = replace(world.billing(), trouble=trouble)
    assert what(app, world.NOW, 31).plain.startswith("image x:1 cannot be")
    assert what(app, world.NOW, 31).plain.endswith(" · 35 min")
    assert what(app, world.NOW, 60).plain.startswith("Deployment/billing: ")


def elsewhere(app: AppView, sha: str) -> AppView:
    """The branch moved on with a commit of another application."""
    return replace(app, revision=sha)


@pytest.mark.parametrize("width", [34, 74, 76, 118])
def test_the_subject_of_a_commit_is_shown_whole(width: int) -> None:
    subject = "auth-service: raise the token's time to live to an hour"
    app = world.auth_service()
    app = replace(app, commit=replace(world.RAISE_TTL, subject=subject))
    lines = [line.text for line in status_lines(app, width, world.NOW)]
    assert subject in " ".join(line.plain.strip() for line in lines)
    assert all(line.cell_len <= width for line in lines)


def test_one_commit_is_told_everywhere_where_the_branch_moved_on_with_others() -> None:
    app = elsewhere(world.auth_service(), "d" * 40)
    status = "\n".join(line.text.plain for line in status_lines(app, 80, world.NOW))
    assert "main @ 3f2c1ab" in status
    assert "main itself is at ddddddd" in status
    assert "Git at 3f2c1ab" in summary(app, world.NOW)
    because = replace(app, why=(Decision(Code.SELF_HEAL_OFF, {"revision": "d" * 40}),))
    why = "\n".join(line.text.plain for line in why_lines(because, 80, world.NOW))
    assert "3f2c1ab was synced already" in why
    assert app.own("e" * 40) == "e" * 40, "of another commit nothing is known"


def test_a_path_is_broken_between_its_parts() -> None:
    """`Field spec.….env[name=AUTH_MODE].value: Git has oidc` has no blank where the line ends."""
    path = "Field spec.template.spec.containers[name=auth].env[name=AUTH_MODE].value: Git has oidc"
    assert [one.plain for one in wrap(Text(path), 68)] == [path[:67], path[67:]]
    assert [one.plain for one in wrap(Text("x" * 20), 10)] == ["x" * 10] * 2


@pytest.mark.parametrize("width", [38, 78, 118])
def test_an_orphan_is_marked_in_the_tree(width: int) -> None:
    nodes = (TreeNode(world.key("ConfigMap", "left", "auth"), None, None, is_orphaned=True),)
    (line,) = tree_lines(nodes, frozenset(), width, world.NOW)
    assert "ConfigMap/left" in line.text.plain
    assert "Orphaned" in line.text.plain


def test_a_hook_that_ran_is_not_said_to_be_pruned() -> None:
    job = replace(world.resource("Job", "migrate", "auth"), sync=None, requires_pruning=True, is_hook=True)
    told = resource_line(job, 78).plain
    assert told.startswith("✓ Job/migrate")
    assert "prune" not in told
    assert "a sync with prune deletes it" in resource_line(replace(job, is_hook=False), 78).plain


def test_what_is_to_be_skipped_and_is_not_there_warns_of_nothing() -> None:
    missing = replace(world.resource("ConfigMap", "never-made", "auth", health=None), sync=None, exists=False)
    line = resource_line(missing, 78)
    assert "not in the cluster" in line.plain
    assert "warn" not in {str(span.style) for span in line.spans}


def test_what_is_said_in_the_tree_takes_the_room_that_names_leave() -> None:
    missing = Health(HealthStatus.MISSING, "")
    nodes = (
        TreeNode(world.key("ConfigMap", "pay", "auth"), missing, SyncStatus.OUT_OF_SYNC, "missing"),
        TreeNode(world.key("Job", "migrate", "auth"), None, None, "Reached expected number of succeeded pods"),
    )
    first, second = (line.text.plain for line in tree_lines(nodes, frozenset(), 78, world.NOW))
    assert "Missing · OutOfSync   " in first
    assert "Reached expected number of succeeded pods" in second


def test_only_the_lines_that_are_seen_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    make = status.resource_line
    monkeypatch.setattr(status, "resource_line", lambda one, width: made.append(one.key.name) or make(one, width))
    lines = [line for line in status_lines(world.auth_service(), 80, world.NOW) if line.key is not None]
    assert (len(lines) > 1, made) == (True, [])
    assert lines[0].text is lines[0].text
    assert made == [lines[0].key.name]


def test_the_commits_of_several_sources_say_whose_they_are() -> None:
    told = [replace(world.COMMITS[0], source="shared"), replace(world.COMMITS[1], source="manifests")]
    first, second = (line.text.plain for line in history_lines(told, 100, world.NOW))
    assert first.split()[:1] == ["✓"] and " shared    raise token ttl" in first
    assert f" manifests {world.COMMITS[1].commit.subject}" in second
    assert "shared" not in history_lines(world.COMMITS, 100, world.NOW)[0].text.plain


def test_the_status_says_what_every_source_is_at() -> None:
    app = world.auth_service()
    other = dataclasses.replace(app.app.source, target_revision="v2")
    several = dataclasses.replace(app.app, sources=(app.app.source, other), has_multiple_sources=True)
    told = status_lines(replace(app, app=several, commits=(app.revision, "a" * 40)), 100, world.NOW)
    assert any("”, v2 @ aaaaaaa" in line.text.plain for line in told)
    known = replace(app, app=several, commits=(app.revision, "a" * 40), path_commits={(1, "a" * 40): "b" * 40})
    told = status_lines(known, 100, world.NOW)
    assert any("”, v2 @ bbbbbbb" in line.text.plain for line in told), "the commit of its own path"


def test_each_source_has_its_own_commit_where_both_are_of_one_branch() -> None:
    sha = "d" * 40
    app = replace(elsewhere(world.auth_service(), sha), path_commits={(1, sha): "b" * 40})
    synced = app.in_own_words(Decision(Code.DEPLOYED, {"revision": f"{sha} {sha}"}))
    assert synced.facts["revision"] == f"{world.RAISE_TTL.sha} {'b' * 40}"
