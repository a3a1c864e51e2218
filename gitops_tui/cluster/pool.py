"""The HTTP pool of a connection, which knows its sockets: closing it ends what is being read, in every thread."""

from __future__ import annotations

import socket
import threading
import weakref
from typing import TYPE_CHECKING, Any

from gitops_tui.cluster.access import Access

if TYPE_CHECKING:
    from urllib3 import PoolManager


class Pool:
    """urllib3's pool manager as `Access` makes it: certificates, proxies, keep-alive."""

    def __init__(self, access: Access) -> None:
        self._lock = threading.Lock()
        self._sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self._is_closed = False
        self._access = access
        self.manager = self._made(access)

    def _made(self, access: Access) -> PoolManager:
        import urllib3

        if not access.is_verified:  # asked for; a warning a request would be written over the cockpit
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        manager = access.pool_manager()
        classes: dict[str, Any] = dict(manager.pool_classes_by_scheme)
        manager.pool_classes_by_scheme = {scheme: self._tracked(one) for scheme, one in classes.items()}
        return manager

    def use(self, access: Access) -> None:
        """Connect with another access from now on; what is being read goes on."""
        if access is not self._access:
            if access.identity() != self._access.identity():
                self.manager.clear()
                self.manager = self._made(access)
            self._access = access

    def _tracked(self, pool_class: Any) -> Any:
        """The same kind of pool; its connections tell of their sockets."""
        base = pool_class.ConnectionCls

        def connect(connection: Any) -> None:
            base.connect(connection)
            self._add(connection.sock)

        tracked = type(f"Tracked{base.__name__}", (base,), {"connect": connect})
        return type(f"Tracked{pool_class.__name__}", (pool_class,), {"ConnectionCls": tracked})

    def _add(self, sock: socket.socket) -> None:
        with self._lock:
            if not self._is_closed:
                self._sockets.add(sock)
                return
        sock.close()

    def close(self) -> None:
        """Shut every socket: whoever reads from one gets its end. A connection in the making takes its timeout."""
        with self._lock:
            self._is_closed = True
            sockets = list(self._sockets)
        for sock in sockets:
            shut(sock)
        self.manager.clear()


def shut(sock: socket.socket | None) -> None:
    """End a socket under a thread that reads from it: ``close`` alone would not wake that."""
    try:
        if sock is not None:
            sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
