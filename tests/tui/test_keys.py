"""What each key asks of the core, and that it means the same on every screen."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from msgspec.structs import replace
from textual.widgets import Input, OptionList

from gitops_tui.model.application import AppKey, SyncPolicy
from gitops_tui.model.operation import HistoryEntry, Operation, OperationState
from gitops_tui.model.plan import Outcome
from gitops_tui.model.snapshot import Hold, LogLine, Mode, Problem, Trouble, TroubleKind
from gitops_tui.model.status import OperationPhase
from gitops_tui.tui.bindings import EVERYWHERE, KEYS
from gitops_tui.tui.screens.frame import Frame
from gitops_tui.tui.screens.help import HelpScreen
from gitops_tui.tui.screens.hold import HoldScreen
from gitops_tui.tui.screens.main import MainScreen
from gitops_tui.tui.screens.objects import ObjectsScreen
from tests.tui import world
from tests.tui.conftest import Seated, Start
from tests.tui.fake import FakeCore

AUTH = AppKey("argocd", "auth-service")


def main(cockpit: Seated) -> MainScreen:
    screen = cockpit.app.screen_stack[0]
    assert isinstance(screen, MainScreen)
    return screen


def under_cursor(cockpit: Seated) -> object:
    return main(cockpit).rows.cursor_key


async def test_moving(seat: Start) -> None:
    async with seat() as cockpit:
        assert under_cursor(cockpit) == "uid-auth"
        await cockpit.press("j", "j")
        assert under_cursor(cockpit) == "uid-checkout"
        await cockpit.press("k")
        assert under_cursor(cockpit) == "uid-billing"
        await cockpit.press("G")
        assert under_cursor(cockpit) == "uid-sessions"
        await cockpit.press("g")
        assert under_cursor(cockpit) == "uid-auth"
        await cockpit.press("ctrl+d")
        assert under_cursor(cockpit) != "uid-auth"
        await cockpit.press("ctrl+u", "down", "up")
        assert under_cursor(cockpit) == "uid-auth"


@pytest.mark.parametrize(
    ("key", "name"), [("d", "Diff"), ("o", "Objects"), ("y", "Manifest"), ("e", "Events"), ("l", "Logs")]
)
async def test_views_open_from_anywhere_and_escape_leads_back(seat: Start, key: str, name: str) -> None:
    async with seat() as cockpit:
        await cockpit.press(key)
        assert f"{name} ─" in cockpit.text()
        for other in "oyeld":
            await cockpit.press(other)
        assert len(cockpit.app.screen_stack) == 2
        await cockpit.press("escape")
        assert isinstance(cockpit.app.screen, MainScreen)


async def test_panes(seat: Start) -> None:
    async with seat() as cockpit:
        for key, word in (("2", "legacy"), ("3", "3f2c1ab"), ("4", "ReplicaSet"), ("1", "kubectl-edit")):
            await cockpit.press(key)
            assert word in cockpit.text()
        await cockpit.press("tab")
        assert main(cockpit).panes.current == 2
        await cockpit.press("escape")
        assert cockpit.app.focused is main(cockpit).rows


async def test_enter_goes_in_and_escape_out_at_40_columns(seat: Start) -> None:
    async with seat((40, 20)) as cockpit:
        assert "billing" in cockpit.text()
        await cockpit.press("enter")
        assert "billing" not in cockpit.text()
        assert "AUTH_MODE" in cockpit.text()
        await cockpit.press("escape")
        assert "billing" in cockpit.text()


async def test_enter_in_history_shows_the_commit(seat: Start) -> None:
    async with seat() as cockpit:
        await cockpit.press("3", "enter")
        assert "+  ttl: 3600" in cockpit.text()
        await cockpit.press("v")
        assert cockpit.core.asked("plan_revert") == [(AUTH, (world.RAISE_TTL.sha,))]


def with_history(*, automated: bool) -> FakeCore:
    """The first application was deployed twice, the older commit as entry 3 of its history."""
    newest = world.snapshot()
    view = newest.find(AUTH)
    assert view is not None
    policy = view.app.sync_policy if automated else SyncPolicy()
    entries = (HistoryEntry(3, "old"), HistoryEntry(4, "new"))
    changed = replace(view, app=dataclasses.replace(view.app, sync_policy=policy), history=entries)
    apps = tuple(changed if one.key == AUTH else one for one in newest.apps)
    core = FakeCore(newest=replace(newest, apps=apps))
    deployed, older, *rest = world.COMMITS
    core.commits_shown = (replace(deployed, entry=4), replace(older, entry=3), *rest)
    return core


async def test_b_rolls_back_to_the_deployed_commit_under_the_cursor(seat: Start) -> None:
    core = with_history(automated=False)
    async with seat(core=core) as cockpit:
        await cockpit.press("3", "j", "b")
        assert core.asked("plan_rollback") == [(AUTH, 3, True)]
        assert "Rollback auth-service" in cockpit.text()
        await cockpit.press("escape", "j", "b")
        assert "was deployed in History" in cockpit.toasts()


async def test_no_rollback_while_auto_sync_is_on(seat: Start) -> None:
    core = with_history(automated=True)
    async with seat(core=core) as cockpit:
        await cockpit.press("3", "j", "b")
        assert "--sync-policy none" in cockpit.toasts()
        assert not core.asked("plan_rollback")


async def test_diff_screen_turns_folds_attributes_and_walks(seat: Start) -> None:
    async with seat((120, 40)) as cockpit:
        await cockpit.press("d")
        assert "kubectl-edit, last write 14 d ago" in cockpit.text()
        assert "a81c220 Ben" in cockpit.text()
        await cockpit.press("m")
        assert "a81c220 Ben" not in cockpit.text()
        assert "replicas" not in cockpit.text()
        await cockpit.press("z")
        assert "replicas: 3" in cockpit.text()
        await cockpit.press("z", "d")
        line = next(line for line in cockpit.text().splitlines() if "legacy" in line)
        assert "oidc" in line
        await cockpit.press("n", "N")


async def test_manifest_switches_its_face(seat: Start) -> None:
    async with seat((80, 40)) as cockpit:
        await cockpit.press("y")
        assert "DEBUG" in cockpit.text()
        await cockpit.press("2")
        assert "DEBUG" not in cockpit.text()
        await cockpit.press("tab", "tab")
        assert "DEBUG" in cockpit.text()
        await cockpit.press("slash", *"image", "enter")
        assert "registry.example.com" in cockpit.text()
        assert "DEBUG" not in cockpit.text()


async def test_objects_fold_and_lead_to_logs_of_a_pod(seat: Start) -> None:
    async with seat() as cockpit:
        await cockpit.press("o", "z")
        assert "ReplicaSet" not in cockpit.text()
        await cockpit.press("z", "j", "j", "l")
        assert cockpit.core.asked("logs")[0][1].name.endswith("k2x4p")


async def test_logs_follow_filter_and_previous(seat: Start) -> None:
    async with seat() as cockpit:
        await cockpit.press("l")
        assert "u29" in cockpit.text()
        await cockpit.press("f", "g")
        assert "user=u0 " in cockpit.text()
        cockpit.core.on_lines([LogLine("auth-service-7d9c6f5b8-k2x4p", "auth", "panic: no mode")])
        await cockpit.press("slash", *"panic", "enter")
        assert "panic: no mode" in cockpit.text()
        await cockpit.press("escape", "P")
        assert cockpit.core.asked("logs")[-1][2] is True
        assert cockpit.core.streams[0].is_closed
        await cockpit.press("escape")
        assert cockpit.core.streams[1].is_closed


async def test_filter_language(seat: Start) -> None:
    async with seat() as cockpit:
        for text, shown in (
            ("health:degraded", {"uid-billing"}),
            ("sync:outofsync !auth", {"uid-billing"} ^ {"uid-billing", "uid-api", "uid-checkout"}),
            ("drift:kubectl-edit", {"uid-auth"}),
            ("ns:production", {"uid-api"}),
        ):
            await cockpit.press("slash")
            main(cockpit).filter.value = text
            await cockpit.press("enter")
            assert set(main(cockpit).rows.keys) == shown
        await cockpit.press("escape")
        assert len(main(cockpit).rows.keys) == 12
        await cockpit.press("exclamation_mark")
        assert set(main(cockpit).rows.keys) == {"uid-auth", "uid-billing", "uid-api", "uid-checkout"}


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 20)])
async def test_a_field_that_is_none_is_named_while_it_is_typed(seat: Start, size: tuple[int, int]) -> None:
    async with seat(size) as cockpit:
        await cockpit.press("slash", *"bogus", "colon", *"thing")
        assert cockpit.app.focused is main(cockpit).filter
        told = main(cockpit).empty.plain_text()
        assert "bogus: is no field" in told
        assert all(f"{field}:" in told for field in ("sync", "health", "ns", "project", "cluster", "drift"))
        main(cockpit).filter.value = "health:degraded nobody"
        await cockpit.settle()
        assert "is no field" not in main(cockpit).empty.plain_text()


async def test_a_field_that_is_none_is_told_also_where_everything_matches(seat: Start) -> None:
    async with seat((120, 40)) as cockpit:
        await cockpit.press("slash", "exclamation_mark", *"bogus", "colon", *"thing", "enter")
        assert "no field bogus: · 12 of" in cockpit.text()


async def test_text_with_a_colon_is_found_and_called_no_field(seat: Start) -> None:
    trouble = Trouble(TroubleKind.DEGRADED, "image registry/billing:2.9.1 cannot be pulled", world.ago(minutes=4))
    made = world.snapshot(world.auth_service(), replace(world.billing(), trouble=trouble))
    async with seat((120, 40), core=FakeCore(newest=made)) as cockpit:
        await cockpit.press("slash", *"billing", "colon", "2", "full_stop", "9", "enter")
        assert main(cockpit).rows.keys == ("uid-billing",)
        assert "no field" not in cockpit.text()


async def test_refresh(seat: Start) -> None:
    async with seat() as cockpit:
        await cockpit.press("r", "R")
        assert cockpit.core.asked("refresh") == [(AUTH, False), (None, True)]


async def test_sync_plans_every_selected_application_also_those_a_filter_hides(seat: Start) -> None:
    async with seat() as cockpit:
        await cockpit.press("space", "space", "slash")
        main(cockpit).filter.value = "gateway"
        await cockpit.press("enter", "s")
        (apps, _request) = cockpit.core.asked("plan_sync")[0]
        assert {one.name for one in apps} == {"auth-service", "billing"}


async def test_hold_asks_for_a_reason_and_is_released_by_the_same_key(seat: Start) -> None:
    async with seat() as cockpit:
        await cockpit.press("p")
        cockpit.app.screen.query_one("#reason", Input).value = "incident 42"
        await cockpit.settle()
        await cockpit.pilot.click("#for-2h")
        await cockpit.settle()
        assert cockpit.core.asked("hold") == [(AUTH, "incident 42", timedelta(hours=2))]
        held = replace(world.auth_service(), hold=Hold("ana", "incident 42", world.NOW, None))
        cockpit.core.publish(world.snapshot(held))
        await cockpit.settle()
        assert "On hold" in cockpit.text()
        await cockpit.press("p")
        assert "ana holds it: incident 42" in cockpit.text() and not cockpit.core.asked("release")
        await cockpit.press("tab", "enter")
        assert cockpit.core.asked("release") == [(AUTH,)]


async def test_terminate_names_the_operation_and_an_orphan_can_be_resumed(seat: Start) -> None:
    orphan = replace(world.api_service(), is_orphaned_operation=True, operation_owner="ana on bastion-1")
    async with seat(core=FakeCore(newest=world.snapshot(orphan))) as cockpit:
        assert "started by ana on bastion-1" in cockpit.text()
        await cockpit.press("x")
        assert "Orphaned operation of api-service" in cockpit.text()
        await cockpit.press("right", "enter")
        assert cockpit.core.asked("resume") == [(AppKey("argocd", "api-service"),)]


async def test_quit_asks_while_an_operation_runs(seat: Start) -> None:
    async with seat(core=FakeCore(running=(AUTH,))) as cockpit:
        await cockpit.press("q")
        assert "argocd/auth-service" in cockpit.text()
        await cockpit.press("enter")
        assert cockpit.app.is_running
        assert isinstance(cockpit.app.screen, MainScreen)
        await cockpit.press("q", "right", "enter")
        assert not cockpit.app.is_running


async def test_copy_says_what_is_wrong(seat: Start) -> None:
    async with seat() as cockpit:
        await cockpit.press("c")
        assert "env AUTH_MODE: git oidc · live legacy (kubectl-edit" in cockpit.app.clipboard


@pytest.mark.parametrize("key", ["s", "H", "v", "t", "b", "p", "x", "a"])
async def test_read_only_says_why(seat: Start, key: str) -> None:
    core = FakeCore(newest=replace(world.snapshot(), mode=Mode.READ_ONLY), read_only=True)
    async with seat(core=core, read_only=True) as cockpit:
        await cockpit.press(key)
        assert "--read-only" in cockpit.toasts()
        assert isinstance(cockpit.app.screen, MainScreen)
        assert not [call for call in core.calls if call[0] not in ("detail", "commits", "tree")]
        dimmed = {one.binding.id for one in cockpit.app.screen.active_bindings.values() if not one.enabled}
        assert dimmed == {"sync", "heal", "revert", "revert_t", "rollback", "hold", "terminate", "actions"}
        assert "--read-only" in cockpit.app.screen.active_bindings["s"].tooltip


async def test_bindings_can_be_moved(seat: Start) -> None:
    async with seat(bindings={"heal": "ctrl+t"}) as cockpit:
        await cockpit.press("H")
        assert not cockpit.core.asked("plan_heal")
        await cockpit.press("ctrl+t")
        assert cockpit.core.asked("plan_heal") == [(AUTH,)]


async def test_an_unknown_binding_is_told(seat: Start) -> None:
    async with seat(bindings={"heel": "ctrl+t"}) as cockpit:
        assert "heel" in cockpit.toasts()


async def test_palette_runs_verbs_and_finds_applications(seat: Start) -> None:
    async with seat() as cockpit:
        await cockpit.press("colon", *"gateway")
        await cockpit.until(lambda: "Go to gateway" in cockpit.text())
        await cockpit.press("enter")
        await cockpit.until(lambda: under_cursor(cockpit) == "uid-gateway")
        await cockpit.press("ctrl+p", *"objects")
        await cockpit.until(lambda: "Objects with their owners" in cockpit.text())
        await cockpit.press("enter")
        await cockpit.until(lambda: "Objects ─" in cockpit.text())


async def test_the_palette_begins_with_our_verbs(seat: Start) -> None:
    """An enter does what stands first: that was Textual's Quit, or Maximize, from which no key leads back."""
    async with seat((80, 50)) as cockpit:
        await cockpit.press("colon")
        await cockpit.until(lambda: "Sync: shows the plan first" in cockpit.text())
        commands = cockpit.app.screen.query_one(OptionList)
        told = [str(option.prompt).partition("\n")[0] for option in commands.options]
        assert told[0] == "Sync" and told[-2:] == ["Theme", "Screenshot"]
        assert told.count("Quit") == 1 and "Maximize" not in told
        await cockpit.press(*"theme")
        await cockpit.until(lambda: "Theme" in str(commands.options[0].prompt))


async def test_objects_begin_at_the_object_that_is_meant(seat: Start) -> None:
    async with seat() as cockpit:
        await cockpit.press("1", "j", "o")
        screen = cockpit.app.screen
        assert isinstance(screen, ObjectsScreen)
        assert screen.listing.cursor_key == world.key("ConfigMap", "auth", "auth")
        assert "Objects ─ auth-service ─" in cockpit.text()
        await cockpit.press("k")
        here = screen.listing.cursor_key
        cockpit.ticks.pass_(5)
        cockpit.core.publish(world.snapshot())
        await cockpit.settle()
        assert screen.listing.cursor_key == here != world.key("ConfigMap", "auth", "auth")


async def test_a_commit_is_about_no_object(seat: Start) -> None:
    async with seat() as cockpit:
        await cockpit.press("3", "enter")
        assert "Commit ─ 3f2c1ab · auth-service ─" in cockpit.text()


async def test_a_whole_object_has_no_heading_of_a_part(seat: Start) -> None:
    async with seat((120, 60)) as cockpit:
        await cockpit.press("d")
        assert "@@ " in cockpit.text()
        await cockpit.press("z")
        assert "@@ " not in cockpit.text() and "kind: Deployment" in cockpit.text()


@pytest.mark.parametrize(("is_at_deployed", "verb"), [(True, "heal"), (False, "sync")])
async def test_the_diff_says_what_would_do_it(seat: Start, is_at_deployed: bool, verb: str) -> None:
    view = replace(world.auth_service(), is_at_deployed=is_at_deployed)
    async with seat(core=FakeCore(newest=world.snapshot(view))) as cockpit:
        await cockpit.press("d")
        assert f"+ after a {verb} ─" in cockpit.text()


async def test_only_what_is_in_trouble_says_so_in_words(seat: Start) -> None:
    async with seat() as cockpit:
        await cockpit.press("exclamation_mark")
        assert "4 of 12 in trouble" in cockpit.text()
        await cockpit.press("slash", *"gateway", "enter")
        assert "Nothing in trouble matches gateway" in cockpit.text()
    async with seat(core=FakeCore(newest=world.snapshot(world.healthy("gateway")))) as cockpit:
        await cockpit.press("exclamation_mark")
        assert "✓ Nothing is in trouble." in cockpit.text()


async def test_a_filter_of_events_that_finds_none_does_not_deny_them(seat: Start) -> None:
    async with seat() as cockpit:
        await cockpit.press("e", "slash", *"nobody", "enter")
        assert "None of 2 events matches nobody." in cockpit.text()
        await cockpit.press("escape")
        assert "BackOff" in cockpit.text()


async def test_a_toast_does_not_cover_the_screen(seat: Start) -> None:
    async with seat((80, 24)) as cockpit:
        cockpit.app.tell("it went wrong, " * 100)
        await cockpit.settle()
        assert cockpit.toasts().endswith("…") and len(cockpit.toasts()) < 310
        assert "auth-service" in cockpit.text()


async def test_two_enters_at_once_choose_once(seat: Start) -> None:
    async with seat() as cockpit:
        await cockpit.press("colon", *"hold")
        await cockpit.until(lambda: "Pause automation" in cockpit.text() or "Hold: pause" in cockpit.text())
        field = cockpit.app.screen.query_one(Input)
        for _ in range(3):
            field.post_message(Input.Submitted(field, field.value))
        await cockpit.until(lambda: isinstance(cockpit.app.screen, HoldScreen))
        await cockpit.settle()
        assert len(cockpit.app.screen_stack) == 2


async def test_what_is_typed_ahead_in_the_palette_is_what_is_done(seat: Start) -> None:
    """All in one piece, as it comes over a slow line."""
    async with seat() as cockpit:
        await cockpit.pilot.press("colon", *"objects", "enter")
        await cockpit.until(lambda: "Objects ─" in cockpit.text())


async def test_help_from_the_palette_is_whole(seat: Start) -> None:
    async with seat() as cockpit:
        await cockpit.press("colon", *"help")
        await cockpit.until(lambda: "Help" in cockpit.text() and "every key" in cockpit.text().casefold())
        await cockpit.press("enter")
        await cockpit.until(lambda: isinstance(cockpit.app.screen, HelpScreen) and "Hold: pause" in cockpit.text())


def test_every_key_has_an_id_a_tooltip_and_a_group() -> None:
    assert len({key.id for key in KEYS}) == len(KEYS)
    assert all(key.tooltip and key.group and key.label for key in KEYS)
    taken = [one for key in KEYS if key.id in EVERYWHERE for one in key.keys.split(",")]
    assert len(taken) == len(set(taken))
    assert not {"w", "i"} & set(taken)


def test_every_action_exists() -> None:
    for key in KEYS:
        if key.id in EVERYWHERE:
            name = key.action.partition("(")[0]
            assert hasattr(MainScreen, f"action_{name}"), name
            assert issubclass(MainScreen, Frame)


async def test_hunks_are_walked_folded_and_unfolded(seat: Start) -> None:
    async with seat((80, 12)) as cockpit:
        await cockpit.press("d", "z")
        assert "legacy" not in cockpit.text()
        await cockpit.press("n")
        top = cockpit.text().splitlines()[2]
        assert "legacy" in top
        await cockpit.press("d", "g", "n")
        line = next(line for line in cockpit.text().splitlines() if "legacy" in line)
        assert "oidc" in line
        await cockpit.press("g", "N")
        assert "apiVersion" in cockpit.text()


async def test_side_by_side_names_writers_on_both_sides(seat: Start) -> None:
    async with seat((120, 40)) as cockpit:
        await cockpit.press("d", "d")
        line = next(line for line in cockpit.text().splitlines() if "legacy" in line)
        assert line.index("kubectl-edit") < line.index("oidc") < line.index("a81c220 Ben")
    async with seat((80, 24)) as cockpit:
        await cockpit.press("d", "d")
        lines = cockpit.text().splitlines()
        row = next(row for row, line in enumerate(lines) if "legacy" in line)
        assert "kubectl-edit" in lines[row + 1]


async def test_a_selection_is_synced_as_a_whole_and_healed_never(seat: Start) -> None:
    async with seat((80, 24)) as cockpit:
        await cockpit.press("space", "space")
        assert "2 selected" in cockpit.text()
        await cockpit.press("H")
        assert "one at a time" in cockpit.toasts()
        assert not cockpit.core.asked("plan_heal")
        await cockpit.press("s")
        assert "auth-service and billing" in cockpit.text()
        await cockpit.press("escape", "escape", "g", "H")
        assert cockpit.core.asked("plan_heal")


async def test_a_selection_with_a_running_operation_says_which(seat: Start) -> None:
    async with seat((80, 24)) as cockpit:
        await cockpit.press("space", "j", "j", "space", "s")
        assert "api-service: An operation is running" in cockpit.toasts()
        assert not cockpit.core.asked("plan_sync")


async def test_a_filter_is_never_out_of_sight(seat: Start) -> None:
    async with seat((80, 24)) as cockpit:
        await cockpit.press("exclamation_mark")
        assert "4 of 12 in trouble" in cockpit.text()
        await cockpit.press("slash", *"auth")
        assert "enter Keep  esc Clear" in cockpit.text()
        assert "1 of 12 in trouble, auth" in cockpit.text()
        await cockpit.press("escape")
        assert " of 12" not in cockpit.text()


async def test_help_tells_what_writes_apart(seat: Start) -> None:
    async with seat((120, 60)) as cockpit:
        await cockpit.press("question_mark")
        screen = cockpit.app.screen
        assert isinstance(screen, HelpScreen)
        told = " ".join(word for line in screen.listing.lines for word in line.text.plain.split())
        writing, rest = told.split("Write: each shows what it would do, and asks first")[1].split(" Look ", 1)
        for key in KEYS:
            where, elsewhere = (writing, rest) if key.writes else (rest, writing)
            assert key.tooltip in where
            assert key.tooltip not in elsewhere


async def test_help_says_why_nothing_is_written_here(seat: Start) -> None:
    async with seat((120, 60), read_only=True) as cockpit:
        await cockpit.press("question_mark")
        assert "Write: Read-only: this was started with --read-only" in cockpit.text()


@pytest.mark.parametrize("pane", ["1", "2", "4"])
async def test_space_in_a_pane_selects_nothing_in_the_list_beside_it(seat: Start, pane: str) -> None:
    async with seat((120, 40)) as cockpit:
        await cockpit.press(pane, "space")
        assert main(cockpit).rows.chosen == set()
        assert under_cursor(cockpit) == "uid-auth"
        assert "in the list (esc)" in cockpit.toasts()


async def test_only_trouble_leads_into_the_list_that_it_shortens(seat: Start) -> None:
    async with seat((120, 40)) as cockpit:
        await cockpit.press("3", "exclamation_mark")
        assert cockpit.app.focused is main(cockpit).rows


async def test_no_toast_stays_beside_a_question(seat: Start) -> None:
    async with seat() as cockpit:
        await cockpit.press("1", "space")
        assert "Several applications" in cockpit.text()
        await cockpit.press("p")
        assert "Several applications" not in cockpit.text()


async def test_a_long_line_of_a_log_is_scrolled_to_its_end(seat: Start) -> None:
    core = FakeCore()
    core.log = (replace(core.log[0], text="begin " + "x" * 100 + " end"),)
    async with seat(core=core) as cockpit:
        await cockpit.press("l")
        assert "begin" in cockpit.text() and " end" not in cockpit.text()
        await cockpit.press(*["right"] * 10)
        assert "begin" not in cockpit.text() and " end" in cockpit.text()
        await cockpit.press(*["left"] * 10)
        assert "begin" in cockpit.text()


@pytest.mark.parametrize(
    ("phase", "message", "told"),
    [
        (OperationPhase.SUCCEEDED, "successfully synced", "auth-service: Succeeded"),
        (OperationPhase.FAILED, "one object failed", "auth-service: Failed, one object failed"),
    ],
)
async def test_the_end_of_what_was_begun_here_is_told_once(
    seat: Start, phase: OperationPhase, message: str, told: str
) -> None:
    core = FakeCore(outcome=Outcome(ok=True, text="heal started", started_at=world.NOW))
    async with seat(core=core) as cockpit:
        await cockpit.press("H", "tab", "enter")
        running = OperationState(Operation(), OperationPhase.RUNNING, started_at=world.NOW)
        before = replace(running, phase=OperationPhase.SUCCEEDED, started_at=world.NOW - timedelta(hours=1))
        ended = replace(running, phase=phase, message=message)
        for state, expected in ((before, 0), (running, 0), (ended, 1), (ended, 1)):
            core.publish(world.snapshot(replace(world.auth_service(), operation=state)))
            await cockpit.settle()
            assert cockpit.toasts().count(told) == expected


async def test_what_cannot_be_read_is_told_with_its_file(seat: Start) -> None:
    async with seat() as cockpit:
        problem = Problem("apps/broken.yaml", "did not find expected ','", "Correct the file.")
        cockpit.core.publish(replace(world.snapshot(), problems=(problem,)))
        await cockpit.settle()
        assert "1 unreadable (W)" in cockpit.text()
        await cockpit.press("W", "G")
        assert "Cannot be read" in cockpit.text() and "apps/broken.yaml" in cockpit.text()
