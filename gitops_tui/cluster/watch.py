"""One kind, watched without end, in three routines: endless, list then watch, one stream.

Survives 410, drops, restarts and half-open connections. Each routine is testable by itself.
"""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass
from typing import Protocol

from gitops_tui.cluster.client import Listing, Reader, WatchEvent, WatchStream
from gitops_tui.cluster.discovery import ApiResource
from gitops_tui.errors import ClusterError, Forbidden, GitOpsError, Gone, NotFound
from gitops_tui.logs import logger
from gitops_tui.model.resource import metadata_of

FIRST_WAIT_S = 0.2
LONGEST_WAIT_S = 10.0
RESTRICTED_WAIT_S = 300.0
"""A kind that may not be read is asked for again this rarely: a role may be granted."""


class Sink(Protocol):
    """What a watch feeds. Called on the watch's thread."""

    def listed(self, scope: Scope, listing: Listing) -> None: ...

    def changed(self, scope: Scope, events: list[WatchEvent]) -> None: ...

    def failed(self, scope: Scope, error: GitOpsError) -> None: ...


@dataclass(frozen=True, slots=True)
class Scope:
    """What one watch covers: a kind, in one namespace or (empty) in all, whole or metadata only."""

    resource: ApiResource
    namespace: str = ""
    metadata_only: bool = False


class Watch:
    """A daemon thread that keeps a sink up to date. `stop` ends it at once."""

    def __init__(self, reader: Reader, scope: Scope, sink: Sink) -> None:
        self._reader = reader
        self.scope = scope
        self._sink = sink
        self._stopping = threading.Event()
        self._stream: WatchStream | None = None
        self._kick = threading.Event()
        self._was_refused = True
        name = f"watch {scope.resource.plural}.{scope.resource.group}"
        self._thread = threading.Thread(target=self._endless, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._kick.set()
        stream = self._stream
        if stream is not None:
            stream.close()

    def join(self, timeout_s: float) -> None:
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _endless(self) -> None:
        """List then watch, again and again; the first failure is tried again at once, then with back-off."""
        failures = 0
        while not self._stopping.is_set():
            try:
                self._list_then_watch()
                failures = 0
            except (Forbidden, NotFound) as error:
                self._sink.failed(self.scope, error)
                self._pause(RESTRICTED_WAIT_S)
            except ClusterError as error:
                if self._stopping.is_set():
                    return
                self._sink.failed(self.scope, error)
                failures = failures + 1 if self._was_refused else 1
                self._pause(_backoff_s(failures))
            except Exception:  # noqa: BLE001 - a watch never ends on a bug; it is logged and begun anew
                logger(__name__).exception("a watch of %s failed", self.scope.resource.kind)
                failures += 1
                self._pause(_backoff_s(failures))

    def _list_then_watch(self) -> None:
        """Until the resourceVersion is too old (410): then a new list is needed."""
        scope = self.scope
        self._was_refused = True
        listing = self._reader.list(scope.resource, namespace=scope.namespace, metadata_only=scope.metadata_only)
        self._was_refused = False
        self._sink.listed(scope, listing)
        version = listing.resource_version
        drops = 0
        while not self._stopping.is_set():
            try:
                version, drops = self._one_stream(version), 0
            except Gone:
                return
            except Forbidden:
                raise
            except ClusterError as error:
                if self._stopping.is_set():
                    return
                drops += 1
                self._sink.failed(scope, error)
                if drops > 1:
                    self._pause(_backoff_s(drops - 1))

    def _one_stream(self, version: str) -> str:
        """One stream to its end; the resourceVersion up to which everything was seen."""
        scope = self.scope
        stream = self._reader.watch(
            scope.resource, namespace=scope.namespace, resource_version=version, metadata_only=scope.metadata_only
        )
        self._stream = stream
        if self._stopping.is_set():
            stream.close()
        try:
            for events in stream.events():
                version = str(metadata_of(events[-1].object).get("resourceVersion") or version)
                self._sink.changed(scope, events)
        finally:
            self._stream = None
        return version

    def retry_now(self) -> None:
        """The server answers again: do not sit out the back-off."""
        self._kick.set()

    def _pause(self, seconds: float) -> None:
        self._kick.clear()
        if not self._stopping.is_set():
            self._kick.wait(seconds)


def _backoff_s(failures: int) -> float:
    """0 at first, then 0.2 s doubling up to 10 s, with jitter: many watches must not come back as one."""
    if failures <= 1:
        return 0.0
    return float(min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** (failures - 2)) * random.uniform(0.75, 1.25))
