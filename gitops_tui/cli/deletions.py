"""``app delete|confirm-deletion``: the end of an Application, with its objects or without them."""

from __future__ import annotations

import argparse
import sys

from gitops_tui.cli import exits
from gitops_tui.cli.assemble import compared, find_app, is_interactive
from gitops_tui.cli.options import GlobalOptions
from gitops_tui.cli.output import clean, paint, say, tell
from gitops_tui.cli.waiting import wait_gone
from gitops_tui.errors import OperationError
from gitops_tui.model.snapshot import AppView


def run_delete(parsed: argparse.Namespace, options: GlobalOptions) -> int:
    """Each application's name is typed by a person, or ``--yes`` stands for it."""
    cascade = parsed.cascade == "true"
    with compared(options, read_only=False) as engine:
        views = [find_app(engine.snapshot(), name, options.namespace) for name in parsed.names]
        for view in views:
            if not parsed.yes and not _is_agreed(view, cascade):
                tell("nothing was done")
                return exits.OK
        for view in views:
            outcome = engine.administration.delete(view.key, cascade=cascade, propagation=parsed.propagation_policy)
            say(outcome.text)
        if parsed.wait:
            wait_gone(engine, [view.key for view in views], parsed.timeout)
    return exits.OK


def _is_agreed(view: AppView, cascade: bool) -> bool:
    name = view.app.name
    if not is_interactive():
        raise OperationError(f"the deletion of {name}: a person must agree", hint="Run it in a terminal, or add --yes.")
    count = len(view.resources)
    objects = f"its {count} object{'' if count == 1 else 's'}" if cascade else "none of its objects"
    tell(f"This deletes {clean(name)} and {objects}. To go on, type exactly: {paint(name, 'bold')}")
    return sys.stdin.readline().strip() == name


def run_confirm(parsed: argparse.Namespace, options: GlobalOptions) -> int:
    """What waits for a yes (``Prune=confirm``, ``Delete=confirm``) goes on."""
    with compared(options, read_only=False) as engine:
        view = find_app(engine.snapshot(), parsed.name, options.namespace)
        say(engine.administration.confirm_deletion(view.key).text)
    return exits.OK
