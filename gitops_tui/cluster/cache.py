"""What a cluster holds, kept up to date by watches: plain dictionaries that nobody may mutate.

Every kind is watched, so that an object which Git no longer names is still found. Changes are handed on in batches,
a few milliseconds after the first of them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from gitops_tui.cluster.client import Listing, Reader, WatchEvent
from gitops_tui.cluster.discovery import ApiResource, Discovery
from gitops_tui.cluster.held import HeldObjects
from gitops_tui.cluster.opening import Opening
from gitops_tui.cluster.watch import Scope, Watch
from gitops_tui.errors import ApiError, ClusterError, Forbidden, GitOpsError, NotFound, ServerError
from gitops_tui.logs import logger
from gitops_tui.model.resource import GroupKind, Object, ResourceKey, metadata_of
from gitops_tui.model.system import DEFAULT_FILTERS

BATCH_S = 0.02
PROBE_S = 10.0
STOP_S = 0.8
"""How long `stop` waits for threads in all; what still waits for an answer ends when the connection closes."""
NEVER_WATCHED_GROUPS = ("authorization.k8s.io", "authentication.k8s.io")


class Change(Struct, frozen=True):
    """``old`` None: new; ``new`` None: gone. Both None: the key names a kind (and a namespace) that was read at last,
    or is served no more."""

    key: ResourceKey
    old: Object | None
    new: Object | None


Changes = Sequence[Change]


class KindState(Struct, frozen=True):
    """``word`` is ``loading``, ``synced``, ``restricted`` or ``failing``."""

    word: str
    error: str = ""
    since: datetime | None = None


class ClusterCache:
    """Thread-safe. `on_change` is called on a thread of the cache, never under its lock."""

    def __init__(
        self,
        reader: Reader,
        discovery: Discovery,
        *,
        on_change: Callable[[Changes], None],
        index_of: Callable[[Object], str | None],
        is_excluded: Callable[[GroupKind], bool] = DEFAULT_FILTERS.excludes,
        opening: Opening | None = None,
    ) -> None:
        self._reader = reader
        self._discovery = discovery
        self._on_change = on_change
        self._is_excluded = is_excluded
        self._opening = opening or Opening(is_over=True)
        self._lock = threading.Lock()
        self._held = HeldObjects(index_of)
        self._watches: dict[tuple[GroupKind, str], Watch] = {}
        self._states: dict[tuple[GroupKind, str], KindState] = {}
        self._pending: list[Change] = []
        self._wake = threading.Event()
        self._wake_probe = threading.Event()
        self._synced = threading.Condition(self._lock)
        self._stopping = False
        self._last_contact = datetime.now(UTC)
        self._failing_since: datetime | None = None
        self._latency_s: float | None = None
        self._message = ""
        self._threads = [
            threading.Thread(target=self._hand_on, name="cache changes", daemon=True),
            threading.Thread(target=self._probe, name="cache probe", daemon=True),
        ]
        self._started = False

    # --- beginning and end
    def watchable(self) -> list[ApiResource]:
        return [one for one in self._discovery.resources() if one.is_watchable and not self._is_left_out(one)]

    def _is_left_out(self, resource: ApiResource) -> bool:
        is_answer = resource.group in NEVER_WATCHED_GROUPS or resource.kind.endswith("Review")
        return is_answer or self._is_excluded(GroupKind(resource.group, resource.kind))

    def leave_excluded(self) -> None:
        """End the watches of kinds that are excluded by now; what was held of them is gone without a word."""
        with self._lock:
            keys = [key for key in self._watches if self._is_excluded(key[0])]
            watches = [self._watches.pop(key) for key in keys]
            for kind, namespace in keys:
                del self._states[(kind, namespace)]
                for key in self._held.of_kind(kind):
                    self._held.remove(key)
            self._synced.notify_all()
        for watch in watches:
            watch.stop()

    def reindex(self) -> None:
        """``index_of`` gives other names by now."""
        with self._lock:
            self._held.reindex()

    def ensure(self, resources: Iterable[ApiResource], namespaces: Sequence[str] = ()) -> None:
        """Watch these kinds, in all namespaces or in the given ones; those that are watched already go on."""
        fresh: list[Watch] = []
        with self._lock:
            for resource in resources:
                for namespace in namespaces if resource.namespaced and namespaces else ("",):
                    key = (GroupKind(resource.group, resource.kind), namespace)
                    if key not in self._watches and not self._stopping:
                        watch = Watch(self._reader, Scope(resource, namespace), self, self._opening)
                        self._watches[key] = watch
                        self._states[key] = KindState("loading")
                        fresh.append(watch)
                    elif self._states[key].word == "failing":
                        self._watches[key].retry_now()
            starting, self._started = not self._started, True
        if starting:
            for thread in self._threads:
                thread.start()
        for watch in fresh:
            watch.start()

    def wait_synced(self, timeout_s: float, kind: GroupKind | None = None) -> bool:
        """Until every kind (or one) was listed or is known not to be readable."""
        deadline = time.monotonic() + timeout_s
        with self._synced:
            while any(self._is_loading(one, state, kind) for (one, _), state in self._states.items()):
                left = deadline - time.monotonic()
                if left <= 0 or self._stopping:
                    return False
                self._synced.wait(left)
        return True

    @staticmethod
    def _is_loading(kind: GroupKind, state: KindState, wanted: GroupKind | None) -> bool:
        return state.word == "loading" and wanted in (None, kind)

    def stop(self) -> None:
        """End every watch and close its socket; prompt."""
        with self._lock:
            self._stopping = True
            watches = list(self._watches.values())
            self._synced.notify_all()
        self._wake.set()
        self._wake_probe.set()
        for watch in watches:
            watch.stop()
        self._opening.cancel()
        deadline = time.monotonic() + STOP_S
        for thread in (*(watch.thread for watch in watches), *self._threads):
            if thread is not threading.current_thread() and thread.is_alive():
                thread.join(max(0.0, deadline - time.monotonic()))

    # --- questions
    def get(self, key: ResourceKey) -> Object | None:
        return self._held.get(key)

    def by_uid(self, uid: str) -> Object | None:
        return self._held.by_uid(uid)

    def objects(self, group: str, kind: str) -> list[Object]:
        with self._lock:
            return self._held.objects(GroupKind(group, kind))

    def indexed(self, owner: str) -> list[Object]:
        """The objects that ``index_of`` gives this name."""
        with self._lock:
            return self._held.indexed(owner)

    def children(self, uid: str) -> list[Object]:
        """What the object with this uid owns, by owner references."""
        with self._lock:
            return self._held.owned_by(uid)

    def state(self, group: str, kind: str, namespace: str = "") -> KindState:
        wanted = GroupKind(group, kind)
        everywhere, here = self._states.get((wanted, "")), self._states.get((wanted, namespace))
        if here is not None and (everywhere is None or everywhere.word == "restricted"):
            return here
        return everywhere or KindState("unknown")

    def restricted(self) -> tuple[str, ...]:
        """Kinds that may not be read."""
        return tuple(sorted({str(kind) for (kind, _), state in self._states.items() if state.word == "restricted"}))

    @property
    def last_contact(self) -> datetime:
        return self._last_contact

    @property
    def stale_since(self) -> datetime | None:
        """Since when what is held may be old; None where the server answers."""
        return self._failing_since

    @property
    def latency_s(self) -> float | None:
        return self._latency_s

    @property
    def message(self) -> str:
        return self._message if self._failing_since else ""

    def watched_kinds(self) -> int:
        """How many kinds are watched."""
        with self._lock:
            return len({kind for kind, _ in self._watches})

    def __len__(self) -> int:
        return len(self._held)

    # --- what watches say (on their threads)
    def listed(self, scope: Scope, listing: Listing) -> None:
        kind = GroupKind(scope.resource.group, scope.resource.kind)
        changes: list[Change] = []
        with self._lock:
            gone = {key for key in self._held.of_kind(kind) if scope.namespace in ("", key.namespace)}
            for obj in listing.items:
                key = _key(kind, obj)
                gone.discard(key)
                self._put(key, obj, changes)
            for key in gone:
                self._remove(key, changes)
            self._is_read(scope, changes)
            needless = [] if scope.namespace else self._drop_namespaced(kind)
            self._note(changes)
            self._synced.notify_all()
        self._contact()
        for watch in needless:
            watch.stop()

    def changed(self, scope: Scope, events: list[WatchEvent]) -> None:
        kind = GroupKind(scope.resource.group, scope.resource.kind)
        changes: list[Change] = []
        with self._lock:
            for event in events:
                if event.type == "DELETED":
                    self._remove(_key(kind, event.object), changes)
                elif event.type != "BOOKMARK":
                    self._put(_key(kind, event.object), event.object, changes)
            self._is_read(scope, changes)
            self._note(changes)
        self._contact()

    def _is_read(self, scope: Scope, changes: list[Change]) -> None:
        place = (GroupKind(scope.resource.group, scope.resource.kind), scope.namespace)
        if self._states.get(place, KindState("")).word != "synced":
            self._states[place] = KindState("synced")
            changes.append(_of_kind(scope))

    def failed(self, scope: Scope, error: GitOpsError) -> None:
        """Nothing is removed: what cannot be read is not missing."""
        key = (GroupKind(scope.resource.group, scope.resource.kind), scope.namespace)
        is_answer = isinstance(error, (Forbidden, NotFound, ServerError))  # of this kind; the others are listed
        with self._lock:
            before = self._states.get(key, KindState("loading"))
            is_unread = before.word == "loading" and not is_answer
            word = "restricted" if isinstance(error, Forbidden) else "failing"
            since = before.since or datetime.now(UTC)
            self._states[key] = KindState("loading" if is_unread else word, error.message, since)
            self._synced.notify_all()
        if isinstance(error, NotFound):
            self._look_whether_served(scope)
        elif not isinstance(error, ApiError) and self._failing_since is None:
            self.probe_now()

    def _look_whether_served(self, scope: Scope) -> None:
        """A 404 for a kind may be a proxy's. Only discovery's word takes its objects away, or another version."""
        resource = scope.resource
        kind = GroupKind(resource.group, resource.kind)
        try:
            self._discovery.refresh()
        except GitOpsError:
            return
        served = self._discovery.find(resource.group, resource.kind)
        is_doubtful = any(one.rpartition("/")[0] == resource.group for one in self._discovery.failed_groups)
        if is_doubtful or (served is not None and served.path() == resource.path()):
            return
        changes: list[Change] = []
        with self._lock:
            changes.append(_of_kind(scope))
            watch = self._watches.pop((kind, scope.namespace), None)
            self._states.pop((kind, scope.namespace), None)
            if served is None:
                for key in [key for key in self._held.of_kind(kind) if scope.namespace in ("", key.namespace)]:
                    self._remove(key, changes)
            self._note(changes)
            self._synced.notify_all()
        if watch is not None:
            watch.stop()
        if served is not None:
            self.ensure([served], (scope.namespace,) if scope.namespace else ())

    def _drop_namespaced(self, kind: GroupKind) -> list[Watch]:
        """The whole kind may be read after all: two watches of an object would disagree on what came last."""
        keys = [key for key in self._watches if key[0] == kind and key[1]]
        for key in keys:
            del self._states[key]
        return [self._watches.pop(key) for key in keys]

    # --- inside
    def _put(self, key: ResourceKey, obj: Object, changes: list[Change]) -> None:
        old = self._held.get(key)
        if self._held.put(key, obj):
            changes.append(Change(key, old, obj))

    def _remove(self, key: ResourceKey, changes: list[Change]) -> None:
        old = self._held.remove(key)
        if old is not None:
            changes.append(Change(key, old, None))

    def _note(self, changes: list[Change]) -> None:
        """Under the lock, so that changes are told in the order in which they came about."""
        if changes:
            self._pending += changes
            self._wake.set()

    def _hand_on(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()  # before the look at _stopping, or the call of `stop` could be overheard
            if not self._stopping:
                time.sleep(BATCH_S)
            if self._stopping:
                return
            with self._lock:
                changes, self._pending = self._pending, []
            if changes:
                self._tell(changes)

    def _tell(self, changes: Changes) -> None:
        try:
            self._on_change(changes)
        except Exception:  # noqa: BLE001 - what listens may fail; the next changes are told all the same
            logger(__name__).exception("changes could not be handed on")

    # --- is the server there?
    def _contact(self) -> None:
        self._last_contact = datetime.now(UTC)

    def _probe(self) -> None:
        """Ask every few seconds: a watch that is half open says nothing, and looks like calm."""
        wait_s = PROBE_S
        while not self._stopping:
            began = time.monotonic()
            try:
                self._reader.ping()
                self._latency_s = time.monotonic() - began
                was_failing, self._failing_since = self._failing_since is not None, None
                self._contact()
                wait_s = PROBE_S
                if was_failing:
                    self._retry_all()
            except ClusterError as error:
                self._failing_since = self._failing_since or self._last_contact
                self._message = error.message
                wait_s = 1.0
            if not self._stopping:
                self._tell(())
            self._sleep(wait_s)

    def probe_now(self) -> None:
        self._wake_probe.set()

    def _sleep(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not self._stopping and time.monotonic() < deadline:
            if self._wake_probe.wait(min(0.5, seconds)):
                self._wake_probe.clear()
                return

    def _retry_all(self) -> None:
        with self._lock:
            watches = list(self._watches.values())
        for watch in watches:
            watch.retry_now()


def _key(kind: GroupKind, obj: Object) -> ResourceKey:
    metadata: dict[str, Any] = metadata_of(obj)
    return ResourceKey(kind.group, kind.kind, str(metadata.get("namespace") or ""), str(metadata.get("name") or ""))


def _of_kind(scope: Scope) -> Change:
    return Change(ResourceKey(scope.resource.group, scope.resource.kind, scope.namespace, ""), None, None)
