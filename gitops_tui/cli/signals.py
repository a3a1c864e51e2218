"""Signals that end the program: what was begun is put away first (processes, temporary folders, terminal modes)."""

from __future__ import annotations

import signal
import threading
from types import FrameType

ENDING = (signal.SIGTERM, signal.SIGHUP)
LOOK_EVERY_S = 1.0


def end_in_order() -> None:
    """From here on SIGTERM and SIGHUP unwind the stack, as an exit does, with ``128 + number`` for the shell."""

    def unwind(number: int, _: FrameType | None) -> None:
        for one in ENDING:
            signal.signal(one, signal.SIG_IGN)  # once is enough: nothing may interrupt the putting away
        raise SystemExit(128 + number)

    for one in ENDING:
        signal.signal(one, unwind)


def until_signal() -> threading.Event:
    """Set by SIGINT, SIGTERM or SIGHUP: for commands that serve until then."""
    ended = threading.Event()
    for one in (signal.SIGINT, *ENDING):
        signal.signal(one, lambda *_: ended.set())
    return ended


def wait_for(ended: threading.Event) -> None:
    """Until it is set. Python's handlers run on the main thread, and the kernel may give a signal to another one.

    It does while a debugger or a profiler holds the main thread: that then sleeps on, unless it wakes by itself.
    """
    while not ended.wait(LOOK_EVERY_S):
        pass
