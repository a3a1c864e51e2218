"""``app set``: an Application's spec changed in the cluster."""

from __future__ import annotations

import argparse
from typing import Any

from gitops_tui.cli import exits
from gitops_tui.cli.assemble import compared, find_app
from gitops_tui.cli.options import GlobalOptions
from gitops_tui.cli.output import say, tell
from gitops_tui.model.spec_change import SpecChange

SOURCE = {"repo": "repoURL", "path": "path", "revision": "targetRevision"}
DIRECTORY = {"directory_recurse": "recurse", "directory_include": "include", "directory_exclude": "exclude"}
DESTINATION = {"dest_server": "server", "dest_name": "name", "dest_namespace": "namespace"}
AUTOMATED = {"auto_prune": "prune", "self_heal": "selfHeal", "allow_empty": "allowEmpty"}


def run_set(parsed: argparse.Namespace, options: GlobalOptions) -> int:
    with compared(options, read_only=False) as engine:
        view = find_app(engine.snapshot(), parsed.name, options.namespace)
        outcome = engine.administration.change(view.key, _change(parsed))
    say(outcome.text)
    if outcome.hint:
        tell(outcome.hint)
        return exits.FAILED
    return exits.OK


def _change(parsed: argparse.Namespace) -> SpecChange:
    directory = _said(parsed, DIRECTORY)
    if "recurse" in directory:
        directory["recurse"] = directory["recurse"] == "true"
    source = _said(parsed, SOURCE)
    return SpecChange(
        source={**source, **({"directory": directory} if directory else {})},
        source_position=parsed.source_position,
        destination=_said(parsed, DESTINATION),
        project=parsed.project,
        history_limit=parsed.revision_history_limit,
        policy=parsed.sync_policy,
        automated={key: value == "true" for key, value in _said(parsed, AUTOMATED).items()},
        options=parsed.sync_option,
        retry_limit=parsed.sync_retry_limit,
    )


def _said(parsed: argparse.Namespace, names: dict[str, str]) -> dict[str, Any]:
    return {name: getattr(parsed, flag) for flag, name in names.items() if getattr(parsed, flag) is not None}
