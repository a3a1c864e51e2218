"""Directories of plain manifests."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_tui.errors import GitOpsError
from gitops_tui.manifest.quantity import value_of
from gitops_tui.model.application import DirectorySource, Source
from gitops_tui.render.directory import manifest_files, read_manifest
from tests.conformance.check import NoAdapter, check
from tests.conformance.folder import ROOT, repository

GROUP = "render/directory"
FILE = "render/directory.json"
SKIP: dict[str, str] = {}


def skipped(case: dict[str, Any]) -> str:
    args = case["args"]
    names = args.get("files") or {}
    if any(name.endswith(".jsonnet") for name in names) or "jsonnet" in str(args["appPath"]).lower():
        return "Jsonnet is not rendered by this version"
    if False in (args.get("enabled") or {}).values():
        return "types of sources cannot be switched off"
    return ""


def run(case: dict[str, Any]) -> None:
    answers = {"list_manifest_files": _listed, "render_directory": _rendered}
    answer = answers.get(case["function"])
    if answer is None:
        raise NoAdapter(case["function"])
    if case["expected"]["error"]:
        with pytest.raises(GitOpsError):
            answer(case)
        return
    word = "files" if case["function"] == "list_manifest_files" else "objects"
    check(answer(case), case["expected"][word] or [])


def _listed(case: dict[str, Any]) -> list[str]:
    args = case["args"]
    with repository(args) as (reader, path):
        found = manifest_files(reader, _source(path, args), max_bytes=_max_bytes(args))
    prefix = ROOT if str(args["repoRoot"]).startswith(ROOT) else args["repoRoot"]
    return sorted(f"{prefix}/{file.path}" for file in found)


def _rendered(case: dict[str, Any]) -> list[Any]:
    args = case["args"]
    with repository(args) as (reader, path):
        files = manifest_files(reader, _source(path, args.get("directory") or {}), max_bytes=_max_bytes(args))
        return [document.obj for file in files for document in read_manifest(file)]


def _source(path: str, options: dict[str, Any]) -> Source:
    off = options.get("disable_extension_filter") or options.get("disableExtensionFilter")
    directory = DirectorySource(
        recurse=bool(options.get("recurse")),
        include=options.get("include") or "",
        exclude=options.get("exclude") or "",
        disable_extension_filter=bool(off),
    )
    return Source("https://example.com/repository.git", path=path, directory=directory)


def _max_bytes(args: dict[str, Any]) -> int:
    return int(value_of(args.get("max_combined_manifest_size") or "0"))
