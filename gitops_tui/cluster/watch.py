"""One kind, watched without end, in three routines: endless, list then watch, one stream.

Survives 410, drops, restarts and half-open connections. Each routine is testable by itself.
"""

from __future__ import annotations

import random
import threading
import time
from typing import Protocol

from msgspec import Struct

from gitops_tui.cluster.client import Listing, Reader, WatchEvent, WatchStream
from gitops_tui.cluster.discovery import ApiResource
from gitops_tui.cluster.opening import Opening
from gitops_tui.errors import ApiError, ClusterError, ClusterUnreachable, Forbidden, GitOpsError, Gone, NotFound
from gitops_tui.logs import logger
from gitops_tui.model.resource import metadata_of

FIRST_WAIT_S = 0.2
LONGEST_WAIT_S = 10.0
SHORT_S = 1.0
"""A stream that ends sooner than this, with nothing in it, counts as dropped."""
RESTRICTED_WAIT_S = 300.0
"""A kind that may not be read is asked for again this rarely: a role may be granted."""


class Sink(Protocol):
    """What a watch feeds. Called on the watch's thread."""

    def listed(self, scope: Scope, listing: Listing) -> None: ...

    def changed(self, scope: Scope, events: list[WatchEvent]) -> None:
        """No events: a stream stands, and what was listed is up to date."""

    def failed(self, scope: Scope, error: GitOpsError) -> None: ...


class Scope(Struct, frozen=True):
    """What one watch covers: a kind, in one namespace or (empty) in all, whole or metadata only."""

    resource: ApiResource
    namespace: str = ""
    metadata_only: bool = False


class Watch:
    """A daemon thread that keeps a sink up to date. `stop` ends it at once."""

    def __init__(self, reader: Reader, scope: Scope, sink: Sink, opening: Opening | None = None) -> None:
        self._reader = reader
        self._opening = opening or Opening(is_over=True)
        self.scope = scope
        self._sink = sink
        self._stopping = threading.Event()
        self._stream: WatchStream | None = None
        self._kick = threading.Event()
        self._was_refused = True
        self._version = ""
        self._drops = 0
        self._relists = 0
        name = f"watch {scope.resource.plural}.{scope.resource.group}"
        self.thread = threading.Thread(target=self._endless, name=name, daemon=True)

    def start(self) -> None:
        self.thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._kick.set()
        stream = self._stream
        if stream is not None:
            stream.close()

    def _endless(self) -> None:
        """List then watch, again and again; the first failure is tried again at once, then with back-off."""
        failures = 0
        while not self._stopping.is_set():
            try:
                self._list_then_watch()
                failures = 0
                self._relists += 1
                self._pause(_backoff_s(self._relists))
            except Forbidden as error:
                self._sink.failed(self.scope, error)
                self._pause(RESTRICTED_WAIT_S)
            except ClusterError as error:
                if self._stopping.is_set():
                    return
                self._sink.failed(self.scope, error)
                failures = failures + 1 if self._was_refused else 1
                self._pause(_patience_s(failures, error))
            except Exception:  # noqa: BLE001 - a watch never ends on a bug; it is logged and begun anew
                logger(__name__).exception("a watch of %s failed", self.scope.resource.kind)
                failures += 1
                self._pause(_backoff_s(failures))

    def _list_then_watch(self) -> None:
        """Until the resourceVersion is too old (410): then a new list is needed."""
        scope = self.scope
        self._was_refused = True
        listing = self._list()
        if self._stopping.is_set():
            return
        self._was_refused = False
        self._sink.listed(scope, listing)
        self._version = listing.resource_version
        self._drops = 0
        self._opening.wait_over()
        while not self._stopping.is_set():
            try:
                self._one_stream()
                self._drops = 0
            except Gone:
                return
            except (Forbidden, NotFound):
                raise
            except ClusterError as error:
                if self._stopping.is_set():
                    return
                self._drops += 1
                if self._drops > 1:  # one drop is everyday: idle timeouts, a server that restarts
                    self._sink.failed(scope, error)
                self._pause(_patience_s(self._drops, error))

    def _list(self) -> Listing:
        """The whole kind; nothing is asked for where the end came while others were listing."""
        scope = self.scope
        with self._opening.turn():
            if self._stopping.is_set():
                return Listing([], "")
            return self._reader.list(scope.resource, namespace=scope.namespace, metadata_only=scope.metadata_only)

    def _one_stream(self) -> None:
        """One stream to its end. What was seen is not asked for again, however it ends: it would come twice."""
        scope = self.scope
        began, is_empty = time.monotonic(), True
        stream = self._reader.watch(
            scope.resource,
            namespace=scope.namespace,
            resource_version=self._version,
            metadata_only=scope.metadata_only,
        )
        self._stream = stream
        if self._stopping.is_set():
            stream.close()
        try:
            self._sink.changed(scope, [])
            for events in stream.events():
                self._sink.changed(scope, events)
                self._version = str(metadata_of(events[-1].object).get("resourceVersion") or self._version)
                self._drops = self._relists = 0
                is_empty = False
        finally:
            self._stream = None
            stream.close()
        if is_empty and time.monotonic() - began < SHORT_S and not self._stopping.is_set():
            raise ClusterUnreachable(f"the watch of {scope.resource.plural} ended as soon as it began")

    def retry_now(self) -> None:
        """The server answers again: do not sit out the back-off."""
        self._kick.set()

    def _pause(self, seconds: float) -> None:
        self._kick.clear()
        if not self._stopping.is_set():
            self._kick.wait(seconds)


def _patience_s(failures: int, error: GitOpsError) -> float:
    """What the server asks for, where it asks for more than the back-off."""
    asked = error.retry_after_s if isinstance(error, ApiError) else None
    return max(_backoff_s(failures), min(asked or 0.0, LONGEST_WAIT_S))


def _backoff_s(failures: int) -> float:
    """0 at first, then 0.2 s doubling up to 10 s, with jitter: many watches must not come back as one."""
    if failures <= 1:
        return 0.0
    return float(min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** (failures - 2)) * random.uniform(0.75, 1.25))
