"""The orphaned resources of an application, over what the cache holds."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from gitops_tui.cluster.cache import Change
from gitops_tui.engine.children import is_child
from gitops_tui.engine.comparison import Comparison
from gitops_tui.engine.record import Record
from gitops_tui.engine.tree import descendants
from gitops_tui.model.application import AppKey
from gitops_tui.model.resource import Object, ResourceKey, key_of
from gitops_tui.sync.orphans import is_ignored, is_never_orphaned
from gitops_tui.sync.tracking import Tracking, app_of


def orphans_of(comparison: Comparison, instances: Collection[str], tracking: Tracking) -> tuple[ResourceKey, ...]:
    """Sorted keys of what lives in the destination's namespace, is permitted, and is nobody's; with what it owns.

    ``instances``: the names under which applications track objects. Empty where the project does not ask for orphans.
    """
    settings = comparison.permits.project.orphaned_resources
    if settings is None:
        return ()
    managed = {one.key for one in comparison.objects}
    found: set[ResourceKey] = set()
    for obj in _top_level(comparison):
        key = key_of(obj)
        if key in managed or is_never_orphaned(key) or is_ignored(key, settings):
            continue
        if comparison.permits.has_live(key) and app_of(obj, tracking) not in instances:
            found |= {key_of(one) for one in descendants(obj, comparison.session.cache.children, "")}
    return tuple(sorted(found))


def looking_for_orphans(records: Iterable[Record], change: Change, cluster: str) -> set[AppKey]:
    """What comes or goes and is nobody's concerns those in whose namespace it is and who look for orphans."""
    if change.old is not None and change.new is not None:
        return set()
    return {
        record.key
        for record in records
        if (comparison := record.comparison) is not None
        and comparison.permits.project.orphaned_resources is not None
        and (comparison.session.name, record.app.destination.namespace) == (cluster, change.key.namespace)
    }


def _top_level(comparison: Comparison) -> Iterator[Object]:
    namespace, cache = comparison.app.destination.namespace, comparison.session.cache
    for resource in cache.watchable():
        if resource.namespaced and namespace:
            for obj in cache.objects(resource.group, resource.kind):
                if key_of(obj).namespace == namespace and not is_child(obj, cache):
                    yield obj
