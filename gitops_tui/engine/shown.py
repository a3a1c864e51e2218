"""How the cluster is reached, as the header shows it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from fnmatch import fnmatchcase

from gitops_tui.config import Settings
from gitops_tui.engine.board import Board
from gitops_tui.engine.session import Session
from gitops_tui.errors import ClusterError, GitOpsError
from gitops_tui.model.snapshot import ClusterView

EVERY_S = 1.0


class ClusterWatch:
    """Puts the home cluster's state on the board, once a second; only what moved is published."""

    def __init__(self, session: Session, settings: Settings, board: Board, user: str) -> None:
        self._session = session
        self._settings = settings
        self._board = board
        self._user = user
        self._version = ""
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="cluster view", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()

    @staticmethod
    def first_view(session: Session, settings: Settings) -> ClusterView:
        """Before anything was asked."""
        connection = session.connection
        return ClusterView(
            name=session.name,
            context=connection.context,
            server=connection.server,
            user=connection.user_name,
            is_production=any(fnmatchcase(session.name, pattern) for pattern in settings.production),
        )

    @staticmethod
    def failed_view(session: Session, settings: Settings, error: GitOpsError, now: datetime) -> ClusterView:
        first = ClusterWatch.first_view(session, settings)
        message = error.with_hint
        return ClusterView(
            first.name, first.context, first.server, first.user,
            is_reachable=False, stale_since=now, message=message, is_production=first.is_production,
        )  # fmt: skip

    def _keep(self) -> None:
        while not self._stopping.is_set():
            self._board.put_cluster(self._view())
            self._stopping.wait(EVERY_S)

    def _view(self) -> ClusterView:
        """Contact and latency are rounded: a header that flickers tells nothing."""
        cache = self._session.cache
        first = self.first_view(self._session, self._settings)
        stale = cache.stale_since
        latency = cache.latency_s
        return ClusterView(
            name=first.name,
            context=first.context,
            server=first.server,
            user=self._user or first.user,
            version=self._server_version(),
            is_reachable=stale is None,
            last_contact=cache.last_contact if stale is not None else None,
            stale_since=stale,
            latency_s=round(latency, 2) if latency is not None else None,
            restricted=cache.restricted(),
            message=cache.message,
            is_production=first.is_production,
        )

    def _server_version(self) -> str:
        if not self._version:
            ask: Callable[[], dict[str, object]] = self._session.reader.version
            try:
                self._version = str(ask().get("gitVersion", ""))
            except ClusterError:
                return ""
        return self._version
