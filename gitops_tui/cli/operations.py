"""``app sync|revert``: what changes something."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from gitops_tui.cli import exits
from gitops_tui.cli.assemble import compared, find_app, is_interactive
from gitops_tui.cli.options import GlobalOptions
from gitops_tui.cli.output import clean, document, paint, say, say_document, table, tell
from gitops_tui.cli.planned import approve, asked, planned, typed
from gitops_tui.cli.plans import say_plan
from gitops_tui.cli.selection import carries, parse_label, parse_selector, revisions_of, selected
from gitops_tui.cli.waiting import is_over, wait_for
from gitops_tui.engine.engine import Engine
from gitops_tui.engine.report import application_json
from gitops_tui.errors import ConfigError, OperationError
from gitops_tui.model.plan import Approval, Plan, SyncRequest
from gitops_tui.model.resource import ResourceKey, key_of, labels_of
from gitops_tui.model.snapshot import AppView
from gitops_tui.model.status import OperationPhase, ResultCode


def run_sync(parsed: argparse.Namespace, options: GlobalOptions) -> int:
    if parsed.local and (parsed.revision or parsed.revisions):
        flag = "--revision" if parsed.revision else "--revisions"
        raise ConfigError(f"--local and {flag} exclude each other", hint="A folder is of no revision.")
    for text in parsed.resource:
        parse_selector(text)  # a wrong one is told before anything is asked for
    request = SyncRequest(
        revision=parsed.revision,
        prune=parsed.prune,
        dry_run=parsed.dry_run,
        force=parsed.force,
        replace=parsed.replace,
        apply_out_of_sync_only=parsed.apply_out_of_sync_only,
        strategy=parsed.strategy,
        retry=_retry(parsed),
        asks_server=parsed.preview_changes or parsed.prune,
    )
    with compared(options, hard=True, read_only=False) as engine:
        worst = exits.OK
        for name in parsed.names:
            view = find_app(engine.snapshot(), name, options.namespace)
            manifests = engine.local_manifests(view.key, Path(parsed.local)) if parsed.local else ()
            asked = replace(request, revisions=revisions_of(view.app, parsed), manifests=manifests)
            wanted = replace(asked, resources=_chosen(engine, view, parsed, asked))
            worst = max(worst, _sync_one(engine, view, wanted, parsed))
    return worst


def _chosen(engine: Engine, view: AppView, parsed: argparse.Namespace, asked: SyncRequest) -> tuple[ResourceKey, ...]:
    """What ``--resource`` and ``--label`` leave of the objects; empty where neither was said: everything."""
    if not parsed.resource and not parsed.label:
        return ()
    keys = tuple(one.key for one in view.resources)
    if asked.revision or asked.revisions or asked.manifests or parsed.label:
        labels = [parse_label(text) for text in parsed.label]
        targets = engine.manifests(view.key, asked=asked)
        found = tuple(key_of(obj) for obj in targets if carries(labels_of(obj), labels))
        keys = found if labels else tuple(dict.fromkeys((*keys, *found)))
    chosen = selected(keys, [parse_selector(text) for text in parsed.resource])
    if not chosen:
        raise ConfigError(f"no object of {view.app.name} matches", hint="List them with app resources.")
    return chosen


def _retry(parsed: argparse.Namespace) -> Mapping[str, Any] | None:
    """``operation.retry`` as the flags say it; None without ``--retry-limit``."""
    if not parsed.retry_limit:
        return None
    backoff = {
        "duration": parsed.retry_backoff_duration,
        "maxDuration": parsed.retry_backoff_max_duration,
        "factor": parsed.retry_backoff_factor,
    }
    found: dict[str, Any] = {"limit": parsed.retry_limit, "backoff": {k: v for k, v in backoff.items() if v}}
    return {**found, **({"refresh": True} if parsed.retry_refresh else {})}


def _sync_one(engine: Engine, view: AppView, request: SyncRequest, parsed: argparse.Namespace) -> int:
    plan, outcome = planned(
        engine,
        lambda: engine.plan_sync([view.key], request).result(),
        lambda plan: approve(plan, ask=parsed.preview_changes, yes=parsed.yes, yes_prune=parsed.yes_prune),
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
    done = wait_for(engine, view.key, lambda now: is_over(now, outcome.started_at), parsed.timeout, progress=True)
    return say_result(done, parsed.output)


def say_result(view: AppView, form: str) -> int:
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


# --- revert ------------------------------------------------------------------------------------------------------


def run_revert(parsed: argparse.Namespace, options: GlobalOptions) -> int:
    with compared(options, hard=True, read_only=False) as engine:
        view = find_app(engine.snapshot(), parsed.name, options.namespace)

        def approve(plan: Plan) -> Approval | None:
            say_plan(plan)
            return _approve_revert(plan, parsed)

        plan, outcome = planned(engine, lambda: engine.plan_revert(view.key, parsed.commits).result(), approve)
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
    if parsed.sync and not parsed.branch and plan.must_type and typed(plan, parsed.yes_prune) is None:
        return None
    if not parsed.yes and asked("Commit and push this revert? [y/N] ") is None:
        return None
    return Approval(author=author, as_branch=parsed.branch, typed=plan.must_type, then_sync=False)


def _author() -> str:
    if not is_interactive():
        raise OperationError("git's configuration names no author", hint="Add --author 'NAME <EMAIL>'.")
    sys.stderr.write("Author of the revert, NAME <EMAIL>: ")
    sys.stderr.flush()
    return sys.stdin.readline().strip()
