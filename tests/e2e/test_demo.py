"""The demo as a stranger starts it: a living world, and nothing left behind."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.terminal import PATIENCE_S, PROGRAM, Screen, environment, on_screen, processes_of

APPS = (
    "api-service", "auth-service", "billing", "docs", "gateway", "inventory", "notifications", "orders", "search",
    "user-db", "web-frontend",
)  # fmt: skip


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return environment(tmp_path, DEMO_MARKER=str(tmp_path))


def nothing_is_left(env: dict[str, str]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while processes_of(f"DEMO_MARKER={env['DEMO_MARKER']}") and time.monotonic() < deadline:
        time.sleep(0.05)
    assert processes_of(f"DEMO_MARKER={env['DEMO_MARKER']}") == []
    assert [one.name for one in Path(env["TMPDIR"]).iterdir()] == []


def started(screen: Screen) -> None:
    screen.shows("Applications", *APPS)
    screen.shows("auth-service", "Sync", "Heal")


@pytest.mark.slow
def test_the_demo_shows_its_world_and_quits_clean(env: dict[str, str]) -> None:
    with on_screen(["demo"], env) as screen:
        started(screen)
        assert processes_of(f"DEMO_MARKER={env['DEMO_MARKER']}")
        screen.press("?")
        screen.shows("─ Keys ─")
        screen.press("\x1b")
        screen.until(lambda text: "─ Keys ─" not in text, "help closed")
        screen.press("q")
        assert screen.end() == 0
        assert screen.has_restored_modes()
    nothing_is_left(env)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_demo_in_order(env: dict[str, str], number: signal.Signals) -> None:
    with on_screen(["demo"], env) as screen:
        started(screen)
        screen.child.kill(number)
        assert screen.end() == 128 + number
        assert screen.has_restored_modes()
    nothing_is_left(env)


@pytest.mark.slow
def test_a_terminal_that_goes_away_ends_the_demo(env: dict[str, str]) -> None:
    with on_screen(["demo"], env) as screen:
        started(screen)
        screen.hang_up()
        nothing_is_left(env)


def test_without_a_terminal_the_world_serves_until_a_signal(env: dict[str, str]) -> None:
    served = subprocess.Popen(
        [*PROGRAM, "demo", "--no-cockpit", "--scenario", "calm"], env=env,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert served.stdout is not None
        told = ""
        while "kubeconfig" not in told.lower():
            line = served.stdout.readline()
            assert line, served.stderr and served.stderr.read()
            told += line
        served.terminate()
        assert served.wait(PATIENCE_S) == 0
    finally:
        served.kill()
        served.communicate()
    nothing_is_left(env)


def test_the_cockpit_needs_a_terminal(env: dict[str, str]) -> None:
    done = subprocess.run(PROGRAM, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "needs a terminal" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_reader_that_goes_away_is_no_error(env: dict[str, str]) -> None:
    program = " ".join([sys.executable, *PROGRAM[1:]])
    done = subprocess.run(["bash", "-c", f"{program} completion bash | head -c 5"], env=env, capture_output=True,
                          text=True, check=True)  # fmt: skip
    assert done.stdout == "_gito"
    assert done.stderr == ""
