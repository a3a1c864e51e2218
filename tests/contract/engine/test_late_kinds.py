"""A kind that comes while we watch: until it was listed its objects are unknown, never missing, pruned or written."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from gitops_tui.cluster.cache import ClusterCache, KindState
from gitops_tui.cluster.client import Reader
from gitops_tui.model.snapshot import AppView, Snapshot
from gitops_tui.model.status import HealthStatus, SyncStatus
from tests.contract.engine.objects import Object, automated, config_map
from tests.contract.engine.site import Running, Site
from tests.contract.engine.test_automation import codes
from tests.contract.target import eventually

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


class Late:
    """A kind of the test's own, by its group."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.group = f"{site.namespace}.example.dev"
        self.path = f"/apis/{self.group}/v1/namespaces/{{ns}}/things"
        self.may_be_listed = threading.Event()

    def definition(self) -> Object:
        schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
        version = {"name": "v1", "served": True, "storage": True, "schema": schema}
        names = {"plural": "things", "singular": "thing", "kind": "Thing", "listKind": "ThingList"}
        spec = {"group": self.group, "scope": "Namespaced", "names": names, "versions": [version]}
        kind = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"}
        return {**kind, "metadata": {"name": f"things.{self.group}"}, "spec": spec}

    def thing(self, name: str = "one", size: int = 1) -> Object:
        return {
            "apiVersion": f"{self.group}/v1", "kind": "Thing", "metadata": {"name": name}, "spec": {"size": size}
        }  # fmt: skip

    def made_by_hand(self) -> None:
        """The definition, then an object of it, by kubectl."""
        self.site.target.kubectl("create", "-f", "-", stdin=json.dumps(self.definition()))
        eventually(lambda: self.site.target.call("GET", self.path).code == 200)
        self.site.target.kubectl("create", "-f", "-", stdin=json.dumps(self.thing()))

    def managers(self, name: str = "one") -> set[str]:
        found = self.site.target.ok("GET", f"{self.path}/{name}")["metadata"]["managedFields"]
        return {str(one["manager"]) for one in found}

    @contextmanager
    def unlisted(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        """Whoever lists the kind waits until the end of the block."""
        listed = Reader.list

        def slow(reader: Reader, resource: Any, **how: Any) -> Any:
            if resource.group == self.group:
                assert self.may_be_listed.wait(120)
            return listed(reader, resource, **how)

        monkeypatch.setattr(Reader, "list", slow)
        try:
            yield
        finally:
            self.may_be_listed.set()


@pytest.fixture
def late(site: Site) -> Iterator[Late]:
    found = Late(site)
    yield found
    found.may_be_listed.set()
    site.target.call("DELETE", f"{DEFINITIONS}/things.{found.group}")


def thing(view: AppView) -> Any:
    return next((one for one in view.resources if one.key.kind == "Thing"), None)


def is_pending(view: AppView) -> bool:
    return thing(view) is not None and bool(thing(view).is_pending)


def watched(running: Running) -> list[AppView]:
    """Every view of the application from now on."""
    seen: list[AppView] = []

    def look(snapshot: Snapshot) -> None:
        view = snapshot.find(running.key("shop"))
        if view is not None:
            seen.append(view)

    running.engine.subscribe(look)
    return seen


def test_what_was_made_by_hand_while_we_watch_is_found(site: Site, late: Late, monkeypatch: pytest.MonkeyPatch) -> None:
    site.commit("begin", {"apps/shop/all.json": [config_map("settings"), late.definition(), late.thing()]})
    site.application("shop")
    running = site.engine()
    assert thing(running.view("shop")).health.status is HealthStatus.MISSING, "no definition, no object"
    with late.unlisted(monkeypatch):
        late.made_by_hand()
        view = running.until("shop", is_pending)
        assert (thing(view).sync, thing(view).health, thing(view).exists) == (SyncStatus.UNKNOWN, None, True)
        seen = watched(running)
        site.target.kubectl("create", "configmap", "settings")
        running.until("shop", lambda view: all(one.exists for one in view.resources))
        assert [item.key.name for item in running.heal_plan("shop").items if item.key.kind == "Thing"] == []
    view = running.until("shop", lambda view: not is_pending(view) and thing(view).resource_version)
    assert thing(view).sync is SyncStatus.OUT_OF_SYNC, "nobody adopted it"
    assert all(thing(view).exists for view in seen), "it was never missing"
    running.sync("shop", resources=(thing(view).key,))
    assert "gitops-tui" in late.managers()


def test_automation_waits_until_it_was_listed(site: Site, late: Late, monkeypatch: pytest.MonkeyPatch) -> None:
    site.commit("begin", {"apps/shop/all.json": [config_map("settings")]})
    site.application("shop", **automated(heal=True))
    running = site.engine(reconcile=True)
    running.until("shop", lambda view: view.sync is SyncStatus.SYNCED and view.progress is None)
    with late.unlisted(monkeypatch):
        late.made_by_hand()
        site.commit("adopt", {"apps/shop/all.json": [config_map("settings", more="1"), late.thing(size=2)]})
        running.engine.refresh(running.key("shop"))
        view = running.until("shop", lambda view: "not-read" in codes(view))
        assert view.sync is SyncStatus.OUT_OF_SYNC and is_pending(view)
        assert site.data("settings") == {"key": "value"} and "gitops-tui" not in late.managers()
    running.until("shop", lambda view: view.sync is SyncStatus.SYNCED)
    assert site.data("settings") == {"more": "1"} and "gitops-tui" in late.managers()


def test_what_cannot_be_read_any_more_is_not_pruned(site: Site, late: Late, monkeypatch: pytest.MonkeyPatch) -> None:
    site.target.ok("POST", DEFINITIONS, late.definition())
    eventually(lambda: site.target.call("GET", late.path).code == 200)
    site.commit("begin", {"apps/shop/all.json": [config_map("settings")], "apps/shop/one.json": late.thing()})
    site.application("shop", **automated(prune=True))
    running = site.engine(reconcile=True)
    running.until("shop", lambda view: view.sync is SyncStatus.SYNCED and view.progress is None)
    asked = ClusterCache.state

    def broken(cache: ClusterCache, group: str, kind: str, namespace: str = "") -> KindState:
        return KindState("failing", "the conversion webhook is down") if kind == "Thing" else asked(
            cache, group, kind, namespace
        )  # fmt: skip

    monkeypatch.setattr(ClusterCache, "state", broken)
    site.commit("drop it", {"apps/shop/one.json": None})
    view = running.refreshed("shop")
    assert is_pending(view) and not thing(view).requires_pruning and view.sync is SyncStatus.UNKNOWN
    assert "the conversion webhook is down" in view.conditions[0].message
    assert running.plan("shop", prune=True).prunes == ()
    monkeypatch.setattr(ClusterCache, "state", asked)
    running.refreshed("shop")
    eventually(lambda: site.target.call("GET", f"{late.path}/one").code == 404)
