"""``app sync|wait|revert``: what changes something, or waits for it."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from gitops_tui.cli import exits
from gitops_tui.cli.assemble import compared, find_app, is_interactive
from gitops_tui.cli.options import GlobalOptions
from gitops_tui.cli.output import clean, document, paint, say, say_document, table, tell
from gitops_tui.cli.plans import say_plan
from gitops_tui.engine.engine import Engine
from gitops_tui.engine.report import application_json
from gitops_tui.errors import ConfigError, OperationError, StalePlanError
from gitops_tui.model.application import AppKey
from gitops_tui.model.plan import Approval, Outcome, Plan, SyncRequest
from gitops_tui.model.resource import ResourceKey
from gitops_tui.model.snapshot import AppView
from gitops_tui.model.status import HealthStatus, OperationPhase, ResultCode, SyncStatus

POLL_S = 0.2
ATTEMPTS = 3
"""How often a plan is made anew where the world moved while it was made; a person is asked again each time."""


def run_sync(parsed: argparse.Namespace, options: GlobalOptions) -> int:
    request = SyncRequest(
        revision=parsed.revision,
        prune=parsed.prune,
        dry_run=parsed.dry_run,
        force=parsed.force,
        replace=parsed.replace,
        apply_out_of_sync_only=parsed.apply_out_of_sync_only,
        strategy=parsed.strategy,
        resources=tuple(parse_resource(text) for text in parsed.resource),
        retry_limit=parsed.retry_limit,
        asks_server=parsed.preview_changes or parsed.prune,
    )
    with compared(options, hard=True, read_only=False) as engine:
        worst = exits.OK
        for name in parsed.names:
            view = find_app(engine.snapshot(), name, options.namespace)
            worst = max(worst, _sync_one(engine, view, request, parsed))
    return worst


def parse_resource(text: str) -> ResourceKey:
    """``GROUP:KIND:[NAMESPACE/]NAME``, as Argo CD's command line has it."""
    parts = text.split(":")
    if len(parts) != 3 or not parts[1] or not parts[2]:
        raise ConfigError(
            f"--resource {text}: expected GROUP:KIND:[NAMESPACE/]NAME", hint="Leave GROUP empty for core."
        )
    namespace, _, name = parts[2].rpartition("/")
    return ResourceKey(parts[0], parts[1], namespace, name)


def _sync_one(engine: Engine, view: AppView, request: SyncRequest, parsed: argparse.Namespace) -> int:
    plan, outcome = _planned(
        engine,
        lambda: engine.plan_sync([view.key], request).result(),
        lambda plan: _approve(plan, ask=parsed.preview_changes, yes=parsed.yes, yes_prune=parsed.yes_prune),
    )
    if outcome is None:
        tell("nothing was done")
        return exits.OK
    if parsed.no_wait or plan.asks_argocd:
        say(outcome.text)
        return exits.OK if outcome.ok else exits.FAILED
    if not outcome.ok:
        tell(outcome.text)
        return exits.FAILED
    done = wait_for(engine, view.key, lambda now: _is_over(now, outcome.started_at), parsed.timeout, progress=True)
    return _say_result(done, parsed.output)


def _planned(
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


def _approve(plan: Plan, *, ask: bool, yes: bool, yes_prune: int | None) -> Approval | None:
    """A person's yes; raises where a script would have to give one that it did not."""
    if plan.blockers:
        raise OperationError("; ".join(plan.blockers))
    if ask or plan.must_type:
        say_plan(plan)
    if plan.must_type:
        return _typed(plan, yes_prune)
    if ask and not yes:
        return _asked("Go on? [y/N] ")
    return Approval(prune_count=yes_prune)


def _typed(plan: Plan, yes_prune: int | None) -> Approval | None:
    if yes_prune is not None and len(plan.prunes) <= yes_prune:
        return Approval(typed=plan.must_type, prune_count=yes_prune)
    if not is_interactive():
        raise OperationError(
            f"{plan.must_type_reason}: a person must agree",
            hint=f"Run it in a terminal, or allow it with --yes-prune {len(plan.prunes)}.",
        )
    tell(f"{plan.must_type_reason}. Type {plan.must_type} to go on:")
    return Approval(typed=plan.must_type) if sys.stdin.readline().strip() == plan.must_type else None


def _asked(question: str) -> Approval | None:
    if not is_interactive():
        raise OperationError("nobody is there to ask", hint="Add --yes, or run it in a terminal.")
    sys.stderr.write(question)
    sys.stderr.flush()
    return Approval() if sys.stdin.readline().strip().lower() in ("y", "yes") else None


def _say_result(view: AppView, form: str) -> int:
    operation = view.operation
    if form in ("json", "yaml"):
        say_document(document(application_json(view), form))
    elif operation is not None:
        results = operation.sync_result.resources if operation.sync_result else ()
        rows = [
            (one.key.group, one.key.kind, one.key.namespace, one.key.name,
             one.status.value if one.status else (one.hook_phase or ""), one.sync_phase or "", one.message)
            for one in results
        ]  # fmt: skip
        if rows:
            say(table(("GROUP", "KIND", "NAMESPACE", "NAME", "RESULT", "PHASE", "MESSAGE"), rows))
        colour = "green" if operation.phase is OperationPhase.SUCCEEDED else "red"
        say(f"{view.app.name}: {paint(operation.phase.value, colour)} {clean(operation.message)}")
    if operation is None or operation.phase is not OperationPhase.SUCCEEDED:
        return exits.FAILED
    return _unpruned(view)


def _unpruned(view: AppView) -> int:
    """A sync without ``--prune`` that leaves something to prune has not done all (Argo CD exits 1 there, too)."""
    result = view.operation.sync_result if view.operation else None
    left = [one for one in (result.resources if result else ()) if one.status is ResultCode.PRUNE_SKIPPED]
    if left and view.operation is not None and not view.operation.operation.prune:
        tell(f"{len(left)} resources require pruning; sync with --prune to delete them")
        return exits.FAILED
    return exits.OK


# --- waiting -----------------------------------------------------------------------------------------------------


def wait_for(
    engine: Engine, key: AppKey, is_done: Callable[[AppView], bool], timeout_s: float, *, progress: bool = False
) -> AppView:
    """Wait until ``is_done``; `OperationError` when the time is over. Progress goes to standard error."""
    deadline = time.monotonic() + timeout_s if timeout_s else None
    said = ""
    while True:
        view = engine.snapshot().find(key)
        if view is None:
            raise OperationError(f"application {key} is gone")
        if is_done(view):
            return view
        words = progress_words(view)
        if progress and words and words != said:
            tell(words)
            said = words
        if deadline is not None and time.monotonic() > deadline:
            raise OperationError(
                f"{key} is {view.sync} and {view.health.status} after {timeout_s:.0f} s",
                hint="Give it more time with --timeout, or look at it with gitops-tui app get.",
            )
        time.sleep(POLL_S)


def progress_words(view: AppView) -> str:
    progress = view.progress
    if progress is None:
        return ""
    waiting = ", ".join(f"{key.short} {why}".strip() for key, why in progress.running[:3])
    phase = f"{progress.phase} " if progress.phase else ""
    words = f"{phase}wave {progress.wave} ({progress.wave_number}/{progress.waves}): {progress.done}/{progress.total}"
    return f"{words}, waits for {waiting}" if waiting else words


def _is_over(view: AppView, started_at: datetime | None) -> bool:
    """Whether the very operation that began then has ended, and was compared since."""
    operation = view.operation
    at = operation.started_at if operation else None
    is_ours = at is not None and at.replace(microsecond=0) == started_at
    return is_ours and _is_operation_over(view)


def _is_operation_over(view: AppView) -> bool:
    """Over means compared since, too: the answer is not from before."""
    operation = view.operation
    if operation is None or not operation.phase.is_completed:
        return False
    finished = operation.finished_at or datetime.now(UTC)
    return view.compared_at is not None and view.compared_at >= finished


def run_wait(parsed: argparse.Namespace, options: GlobalOptions) -> int:
    tests = [name for name in ("sync", "health", "operation", "suspended", "degraded") if getattr(parsed, name)]
    with compared(options) as engine:
        keys = [find_app(engine.snapshot(), name, options.namespace).key for name in parsed.names]
        deadline = time.monotonic() + parsed.timeout
        for key in keys:
            left = max(0.1, deadline - time.monotonic()) if parsed.timeout else 0
            view = wait_for(engine, key, lambda view: _is_reached(view, tests), left)
            say(f"{key}: {view.sync}, {view.health.status}")
            if view.health.status is HealthStatus.DEGRADED and "degraded" not in tests and "health" in tests:
                return exits.ERROR
    return exits.OK


def _is_reached(view: AppView, tests: Sequence[str]) -> bool:
    """Argo CD's defaults: sync, health and operation. A Degraded application ends a wait for health."""
    wanted = tests or ("sync", "health", "operation")
    health = view.health.status
    if "operation" in wanted and view.operation is not None and not _is_operation_over(view):
        return False
    if "sync" in wanted and view.sync is not SyncStatus.SYNCED:
        return False
    goals = {"health": HealthStatus.HEALTHY, "suspended": HealthStatus.SUSPENDED, "degraded": HealthStatus.DEGRADED}
    asked = [goals[word] for word in wanted if word in goals]
    if "health" in tests and health is HealthStatus.DEGRADED:
        return True
    return not asked or health in asked


# --- revert ------------------------------------------------------------------------------------------------------


def run_revert(parsed: argparse.Namespace, options: GlobalOptions) -> int:
    with compared(options, hard=True, read_only=False) as engine:
        view = find_app(engine.snapshot(), parsed.name, options.namespace)

        def approve(plan: Plan) -> Approval | None:
            say_plan(plan)
            return _approve_revert(plan, parsed)

        plan, outcome = _planned(engine, lambda: engine.plan_revert(view.key, parsed.commits).result(), approve)
        if outcome is None:
            tell("nothing was pushed")
            return exits.OK
        say(outcome.text)
        if outcome.link:
            say(outcome.link)
        if not parsed.sync or parsed.branch or not outcome.ok:
            return exits.OK if outcome.ok else exits.FAILED
        engine.refresh(view.key, hard=True)
        fresh = wait_for(engine, view.key, lambda now: now.revision == outcome.commit, 60)
        request = SyncRequest(prune=bool(plan.prunes))
        flags = argparse.Namespace(
            preview_changes=False, yes=True, yes_prune=len(plan.prunes), no_wait=False, timeout=0, output="table"
        )
        return _sync_one(engine, fresh, replace(request), flags)


def _approve_revert(plan: Plan, parsed: argparse.Namespace) -> Approval | None:
    if plan.blockers:
        raise OperationError("; ".join(plan.blockers))
    if parsed.dry_run:
        return None
    author = parsed.author
    if plan.revert is not None and not plan.revert.author and not author:
        author = _author()
    if parsed.sync and not parsed.branch and plan.must_type and _typed(plan, parsed.yes_prune) is None:
        return None
    if not parsed.yes and _asked("Commit and push this revert? [y/N] ") is None:
        return None
    return Approval(author=author, as_branch=parsed.branch, typed=plan.must_type, then_sync=False)


def _author() -> str:
    if not is_interactive():
        raise OperationError("git's configuration names no author", hint="Add --author 'NAME <EMAIL>'.")
    sys.stderr.write("Author of the revert, NAME <EMAIL>: ")
    sys.stderr.flush()
    return sys.stdin.readline().strip()
