"""Every sync option, row by row (semantics 1.8): for the whole application and for one object, on a real API server.

Two Applications differ in nothing else: of ``all`` the Application says the option, of ``own`` each object does.
``plain`` says nothing, and shows what the option changes.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from gitops_tui.model.operation import OperationState
from gitops_tui.model.resource import key_of
from gitops_tui.model.status import OperationPhase, SyncStatus
from tests.contract.engine.objects import Object, config_map, gate, hook, in_wave
from tests.contract.engine.site import Running, Site
from tests.contract.target import eventually

SUCCEEDED, FAILED, RUNNING = OperationPhase.SUCCEEDED, OperationPhase.FAILED, OperationPhase.RUNNING
OPTIONS = "argocd.argoproj.io/sync-options"
APPROVED = "argocd.argoproj.io/deletion-approved"
MIGRATES = "argocd.argoproj.io/client-side-apply-migration-manager"
LEVELS = ("plain", "all", "own")


def saying(obj: Object, *options: str) -> Object:
    """The object with these options of its own."""
    notes = {**(obj["metadata"].get("annotations") or {}), OPTIONS: ", ".join(options)} if options else {}
    return {**obj, "metadata": {**obj["metadata"], **({"annotations": notes} if notes else {})}}


class Options:
    """The Applications of one option. Names of objects begin with that of their Application."""

    def __init__(self, site: Site, option: str, levels: tuple[str, ...] = LEVELS, **spec: Any) -> None:
        self.site = site
        self.option = option
        self.levels = levels
        self._spec = spec
        self._running: Running | None = None

    def has(self, make: Callable[[str], list[Object]], *, also: str = "") -> None:
        """What Git holds from now on: ``make(level)``, each object with the option where the level is ``own``."""
        files: dict[str, Any] = {}
        for level in self.levels:
            own = [self.option] if level == "own" else []
            objects = make(level)
            files[f"apps/{level}/all.json"] = [saying(obj, *own) if own else obj for obj in objects]
        self.site.commit("objects", files)
        if self._running is None:
            for level in self.levels:
                said = [one for one in (self.option if level == "all" else "", also) if one]
                self.site.application(level, **{**self._spec, "syncPolicy": {"syncOptions": said}})
            self._running = self.site.engine(from_cluster=self.site.apps_are_objects)

    @property
    def running(self) -> Running:
        assert self._running is not None
        return self._running

    def sync(self, level: str, **request: Any) -> OperationState:
        return self.running.ended(level, self.running.execute(self.running.plan(level, **request)))

    def begin(self, level: str, **request: Any) -> None:
        assert self.running.execute(self.running.plan(level, **request)).ok

    def results(self, operation: OperationState) -> dict[str, tuple[str, str]]:
        assert operation.sync_result is not None
        found = operation.sync_result.resources
        return {one.key.name: (one.status.value if one.status else "", one.message) for one in found}


def test_prune_false(site: Site) -> None:
    """Left and said; the application stays OutOfSync. An object's own word beats the application's."""
    found = Options(site, "Prune=false")
    found.has(lambda level: [config_map(f"{level}-a"), config_map(f"{level}-old")])
    for level in LEVELS:
        found.sync(level)
    found.has(lambda level: [config_map(f"{level}-a")])
    for level, is_left in (("plain", False), ("all", True), ("own", True)):
        results = found.results(found.sync(level, prune=True))
        said = ("PruneSkipped", "ignored (no prune)") if is_left else ("Pruned", "pruned")
        assert results[f"{level}-old"] == said, level
        assert (site.data(f"{level}-old") is not None) is is_left
        expected = SyncStatus.OUT_OF_SYNC if is_left else SyncStatus.SYNCED
        found.running.until(level, lambda view, expected=expected: view.sync is expected)


def test_an_own_prune_true_beats_the_applications_false(site: Site) -> None:
    found = Options(site, "Prune=false", ("all",))
    found.has(lambda level: [config_map("a"), saying(config_map("old"), "Prune=true")])
    found.sync("all")
    found.has(lambda level: [config_map("a")])
    assert found.results(found.sync("all", prune=True))["old"] == ("Pruned", "pruned")


def test_an_operation_without_prune(site: Site) -> None:
    found = Options(site, "", ("plain",))
    found.has(lambda level: [config_map("a"), config_map("old")])
    found.sync("plain")
    found.has(lambda level: [config_map("a")])
    assert found.results(found.sync("plain"))["old"] == ("PruneSkipped", "ignored (requires pruning)")
    assert site.data("old") is not None


def test_prune_confirm(site: Site) -> None:
    """The whole wave waits until the Application is approved, by a time that is not before the operation."""
    found = Options(site, "Prune=confirm", ("all", "own"))
    site.apps_are_objects = True
    found._spec["in_cluster"] = True
    found.has(lambda level: [config_map(f"{level}-a"), config_map(f"{level}-old")])
    for level in found.levels:
        found.sync(level)
    found.has(lambda level: [config_map(f"{level}-a", key="new")])
    for level in found.levels:
        found.begin(level, prune=True)
        view = found.running.until(
            level,
            lambda view: view.operation is not None and "pruning confirmation of" in view.operation.message,
        )
        assert view.operation is not None and view.operation.phase is RUNNING
        assert site.data(f"{level}-old") is not None and site.data(f"{level}-a") == {"key": "value"}
        site.patch(level, {"metadata": {"annotations": {APPROVED: "2020-01-01T00:00:00Z"}}})
        site.patch(level, {"metadata": {"annotations": {APPROVED: "2999-01-01T00:00:00Z"}}})
        eventually(lambda level=level: found.running.key(level) not in found.running.engine.running_operations())
        assert site.data(f"{level}-old") is None and site.data(f"{level}-a") == {"key": "new"}


def test_prune_last(site: Site) -> None:
    """What goes waits for all waves to be healthy; without the option it goes with the first."""
    found = Options(site, "PruneLast=true")
    found.has(lambda level: [config_map(f"{level}-old")])
    for level in LEVELS:
        found.sync(level)
    found.has(lambda level: [gate(f"{level}-gate"), in_wave(1, f"{level}-late")])
    for level, is_last in (("plain", False), ("all", True), ("own", True)):
        found.begin(level, prune=True)
        found.running.until(
            level, lambda view: view.operation is not None and "waiting for healthy" in view.operation.message
        )
        assert (site.data(f"{level}-old") is not None) is is_last, level
        site.open_gate(f"{level}-gate")
        eventually(lambda level=level: found.running.key(level) not in found.running.engine.running_operations())
        assert site.data(f"{level}-old") is None and site.data(f"{level}-late") is not None


@pytest.mark.parametrize("policy", ["", "foreground", "background", "orphan"])
def test_prune_propagation_policy(site: Site, policy: str) -> None:
    """What a pruned object owns goes with it, or stays without an owner."""
    site.target.require_controllers()
    found = Options(site, f"PrunePropagationPolicy={policy}" if policy else "", ("all",))
    found.has(lambda level: [config_map("owner"), config_map("other")])
    found.sync("all")
    uid = site.target.ok("GET", site.path("configmaps", "owner"))["metadata"]["uid"]
    owned = config_map("owned")
    owned["metadata"]["ownerReferences"] = [
        {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": uid, "blockOwnerDeletion": True}
    ]
    site.target.ok("POST", site.path("configmaps"), owned)
    found.has(lambda level: [config_map("other")])
    assert found.sync("all", prune=True).phase is SUCCEEDED
    eventually(lambda: site.data("owner") is None)
    if policy != "orphan":
        eventually(lambda: site.data("owned") is None)
    else:
        left = site.target.ok("GET", site.path("configmaps", "owned"))["metadata"]
        assert not left.get("ownerReferences") and not left.get("deletionTimestamp")


def test_validate_false(site: Site) -> None:
    """A field that the schema does not know fails the object, or is dropped by the server."""
    found = Options(site, "Validate=false")
    found.has(lambda level: [{**config_map(f"{level}-odd"), "nonsense": 1}])
    for level, passes in (("plain", False), ("all", True), ("own", True)):
        plan = found.running.plan(level)
        assert any(item.error for item in plan.items) is not passes, [item.error for item in plan.items]
        assert found.sync(level).phase is (SUCCEEDED if passes else FAILED), level
        assert (site.data(f"{level}-odd") is not None) is passes
    found.has(lambda level: [{**config_map(f"{level}-odd", key="new"), "nonsense": 1}])
    for level in ("all", "own"):
        changed = next(one for one in found.running.refreshed(level).resources if one.key.name == f"{level}-odd")
        assert changed.sync is SyncStatus.OUT_OF_SYNC and not changed.message, "the comparison validates neither"


def test_skip_dry_run_on_missing_resource(site: Site) -> None:
    """A kind that nobody knows stops everything before it begins, or fails by itself."""
    found = Options(site, "SkipDryRunOnMissingResource=true")
    odd = {"apiVersion": "nobody.example/v1", "kind": "Odd"}
    found.has(lambda level: [{**odd, "metadata": {"name": f"{level}-odd"}}, config_map(f"{level}-a")])
    for level, goes_on in (("plain", False), ("all", True), ("own", True)):
        plan = found.running.plan(level)
        assert any(item.error for item in plan.items) is not goes_on, level
        operation = found.sync(level)
        assert operation.phase is FAILED
        assert ("not valid" in operation.message) is not goes_on, operation.message
        assert (site.data(f"{level}-a") is not None) is goes_on


def test_apply_out_of_sync_only(site: Site) -> None:
    found = Options(site, "ApplyOutOfSyncOnly=true", ("plain", "all"))
    found.has(lambda level: [config_map(f"{level}-a"), config_map(f"{level}-b"), hook("PreSync", f"{level}-hook")])
    for level in found.levels:
        found.sync(level)
    found.has(
        lambda level: [config_map(f"{level}-a", key="new"), config_map(f"{level}-b"), hook("PreSync", f"{level}-hook")]
    )
    assert set(found.results(found.sync("plain"))) == {"plain-a", "plain-b", "plain-hook"}
    assert set(found.results(found.sync("all"))) == {"all-a", "all-hook"}


def test_replace(site: Site) -> None:
    """The whole object is written: what others added goes. Beats server-side apply."""
    found = Options(site, "Replace=true")
    found.has(lambda level: [config_map(f"{level}-a")], also="ServerSideApply=true")
    for level in LEVELS:
        found.sync(level)
        site.set_data(f"{level}-a", by="hand")
    for level, is_replaced in (("plain", False), ("all", True), ("own", True)):
        found.sync(level)
        assert site.data(f"{level}-a") == ({"key": "value"} if is_replaced else {"key": "value", "by": "hand"})


def test_force(site: Site) -> None:
    """What cannot be changed is deleted and made anew: where the object says so, or the operation does."""
    found = Options(site, "Force=true", ("plain", "own"))
    found.has(lambda level: [{**config_map(f"{level}-a"), "immutable": True}])
    for level in found.levels:
        found.sync(level)
    found.has(lambda level: [{**config_map(f"{level}-a", key="new"), "immutable": True}])
    assert found.sync("plain").phase is FAILED
    assert site.data("plain-a") == {"key": "value"}
    assert found.sync("own").phase is SUCCEEDED
    assert found.sync("plain", force=True).phase is SUCCEEDED
    assert site.data("own-a") == site.data("plain-a") == {"key": "new"}


@pytest.mark.parametrize("value", ["true", "false"])
def test_server_side_apply(site: Site, value: str) -> None:
    """Accepted at both levels, and every apply is server-side, under one manager."""
    found = Options(site, f"ServerSideApply={value}")
    found.has(lambda level: [config_map(f"{level}-a")])
    for level in LEVELS:
        assert found.sync(level).phase is SUCCEEDED
        fields = site.target.ok("GET", site.path("configmaps", f"{level}-a"))["metadata"]["managedFields"]
        assert [(one["manager"], one["operation"]) for one in fields] == [("gitops-tui", "Apply")]


def test_client_side_apply_migration(site: Site) -> None:
    """What ``kubectl apply`` wrote and Git does not have is taken over and goes, unless the application says no."""
    found = Options(site, "ClientSideApplyMigration=false", ("plain", "all"))
    for level in found.levels:
        both = config_map(f"{level}-a", key="value", old="one")
        site.target.kubectl("apply", "-f", "-", stdin=json.dumps(both))
    found.has(lambda level: [config_map(f"{level}-a", key="new")])
    for level, taken in (("plain", ("kubectl-client-side-apply",)), ("all", ())):
        (item,) = found.running.plan(level).changes
        assert item.takes_over == taken
        found.sync(level)
    assert site.data("plain-a") == {"key": "new"}
    assert site.data("all-a") == {"key": "new", "old": "one"}


def test_client_side_apply_migration_manager(site: Site) -> None:
    """Another manager's updates are taken over where the Application names it and asks for server-side apply."""
    found = Options(site, "ServerSideApply=true", in_cluster=True)
    site.apps_are_objects = True
    for level in LEVELS:
        path = f"{site.path('configmaps')}?fieldManager=retired"
        site.target.ok("POST", path, config_map(f"{level}-a", key="value", old="one"))
    found.has(lambda level: [config_map(f"{level}-a", key="new")])
    for level in LEVELS:
        site.patch(level, {"metadata": {"annotations": {MIGRATES: "retired"}}})
        found.running.until(level, lambda view: MIGRATES in view.app.annotations)
        found.sync(level)
    assert site.data("plain-a") == {"key": "new", "old": "one"}
    assert site.data("all-a") == site.data("own-a") == {"key": "new"}


def test_fail_on_shared_resource(site: Site) -> None:
    found = Options(site, "FailOnSharedResource=true", ("plain", "all"))
    found.has(lambda level: [config_map("both", key=level), config_map(f"{level}-a")])
    found.sync("plain")
    found.running.until("all", lambda view: any(one.type == "SharedResourceWarning" for one in view.conditions))
    plan = found.running.plan("all")
    assert any("Shared resource found" in text for text in plan.blockers)
    assert site.data("all-a") is None


def test_respect_ignore_differences(site: Site) -> None:
    """What is ignored keeps its live value when something else of the object is applied."""
    ignore = [{"kind": "ConfigMap", "jsonPointers": ["/data/left"]}]
    found = Options(site, "RespectIgnoreDifferences=true", ("plain", "all"), ignoreDifferences=ignore)
    found.has(lambda level: [config_map(f"{level}-a", key="1", left="git")])
    for level in found.levels:
        found.sync(level)
        site.set_data(f"{level}-a", left="live")
    found.has(lambda level: [config_map(f"{level}-a", key="2", left="git")])
    for level, left in (("plain", "git"), ("all", "live")):
        found.sync(level)
        assert site.data(f"{level}-a") == {"key": "2", "left": left}


def test_managed_namespace_metadata_that_changes_is_out_of_sync(site: Site) -> None:
    """Nothing else differs: the application says so until it is synced."""
    site.commit("begin", {"apps/shop/all.json": [config_map("settings")]})
    policy = {"syncOptions": ["CreateNamespace=true"], "managedNamespaceMetadata": {"labels": {"team": "shop"}}}
    site.application("shop", in_cluster=True, syncPolicy=policy)
    running = site.engine(from_cluster=True)
    running.sync("shop")
    assert site.object("shop")["status"]["operationState"]["syncResult"]["managedNamespaceMetadata"] == {
        "labels": {"team": "shop"}
    }
    site.patch("shop", {"spec": {"syncPolicy": {"managedNamespaceMetadata": {"labels": {"team": "other"}}}}})
    view = running.until("shop", lambda view: view.sync is SyncStatus.OUT_OF_SYNC)
    assert {one.code.value for one in view.why} & {"namespace-metadata", "out-of-sync"} == {"namespace-metadata"}
    assert all(one.sync is not SyncStatus.OUT_OF_SYNC for one in view.resources)
    running.ended("shop", running.execute(running.plan("shop")))
    running.until("shop", lambda view: view.sync is SyncStatus.SYNCED)
    labels = site.target.ok("GET", f"/api/v1/namespaces/{site.namespace}")["metadata"]["labels"]
    assert labels["team"] == "other"


@pytest.mark.parametrize("option", ["Delete=false", "Delete=confirm"])
def test_delete(site: Site, option: str) -> None:
    """At the application's own end: left, or asked for first; for all objects or for those that say so."""
    found = Options(site, option, in_cluster=True)
    site.apps_are_objects = True
    found.has(lambda level: [config_map(f"{level}-a")])
    found.running.engine.stop()
    running = site.engine(from_cluster=True, reconcile=True)
    for level in LEVELS:
        running.ended(level, running.execute(running.plan(level)))
        site.patch(level, {"metadata": {"finalizers": ["resources-finalizer.argocd.argoproj.io/background"]}})
        running.until(level, lambda view: bool(view.app.finalizers))
        site.target.ok("DELETE", f"/apis/argoproj.io/v1alpha1/namespaces/{{ns}}/applications/{level}")
        if option == "Delete=confirm" and level != "plain":
            running.until(level, lambda view: any(one.code.value == "deletion-unconfirmed" for one in view.why))
            assert site.data(f"{level}-a") is not None
            since = site.object(level)["metadata"]["deletionTimestamp"]
            site.patch(level, {"metadata": {"annotations": {APPROVED: since}}})
        eventually(lambda level=level: running.engine.snapshot().find(running.key(level)) is None)
        is_left = option == "Delete=false" and level != "plain"
        assert (site.data(f"{level}-a") is not None) is is_left, level


def test_unknown_options_are_nobodys_business(site: Site) -> None:
    found = Options(site, "Nonsense=true")
    found.has(lambda level: [config_map(f"{level}-a")])
    for level in LEVELS:
        assert found.sync(level).phase is SUCCEEDED
        assert key_of(config_map(f"{level}-a")).name in found.results(found.running.view(level).operation)
