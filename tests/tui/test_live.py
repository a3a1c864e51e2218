"""Snapshots arriving: what moves, what stands still, what is said when data is old or missing."""

from __future__ import annotations

import gc
from functools import partial

import pytest
from msgspec.structs import replace

from gitops_tui.model.catalogue import Code
from gitops_tui.model.decision import Decision, Logged
from gitops_tui.model.snapshot import AppView, Hold, Problem, Snapshot, Trouble, TroubleKind
from gitops_tui.model.status import Health, HealthStatus
from gitops_tui.tui.quiet import Tidier, rest, resting
from gitops_tui.tui.screens.main import MainScreen
from tests.tui import world
from tests.tui.conftest import Seated, Start, Ticks
from tests.tui.fake import FakeCore


def main(cockpit: Seated) -> MainScreen:
    screen = cockpit.app.screen_stack[0]
    assert isinstance(screen, MainScreen)
    return screen


def degraded(made: Snapshot, name: str) -> Snapshot:
    def worse(app: AppView) -> AppView:
        if app.app.name != name:
            return app
        trouble = Trouble(TroubleKind.DRIFTED, "env X", world.NOW)
        return replace(app, trouble=trouble, health=Health(HealthStatus.DEGRADED))

    return replace(made, apps=tuple(worse(app) for app in made.apps))


async def test_a_change_is_on_the_screen_without_a_key(seat: Start) -> None:
    async with seat() as cockpit:
        cockpit.ticks.pass_(10)
        cockpit.core.publish(degraded(world.snapshot(), "sessions"))
        await cockpit.until(lambda: main(cockpit).rows.keys[0] == "uid-sessions")
        assert main(cockpit).rows.cursor_key == "uid-auth"


async def test_the_cursor_starts_on_the_worst_once_everything_was_compared(seat: Start) -> None:
    made = world.snapshot()
    core = FakeCore(newest=replace(made, is_loading=True, apps=tuple(reversed(made.apps[1:]))))
    async with seat(core=core) as cockpit:
        assert main(cockpit).rows.cursor_key == "uid-billing"
        core.publish(made)
        await cockpit.until(lambda: main(cockpit).rows.cursor_key == "uid-auth")
        core.publish(degraded(made, "sessions"))
        await cockpit.until(lambda: main(cockpit).rows.keys[0] == "uid-sessions")
        assert main(cockpit).rows.cursor_key == "uid-auth"


async def test_the_order_stands_still_under_a_moving_hand(seat: Start) -> None:
    async with seat() as cockpit:
        before = main(cockpit).rows.keys
        await cockpit.pilot.press("j")
        cockpit.core.publish(degraded(world.snapshot(), "sessions"))
        await cockpit.settle()
        assert main(cockpit).rows.keys == before
        assert main(cockpit).rows.cursor_key == "uid-billing"
        cockpit.ticks.pass_(3.1)
        cockpit.app.redraw()
        assert main(cockpit).rows.keys[0] == "uid-sessions"
        assert main(cockpit).rows.cursor_key == "uid-billing"


async def test_the_order_stands_still_while_a_plan_is_open(seat: Start) -> None:
    async with seat() as cockpit:
        before = main(cockpit).rows.keys
        await cockpit.press("H")
        cockpit.ticks.pass_(60)
        cockpit.core.publish(degraded(world.snapshot(), "sessions"))
        await cockpit.settle()
        assert main(cockpit).rows.keys == before


async def test_only_changed_rows_are_painted(seat: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    async with seat() as cockpit:
        rows = main(cockpit).rows
        painted: list[object] = []
        monkeypatch.setattr(rows, "refresh", lambda *regions, **_: painted.extend(regions))
        cockpit.core.publish(world.snapshot())
        await cockpit.settle()
        assert painted == []
        apps = tuple(
            replace(app, health=Health(HealthStatus.PROGRESSING)) if app.uid == "uid-billing" else app
            for app in world.snapshot().apps
        )
        cockpit.core.publish(replace(world.snapshot(), apps=apps))
        await cockpit.settle()
        assert {region.y for region in painted} == {1}


async def test_an_application_that_goes_leaves_the_cursor_near(seat: Start) -> None:
    async with seat() as cockpit:
        await cockpit.press("j")
        cockpit.ticks.pass_(10)
        apps = tuple(app for app in world.snapshot().apps if app.uid != "uid-billing")
        cockpit.core.publish(replace(world.snapshot(), apps=apps))
        await cockpit.settle()
        assert main(cockpit).rows.cursor_key == "uid-checkout"


@pytest.mark.parametrize("start", [(120, 40), (40, 20)])
async def test_it_follows_resizes(seat: Start, start: tuple[int, int]) -> None:
    async with seat(start) as cockpit:
        for size, both in (((80, 24), False), ((120, 40), True), ((40, 10), False), ((200, 60), True)):
            await cockpit.pilot.resize_terminal(*size)
            await cockpit.settle()
            panes = main(cockpit).panes
            assert (panes.is_shown(1) and panes.is_shown(2) and panes.is_shown(3)) is both
            assert all(len(line) == size[0] for line in cockpit.text().splitlines())


async def test_stale_data_says_so_first(seat: Start) -> None:
    async with seat(core=FakeCore(newest=world.stale(world.snapshot()))) as cockpit:
        assert "STALE: the API server has not answered since 02:43 (4 min)" in cockpit.text()


async def test_git_that_fails_is_said(seat: Start) -> None:
    made = world.snapshot()
    source = replace(made.sources[0], error="could not resolve host")
    async with seat(core=FakeCore(newest=replace(made, sources=(source,)))) as cockpit:
        assert "cannot be fetched" in cockpit.text()
        assert "could not resolve host" in cockpit.text()


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (40, 20)])
@pytest.mark.parametrize("state", ["loading", "none", "unreachable", "problems"])
async def test_empty_states_show_the_way_out(seat: Start, size: tuple[int, int], state: str) -> None:
    nothing = replace(world.snapshot(), apps=())
    cluster = replace(nothing.cluster, is_reachable=False, message="connection refused")
    problem = Problem("apps/bad.yaml", "spec.source: is missing", "Correct spec.source and save the file.")
    made, word = {
        "loading": (replace(nothing, is_loading=True), "Reading applications"),
        "none": (nothing, "gitops-tui --apps DIR"),
        "unreachable": (replace(nothing, cluster=cluster), "connection refused"),
        "problems": (replace(nothing, problems=(problem,)), "apps/bad.yaml"),
    }[state]
    async with seat(size, core=FakeCore(newest=made)) as cockpit:
        assert word in cockpit.text()
        await cockpit.press("s", "d", "j", "enter", "question_mark", "escape", "W", "r")
        assert cockpit.app.is_running


async def test_a_restricted_kind_says_so(seat: Start) -> None:
    view = world.auth_service()
    secret = replace(world.resource("Secret", "keys", "auth", health=None), is_restricted=True)
    made = world.snapshot(replace(view, resources=(secret, *view.resources)))
    async with seat(core=FakeCore(newest=made)) as cockpit:
        assert "restricted: you may not read this kind" in cockpit.text()


def test_memory_is_tidied_while_nobody_types(monkeypatch: pytest.MonkeyPatch) -> None:
    collected: list[float] = []
    ticks = Ticks()
    tidier = Tidier(ticks)
    monkeypatch.setattr("gc.collect", lambda: collected.append(ticks.now))
    tidier.tidy(is_hand_moving=False)
    ticks.pass_(61)
    tidier.tidy(is_hand_moving=True)
    assert not collected
    tidier.tidy(is_hand_moving=False)
    tidier.tidy(is_hand_moving=False)
    assert len(collected) == 1


@pytest.mark.parametrize("is_started", [True, False])
def test_memory_is_left_alone_until_the_first_screen_and_no_longer(
    is_started: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    monkeypatch.setattr("gc.isenabled", lambda: "enable" in done)
    for name in ("disable", "freeze", "enable"):
        monkeypatch.setattr(f"gc.{name}", partial(done.append, name))
    ticks = Ticks()
    tidier = Tidier(ticks)
    rest()
    tidier.begin(is_started=False)
    assert done == ["disable"]
    ticks.pass_(0 if is_started else 6)
    tidier.begin(is_started=is_started)
    tidier.begin(is_started=True)
    assert done == ["disable", "freeze", "enable"]


def test_memory_is_left_alone_in_a_block_however_it_ends() -> None:
    with pytest.raises(KeyboardInterrupt), resting():
        assert not gc.isenabled()
        raise KeyboardInterrupt
    assert gc.isenabled()


async def test_why_follows_what_is_decided(seat: Start) -> None:
    made = world.snapshot()
    auth = replace(made.apps[0], why=(Decision(Code.HELD, {"owner": "Ben", "reason": "a demo"}),), log=())
    async with seat() as cockpit:
        await cockpit.press("W")
        assert "OutOfSync because" in cockpit.text()
        cockpit.core.publish(replace(made, apps=(auth, *made.apps[1:])))
        await cockpit.until(lambda: "On hold by Ben: a demo" in cockpit.text())
        assert "OutOfSync because" not in cockpit.text()


async def test_why_tells_the_past_by_the_applications_own_commits(seat: Start) -> None:
    deployed = Logged(Decision(Code.DEPLOYED, {"revision": "d" * 40}), world.ago(days=2), world.ago(days=2))
    core = FakeCore(
        newest=world.snapshot(replace(world.auth_service(), why=(), log=(deployed,))),
        path_commits_shown={(0, "d" * 40): world.BUMP.sha},
    )
    async with seat(core=core) as cockpit:
        await cockpit.press("W")
        await cockpit.until(lambda: "Deployed 91be07d" in cockpit.text())


@pytest.mark.parametrize("is_decided", [True, False])
async def test_why_has_the_reason_of_a_hold_whole(seat: Start, is_decided: bool) -> None:
    reason = "the database is moved to another region, " * 12 + "and that is all"
    why = (Decision(Code.HELD, {"owner": "Ben", "reason": reason}),) if is_decided else ()
    held = replace(world.auth_service(), hold=Hold("Ben", reason, world.NOW), why=why, log=())
    async with seat((120, 40), core=FakeCore(newest=world.snapshot(held))) as cockpit:
        assert "and that is all" not in cockpit.text()
        await cockpit.press("W")
        assert "and that is all" in cockpit.text()


async def test_nothing_is_asked_of_an_application_that_is_not_compared_yet(seat: Start) -> None:
    loading = replace(world.auth_service(), is_loading=True)
    core = FakeCore(newest=world.snapshot(loading))
    async with seat((120, 40), core=core) as cockpit:
        assert not core.asked("detail")
        assert "reading the log …" in cockpit.text()
        core.publish(world.snapshot(world.auth_service()))
        await cockpit.settle()
        assert core.asked("detail")
        assert "deployed, drifted" in cockpit.text()
