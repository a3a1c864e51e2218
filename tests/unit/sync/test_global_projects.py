"""Global projects: whom a selector matches, and what is added then."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_tui.model.project import AppProject, KindRule
from gitops_tui.model.system import GlobalProject
from gitops_tui.sync.global_projects import WrongSelector, selects, with_globals

TEAM = AppProject("team", labels={"tier": "web"}, source_repos=("https://host/team",))
COMMON = AppProject("common", source_repos=("https://host/common",), cluster_blacklist=(KindRule("*", "Namespace"),))
MORE = AppProject("more", source_repos=("https://host/more",))
KNOWN = {one.name: one for one in (TEAM, COMMON, MORE)}


def expression(operator: str, *values: str, key: str = "tier") -> dict[str, Any]:
    return {"matchExpressions": [{"key": key, "operator": operator, "values": list(values)}]}


@pytest.mark.parametrize(
    ("selector", "is_match"),
    [
        ({}, True),
        ({"matchLabels": {"tier": "web"}}, True),
        ({"matchLabels": {"tier": "web", "zone": "a"}}, False),
        (expression("In", "web", "db"), True),
        (expression("In", "db"), False),
        (expression("In", "a", key="zone"), False),
        (expression("NotIn", "web"), False),
        (expression("NotIn", "a", key="zone"), True),
        (expression("Exists"), True),
        (expression("Exists", key="zone"), False),
        (expression("DoesNotExist", key="zone"), True),
        (expression("DoesNotExist"), False),
        ({"matchLabels": {"tier": "web"}, **expression("DoesNotExist")}, False),
    ],
)
def test_a_selector(selector: dict[str, Any], is_match: bool) -> None:
    assert selects(selector, TEAM.labels) is is_match


@pytest.mark.parametrize(
    "selector",
    [expression("In"), expression("Exists", "web"), expression("Like", "web"), expression("In", "a", key="")],
)
def test_a_selector_that_kubernetes_would_not_take(selector: dict[str, Any]) -> None:
    with pytest.raises(WrongSelector):
        selects(selector, TEAM.labels)


def test_what_a_global_project_permits_and_denies_is_added() -> None:
    found = with_globals(TEAM, [GlobalProject("common", {"matchLabels": {"tier": "web"}})], KNOWN)
    assert found.name == "team" and found.source_repos == ("https://host/team", "https://host/common")
    assert found.cluster_blacklist == (KindRule("*", "Namespace"),)


def test_whom_a_global_project_does_not_reach() -> None:
    assert with_globals(TEAM, [GlobalProject("common", {"matchLabels": {"tier": "db"}})], KNOWN) is TEAM
    assert with_globals(COMMON, [GlobalProject("common")], KNOWN) is COMMON, "it is not its own"


@pytest.mark.parametrize("first", [GlobalProject("gone"), GlobalProject("common", expression("In"))])
def test_nothing_after_a_wrong_setting_counts(first: GlobalProject) -> None:
    assert with_globals(TEAM, [first, GlobalProject("more")], KNOWN) is TEAM
    assert with_globals(TEAM, [GlobalProject("more"), first], KNOWN).source_repos[-1] == "https://host/more"
