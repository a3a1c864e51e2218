"""One thread, a queue of keys, a heap of timers: every change queues what it may concern, and a reconciler looks.

Reconcilers are level-triggered: they read the state as it is, write what is missing, and answer after how many
seconds they want to look again without a change.
"""

from __future__ import annotations

import heapq
import logging
from collections.abc import Callable, Iterable, Mapping
from threading import Condition, Thread

from gitops_tui.errors import ApiError, Conflict, NotFound
from gitops_tui.model.resource import Object, labels_of, name_of, namespace_of
from gitops_tui.sandbox.controllers.cluster import (
    CLAIMS,
    DAEMON_SETS,
    DEPLOYMENTS,
    JOBS,
    NODES,
    PODS,
    REPLICA_SETS,
    RESOURCE_OF,
    STATEFUL_SETS,
    Cluster,
    claims_of,
    controller_of,
)
from gitops_tui.sandbox.selectors import matches_selector
from gitops_tui.sandbox.storage import Event

Key = tuple[str, str, str]
"""Resource, namespace, name."""
Reconciler = Callable[[Key], float | None]
_ADOPTERS = {PODS: (REPLICA_SETS, STATEFUL_SETS, DAEMON_SETS, JOBS), REPLICA_SETS: (DEPLOYMENTS,)}
_RETRY_S = 5.0

log = logging.getLogger(__name__)


class Loop:
    """``clock`` counts seconds, from any start. `drain` works without the thread, for tests."""

    def __init__(self, cluster: Cluster, reconcilers: Mapping[str, Reconciler], clock: Callable[[], float]) -> None:
        self._cluster = cluster
        self._reconcilers = reconcilers
        self._clock = clock
        self._changed = Condition()
        self._queue: dict[Key, None] = {}
        self._timers: list[tuple[float, Key]] = []
        self._is_stopped = False
        self._thread = Thread(target=self._run, name="sandbox-controllers", daemon=True)
        cluster.listen(self._on_event)
        self._add(cluster.keys(reconcilers))

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Idempotent; what is running ends first."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    @property
    def is_running(self) -> bool:
        return self._thread.is_alive()

    def _add(self, keys: Iterable[Key]) -> None:
        with self._changed:
            for key in keys:
                if key[0] in self._reconcilers:
                    self._queue[key] = None
            self._changed.notify_all()

    def _add_after(self, key: Key, delay_s: float) -> None:
        with self._changed:
            heapq.heappush(self._timers, (self._clock() + delay_s, key))

    # --- what a change may concern
    def _on_event(self, event: Event) -> None:
        obj = event.record.obj
        keys = [(event.resource, namespace_of(obj), name_of(obj))]
        for one in (obj, event.previous.obj if event.previous else None):
            if one is not None:
                keys += self._owners(one)
        if controller_of(obj) is None:
            keys += self._adopters(event.resource, obj)
        if event.resource == NODES:
            keys += self._cluster.keys((DAEMON_SETS,))
        if event.resource == PODS and event.type == "ADDED":
            keys += [(CLAIMS, namespace_of(obj), name) for name in claims_of(obj)]
        self._add(keys)

    def _owners(self, obj: Object) -> list[Key]:
        """The controller of ``obj`` and, of a pod, that one's controller: a Deployment waits for pods too."""
        found: list[Key] = []
        owner = controller_of(obj)
        while owner is not None and owner["kind"] in RESOURCE_OF and len(found) < 2:
            key = (RESOURCE_OF[owner["kind"]], namespace_of(obj), owner["name"])
            found.append(key)
            parent = self._cluster.find(*key)
            owner = controller_of(parent) if parent is not None else None
        return found

    def _adopters(self, resource: str, obj: Object) -> list[Key]:
        return [
            (kind, namespace_of(one), name_of(one))
            for kind in _ADOPTERS.get(resource, ())
            for one in self._cluster.all(kind, namespace_of(obj))
            if matches_selector((one.get("spec") or {}).get("selector"), labels_of(obj))
        ]

    # --- working
    def _next(self) -> Key | None:
        """What is due, or None; call with the condition held."""
        while self._timers and self._timers[0][0] <= self._clock():
            self._queue[heapq.heappop(self._timers)[1]] = None
        if not self._queue:
            return None
        key = next(iter(self._queue))
        del self._queue[key]
        return key

    def _run(self) -> None:
        while True:
            with self._changed:
                key = None
                while not self._is_stopped and (key := self._next()) is None:
                    wait = self._timers[0][0] - self._clock() if self._timers else None
                    self._changed.wait(wait)
                if self._is_stopped:
                    return
            if key is not None:
                self._work(key)

    def drain(self) -> None:
        """Do everything that is due now."""
        while True:
            with self._changed:
                key = self._next()
            if key is None:
                return
            self._work(key)

    def next_timer(self) -> float | None:
        """When the clock must be for the next timer; None where there is none."""
        with self._changed:
            return self._timers[0][0] if self._timers else None

    def _work(self, key: Key) -> None:
        try:
            delay = self._reconcilers[key[0]](key)
        except Conflict:
            self._add([key])
        except NotFound as error:
            log.debug("%s %s/%s: %s", *key, error)
        except ApiError as error:
            log.info("%s %s/%s: %s", *key, error)
            self._add_after(key, _RETRY_S)
        except Exception:
            # One object that nobody can read must not stop all the others.
            log.exception("reconciling %s %s/%s", *key)
        else:
            if delay is not None:
                self._add_after(key, delay)
