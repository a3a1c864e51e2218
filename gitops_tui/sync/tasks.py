"""One task of a sync: an object in one phase, with what became of it so far (Argo CD ``sync_task.go``)."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from gitops_tui.model.operation import ResourceResult
from gitops_tui.model.resource import GroupKind, Object, ResourceKey, key_of, metadata_of, split_api_version
from gitops_tui.model.status import HookDeletePolicy, OperationPhase, ResultCode, SyncPhase
from gitops_tui.sync.hooks import delete_policies, is_hook, sync_wave

NAMESPACE = GroupKind("", "Namespace")
CRD = GroupKind("apiextensions.k8s.io", "CustomResourceDefinition")


class TaskId(Struct, frozen=True):
    """An object in a phase: the same hook may run in two phases."""

    key: ResourceKey
    phase: SyncPhase


class SyncTask(Struct, frozen=True):
    """``target`` None: prune; ``live`` None: create. ``state`` None: pending, it has not been tried.

    ``key`` is the one of the result list, which says the destination namespace even of cluster-scoped targets.
    """

    phase: SyncPhase
    target: Object | None
    live: Object | None
    key: ResourceKey
    wave: int
    is_hook: bool
    state: OperationPhase | None = None
    status: ResultCode | None = None
    message: str = ""
    skip_dry_run: bool = False

    @property
    def id(self) -> TaskId:
        return TaskId(self.key, self.phase)

    @property
    def obj(self) -> Object:
        """The target where there is one, else the live object."""
        return either(self.target, self.live)

    @property
    def version(self) -> str:
        return split_api_version(str(self.obj.get("apiVersion") or ""))[1]

    @property
    def words(self) -> str:
        """``group/Kind/name``, as messages name it."""
        return f"{self.key.group}/{self.key.kind}/{self.key.name}"

    @property
    def is_prune(self) -> bool:
        return self.target is None

    @property
    def is_pending(self) -> bool:
        return self.state is None

    @property
    def is_running(self) -> bool:
        return self.state is OperationPhase.RUNNING

    @property
    def is_completed(self) -> bool:
        return self.state is not None and self.state.is_completed

    @property
    def is_successful(self) -> bool:
        return self.state is OperationPhase.SUCCEEDED

    @property
    def has_failed(self) -> bool:
        return self.is_completed and not self.is_successful

    @property
    def hook_type(self) -> str:
        return self.phase.value if self.is_hook else ""

    @property
    def live_uid(self) -> str:
        return str(metadata_of(self.live).get("uid") or "") if self.live is not None else ""

    @property
    def is_being_deleted(self) -> bool:
        return self.live is not None and bool(metadata_of(self.live).get("deletionTimestamp"))

    @property
    def deletes_before_creation(self) -> bool:
        """A hook of an earlier sync that has to go first."""
        policy = HookDeletePolicy.BEFORE_HOOK_CREATION
        return self.live is not None and self.is_pending and has_delete_policy(self, policy)


def either(target: Object | None, live: Object | None) -> Object:
    """The target where there is one, else the live object; one of the two must be there."""
    if target is not None:
        return target
    if live is not None:
        return live
    raise ValueError("a task needs a target or a live object")


def make_task(phase: SyncPhase, target: Object | None, live: Object | None, namespace: str = "") -> SyncTask:
    """A pending task in the object's own wave; ``namespace`` is what the key says for a target without one."""
    obj = either(target, live)
    key = key_of(obj)
    if target is not None and not key.namespace and namespace:
        key = replace(key, namespace=namespace)
    return SyncTask(phase, target, live, key, sync_wave(obj), is_hook(obj))


def has_delete_policy(task: SyncTask, policy: HookDeletePolicy) -> bool:
    """Only hooks have delete policies."""
    return task.is_hook and policy in delete_policies(task.obj)


def with_result(task: SyncTask, result: ResourceResult | None) -> SyncTask:
    """The task as its recorded result says."""
    if result is None:
        return task
    return replace(task, state=result.hook_phase, status=result.status, message=result.message)


def is_multi_step(tasks: Iterable[SyncTask]) -> bool:
    """More than one phase or wave, among sorted tasks: only then a wave waits for health."""
    listed = list(tasks)
    if not listed:
        return False
    first, last = listed[0], listed[-1]
    return (first.phase, first.wave) != (last.phase, last.wave)
