"""``sandbox``: the embedded cluster alone."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from gitops_tui.cli import exits
from gitops_tui.cli.options import GlobalOptions
from gitops_tui.cli.output import say, tell
from gitops_tui.cli.signals import until_signal, wait_for


def run(parsed: argparse.Namespace, _: GlobalOptions) -> int:
    from gitops_tui.sandbox.serve import Sandbox

    ended = until_signal()
    with tempfile.TemporaryDirectory(prefix="gitops-tui-sandbox-") as scratch:
        directory = Path(parsed.directory) if parsed.directory else Path(scratch)
        directory.mkdir(parents=True, exist_ok=True)
        state = Path(parsed.state) if parsed.state else None
        sandbox = Sandbox.start(directory=directory, state_file=state)
        try:
            say(str(sandbox.kubeconfig()))
            tell(f"serving {sandbox.url}; kubectl --kubeconfig {sandbox.kubeconfig()} get namespaces; ctrl-c ends it")
            wait_for(ended)
        finally:
            sandbox.stop()
    return exits.OK
