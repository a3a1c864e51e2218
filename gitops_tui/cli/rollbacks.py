"""``app rollback|terminate-op``: back to what was deployed before, and the end of what runs."""

from __future__ import annotations

import argparse

from gitops_tui.cli import exits
from gitops_tui.cli.assemble import compared, find_app
from gitops_tui.cli.operations import say_result
from gitops_tui.cli.options import GlobalOptions
from gitops_tui.cli.output import say, tell
from gitops_tui.cli.planned import approve, planned
from gitops_tui.cli.waiting import is_over, wait_for
from gitops_tui.model.plan import Plan


def run_rollback(parsed: argparse.Namespace, options: GlobalOptions) -> int:
    """The entry before the last where no id is given. The spec stays, so the application is OutOfSync afterwards."""
    with compared(options, hard=True, read_only=False) as engine:
        view = find_app(engine.snapshot(), parsed.name, options.namespace)

        def make() -> Plan:
            return engine.plan_rollback(view.key, parsed.id, prune=parsed.prune, dry_run=parsed.dry_run).result()

        plan, outcome = planned(
            engine, make, lambda plan: approve(plan, ask=False, yes=True, yes_prune=parsed.yes_prune)
        )
        if outcome is None:
            tell("nothing was done")
            return exits.OK
        if parsed.no_wait or plan.asks_argocd:
            say(outcome.text)
            return exits.OK
        done = wait_for(engine, view.key, lambda now: is_over(now, outcome.started_at), parsed.timeout, progress=True)
        return say_result(done, parsed.output)


def run_terminate(parsed: argparse.Namespace, options: GlobalOptions) -> int:
    with compared(options, read_only=False) as engine:
        view = find_app(engine.snapshot(), parsed.name, options.namespace)
        say(engine.terminate(view.key).result().text)
    return exits.OK
