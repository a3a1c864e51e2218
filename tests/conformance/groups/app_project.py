"""What a project permits, and whether a project is one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gitops_tui.errors import InvalidSpecError
from gitops_tui.model.project import AppProject, parse_project
from gitops_tui.model.reader import Origin
from gitops_tui.model.resource import GroupKind
from gitops_tui.sync import permissions
from gitops_tui.sync.permissions import DestinationCluster
from gitops_tui.sync.project_check import check_project
from tests.conformance.check import NoAdapter, check

GROUP = "project/app_project"
FILE = "project/app_project.json"
SKIP: dict[str, str] = {}


def run(case: dict[str, Any]) -> None:
    answer = ANSWERS.get(case["question"])
    if answer is None:
        raise NoAdapter(case["question"])
    check(answer(project_of(case["project"]), case["args"]), case["expected"])


def project_of(found: dict[str, Any]) -> AppProject:
    """Upstream's tests leave the name out, where no question is about it."""
    metadata = found.get("metadata") or {}
    named = {**metadata, "name": metadata.get("name") or "unnamed"}
    return parse_project({**found, "metadata": named}, origin=Origin("case.json"))


def cluster_of(found: dict[str, Any]) -> DestinationCluster:
    return DestinationCluster(found.get("server") or "", found.get("name") or "")


def _is_destination_permitted(project: AppProject, args: dict[str, Any]) -> bool:
    if args["cluster"] is None:
        return False
    scoped = [cluster_of(one) for one in args["project_scoped_clusters"] or ()]
    cluster = cluster_of(args["cluster"])
    return permissions.is_destination_permitted(project, cluster, args.get("namespace") or "", scoped)


def _is_kind_permitted(project: AppProject, args: dict[str, Any]) -> bool:
    kind = GroupKind(args["group"], args["kind"])
    return permissions.is_kind_permitted(project, kind, args["name"], is_namespaced=args["namespaced"])


def _is_valid(project: AppProject, _: dict[str, Any]) -> bool:
    try:
        check_project(project)
    except InvalidSpecError:
        return False
    return True


ANSWERS: dict[str, Callable[[AppProject, dict[str, Any]], bool]] = {
    "source": lambda project, args: permissions.is_source_permitted(project, args["source"].get("repoURL") or ""),
    "destination": _is_destination_permitted,
    "resource kind": _is_kind_permitted,
    "application namespace": lambda project, args: permissions.is_namespace_permitted(
        project, args["app_namespace"], args["controller_namespace"]
    ),
    "validate": _is_valid,
}
