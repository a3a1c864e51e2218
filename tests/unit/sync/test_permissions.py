"""What a project permits, in Argo CD's words where it does not."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_tui.errors import InvalidSpecError
from gitops_tui.model.application import Destination
from gitops_tui.model.project import EVERYTHING_PERMITTED, AppProject, KindRule, parse_project
from gitops_tui.model.reader import Origin
from gitops_tui.model.resource import GroupKind, ResourceKey
from gitops_tui.sync.permissions import (
    DestinationCluster,
    is_destination_permitted,
    is_kind_permitted,
    is_live_permitted,
    is_namespace_permitted,
    is_source_permitted,
    merged,
    spec_violations,
    why_not_permitted,
)

PROD = DestinationCluster("https://prod.example", "prod")


def project(**spec: Any) -> AppProject:
    return parse_project({"metadata": {"name": "shop"}, "spec": spec}, origin=Origin())


@pytest.mark.parametrize(
    ("entries", "url", "expected"),
    [
        ([], "https://host/a/b", False),
        (["*"], "https://host/a/b", True),
        (["https://host/a/*"], "https://host/A/b.git", True),
        (["https://host/a/*"], "https://host/a/b/c", False),
        (["https://host/a/**"], "https://host/a/b/c", True),
        (["git@host:a/*"], "ssh://git@host/a/b.git", True),
        (["*", "!https://host/a/*"], "https://host/a/b", False),
        (["*", "!https://host/a/*"], "https://host/c/b", True),
        # A denial by itself permits everything else.
        (["!https://host/a/*"], "https://host/c/b", True),
        # What is no URL is not every other thing that is none.
        (["ssh://git@host:a/b"], "ssh://git@other:c/d", False),
        (["ssh://git@HOST:a/*"], "ssh://git@host:a/b", True),
        # An entry that is no URL, as one with alternatives in its host, matches no URL.
        (["https://{host,other}/**"], "https://host/a", False),
        (["!https://{host,other}/**"], "https://host/a", True),
        (["https://host/**"], "https://host:x/a", False),
        (["!*"], "https://host/a", True),
    ],
)
def test_sources(entries: list[str], url: str, expected: bool) -> None:
    assert is_source_permitted(project(sourceRepos=entries), url) is expected


@pytest.mark.parametrize(
    ("entries", "namespace", "expected"),
    [
        ([], "shop", False),
        ([{"server": "*", "namespace": "*"}], "shop", True),
        ([{"name": "prod", "namespace": "shop"}], "shop", True),
        ([{"name": "prod", "namespace": "shop"}], "other", False),
        ([{"name": "test", "namespace": "*"}], "shop", False),
        ([{"server": "https://prod.*", "namespace": "shop-*"}], "shop-1", True),
        ([{"server": "*", "namespace": "*"}, {"server": "*", "namespace": "!kube-system"}], "kube-system", False),
        ([{"server": "*", "namespace": "*"}, {"server": "!https://prod.*", "namespace": "*"}], "shop", False),
        ([{"server": "*", "namespace": "*"}, {"name": "!prod", "namespace": "*"}], "shop", False),
        ([{"server": "*", "namespace": "*"}, {"server": "!https://prod.*", "namespace": "a"}], "shop", True),
        ([{"server": "*", "namespace": "!kube-*"}], "shop", True),
    ],
)
def test_destinations(entries: list[dict[str, str]], namespace: str, expected: bool) -> None:
    assert is_destination_permitted(project(destinations=entries), PROD, namespace) is expected


def test_only_clusters_of_the_project_where_it_says_so() -> None:
    scoped = project(destinations=[{"server": "*", "namespace": "*"}], permitOnlyProjectScopedClusters=True)
    assert not is_destination_permitted(scoped, PROD, "shop")
    assert is_destination_permitted(scoped, PROD, "shop", [DestinationCluster(name="prod")])


DEPLOYMENT, NAMESPACE = GroupKind("apps", "Deployment"), GroupKind("", "Namespace")


@pytest.mark.parametrize(
    ("spec", "kind", "is_namespaced", "expected"),
    [
        ({}, DEPLOYMENT, True, True),
        ({}, NAMESPACE, False, False),
        ({"namespaceResourceWhitelist": []}, DEPLOYMENT, True, False),
        ({"namespaceResourceWhitelist": [{"group": "apps", "kind": "*"}]}, DEPLOYMENT, True, True),
        ({"namespaceResourceWhitelist": [{"group": "", "kind": "*"}]}, DEPLOYMENT, True, False),
        ({"namespaceResourceBlacklist": [{"group": "*", "kind": "Dep*"}]}, DEPLOYMENT, True, False),
        ({"clusterResourceWhitelist": [{"group": "*", "kind": "*"}]}, NAMESPACE, False, True),
        ({"clusterResourceWhitelist": [{"group": "", "kind": "Namespace", "name": "shop-*"}]}, NAMESPACE, False, True),
        ({"clusterResourceWhitelist": [{"group": "", "kind": "Namespace", "name": "x"}]}, NAMESPACE, False, False),
        (
            {
                "clusterResourceWhitelist": [{"group": "*", "kind": "*"}],
                "clusterResourceBlacklist": [{"group": "", "kind": "Namespace", "name": "shop-1"}],
            },
            NAMESPACE,
            False,
            False,
        ),
    ],
)
def test_kinds(spec: dict[str, Any], kind: GroupKind, is_namespaced: bool, expected: bool) -> None:
    assert is_kind_permitted(project(**spec), kind, "shop-1", is_namespaced=is_namespaced) is expected


def test_why_a_sync_may_not_touch_an_object() -> None:
    own = project(destinations=[{"server": "*", "namespace": "shop"}])
    service = ResourceKey("", "Service", "shop", "web")
    assert why_not_permitted(own, service, PROD, is_namespaced=True) == ""
    elsewhere = ResourceKey("", "Service", "other", "web")
    assert why_not_permitted(own, elsewhere, PROD, is_namespaced=True) == (
        "namespace other is not permitted in project 'shop'"
    )
    role = ResourceKey("rbac.authorization.k8s.io", "ClusterRole", "", "admin")
    assert why_not_permitted(own, role, PROD, is_namespaced=False) == (
        "resource rbac.authorization.k8s.io:ClusterRole is not permitted in project shop"
    )
    assert is_live_permitted(own, service, PROD)
    assert not is_live_permitted(own, elsewhere, PROD) and not is_live_permitted(own, role, PROD)


@pytest.mark.parametrize(
    ("entries", "namespace", "expected"),
    [
        ([], "argocd", True),
        ([], "", True),
        ([], "team", False),
        (["team-*"], "team-a", True),
        (["/^team-[ab]$/"], "team-b", True),
        (["/^team-[ab]$/"], "team-c", False),
        (["/(/"], "team-c", False),
    ],
)
def test_namespaces_of_applications(entries: list[str], namespace: str, expected: bool) -> None:
    assert is_namespace_permitted(project(sourceNamespaces=entries), namespace, "argocd") is expected


def _resolved(destination: Destination) -> DestinationCluster:
    if destination.name == "nowhere":
        raise InvalidSpecError("there are no clusters with this name: nowhere")
    return PROD if destination.name or destination.server else DestinationCluster()


SOURCE = {"repoURL": "https://host/a", "path": "."}
PROD_SHOP = {"server": "https://prod.example", "namespace": "shop"}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"source": SOURCE, "destination": PROD_SHOP}, ()),
        (
            {"source": {"repoURL": "https://other/a", "path": "."}, "destination": PROD_SHOP},
            ("application repo https://other/a is not permitted in project 'shop'",),
        ),
        (
            {"source": SOURCE, "destination": {"server": "https://prod.example", "namespace": "x"}},
            (
                "application destination server 'https://prod.example' and namespace 'x' do not match any of the "
                "allowed destinations in project 'shop'",
            ),
        ),
        (
            {"source": SOURCE, "destination": {"name": "prod", "namespace": "x"}},
            (
                "application destination server 'prod' and namespace 'x' do not match any of the "
                "allowed destinations in project 'shop'",
            ),
        ),
        (
            {"source": SOURCE, "destination": {"name": "nowhere"}},
            ("there are no clusters with this name: nowhere",),
        ),
        ({"source": SOURCE, "destination": {}}, ("Destination server missing from app spec",)),
        (
            {"source": {"repoURL": "https://host/a", "chart": "x"}, "destination": PROD_SHOP},
            ("spec.source.targetRevision is required if the manifest source is a helm chart",),
        ),
        ({"sources": [SOURCE, {"repoURL": "https://host/a", "ref": "values"}], "destination": PROD_SHOP}, ()),
    ],
)
def test_an_application_against_its_project(spec: dict[str, Any], expected: tuple[str, ...]) -> None:
    own = project(sourceRepos=["https://host/*"], destinations=[PROD_SHOP])
    assert spec_violations({"project": "shop", **spec}, own, _resolved) == expected


def test_the_default_that_nobody_defines_permits_everything() -> None:
    assert is_source_permitted(EVERYTHING_PERMITTED, "https://any/where/at/all")
    assert is_live_permitted(EVERYTHING_PERMITTED, ResourceKey("", "Namespace", "", "x"), PROD)
    assert is_live_permitted(EVERYTHING_PERMITTED, ResourceKey("apps", "Deployment", "x", "y"), PROD)


def test_a_source_that_is_not_whole_ends_the_look_at_the_sources() -> None:
    spec = {"sources": [{"repoURL": "https://other/a", "path": "x"}, {"repoURL": "https://other/b"}]}
    found = spec_violations(spec, project(sourceRepos=["https://host/*"]), lambda _: PROD)
    assert len(found) == 2
    assert found[0] == "application repo https://other/a is not permitted in project ''"
    assert found[1].startswith("spec.source.repoURL and either source.path, source.chart, or source.ref are required")


def test_a_global_project_adds_to_one() -> None:
    both = merged(project(sourceRepos=["a"]), project(sourceRepos=["b"], namespaceResourceWhitelist=[]))
    assert both.source_repos == ("a", "b")
    assert both.namespace_whitelist is None
    listed = merged(project(), project(namespaceResourceWhitelist=[{"group": "", "kind": "Pod"}]))
    assert listed.namespace_whitelist == (KindRule("", "Pod"),)
