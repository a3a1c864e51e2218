"""Ignore rules and comparison together."""

from __future__ import annotations

from typing import Any

from gitops_tui.diff.compare import compare
from gitops_tui.diff.ignore import rules_for, system_rules, without_trusted
from gitops_tui.diff.rules import Rules
from gitops_tui.model.resource import key_of
from tests.conformance.groups.has_ignore_difference import application_rules, decoded
from tests.conformance.groups.schema_of import schema_of

GROUP = "diff/state_diff"
FILE = "diff/state_diff.json"
SKIP: dict[str, str] = {}


def run(case: dict[str, Any]) -> None:
    settings = case["settings"]
    overrides = {key: body.get("ignoreDifferences") for key, body in (settings.get("resourceOverrides") or {}).items()}
    rules = (*system_rules(decoded(overrides)), *application_rules(settings.get("ignoreDifferences")))
    if case["function"] == "Normalize":
        _check_normalized(case, rules)
        return
    found = compare(
        case["config"],
        case["live"],
        schema=schema_of(case["config"] or case["live"]),
        manager=settings.get("manager") or "argocd-controller",
        rules=Rules(ignores=rules, ignore_aggregated_roles=bool(settings.get("ignoreAggregatedRoles"))),
        include_webhooks=settings.get("ignoreMutationWebhook") is False,
    )
    assert found.modified is case["expected"]["modified"]


def _check_normalized(case: dict[str, Any], rules: Any) -> None:
    lives, configs = _listed(case["live"]), _listed(case["config"])
    expected = case["expected"]
    wanted = zip(_listed(expected["lives"]), _listed(expected["targets"]), strict=True)
    for live, config, (wanted_live, wanted_config) in zip(lives, configs, wanted, strict=True):
        ignoring = rules_for(key_of(config or live), rules)
        if live is not None and config is not None:
            managers = ignoring.managed_fields_managers
            ours, theirs = without_trusted(live, config, live, managers, schema_of(config))
        else:
            ours, theirs = live, config
        assert (None if ours is None else ignoring.taken_from(ours)[0]) == wanted_live
        assert (None if theirs is None else ignoring.taken_from(theirs)[0]) == wanted_config


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
