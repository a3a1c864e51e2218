"""Whether a desired state was tried before."""

from __future__ import annotations

from typing import Any

from gitops_tui.model.operation import OperationState
from gitops_tui.sync.automation import already_attempted, attempted_revisions
from tests.conformance.check import check
from tests.conformance.groups.sync_application import application

GROUP = "sync/already_attempted"
FILE = "sync/already_attempted.json"
SKIP: dict[str, str] = {}


def run(case: dict[str, Any]) -> None:
    app = application(case["app"])
    recorded = case["app"]["status"].get("operationState")
    operation = OperationState.from_json(recorded) if recorded else None
    expected = case["expected"]
    has_changes = case["new_revision_has_changes"]
    check(already_attempted(app, operation, case["desired_revisions"], has_changes), expected["already_attempted"])
    if operation is not None and operation.sync_result is not None:
        check(list(attempted_revisions(app, operation.sync_result)), expected["last_attempted_revisions"] or [])
        check(operation.phase.value, expected["last_phase"])
