"""The cockpit and the wall: opens the engine and hands it to the screen."""

from __future__ import annotations

import argparse
import os
import sys

from gitops_tui.cli.assemble import build_engine
from gitops_tui.cli.options import GlobalOptions
from gitops_tui.cli.settings import load_settings
from gitops_tui.cli.signals import end_in_order
from gitops_tui.config import Settings, state_dir
from gitops_tui.errors import ConfigError
from gitops_tui.logs import log_to_file
from gitops_tui.tui.quiet import collect, rest


def run(_: argparse.Namespace, options: GlobalOptions) -> int:
    if not sys.stdout.isatty():
        raise ConfigError("the cockpit needs a terminal", hint="Use gitops-tui app list in scripts.")
    return open_cockpit(options, load_settings(options.config))


def open_cockpit(options: GlobalOptions, settings: Settings) -> int:
    """Draw until the person leaves; what runs then is left to its lease."""
    rest()
    if options.slow:
        os.environ.setdefault("TEXTUAL_FPS", "15")  # read when Textual is imported
        os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    end_in_order()
    log_to_file(state_dir() / "gitops-tui.log", options.log_level)
    engine = build_engine(options, settings, is_drawn=True)
    engine.connect()  # log-ins of exec plugins happen on the terminal, before anything is drawn
    engine.start()
    try:
        from gitops_tui.tui.run import run_cockpit

        return run_cockpit(
            engine,
            wall=options.wall,
            read_only=options.read_only,
            ascii=options.ascii,
            slow=options.slow,
            mouse=options.mouse,
            theme=options.theme or settings.theme,
            bindings=settings.keys,
        )
    finally:
        collect()
        engine.stop()
