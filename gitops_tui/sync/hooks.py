"""Hooks, phases, waves and delete policies, with Helm's annotations mapped onto them.

Source: Argo CD ``gitops-engine/pkg/sync/hook``, ``syncwaves``, ``ignore``; semantics 1.4 (Helm) and 1.7.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gitops_tui.model.annotations import (
    HELM_HOOK,
    HELM_HOOK_DELETE_POLICY,
    HELM_HOOK_WEIGHT,
    HOOK,
    HOOK_DELETE_POLICY,
    HOOK_FINALIZER,
    SYNC_WAVE,
)
from gitops_tui.model.resource import Object, annotations_of, metadata_of
from gitops_tui.model.status import HookDeletePolicy, HookType, SyncPhase
from gitops_tui.sync import csv

HELM_TYPES: Mapping[str, HookType] = {
    "pre-install": HookType.PRE_SYNC,
    "pre-upgrade": HookType.PRE_SYNC,
    "post-install": HookType.POST_SYNC,
    "post-upgrade": HookType.POST_SYNC,
}
"""Helm's ``test*`` and ``*-rollback`` hooks have no counterpart: they are never applied."""

HELM_DELETE_POLICIES: Mapping[str, HookDeletePolicy] = {
    "before-hook-creation": HookDeletePolicy.BEFORE_HOOK_CREATION,
    "hook-succeeded": HookDeletePolicy.HOOK_SUCCEEDED,
    "hook-failed": HookDeletePolicy.HOOK_FAILED,
}

_TYPES = {item.value: item for item in HookType if item not in (HookType.PRE_DELETE, HookType.POST_DELETE)}
"""``PreDelete`` and ``PostDelete`` are no part of a sync (`gitops_tui.sync.deletion`)."""
_POLICIES = {item.value: item for item in HookDeletePolicy}
_PHASES = {phase.value: phase for phase in SyncPhase}
_INTEGER = re.compile(r"[+-]?[0-9]{1,400}\Z")


def hook_types(obj: Object) -> tuple[HookType, ...]:
    """The valid hook types of a sync; Helm's count only where there is no valid one of Argo CD. Helm's may repeat."""
    own = tuple(_TYPES[word] for word in csv.values(obj, HOOK) if word in _TYPES)
    return own or tuple(HELM_TYPES[word] for word in helm_hook_types(obj))


def helm_hook_types(obj: Object) -> tuple[str, ...]:
    """Helm's own names, those that have a counterpart."""
    return tuple(word for word in csv.values(obj, HELM_HOOK) if word in HELM_TYPES)


def is_helm_hook(obj: Object) -> bool:
    """``crd-install`` marks a plain resource."""
    found = annotations_of(obj).get(HELM_HOOK)
    return found is not None and found != "crd-install"


def is_hook(obj: Object) -> bool:
    """Also true for a misspelled hook, which runs in no phase; not for ``Skip``, which is no hook."""
    if HOOK in annotations_of(obj):
        return not is_skipped(obj)
    return is_helm_hook(obj)


def is_skipped(obj: Object) -> bool:
    """``Skip`` as the only type: the object is neither applied nor judged. Helm has no word for it."""
    return HOOK in annotations_of(obj) and hook_types(obj) == (HookType.SKIP,)


def is_ignored(obj: Object) -> bool:
    """A hook without any type that a sync knows: never applied, compared or pruned."""
    return is_hook(obj) and not hook_types(obj)


def is_hook_of(obj: Object, kind: HookType) -> bool:
    return is_hook(obj) and kind in hook_types(obj)


def sync_phases(obj: Object) -> tuple[SyncPhase, ...]:
    """The phases in which the object takes part, without repetition; none for a skipped or garbage hook."""
    if is_skipped(obj):
        return ()
    if not is_hook(obj):
        return (SyncPhase.SYNC,)
    return tuple(dict.fromkeys(_PHASES[kind.value] for kind in hook_types(obj) if kind is not HookType.SKIP))


def delete_policies(obj: Object) -> tuple[HookDeletePolicy, ...]:
    """Helm's policies are added to Argo CD's; ``BeforeHookCreation`` where there is none."""
    own = [_POLICIES[word] for word in csv.values(obj, HOOK_DELETE_POLICY) if word in _POLICIES]
    found = (*own, *(HELM_DELETE_POLICIES[word] for word in helm_delete_policies(obj)))
    return tuple(dict.fromkeys(found)) or (HookDeletePolicy.BEFORE_HOOK_CREATION,)


def helm_delete_policies(obj: Object) -> tuple[str, ...]:
    return tuple(word for word in csv.values(obj, HELM_HOOK_DELETE_POLICY) if word in HELM_DELETE_POLICIES)


def sync_wave(obj: Object) -> int:
    """The wave; a bad integer falls through to Helm's weight, and that to 0."""
    found = _integer(annotations_of(obj).get(SYNC_WAVE))
    return helm_weight(obj) if found is None else found


def helm_weight(obj: Object) -> int:
    return _integer(annotations_of(obj).get(HELM_HOOK_WEIGHT)) or 0


def has_hook_finalizer(obj: Object) -> bool:
    return HOOK_FINALIZER in (metadata_of(obj).get("finalizers") or ())


def _integer(text: Any) -> int | None:
    """As Go's ``strconv.Atoi`` reads it: decimal, without spaces, of 64 bits."""
    found = int(text) if isinstance(text, str) and _INTEGER.match(text) else None
    return found if found is not None and -(2**63) <= found < 2**63 else None
