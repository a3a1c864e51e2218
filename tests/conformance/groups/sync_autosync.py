"""Whether automation starts an operation, and which."""

from __future__ import annotations

from typing import Any

from gitops_tui.model.operation import OperationState, parse_time
from gitops_tui.model.resource import ResourceKey
from gitops_tui.model.status import SyncStatus
from gitops_tui.sync.automation import Candidate, Situation, decide
from tests.conformance.check import check
from tests.conformance.groups.sync_application import application
from tests.conformance.groups.sync_self_heal import backoff

GROUP = "sync/autosync"
FILE = "sync/autosync.json"
SKIP: dict[str, str] = {}


def run(case: dict[str, Any]) -> None:
    found = decide(_situation(case))
    expected = case["expected"]
    check(found.operation.to_json() if found.operation else None, expected["initiated_operation"])
    check(found.condition.type if found.condition else None, (expected["condition"] or {}).get("type"))


def _situation(case: dict[str, Any]) -> Situation:
    obj, sync = case["app"], case["sync_status"]
    recorded = (obj.get("status") or {}).get("operationState")
    now = parse_time(case["now"])
    assert now is not None
    return Situation(
        app=application(obj),
        sync=SyncStatus(sync["status"] or "Unknown"),
        resources=tuple(_candidate(one) for one in case["resources"] or ()),
        revisions=tuple(sync.get("revisions") or (sync.get("revision") or "",)),
        now=now,
        operation=OperationState.from_json(recorded) if recorded else None,
        is_in_progress=bool(obj.get("operation")),
        new_revision_has_changes=case["new_revision_has_changes"],
        backoff=backoff(case),
    )


def _candidate(one: dict[str, Any]) -> Candidate:
    key = ResourceKey(*(one.get(word) or "" for word in ("group", "kind", "namespace", "name")))
    return Candidate(key, SyncStatus(one.get("status") or "Unknown"), bool(one.get("requiresPruning")))
