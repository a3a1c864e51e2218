"""From rendered objects to targets."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from gitops_tui.model.resource import Object, key_of, namespace_of
from gitops_tui.sync.targets import normalize_targets
from tests.conformance.check import check

GROUP = "sync/normalize_targets"
FILE = "sync/normalize_targets.json"
SKIP: dict[str, str] = {}


def run(case: dict[str, Any]) -> None:
    expected = case["expected"]
    kept = expected["objects"] or []
    # The scope of the kinds is a stub of the named test that the case does not carry.
    namespaced = {key_of(obj).group_kind for obj in kept if namespace_of(obj)}
    found = normalize_targets(
        case["objects"] or (),
        app="app",
        namespace=case["namespace"],
        is_namespaced=namespaced.__contains__,
        tracking=None,
    )
    check(_in_any_order(found.objects), _in_any_order(kept))
    check([one.type for one in found.conditions], [one["type"] for one in expected["conditions"] or ()])


def _in_any_order(objects: Iterable[Object]) -> list[str]:
    """Argo CD keeps them in a map."""
    return sorted(json.dumps(obj, sort_keys=True) for obj in objects)
