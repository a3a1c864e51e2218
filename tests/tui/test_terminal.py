"""Through a real pseudo-terminal: what Pilot cannot see, namely the bytes, the alternate screen and the exit."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
from gitops_tui.tui.run import run_cockpit
from tests.tui import world
from tests.tui.fake import FakeCore
from tests.tui.hostile import hostile_app
made = world.snapshot(hostile_app(), *world.snapshot().apps)
sys.exit(run_cockpit(FakeCore(newest=made), wall=len(sys.argv) > 1))
"""
CRASHING = """
import sys
from pathlib import Path
from gitops_tui.logs import log_to_file
from gitops_tui.tui.run import run_cockpit
from gitops_tui.tui.screens.main import MainScreen
from tests.tui.fake import FakeCore

def crash(screen):
    password = "hunter2"
    raise KeyError("no such \\x1b]0;row")

MainScreen.action_objects = crash
log_to_file(Path(sys.argv[1]))
sys.exit(run_cockpit(FakeCore()))
"""
PATIENCE_S = 60.0


class Terminal:
    """A cockpit at the other end of a pseudo-terminal; ``seen`` is every byte it wrote."""

    def __init__(self, process: subprocess.Popen[bytes], master: int) -> None:
        self.process = process
        self.master = master
        self.seen = b""

    def until(self, wanted: bytes, since: int = 0) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while wanted not in self.seen[since:]:
            assert time.monotonic() < deadline, f"{wanted!r} never came; last: {self.seen[-300:]!r}"
            self._read()

    def _read(self) -> None:
        ready, _, _ = select.select([self.master], [], [], 0.1)
        with suppress(OSError):
            self.seen += os.read(self.master, 65536) if ready else b""

    def press(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def end(self, key: str = "q") -> int:
        """Press `q`, or what ends it otherwise; the exit code."""
        self.press(key)
        deadline = time.monotonic() + PATIENCE_S
        while self.process.poll() is None:
            assert time.monotonic() < deadline, "it does not quit"
            self._read()
        self._read()
        return self.process.returncode


@contextmanager
def terminal(*arguments: str, program: str = PROGRAM, **environment: str) -> Iterator[Terminal]:
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    variables = {**os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT), **environment}
    process = subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=variables,
        cwd=ROOT,
        start_new_session=True,
    )
    os.close(slave)
    try:
        yield Terminal(process, master)
    finally:
        process.kill()
        process.wait()
        os.close(master)


@pytest.mark.parametrize("arguments", [(), ("wall",)], ids=["cockpit", "wall"])
def test_it_comes_draws_and_goes_and_leaves_no_trace(arguments: tuple[str, ...]) -> None:
    with terminal(*arguments) as cockpit:
        cockpit.until(b"1049h")
        cockpit.until(b"Drifted" if arguments else b"Status")
        assert cockpit.end() == 0
        assert b"\x1b[?1049l" in cockpit.seen
        for stolen in (b"\x1b]52", b"\x1b]0;", b"\x1b[31mred"):
            assert stolen not in cockpit.seen


def test_no_color_sends_no_colour() -> None:
    with terminal(NO_COLOR="1") as cockpit:
        cockpit.until(b"Status")
        start = len(cockpit.seen)
        cockpit.press("d")
        cockpit.until(b"Diff", start)
        assert cockpit.end() == 0
        sent = {code for group in re.findall(rb"\x1b\[([0-9;]*)m", cockpit.seen) for code in group.split(b";")}
        assert sent <= {b"", b"0", b"1", b"2", b"3", b"4", b"7", b"39", b"49"}


def test_a_crash_is_logged_and_says_where(tmp_path: Path) -> None:
    log = tmp_path / "a folder whose name is longer than a line of the terminal has cells for it" / "gitops-tui.log"
    with terminal(str(log), program=CRASHING) as cockpit:
        cockpit.until(b"Status")
        assert cockpit.end("o") == 1
        told = cockpit.seen.rpartition(b"\x1b[?1049l")[2]
    logged = log.read_text(encoding="utf-8")
    assert str(log).encode() in told and b"KeyError" in told
    assert "in crash" in logged and "KeyError" in logged
    for text in (told.decode(), logged):
        assert "hunter2" not in text.replace('password = "hunter2"', ""), "no local variable"
        assert "]0;row" in text and "\x1b]0;" not in text, "what an error says is neutralised"
