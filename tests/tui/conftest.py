"""A cockpit over the hand-made world, with a clock that stands still and pictures that are compared."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from gitops_tui.tui.app import Cockpit
from gitops_tui.tui.seat import Options
from tests.tui import world
from tests.tui.fake import FakeCore

SCREENS = Path(__file__).parent / "screens"


class Ticks:
    """A monotonic clock that only moves when a test moves it."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += seconds


class Seated:
    """A running cockpit, and what a test does with it."""

    def __init__(self, app: Cockpit, pilot: Pilot[int], core: FakeCore, ticks: Ticks) -> None:
        self.app = app
        self.pilot = pilot
        self.core = core
        self.ticks = ticks

    async def press(self, *keys: str) -> None:
        """Keys with a second between them: past every guard."""
        for key in keys:
            self.ticks.pass_(1.0)
            await self.pilot.press(key)
            await self.settle()
        self.ticks.pass_(1.0)

    async def settle(self) -> None:
        """Until nothing is asked for any more: questions wait a moment before they are asked."""
        await self.pilot.pause(0.15)
        await self.pilot.pause()

    def text(self) -> str:
        """What stands on the screen."""
        return "\n".join(
            "".join(segment.text for segment in strip) for strip in self.app.screen._compositor.render_strips()
        )

    def toasts(self) -> str:
        return " ".join(str(one.message) for one in self.app._notifications)

    async def until(self, holds: Callable[[], bool]) -> None:
        for _ in range(100):
            if holds():
                return
            await self.pilot.pause(0.02)
        raise AssertionError(f"never came to hold; the screen shows:\n{self.text()}")


Start = Callable[..., AbstractAsyncContextManager[Seated]]


@pytest.fixture
def seat() -> Start:
    """``async with seat(size=(80, 24)) as cockpit``; other arguments are `Options`."""

    @asynccontextmanager
    async def start(
        size: tuple[int, int] = (80, 24), core: FakeCore | None = None, **options: Any
    ) -> AsyncIterator[Seated]:
        core = core or FakeCore()
        ticks = Ticks()
        app = Cockpit(core, Options(**{"clock": lambda: world.NOW, "ticks": ticks, **options}))
        async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
            seated = Seated(app, pilot, core, ticks)
            await seated.settle()
            yield seated

    return start


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> Callable[[Cockpit], None]:
    """Compare with ``screens/<test>.svg``; ``--update-screens`` accepts what is there now."""

    def compare(app: Cockpit) -> None:
        svg = re.sub(r"terminal-\d+", "terminal-0", app.export_screenshot(simplify=True))
        name = re.sub(r"[^\w.-]+", "-", request.node.name).strip("-")
        path, actual = SCREENS / f"{name}.svg", SCREENS / f"{name}.actual.svg"
        if request.config.getoption("--update-screens"):
            SCREENS.mkdir(exist_ok=True)
            path.write_text(svg)
            actual.unlink(missing_ok=True)
        elif not path.exists() or path.read_text() != svg:
            actual.write_text(svg)
            pytest.fail(f"{path.name} looks different: see {actual.name}, accept with --update-screens")

    return compare
