"""What must not be deleted without a person's yes."""

from __future__ import annotations

from collections.abc import Collection

from gitops_tui.model.resource import GroupKind, ResourceKey

PRUNE_COUNT = 5
PRUNE_SHARE = 0.2
AUTOMATIC_COUNT = 20
AUTOMATIC_SHARE = 0.5

PRECIOUS = frozenset(
    {
        GroupKind("", "Namespace"),
        GroupKind("", "PersistentVolume"),
        GroupKind("", "PersistentVolumeClaim"),
        GroupKind("apiextensions.k8s.io", "CustomResourceDefinition"),
    }
)
"""What takes other things or data with it when it goes."""

PRECIOUS_BY_HAND = PRECIOUS | {GroupKind("apps", "StatefulSet")}


def prune_needs_typing(keys: Collection[ResourceKey], size: int) -> str:
    """Why a prune by hand needs the application's name typed; empty: a plain yes is enough.

    ``size`` is the number of objects that the application has, those to prune included.
    """
    precious = sorted(key.short for key in keys if key.group_kind in PRECIOUS_BY_HAND)
    if precious:
        return f"deletes {', '.join(precious[:3])}{_more(precious, 3)}"
    if len(keys) > PRUNE_COUNT:
        return f"deletes {len(keys)} objects"
    if size and keys and len(keys) > PRUNE_SHARE * size:
        return f"deletes {len(keys)} of {size} objects"
    return ""


def automatic_prune_needs_approval(keys: Collection[ResourceKey], size: int) -> str:
    """Why automation holds a prune back (docs/compatibility.md: the one place where ours is stricter by default)."""
    precious = sorted(key.short for key in keys if key.group_kind in PRECIOUS)
    if precious:
        return f"it would delete {', '.join(precious[:3])}{_more(precious, 3)}"
    if len(keys) > AUTOMATIC_COUNT and len(keys) > AUTOMATIC_SHARE * size:
        return f"it would delete {len(keys)} of {size} objects"
    return ""


def wipes_everything(prunes: int, size: int) -> bool:
    """Nothing is left in Git of what the application has: an empty rendering (``allowEmpty`` permits it).

    True where the application has nothing either: Argo CD does not sync emptiness by itself.
    """
    return prunes == size


def _more(names: Collection[str], shown: int) -> str:
    return f" and {len(names) - shown} more" if len(names) > shown else ""
