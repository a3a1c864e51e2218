"""The order of tasks: phase, wave, kind, name; then dependencies move up (Argo CD ``sync_tasks.go``).

Our order is total: where Argo CD leaves ties to an unstable sort, ours goes on by group, namespace and input order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from msgspec.structs import replace

from gitops_tui.model.resource import Object
from gitops_tui.model.status import SyncPhase
from gitops_tui.sync.options import is_pruned_last
from gitops_tui.sync.tasks import CRD, NAMESPACE, SyncTask

PHASE_ORDER = {
    SyncPhase.PRE_SYNC: -1,
    SyncPhase.SYNC: 0,
    SyncPhase.POST_SYNC: 1,
    SyncPhase.SYNC_FAIL: 2,
    SyncPhase.PRE_DELETE: 0,
    SyncPhase.POST_DELETE: 0,
}

KINDS = (
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
)
"""Kinds that come first, in this order; every other kind comes after them."""

_KIND_ORDER = {kind: number for number, kind in enumerate(KINDS)}

Name = Callable[[SyncTask], str | None]
"""Names the dependency that a task is (or needs); None where it is none (or needs none)."""


def sort_tasks(tasks: Iterable[SyncTask]) -> tuple[SyncTask, ...]:
    """Sorted, with Namespaces before what lives in them and CRDs before their custom resources."""
    ordered = sorted(tasks, key=_rank)
    ordered = _move_up(ordered, is_dependency=_namespace_made, needs=_namespace_needed)
    return tuple(_move_up(ordered, is_dependency=_kind_made, needs=_kind_needed))


def _rank(task: SyncTask) -> tuple[int, int, int, str, str, str]:
    key = task.key
    kind = _KIND_ORDER.get(key.kind, len(KINDS))
    return PHASE_ORDER[task.phase], task.wave, kind, key.name, key.group, key.namespace


def _move_up(tasks: Sequence[SyncTask], *, is_dependency: Name, needs: Name) -> list[SyncTask]:
    """Put each dependency before the first task that needs it; it takes that task's phase and wave."""
    ordered: list[SyncTask] = []
    for task in tasks:
        made = is_dependency(task) if task.target is not None else None
        first = _first_that_needs(ordered, made, is_dependency, needs)
        if first is None:
            ordered.append(task)
        else:
            ahead = ordered[first]
            ordered.insert(first, replace(task, phase=ahead.phase, wave=ahead.wave))
    return ordered


def _first_that_needs(ordered: Sequence[SyncTask], made: str | None, is_dependency: Name, needs: Name) -> int | None:
    if made is None:
        return None
    for number, task in enumerate(ordered):
        if task.target is not None and is_dependency(task) is None and needs(task) == made:
            return number
    return None


def _namespace_made(task: SyncTask) -> str | None:
    return task.key.name if task.key.group_kind == NAMESPACE else None


def _namespace_needed(task: SyncTask) -> str | None:
    return task.key.namespace or None


def _kind_made(task: SyncTask) -> str | None:
    return kind_of_crd(task.obj) if task.key.group_kind == CRD else None


def _kind_needed(task: SyncTask) -> str | None:
    return f"{task.key.group}/{task.key.kind}"


def kind_of_crd(crd: Object) -> str | None:
    """``group/Kind`` that a CustomResourceDefinition serves, or None where it does not say."""
    spec = crd.get("spec")
    names = spec.get("names") if isinstance(spec, dict) else None
    kind = names.get("kind") if isinstance(names, dict) else None
    group = spec.get("group") if isinstance(spec, dict) else None
    return f"{group}/{kind}" if isinstance(group, str) and isinstance(kind, str) else None


# --- waves of what is pruned -----------------------------------------------------------------------------------------


def reorder_prune_waves(tasks: Sequence[SyncTask], *, prune_last: bool) -> tuple[SyncTask, ...]:
    """Prune in the reverse of creation: waves of prune tasks swapped end for end, and ``PruneLast`` after all.

    Only waves that hold prune tasks take part in the swap. ``PruneLast`` comes one wave after the last wave of the
    Sync phase, which is at least wave 0; swapped prune waves count.
    """
    waves = sorted({task.wave for task in tasks if task.is_prune})
    swapped = dict(zip(waves, reversed(waves), strict=True))
    moved = [replace(task, wave=swapped[task.wave]) if task.is_prune else task for task in tasks]
    last = max((task.wave for task in moved if task.phase is SyncPhase.SYNC), default=0)
    after = max(last, 0) + 1
    return tuple(
        replace(task, wave=after) if task.is_prune and is_pruned_last(task.live, prune_last) else task for task in moved
    )
