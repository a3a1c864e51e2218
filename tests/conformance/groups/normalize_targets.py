"""From rendered objects to targets."""

from __future__ import annotations

from typing import Any

from gitops_tui.model.resource import namespace_of
from gitops_tui.sync.targets import normalize_targets
from tests.conformance.check import check

GROUP = "sync/normalize_targets"
FILE = "sync/normalize_targets.json"
SKIP: dict[str, str] = {}


def run(case: dict[str, Any]) -> None:
    expected = case["expected"]
    # The scope of the kinds is a stub of the named test that the case does not carry; all kinds have the same.
    is_namespaced = any(namespace_of(obj) for obj in expected["objects"] or ())
    found = normalize_targets(
        case["objects"],
        app="app",
        namespace=case["namespace"],
        is_namespaced=lambda _: is_namespaced,
        tracking=None,
    )
    check(list(found.objects), expected["objects"] or [])
    check([one.type for one in found.conditions], [one["type"] for one in expected["conditions"] or ()])
