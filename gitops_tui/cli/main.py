"""``gitops-tui``: reads the command line and hands over. Imports nothing heavy before a command is known."""

from __future__ import annotations

import sys

from gitops_tui.cli import exits
from gitops_tui.cli.parser import build_parser

TYPE_CHECKING = False
if TYPE_CHECKING:  # as typing's own, whose import costs more than all the rest here
    import argparse
    from collections.abc import Callable, Sequence

COMMANDS = {
    "cockpit": "cockpit:run",
    "demo": "demo:run",
    "sandbox": "sandbox:run",
    "controller": "controller:run",
    "doctor": "doctor:run",
    "completion": "completion:run",
    "why": "why:run_why",
    "app list": "applications:run_list",
    "app get": "applications:run_get",
    "app history": "applications:run_history",
    "app manifests": "applications:run_manifests",
    "app diff": "differences:run_diff",
    "app sync": "operations:run_sync",
    "app wait": "waiting:run_wait",
    "app revert": "operations:run_revert",
    "app actions list": "actions:run_list",
    "app actions run": "actions:run_run",
    "app rollback": "rollbacks:run_rollback",
    "app terminate-op": "rollbacks:run_terminate",
    "app delete": "deletions:run_delete",
    "app confirm-deletion": "deletions:run_confirm",
    "app set": "edits:run_set",
    "app resources": "objects:run_resources",
    "app patch-resource": "objects:run_patch",
    "app delete-resource": "objects:run_delete",
    "app logs": "log_lines:run_logs",
    "proj list": "projects:run_list",
    "proj get": "projects:run_get",
    "proj windows list": "projects:run_windows",
}
"""A command's module and function."""


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; the process' exit code."""
    parsed = build_parser().parse_args(words)
    from gitops_tui.errors import ConfigError, GitOpsError

    try:
        return _run(parsed)
    except GitOpsError as error:
        from gitops_tui.cli.output import complain

        complain(error)
        return exits.USAGE if isinstance(error, ConfigError) else exits.ERROR
    except KeyboardInterrupt:
        return exits.INTERRUPTED
    except BrokenPipeError:
        from gitops_tui.cli.output import forget_output

        forget_output()
        return exits.FAILED


def _run(parsed: argparse.Namespace) -> int:
    from gitops_tui.cli.options import read_options

    run = _command(parsed.command or "cockpit")
    return run(parsed, read_options(parsed))


def _command(name: str) -> Callable[..., int]:
    """The function behind a command; its module is imported now and not sooner."""
    from importlib import import_module

    module, _, function = COMMANDS[name].partition(":")
    found: Callable[..., int] = getattr(import_module(f"gitops_tui.cli.{module}"), function)
    return found


if __name__ == "__main__":
    sys.exit(main())
