"""Modified or not: the whole comparison, with Argo CD's options as ours."""

from __future__ import annotations

from typing import Any

from gitops_tui.diff.compare import Difference, compare
from gitops_tui.diff.rules import Rules
from gitops_tui.model.application import IgnoreDifference
from tests.conformance.groups.schema_of import schema_of

GROUP = "diff/diff"
FILE = "diff/diff.json"
SKIP: dict[str, str] = {}

ARGO_CD = "argocd-controller"


def run(case: dict[str, Any]) -> None:
    expected = case["expected"]
    if case["function"] == "DiffArray":
        pairs = list(zip(case["configs"], case["lives"], strict=True))
        modified = any(compared(config, live, case).modified for config, live in pairs)
    else:
        modified = compared(case["config"], case["live"], case).modified
    assert modified is expected["modified"]


def compared(config: Any, live: Any, case: dict[str, Any]) -> Difference:
    options = case.get("options") or {}
    removed = (options.get("normalizer") or {}).get("fieldsToRemove", ())
    pointers = tuple("/" + "/".join(path) for path in removed)
    return compare(
        config,
        live,
        schema=schema_of(config or live),
        manager=options.get("manager") or ARGO_CD,
        rules=Rules(
            ignores=(IgnoreDifference("*", "*", json_pointers=pointers),),
            ignore_aggregated_roles=bool(options.get("ignoreAggregatedRoles")),
        ),
        confirmed=case.get("dry_run_apply_result"),
        include_webhooks=options.get("ignoreMutationWebhook") is False,
    )
