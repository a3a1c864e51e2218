"""Targets with the live values of what is ignored (``RespectIgnoreDifferences=true``)."""

from __future__ import annotations

from typing import Any

from gitops_tui.diff.ignore import respected, system_rules
from tests.conformance.groups.has_ignore_difference import application_rules, decoded
from tests.conformance.groups.schema_of import schema_of

GROUP = "diff/respect_ignore_differences"
FILE = "diff/respect_ignore_differences.json"
SKIP: dict[str, str] = {}


def run(case: dict[str, Any]) -> None:
    config = case["ignores"]
    overrides = {key: body.get("ignoreDifferences") for key, body in (config.get("overrides") or {}).items()}
    rules = (*system_rules(decoded(overrides)), *application_rules(config.get("ignores")))
    pairs = zip(case["target"], case["live"], case["expected_targets"], strict=True)
    for target, live, expected in pairs:
        ours = target if target is None or live is None else respected(target, live, rules, schema_of(target))
        assert ours == expected
