"""Targets paired with live objects (semantics 1.5, "live set")."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from gitops_tui.model.resource import Object, ResourceKey, key_of, metadata_of
from gitops_tui.sync.tracking import DEFAULT_TRACKING, Tracking, app_of, is_self_referenced


class Pair(Struct, frozen=True):
    """One object: at least one side is there. ``is_self_referenced`` False: the mark is a copy from elsewhere."""

    key: ResourceKey
    target: Object | None
    live: Object | None
    is_self_referenced: bool = True

    @property
    def is_extra(self) -> bool:
        """In the cluster, not in Git."""
        return self.target is None


def pair(
    targets: Iterable[Object],
    live_by_key: Mapping[ResourceKey, Object],
    *,
    app: str,
    tracking: Tracking = DEFAULT_TRACKING,
) -> tuple[Pair, ...]:
    """Every target with its live object, then what is live, marked as ``app``'s and not in Git.

    What another object owns is never extra: it lives and dies with its owner. Targets without a name
    (``generateName``) have no live side. ``live_by_key`` may hold more than this application's objects.
    """
    wanted = [_pair(target, live_by_key.get(key_of(target)), tracking) for target in targets]
    taken = {one.key for one in wanted}
    extra = [
        Pair(key, None, live, is_self_referenced(live, None, tracking))
        for key, live in live_by_key.items()
        if key not in taken and _is_managed(live, app, tracking)
    ]
    return (*wanted, *sorted(extra, key=lambda one: one.key))


def _pair(target: Object, live: Object | None, tracking: Tracking) -> Pair:
    own = live is None or is_self_referenced(live, target, tracking)
    return Pair(key_of(target), target, live, own)


def _is_managed(live: Object, app: str, tracking: Tracking) -> bool:
    return app_of(live, tracking) == app and not metadata_of(live).get("ownerReferences")


def shared_with(
    pairs: Iterable[Pair], app: str, tracking: Tracking = DEFAULT_TRACKING
) -> tuple[tuple[ResourceKey, str], ...]:
    """Objects that another application marked as its own, with that application's instance name."""
    found = ((one.key, app_of(one.live, tracking)) for one in pairs if one.target is not None and one.live is not None)
    return tuple((key, owner) for key, owner in found if owner and owner != app)
