"""A reader without a server: lists and streams are what a test puts there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from queue import Queue
from typing import Any

from gitops_tui.cluster.client import Listing, Reader, WatchEvent
from gitops_tui.cluster.discovery import ApiResource
from gitops_tui.errors import GitOpsError

MAPS = ApiResource("", "v1", "ConfigMap", "configmaps", True, frozenset({"list", "watch"}))


def config_map(name: str, version: int, namespace: str = "n", **metadata: Any) -> dict[str, Any]:
    found = {"name": name, "namespace": namespace, "resourceVersion": str(version), "uid": f"uid-{name}", **metadata}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": found}


class Stream:
    """What a watch reads; `send` events or an error, `end` it."""

    def __init__(self, version: str, namespace: str) -> None:
        self.version, self.namespace = version, namespace
        self._queue: Queue[list[WatchEvent] | Exception | None] = Queue()

    def send(self, *events: tuple[str, dict[str, Any]]) -> Stream:
        self._queue.put([WatchEvent(kind, obj) for kind, obj in events])
        return self

    def fail(self, error: Exception) -> Stream:
        self._queue.put(error)
        return self

    def close(self) -> None:
        self._queue.put(None)

    def events(self) -> Iterator[list[WatchEvent]]:
        while (found := self._queue.get()) is not None:
            if isinstance(found, Exception):
                raise found
            yield found


class FakeReader(Reader):
    """``on_list`` and ``on_watch`` may raise; streams that were opened are in ``streams``."""

    def __init__(self) -> None:
        self.listing = Listing([], "1")
        self.on_list: Callable[[str], Listing] = lambda _: self.listing
        self.on_watch: Callable[[Stream], None] = lambda _: None
        self.on_ping: GitOpsError | None = None
        self.served: tuple[ApiResource, ...] = (MAPS,)
        self.lists = 0
        self.pings = 0
        self.streams: list[Stream] = []
        self._lock = threading.Lock()

    def list(self, resource: ApiResource, *, namespace: str = "", **_: Any) -> Listing:
        with self._lock:
            self.lists += 1
        return self.on_list(namespace)

    def watch(self, resource: ApiResource, *, namespace: str = "", resource_version: str, **_: Any) -> Any:
        stream = Stream(resource_version, namespace)
        with self._lock:
            self.streams.append(stream)
        self.on_watch(stream)
        return stream

    def ping(self, timeout_s: float = 5.0) -> None:
        self.pings += 1
        if self.on_ping:
            raise self.on_ping

    def raw_json(self, path: str, *, accept: str = "") -> Any:
        resources = [
            {"resource": one.plural, "responseKind": {"kind": one.kind}, "scope": "Namespaced", "verbs": [*one.verbs]}
            for one in self.served
        ]
        versions = [{"version": one.version, "resources": resources} for one in self.served[:1]]
        items = [{"metadata": {"name": ""}, "versions": versions}] if path == "/api" else []
        return {"kind": "APIGroupDiscoveryList", "items": items}
