"""AppProjects as they are read: known fields strictly, everything else kept."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_tui.errors import InvalidSpecError
from gitops_tui.model.application import Destination
from gitops_tui.model.filepath import matches
from gitops_tui.model.project import KindRule, OrphanedResources, parse_project
from gitops_tui.model.reader import Origin


def project(**spec: Any) -> dict[str, Any]:
    return {"kind": "AppProject", "metadata": {"name": "shop"}, "spec": spec}


def test_what_is_read_and_what_is_kept() -> None:
    document = project(
        sourceRepos=["*"],
        destinations=[{"server": "*", "namespace": "shop-*"}],
        clusterResourceWhitelist=[{"group": "", "kind": "Namespace", "name": "shop-*"}],
        namespaceResourceWhitelist=[],
        orphanedResources={"warn": True, "ignore": [{"kind": "ConfigMap", "name": "kept-*"}]},
        syncWindows=[{"kind": "deny", "schedule": "0 22 * * *", "duration": "8h", "timeZone": "Europe/Berlin"}],
        somethingNew={"of": "tomorrow"},
    )
    found = parse_project(document, origin=Origin("projects.yaml"), default_namespace="gitops")
    assert (found.name, found.namespace) == ("shop", "gitops")
    assert found.destinations == (Destination("*", "", "shop-*"),)
    assert found.cluster_whitelist == (KindRule("", "Namespace", "shop-*"),)
    assert found.namespace_whitelist == (), "an empty list permits nothing, an absent one everything"
    assert found.orphaned_resources == OrphanedResources(True, (KindRule("", "ConfigMap", "kept-*"),))
    assert found.sync_windows[0].time_zone == "Europe/Berlin"
    assert found.raw["spec"]["somethingNew"] == {"of": "tomorrow"}


def test_a_null_window_is_none() -> None:
    """Argo CD ``AppProject.ValidateProject`` steps over nil windows."""
    found = parse_project(project(syncWindows=[None, {"kind": "deny"}]), origin=Origin())
    assert [one.kind for one in found.sync_windows] == ["deny"]


def test_absent_is_not_empty() -> None:
    found = parse_project(project(), origin=Origin())
    assert found.namespace_whitelist is None
    assert found.orphaned_resources is None
    assert parse_project(project(namespaceResourceWhitelist=None), origin=Origin()).namespace_whitelist is None


def test_lists_of_namespaced_kinds_know_no_names() -> None:
    one = {"group": "", "kind": "Secret", "name": "token"}
    found = parse_project(project(namespaceResourceWhitelist=[one], namespaceResourceBlacklist=[one]), origin=Origin())
    assert found.namespace_whitelist == found.namespace_blacklist == (KindRule("", "Secret"),)


@pytest.mark.parametrize(
    ("spec", "path", "expected"),
    [
        ({"sourceRepos": "everything"}, "spec.sourceRepos", "a list of strings"),
        ({"sourceRepos": [1]}, "spec.sourceRepos[0]", "a string"),
        ({"destinations": [{"server": 1}]}, "spec.destinations[0].server", "a string"),
        ({"clusterResourceWhitelist": ["Namespace"]}, "spec.clusterResourceWhitelist[0]", "a mapping"),
        ({"syncWindows": [{"manualSync": "yes"}]}, "spec.syncWindows[0].manualSync", "true or false"),
        ({"orphanedResources": {"warn": "yes"}}, "spec.orphanedResources.warn", "true or false"),
    ],
)
def test_a_wrong_field_is_named(spec: dict[str, Any], path: str, expected: str) -> None:
    with pytest.raises(InvalidSpecError) as failed:
        parse_project(project(**spec), origin=Origin("projects.yaml", 2))
    error = failed.value
    assert (error.file, error.document, error.path, error.expected) == ("projects.yaml", 2, path, expected)


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("*", "Deployment", True),
        ("*", "", True),
        ("", "", True),
        ("", "apps", False),
        ("*.example.com", "shop.example.com", True),
        ("*", "a/b", False),
        ("team?", "team1", True),
        ("team[0-9]", "team7", True),
        ("team[^0-9]", "team7", False),
        ("team[!0-9]", "team!", True),
        ("team[ab", "team[ab", False),
        ("team[^]", "team^", False),
        ("team\\*", "team*", True),
        ("team\\*", "teams", False),
        ("{a,b}", "a", False),
        ("team\\", "team", False),
    ],
)
def test_globs_of_go_s_file_paths(pattern: str, name: str, expected: bool) -> None:
    assert matches(pattern, name) is expected
