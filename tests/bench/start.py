"""The cockpit in a terminal: from its start to the first screen that shows compared applications, 600 objects."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from dataclasses import dataclass

import pyte

from tests.bench.bed import Bed, six_hundred
from tests.bench.measure import peak_mb
from tests.bench.rows import Row, median, published, spread

RUNS, PATIENCE_S, LOOKED_AT_S = 5, 30.0, 2.0
COLUMNS, LINES = 120, 40
K9S_S, K9S_MB = 1.3, 122
COMPARED = "drifted"
"""What stands beside the application as soon as it was compared: one of its objects is drifted."""


@dataclass(frozen=True, slots=True)
class _Started:
    seconds: float
    peak_mb: float


def run(bed: Bed) -> list[Row]:
    six_hundred(bed)
    found = [_start(bed) for _ in range(RUNS)]
    seconds = [one.seconds for one in found]
    return [
        published(
            "start to first useful screen, 600 objects", median(seconds), K9S_S, 1, unit="s", whose="k9s",
            note=spread(seconds),
        ),
        published("... peak memory", max(one.peak_mb for one in found), 150, 1, unit="MB", whose="limit; k9s 122 MB"),
    ]  # fmt: skip


def _start(bed: Bed) -> _Started:
    pid, terminal = pty.fork()
    if pid == 0:
        command = bed.command()
        os.execve(command[0], command, bed.environment)
    began = time.perf_counter()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    try:
        seconds = _until_useful(terminal) - began
        _read_for(terminal, LOOKED_AT_S)
        return _Started(seconds, peak_mb(pid))
    finally:
        os.kill(pid, signal.SIGTERM)
        _read_for(terminal, 1.0)
        os.close(terminal)
        os.waitpid(pid, 0)


def _until_useful(terminal: int) -> float:
    """`time.perf_counter` of the screen that shows what was compared."""
    screen = pyte.Screen(COLUMNS, LINES)
    stream = pyte.ByteStream(screen)
    deadline = time.perf_counter() + PATIENCE_S
    while time.perf_counter() < deadline:
        if select.select([terminal], [], [], 0.1)[0]:
            stream.feed(os.read(terminal, 65536))
            if any(COMPARED in line for line in screen.display):
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
