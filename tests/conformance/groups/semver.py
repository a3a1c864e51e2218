"""Version constraints in ``targetRevision``."""

from __future__ import annotations

from typing import Any

from gitops_tui.git.versions import is_constraint, is_version, newest
from tests.conformance.check import Mismatch, NoAdapter, check

GROUP = "render/semver"
FILE = "render/semver.json"
SKIP: dict[str, str] = {}


def run(case: dict[str, Any]) -> None:
    args, expected = case["args"], case["expected"]
    if case["function"] == "is_version":
        check(is_version(args["text"]), expected)
    elif case["function"] == "is_constraint":
        check(is_constraint(args["revision"]), expected)
    elif case["function"] == "max_version":
        _check_newest(args, expected)
    else:
        raise NoAdapter(case["function"])


def _check_newest(args: dict[str, Any], expected: dict[str, Any]) -> None:
    """``tagPrefix`` is taken off the tags before they are compared; the answer is the tag as it is spelled."""
    prefix = args.get("tagPrefix") or ""
    tags = [tag.removeprefix(prefix) for tag in args["tags"] or () if tag.startswith(prefix)]
    revision = args["revision"]
    is_name = not is_constraint(revision) and revision in tags
    found = revision if is_version(revision) or is_name else newest(revision, tags)
    if expected["error"]:
        if found is not None:
            raise Mismatch(f"{prefix}{found}", expected)
        return
    check(None if found is None else prefix + found, expected["value"])
