"""The built-in actions: which there are now, and the patch that each makes."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest

from gitops_tui.actions.builtin import find, kind_of, offered, performed
from gitops_tui.actions.patch import merge_patch_between
from gitops_tui.errors import ActionError
from gitops_tui.model.action import ImpactedBy
from gitops_tui.model.resource import Object
from gitops_tui.structured.mergepatch import merge_patch

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
AT = "2026-03-04T05:06:07Z"


def made(api_version: str, kind: str, spec: Any = None, status: Any = None) -> Object:
    obj = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "one", "namespace": "here", "uid": "u"}}
    return {**obj, "spec": spec or {}, **({} if status is None else {"status": status})}


def deployment(**spec: Any) -> Object:
    return made("apps/v1", "Deployment", {"replicas": 3, "template": {"metadata": {"labels": {"a": "b"}}}, **spec})


def patch_of(obj: Object, name: str, **parameters: str) -> Object:
    action = find(kind_of(obj), name)
    assert action is not None
    before = copy.deepcopy(obj)
    (impacted,) = performed(obj, action, parameters, NOW)
    assert obj == before, "the live object is left alone"
    assert impacted.operation is ImpactedBy.PATCH
    patch = merge_patch_between(obj, impacted.obj)
    assert merge_patch(obj, patch) == impacted.obj
    return patch


RESTARTED = {"spec": {"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": AT}}}}}
JOB = {"suspend": False}
PAUSED_ROLLOUT = {"pauseConditions": [{"reason": "CanaryPauseStep"}], "currentPodHash": "b", "stableRS": "a"}


@pytest.mark.parametrize(
    ("obj", "name", "parameters", "patch"),
    [
        (deployment(), "restart", {}, RESTARTED),
        (made("apps/v1", "StatefulSet"), "restart", {}, RESTARTED),
        (made("apps/v1", "DaemonSet"), "restart", {}, RESTARTED),
        (deployment(), "scale", {"replicas": "5"}, {"spec": {"replicas": 5}}),
        (deployment(), "scale", {"replicas": "0"}, {"spec": {"replicas": 0}}),
        (deployment(), "scale", {"replicas": "3"}, {}),
        (made("apps/v1", "StatefulSet", {"replicas": 1}), "scale", {"replicas": "2"}, {"spec": {"replicas": 2}}),
        (made("apps/v1", "ReplicaSet", {"replicas": 1}), "scale", {"replicas": "2"}, {"spec": {"replicas": 2}}),
        (deployment(), "pause", {}, {"spec": {"paused": True}}),
        (deployment(paused=True), "resume", {}, {"spec": {"paused": False}}),
        (made("batch/v1", "CronJob"), "suspend", {}, {"spec": {"suspend": True}}),
        (made("batch/v1", "CronJob", {"suspend": True}), "resume", {}, {"spec": {"suspend": False}}),
        (made("batch/v1", "Job", JOB), "suspend", {}, {"spec": {"suspend": True}}),
        (made("batch/v1", "Job", {"suspend": True}), "resume", {}, {"spec": {"suspend": False}}),
        (made("argoproj.io/v1alpha1", "Rollout"), "restart", {}, {"spec": {"restartAt": AT}}),
        (made("argoproj.io/v1alpha1", "Rollout"), "pause", {}, {"spec": {"paused": True}}),
        (
            made("argoproj.io/v1alpha1", "Rollout", {"paused": True}, PAUSED_ROLLOUT),
            "resume",
            {},
            {"spec": {"paused": False}, "status": {"pauseConditions": None}},
        ),
        (made("argoproj.io/v1alpha1", "Rollout", {}, PAUSED_ROLLOUT), "abort", {}, {"status": {"abort": True}}),
        (made("argoproj.io/v1alpha1", "Rollout", {}, {"abort": True}), "retry", {}, {"status": {"abort": False}}),
        (
            made("argoproj.io/v1alpha1", "Rollout", {}, PAUSED_ROLLOUT),
            "promote-full",
            {},
            {"status": {"promoteFull": True}},
        ),
    ],
)
def test_the_patch_of_an_action(obj: Object, name: str, parameters: dict[str, str], patch: Object) -> None:
    assert patch_of(obj, name, **parameters) == patch


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"enabled": True}),
        ({"syncPolicy": {}}, {"enabled": True}),
        ({"syncPolicy": {"automated": {}}}, {"enabled": False}),
        ({"syncPolicy": {"automated": {"prune": True}}}, {"prune": True, "enabled": False}),
        ({"syncPolicy": {"automated": {"prune": True, "enabled": False}}}, {"prune": True, "enabled": True}),
        ({"syncPolicy": {"automated": {"enabled": True}}}, {"enabled": False}),
    ],
)
def test_automated_sync_is_toggled_and_its_settings_stay(before: Object, after: Object) -> None:
    obj = made("argoproj.io/v1alpha1", "Application", before)
    patched = merge_patch(obj, patch_of(obj, "toggle-auto-sync"))
    assert patched["spec"]["syncPolicy"]["automated"] == after
    (action,) = offered(obj)
    assert action.label == ("Enable Auto-Sync" if after["enabled"] else "Disable Auto-Sync")


def test_a_job_of_a_cron_job_is_as_its_template_says() -> None:
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"template": {"spec": {"nodeSelector": {}}}}}
    obj = {**made("batch/v1", "CronJob", {"jobTemplate": template})}
    obj["metadata"]["name"] = "x" * 52
    action = find(kind_of(obj), "create-job")
    assert action is not None
    (impacted,) = performed(obj, action, {}, NOW)
    assert impacted.operation is ImpactedBy.CREATE
    metadata = impacted.obj["metadata"]
    assert metadata["name"] == "x" * 48 + "-20260304050607" and len(metadata["name"]) == 63
    assert metadata["namespace"] == "here" and metadata["labels"] == {"a": "b"}
    owner = {"apiVersion": "batch/v1", "kind": "CronJob", "name": "x" * 52, "uid": "u"}
    assert metadata["ownerReferences"] == [owner]
    assert impacted.obj["spec"] == template["spec"] and impacted.obj["spec"] is not template["spec"]


def test_a_terminated_job_fails_by_its_own_controller() -> None:
    obj = made("batch/v1", "Job", {}, {"active": 1, "conditions": [{"type": "Suspended", "status": "False"}]})
    (kept, added) = patch_of(obj, "terminate")["status"]["conditions"]
    assert kept["type"] == "Suspended"
    assert (added["type"], added["status"], added["lastTransitionTime"]) == ("FailureTarget", "True", AT)


def names(obj: Object) -> dict[str, bool]:
    return {action.name: action.disabled for action in offered(obj)}


ENDED = {"conditions": [{"type": "Complete", "status": "True"}]}
ROLLOUT_NAMES = ("restart", "pause", "resume", "abort", "retry", "promote-full")


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        (deployment(), {"restart": False, "pause": False, "resume": True, "scale": False}),
        (deployment(paused=True), {"restart": False, "pause": True, "resume": False, "scale": False}),
        (made("apps/v1", "StatefulSet"), {"restart": False, "scale": False}),
        (made("apps/v1", "DaemonSet"), {"restart": False}),
        (made("apps/v1", "ReplicaSet"), {"scale": False}),
        (made("batch/v1", "CronJob"), {"create-job": False, "suspend": False}),
        (made("batch/v1", "CronJob", {"suspend": True}), {"create-job": False, "resume": False}),
        (made("batch/v1", "Job"), {"suspend": False}),
        (made("batch/v1", "Job", {}, {"active": 1}), {"suspend": False, "terminate": False}),
        (made("batch/v1", "Job", {"suspend": True}, {}), {"resume": False, "terminate": False}),
        (made("batch/v1", "Job", {}, ENDED), {}),
        (made("batch/v1", "Job", {"suspend": True}, {"conditions": [{"type": "FailureTarget", "status": "True"}]}), {}),
        (
            made("argoproj.io/v1alpha1", "Rollout", {}, PAUSED_ROLLOUT),
            dict(zip(ROLLOUT_NAMES, (False, True, False, False, True, False), strict=True)),
        ),
        (
            made("argoproj.io/v1alpha1", "Rollout", {}, {"currentPodHash": "a", "stableRS": "a"}),
            dict(zip(ROLLOUT_NAMES, (False, False, True, True, True, True), strict=True)),
        ),
        (made("v1", "Pod"), {}),
        (made("example.com/v1", "Deployment"), {}),
    ],
)
def test_what_is_offered_now(obj: Object, expected: dict[str, bool]) -> None:
    assert names(obj) == expected
    assert all(bool(action.reason) is action.disabled for action in offered(obj))


@pytest.mark.parametrize(
    ("obj", "name"),
    [
        (deployment(paused=True), "pause"),
        (deployment(), "resume"),
        (made("batch/v1", "CronJob", {"suspend": True}), "suspend"),
        (made("batch/v1", "Job", {}, ENDED), "terminate"),
    ],
)
def test_what_makes_no_sense_now_changes_nothing(obj: Object, name: str) -> None:
    action = find(kind_of(obj), name)
    assert action is not None
    assert performed(obj, action, {}, NOW) == ()


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({}, "replicas is missing"),
        ({"replicas": ""}, "replicas is missing"),
        ({"replicas": "-1"}, "whole number"),
        ({"replicas": "1.5"}, "whole number"),
        ({"replicas": "²"}, "whole number"),
        ({"replicas": "9999999999"}, "whole number"),
        ({"replicas": "1", "size": "2"}, "no parameter 'size'"),
    ],
)
def test_wrong_parameters_are_named(parameters: dict[str, str], words: str) -> None:
    action = find(kind_of(deployment()), "scale")
    assert action is not None
    with pytest.raises(ActionError, match=words):
        performed(deployment(), action, parameters, NOW)


def test_scaling_proposes_what_there_is() -> None:
    scale = next(one for one in offered(deployment()) if one.name == "scale")
    assert [(one.name, one.default) for one in scale.parameters] == [("replicas", "3")]
