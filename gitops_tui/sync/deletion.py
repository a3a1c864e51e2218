"""What an Application takes with it when it is deleted, and in which order (semantics 1.12, "cascade delete").

Source: Argo CD ``controller/sort_delete.go``, ``controller/hook.go``, ``controller/appcontroller.go``.
"""

from __future__ import annotations

from collections.abc import Iterable

from gitops_tui.model.annotations import (
    HELM_HOOK,
    HOOK,
    POST_DELETE_FINALIZER,
    PRE_DELETE_FINALIZER,
    RESOURCES_FINALIZER,
)
from gitops_tui.model.resource import Object, key_of
from gitops_tui.model.status import HookType
from gitops_tui.sync import csv
from gitops_tui.sync.hooks import sync_wave
from gitops_tui.sync.options import (
    SyncOptions,
    is_deletion_disabled,
    needs_deletion_confirmation,
    needs_prune_confirmation,
)
from gitops_tui.sync.tasks import CRD

CLEANUP = "/cleanup"
HELM_NAMES = {HookType.PRE_DELETE: "pre-delete", HookType.POST_DELETE: "post-delete"}
FINALIZERS = {HookType.PRE_DELETE: PRE_DELETE_FINALIZER, HookType.POST_DELETE: POST_DELETE_FINALIZER}
PROPAGATION = {
    RESOURCES_FINALIZER: "Foreground",
    f"{RESOURCES_FINALIZER}/foreground": "Foreground",
    f"{RESOURCES_FINALIZER}/background": "Background",
}
"""The finalizers that delete the objects, and how."""


def next_deletions(left: Iterable[Object]) -> tuple[Object, ...]:
    """The objects to delete now, of all that are left: those of the highest wave, in the order in which they came.

    The next lower wave follows when none of these is left.
    """
    objects = tuple(left)
    if not objects:
        return ()
    last = max(sync_wave(obj) for obj in objects)
    return tuple(obj for obj in objects if sync_wave(obj) == last)


def is_deleted_with(obj: Object, options: SyncOptions) -> bool:
    """Whether the object goes with its Application: definitions stay, and so does what must not be deleted."""
    return key_of(obj).group_kind != CRD and not is_deletion_disabled(obj, options.delete)


def holds_deletion(obj: Object, options: SyncOptions) -> bool:
    """Whether the whole deletion waits for a person's yes because of this object.

    ``Prune=confirm`` asks as ``Delete=confirm`` does; the object's own value of each beats the application's.
    """
    return needs_deletion_confirmation(obj, options.delete) or needs_prune_confirmation(obj, options.prune)


def is_delete_hook(obj: Object, kind: HookType) -> bool:
    """Whether the object is a hook of this deletion phase: by Argo CD's annotation or by Helm's, whichever says so."""
    if kind not in FINALIZERS:
        return False
    return kind in csv.values(obj, HOOK) or HELM_NAMES[kind] in csv.values(obj, HELM_HOOK)


def delete_hooks(objects: Iterable[Object]) -> tuple[Object, ...]:
    """Those that run when the Application is deleted."""
    return tuple(obj for obj in objects if any(is_delete_hook(obj, kind) for kind in FINALIZERS))


# --- finalizers ------------------------------------------------------------------------------------------------------


def deletion_finalizers(finalizers: Iterable[str]) -> tuple[str, ...]:
    """The finalizers that wait for a reconciler to do something; those of others are none of ours."""
    own = {*PROPAGATION, *(name + stage for name in FINALIZERS.values() for stage in ("", CLEANUP))}
    return tuple(one for one in finalizers if one in own)


def propagation_of(finalizers: Iterable[str]) -> str:
    """How objects are deleted, or empty where they stay."""
    found = [PROPAGATION[one] for one in finalizers if one in PROPAGATION]
    return "Background" if "Background" in found else "".join(found[:1])


def with_hook_finalizers(finalizers: Iterable[str], hooks: Iterable[Object]) -> tuple[str, ...]:
    """The finalizers that an Application with these rendered hooks must have, so that none of them is missed.

    Both stages of a kind that has hooks are added at the end, those of one that has none (any more) are taken off.
    """
    targets, found = tuple(hooks), list(finalizers)
    for kind, name in FINALIZERS.items():
        stages = (name, name + CLEANUP)
        if any(is_delete_hook(obj, kind) for obj in targets):
            found += [one for one in stages if one not in found]
        else:
            found = [one for one in found if one not in stages]
    return tuple(found)
