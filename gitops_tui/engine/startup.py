"""Brings the engine's parts up once the home cluster answers, and takes them down, whichever comes first."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from gitops_tui.config import Settings
from gitops_tui.engine.assembly import Assembly
from gitops_tui.engine.board import Board
from gitops_tui.engine.identity import Identity, who_am_i
from gitops_tui.engine.session import Session
from gitops_tui.engine.shown import ClusterWatch
from gitops_tui.engine.system import System
from gitops_tui.errors import GitOpsError, OperationError
from gitops_tui.logs import logger

RETRY_S = 2.0
BEGINNER_S = 1.0


class Startup:
    """A thread of its own tries again until the cluster answers. ``assemble`` puts the parts together. Thread-safe."""

    def __init__(
        self,
        home: Callable[[], Session],
        board: Board,
        settings: Settings,
        system: System,
        assemble: Callable[[Identity], Assembly],
        clock: Callable[[], datetime],
    ) -> None:
        self.assembly: Assembly | None = None
        self._home = home
        self._board = board
        self._settings = settings
        self._system = system
        self._assemble = assemble
        self._clock = clock
        self._failure: GitOpsError | None = None
        self._begun = threading.Event()
        self._ended = threading.Event()
        self._stopping = False
        self._life = threading.Lock()
        """Held where threads begin, and where it is said that they end."""
        self._beginner = threading.Thread(target=self._begin, name="beginning", daemon=True)

    def start(self) -> None:
        self._beginner.start()

    def need(self) -> Assembly:
        """The parts; raises why there are none yet."""
        if self.assembly is None:
            raise self._failure or OperationError("the cluster has not answered yet", hint="Try again in a moment.")
        return self.assembly

    def wait(self, timeout_s: float) -> bool:
        """Until the parts run. Raises why the cluster cannot be used."""
        if self._begun.wait(timeout_s):
            return True
        if self._failure is not None:
            raise self._failure
        return False

    def stop(self) -> None:
        """No part starts after this. Idempotent."""
        with self._life:
            self._stopping = True
        self._ended.set()
        if self.assembly is not None:
            self.assembly.stop()

    def join(self) -> bool:
        """Wait a moment for the thread that begins; whether it was still there."""
        if not self._beginner.is_alive():
            return False
        self._beginner.join(BEGINNER_S)
        return True

    def _begin(self) -> None:
        """Discovery and identity first: all else rests on them."""
        home = self._home()
        since = self._clock()
        while not self._stopping:
            try:
                home.discovery.resources()
                identity = who_am_i(_who(home.reader.whoami))
                self._system.take(*self._system.fetched(home))
                self._start(self._assemble(identity))
                return
            except GitOpsError as error:
                self._failure = error
                self._board.put_cluster(ClusterWatch.failed_view(home, self._settings, error, since))
            except Exception as error:  # noqa: BLE001 - without this thread nothing ever begins, and nobody would know
                logger(__name__).exception("the beginning failed")
                self._failure = OperationError(f"internal error: {error}", hint="Look into the log file.")
            self._ended.wait(RETRY_S)

    def _start(self, assembly: Assembly) -> None:
        """Unless the end came first: after `stop` no thread may start."""
        with self._life:
            if self._stopping:
                return
            self.assembly, self._failure = assembly, None
            assembly.watch_home()
        assembly.wait_applications()
        with self._life:
            if not self._stopping:
                assembly.begin()
                self._begun.set()


def _who(ask: Callable[[], str]) -> str:
    """A server that does not say who we are (RBAC, old) is no reason not to work."""
    try:
        return ask()
    except GitOpsError:
        return ""
