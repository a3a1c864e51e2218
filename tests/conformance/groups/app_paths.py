"""Paths of applications, and which changed files concern one."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_tui.errors import GitOpsError
from gitops_tui.model.application import Application, Destination, Source
from gitops_tui.render.paths import app_path, files_have_changed, refresh_paths
from tests.conformance.check import NoAdapter, check
from tests.conformance.folder import repository

GROUP = "render/app_paths"
FILE = "render/app_paths.json"
SKIP: dict[str, str] = {}


def skipped(case: dict[str, Any]) -> str:
    if "symlink" in case["function"]:
        return "a link that leaves the repository is refused where it is read, not for the whole repository"
    return ""


def run(case: dict[str, Any]) -> None:
    function, args, expected = case["function"], case["args"], case["expected"]
    if function == "manifest_generate_paths":
        check(list(_refresh_paths(args)), expected or [])
    elif "changed" in function:
        check(files_have_changed(args["refreshPaths"] or (), args["changedFiles"] or ()), expected)
    elif "path" in args and "root" in args:
        _check_path(args, expected)
    else:
        raise NoAdapter(function)


def _refresh_paths(args: dict[str, Any]) -> tuple[str, ...]:
    source = Source(args["source"]["repoURL"], path=args["source"].get("path") or "")
    annotations = args["annotations"] or {}
    raw = {"metadata": {"annotations": annotations}, "spec": args["app_spec"]}
    app = Application("app", "argocd", "default", (source,), Destination(), annotations=annotations, raw=raw)
    return refresh_paths(app, source)


def _check_path(args: dict[str, Any], expected: Any) -> None:
    with repository({**args, "appPath": args["root"]}) as (reader, _):
        if isinstance(expected, dict) and expected.get("error"):
            with pytest.raises(GitOpsError):
                app_path(reader, args["path"])
            return
        app_path(reader, args["path"])
