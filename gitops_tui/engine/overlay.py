"""The cluster as an operation sees it: what the watch holds, and what our own writes answered before the watch tells.

Without it a wave would be judged by the state before it was applied, or a created object be taken for vanished.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

from gitops_tui.cluster.cache import Changes, ClusterCache
from gitops_tui.model.operation import stamp
from gitops_tui.model.resource import Object, ResourceKey, key_of, metadata_of


class Overlay:
    """Thread-safe. Entries live until the watch has caught up with them."""

    def __init__(self, cache: ClusterCache) -> None:
        self._cache = cache
        self._lock = threading.Lock()
        self._written: dict[ResourceKey, Object] = {}
        self._deleted: dict[ResourceKey, str] = {}

    def wrote(self, obj: Object) -> None:
        """The server's answer to a write."""
        key = key_of(obj)
        with self._lock:
            self._deleted.pop(key, None)
            cached = self._cache.get(key)
            if cached is None or _version(cached) < _version(obj):
                self._written[key] = obj

    def deleted(self, obj: Object) -> None:
        """A deletion of this very object was accepted."""
        with self._lock:
            self._written.pop(key_of(obj), None)
            self._deleted[key_of(obj)] = _uid(obj)

    def noticed(self, changes: Changes) -> bool:
        """The watch told of changes; whether any of them is about something written here."""
        with self._lock:
            mine = [one for one in changes if one.key in self._written or one.key in self._deleted]
            for change in mine:
                written = self._written.get(change.key)
                newest = change.new if change.new is not None else change.old
                is_same = written is not None and newest is not None and _uid(newest) == _uid(written)
                if (
                    is_same
                    and newest is not None
                    and (change.new is None or _version(newest) >= _version(written or {}))
                ):
                    del self._written[change.key]
                if change.new is None:
                    self._deleted.pop(change.key, None)
        return bool(mine)

    def settle(self, timeout_s: float) -> bool:
        """Wait until the watch shows all that was written."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            with self._lock:
                if not any(self._is_behind(key, obj) for key, obj in self._written.items()):
                    return True
            time.sleep(0.01)
        return False

    def _is_behind(self, key: ResourceKey, written: Object) -> bool:
        """A kind that is not watched never catches up; nobody waits for it."""
        if self._cache.state(key.group, key.kind, key.namespace).word != "synced":
            return False
        cached = self._cache.get(key)
        return cached is None or _version(cached) < _version(written)

    def live(self, key: ResourceKey) -> Object | None:
        cached = self._cache.get(key)
        with self._lock:
            written = self._written.get(key)
            going = self._deleted.get(key)
        found = cached
        if written is not None and (cached is None or _version(cached) < _version(written)):
            found = written
        if found is not None and going and _uid(found) == going and not metadata_of(found).get("deletionTimestamp"):
            return {**found, "metadata": {**metadata_of(found), "deletionTimestamp": stamp(datetime.now(UTC))}}
        return found


def _version(obj: Object) -> int:
    """Resource versions are ordered within a kind (KEP-5504); one that is no number counts as the oldest."""
    text = str(metadata_of(obj).get("resourceVersion") or "")
    return int(text) if text.isdecimal() else 0


def _uid(obj: Object) -> str:
    return str(metadata_of(obj).get("uid") or "")
