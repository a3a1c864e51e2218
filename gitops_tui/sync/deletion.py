"""What an Application takes with it when it is deleted, and in which order (semantics 1.12, "cascade delete").

Source: Argo CD ``controller/sort_delete.go``, ``controller/hook.go``, ``controller/appcontroller.go``.
"""

from __future__ import annotations

from collections.abc import Iterable

from gitops_tui.model.annotations import HOOK
from gitops_tui.model.resource import Object, key_of
from gitops_tui.model.status import HookType
from gitops_tui.sync import csv
from gitops_tui.sync.hooks import HELM_TYPES, helm_hook_types, sync_wave
from gitops_tui.sync.options import (
    SyncOptions,
    is_deletion_disabled,
    needs_deletion_confirmation,
    needs_prune_confirmation,
)
from gitops_tui.sync.tasks import CRD

DELETE_HOOKS = (HookType.PRE_DELETE, HookType.POST_DELETE)


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
    if kind not in DELETE_HOOKS:
        return False
    return kind in csv.values(obj, HOOK) or kind in (HELM_TYPES[word] for word in helm_hook_types(obj))
