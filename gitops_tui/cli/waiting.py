"""``app wait``, and how other commands wait: for the end of an operation, for a state, or for an end."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from msgspec.structs import replace

from gitops_tui.cli import exits
from gitops_tui.cli.assemble import compared, find_app
from gitops_tui.cli.options import GlobalOptions
from gitops_tui.cli.output import say, tell
from gitops_tui.cli.selection import Selector, parse_selector, selected
from gitops_tui.engine.engine import Engine
from gitops_tui.errors import ConfigError, OperationError
from gitops_tui.model.application import AppKey
from gitops_tui.model.snapshot import AppView
from gitops_tui.model.status import Health, HealthStatus, SyncStatus

POLL_S = 0.2
MOST_NAMED = 3
"""Objects that are waited for, by name; the others are counted."""


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
    """``shop: Sync, wave 2 (3 of 4), 5 of 9 objects done, waits for Deployment/api (1 of 3 updated)``"""
    progress = view.progress
    if progress is None:
        return ""
    if not progress.total:
        return f"{view.app.name}: {progress.message or 'starting'}"
    wave = f"wave {progress.wave} ({progress.wave_number} of {progress.waves})" if progress.waves > 1 else ""
    done = f"{progress.done} of {progress.total} object{'' if progress.total == 1 else 's'} done"
    shown = [f"{key.short} ({why})" if why else key.short for key, why in progress.running[:MOST_NAMED]]
    more = f" and {len(progress.running) - len(shown)} more" if len(progress.running) > len(shown) else ""
    waiting = f"waits for {', '.join(shown)}{more}" if shown else ""
    phase = progress.phase.value if progress.phase else ""
    return f"{view.app.name}: " + ", ".join(filter(None, (phase, wave, done, waiting)))


def is_over(view: AppView, started_at: datetime | None) -> bool:
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
    selectors = [parse_selector(text) for text in parsed.resource]
    with compared(options) as engine:
        keys = [find_app(engine.snapshot(), name, options.namespace).key for name in parsed.names]
        deadline = time.monotonic() + parsed.timeout
        for key in keys:
            left = max(0.1, deadline - time.monotonic()) if parsed.timeout else 0
            if parsed.delete:
                wait_gone(engine, [key], left)
                continue
            view = wait_for(engine, key, lambda view: _is_reached(_only(view, selectors), tests), left)
            shown = _only(view, selectors)
            say(f"{key}: {shown.sync}, {shown.health.status}")
            if shown.health.status is HealthStatus.DEGRADED and "degraded" not in tests and "health" in tests:
                return exits.ERROR
    return exits.OK


def wait_gone(engine: Engine, keys: Sequence[AppKey], timeout_s: float) -> None:
    """Until none of the applications is there any more; `OperationError` when the time is over."""
    deadline = time.monotonic() + timeout_s if timeout_s else None
    while left := [key for key in keys if engine.snapshot().find(key) is not None]:
        if deadline is not None and time.monotonic() > deadline:
            raise OperationError(
                f"{', '.join(map(str, left))} is still there after {timeout_s:.0f} s",
                hint="Look at its conditions with gitops-tui app get; whoever reconciles deletes its objects.",
            )
        time.sleep(POLL_S)


def _only(view: AppView, selectors: Sequence[Selector]) -> AppView:
    """The application as these objects alone make it; all of it where none is named."""
    if not selectors:
        return view
    keys = set(selected((one.key for one in view.resources), selectors))
    chosen = [one for one in view.resources if one.key in keys]
    if not chosen:
        raise ConfigError(f"no object of {view.app.name} matches", hint="List them with app resources.")
    syncs = {one.sync for one in chosen if one.sync is not None}
    worst = max((one.health for one in chosen if one.health), key=lambda one: one.status.badness, default=None)
    sync = next((one for one in (SyncStatus.OUT_OF_SYNC, SyncStatus.UNKNOWN) if one in syncs), SyncStatus.SYNCED)
    return replace(view, sync=sync, health=worst or Health(HealthStatus.HEALTHY))


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
