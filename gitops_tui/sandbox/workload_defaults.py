"""What a kube-apiserver fills in where a workload, or its claim, leaves a field out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gitops_tui.model.resource import Object, labels_of
from gitops_tui.sandbox.amounts import normalize_requirements
from gitops_tui.sandbox.pod_defaults import default_pod_spec

Defaulter = Callable[[Object], None]


def spec_of(obj: Object) -> Object:
    if obj.get("spec") is None:
        obj["spec"] = {}
    found: Object = obj["spec"]
    return found


def _template(spec: Object) -> None:
    template = spec.setdefault("template", {})
    template.setdefault("metadata", {})
    default_pod_spec(template.setdefault("spec", {}))


def _deployment(obj: Object) -> None:
    spec = spec_of(obj)
    spec.setdefault("replicas", 1)
    spec.setdefault("revisionHistoryLimit", 10)
    spec.setdefault("progressDeadlineSeconds", 600)
    strategy = spec.setdefault("strategy", {})
    strategy.setdefault("type", "RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        rolling = child_of(strategy, "rollingUpdate")
        rolling.setdefault("maxUnavailable", "25%")
        rolling.setdefault("maxSurge", "25%")
    _template(spec)


def child_of(parent: Object, name: str) -> Object:
    if parent.get(name) is None:
        parent[name] = {}
    found: Object = parent[name]
    return found


def _replica_set(obj: Object) -> None:
    spec = spec_of(obj)
    spec.setdefault("replicas", 1)
    _template(spec)
    obj.setdefault("status", {}).setdefault("replicas", 0)


def _replication_controller(obj: Object) -> None:
    _replica_set(obj)
    labels = labels_of(obj["spec"]["template"])
    obj["spec"].setdefault("selector", dict(labels))
    if labels:
        obj["metadata"].setdefault("labels", dict(labels))


def _stateful_set(obj: Object) -> None:
    spec = spec_of(obj)
    spec.setdefault("replicas", 1)
    spec.setdefault("podManagementPolicy", "OrderedReady")
    spec.setdefault("revisionHistoryLimit", 10)
    strategy = spec.setdefault("updateStrategy", {})
    strategy.setdefault("type", "RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        rolling = child_of(strategy, "rollingUpdate")
        rolling.setdefault("partition", 0)
        rolling.setdefault("maxUnavailable", 1)
    retention = spec.setdefault("persistentVolumeClaimRetentionPolicy", {})
    retention.setdefault("whenDeleted", "Retain")
    retention.setdefault("whenScaled", "Retain")
    for claim in spec.get("volumeClaimTemplates") or ():
        claim.update(kind="PersistentVolumeClaim", apiVersion="v1")
        default_claim(claim)
    _template(spec)
    status = obj.setdefault("status", {})
    status.setdefault("replicas", 0)
    status.setdefault("availableReplicas", 0)


def _daemon_set(obj: Object) -> None:
    spec = spec_of(obj)
    strategy = spec.setdefault("updateStrategy", {})
    strategy.setdefault("type", "RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        rolling = child_of(strategy, "rollingUpdate")
        rolling.setdefault("maxUnavailable", 1)
        rolling.setdefault("maxSurge", 0)
    spec.setdefault("revisionHistoryLimit", 10)
    _template(spec)
    status = obj.setdefault("status", {})
    for count in ("currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady"):
        status.setdefault(count, 0)


def _job(obj: Object) -> None:
    _job_spec(spec_of(obj), is_template=False)


def _job_spec(spec: Object, *, is_template: bool) -> None:
    _template(spec)
    if is_template:
        return
    if spec.get("completions") is None and spec.get("parallelism") is None:
        spec["completions"] = 1
    spec.setdefault("parallelism", 1)
    spec.setdefault("backoffLimit", 6)
    spec.setdefault("completionMode", "NonIndexed")
    spec.setdefault("suspend", False)
    spec.setdefault("manualSelector", False)
    policy = "Failed" if spec.get("podFailurePolicy") else "TerminatingOrFailed"
    spec.setdefault("podReplacementPolicy", policy)


def _cron_job(obj: Object) -> None:
    spec = spec_of(obj)
    spec.setdefault("concurrencyPolicy", "Allow")
    spec.setdefault("suspend", False)
    spec.setdefault("successfulJobsHistoryLimit", 3)
    spec.setdefault("failedJobsHistoryLimit", 1)
    template = spec.setdefault("jobTemplate", {})
    template.setdefault("metadata", {})
    _job_spec(child_of(template, "spec"), is_template=True)


def default_claim(obj: Object) -> None:
    spec = spec_of(obj)
    normalize_requirements(spec.get("resources"))
    spec.setdefault("volumeMode", "Filesystem")
    obj.setdefault("status", {}).setdefault("phase", "Pending")


WORKLOADS: Mapping[str, Defaulter] = {
    "persistentvolumeclaims": default_claim,
    "replicationcontrollers": _replication_controller,
    "deployments.apps": _deployment,
    "replicasets.apps": _replica_set,
    "statefulsets.apps": _stateful_set,
    "daemonsets.apps": _daemon_set,
    "jobs.batch": _job,
    "cronjobs.batch": _cron_job,
}
"""With the claims, which StatefulSets make of their templates."""
