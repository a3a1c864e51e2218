"""Globs, and what Argo CD builds on them."""

from __future__ import annotations

from typing import Any

from gitops_tui.model.glob import GlobError, compiled, match
from gitops_tui.sync.permissions import glob_matches, matches_entry
from tests.conformance.check import Mismatch, NoAdapter, check

GROUP = "render/glob"
FILE = "render/glob.json"
SKIP: dict[str, str] = {}


def run(case: dict[str, Any]) -> None:
    answers = {
        "match": lambda args: match(args["pattern"], args["text"], args["separators"] or ""),
        "project_glob_match": _of_project,
        "match_string_in_list": _in_list,
    }
    if case["function"] == "match_with_error":
        _check_with_error(case["args"], case["expected"])
        return
    answer = answers.get(case["function"])
    if answer is None:
        raise NoAdapter(case["function"])
    check(answer(case["args"]), case["expected"])


def _check_with_error(args: dict[str, Any], expected: dict[str, Any]) -> None:
    try:
        found = compiled(args["pattern"], args["separators"] or "").fullmatch(args["text"]) is not None
    except GlobError as error:
        if not expected["error"]:
            raise Mismatch(error, expected) from error
        return
    check({"value": found, "error": None}, expected)


def _of_project(args: dict[str, Any]) -> bool:
    separators = args["separators"] or ""
    return glob_matches(args["pattern"], args["val"], separators, with_denial=bool(args["allowNegation"]))


def _in_list(args: dict[str, Any]) -> bool:
    items = args["list"] or []
    if args["patternMatch"] == "exact":
        return args["item"] in items
    if args["patternMatch"] == "regexp":
        return any(matches_entry(entry, args["item"]) for entry in items)
    return any(match(pattern, args["item"], args["separators"] or "") for pattern in items)
