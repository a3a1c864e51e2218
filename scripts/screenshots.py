"""Makes the pictures in ``screenshots/`` from the running demo: the real cluster, engine and cockpit.

    python scripts/screenshots.py            # draw them all again (PNG needs a monospace font on the machine)
    python scripts/screenshots.py --check    # compare their text with what would be drawn now; exit 1 if one differs

The demo's clock stands still and its names are drawn with a fixed seed, so that a picture changes where the product
does. What still moves (latencies, hashes, ages) is left out of the comparison, and so are colours.
"""

from __future__ import annotations

import argparse
import asyncio
import difflib
import html
import os
import random
import re
import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from gitops_tui.config import Settings
from gitops_tui.engine.engine import Engine, EngineOptions
from gitops_tui.model.snapshot import Snapshot
from gitops_tui.sandbox.world import World

FOLDER = Path(__file__).resolve().parent.parent / "screenshots"
REMAKE = "python scripts/screenshots.py"
NOW = datetime(2026, 11, 22, 2, 43, tzinfo=UTC)
LOOKED_AFTER = timedelta(seconds=38)
"""How long after the last fetch somebody looks."""
PATIENCE_S = 20.0
CELL, LINE = 12.2, 24.4
"""Width and height of a character in Rich's pictures."""
FONT_SIZE = 21
"""Rich's 20 leaves gaps between lines: frames would look torn."""
FONTS = '"Fira Code", "DejaVu Sans Mono", Menlo, Consolas, monospace'


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: ``keys`` lead to it, and it is there when every one of ``shows`` stands on the screen."""

    name: str
    title: str
    size: tuple[int, int]
    keys: tuple[str, ...]
    shows: tuple[str, ...]
    wall: bool = False


SHOTS = (
    Shot("overview", "gitops-tui", (120, 40), (), ("auth-service", "legacy", "deployed, drifted")),
    Shot("diff", "gitops-tui: diff, side by side", (120, 24), ("d", "d"), ("side by side", "│ +", "Ben")),
    Shot("heal", "gitops-tui: heal", (120, 40), ("H",), ("The API server accepts this", "Heal 1 object")),
    Shot("revert", "gitops-tui: revert", (120, 40), ("3", "v"), ("The API server accepts this", "Revert and push")),
    Shot("objects", "gitops-tui: objects", (120, 24), ("o",), ("ReplicaSet/auth-service", "Pod/auth-service")),
    Shot("logs", "gitops-tui: logs", (120, 24), ("l",), ("token rejected", "DEBUG=1")),
    Shot("why", "gitops-tui: why", (120, 30), ("W",), ("Why: auth-service", "Not healing by itself", "Log")),
    Shot("wall", "gitops-tui: wall", (120, 40), (), ("Drifted for", "Degraded for"), wall=True),
    Shot("narrow", "gitops-tui at 80x24", (80, 24), (), ("auth-service", "legacy", "last write")),
)
ANY_ORDER = ("logs",)
"""Lines of several pods arrive as they come."""


# --- drawing


class Still:
    """The engine, with what moves by itself held still."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def snapshot(self) -> Snapshot:
        return self._still(self._engine.snapshot())

    def subscribe(self, listener: Callable[[Snapshot], None]) -> Callable[[], None]:
        return self._engine.subscribe(lambda snapshot: listener(self._still(snapshot)))

    @staticmethod
    def _still(snapshot: Snapshot) -> Snapshot:
        return replace(snapshot, cluster=replace(snapshot.cluster, latency_s=0.004))


def draw_all(shots: Sequence[Shot]) -> dict[str, str]:
    """The pictures as SVG, by name."""
    # Where the names of pods come from.
    secrets.choice = random.Random(7).choice
    with ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="gitops-tui-pictures-")))
        _stand_alone(folder)
        world = World.build(folder / "world", scenario="calm", clock=lambda: NOW)
        ends.callback(world.stop)
        settings = Settings(
            repositories=dict(world.repositories),
            git_cache=folder / "git",
            schema_cache=folder / "openapi",
            saved_objects=folder / "deleted",
        )
        options = EngineOptions(kubeconfig=str(world.kubeconfig), namespace=world.namespace)
        engine = Engine(settings, options, clock=lambda: NOW)
        ends.callback(engine.stop)
        engine.start()
        if not engine.wait_compared(PATIENCE_S):
            raise SystemExit(f"the demo's applications were not compared within {PATIENCE_S:.0f} s")
        return asyncio.run(_draw(engine, shots))


def _stand_alone(folder: Path) -> None:
    """Nothing of whoever runs this gets into a picture: no Git identity, no user, no taste in colours."""
    (folder / "world").mkdir()
    git = folder / "gitconfig"
    git.write_text("[user]\n\tname = Dita\n\temail = dita@example.com\n")
    for name in [one for one in os.environ if one.startswith("GIT_") or one in ("NO_COLOR", "COLORTERM")]:
        del os.environ[name]
    os.environ |= {"HOME": str(folder), "GIT_CONFIG_GLOBAL": str(git), "GIT_CONFIG_NOSYSTEM": "1", "SUDO_USER": "dita"}


async def _draw(engine: Engine, shots: Sequence[Shot]) -> dict[str, str]:
    return {shot.name: await _take(engine, shot) for shot in shots}


async def _take(engine: Engine, shot: Shot) -> str:
    from gitops_tui.tui.app import Cockpit
    from gitops_tui.tui.seat import Options

    options = Options(wall=shot.wall, read_only=shot.wall, clock=lambda: NOW + LOOKED_AFTER)
    app = Cockpit(Still(engine), options)
    async with app.run_test(size=shot.size) as pilot:

        def text() -> str:
            return "\n".join(
                "".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips()
            )

        async def settled(shows: Sequence[str]) -> None:
            """Until it shows what is waited for, and has stood still for a moment."""
            deadline, before, since = time.monotonic() + PATIENCE_S, "", time.monotonic()
            while time.monotonic() < deadline:
                await pilot.pause(0.05)
                now = text()
                if now != before:
                    before, since = now, time.monotonic()
                elif all(one in now for one in shows) and time.monotonic() - since > 0.25:
                    return
            raise SystemExit(f"{shot.name}: {', '.join(shows)} never came to stand on the screen:\n{before}")

        await settled(() if shot.wall else ("legacy",))
        for key in shot.keys:
            await pilot.press(key)
            await settled(())
        await settled(shot.shows)
        return _own_fonts(app.export_screenshot(title=shot.title))


def _own_fonts(svg: str) -> str:
    """Without fonts from the network: a README's picture may load nothing."""
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = svg.replace("font-family: Fira Code, monospace", f"font-family: {FONTS}")
    svg = svg.replace("font-size: 20px", f"font-size: {FONT_SIZE}px")
    return re.sub(r"terminal-\d+-", "terminal-", svg)


def to_png(svg: str) -> bytes:
    import resvg_py

    return bytes(resvg_py.svg_to_bytes(svg_string=svg, zoom=1.0, monospace_family="DejaVu Sans Mono"))


# --- comparing

_TEXT = re.compile(r'<text class="[^"]*" x="([\d.]+)" y="([\d.]+)" [^>]*>(.*?)</text>', re.DOTALL)


def text_of(svg: str) -> str:
    """What stands in a picture that Rich drew, line by line; without its title."""
    lines: dict[int, dict[int, str]] = {}
    for found in _TEXT.finditer(svg):
        if "clip-path" not in found[0]:
            continue
        row, column = int(float(found[2]) / LINE), round(float(found[1]) / CELL)
        for offset, character in enumerate(html.unescape(found[3]).replace("\xa0", " ")):
            lines.setdefault(row, {})[column + offset] = character
    last = max(lines, default=-1)
    return "\n".join(_line(lines.get(row, {})) for row in range(last + 1))


def _line(cells: dict[int, str]) -> str:
    return "".join(cells.get(column, " ") for column in range(max(cells, default=-1) + 1)).rstrip()


_MOVES = (
    (re.compile(r"\b\d+(\.\d+)? (ms|s|min|h|d)\b"), "<age>"),
    (re.compile(r"\b[0-9a-f]{7,40}\b"), "<hash>"),
    (re.compile(r"\b(\d{4}-\d\d-\d\d )?\d\d:\d\d\b"), "<time>"),
    (re.compile(r"[ ─━]{2,}"), " "),
)


def stable(text: str) -> list[str]:
    """The lines without what differs from run to run."""
    for pattern, instead in _MOVES:
        text = pattern.sub(instead, text)
    return [line.strip() for line in text.splitlines()]


def check(drawn: dict[str, str]) -> list[str]:
    """What is wrong with the pictures in the folder, in words."""
    wrong: list[str] = []
    for name, svg in drawn.items():
        path = FOLDER / f"{name}.svg"
        if not path.exists() or not path.with_suffix(".png").exists():
            wrong.append(f"{path.name} or its PNG is missing")
            continue
        before, after = stable(text_of(path.read_text(encoding="utf-8"))), stable(text_of(svg))
        if name in ANY_ORDER:
            before, after = sorted(before), sorted(after)
        changes = difflib.unified_diff(before, after, f"screenshots/{path.name}", "drawn now", lineterm="", n=0)
        wrong += ["\n".join(changes)] if before != after else []
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare, draw nothing")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"only these of {', '.join(s.name for s in SHOTS)}")
    words = parser.parse_args()
    drawn = draw_all([shot for shot in SHOTS if not words.names or shot.name in words.names])
    if words.check:
        wrong = check(drawn)
        for one in wrong:
            print(one, file=sys.stderr)
        if wrong:
            print(f"{len(wrong)} of {len(drawn)} pictures look different now. Remake them: {REMAKE}", file=sys.stderr)
        return 1 if wrong else 0
    FOLDER.mkdir(exist_ok=True)
    for name, svg in drawn.items():
        (FOLDER / f"{name}.svg").write_text(svg, encoding="utf-8")
        (FOLDER / f"{name}.png").write_bytes(to_png(svg))
        print(f"screenshots/{name}.svg and .png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
