"""Jobs, network, storage, autoscalers; what is being deleted; versions that no rule understands."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gitops_tui.health.assess import assess
from gitops_tui.model.status import Health, HealthStatus

Object = dict[str, Any]
HEALTHY, DEGRADED, PROGRESSING = HealthStatus.HEALTHY, HealthStatus.DEGRADED, HealthStatus.PROGRESSING
SUSPENDED, UNKNOWN = HealthStatus.SUSPENDED, HealthStatus.UNKNOWN


def made(api_version: str, kind: str, status: Object | None = None, **spec: Any) -> Object:
    obj = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "one", "namespace": "shop"}, "spec": spec}
    return obj if status is None else {**obj, "status": status}


def conditions(*found: tuple[str, str, str]) -> Object:
    """``(type, status, message)``"""
    return {"conditions": [{"type": kind, "status": status, "message": message} for kind, status, message in found]}


JOBS = [
    ("just made", None, Health(PROGRESSING)),
    ("running", {"active": 1}, Health(PROGRESSING)),
    ("complete", conditions(("Complete", "True", "all well")), Health(HEALTHY, "all well")),
    ("failed", conditions(("Failed", "True", "back-off limit")), Health(DEGRADED, "back-off limit")),
    ("failed of any status", conditions(("Failed", "False", "once")), Health(DEGRADED, "once")),
    ("failed beats suspended", conditions(("Suspended", "True", ""), ("Failed", "True", "no")), Health(DEGRADED, "no")),
    ("suspended", conditions(("Suspended", "True", "held")), Health(SUSPENDED)),
    ("resumed: Argo CD's quirk", conditions(("Suspended", "False", "resumed")), Health(HEALTHY, "resumed")),
    ("a condition that says nothing", conditions(("FailureTarget", "True", "x")), Health(PROGRESSING)),
]


@pytest.mark.parametrize(("status", "expected"), [row[1:] for row in JOBS], ids=[row[0] for row in JOBS])
def test_job(status: Object | None, expected: Health) -> None:
    assert assess(made("batch/v1", "Job", status)) == expected


EARLY, LATER = "2026-05-01T10:00:00Z", "2026-05-01T11:00:00Z"
NOT_YET = "CronJob has not been scheduled yet"

CRON_JOBS = [
    ("no controller looked at it", None, Health(PROGRESSING, "Waiting for CronJob")),
    ("never scheduled, as the server gives it back", {}, Health(HEALTHY, NOT_YET)),
    ("never scheduled, with a job by hand", {"active": [{"name": "a"}]}, Health(HEALTHY, NOT_YET)),
    (
        "never successful",
        {"lastScheduleTime": EARLY},
        Health(HEALTHY, "The CronJob never completed successfully; it may not be healthy"),
    ),
    (
        "running",
        {"lastScheduleTime": LATER, "lastSuccessfulTime": EARLY, "active": [{"name": "a"}]},
        Health(HEALTHY, "The job is running; its last execution may not have been successful"),
    ),
    (
        "the last one failed",
        {"lastScheduleTime": LATER, "lastSuccessfulTime": EARLY},
        Health(DEGRADED, "CronJob has not completed its last execution successfully"),
    ),
    (
        "well",
        {"lastScheduleTime": EARLY, "lastSuccessfulTime": LATER},
        Health(HEALTHY, "CronJob has completed its last execution successfully"),
    ),
]


@pytest.mark.parametrize(("status", "expected"), [row[1:] for row in CRON_JOBS], ids=[row[0] for row in CRON_JOBS])
def test_cron_job(status: Object | None, expected: Health) -> None:
    assert assess(made("batch/v1", "CronJob", status)) == expected


def test_a_suspended_cron_job_is_healthy_whatever_its_last_run_did() -> None:
    status = {"lastScheduleTime": LATER, "lastSuccessfulTime": EARLY}
    assert assess(made("batch/v1", "CronJob", status, suspend=True)) == Health(HEALTHY, "CronJob is suspended")
    assert assess(made("batch/v1", "CronJob", status, suspend=False)) != Health(HEALTHY, "CronJob is suspended")


ADDRESS = {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}
NO_ADDRESS = {"loadBalancer": {}}


@pytest.mark.parametrize("status", [None, {}, NO_ADDRESS, {"loadBalancer": {"ingress": []}}])
def test_only_a_load_balancer_waits_for_its_address(status: Object | None) -> None:
    assert assess(made("v1", "Service", status, type="LoadBalancer")) == Health(PROGRESSING)
    assert assess(made("v1", "Service", ADDRESS, type="LoadBalancer")) == Health(HEALTHY)
    for kind in ("ClusterIP", "NodePort", "ExternalName"):
        assert assess(made("v1", "Service", status, type=kind)) == Health(HEALTHY)


@pytest.mark.parametrize("version", ["networking.k8s.io/v1", "networking.k8s.io/v1beta1", "extensions/v1beta1"])
def test_an_ingress_waits_for_its_address(version: str) -> None:
    assert assess(made(version, "Ingress", NO_ADDRESS)) == Health(PROGRESSING)
    assert assess(made(version, "Ingress", ADDRESS)) == Health(HEALTHY)
    named = {"loadBalancer": {"ingress": [{"hostname": "lb.example"}]}}
    assert assess(made(version, "Ingress", named)) == Health(HEALTHY)


@pytest.mark.parametrize(
    ("phase", "expected"),
    [("Bound", HEALTHY), ("Pending", PROGRESSING), ("Lost", DEGRADED), ("", UNKNOWN), ("Other", UNKNOWN)],
)
def test_persistent_volume_claim(phase: str, expected: HealthStatus) -> None:
    assert assess(made("v1", "PersistentVolumeClaim", {"phase": phase})) == Health(expected)


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_api_service(version: str) -> None:
    def judged(status: Object | None) -> Health | None:
        return assess(made(f"apiregistration.k8s.io/{version}", "APIService", status))

    def available(status: str, reason: str) -> Object:
        return {"conditions": [{"type": "Available", "status": status, "reason": reason, "message": "told"}]}

    assert judged(None) == Health(PROGRESSING, "Waiting to be processed")
    assert judged(available("True", "Passed")) == Health(HEALTHY, "Passed: told")
    assert judged(available("False", "ServiceNotFound")) == Health(PROGRESSING, "ServiceNotFound: told")


@pytest.mark.parametrize(
    ("phase", "expected"),
    [
        ("", PROGRESSING),
        ("Pending", PROGRESSING),
        ("Running", PROGRESSING),
        ("Succeeded", HEALTHY),
        ("Failed", DEGRADED),
        ("Error", DEGRADED),
        ("Skipped", UNKNOWN),
    ],
)
def test_workflow(phase: str, expected: HealthStatus) -> None:
    status = {"phase": phase, "message": "told"}
    assert assess(made("argoproj.io/v1alpha1", "Workflow", status)) == Health(expected, "told")


# --- autoscalers -----------------------------------------------------------------------------------------------------


def said(kind: str, status: str, reason: str, message: str) -> Object:
    return {"type": kind, "status": status, "reason": reason, "message": message}


def autoscaler(version: str, *found: Object) -> Object:
    if version != "v1":
        return made(f"autoscaling/{version}", "HorizontalPodAutoscaler", {"conditions": list(found)})
    obj = made("autoscaling/v1", "HorizontalPodAutoscaler", {})
    obj["metadata"]["annotations"] = {"autoscaling.alpha.kubernetes.io/conditions": json.dumps(found)}
    return obj


VERSIONS = pytest.mark.parametrize("version", ["v1", "v2beta1", "v2beta2", "v2"])
ABLE = said("AbleToScale", "True", "ReadyForNewScale", "recommended size matches")
FAILING = [
    ("AbleToScale", "FailedGetScale"),
    ("AbleToScale", "FailedUpdateScale"),
    ("ScalingActive", "FailedGetResourceMetric"),
    ("ScalingActive", "FailedGetObjectMetric"),
    ("ScalingActive", "FailedGetPodsMetric"),
    ("ScalingActive", "FailedGetExternalMetric"),
    ("ScalingActive", "FailedComputeMetricsReplicas"),
    ("ScalingActive", "InvalidSelector"),
]


@VERSIONS
def test_an_autoscaler_that_scales(version: str) -> None:
    assert assess(autoscaler(version, ABLE)) == Health(HEALTHY, "recommended size matches")
    limited = said("ScalingLimited", "True", "TooManyReplicas", "at the maximum")
    assert assess(autoscaler(version, limited)) == Health(HEALTHY, "at the maximum")


@VERSIONS
def test_an_autoscaler_that_did_not_begin(version: str) -> None:
    waiting = Health(PROGRESSING, "Waiting to Autoscale")
    assert assess(autoscaler(version)) == waiting
    assert assess(autoscaler(version, said("ScalingActive", "True", "ValidMetricFound", ""))) == waiting
    assert assess(autoscaler(version, said("AbleToScale", "False", "BackoffBoth", ""))) == waiting


@VERSIONS
@pytest.mark.parametrize(("kind", "reason"), FAILING)
def test_the_first_condition_that_says_something_decides(version: str, kind: str, reason: str) -> None:
    broken = said(kind, "False", reason, "no metrics")
    assert assess(autoscaler(version, broken, ABLE)) == Health(DEGRADED, "no metrics")
    assert assess(autoscaler(version, ABLE, broken)) == Health(HEALTHY, "recommended size matches")


@pytest.mark.parametrize("text", ["{", "", "{}", '"AbleToScale"', '["AbleToScale"]'])
def test_conditions_of_an_old_autoscaler_that_cannot_be_read(text: str) -> None:
    obj = autoscaler("v1")
    assert assess({**obj, "metadata": {"name": "one"}}) == Health(PROGRESSING, "Waiting to Autoscale")
    obj["metadata"]["annotations"] = {"autoscaling.alpha.kubernetes.io/conditions": text}
    found = assess(obj)
    assert found is not None
    assert found.status is UNKNOWN
    assert found.message.startswith("failed to convert conditions annotation to typed: ")


# --- whatever the kind -----------------------------------------------------------------------------------------------


def deleted(obj: Object, *finalizers: str) -> Object:
    metadata = {**obj["metadata"], "deletionTimestamp": EARLY, "finalizers": list(finalizers)}
    return {**obj, "metadata": metadata}


@pytest.mark.parametrize(
    "obj",
    [
        made("v1", "ConfigMap"),
        made("v1", "Service", type="ClusterIP"),
        made("batch/v1", "Job", conditions(("Failed", "True", "no"))),
        made("apps/v1beta1", "Deployment"),
    ],
    ids=lambda obj: obj["kind"],
)
def test_what_is_being_deleted_is_progressing(obj: Object) -> None:
    pending = Health(PROGRESSING, "Pending deletion")
    assert assess(deleted(obj)) == pending
    assert assess(deleted(obj, "foregroundDeletion")) == pending


def test_a_hook_that_waits_for_us_is_judged_by_what_it_did() -> None:
    keep = ("foregroundDeletion", "argocd.argoproj.io/hook-finalizer")
    failed = made("batch/v1", "Job", conditions(("Failed", "True", "no")))
    assert assess(deleted(failed, *keep)) == Health(DEGRADED, "no")
    assert assess(deleted(made("v1", "ConfigMap"), *keep)) is None


@pytest.mark.parametrize(
    ("version", "kind", "words"),
    [
        ("apps/v1beta1", "Deployment", "unsupported Deployment GVK: apps/v1beta1, Kind=Deployment"),
        ("apps/v1beta2", "StatefulSet", "unsupported StatefulSet GVK: apps/v1beta2, Kind=StatefulSet"),
        ("batch/v2", "Job", "unsupported Job GVK: batch/v2, Kind=Job"),
        (
            "autoscaling/v3",
            "HorizontalPodAutoscaler",
            "unsupported HorizontalPodAutoscaler GVK: autoscaling/v3, Kind=HorizontalPodAutoscaler",
        ),
        ("v2", "Service", "unsupported Service GVK: /v2, Kind=Service"),
    ],
)
def test_a_version_that_no_rule_understands_is_unknown_and_says_so(version: str, kind: str, words: str) -> None:
    assert assess(made(version, kind)) == Health(UNKNOWN, words)


@pytest.mark.parametrize(
    "obj",
    [
        made("v1", "ConfigMap"),
        made("rbac.authorization.k8s.io/v1", "Role"),
        made("example.com/v1", "Deployment"),
        made("argoproj.io/v1alpha1", "Application", {"health": {"status": "Degraded"}}),
        {},
    ],
    ids=lambda obj: obj.get("kind", "nothing"),
)
def test_a_kind_without_a_rule_has_no_health(obj: Object) -> None:
    assert assess(obj) is None


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"])
@pytest.mark.parametrize("broken", [{"status": None}, {"status": "x"}, {"spec": None}, {"metadata": None}])
def test_what_makes_no_sense_does_not_stop_the_judgement(kind: str, broken: Object) -> None:
    found = assess({**made("apps/v1", kind, {}), **broken})
    assert found is not None
