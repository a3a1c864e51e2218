"""Pictures of every screen at the sizes that count, after a check of what must stand on them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gitops_tui.tui.theme import ANSI
from tests.tui import world
from tests.tui.conftest import Seated, Start
from tests.tui.fake import FakeCore

Picture = Callable[[Seated], None]
SIZES = [(80, 24), (120, 40), (40, 20)]
SHOWN = {
    "main": ([], ["auth-service", "billing", "✗", "OutOf"]),
    "diff": (["d"], ["legacy", "oidc", "Deployment/auth-service"]),
    "side": (["d", "d"], ["legacy", "oidc"]),
    "objects": (["o"], ["ReplicaSet", "Degraded"]),
    "manifest": (["y"], ["apiVersion", "1 live"]),
    "events": (["e"], ["BackOff", "Back-off restarting"]),
    "logs": (["l"], ["login ok"]),
    "why": (["W"], ["Why: auth-service", "Now", "OutOfSync because"]),
    "help": (["question_mark"], ["Sync: shows the plan"]),
    "heal": (["H"], ["Heal auth-service", "AUTH_MODE", "legacy", "Cancel", "Heal 1 object"]),
    "sync": (["s"], ["Sync auth-service", "prod-eu", "Sync 1 object"]),
    "revert": (["3", "v"], ["Revert 3f2c1ab", "undoes"]),
    "actions": (["a"], ["Actions on Deployment/auth", "restart", "it is not paused"]),
    "action": (["a", "j", "j", "j", "enter"], ["scale Deployment/auth-service?", "prod-eu", "Cancel"]),
    "hold": (["p"], ["Hold auth-service", "reason"]),
}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", SHOWN)
async def test_screen(seat: Start, picture: Picture, name: str, size: tuple[int, int]) -> None:
    keys, words = SHOWN[name]
    async with seat(size) as cockpit:
        await cockpit.press(*keys)
        for word in words:
            assert word in cockpit.text()
        cockpit.app.clear_notifications()
        await cockpit.settle()
        picture(cockpit)


@pytest.mark.parametrize("pane", ["1", "2", "3", "4"])
async def test_pane_at_80x24(seat: Start, picture: Picture, pane: str) -> None:
    async with seat((80, 24)) as cockpit:
        await cockpit.press(pane)
        picture(cockpit)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (300, 80)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("is_stale", [False, True], ids=["live", "stale"])
async def test_wall(seat: Start, picture: Picture, size: tuple[int, int], is_stale: bool) -> None:
    made = world.stale(world.snapshot()) if is_stale else world.snapshot()
    async with seat(size, FakeCore(newest=made), wall=True, read_only=True) as cockpit:
        assert ("STALE" in cockpit.text().splitlines()[0]) is is_stale
        assert "02:43" in cockpit.text() if is_stale else "02:47:00" in cockpit.text()
        picture(cockpit)


async def test_syncing_shows_wave_and_what_it_waits_for(seat: Start, picture: Picture) -> None:
    async with seat((120, 40)) as cockpit:
        await cockpit.press("j", "j", "j")
        for word in ("wave 1 (2 of 5)", "7/12 objects", "waits for Deployment/api: 1 of 3 updated", "41 s"):
            assert word in cockpit.text()
        picture(cockpit)


def styles_of(cockpit: Seated, word: str) -> set[str]:
    """The foreground colours in which a word stands on the screen."""
    strips = cockpit.app.screen._compositor.render_strips()
    found = [one.style for strip in strips for one in strip if word in one.text and one.style is not None]
    return {str(style.color) for style in found}


@pytest.mark.parametrize("theme", ["gitops-dark", "gitops-light", "gitops-colour-blind", "textual-dark", "ansi-dark"])
async def test_a_theme_has_every_ink(seat: Start, theme: str) -> None:
    async with seat((80, 24), theme=theme) as cockpit:
        assert cockpit.app.theme == theme
        bad, quiet, busy = (styles_of(cockpit, word) for word in ("Degraded", "Synced", "Progressing"))
        assert bad
        assert quiet
        assert busy
        assert not bad & (quiet | busy)


async def test_no_color_draws_without_colours(seat: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with seat((80, 24)) as cockpit:
        assert cockpit.app.theme == ANSI
        assert all("DEFAULT" in colour for colour in styles_of(cockpit, "Degraded"))
        assert "› !" not in cockpit.text()
        assert "›! auth-service" in cockpit.text()


async def test_ascii(seat: Start, picture: Picture) -> None:
    async with seat((120, 40), ascii=True) as cockpit:
        assert not {char for char in cockpit.text() if not char.isascii()}
        picture(cockpit)


async def test_the_other_screens_in_ascii(seat: Start) -> None:
    async with seat((80, 24), ascii=True) as cockpit:
        for key in ("question_mark", "escape", "H", "escape", "o", "d", "l", "e", "y", "escape", "W", "escape", "G"):
            await cockpit.press(key)
            assert not {char for char in cockpit.text() if not char.isascii()}, key
