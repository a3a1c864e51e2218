"""Which ignore rules cover an object, joined."""

from __future__ import annotations

from typing import Any

from gitops_tui.diff.ignore import rules_for, system_rules
from gitops_tui.model.application import IgnoreDifference
from gitops_tui.model.resource import ResourceKey

GROUP = "diff/has_ignore_difference"
FILE = "diff/has_ignore_difference.json"
SKIP: dict[str, str] = {}


def application_rules(rules: Any) -> tuple[IgnoreDifference, ...]:
    """``spec.ignoreDifferences`` as the model has it."""
    return tuple(
        IgnoreDifference(
            group=rule.get("group", ""),
            kind=rule.get("kind", ""),
            name=rule.get("name", ""),
            namespace=rule.get("namespace", ""),
            json_pointers=tuple(rule.get("jsonPointers") or ()),
            jq_path_expressions=tuple(rule.get("jqPathExpressions") or ()),
            managed_fields_managers=tuple(rule.get("managedFieldsManagers") or ()),
        )
        for rule in rules or ()
    )


def run(case: dict[str, Any]) -> None:
    config, query = case["ignore_config"], case["query"]
    overrides = {key: body.get("ignoreDifferences", body) for key, body in (config.get("overrides") or {}).items()}
    rules = (*system_rules(decoded(overrides)), *application_rules(config.get("ignores")))
    found = rules_for(ResourceKey(query["group"], query["kind"], query["namespace"], query["name"]), rules)
    wanted = case["expected"]["ignore"] or {}
    # To be told of an empty rule is to be told of none.
    assert bool(found) is (case["expected"]["found"] and any(wanted.values()))
    assert set(found.json_pointers) == set(wanted.get("JSONPointers") or ())
    assert set(found.jq_path_expressions) == set(wanted.get("JQPathExpressions") or ())
    assert set(found.managed_fields_managers) == set(wanted.get("ManagedFieldsManagers") or ())


def decoded(overrides: dict[str, Any]) -> dict[str, Any]:
    """``ignoreDifferences`` of the settings is YAML text, or a mapping already."""
    from gitops_tui.manifest.decode import decode_documents

    return {
        key: (decode_documents(body) or [None])[0] if isinstance(body, str) else body for key, body in overrides.items()
    }
