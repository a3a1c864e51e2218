"""``demo``: a living world in a temporary directory, and the cockpit in front of it."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from gitops_tui.cli import exits
from gitops_tui.cli.options import GlobalOptions
from gitops_tui.cli.output import say
from gitops_tui.cli.signals import end_in_order, until_signal, wait_for
from gitops_tui.config import Settings

if TYPE_CHECKING:
    from gitops_tui.sandbox.world import World


def run(parsed: argparse.Namespace, options: GlobalOptions) -> int:
    from gitops_tui.sandbox.world import World

    is_served = parsed.no_cockpit or not sys.stdout.isatty()
    end_in_order()
    with tempfile.TemporaryDirectory(prefix="gitops-tui-demo-") as scratch:
        directory = Path(parsed.directory) if parsed.directory else Path(scratch)
        directory.mkdir(parents=True, exist_ok=True)
        world = World.build(directory, scenario=parsed.scenario)
        try:
            ended = until_signal() if is_served else None  # before it says that it serves
            say(world.poke_text())
            world.start_scenario()
            if ended is None:
                return _open(world, directory, options)
            wait_for(ended)
            return exits.OK
        finally:
            world.stop()


def _open(world: World, directory: Path, options: GlobalOptions) -> int:
    from gitops_tui.cli.cockpit import open_cockpit

    settings = Settings(
        repositories=dict(world.repositories),
        git_cache=directory / "cache" / "git",
        schema_cache=directory / "cache" / "openapi",
        saved_objects=directory / "deleted",
    )
    here = replace(options, kubeconfig=str(world.kubeconfig), context="", namespace=world.namespace)
    return open_cockpit(replace(here, apps=()), settings)
