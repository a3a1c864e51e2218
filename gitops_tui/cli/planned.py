"""From a plan to a person's yes and to its execution; the same for everything that is planned."""

from __future__ import annotations

import sys
from collections.abc import Callable

from gitops_tui.cli.assemble import is_interactive
from gitops_tui.cli.output import clean, paint, tell
from gitops_tui.cli.plans import say_plan
from gitops_tui.engine.engine import Engine
from gitops_tui.errors import OperationError, StalePlanError
from gitops_tui.model.plan import Approval, Outcome, Plan

ATTEMPTS = 3
"""How often a plan is made anew where the world moved while it was made; a person is asked again each time."""


def planned(
    engine: Engine, make: Callable[[], Plan], approve: Callable[[Plan], Approval | None]
) -> tuple[Plan, Outcome | None]:
    """Plan, ask, execute; where the world moved in between, again with the new plan. None: a person said no."""
    for attempt in range(ATTEMPTS):
        plan = make()
        approval = approve(plan)
        if approval is None:
            return plan, None
        try:
            return plan, engine.execute(plan, approval).result()
        except StalePlanError as error:
            if attempt == ATTEMPTS - 1:
                raise
            tell(f"{error}; planning again")
    raise AssertionError("the last attempt returns or raises")


def approve(plan: Plan, *, ask: bool, yes: bool, yes_prune: int | None) -> Approval | None:
    """A person's yes; raises where a script would have to give one that it did not."""
    if plan.blockers:
        raise OperationError("; ".join(plan.blockers))
    if ask or plan.must_type:
        say_plan(plan)
    if plan.must_type:
        return typed(plan, yes_prune)
    if ask and not yes:
        return asked("Go on? [y/N] ")
    return Approval(prune_count=yes_prune)


def typed(plan: Plan, yes_prune: int | None) -> Approval | None:
    if yes_prune is not None and len(plan.prunes) <= yes_prune:
        return Approval(typed=plan.must_type, prune_count=yes_prune)
    if not is_interactive():
        raise OperationError(
            f"{plan.must_type_reason}: a person must agree",
            hint=f"Run it in a terminal, or allow it with --yes-prune {len(plan.prunes)}.",
        )
    tell(f"{clean(plan.must_type_reason)}. To go on, type exactly: {paint(plan.must_type, 'bold')}")
    return Approval(typed=plan.must_type) if sys.stdin.readline().strip() == plan.must_type else None


def asked(question: str) -> Approval | None:
    if not is_interactive():
        raise OperationError("nobody is there to ask", hint="Add --yes, or run it in a terminal.")
    sys.stderr.write(question)
    sys.stderr.flush()
    return Approval() if sys.stdin.readline().strip().lower() in ("y", "yes") else None
