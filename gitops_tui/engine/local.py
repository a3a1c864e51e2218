"""A folder of this machine in place of an application's source: ``app diff --local``, ``app sync --local``.

Source: Argo CD ``cmd/argocd/commands/app.go`` (getLocalObjects), ``server/application/application.go`` Sync,
``controller/state.go`` CompareAppState: what is rendered travels in ``operation.sync.manifests``, belongs to no
revision, and is no matter of Git, so that the application is OutOfSync afterwards where Git says something else.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from gitops_tui.errors import OperationError
from gitops_tui.model.application import Application
from gitops_tui.render.detect import SourceType, source_type
from gitops_tui.render.directory import Rendered, render_directory
from gitops_tui.render.local import LocalTree
from gitops_tui.render.overrides import overridden


def render_folder(app: Application, folder: Path, instance: str) -> Rendered:
    """The folder as the source's path, with the source's own settings (``directory.recurse``, ``include``, …).

    ``instance``: the application's name in the names of override files (`render.overrides`).

    Raises `OperationError` where it is not to be rendered here, `errors.SourceError` where it cannot be read.
    """
    if app.has_multiple_sources:
        raise OperationError(
            f"{app.name} has several sources: a folder stands for one", hint="Push, and sync to the commit."
        )
    tree, written = LocalTree(folder), replace(app.source, path="")
    source = overridden(tree, written, instance)
    kind = source_type(source, (one.name for one in tree.entries("")))
    if kind is not SourceType.DIRECTORY:
        raise OperationError(f"{folder} is a {kind} source", hint="Render it, and give the folder with the result.")
    return render_directory(tree, source)


def local_manifests(app: Application, folder: Path, instance: str) -> tuple[str, ...]:
    """The folder's objects as ``operation.sync.manifests`` has them; raises as `render_folder`, and for none."""
    found = render_folder(app, folder, instance).objects
    if not found:
        raise OperationError(f"{folder} holds no manifests", hint="Give the folder that stands for the source's path.")
    return tuple(json.dumps(one.obj) for one in found)


def why_not_local(app: Application, *, is_dry_run: bool) -> str:
    """Why a folder may not be synced, in Argo CD's words; empty where it may: automation would undo it at once."""
    if app.sync_policy.is_automated and not is_dry_run:
        return "cannot use local sync when Automatic Sync Policy is enabled unless for dry run"
    return ""
