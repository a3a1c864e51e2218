"""Which tool renders a source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from gitops_tui.errors import GitOpsError
from gitops_tui.model.application import Source, parse_source
from gitops_tui.render.detect import SourceType, source_type
from gitops_tui.render.tree import TreeReader
from tests.conformance.check import NoAdapter, check
from tests.conformance.folder import repository

GROUP = "render/source_type"
FILE = "render/source_type.json"
SKIP: dict[str, str] = {}


def skipped(case: dict[str, Any]) -> str:
    off = False in (case["args"].get("enabled") or {}).values()
    return "types of sources cannot be switched off" if off else ""


def run(case: dict[str, Any]) -> None:
    expected = case["expected"]
    answers = {"source_type": _of_source, "discover_apps": _of_folders}
    answer = answers.get(case["function"])
    if answer is None:
        raise NoAdapter(case["function"])
    with repository(case["args"]) as (reader, path):
        if isinstance(expected, dict) and expected.get("error"):
            with pytest.raises(GitOpsError):
                answer(case["args"], reader, path)
            return
        wanted = expected["value"] if isinstance(expected, dict) and "value" in expected else expected
        check(answer(case["args"], reader, path), wanted or ({} if answer is _of_folders else wanted))


def _of_source(args: dict[str, Any], reader: TreeReader, path: str) -> str:
    source = parse_source({**args["source"], "repoURL": args["source"].get("repoURL") or "https://example.com"})
    return _named(source_type(source, [entry.name for entry in reader.entries(path)]))


def _of_folders(args: dict[str, Any], reader: TreeReader, path: str) -> dict[str, str]:
    """Folders with plain manifests are not among Argo CD's answers."""
    found = {folder or ".": _named(source_type(Source(""), names)) for folder, names in _folders(reader, path, "")}
    return {folder: kind for folder, kind in found.items() if kind != SourceType.DIRECTORY}


def _folders(reader: TreeReader, path: str, relative: str) -> Iterator[tuple[str, list[str]]]:
    entries = reader.entries(path)
    yield relative, [entry.name for entry in entries]
    for entry in entries:
        if entry.kind == "tree":
            yield from _folders(reader, entry.path, f"{relative}/{entry.name}".lstrip("/"))


def _named(found: SourceType) -> str:
    """Jsonnet is a Directory to Argo CD."""
    return str(SourceType.DIRECTORY if found is SourceType.JSONNET else found)
