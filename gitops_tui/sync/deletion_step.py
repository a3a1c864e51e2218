"""The next step of a deletion, from what is there: hooks, objects wave by wave, more hooks, and the finalizers between.

Nothing is kept between two steps but the finalizers themselves, so that any instance can go on at any time.
Source: Argo CD ``controller/appcontroller.go`` finalizeApplicationDeletion, ``controller/hook.go`` (semantics 1.12).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from msgspec import Struct, field

from gitops_tui.model.catalogue import Code
from gitops_tui.model.decision import Decision
from gitops_tui.model.resource import Object, ResourceKey, key_of, metadata_of
from gitops_tui.model.status import Health, HealthStatus, HookDeletePolicy, HookType
from gitops_tui.sync.deletion import (
    CLEANUP,
    FINALIZERS,
    PROPAGATION,
    holds_deletion,
    is_delete_hook,
    is_deleted_with,
    next_deletions,
    propagation_of,
)
from gitops_tui.sync.hooks import delete_policies
from gitops_tui.sync.options import SyncOptions


class Deletion(Struct, frozen=True):
    """An Application that is being deleted, as it is at one moment."""

    finalizers: tuple[str, ...]
    since: datetime
    """Its ``deletionTimestamp``."""
    health: Callable[[Object], Health | None]
    live: tuple[Object, ...] = ()
    """Everything in the cluster that carries its mark and that its project permits."""
    hooks: tuple[Object, ...] | None = ()
    """The delete hooks that its source has now; None: not known (yet)."""
    unknown_hooks: str = ""
    """Why they cannot be known; empty where that is only a matter of time."""
    options: SyncOptions = field(default_factory=SyncOptions)
    is_confirmed: bool = False
    """The Application carries a ``deletion-approved`` that is not older than the deletion."""
    own_key: ResourceKey | None = None
    """The Application itself, which may be among its own objects."""


class DeletionStep(Struct, frozen=True):
    """What to do now. Nothing in it but words: wait. ``error`` is the DeletionError condition; it is tried again."""

    decision: Decision
    create: tuple[Object, ...] = ()
    delete: tuple[Object, ...] = ()
    propagation: str = "Background"
    release: tuple[str, ...] = ()
    """The finalizers to take off."""
    error: str = ""


def next_step(deletion: Deletion) -> DeletionStep:
    """The next step; one that does nothing where none of our finalizers is left."""
    pre, post = FINALIZERS[HookType.PRE_DELETE], FINALIZERS[HookType.POST_DELETE]
    held = deletion.finalizers
    if pre in held:
        return _run_hooks(deletion, HookType.PRE_DELETE)
    if any(one in PROPAGATION for one in held):
        return _delete_objects(deletion)
    if post in held:
        return _run_hooks(deletion, HookType.POST_DELETE)
    for kind, name in FINALIZERS.items():
        if name + CLEANUP in held:
            return _clean_up(deletion, kind, name + CLEANUP)
    return DeletionStep(Decision(Code.DELETED))


# --- objects ---------------------------------------------------------------------------------------------------------


def _delete_objects(deletion: Deletion) -> DeletionStep:
    """The highest wave, once nothing is being deleted any more; the finalizer when all are gone."""
    going = [obj for obj in deletion.live if metadata_of(obj).get("deletionTimestamp")]
    if going:
        return DeletionStep(Decision(Code.DELETION_WAITS, objects=_keys(going)))
    objects = [obj for obj in deletion.live if _goes(deletion, obj)]
    asking = [obj for obj in objects if holds_deletion(obj, deletion.options)]
    if asking and not deletion.is_confirmed:
        return DeletionStep(Decision(Code.DELETION_UNCONFIRMED, objects=_keys(asking), since=deletion.since))
    if not objects:
        own = tuple(one for one in deletion.finalizers if one in PROPAGATION)
        return DeletionStep(Decision(Code.DELETED), release=own)
    wave = next_deletions(objects)
    decision = Decision(Code.DELETING_OBJECTS, {"count": len(wave), "total": len(objects)}, _keys(wave))
    return DeletionStep(decision, delete=wave, propagation=propagation_of(deletion.finalizers))


def _goes(deletion: Deletion, obj: Object) -> bool:
    return key_of(obj) != deletion.own_key and is_deleted_with(obj, deletion.options)


# --- hooks -----------------------------------------------------------------------------------------------------------


def _run_hooks(deletion: Deletion, kind: HookType) -> DeletionStep:
    """What is not there is made, all of it before any is judged; a failed hook is deleted, told, and made anew."""
    if deletion.hooks is None:
        if deletion.unknown_hooks:
            facts = {"hook": kind.value, "message": deletion.unknown_hooks}
            text = f"{kind} hooks cannot be read: {deletion.unknown_hooks}"
            return DeletionStep(Decision(Code.DELETION_HOOKS_UNKNOWN, facts), error=text)
        return DeletionStep(_about(Code.DELETION_SOURCE, kind))
    there = [obj for obj in deletion.live if is_delete_hook(obj, kind)]
    keys = {key_of(obj) for obj in there}
    wanted = [named(obj, kind, deletion.since) for obj in deletion.hooks if is_delete_hook(obj, kind)]
    missing = tuple(obj for obj in wanted if key_of(obj) not in keys)
    if missing:
        return DeletionStep(_about(Code.DELETION_HOOKS_BEGUN, kind, missing), create=missing)
    return _judged(deletion, kind, there)


def _judged(deletion: Deletion, kind: HookType, there: Sequence[Object]) -> DeletionStep:
    failed = tuple(obj for obj in there if _status(deletion, obj) is HealthStatus.DEGRADED)
    if failed:
        text = f"{kind} hook(s) failed: {_words(failed)}"
        left = tuple(obj for obj in failed if not metadata_of(obj).get("deletionTimestamp"))
        return DeletionStep(_about(Code.DELETION_HOOK_FAILED, kind, failed), delete=left, error=text)
    running = [obj for obj in there if _status(deletion, obj) is HealthStatus.PROGRESSING]
    if running:
        return DeletionStep(_about(Code.DELETION_HOOKS, kind, running))
    return DeletionStep(_about(Code.DELETION_HOOKS_DONE, kind), release=(FINALIZERS[kind],))


def named(obj: Object, kind: HookType, since: datetime) -> Object:
    """A ``generateName`` becomes a name that is the same at every step, so that the hook is found again."""
    metadata = metadata_of(obj)
    if metadata.get("name"):
        return obj
    name = f"{metadata.get('generateName', '')}{kind}-{int(since.timestamp())}".lower()
    return {**obj, "metadata": {**metadata, "name": name}}


def _clean_up(deletion: Deletion, kind: HookType, finalizer: str) -> DeletionStep:
    """The hooks whose delete policy names how all of this kind together ended."""
    hooks = [obj for obj in deletion.live if is_delete_hook(obj, kind)]
    worst = max((_status(deletion, obj) for obj in hooks), key=lambda one: one.badness, default=HealthStatus.HEALTHY)
    policy = {
        HealthStatus.HEALTHY: HookDeletePolicy.HOOK_SUCCEEDED,
        HealthStatus.DEGRADED: HookDeletePolicy.HOOK_FAILED,
    }.get(worst)
    going = [obj for obj in hooks if policy in delete_policies(obj)]
    if not going:
        return DeletionStep(_about(Code.DELETION_HOOKS_CLEARED, kind), release=(finalizer,))
    fresh = tuple(obj for obj in going if not metadata_of(obj).get("deletionTimestamp"))
    return DeletionStep(_about(Code.DELETION_HOOKS_CLEARED, kind, going), delete=fresh)


def _status(deletion: Deletion, obj: Object) -> HealthStatus:
    """An object without health is taken for a healthy one."""
    found = deletion.health(obj)
    return HealthStatus.HEALTHY if found is None else found.status


def _about(code: Code, kind: HookType, objects: Sequence[Object] = ()) -> Decision:
    return Decision(code, {"hook": kind.value}, _keys(objects))


def _keys(objects: Sequence[Object]) -> tuple[ResourceKey, ...]:
    return tuple(key_of(obj) for obj in objects)


def _words(objects: Sequence[Object]) -> str:
    more = f" and {len(objects) - 3} more" if len(objects) > 3 else ""
    return ", ".join(key_of(obj).short for obj in objects[:3]) + more
