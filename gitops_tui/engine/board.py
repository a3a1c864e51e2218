"""The newest picture of everything, and who is told of it.

Any thread puts a part on the board; one thread of its own turns the parts into numbered snapshots, at most ten a
second, and hands each to the listeners. A change after a quiet moment is published at once.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime

from msgspec.structs import replace

from gitops_tui.logs import logger
from gitops_tui.model.application import AppKey
from gitops_tui.model.snapshot import (
    AppView,
    ClusterView,
    JournalEntry,
    Mode,
    Problem,
    Snapshot,
    SourceView,
    TroubleKind,
)

MIN_INTERVAL_S = 0.1
JOURNAL_LENGTH = 500
_RANK = {kind: number for number, kind in enumerate(TroubleKind)}
Listener = Callable[[Snapshot], None]


class Board:
    """Holds the parts and publishes them. Every method may be called from any thread."""

    def __init__(self, clock: Callable[[], datetime], cluster: ClusterView, mode: Mode) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._changed = threading.Event()
        self._stopping = False
        self._apps: dict[AppKey, AppView] = {}
        self._sources: dict[str, SourceView] = {}
        self._problems: tuple[Problem, ...] = ()
        self._journal: deque[JournalEntry] = deque(maxlen=JOURNAL_LENGTH)
        self._listeners: list[Listener] = []
        self._snapshot = Snapshot(0, clock(), cluster, mode=mode, is_loading=True)
        self._thread = threading.Thread(target=self._publish_forever, name="publisher", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        self._changed.set()
        if self._thread.is_alive():
            self._thread.join(timeout=2)

    # --- what others ask
    def snapshot(self) -> Snapshot:
        return self._snapshot

    def current(self) -> Snapshot:
        """The newest picture, published now: for whoever just changed it and wants to see that."""
        self._publish()
        return self._snapshot

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        with self._lock:
            self._listeners.append(listener)
        listener(self._snapshot)

        def end() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return end

    def view(self, key: AppKey) -> AppView | None:
        return self._apps.get(key)

    # --- what the core puts here
    def put_app(self, view: AppView) -> None:
        with self._lock:
            unchanged = self._apps.get(view.key) == view
            self._apps[view.key] = view
        if not unchanged:
            self._changed.set()

    def keep_apps(self, keys: Iterable[AppKey]) -> None:
        """Drop every application that is not among ``keys``."""
        wanted = set(keys)
        with self._lock:
            gone = [key for key in self._apps if key not in wanted]
            for key in gone:
                del self._apps[key]
        if gone:
            self._changed.set()

    def put_source(self, view: SourceView) -> None:
        with self._lock:
            self._sources[view.url] = view
        self._changed.set()

    def put_problems(self, problems: tuple[Problem, ...]) -> None:
        with self._lock:
            unchanged = problems == self._problems
            self._problems = problems
        if not unchanged:
            self._changed.set()

    def put_cluster(self, cluster: ClusterView) -> None:
        with self._lock:
            unchanged = self._snapshot.cluster == cluster
            self._snapshot = replace(self._snapshot, cluster=cluster)
        if not unchanged:
            self._changed.set()

    def put_mode(self, mode: Mode, reason: str = "") -> None:
        with self._lock:
            self._snapshot = replace(self._snapshot, mode=mode, mode_reason=reason)
        self._changed.set()

    def loaded(self) -> None:
        with self._lock:
            self._snapshot = replace(self._snapshot, is_loading=False)
        self._changed.set()

    def note(self, app: AppKey, text: str, kind: str = "info") -> None:
        """Add a line to the journal."""
        with self._lock:
            self._journal.append(JournalEntry(self._clock(), app, text, kind))
        self._changed.set()

    # --- publishing
    def _publish_forever(self) -> None:
        while True:
            self._changed.wait()
            if self._stopping:
                return
            self._changed.clear()
            self._publish()
            time.sleep(MIN_INTERVAL_S)

    def _publish(self) -> None:
        with self._lock:
            self._snapshot = replace(
                self._snapshot,
                number=self._snapshot.number + 1,
                at=self._clock(),
                apps=tuple(sorted(self._apps.values(), key=_by_trouble)),
                sources=tuple(self._sources.values()),
                problems=self._problems,
                journal=tuple(self._journal),
            )
            snapshot, listeners = self._snapshot, tuple(self._listeners)
        for listener in listeners:
            try:
                listener(snapshot)
            except Exception:  # noqa: BLE001 - a listener that fails must not silence the others
                logger(__name__).exception("a listener failed")


def _by_trouble(view: AppView) -> tuple[int, float, str, str]:
    """Worst first; of the same trouble the newest first; else by name."""
    since = view.trouble.since
    return _RANK[view.trouble.kind], -since.timestamp() if since else 0.0, view.app.name, view.app.namespace
