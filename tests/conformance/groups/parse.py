"""Single values: hook types, delete policies, comma-separated annotations."""

from __future__ import annotations

from typing import Any

from gitops_tui.model.annotations import HELM_HOOK, HELM_HOOK_DELETE_POLICY, HOOK, HOOK_DELETE_POLICY
from gitops_tui.sync import csv
from gitops_tui.sync.hooks import (
    HELM_DELETE_POLICIES,
    HELM_TYPES,
    delete_policies,
    helm_delete_policies,
    helm_hook_types,
    hook_types,
)
from tests.conformance.check import NoAdapter, check

GROUP = "sync/parse"
FILE = "sync/parse.json"
SKIP: dict[str, str] = {}


def run(case: dict[str, Any]) -> None:
    if case["id"].startswith("annotation/"):
        _check_annotation(case["id"].split("/")[1], case["input"], case["expected"])
        return
    expected = case["expected"]
    found = _value(case)
    check(bool(found), expected["valid"])
    if found:
        check(found, expected["value"])


def _value(case: dict[str, Any]) -> str:
    """What the value means, or empty for one that is not valid."""
    what, value = case["parse"], case["input"]
    if what == "Helm value mapped to the Argo CD one":
        return {**HELM_TYPES, **HELM_DELETE_POLICIES}.get(value, "")
    annotation = what.removesuffix(" value")
    obj = {"metadata": {"annotations": {annotation: value}}}
    if annotation == HOOK:
        return next(iter(hook_types(obj)), "")
    if annotation == HOOK_DELETE_POLICY:
        return value if value in delete_policies(obj) else ""
    if annotation == HELM_HOOK:
        return next(iter(helm_hook_types(obj)), "")
    if annotation == HELM_HOOK_DELETE_POLICY:
        return next(iter(helm_delete_policies(obj)), "")
    raise NoAdapter(what)


def _check_annotation(question: str, given: dict[str, Any], expected: Any) -> None:
    obj = {"metadata": {"annotations": given["annotations"]}}
    if question == "GetAnnotationCSVs":
        check(list(csv.values(obj, given["key"])), expected or [])
    elif question == "HasAnnotationOption":
        check(csv.has(obj, given["key"], given["option"]), expected)
    elif question == "GetAnnotationOptionValue":
        check(csv.value_of(obj, given["key"], given["option"]), expected)
    else:
        raise NoAdapter(question)
