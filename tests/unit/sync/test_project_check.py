"""What is wrong with a project itself."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_tui.errors import InvalidSpecError
from gitops_tui.model.project import parse_project
from gitops_tui.model.reader import Origin
from gitops_tui.sync.project_check import check_project, problems

WINDOW = {"kind": "deny", "schedule": "0 22 * * *", "duration": "8h", "applications": ["*"]}
ACCOUNT = {"server": "*", "namespace": "*", "defaultServiceAccount": "deployer"}


def role(**rest: Any) -> dict[str, Any]:
    return {"roles": [{"name": "ci", **rest}]}


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ({"destinations": [{"server": "!*"}]}, "server has an invalid format, '!*'"),
        ({"destinations": [{"server": "a", "namespace": "b"}] * 2}, "destination 'a/b' already added"),
        ({"destinations": [{"name": "a", "namespace": "b"}] * 2}, "destination 'a/b' already added"),
        ({"sourceRepos": ["!*"]}, "source repository has an invalid format"),
        ({"sourceRepos": ["a", "a"]}, "source repository 'a' already added"),
        ({"sourceNamespaces": ["a", "a"]}, "source namespace 'a' already added"),
        ({"roles": [{"name": "a"}, {"name": "a"}]}, "role 'a' already exists"),
        ({"roles": [{"name": "-a"}]}, "invalid role name '-a'"),
        ({"roles": [{"name": ""}]}, "invalid role name ''"),
        (role(policies=["p, proj:shop:ci, applications, fly, shop/*, allow"]), "invalid action 'fly'"),
        (role(policies=["p, proj:shop:ci, applications, get, shop, allow"]), "object must be of form"),
        (role(policies=["p, proj:shop:ci, applications, get, shop/*, maybe"]), "effect must be"),
        (role(policies=["g, proj:shop:ci, applications, get, shop/*, allow"]), "must be of the form"),
        (role(policies=["p, proj:shop:ci, applications, get, shop/*, allow"] * 2), "already exists for role 'ci'"),
        (role(groups=["a", "a"]), "group 'a' already exists for role 'ci'"),
        (role(groups=[" "]), "group '' is empty"),
        (role(groups=['"a\tb"']), "contains invalid characters"),
        (role(groups=[" a"]), "contains a leading space"),
        ({"syncWindows": [WINDOW, {**WINDOW, "manualSync": True}]}, "already exists"),
        ({"syncWindows": [{**WINDOW, "kind": "maybe"}]}, "can only be allow or deny"),
        ({"syncWindows": [{**WINDOW, "applications": []}]}, "requires one of application, cluster or namespace"),
        ({"destinationServiceAccounts": [ACCOUNT, ACCOUNT]}, "destinationServiceAccount '*/*' already added"),
        ({"destinationServiceAccounts": [{**ACCOUNT, "server": "["}]}, "server has an invalid format, '['"),
        ({"destinationServiceAccounts": [{**ACCOUNT, "defaultServiceAccount": "a/b"}]}, "defaultServiceAccount"),
    ],
)
def test_what_is_refused(spec: dict[str, Any], reason: str) -> None:
    project = parse_project({"metadata": {"name": "shop"}, "spec": spec}, origin=Origin())
    with pytest.raises(InvalidSpecError) as failed:
        check_project(project)
    assert reason in failed.value.message
    assert any(reason in one for one in problems(project))


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"sourceRepos": ["*", "!https://host/*"], "destinations": [{"server": "*", "namespace": "!kube-*"}]},
        role(
            policies=["p, proj:shop:ci, applications, action/apps/Deployment/restart, shop/*/web, allow"],
            groups=['"a, b"', "org:team"],
        ),
        {"syncWindows": [WINDOW, {**WINDOW, "timeZone": "Europe/Berlin"}, {**WINDOW, "applications": ["a"]}]},
        {"destinationServiceAccounts": [ACCOUNT]},
    ],
)
def test_what_is_fine(spec: dict[str, Any]) -> None:
    project = parse_project({"metadata": {"name": "shop"}, "spec": spec}, origin=Origin())
    check_project(project)
    assert problems(project) == ()
