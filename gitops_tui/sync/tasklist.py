"""All tasks of an operation, in their order, each as its recorded result says (Argo CD ``getSyncTasks``).

The list is made anew at every step from the targets and what is live, so an operation can be resumed from its results.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from gitops_tui.model.annotations import HOOK_FINALIZER, SYNC_OPTIONS
from gitops_tui.model.operation import ResourceResult
from gitops_tui.model.resource import GroupKind, Object, ResourceKey, key_of, metadata_of
from gitops_tui.model.status import ResultCode, SyncPhase
from gitops_tui.sync.hooks import is_hook, sync_phases
from gitops_tui.sync.options import is_missing_kind_skipped
from gitops_tui.sync.ordering import kind_of_crd, reorder_prune_waves, sort_tasks
from gitops_tui.sync.settings import Observed, SyncSettings, is_selected
from gitops_tui.sync.tasks import CRD, NAMESPACE, SyncTask, TaskId, make_task, with_result

REVISION_LENGTH = 7


class TaskList(Struct, frozen=True):
    """``invalid``: results of tasks that cannot be done at all; the operation fails before anything is applied."""

    tasks: tuple[SyncTask, ...]
    invalid: tuple[SyncTask, ...] = ()


def list_tasks(
    settings: SyncSettings, observed: Observed, results: Mapping[TaskId, ResourceResult], started_at: datetime
) -> TaskList:
    """The tasks of one operation, sorted, with what is recorded of each."""
    tasks = [*_resource_tasks(settings, observed), *_hook_tasks(settings, observed, started_at)]
    tasks += _namespace_task(settings, observed)
    tasks, invalid = _checked(settings, observed, tasks)
    ordered = sort_tasks(reorder_prune_waves(tasks, prune_last=settings.options.prune_last))
    return TaskList(tuple(with_result(task, results.get(task.id)) for task in ordered), invalid)


def _resource_tasks(settings: SyncSettings, observed: Observed) -> Iterable[SyncTask]:
    """One task a managed object; hooks and garbage hooks among them make none."""
    for pair in observed.pairs:
        if settings.resources and not is_selected(pair.key, settings.resources):
            continue
        obj = pair.target if pair.target is not None else pair.live
        if obj is None or is_hook(obj):
            continue
        for phase in sync_phases(obj):
            yield make_task(phase, pair.target, pair.live, settings.namespace)


def _hook_tasks(settings: SyncSettings, observed: Observed, started_at: datetime) -> Iterable[SyncTask]:
    if settings.skip_hooks or settings.resources:
        return
    for obj in observed.hooks:
        for phase in sync_phases(obj):
            target = _guarded(_named(obj, settings.revision, phase, started_at))
            yield _with_live(make_task(phase, target, None, settings.namespace), observed)


def _named(obj: Object, revision: str, phase: SyncPhase, started_at: datetime) -> Object:
    """A ``generateName`` becomes a name that is the same at every step of the operation."""
    metadata = metadata_of(obj)
    if metadata.get("name"):
        return obj
    postfix = f"{revision[:REVISION_LENGTH]}-{phase}-{int(started_at.timestamp())}".lower()
    return {**obj, "metadata": {**metadata, "name": f"{metadata.get('generateName', '')}{postfix}"}}


def _guarded(obj: Object) -> Object:
    """A hook is kept by a finalizer until its end was seen: ``ttlSecondsAfterFinished`` would hide it."""
    metadata = metadata_of(obj)
    finalizers = list(metadata.get("finalizers") or ())
    if HOOK_FINALIZER in finalizers:
        return obj
    return {**obj, "metadata": {**metadata, "finalizers": [*finalizers, HOOK_FINALIZER]}}


def _with_live(task: SyncTask, observed: Observed) -> SyncTask:
    return task if task.target is None else replace(task, live=observed.live(key_of(task.target)) or task.live)


def _namespace_task(settings: SyncSettings, observed: Observed) -> list[SyncTask]:
    """``CreateNamespace``: where the namespace is not there, or its metadata is managed.

    Git's own manifest wins, also where a selective sync leaves it out.
    """
    if not settings.options.create_namespace or not settings.namespace:
        return []
    declared = (*(pair.target for pair in observed.pairs), *observed.hooks)
    if any(_names_namespace(obj, settings.namespace) for obj in declared if obj is not None):
        return []
    live = observed.live(ResourceKey("", "Namespace", "", settings.namespace))
    if live is not None and settings.namespace_metadata is None:
        return []
    target = namespace_object(settings.namespace, settings.namespace_metadata)
    return [make_task(SyncPhase.PRE_SYNC, target, live)]


def namespace_object(name: str, metadata: Mapping[str, Mapping[str, str]] | None) -> Object:
    """The destination namespace as ``CreateNamespace`` makes it; with managed metadata only that is applied."""
    found: Object = {"name": name}
    if metadata is not None:
        found |= {part: dict(metadata.get(part) or {}) for part in ("labels", "annotations") if metadata.get(part)}
        options = {SYNC_OPTIONS: "ServerSideApply=true"}
        found["annotations"] = {**found.get("annotations", {}), **options}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": found}


def _names_namespace(obj: Object, name: str) -> bool:
    key = key_of(obj)
    return key.group_kind == NAMESPACE and key.name == name


def is_missing_namespace(task: SyncTask, settings: SyncSettings) -> bool:
    """The destination namespace where it is not there yet, made by ``CreateNamespace`` or by Git's own manifest."""
    is_made = task.target is not None and task.live is None and not task.is_hook
    return is_made and _names_namespace(task.obj, settings.namespace)


def _checked(
    settings: SyncSettings, observed: Observed, tasks: Sequence[SyncTask]
) -> tuple[list[SyncTask], tuple[SyncTask, ...]]:
    """What the API server and the project permit. An unknown kind passes where its CRD is in Git, selected or not."""
    defined = _defined(observed)
    good, bad = [], []
    for task in tasks:
        unknown = observed.unknown_kind(task.obj)
        may_be_missing = _kind_text(task.key.group_kind) in defined or is_missing_kind_skipped(
            task.target, settings.options
        )
        if unknown and may_be_missing:
            good.append(replace(task, skip_dry_run=True))
            continue
        reason = unknown or observed.forbidden(task.obj)
        if reason:
            bad.append(replace(task, status=ResultCode.SYNC_FAILED, message=reason))
        else:
            good.append(task)
    return [*good, *bad], tuple(bad)


def _defined(observed: Observed) -> set[str | None]:
    declared = (*(pair.target for pair in observed.pairs), *observed.hooks)
    return {kind_of_crd(obj) for obj in declared if obj is not None and key_of(obj).group_kind == CRD}


def _kind_text(kind: GroupKind) -> str:
    return f"{kind.group}/{kind.kind}"
