"""``argocd-cm`` beside the Applications: what it says counts at once, without a restart."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from gitops_tui.errors import IgnoreRuleError
from gitops_tui.model.operation import Condition
from gitops_tui.model.snapshot import AppView
from gitops_tui.model.status import SyncStatus
from tests.contract.engine.objects import config_map, deployment, secret
from tests.contract.engine.site import PATIENCE_S, Running, Site, key
from tests.contract.target import eventually

REPLICAS = "resource.customizations.ignoreDifferences.apps_Deployment"


def say(site: Site, **data: object) -> None:
    """Somebody writes ``argocd-cm``; ``__`` stands for a dot."""
    texts = {name.replace("__", "."): one if isinstance(one, str) else json.dumps(one) for name, one in data.items()}
    labels = {"app.kubernetes.io/part-of": "argocd"}
    metadata = {"name": "argocd-cm", "namespace": site.namespace, "labels": labels}
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": texts}
    path = site.path("configmaps")
    if site.target.call("POST", path, body).code == 409:
        site.target.ok("PUT", f"{path}/argocd-cm", body)


def conditions(view: AppView, kind: str) -> list[Condition]:
    return [one for one in view.conditions if one.type == kind]


def synced(site: Site, *objects: dict[str, object]) -> Running:
    site.commit("begin", {"apps/auth/all.json": list(objects)})
    site.application("auth")
    running = site.engine()
    running.sync("auth")
    return running


def test_a_rule_of_the_system_hides_a_difference_and_gives_it_back(site: Site) -> None:
    running = synced(site, deployment("auth"))
    site.target.kubectl("scale", "deployment/auth", "--replicas=5")
    running.until("auth", lambda view: view.sync is SyncStatus.OUT_OF_SYNC)
    say(site, **{REPLICAS: "jsonPointers: [/spec/replicas]"})
    running.until("auth", lambda view: view.sync is SyncStatus.SYNCED)
    say(site)
    running.until("auth", lambda view: view.sync is SyncStatus.OUT_OF_SYNC)


def test_excluded_kinds_are_neither_watched_nor_compared_and_a_warning_says_so(site: Site) -> None:
    running = synced(site, config_map("settings", a="1"), secret("token", value="x"))
    cache = running.engine._clusters.home.cache
    assert cache.get(key("Secret", site.namespace, "token")) is not None
    say(site, resource__exclusions=[{"apiGroups": [""], "kinds": ["Secret"]}])
    view = running.until("auth", lambda view: conditions(view, "ExcludedResourceWarning"))
    assert [one.message for one in conditions(view, "ExcludedResourceWarning")] == [
        "Resource /Secret token is excluded in the settings"
    ]
    assert [one.key.kind for one in view.resources] == ["ConfigMap"]
    assert cache.get(key("Secret", site.namespace, "token")) is None
    assert cache.state("", "Secret").word == "unknown"
    say(site)
    running.until("auth", lambda view: {one.key.kind for one in view.resources} == {"ConfigMap", "Secret"})
    eventually(lambda: cache.get(key("Secret", site.namespace, "token")), PATIENCE_S)
    running.until("auth", lambda view: view.sync is SyncStatus.SYNCED)


def test_an_exclusion_that_is_there_from_the_beginning_opens_no_watch(site: Site) -> None:
    say(site, resource__exclusions=[{"kinds": ["Secret"]}])
    site.commit("begin", {"apps/auth/all.json": [config_map("settings", a="1")]})
    site.application("auth")
    running = site.engine()
    assert running.engine._clusters.home.cache.state("", "Secret").word == "unknown"


def test_another_tracking_method_is_taken_at_once(site: Site) -> None:
    running = synced(site, config_map("settings", a="1"))
    say(site, application__resourceTrackingMethod="annotation+label", application__instanceLabelKey="team/app")
    running.until("auth", lambda view: view.sync is SyncStatus.OUT_OF_SYNC)
    running.sync("auth")
    found = site.target.ok("GET", site.path("configmaps", "settings"))["metadata"]
    assert found["labels"]["team/app"].endswith("auth")
    assert "argocd.argoproj.io/tracking-id" in found["annotations"]


def test_a_wrong_value_is_told_and_nothing_else_is_lost(site: Site) -> None:
    running = synced(site, deployment("auth"))
    say(site, resource__exclusions="kinds: [", **{REPLICAS: "jsonPointers: [/spec/replicas]"})
    site.target.kubectl("scale", "deployment/auth", "--replicas=5")
    where = f"{site.namespace}/argocd-cm: resource.exclusions"
    eventually(lambda: where in [one.where for one in running.engine.snapshot().problems], PATIENCE_S)
    running.refreshed("auth")
    running.until("auth", lambda view: view.sync is SyncStatus.SYNCED)


def test_sensitive_annotations_are_masked_on_every_side(site: Site) -> None:
    one = secret("token", value="x")
    one["metadata"]["annotations"] = {"vault/token": "swordfish"}
    running = synced(site, one)
    say(site, resource__sensitive__mask__annotations="vault/token")
    site.target.kubectl("annotate", "secret/token", "vault/token=barracuda", "--overwrite")
    running.until("auth", lambda view: view.sync is SyncStatus.OUT_OF_SYNC)
    eventually(lambda: running.engine._system.settings.sensitive_annotations, PATIENCE_S)
    view = running.refreshed("auth")
    sides = [*running.engine.manifests(view.key), *running.engine.manifests(view.key, source="live")]
    details = [*running.engine.differences(view.key), running.engine.detail(view.key, view.resources[0].key).result(30)]
    shown = repr([view.resources, sides, details])
    assert "vault/token" in shown
    assert "barracuda" not in shown and "swordfish" not in shown


def test_an_expression_that_nobody_can_read_fails_the_comparison(site: Site) -> None:
    running = synced(site, deployment("auth"))
    say(site, **{REPLICAS: "jqPathExpressions: ['.spec[']"})
    view = running.until("auth", lambda view: conditions(view, "ComparisonError"))
    assert view.sync is SyncStatus.UNKNOWN
    assert ".spec[" in conditions(view, "ComparisonError")[0].message
    assert [one.sync for one in view.resources] == [SyncStatus.UNKNOWN], "what there is is told, as in Argo CD"
    assert view.revision and not view.is_unread
    with pytest.raises(IgnoreRuleError):
        running.engine.plan_heal(view.key).result(30)
    say(site)
    running.until("auth", lambda view: view.sync is SyncStatus.SYNCED and not view.conditions)


def test_an_expression_that_never_ends_is_told_and_the_object_is_compared_without_it(site: Site) -> None:
    running = synced(site, deployment("auth"))
    site.target.kubectl("scale", "deployment/auth", "--replicas=5")
    say(site, **{REPLICAS: "jqPathExpressions: ['until(true == false; [.] + [1])']"})
    view = running.until("auth", lambda view: conditions(view, "IgnoreDifferencesWarning"))
    assert view.sync is SyncStatus.OUT_OF_SYNC
    message = conditions(view, "IgnoreDifferencesWarning")[0].message
    assert "until(true == false" in message and "Deployment/auth" in message


def test_a_move_from_labels_to_annotations_is_no_difference(site: Site) -> None:
    say(site, application__resourceTrackingMethod="label", application__instanceLabelKey="team/app")
    site.commit("begin", {"apps/auth/all.json": [config_map("settings", a="1")]})
    # A name of its own: objects of other tests, in namespaces that are still going, wear the label of their "auth".
    site.application("moved", path="apps/auth")
    running = site.engine(settings=replace(site.settings(), installation_id=""))
    running.sync("moved")
    labels = site.target.ok("GET", site.path("configmaps", "settings"))["metadata"]["labels"]
    assert labels == {"team/app": "moved"}
    say(site, application__instanceLabelKey="team/app")
    eventually(lambda: running.engine._system.settings.tracking_method == "annotation", PATIENCE_S)
    view = running.refreshed("moved")
    assert view.sync is SyncStatus.SYNCED, view.resources
    site.target.kubectl("label", "configmap/settings", "team/app-")
    running.until("moved", lambda view: view.sync is SyncStatus.OUT_OF_SYNC)
