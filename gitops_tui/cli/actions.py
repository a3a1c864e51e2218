"""``app actions list|run``: resource actions (semantics 1.13)."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from gitops_tui.cli import exits
from gitops_tui.cli.assemble import compared, find_app
from gitops_tui.cli.options import GlobalOptions
from gitops_tui.cli.output import document, say, say_document, table, tell
from gitops_tui.engine.engine import Engine
from gitops_tui.errors import ActionError, ConfigError, GitOpsError
from gitops_tui.model.action import Action
from gitops_tui.model.resource import ResourceKey
from gitops_tui.model.snapshot import AppView

HEADINGS = ("GROUP", "KIND", "NAME", "ACTION", "DISABLED")
HEADINGS_WIDE = ("GROUP", "KIND", "NAMESPACE", "NAME", "ACTION", "DISABLED", "PARAMETERS", "WHAT")


def run_list(parsed: argparse.Namespace, options: GlobalOptions) -> int:
    with compared(options) as engine:
        view = find_app(engine.snapshot(), parsed.name, options.namespace)
        found = [(key, action) for key in _matching(view, parsed) for action in _actions(engine, view, key)]
    if parsed.output in ("json", "yaml"):
        say_document(document([_document(key, action) for key, action in found], parsed.output))
    elif parsed.output == "name":
        for key, action in found:
            say(f"{key.group}:{key.kind}:{key.namespace}/{key.name} {action.name}")
    elif found:
        wide = parsed.output == "wide"
        say(table(HEADINGS_WIDE if wide else HEADINGS, [_row(key, action, wide) for key, action in found]))
    else:
        tell("no actions")
    return exits.OK


def _actions(engine: Engine, view: AppView, key: ResourceKey) -> tuple[Action, ...]:
    """A script that does not work is told; the other objects go on."""
    try:
        return engine.actions(view.key, key).result()
    except ActionError as error:
        tell(f"warning: {key.short}: {error}")
        return ()


def _row(key: ResourceKey, action: Action, wide: bool) -> tuple[str, ...]:
    disabled = str(action.disabled).lower()
    if not wide:
        return key.group, key.kind, key.name, action.name, disabled
    parameters = ",".join(f"{one.name}={one.default}" for one in action.parameters)
    return (key.group, key.kind, key.namespace, key.name, action.name, disabled, parameters,
            action.reason or action.display_name)  # fmt: skip


def _document(key: ResourceKey, action: Action) -> dict[str, object]:
    """Argo CD's names for what it tells too."""
    found: dict[str, object] = {
        "Group": key.group, "Kind": key.kind, "Namespace": key.namespace, "Name": key.name,
        "Action": action.name, "Disabled": action.disabled,
    }  # fmt: skip
    if action.reason:
        found["Reason"] = action.reason
    if action.parameters:
        found["Parameters"] = [{"Name": one.name, "Default": one.default} for one in action.parameters]
    return found


def run_run(parsed: argparse.Namespace, options: GlobalOptions) -> int:
    """The first that does not work ends it: what was done before has been said."""
    parameters = dict(_parameter(text) for text in parsed.param)
    with compared(options, read_only=False) as engine:
        view = find_app(engine.snapshot(), parsed.name, options.namespace)
        for key in _meant(view, parsed):
            say(engine.run_action(view.key, key, parsed.action, parameters).result().text)
    return exits.OK


def _parameter(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise ConfigError(f"--param {text}: expected NAME=VALUE", hint="Correct --param.")
    return name, value


def _meant(view: AppView, parsed: argparse.Namespace) -> Sequence[ResourceKey]:
    """One object, or with ``--all`` several of one kind."""
    found = _matching(view, parsed)
    if not found:
        raise GitOpsError("no object in the cluster matches", hint="List them with app actions list.")
    if len({key.group for key in found}) > 1:
        raise GitOpsError("objects of several groups match", hint="Name the group with --group.")
    if len(found) > 1 and not parsed.all:
        raise GitOpsError(
            f"{len(found)} objects match: {', '.join(key.short for key in found[:5])}",
            hint="Name one with --resource-name and --resource-namespace, or run it on all of them with --all.",
        )
    return found


def _matching(view: AppView, parsed: argparse.Namespace) -> list[ResourceKey]:
    """Objects of the application that are there, by the flags that were given."""
    wanted = {
        "group": parsed.group,
        "kind": parsed.kind,
        "name": parsed.resource_name,
        "namespace": parsed.resource_namespace,
    }
    given = {field: value for field, value in wanted.items() if value is not None}
    keys = [one.key for one in view.resources if one.exists and not one.is_restricted]
    return [key for key in keys if all(getattr(key, field) == value for field, value in given.items())]
