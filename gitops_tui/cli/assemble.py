"""Puts the program together from what was said on the command line."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from gitops_tui.cli.options import GlobalOptions
from gitops_tui.cli.output import clean, tell
from gitops_tui.cli.settings import load_settings
from gitops_tui.config import Settings, state_dir
from gitops_tui.errors import GitOpsError
from gitops_tui.logs import log_to_file
from gitops_tui.model.application import AppKey
from gitops_tui.model.refused import plainly
from gitops_tui.model.snapshot import AppView, Snapshot
from gitops_tui.tui.quiet import resting

if TYPE_CHECKING:
    from gitops_tui.engine.engine import Engine

READY_TIMEOUT_S = 60.0
REFUSED_TIMEOUT_S = 4.0


def build_engine(
    options: GlobalOptions, settings: Settings | None = None, *, reconcile: bool = False, is_drawn: bool = False
) -> Engine:
    """An engine that has not been started. ``reconcile``: it acts by itself (the controller)."""
    from gitops_tui.engine.engine import Engine, EngineOptions

    return Engine(
        settings or load_settings(options.config),
        EngineOptions(
            kubeconfig=options.kubeconfig or None,
            context=options.context or None,
            namespace=options.namespace,
            all_namespaces=options.all_namespaces,
            apps=options.apps,
            read_only=options.read_only,
            reconcile=(options.reconcile or reconcile) and not options.read_only,
            is_drawn=is_drawn,
        ),
    )


@contextmanager
def compared(options: GlobalOptions, *, hard: bool = False, read_only: bool = True) -> Iterator[Engine]:
    """An engine whose applications have all been compared once; ended with the block.

    ``read_only``: for commands that only look, no client that could write is constructed.
    """
    from msgspec.structs import replace

    log_to_file(state_dir() / "gitops-tui.log", options.log_level)
    wanted = replace(options, read_only=options.read_only or read_only)
    with ExitStack() as ending:
        with resting():
            engine = build_engine(wanted)
            engine.start()
            ending.callback(engine.stop)
            _wait_compared(engine)
        if hard:
            engine.refresh(None, hard=True)
            _wait_compared(engine)
        _warn(engine.snapshot())
        yield engine


def _wait_compared(engine: Engine) -> None:
    """A cluster that refuses is given up after ``REFUSED_TIMEOUT_S``, one that is slow after ``READY_TIMEOUT_S``."""
    deadline = time.monotonic() + READY_TIMEOUT_S
    while not engine.wait_compared(REFUSED_TIMEOUT_S):
        if time.monotonic() > deadline:
            raise GitOpsError(
                f"not every application was compared within {READY_TIMEOUT_S:.0f} s",
                hint="Run gitops-tui doctor to see what does not answer.",
            )


def _warn(snapshot: Snapshot) -> None:
    for problem in snapshot.problems:
        message = plainly(problem.message)
        is_said = problem.where in message
        tell(clean(f"warning: {message}" if is_said else f"warning: {problem.where}: {message}"))
        if problem.hint:
            tell(clean(f"  {problem.hint}"))


def find_app(snapshot: Snapshot, text: str, namespace: str) -> AppView:
    """The application that ``NAME`` or ``NAMESPACE/NAME`` names; raises with what there is."""
    found = snapshot.find(AppKey.parse(text, namespace))
    if found is None and "/" not in text:
        same = [view for view in snapshot.apps if view.app.name == text]
        found = same[0] if len(same) == 1 else None
    if found is None:
        known = ", ".join(sorted(view.app.name for view in snapshot.apps)[:20]) or "none"
        raise GitOpsError(f"no application {text!r}", hint=f"Known applications: {known}.")
    return found


def with_own_commits(engine: Engine, view: AppView) -> AppView:
    """The view with the commits that the revisions of its past stand for; as it is where its sources cannot be read."""
    from gitops_tui.model.own_commits import with_path_commits

    try:
        return with_path_commits(view, engine.path_commits(view.key).result())
    except GitOpsError:
        return view


def is_interactive() -> bool:
    """Whether a person can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()
