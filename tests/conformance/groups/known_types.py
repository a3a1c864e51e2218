"""Fields of custom resources that hold core types."""

from __future__ import annotations

from typing import Any

from gitops_tui.diff.known import is_known, normalize_known
from gitops_tui.model.resource import group_of
from tests.conformance.check import check

GROUP = "diff/known_types"
FILE = "diff/known_types.json"
SKIP: dict[str, str] = {}


def run(case: dict[str, Any]) -> None:
    obj, overrides = case["object"] or {}, case.get("resource_overrides") or {}
    if case["error"]:
        named = [type_name for body in overrides.values() for type_name in _types(body).values()]
        assert not all(is_known(type_name) for type_name in named)
        return
    key = f"{group_of(obj)}/{obj.get('kind')}".removeprefix("/")
    fields = {field: type_name for field, type_name in _types(overrides.get(key) or {}).items() if is_known(type_name)}
    check(normalize_known(obj, fields), case["expected"])


def _types(body: dict[str, Any]) -> dict[str, str]:
    return {one["field"]: one["type"] for one in body.get("knownTypeFields") or ()}
