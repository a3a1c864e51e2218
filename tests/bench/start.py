"""The cockpit in a terminal: from its start to the first screen that shows compared applications, 600 objects.

Beside it, where ``k9s`` is on the PATH, its first list of these Deployments in the same terminal, in turns with ours;
else what was measured of it elsewhere.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import shutil
import signal
import struct
import sys
import termios
import time
from collections.abc import Sequence
from dataclasses import dataclass

import pyte

from tests.bench.bed import Bed, six_hundred
from tests.bench.measure import peak_mb
from tests.bench.rows import Row, compared, median, published, spread

RUNS, PATIENCE_S, LOOKED_AT_S = 5, 30.0, 2.0
COLUMNS, LINES = 120, 40
K9S_S, K9S_MB = 1.3, 122
COMPARED = "drifted"
"""What stands beside the application as soon as it was compared: one of its objects is drifted."""
LISTED = "service-000"
"""The first Deployment."""
EMPTY = """
from textual.app import App
from textual.widgets import Static
class Empty(App):
    def compose(self):
        yield Static("drawn")
Empty().run()
"""
"""What every Textual application takes before it does anything."""
DRAWN = "drawn"


@dataclass(frozen=True, slots=True)
class _Started:
    seconds: float
    peak_mb: float


def run(bed: Bed) -> list[Row]:
    namespace, k9s = six_hundred(bed), shutil.which("k9s")
    kubeconfig = str(bed.cluster.kubeconfig)
    ours, theirs, empty = [], [], []
    for _ in range(RUNS):
        ours.append(_start(bed, bed.command(), COMPARED))
        empty.append(_start(bed, (sys.executable, "-c", EMPTY), DRAWN))
        if k9s:
            words = ("--kubeconfig", kubeconfig, "-n", namespace, "-c", "deployments", "--splashless")
            theirs.append(_start(bed, (k9s, *words), LISTED))
    least = [one.seconds for one in empty]
    floor = Row("... of it what an empty Textual application takes", f"{median(least):.2f} s{spread(least)}")
    return [_seconds(ours, theirs), floor, _memory(ours, theirs)]


def _seconds(ours: Sequence[_Started], theirs: Sequence[_Started]) -> Row:
    work, found = "start to first useful screen, 600 objects", [one.seconds for one in ours]
    note = spread(found)
    if not theirs:
        return published(work, median(found), K9S_S, 1, unit="s", whose="k9s", note=note)
    other = [one.seconds for one in theirs]
    return compared(work, median(found), median(other), 1, unit="s", against=f"k9s{spread(other)}", note=note)


def _memory(ours: Sequence[_Started], theirs: Sequence[_Started]) -> Row:
    most = max(one.peak_mb for one in ours)
    other = max((one.peak_mb for one in theirs), default=K9S_MB)
    return published("... peak memory", most, 150, 1, unit="MB", whose=f"limit; k9s {other:.0f} MB")


def _start(bed: Bed, command: Sequence[str], marker: str) -> _Started:
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(command[0], command, bed.environment)
    began = time.perf_counter()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    try:
        seconds = _until_shown(terminal, marker) - began
        _read_for(terminal, LOOKED_AT_S)
        return _Started(seconds, peak_mb(pid))
    finally:
        os.kill(pid, signal.SIGTERM)
        _read_for(terminal, 1.0)
        os.close(terminal)
        os.waitpid(pid, 0)


def _until_shown(terminal: int, marker: str) -> float:
    """`time.perf_counter` of the screen that shows it."""
    screen = pyte.Screen(COLUMNS, LINES)
    stream = pyte.ByteStream(screen)
    deadline = time.perf_counter() + PATIENCE_S
    while time.perf_counter() < deadline:
        if select.select([terminal], [], [], 0.1)[0]:
            stream.feed(os.read(terminal, 65536))
            if any(marker in line for line in screen.display):
                return time.perf_counter()
    raise TimeoutError("\n".join(screen.display))


def _read_for(terminal: int, seconds: float) -> None:
    """Take what is drawn, so that the program never waits for the terminal."""
    deadline = time.perf_counter() + seconds
    while (left := deadline - time.perf_counter()) > 0:
        if select.select([terminal], [], [], left)[0]:
            try:
                os.read(terminal, 65536)
            except OSError:
                return
