"""Small rules about Applications: names, options, retries, history, projects that are merged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gitops_tui.engine.state import AppState, with_history
from gitops_tui.model.application import AppKey, Application, Destination, SyncPolicy, parse_application
from gitops_tui.model.operation import HistoryEntry, Operation, resource_from_json
from gitops_tui.model.reader import Origin
from gitops_tui.model.resource import ResourceKey
from gitops_tui.model.spec_change import SpecChange, spec_patch
from gitops_tui.sync.permissions import merged
from gitops_tui.sync.retry import retry_rule
from gitops_tui.sync.settings import is_selected
from gitops_tui.sync.tracking import instance_name, parse_instance_name
from tests.conformance.check import NoAdapter, check
from tests.conformance.groups.app_project import project_of

GROUP = "project/app_semantics"
FILE = "project/app_semantics.json"
SKIP: dict[str, str] = {}

NOT_OURS = {
    "sync_policy_is_zero": "a helper of the reference: whether a Go structure is empty",
    "app_rbac_name": "names for RBAC of Argo CD's own: the API server's is the only one here",
    "ignore_differences_equal": "a helper of the reference: a changed spec is compared as a whole here",
    "app_summary": "images are listed from the live objects, not from a tree",
    "format_conditions": "how several conditions stand in one message of the reference's own",
    "synced_ref_sources": "`ref` sources of Helm values: Helm is not rendered by this version",
    "filter_by_": "filters of Argo CD's API; here lists are filtered by what is typed",
    "include_resource": "the case does not carry which entries leave objects out (`!`); `cli.selection` has its test",
}


def skipped(case: dict[str, Any]) -> str:
    return next((reason for name, reason in NOT_OURS.items() if case["question"].startswith(name)), "")


def run(case: dict[str, Any]) -> None:
    answer = ANSWERS.get(case["question"])
    if answer is None:
        raise NoAdapter(case["question"])
    check(*answer(case["args"], case["expected"]))


def _has_option(args: dict[str, Any], expected: Any) -> tuple[Any, Any]:
    policy = SyncPolicy(sync_options=tuple(args["self"] or ()))
    app = Application("app", "argocd", "default", (), Destination(), policy)
    return app.has_sync_option(args["option"]), expected


def _operation(sync: Any) -> Operation:
    return Operation.from_json({"sync": sync or {}})


def _history(args: dict[str, Any], expected: Any) -> tuple[Any, Any]:
    """The newest entry is added as after a sync; who stays is told by the number."""
    entries = tuple(HistoryEntry.from_json(one) for one in args["self"] or ())
    if not entries:
        return [], expected or []
    kept = with_history(AppState({}, history=entries[:-1]), entries[-1], args["n"]).history
    return len(kept), len(expected or ())


def _limit(args: dict[str, Any], expected: Any) -> tuple[Any, Any]:
    known = {"source": {"repoURL": "https://host/a"}, "destination": {"server": "https://prod"}}
    spec = {**known, **{name: value for name, value in args["self"].items() if value}, **known}
    spec |= {name: args["self"][name] for name in ("revisionHistoryLimit",) if name in args["self"]}
    app = parse_application({"metadata": {"name": "app"}, "spec": spec}, origin=Origin())
    return app.revision_history_limit, expected


def _retry(args: dict[str, Any], expected: Any) -> tuple[Any, Any]:
    """`wait_s` counts the retry that is about to come, as Argo CD does where it really waits."""
    rule = retry_rule(args["retry"])
    if rule.problem or expected["error"]:
        return bool(rule.problem), bool(expected["error"])
    return rule.wait_s(args["retry_counts"] - 1), expected["seconds"]


def _with_options(args: dict[str, Any], expected: Any, sign: str = "") -> tuple[Any, Any]:
    """As ``app set --sync-option`` changes the list; ``!`` takes one off."""
    before = {"syncPolicy": {"syncOptions": list(args["self"] or ())}}
    patch = spec_patch(before, SpecChange(options=(sign + args["option"],)))
    return patch["syncPolicy"]["syncOptions"], expected or []


def _named(key: AppKey) -> dict[str, str]:
    return {"name": key.name, "namespace": key.namespace}


def _contains(args: dict[str, Any], expected: Any) -> tuple[Any, Any]:
    kind = {name.lower(): value for name, value in args["gvk"].items()}
    key = ResourceKey(kind.get("group", ""), kind.get("kind", ""), args["namespace"], args["name"])
    return is_selected(key, [resource_from_json(one) for one in args["rr"] or ()]), expected


def _with_global(args: dict[str, Any], expected: Any) -> tuple[Any, Any]:
    project, other = project_of(args["proj"]), args["globalProj"]
    return merged(project, project_of(other)) if other else project, project_of(expected)


ANSWERS: dict[str, Callable[[dict[str, Any], Any], tuple[Any, Any]]] = {
    "sync_options_has": _has_option,
    "sync_options_add": _with_options,
    "sync_options_remove": lambda args, expected: _with_options(args, expected, "!"),
    "strategy_force": lambda args, expected: (_operation({"syncStrategy": args["self"] or {}}).force, expected),
    "is_apply_strategy": lambda args, expected: (_operation(args["self"]).strategy == "apply", expected),
    "history_trunc": _history,
    "revision_history_limit": _limit,
    "next_retry_delay": _retry,
    "parse_qualified_name": lambda args, expected: (
        _named(AppKey.parse(args["qualifiedAppName"], args["defaultNs"])),
        expected,
    ),
    "parse_instance_name": lambda args, expected: (
        _named(parse_instance_name(args["appName"], args["defaultNs"])),
        expected,
    ),
    "app_instance_name": lambda args, expected: (
        instance_name(AppKey(args["appNs"], args["appName"]), args["defaultNs"]),
        expected,
    ),
    "instance_name_from_qualified": lambda args, expected: (
        instance_name(AppKey.parse(args["name"], args["defaultNs"]), args["defaultNs"]),
        expected,
    ),
    "contains_sync_resource": _contains,
    "merge_global_project": _with_global,
}
