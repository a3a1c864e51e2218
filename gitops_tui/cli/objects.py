"""``app resources|patch-resource|delete-resource``: an application's objects, and single ones changed by hand."""

from __future__ import annotations

import argparse
import json
from typing import Any

from gitops_tui.cli import exits
from gitops_tui.cli.assemble import compared, find_app
from gitops_tui.cli.options import GlobalOptions
from gitops_tui.cli.output import document, say, say_document, table, tell
from gitops_tui.cli.trees import tree_lines
from gitops_tui.errors import ConfigError
from gitops_tui.model.resource import ResourceKey
from gitops_tui.model.snapshot import AppView


def run_resources(parsed: argparse.Namespace, options: GlobalOptions) -> int:
    """The managed objects, or with ``--orphaned`` what lies in the namespace and belongs to nobody."""
    with compared(options) as engine:
        view = find_app(engine.snapshot(), parsed.name, options.namespace)
        orphans = tuple(engine.administration.orphans(view.key)) if parsed.orphaned else ()
        nodes = engine.tree(view.key).result() if parsed.output == "tree" and not parsed.orphaned else ()
    if nodes:
        for line in tree_lines(nodes):
            say(line)
        return exits.OK
    keys = orphans if parsed.orphaned else tuple(one.key for one in view.resources)
    _say_keys(keys, parsed.output, is_orphaned=parsed.orphaned)
    return exits.OK


def _say_keys(keys: tuple[ResourceKey, ...], form: str, *, is_orphaned: bool) -> None:
    if form in ("json", "yaml"):
        found = [{**_names(key), "orphaned": is_orphaned} for key in keys]
        say_document(document(found, form))
    elif form == "name":
        for key in keys:
            say(str(key))
    elif keys:
        word = "Yes" if is_orphaned else "No"
        rows = [(key.group, key.kind, key.namespace, key.name, word) for key in keys]
        say(table(("GROUP", "KIND", "NAMESPACE", "NAME", "ORPHANED"), rows))
    else:
        tell("no orphans" if is_orphaned else "no objects")


def _names(key: ResourceKey) -> dict[str, str]:
    return {"group": key.group, "kind": key.kind, "namespace": key.namespace, "name": key.name}


def run_patch(parsed: argparse.Namespace, options: GlobalOptions) -> int:
    """The patch goes to the API server as it is; what it changes is drift from then on."""
    patch = _patch(parsed.patch)
    kind = {"merge": "merge", "application/merge-patch+json": "merge"}.get(parsed.patch_type, "json")
    with compared(options, read_only=False) as engine:
        view = find_app(engine.snapshot(), parsed.name, options.namespace)
        for key in _chosen(view, parsed):
            say(engine.administration.patch_object(view.key, key, patch, kind).text)
    return exits.OK


def _patch(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise ConfigError(f"--patch is no JSON: {error}", hint="For example --patch '{\"spec\": {...}}'.") from error


def run_delete(parsed: argparse.Namespace, options: GlobalOptions) -> int:
    """Each object is saved before it is deleted."""
    with compared(options, read_only=False) as engine:
        view = find_app(engine.snapshot(), parsed.name, options.namespace)
        for key in _chosen(view, parsed):
            say(engine.administration.delete_object(view.key, key, force=parsed.force, orphan=parsed.orphan).text)
    return exits.OK


def _chosen(view: AppView, parsed: argparse.Namespace) -> tuple[ResourceKey, ...]:
    """The objects that the flags name: exactly one, unless ``--all`` was said."""
    wanted = {"group": parsed.group, "namespace": parsed.resource_namespace, "name": parsed.resource_name}
    found = tuple(
        one.key
        for one in view.resources
        if one.exists
        and one.key.kind == parsed.kind
        and all(value is None or getattr(one.key, word) == value for word, value in wanted.items())
    )
    if not found:
        raise ConfigError(f"no such {parsed.kind} in {view.app.name}", hint="List them with app resources.")
    if len(found) > 1 and not parsed.all:
        names = ", ".join(f"{key.namespace}/{key.name}" for key in found[:5])
        raise ConfigError(f"{len(found)} objects match: {names}", hint="Name one with --resource-name, or add --all.")
    return found
