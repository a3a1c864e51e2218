"""An Application's spec against its project: the conditions that are raised."""

from __future__ import annotations

from typing import Any

from gitops_tui.errors import InvalidSpecError
from gitops_tui.model.application import Destination
from gitops_tui.sync.permissions import DestinationCluster, spec_violations
from tests.conformance.check import check
from tests.conformance.groups.app_project import cluster_of, project_of

GROUP = "project/validate_permissions"
FILE = "project/validate_permissions.json"
SKIP: dict[str, str] = {}


def run(case: dict[str, Any]) -> None:
    def resolve(_: Destination) -> DestinationCluster:
        for looked_up in case["destination_cluster"]:
            if looked_up["error"]:
                raise InvalidSpecError(looked_up["error"])
            return cluster_of(looked_up["cluster"])
        return DestinationCluster()

    expected = case["expected"]
    if expected["error"]:
        return
    messages = spec_violations(case["spec"], project_of(case["project"]), resolve)
    check(
        [("InvalidSpecError", _words(one)) for one in messages],
        [(one["type"], _words(one["message"])) for one in expected["conditions"] or ()],
    )


def _words(message: str) -> str:
    """Without the source that is printed at the end of one of them, which is Go's way of showing a structure."""
    return message.partition(" are required for source ")[0]
