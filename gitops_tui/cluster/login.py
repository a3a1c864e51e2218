"""Who we are to a cluster, and becoming so again: tokens and certificates that run out are renewed in one place."""

from __future__ import annotations

import threading
import time

from gitops_tui.cluster.access import Access
from gitops_tui.cluster.kubeconfig import ContextInfo, load
from gitops_tui.errors import GitOpsError
from gitops_tui.logs import logger

RENEW_PAUSE_S = 5.0
"""After a renewal that did not help nobody tries again for so long: every watch would run the plugin."""


class Login:
    """Thread-safe. ``generation`` counts the renewals: a request that was refused says which one it was sent with."""

    def __init__(self, info: ContextInfo, kubeconfig: str | None) -> None:
        """Log in. Raises `ConfigError`."""
        self._info = info
        self._kubeconfig = kubeconfig
        self._lock = threading.Lock()
        self._quiet_until = 0.0
        self.access: Access = load(info, kubeconfig)
        self._identity = _identity(self.access)
        self.generation = 0

    def headers(self) -> tuple[int, dict[str, str]]:
        """The generation and its ``authorization`` header, which the package's hook keeps fresh where it has one."""
        with self._lock:
            return self.generation, _headers(self.access)

    def renew(self, refused: int) -> bool:
        """Log in again after a 401 (a plugin runs, a file may have changed); whether it is worth to ask again."""
        with self._lock:
            if self.generation != refused:
                return True
            if time.monotonic() < self._quiet_until:
                return False
            try:
                found = load(self._info, self._kubeconfig, is_quiet=True)
            except GitOpsError as error:
                logger(__name__).warning("credentials were not renewed: %s", error)
                self._quiet_until = time.monotonic() + RENEW_PAUSE_S
                return False
            identity = _identity(found)
            if identity == self._identity:
                self._quiet_until = time.monotonic() + RENEW_PAUSE_S
                return False
            self.access, self._identity = found, identity
            self.generation += 1
            return True


def _headers(access: Access) -> dict[str, str]:
    bearer = access.bearer()
    return {"authorization": bearer} if bearer else {}


def _identity(access: Access) -> tuple[object, ...]:
    return access.bearer(), access.identity()
