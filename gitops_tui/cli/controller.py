"""``controller``: the reconcile loop without a screen, until SIGINT, SIGTERM or SIGHUP; what runs is drained."""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from typing import TYPE_CHECKING

from gitops_tui.cli import exits
from gitops_tui.cli.assemble import build_engine
from gitops_tui.cli.options import GlobalOptions
from gitops_tui.cli.output import clean, tell
from gitops_tui.cli.settings import load_settings
from gitops_tui.cli.signals import until_signal, wait_for
from gitops_tui.config import Settings
from gitops_tui.errors import ConfigError
from gitops_tui.logs import log_to_stderr
from gitops_tui.model.snapshot import Snapshot

if TYPE_CHECKING:
    from gitops_tui.engine.engine import Engine

DRAIN_S = 30.0


def run(parsed: argparse.Namespace, options: GlobalOptions) -> int:
    if options.read_only:
        raise ConfigError("a controller cannot be read-only", hint="Leave --read-only away, or use --wall to watch.")
    log_to_stderr("info" if options.log_level == "warning" else options.log_level)
    settings = load_settings(options.config)
    engine = build_engine(options, settings, reconcile=True)
    with ExitStack() as serving:
        endpoints(parsed, settings, engine, serving)
        return _reconcile(engine)


def endpoints(parsed: argparse.Namespace, settings: Settings, engine: Engine, serving: ExitStack) -> None:
    """Listen where it was asked for; ended with ``serving``, after the engine."""
    if parsed.webhook:
        from gitops_tui.cli.webhooks import say_webhooks, webhook_listener

        listener = webhook_listener(parsed, settings, engine)
        listener.start()
        serving.callback(listener.stop)
        say_webhooks(listener, bool(parsed.webhook_cert), settings, engine)
    if parsed.metrics:
        from gitops_tui.cli.measure import metrics_listener

        shown = metrics_listener(parsed.metrics, engine)
        shown.start()
        serving.callback(shown.stop)
        tell(f"metrics are shown at http://{shown.address}/metrics")


def _reconcile(engine: Engine) -> int:
    ended = until_signal()
    said = _Sayer()
    engine.start()
    end_listening = engine.subscribe(said)
    try:
        wait_for(ended)
        tell("draining: running operations are finished, nothing new is begun")
        engine.drain(DRAIN_S)
    finally:
        end_listening()
        engine.stop()
    return exits.OK


class _Sayer:
    """Prints each new journal line and problem once."""

    def __init__(self) -> None:
        self._said = 0.0
        self._problems: set[str] = set()

    def __call__(self, snapshot: Snapshot) -> None:
        fresh = [one for one in snapshot.journal if one.at.timestamp() > self._said]
        for entry in fresh:
            tell(clean(f"{entry.at.isoformat(timespec='seconds')} {entry.app} {entry.text}"))
            self._said = max(self._said, entry.at.timestamp())
        for problem in snapshot.problems:
            text = f"{problem.where}: {problem.message}"
            if text not in self._problems:
                self._problems.add(text)
                tell(f"warning: {clean(text)}")
