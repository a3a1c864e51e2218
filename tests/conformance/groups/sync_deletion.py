"""The order of a cascaded deletion, its hooks, and what holds it."""

from __future__ import annotations

from typing import Any

from gitops_tui.model.status import HookType
from gitops_tui.sync.deletion import delete_hooks, holds_deletion, is_delete_hook, next_deletions
from gitops_tui.sync.hooks import is_hook
from gitops_tui.sync.options import parse_options
from tests.conformance.check import NoAdapter, check

GROUP = "sync/deletion"
FILE = "sync/deletion.json"
SKIP: dict[str, str] = {}


def run(case: dict[str, Any]) -> None:
    question, objects = case["question"], [obj or {} for obj in case["objects"] or ()]
    if question.startswith("which objects to delete next"):
        found = [{"kind": obj["kind"], "name": obj["metadata"]["name"]} for obj in next_deletions(objects)]
        check(found, case["expected"] or [])
    elif question == "isHook":
        check(is_hook(objects[0]) or bool(delete_hooks(objects[:1])), case["expected"])
    elif (kind := next((one for one in HookType if one in question), None)) is not None:
        check(is_delete_hook(objects[0], kind), case["expected"])
    elif question == "needs deletion confirmation":
        options = parse_options((case["app_sync_options"] or {}).get("syncOptions") or ())
        check(holds_deletion(objects[0], options), case["expected"])
    else:
        raise NoAdapter(question)
