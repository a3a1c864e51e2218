"""``gitops-tui controller`` as a process of its own, and watches that say when something was so."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

from gitops_tui.cluster.client import Reader
from gitops_tui.cluster.connection import Connection
from gitops_tui.cluster.discovery import ApiResource
from tests.bench.bed import Bed
from tests.control_plane import ControlPlane

APPLICATIONS = ApiResource("argoproj.io", "v1alpha1", "Application", "applications", namespaced=True)
DEPLOYMENTS = ApiResource("apps", "v1", "Deployment", "deployments", namespaced=True)
END_S = 40
Condition = Callable[[dict[str, Any]], bool]


@contextmanager
def running(bed: Bed) -> Iterator[subprocess.Popen[bytes]]:
    """The controller, with Applications from the cluster; ended in order with the block."""
    with (bed.dir / "controller.log").open("wb") as log:
        command = bed.command("controller", from_cluster=True)
        process = subprocess.Popen(command, env=bed.environment, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(END_S)


class Watched:
    """The objects of one kind in a namespace by name, as a watch tells them."""

    def __init__(self, cluster: ControlPlane, resource: ApiResource, namespace: str) -> None:
        self._connection = Connection.open(str(cluster.kubeconfig))
        reader = Reader(self._connection)
        listing = reader.list(resource, namespace=namespace)
        self.objects = {one["metadata"]["name"]: one for one in listing.items}
        self._waiting: list[tuple[Condition, Future[float]]] = []
        self._lock = threading.Lock()
        self._stream = reader.watch(resource, namespace=namespace, resource_version=listing.resource_version)
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def _follow(self) -> None:
        for events in self._stream.events():
            at = time.perf_counter()
            for event in events:
                with self._lock:
                    if event.type in ("ADDED", "MODIFIED"):
                        self.objects[event.object["metadata"]["name"]] = event.object
                    self._tell(at)

    def _tell(self, at: float) -> None:
        for one in [one for one in self._waiting if one[0](self.objects)]:
            self._waiting.remove(one)
            one[1].set_result(at)

    def when(self, is_so: Condition) -> Future[float]:
        """`time.perf_counter` of the event after which ``is_so`` for the first time from now on; now if it is."""
        found: Future[float] = Future()
        with self._lock:
            self._waiting.append((is_so, found))
            self._tell(time.perf_counter())
        return found

    def close(self) -> None:
        self._stream.close()
        self._thread.join(5)
        self._connection.close()


def is_synced(application: dict[str, Any]) -> bool:
    """Synced by an operation that succeeded."""
    status = application.get("status") or {}
    phase = (status.get("operationState") or {}).get("phase")
    return (status.get("sync") or {}).get("status") == "Synced" and phase == "Succeeded"
