"""Orphaned resources: which objects are none, and what is said of the others."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from gitops_tui.engine.orphans import looking_for_orphans, orphans_of
from gitops_tui.engine.projects import Permits
from gitops_tui.model.project import AppProject, KindRule, OrphanedResources, parse_project
from gitops_tui.model.reader import Origin
from gitops_tui.model.resource import Object, ResourceKey, key_of, metadata_of
from gitops_tui.sync.orphans import is_ignored, is_never_orphaned, warning
from gitops_tui.sync.permissions import DestinationCluster
from gitops_tui.sync.tracking import Tracking, set_tracking

TRACKING = Tracking()


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (ResourceKey("", "ServiceAccount", "shop", "default"), True),
        (ResourceKey("", "ServiceAccount", "shop", "web"), False),
        (ResourceKey("", "ConfigMap", "shop", "kube-root-ca.crt"), True),
        (ResourceKey("", "Service", "default", "kubernetes"), True),
        (ResourceKey("", "Service", "shop", "kubernetes"), False),
        (ResourceKey("example.com", "ServiceAccount", "shop", "default"), False),
    ],
)
def test_what_kubernetes_makes_is_no_orphan(key: ResourceKey, expected: bool) -> None:
    assert is_never_orphaned(key) is expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (KindRule("apps", "Deployment"), True),
        (KindRule("apps", "Deployment", "web-*"), True),
        (KindRule("apps", "Deployment", "other"), False),
        (KindRule("*", "Deploy*"), True),
        (KindRule("apps", ""), True),
        (KindRule("", "Deployment"), False),
    ],
)
def test_what_the_project_ignores(rule: KindRule, expected: bool) -> None:
    assert is_ignored(ResourceKey("apps", "Deployment", "shop", "web-1"), OrphanedResources(ignore=(rule,))) is expected


def test_a_warning_is_raised_only_where_it_is_asked_for() -> None:
    assert warning(2, OrphanedResources()) is None
    assert warning(0, OrphanedResources(warn=True)) is None
    found = warning(2, OrphanedResources(warn=True))
    assert found is not None
    assert (found.type, found.message) == ("OrphanedResourceWarning", "Application has 2 orphaned resources")


def config_map(name: str, namespace: str = "shop", *, of: str = "", owner: str = "") -> Object:
    metadata: dict[str, Any] = {"name": name, "namespace": namespace, "uid": name}
    if owner:
        metadata["ownerReferences"] = [{"uid": owner}]
    obj = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}
    return set_tracking(obj, of, TRACKING, namespace) if of else obj


def comparison(objects: list[Object], managed: list[str], **spec: Any) -> Any:
    project: AppProject = parse_project(
        {"metadata": {"name": "shop"}, "spec": {"destinations": [{"server": "*", "namespace": "*"}], **spec}},
        origin=Origin(),
    )
    cache = SimpleNamespace(
        watchable=lambda: [SimpleNamespace(group="", kind="ConfigMap", namespaced=True)],
        objects=lambda group, kind: [one for one in objects if one["kind"] == kind],
        children=lambda uid: [one for one in objects if _owner(one) == uid],
    )
    return SimpleNamespace(
        app=SimpleNamespace(destination=SimpleNamespace(namespace="shop")),
        session=SimpleNamespace(cache=cache, name="prod"),
        objects=[SimpleNamespace(key=ResourceKey("", "ConfigMap", "shop", name)) for name in managed],
        permits=Permits(project, DestinationCluster("https://prod", "prod")),
    )


def _owner(obj: Object) -> str:
    references = metadata_of(obj).get("ownerReferences") or [{}]
    return str(references[0].get("uid"))


LIVE = [
    config_map("settings", of="web"),
    config_map("other", of="two"),
    config_map("left", of="gone"),
    config_map("by-hand"),
    config_map("below", owner="by-hand"),
    config_map("kube-root-ca.crt"),
    config_map("elsewhere", "other"),
]


def test_what_is_nobody_s_is_found_with_what_it_owns() -> None:
    found = orphans_of(comparison(LIVE, ["settings"], orphanedResources={}), {"web", "two"}, TRACKING)
    assert [key.name for key in found] == ["below", "by-hand", "left"]


def test_nothing_is_looked_for_where_no_project_asks() -> None:
    assert orphans_of(comparison(LIVE, []), {"web"}, TRACKING) == ()


def test_what_the_project_does_not_permit_is_no_orphan_of_its() -> None:
    spec = {"orphanedResources": {}, "namespaceResourceBlacklist": [{"group": "", "kind": "ConfigMap"}]}
    assert orphans_of(comparison(LIVE, [], **spec), {"web"}, TRACKING) == ()


def test_who_looks_for_orphans_hears_of_what_comes() -> None:
    looking = SimpleNamespace(
        key="web", app=comparison([], []).app, comparison=comparison([], [], orphanedResources={})
    )
    indifferent = SimpleNamespace(key="two", app=comparison([], []).app, comparison=comparison([], []))
    obj = config_map("new")
    come = cast(Any, SimpleNamespace(key=key_of(obj), old=None, new=obj))
    changed = cast(Any, SimpleNamespace(key=key_of(obj), old=obj, new=obj))
    records = cast(Any, [looking, indifferent])
    assert looking_for_orphans(records, come, "prod") == {"web"}
    assert looking_for_orphans(records, come, "test") == set()
    assert looking_for_orphans(records, changed, "prod") == set()
