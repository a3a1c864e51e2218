"""Fields of custom resources that hold core types."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_tui.diff.known import normalize_known
from gitops_tui.model.resource import group_of

GROUP = "diff/known_types"
FILE = "diff/known_types.json"
SKIP: dict[str, str] = {}


def run(case: dict[str, Any]) -> None:
    obj = case["object"]
    if case["error"]:
        with pytest.raises(KeyError):
            normalize_known(obj or {}, _fields(case, obj or {}, every=True))
        return
    assert normalize_known(obj, _fields(case, obj)) == case["expected"]


def _fields(case: dict[str, Any], obj: dict[str, Any], *, every: bool = False) -> dict[str, str]:
    key = f"{group_of(obj)}/{obj.get('kind')}".removeprefix("/")
    overrides = case.get("resource_overrides") or {}
    chosen = overrides.values() if every else [overrides[key]] if key in overrides else []
    return {one["field"]: one["type"] for body in chosen for one in body.get("knownTypeFields") or ()}
