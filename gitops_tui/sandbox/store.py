"""The embedded cluster, in-process: the same verbs that HTTP has, for controllers, the demo's seed and tests.

Thread-safe. **What it returns is shared and must not be mutated**: copy what you want to change, hand it back with
`update`. Errors are `gitops_tui.errors.ApiError` and its subclasses.
"""

from __future__ import annotations

import copy
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, SimpleQueue

from gitops_tui.model.resource import Object, labels_of, name_of, namespace_of
from gitops_tui.sandbox import conversion, failure
from gitops_tui.sandbox.deletion import Deleter
from gitops_tui.sandbox.journal import Journal
from gitops_tui.sandbox.options import DeleteOptions, WriteOptions
from gitops_tui.sandbox.patches import MERGE, Patch
from gitops_tui.sandbox.pod_log import PodLogs
from gitops_tui.sandbox.reading import Reader
from gitops_tui.sandbox.registry import Registry, ResourceType, custom_types
from gitops_tui.sandbox.schemas import SchemaBook
from gitops_tui.sandbox.selectors import Predicate, matches_selector, parse_labels
from gitops_tui.sandbox.storage import Event, Storage, encode
from gitops_tui.sandbox.writing import Writer, stamp

CRDS = "customresourcedefinitions.apiextensions.k8s.io"
CONTROLLER_MANAGER = "kube-controller-manager"
Selector = str | Mapping[str, object] | None
"""``"app=web"``, a ``LabelSelector`` object, plain labels, or everything."""


def utc_now() -> datetime:
    return datetime.now(UTC)


class Subscription:
    """Every change since it was made: iterate, or `get` with a timeout. Close it when done."""

    def __init__(self, storage: Storage) -> None:
        self._queue: SimpleQueue[tuple[str, str, Object] | None] = SimpleQueue()
        self._end = storage.listen(self._note)
        self._is_closed = False

    def _note(self, event: Event) -> None:
        self._queue.put((event.type, event.resource, event.record.obj))

    def get(self, timeout_s: float | None = None) -> tuple[str, str, Object] | None:
        """(``ADDED`` | ``MODIFIED`` | ``DELETED``, resource, object); None after the timeout or the close."""
        try:
            return self._queue.get(timeout=timeout_s)
        except Empty:
            return None

    def __iter__(self) -> Iterator[tuple[str, str, Object]]:
        while not self._is_closed:
            event = self._queue.get()
            if event is None:
                return
            yield event

    def close(self) -> None:
        """Idempotent; ends an iteration."""
        self._is_closed = True
        self._end()
        self._queue.put(None)


class Store:
    """``now`` gives the time of every write; ``state_file`` keeps the objects over a restart."""

    def __init__(self, *, state_file: Path | None = None, now: Callable[[], datetime] = utc_now) -> None:
        self.now = now
        self.registry = Registry()
        self.storage = Storage(Journal(state_file) if state_file else None)
        self.schemas = SchemaBook()
        self.writer = Writer(self.storage, self.schemas, self._clock)
        self.deleter = Deleter(self.storage, self._clock)
        self.reader = Reader(self.storage)
        self.logs = PodLogs(self._clock)
        for record in self.storage.all(CRDS)[0]:
            self.registry.serve(custom_types(record.obj))
        self.storage.listen(self._note)

    def _clock(self) -> datetime:
        return self.now()

    def _note(self, event: Event) -> None:
        """A definition is served from the moment it is stored, so that what uses it may follow at once."""
        if event.resource == "pods" and event.type == "DELETED":
            self.logs.forget(namespace_of(event.record.obj), name_of(event.record.obj))
        if event.resource != CRDS:
            return
        spec = event.record.obj["spec"]
        if event.type == "DELETED":
            self.registry.withdraw(spec["group"], spec["names"]["plural"])
        elif event.previous is None or event.previous.obj["spec"] != spec:
            self.registry.serve(custom_types(event.record.obj))

    def kind(self, resource: str) -> ResourceType:
        """The served kind; raises `NotFound`."""
        found = self.registry.by_resource(resource)
        if found is None:
            raise failure.no_such_resource()
        return found

    # --- reading
    def get(self, resource: str, namespace: str, name: str) -> Object:
        """Raises `NotFound`."""
        return self.writer.live(self.kind(resource), namespace, name)

    def list(self, resource: str, namespace: str = "", selector: Selector = None) -> list[Object]:
        """The objects in the order of namespace and name; all namespaces for ``""``."""
        kind, wanted = self.kind(resource), _label_test(selector)
        found = [conversion.to_served(kind, record.obj) for record in self.storage.all(kind.storage, namespace)[0]]
        return [obj for obj in found if wanted is None or wanted(obj)]

    def watch_all(self) -> Subscription:
        """Every change of every kind from now on."""
        return Subscription(self.storage)

    # --- writing
    def create(self, resource: str, obj: Object, manager: str = CONTROLLER_MANAGER) -> Object:
        """Raises `AlreadyExists`, `Invalid`, `Forbidden`."""
        return self.writer.create(self.kind(resource), namespace_of(obj), obj, WriteOptions(manager))

    def update(self, resource: str, obj: Object, manager: str = CONTROLLER_MANAGER, subresource: str = "") -> Object:
        """Raises `Conflict` where the object moved on since ``obj`` was read."""
        return self.writer.update(
            self.kind(resource), namespace_of(obj), name_of(obj), obj, WriteOptions(manager), subresource
        )

    def patch(
        self,
        resource: str,
        namespace: str,
        name: str,
        changes: Object,
        manager: str = CONTROLLER_MANAGER,
        subresource: str = "",
    ) -> Object:
        """A JSON merge patch: None removes a field."""
        kind, patch = self.kind(resource), Patch(MERGE, encode(changes))
        return self.writer.patch(kind, namespace, name, patch, WriteOptions(manager), subresource)[0]

    def patch_status(
        self, resource: str, namespace: str, name: str, status: Object, manager: str = CONTROLLER_MANAGER
    ) -> Object:
        """The object's status becomes ``status``, as a whole. Nothing is written where it is that already."""
        kind = self.kind(resource)
        with self.storage.lock:
            live = self.writer.live(kind, namespace, name)
            subresource = "status" if kind.has_status else ""
            new = {**live, "status": status}
            return self.writer.update(kind, namespace, name, new, WriteOptions(manager), subresource)

    def delete(
        self, resource: str, namespace: str, name: str, propagation: str = "Background", grace_s: int = 0
    ) -> None:
        """At once, unless finalizers hold the object or ``grace_s`` gives a pod on a node time. Raises `NotFound`."""
        options = DeleteOptions(propagation=propagation, grace_s=grace_s)
        self.deleter.delete(self.kind(resource), namespace, name, options)

    def seed(self, obj: Object) -> Object:
        """Store ``obj`` exactly as it is, past admission, defaults and ownership: its own uid, times, managedFields
        and status. A uid and a creation time are made where there are none; it may replace what is there."""
        kind = self.registry.by_kind(str(obj.get("apiVersion")), str(obj.get("kind")))
        if kind is None:
            raise failure.no_such_resource()
        seeded = conversion.to_stored(kind, copy.deepcopy(obj))
        meta = seeded["metadata"]
        meta.setdefault("uid", str(uuid.uuid4()))
        meta.setdefault("creationTimestamp", stamp(self.now()))
        return self.storage.put(kind.storage, seeded)

    def append_log(self, namespace: str, pod: str, container: str, line: str) -> None:
        """One more line of what the container prints."""
        self.logs.append(namespace, pod, container, line)

    def close(self) -> None:
        """Ends every watch and every followed log."""
        self.logs.close()
        self.storage.close()


def _label_test(selector: Selector) -> Predicate | None:
    if not selector:
        return None
    if isinstance(selector, str):
        terms = parse_labels(selector)
        return lambda obj: all(term.is_met(labels_of(obj)) for term in terms)
    wanted = dict(selector)
    if "matchLabels" not in wanted and "matchExpressions" not in wanted:
        wanted = {"matchLabels": wanted}
    return lambda obj: matches_selector(wanted, labels_of(obj))
