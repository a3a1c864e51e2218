"""Which applications a change in a cluster concerns."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Sequence

from gitops_tui.cluster.cache import Change, ClusterCache
from gitops_tui.engine.autoscaling import AUTOSCALERS
from gitops_tui.engine.state import APPLICATION_LABEL
from gitops_tui.engine.system import System
from gitops_tui.model.application import AppKey, Application
from gitops_tui.model.resource import Object, ResourceKey, key_of, labels_of, metadata_of
from gitops_tui.sync.tracking import app_of

OWNERS_DEEP = 4


class Concern:
    """Remembers who compares what. Thread-safe: watches ask, the core's thread tells."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._lock = threading.Lock()
        self._objects: dict[AppKey, frozenset[ResourceKey]] = {}
        self._readers: dict[ResourceKey, set[AppKey]] = defaultdict(set)
        self._by_instance: dict[str, AppKey] = {}

    def compares(self, app: AppKey, instance: str, objects: Iterable[ResourceKey]) -> None:
        """The application was compared with these objects, and tracks what carries ``instance``."""
        keys = frozenset(objects)
        with self._lock:
            self._by_instance[instance] = app
            before = self._objects.get(app, frozenset())
            if keys == before:
                return
            self._objects[app] = keys
            for key in before - keys:
                self._discard(key, app)
            for key in keys - before:
                self._readers[key].add(app)

    def forget(self, app: AppKey) -> None:
        with self._lock:
            for key in self._objects.pop(app, frozenset()):
                self._discard(key, app)
            self._by_instance = {name: one for name, one in self._by_instance.items() if one != app}

    def of(self, change: Change, cache: ClusterCache) -> set[AppKey]:
        """Those that declare the object, the one that tracks it, and those whose objects own it."""
        obj = change.new if change.new is not None else change.old
        with self._lock:
            if (change.key.group, change.key.kind) in AUTOSCALERS:
                return set(self._objects)
            if obj is None:
                return self._of_kind(change.key)
            found = set(self._readers.get(change.key, ()))
            instance = app_of(obj, self._system.tracking)
            if instance in self._by_instance:
                found.add(self._by_instance[instance])
            remembered = labels_of(obj).get(APPLICATION_LABEL) if change.key.kind == "ConfigMap" else None
            found |= {app for app in self._objects if remembered and app.name == remembered}
            return found or self._owners(obj, cache)

    def _of_kind(self, place: ResourceKey) -> set[AppKey]:
        """Those that compare objects of a kind, in the namespace where it was read or (empty) in any."""
        return {
            app
            for key, apps in self._readers.items()
            if key.group_kind == place.group_kind and place.namespace in ("", key.namespace)
            for app in apps
        }

    def _owners(self, obj: Object, cache: ClusterCache) -> set[AppKey]:
        """A pod's change concerns the application whose Deployment owns its ReplicaSet."""
        for _ in range(OWNERS_DEEP):
            references = metadata_of(obj).get("ownerReferences") or ()
            owner = cache.by_uid(str(references[0].get("uid"))) if references else None
            if owner is None:
                return set()
            found = self._readers.get(key_of(owner))
            if found:
                return set(found)
            obj = owner
        return set()

    def _discard(self, key: ResourceKey, app: AppKey) -> None:
        readers = self._readers.get(key)
        if readers is not None:
            readers.discard(app)
            if not readers:
                del self._readers[key]


def readers_of_files(apps: Iterable[Application], repo_url: str, files: Sequence[str]) -> tuple[AppKey, ...]:
    """The applications that read any of these files of a repository."""
    found = []
    for app in apps:
        paths = [source.path.strip("/") for source in app.sources if source.repo_url == repo_url]
        if any(_is_below(file, path) for file in files for path in paths):
            found.append(app.key)
    return tuple(found)


def _is_below(file: str, path: str) -> bool:
    return path in ("", ".") or file == path or file.startswith(f"{path}/")
