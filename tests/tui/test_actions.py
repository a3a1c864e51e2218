"""Actions on the object under the cursor: chosen, confirmed, run; never by a key alone."""

from __future__ import annotations

from textual.widgets import Button, Input

from gitops_tui.errors import ActionError
from gitops_tui.model.action import Action
from gitops_tui.model.application import AppKey
from gitops_tui.tui.screens.actions import ActionQuestion, ActionsScreen
from gitops_tui.tui.screens.main import MainScreen
from tests.tui import world
from tests.tui.conftest import Start
from tests.tui.fake import FakeCore

AUTH = AppKey("argocd", "auth-service")


async def test_an_action_is_chosen_confirmed_and_run(seat: Start) -> None:
    async with seat((80, 24)) as cockpit:
        await cockpit.press("a")
        assert cockpit.core.asked("actions") == [(AUTH, world.AUTH_DEPLOYMENT)]
        await cockpit.press("enter")
        assert isinstance(cockpit.app.screen, ActionQuestion)
        assert cockpit.app.focused is cockpit.app.screen.query_one("#cancel", Button)
        assert not cockpit.core.asked("run_action")
        await cockpit.press("right", "enter")
        assert cockpit.core.asked("run_action") == [(AUTH, world.AUTH_DEPLOYMENT, "restart", {})]
        assert isinstance(cockpit.app.screen, MainScreen)
        assert "restart on Deployment/auth-service" in cockpit.toasts()


async def test_parameters_are_asked_for_with_what_there_is(seat: Start) -> None:
    async with seat((80, 24)) as cockpit:
        await cockpit.press("a", "G", "enter")
        field = cockpit.app.screen.query_one("#parameter-0", Input)
        assert cockpit.app.focused is field and field.value == "3"
        await cockpit.press("end", "backspace", "5", "enter")
        assert not cockpit.core.asked("run_action"), "enter in a field goes on, and confirms nothing"
        await cockpit.press("right", "enter")
        assert cockpit.core.asked("run_action") == [(AUTH, world.AUTH_DEPLOYMENT, "scale", {"replicas": "5"})]


async def test_enter_and_escape_do_nothing_by_themselves(seat: Start) -> None:
    async with seat((80, 24)) as cockpit:
        await cockpit.press("a", "enter", "enter")
        assert isinstance(cockpit.app.screen, MainScreen)
        await cockpit.press("a", "enter", "escape")
        await cockpit.press("a", "escape")
        assert isinstance(cockpit.app.screen, MainScreen)
        assert not cockpit.core.asked("run_action")


async def test_a_disabled_action_says_why(seat: Start) -> None:
    async with seat((80, 24)) as cockpit:
        await cockpit.press("a", "j", "j", "enter")
        assert isinstance(cockpit.app.screen, ActionsScreen)
        assert "resume: it is not paused" in cockpit.toasts()


async def test_the_object_of_the_objects_screen_is_meant(seat: Start) -> None:
    async with seat((80, 24)) as cockpit:
        await cockpit.press("o", "j", "a")
        ((_, key),) = cockpit.core.asked("actions")
        assert key.kind == "ReplicaSet"
        assert "Actions on ReplicaSet/" in cockpit.text()


async def test_read_only_dims_it_with_the_reason(seat: Start) -> None:
    async with seat((80, 24), core=FakeCore(read_only=True)) as cockpit:
        await cockpit.press("a")
        assert isinstance(cockpit.app.screen, MainScreen)
        assert "Read-only" in cockpit.toasts()


async def test_what_fails_is_told_where_one_looks(seat: Start) -> None:
    error = ActionError("discovery.lua failed: health.lua:1: [red]boom[/]\x1b[31m", hint="Correct it.")
    async with seat((80, 24), core=FakeCore(errors=[error])) as cockpit:
        await cockpit.press("a")
        assert "[red]boom[/]" in cockpit.text() and "Correct it." in cockpit.text()
        assert "\x1b" not in cockpit.text()
        await cockpit.press("enter", "escape")
        assert isinstance(cockpit.app.screen, MainScreen)


async def test_names_from_outside_are_harmless(seat: Start) -> None:
    hostile = Action("[b]x[/b]\x1b[31m" * 20, display_name="\u202eevil\x07", disabled=False)
    async with seat((40, 20), core=FakeCore(actions_shown=(hostile,))) as cockpit:
        await cockpit.press("a", "enter")
        assert isinstance(cockpit.app.screen, ActionQuestion)
        assert not set("\x1b\x07\u202e") & set(cockpit.text())


async def test_a_kind_without_actions_says_so(seat: Start) -> None:
    async with seat((80, 24), core=FakeCore(actions_shown=())) as cockpit:
        await cockpit.press("a")
        assert "no actions" in cockpit.text()
