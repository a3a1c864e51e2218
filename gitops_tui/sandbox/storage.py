"""The versioned store: objects by kind, one counter, the events of the near past for watches.

Every change takes the next resourceVersion. A stored object is never mutated: a change replaces it, so readers
share what is stored without copies. All methods are thread-safe; `lock` makes a read-modify-write atomic.
"""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue
from threading import RLock

from msgspec import Struct

from gitops_tui.model.resource import Object, name_of, namespace_of
from gitops_tui.sandbox.failure import expired
from gitops_tui.sandbox.journal import Journal

FIRST_VERSION = 100
"""Not 1, so that "from version 1" is in the past that no watch can reach, as on a cluster that has lived."""
HISTORY = 4000
"""Events kept for each kind."""


class Record:
    """One stored object, and its JSON once somebody asked for it."""

    __slots__ = ("_bare", "obj")

    def __init__(self, obj: Object) -> None:
        self.obj = obj
        self._bare: bytes | None = None

    @property
    def bare(self) -> bytes:
        """The JSON without ``kind`` and ``apiVersion``: the part that every version and a list item share."""
        if self._bare is None:
            rest = {key: value for key, value in self.obj.items() if key not in ("kind", "apiVersion")}
            self._bare = encode(rest)
        return self._bare

    def body(self, kind: str, api_version: str) -> bytes:
        return f'{{"kind":"{kind}","apiVersion":"{api_version}",'.encode() + self.bare[1:]


def encode(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


class Event(Struct, frozen=True):
    """One change: ``ADDED``, ``MODIFIED`` or ``DELETED``; ``previous`` is what was there before."""

    type: str
    version: int
    resource: str
    record: Record
    previous: Record | None = None


class Watcher:
    """What one watch has not read yet."""

    def __init__(self, close: Callable[[Watcher], None]) -> None:
        self._queue: SimpleQueue[Event | None] = SimpleQueue()
        self._close = close

    def put(self, event: Event) -> None:
        self._queue.put(event)

    def next(self, timeout_s: float | None = None) -> Event | None:
        """The next event; None when ``timeout_s`` has passed or the watcher was closed."""
        try:
            return self._queue.get(timeout=timeout_s)
        except Empty:
            return None

    @property
    def is_drained(self) -> bool:
        return self._queue.empty()

    def close(self) -> None:
        """Idempotent; wakes a reader."""
        self._close(self)
        self._queue.put(None)


class Storage:
    def __init__(self, journal: Journal | None = None) -> None:
        self.lock = RLock()
        self._journal = journal
        self._objects: dict[str, dict[tuple[str, str], Record]] = defaultdict(dict)
        self._history: dict[str, deque[Event]] = defaultdict(lambda: deque(maxlen=HISTORY))
        self._floor: dict[str, int] = {}
        self._watchers: dict[str, list[Watcher]] = defaultdict(list)
        self._listeners: list[Callable[[Event], None]] = []
        self._version = FIRST_VERSION
        if journal is not None:
            self._restore(journal)
        self._compacted = self._version

    def _restore(self, journal: Journal) -> None:
        self._version = max(self._version, journal.version())
        for resource, obj in journal.objects():
            self._objects[resource][namespace_of(obj), name_of(obj)] = Record(obj)

    # --- reading
    @property
    def version(self) -> int:
        return self._version

    def get(self, resource: str, namespace: str, name: str) -> Record | None:
        return self._objects[resource].get((namespace, name))

    def all(self, resource: str, namespace: str = "") -> tuple[list[Record], int]:
        """All objects in the order of their keys, and the version that they are the state of."""
        with self.lock:
            found = sorted(self._objects[resource].items())
            version = self._version
        return [record for key, record in found if not namespace or key[0] == namespace], version

    def resources(self) -> list[str]:
        """The kinds that have objects."""
        with self.lock:
            return [resource for resource, objects in self._objects.items() if objects]

    # --- writing
    def put(self, resource: str, obj: Object) -> Object:
        """Store ``obj`` under the next version; the object as stored."""
        with self.lock:
            key = namespace_of(obj), name_of(obj)
            self._version += 1
            stored = {**obj, "metadata": {**obj["metadata"], "resourceVersion": str(self._version)}}
            record, previous = Record(stored), self._objects[resource].get(key)
            self._objects[resource][key] = record
            if self._journal is not None:
                self._journal.write(resource, key, stored, self._version)
            self._publish(Event("MODIFIED" if previous else "ADDED", self._version, resource, record, previous))
            return stored

    def remove(self, resource: str, namespace: str, name: str) -> Object:
        """Remove an object that is there; its last state, under the version of its removal."""
        with self.lock:
            previous = self._objects[resource].pop((namespace, name))
            self._version += 1
            meta = {**previous.obj["metadata"], "resourceVersion": str(self._version)}
            record = Record({**previous.obj, "metadata": meta})
            if self._journal is not None:
                self._journal.write(resource, (namespace, name), None, self._version)
            self._publish(Event("DELETED", self._version, resource, record, previous))
            return record.obj

    def _publish(self, event: Event) -> None:
        history = self._history[event.resource]
        if len(history) == HISTORY:
            self._floor[event.resource] = history[0].version
        history.append(event)
        for watcher in self._watchers[event.resource]:
            watcher.put(event)
        for listener in self._listeners:
            listener(event)

    # --- watching
    def watch(self, resource: str, since: int) -> Watcher:
        """Everything after version ``since``; raises `Gone` where that is too far back."""
        with self.lock:
            if since < max(self._compacted, self._floor.get(resource, 0)):
                raise expired(f"too old resource version: {since} ({self._version})")
            watcher = Watcher(lambda one: self._forget(resource, one))
            for event in self._history[resource]:
                if event.version > since:
                    watcher.put(event)
            self._watchers[resource].append(watcher)
            return watcher

    def snapshot_and_watch(self, resource: str, namespace: str) -> tuple[list[Record], int, Watcher]:
        """The state now and everything after it, without a gap between them."""
        with self.lock:
            records, version = self.all(resource, namespace)
            watcher = Watcher(lambda one: self._forget(resource, one))
            self._watchers[resource].append(watcher)
            return records, version, watcher

    def _forget(self, resource: str, watcher: Watcher) -> None:
        with self.lock:
            if watcher in self._watchers[resource]:
                self._watchers[resource].remove(watcher)

    def listen(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Call ``listener`` with every change, on the thread that makes it and under the lock: it must only
        take note. Returns what ends that."""
        with self.lock:
            self._listeners.append(listener)

        def end() -> None:
            with self.lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return end

    def compact(self) -> None:
        """Forget the past: a watch or a list from before now answers 410."""
        with self.lock:
            self._history.clear()
            self._compacted = self._version

    @property
    def compacted(self) -> int:
        return self._compacted

    def close_watchers(self) -> None:
        for watcher in self._all_watchers():
            watcher.close()

    def _all_watchers(self) -> Iterator[Watcher]:
        with self.lock:
            found = [watcher for watchers in self._watchers.values() for watcher in watchers]
        return iter(found)

    def close(self) -> None:
        self.close_watchers()
        if self._journal is not None:
            self._journal.close()
