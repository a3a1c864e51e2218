"""A cockpit over the hand-made world, with a clock that stands still and pictures that are compared."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from gitops_tui.tui import latest
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
        """Until every message was handled, those that answers and layouts bring about included."""
        for _ in range(3):
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


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Questions are asked at once, instead of a moment after the cursor came to rest."""
    monkeypatch.setattr(latest, "PATIENCE_S", 0.0)


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
def picture(request: pytest.FixtureRequest) -> Callable[[Seated], None]:
    """Compare the characters on the screen with ``screens/<test>.txt``.

    ``pytest tests/tui --update-screens`` accepts what is there now (look at the difference before you commit
    it); a test that fails leaves ``<test>.actual.txt`` beside it. Colours are not in it: they move with
    Textual's patch releases, and what a colour says stands in a word or a glyph as well.
    """

    def compare(cockpit: Seated) -> None:
        drawn = "\n".join(line.rstrip() for line in cockpit.text().splitlines()) + "\n"
        name = re.sub(r"[^\w.-]+", "-", request.node.name).strip("-")
        path, actual = SCREENS / f"{name}.txt", SCREENS / f"{name}.actual.txt"
        if request.config.getoption("--update-screens"):
            SCREENS.mkdir(exist_ok=True)
            path.write_text(drawn, encoding="utf-8")
            actual.unlink(missing_ok=True)
            return
        known = path.read_text(encoding="utf-8") if path.exists() else ""
        if known != drawn:
            actual.write_text(drawn, encoding="utf-8")
        assert drawn.splitlines() == known.splitlines(), f"{path.name} looks different: --update-screens accepts it"

    return compare
