"""Requests that are tried again: while a server does not answer, and where an object moves while it is written."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from gitops_tui.errors import ApiError, ClusterError, ClusterUnreachable, Conflict, ServerError, TooManyRequests

T = TypeVar("T")
PATIENCE_S = 60.0
CONFLICT_PAUSES_S = (0.01, 0.05, 0.2, 0.5, 1.0)
"""Before each further attempt: the status of a workload that rolls out is written several times within a second."""


def patiently(call: Callable[[], T], abandoned: threading.Event) -> T:
    """Try again while the server does not answer or asks to wait, at most `PATIENCE_S` and until ``abandoned``."""
    deadline = time.monotonic() + PATIENCE_S
    pause_s = 0.2
    while True:
        try:
            return call()
        except (ClusterUnreachable, TooManyRequests, ServerError) as error:
            asked = error.retry_after_s if isinstance(error, ApiError) else None
            if time.monotonic() + (asked or pause_s) > deadline or not _is_passing(error):
                raise
            if abandoned.wait(asked or pause_s):
                raise
            pause_s = min(5.0, pause_s * 2)


def despite_conflicts(call: Callable[[], T], abandoned: threading.Event | None = None) -> T:
    """``call`` reads an object and writes what it made of it; where that moved meanwhile, both again.

    Raises `Conflict` where it moves each time.
    """
    wait = (abandoned or threading.Event()).wait
    for pause_s in CONFLICT_PAUSES_S:
        try:
            return call()
        except Conflict:
            if wait(pause_s * random.uniform(0.5, 1.5)):
                raise
    return call()


def _is_passing(error: ClusterError) -> bool:
    """An internal error of an admission webhook does not pass by waiting."""
    return not (isinstance(error, ServerError) and error.code == 500)
