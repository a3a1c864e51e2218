"""The health of one live object by the built-in rules (semantics 1.11)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gitops_tui.health import batch, network, scaling, storage, workloads
from gitops_tui.health.verdict import progressing, unknown
from gitops_tui.model.annotations import HOOK_FINALIZER
from gitops_tui.model.resource import GroupKind, Object, metadata_of, split_api_version
from gitops_tui.model.status import Health

Rule = Callable[[Object], Health]

RULES: Mapping[GroupKind, tuple[Rule, tuple[str, ...]]] = {
    GroupKind("apps", "Deployment"): (workloads.deployment, ("v1",)),
    GroupKind("apps", "StatefulSet"): (workloads.stateful_set, ("v1",)),
    GroupKind("apps", "DaemonSet"): (workloads.daemon_set, ("v1",)),
    GroupKind("apps", "ReplicaSet"): (workloads.replica_set, ("v1",)),
    GroupKind("", "Pod"): (workloads.pod, ("v1",)),
    GroupKind("", "Service"): (network.service, ("v1",)),
    GroupKind("", "PersistentVolumeClaim"): (storage.persistent_volume_claim, ("v1",)),
    GroupKind("batch", "Job"): (batch.job, ("v1",)),
    GroupKind("batch", "CronJob"): (batch.cron_job, ()),
    GroupKind("networking.k8s.io", "Ingress"): (network.ingress, ()),
    GroupKind("extensions", "Ingress"): (network.ingress, ()),
    GroupKind("apiregistration.k8s.io", "APIService"): (network.api_service, ("v1", "v1beta1")),
    GroupKind("argoproj.io", "Workflow"): (batch.workflow, ()),
    GroupKind("autoscaling", "HorizontalPodAutoscaler"): (
        scaling.horizontal_pod_autoscaler,
        ("v1", "v2beta1", "v2beta2", "v2"),
    ),
}
"""The rule of a kind and the versions that it understands (empty: every one)."""


def assess(obj: Object) -> Health | None:
    """The health of a live object by the built-in rules, or None where its kind has none."""
    return pending_deletion(obj) or built_in(obj)


def pending_deletion(obj: Object) -> Health | None:
    """An object that is being deleted is Progressing whatever its kind, unless a hook finalizer keeps it: a hook
    that was deleted while we wait for it is still judged by what it did.
    """
    if metadata_of(obj).get("deletionTimestamp") and HOOK_FINALIZER not in (metadata_of(obj).get("finalizers") or ()):
        return progressing("Pending deletion")
    return None


def built_in(obj: Object) -> Health | None:
    """The rule of the kind, and nothing else."""
    group, version = split_api_version(str(obj.get("apiVersion") or ""))
    kind = str(obj.get("kind") or "")
    found = RULES.get(GroupKind(group, kind))
    if found is None:
        return None
    rule, versions = found
    if versions and version not in versions:
        return unknown(f"unsupported {kind} GVK: {group}/{version}, Kind={kind}")
    return rule(obj)
