"""Key to paint with 1,000 applications, while snapshots arrive ten times a second.

``python -m tests.bench.keys`` prints the rows that `run` gives to the runner.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace
from textual import events
from textual.screen import Screen

from gitops_tui.model.snapshot import Snapshot, Trouble, TroubleKind
from gitops_tui.tui.app import Cockpit
from gitops_tui.tui.quiet import collect_less_often
from gitops_tui.tui.screens.main import MainScreen
from gitops_tui.tui.seat import Options
from tests.tui import world
from tests.tui.fake import FakeCore

APPLICATIONS, OBJECTS, PRESSES = 1000, 30, 60
TARGET_S, REST_S, PATIENCE_S = 0.050, 0.037, 0.5
KEYS = {
    "move (j)": ("j",),
    "page (ctrl+d, ctrl+u)": ("ctrl+d", "ctrl+u"),
    "ends (G, g)": ("G", "g"),
    "panes (3, 1)": ("3", "1"),
    "trouble (!)": ("!",),
}


@dataclass(frozen=True, slots=True)
class Row:
    """Seconds from a key to the paint after it."""

    name: str
    median_s: float
    p95_s: float
    target_s: float = TARGET_S

    @property
    def is_met(self) -> bool:
        return self.p95_s < self.target_s


def large_world() -> Snapshot:
    """A thousand applications of thirty objects; every tenth in trouble."""
    apps = []
    for number in range(APPLICATIONS):
        app = world.healthy(f"service-{number:04}", number % 40)
        objects = tuple(
            world.resource("ConfigMap", f"part-{one}", app.app.name, health=None) for one in range(OBJECTS - 2)
        )
        kind = TroubleKind.OUT_OF_SYNC if number % 10 == 0 else TroubleKind.NONE
        trouble = Trouble(kind, "1 commit behind" if kind is not TroubleKind.NONE else "", world.ago(minutes=number))
        apps.append(replace(app, resources=app.resources + objects, trouble=trouble))
    return replace(world.snapshot(), apps=tuple(apps))


def moved(made: Snapshot, turn: int) -> Snapshot:
    """The same with ten applications that were compared again."""
    apps = list(made.apps)
    for number in range(turn % 100, APPLICATIONS, 100):
        apps[number] = replace(apps[number], compared_at=world.ago(seconds=turn))
    return replace(made, apps=tuple(apps))


class Painted:
    """When the app last painted. The driver is headless, so what is measured ends where bytes would be written."""

    def __init__(self, app: Cockpit) -> None:
        self.at = 0.0
        display = app._display

        def timed(screen: Screen[Any], renderable: Any) -> None:
            display(screen, renderable)
            self.at = time.perf_counter()

        app._display = timed


async def _press(app: Cockpit, painted: Painted, key: str) -> float:
    """Seconds from the key to the first paint after what it does was done."""
    await asyncio.sleep(REST_S)
    before = _state(app)
    event = events.Key("exclamation_mark", "!") if key == "!" else events.Key(key, key if len(key) == 1 else None)
    start = before_it = time.perf_counter()
    is_done = False
    app.post_message(event)
    while time.perf_counter() - start < PATIENCE_S:
        looked = time.perf_counter()
        await asyncio.sleep(0)
        if not is_done and _state(app) != before:
            is_done, before_it = True, looked
        if is_done and painted.at > before_it:
            return painted.at - start
    return PATIENCE_S


def _state(app: Cockpit) -> tuple[object, ...]:
    main = app.screen
    assert isinstance(main, MainScreen)
    return main.rows.cursor_key, len(main.rows.keys), main.panes.current, app.focused


async def _measure() -> list[Row]:
    collect_less_often()
    core = FakeCore(newest=large_world())
    app = Cockpit(core, Options(clock=lambda: world.NOW))
    rows = []
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.5)
        painted = Painted(app)
        publishing = asyncio.create_task(_publish(core))
        for name, keys in KEYS.items():
            app.screen.set_focus(app.screen.query_one("#list"))
            times = [await _press(app, painted, keys[turn % len(keys)]) for turn in range(PRESSES)]
            rows.append(Row(name, statistics.median(times), statistics.quantiles(times, n=20)[-1]))
        publishing.cancel()
    return rows


async def _publish(core: FakeCore) -> None:
    turn = 0
    while True:
        await asyncio.sleep(0.1)
        turn += 1
        core.publish(moved(core.newest, turn))


def run() -> list[tuple[str, str, str]]:
    """Name, ours, yardstick: the slower twentieth of sixty presses a key."""
    rows = asyncio.run(_measure())
    return [
        (
            f"key to paint, 1,000 applications: {row.name}",
            f"p95 {row.p95_s * 1000:.1f} ms (median {row.median_s * 1000:.1f} ms)",
            f"< {row.target_s * 1000:.0f} ms",
        )
        for row in rows
    ]


if __name__ == "__main__":
    for name, ours, yardstick in run():
        print(f"{name:58} {ours:32} {yardstick}")
