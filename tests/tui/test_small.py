"""Dialogs on a screen that is hardly one: question, what is to be typed, and every button can be read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace
from textual.widgets import Button, Input

from gitops_tui.model.application import AppKey
from gitops_tui.model.plan import ItemAction, PlanItem, PlanKind
from gitops_tui.tui.screens.question import Modal
from tests.tui import world
from tests.tui.conftest import Seated, Start
from tests.tui.fake import FakeCore, heal_item
from tests.tui.test_plan import AUTH, plan

SIZES = [(30, 8), (40, 10)]


def braked() -> FakeCore:
    claim = PlanItem(AUTH, world.key("PersistentVolumeClaim", "data", "auth"), ItemAction.PRUNE)
    reason = "deletes PersistentVolumeClaim/data"
    made = plan(items=(claim, heal_item(AUTH)), prune=True, must_type="auth-service", must_type_reason=reason)
    return FakeCore(plan=made)


def orphaned() -> FakeCore:
    return FakeCore(newest=world.snapshot(replace(world.api_service(), is_orphaned_operation=True)))


DIALOGS: dict[str, tuple[list[str], Callable[[], FakeCore], str]] = {
    "heal": (["H"], FakeCore, "Heal auth-service"),
    "braked": (["s"], braked, "Sync auth-service"),
    "revert": (["3", "v"], FakeCore, "Revert 3f2c1ab in auth-service"),
    "hold": (["p"], FakeCore, "Hold auth-service"),
    "actions": (["a"], FakeCore, "Actions on Deployment/auth-service"),
    "action": (["a", "j", "j", "j", "enter"], FakeCore, "scale Deployment/auth-service?"),
    "terminate": (["x"], orphaned, "Orphaned operation of api-service"),
    "quit": (["q"], lambda: FakeCore(running=(AppKey("argocd", "auth-service"),)), "Quit?"),
    "why": (["W"], FakeCore, "Why: auth-service"),
}


def dialog(cockpit: Seated) -> Modal:
    screen = cockpit.app.screen
    assert isinstance(screen, Modal)
    return screen


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", DIALOGS)
async def test_a_dialog_can_be_read_and_answered(seat: Start, name: str, size: tuple[int, int]) -> None:
    keys, core, title = DIALOGS[name]
    async with seat(size, core=core()) as cockpit:
        await cockpit.press(*keys)
        screen = dialog(cockpit)
        told = screen.listing.plain_text().replace("\n", "").replace(" ", "")
        assert title in cockpit.text() or title.replace(" ", "") in told
        assert screen.listing.size.height >= 2
        for line in screen.listing.lines:
            assert line.text.cell_len <= screen.listing.text_width, line.text.plain
        for button in [one for one in screen.query(Button) if one.display]:
            button.disabled = False
            button.focus()
            await cockpit.until(lambda button=button: str(button.label) in cockpit.text())


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_what_is_to_be_typed_stands_in_the_field(seat: Start, size: tuple[int, int]) -> None:
    for keys, core, told in (
        (["s"], braked(), "type auth-service " if size[0] == 30 else "type here: auth-service "),
        (["p"], FakeCore(), "reason, for "),
        (["3", "v"], FakeCore(), "Name <email>"),
    ):
        async with seat(size, core=core) as cockpit:
            await cockpit.press(*keys)
            assert told in cockpit.text()


async def test_the_arrows_scroll_while_something_is_typed(seat: Start) -> None:
    async with seat((30, 8), core=braked()) as cockpit:
        await cockpit.press("s")
        field = cockpit.app.screen.query_one("#typed", Input)
        field.focus()
        assert "exactly:" not in cockpit.text()
        await cockpit.press(*["down"] * 45)
        assert cockpit.app.focused is field
        assert "exactly:" in cockpit.text()


async def test_the_palette_shows_commands_at_the_top_of_a_short_screen(seat: Start) -> None:
    async with seat((30, 8)) as cockpit:
        await cockpit.press("colon")
        await cockpit.until(lambda: "Search for commands" in cockpit.text().splitlines()[2])
        await cockpit.press(*"sync")
        await cockpit.until(lambda: "Sync: shows the plan" in cockpit.text())


async def test_a_dialog_of_the_design_size_keeps_its_blanks(seat: Start) -> None:
    async with seat((80, 24), core=FakeCore(plan=plan(kind=PlanKind.HEAL))) as cockpit:
        await cockpit.press("H")
        buttons = cockpit.app.screen.query_one("#buttons")
        assert buttons.size.height == 1 and buttons.region.y - dialog(cockpit).listing.region.bottom == 1


async def test_a_dialog_of_one_line_is_no_higher(seat: Start) -> None:
    async with seat((80, 24), core=FakeCore(actions_shown=())) as cockpit:
        await cockpit.press("a")
        assert "This kind has no actions." in cockpit.text()
        assert dialog(cockpit).listing.size.height == 1
