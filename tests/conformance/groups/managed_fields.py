"""Fields that trusted managers changed, taken from both sides."""

from __future__ import annotations

from typing import Any

from gitops_tui.diff.ignore import without_trusted
from tests.conformance.groups.schema_of import schema_of

GROUP = "diff/managed_fields"
FILE = "diff/managed_fields.json"
SKIP: dict[str, str] = {}


def run(case: dict[str, Any]) -> None:
    live, config, managers = case["live"], case["config"], case["trusted_managers"] or ()
    expected = case["expected"]
    if live is None or config is None or not managers:
        assert expected["live"] is None and expected["config"] is None
        return
    ours, theirs = without_trusted(live, config, live, managers, schema_of(config))
    assert ours == expected["live"]
    assert theirs == expected["config"]
