"""Hooks, waves, phases and delete policies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gitops_tui.model.resource import Object
from gitops_tui.sync import hooks
from tests.conformance.check import NoAdapter, check

GROUP = "sync/hooks"
FILE = "sync/hooks.json"
SKIP: dict[str, str] = {}

ANSWERS: dict[str, Callable[[Object], Any]] = {
    "delete_policies": hooks.delete_policies,
    "helm_delete_policies": hooks.helm_delete_policies,
    "helm_hook_types": hooks.helm_hook_types,
    "helm_weight": hooks.helm_weight,
    "hook_types": hooks.hook_types,
    "has_hook_finalizer": hooks.has_hook_finalizer,
    "ignored": hooks.is_ignored,
    "is_helm_hook": hooks.is_helm_hook,
    "is_hook": hooks.is_hook,
    "is_skip": hooks.is_skipped,
    "sync_phases": hooks.sync_phases,
    "wave": hooks.sync_wave,
}


def run(case: dict[str, Any]) -> None:
    answer = ANSWERS.get(case["question"])
    if answer is None:
        raise NoAdapter(case["question"])
    metadata = {"annotations": case["annotations"], "finalizers": case["finalizers"]}
    found = answer({"apiVersion": "v1", "kind": case["kind"], "metadata": metadata})
    expected = case["expected"]
    if isinstance(found, tuple):
        check(sorted(set(found)), sorted(set(expected or ())))
    else:
        check(found, expected)
