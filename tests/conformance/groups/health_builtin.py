"""The health of single objects."""

from __future__ import annotations

from typing import Any

from gitops_tui.health.assess import assess
from gitops_tui.manifest.decode import decode
from tests.conformance.check import check

GROUP = "health/builtin"
FILE = "health/builtin.json"
SKIP: dict[str, str] = {}

WORKFLOW = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow"}


def run(case: dict[str, Any]) -> None:
    obj = case["manifest"] if case.get("manifest") is not None else decode(case["manifest_yaml"])[0].obj
    if case["kind"].startswith("Workflow"):
        obj = {**WORKFLOW, **obj}
    found = assess(obj)
    check(None if found is None else {"status": found.status.value, "message": found.message}, case["expected"])
