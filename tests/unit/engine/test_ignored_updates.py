"""Which changes wake no comparison."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from gitops_tui.cluster.cache import Change
from gitops_tui.config import Settings
from gitops_tui.diff import jqrule
from gitops_tui.engine.ignored_updates import IgnoredUpdates
from gitops_tui.engine.system import System
from gitops_tui.health.assess import assess
from gitops_tui.model.resource import key_of

KEY = "resource.customizations.ignoreResourceUpdates.apps_Deployment"
OBJECT: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {
        "name": "web",
        "namespace": "shop",
        "resourceVersion": "1",
        "generation": 1,
        "annotations": {"argocd.argoproj.io/tracking-id": "web:apps/Deployment:shop/web"},
    },
    "spec": {"replicas": 1},
    "status": {"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1},
}


def changed(**how: Any) -> dict[str, Any]:
    obj = copy.deepcopy(OBJECT)
    obj["metadata"]["resourceVersion"] = "2"
    for name, value in how.items():
        obj[name] = {**obj[name], **value}
    return obj


def covers(old: Any, new: Any, **data: Any) -> bool:
    rules = {KEY: {"jsonPointers": ["/status", "/metadata/annotations/noise"], "jqPathExpressions": [".spec.replicas"]}}
    system = System(Settings(argocd_cm=data.get("data", rules)), "argocd")
    return IgnoredUpdates(system, assess, jqrule.delete).covers(Change(key_of(new or old), old, new))


NOISE = {"annotations": {**OBJECT["metadata"]["annotations"], "noise": "1"}}
CASES = [
    ("the server's bookkeeping", changed(), True),
    ("an ignored pointer", changed(metadata=NOISE), True),
    ("a field that no rule names", changed(spec={"paused": False}), False),
    ("what the status says beside health", changed(status={"conditions": []}), True),
    ("another health", changed(status={"availableReplicas": 0}), False),
    ("anything else", changed(metadata={"labels": {"a": "b"}}), False),
]


@pytest.mark.parametrize(("what", "new", "is_covered"), CASES, ids=[one[0] for one in CASES])
def test_only_what_is_declared_and_never_another_health(what: str, new: Any, is_covered: bool) -> None:
    assert covers(OBJECT, new) is is_covered


def test_what_comes_or_goes_is_never_ignored() -> None:
    assert not covers(None, OBJECT)
    assert not covers(OBJECT, None)


def test_without_a_rule_for_the_kind_every_change_counts() -> None:
    assert not covers(OBJECT, changed(), data={})
    assert not covers(OBJECT, changed(), data={KEY.replace("Deployment", "ReplicaSet"): {"jsonPointers": ["/status"]}})


def test_it_can_be_switched_off() -> None:
    data = {KEY: {"jsonPointers": ["/status"]}, "resource.ignoreResourceUpdatesEnabled": "false"}
    assert not covers(OBJECT, changed(), data=data)


def test_ignored_differences_count_too_unless_told_otherwise() -> None:
    differences = {KEY.replace("ResourceUpdates", "Differences"): {"jsonPointers": ["/spec/replicas"]}}
    scaled = changed(spec={"replicas": 1})
    assert covers(OBJECT, scaled, data=differences)
    off = {"resource.compareoptions": {"ignoreDifferencesOnResourceUpdates": False}}
    assert not covers(OBJECT, scaled, data={**differences, **off})


def test_what_nobody_tracks_must_ask_for_it() -> None:
    old, new = copy.deepcopy(OBJECT), changed()
    for one in (old, new):
        one["metadata"]["annotations"] = {}
    assert not covers(old, new)
    for one in (old, new):
        one["metadata"]["annotations"] = {"argocd.argoproj.io/ignore-resource-updates": "true"}
    assert covers(old, new)
