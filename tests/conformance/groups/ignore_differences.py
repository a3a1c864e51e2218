"""What ignore rules take from an object."""

from __future__ import annotations

from typing import Any

from gitops_tui.diff.ignore import rules_for, system_rules
from gitops_tui.model.resource import key_of
from tests.conformance.groups.has_ignore_difference import application_rules, decoded

GROUP = "diff/ignore_differences"
FILE = "diff/ignore_differences.json"
SKIP: dict[str, str] = {}


def run(case: dict[str, Any]) -> None:
    overrides = {key: body.get("ignoreDifferences") for key, body in (case.get("resource_overrides") or {}).items()}
    rules = (*application_rules(case["ignore_differences"]), *system_rules(decoded(overrides)))
    obj = case["object"]
    if obj is None:
        probe = {"apiVersion": "v1", "kind": "Probe", "metadata": {"name": "probe"}}
        problems = [problem for rule in rules for problem in (rules_for(key_of(probe), ()) | rule).taken_from(probe)[1]]
        assert bool(problems) is bool(case["error"])
        return
    left, _ = rules_for(key_of(obj), rules).taken_from(obj)
    assert left == case["expected"]
