"""The entry to the cockpit: from here to its end, nothing but Textual writes to the terminal."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.app import App

    from gitops_tui.model.core import Core

SLOW_FPS = "15"


def run_cockpit(
    core: Core,
    *,
    wall: bool = False,
    read_only: bool = False,
    ascii: bool = False,  # noqa: A002 - the option's name
    slow: bool = False,
    mouse: bool = True,
    theme: str = "",
    bindings: Mapping[str, str] | None = None,
    clock: Callable[[], datetime] | None = None,
) -> int:
    """Show the cockpit (or the wall) until somebody quits; the exit code. The core goes on: whoever made it ends it."""
    if slow:
        # Both are read when Textual is imported.
        os.environ["TEXTUAL_FPS"] = SLOW_FPS
        os.environ["TEXTUAL_ANIMATIONS"] = "none"
    from gitops_tui.tui.app import Cockpit
    from gitops_tui.tui.crash import last_words, log_crash
    from gitops_tui.tui.quiet import collect_less_often
    from gitops_tui.tui.seat import Options, local_now

    options = Options(
        wall=wall,
        read_only=read_only or wall,
        ascii=ascii,
        slow=slow,
        theme=theme,
        bindings=bindings or {},
        clock=clock or local_now,
        ends_on=(signal.SIGTERM,),
    )
    collect_less_often()
    app = Cockpit(core, options)
    try:
        code = app.run(mouse=mouse)
    except Exception as error:
        log_crash(error)  # where Textual itself could not begin or end
        raise
    finally:
        _stop_reading(app)
    if app.crash is not None:
        sys.stderr.write(last_words(app.crash) + "\n")
    return code if code is not None else app.return_code or 0


def _stop_reading(app: App[int]) -> None:
    """End Textual's thread that reads the keyboard, also where a hangup unwound past Textual's own end.

    It is no daemon: on a terminal that is gone it would read nothing, again and again, and the process never ended.
    """
    ended = getattr(app._driver, "exit_event", None)
    if ended is not None:
        ended.set()
