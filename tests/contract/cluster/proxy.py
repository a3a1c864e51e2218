"""A TCP proxy before an API server, to be cut: TLS goes through it untouched."""

from __future__ import annotations

import contextlib
import json
import random
import selectors
import socket
import threading
from pathlib import Path
from urllib.parse import urlsplit


class Proxy:
    """``cut`` breaks what stands; ``stop_listening`` refuses what comes, ``listen`` takes it again on the same port."""

    def __init__(self, server: str) -> None:
        url = urlsplit(server)
        self._upstream = (url.hostname or "127.0.0.1", url.port or 443)
        self._lock = threading.Lock()
        self._pairs: dict[socket.socket, socket.socket] = {}
        self._threads: list[threading.Thread] = []
        self._listener: socket.socket | None = None
        self._port = 0
        self.accepted = 0
        self.listen()

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self._port}"

    @property
    def open_connections(self) -> int:
        with self._lock:
            return len(self._pairs)

    def kubeconfig(self, original: Path, file: Path) -> Path:
        content = json.loads(original.read_text())
        content["clusters"][0]["cluster"]["server"] = self.url
        file.write_text(json.dumps(content))
        return file

    def listen(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self._port))
        self._port = self._listener.getsockname()[1]
        self._spawn(self._accept, self._listener)

    def stop_listening(self) -> None:
        if self._listener is not None:
            listener, self._listener = self._listener, None
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def cut(self, share: float = 1.0) -> None:
        """Break connections; of many, this share of them by chance."""
        with self._lock:
            pairs = [pair for pair in self._pairs.items() if random.random() < share]
        for pair in pairs:
            for one in pair:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.stop_listening()
        self.cut()
        for thread in self._threads:
            thread.join(5)

    def _spawn(self, target: object, *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, name="proxy", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            self.accepted += 1
            self._spawn(self._carry, near)

    def _carry(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(self._upstream, 5)
        except OSError:
            near.close()
            return
        with self._lock:
            self._pairs[near] = far
        try:
            self._pump(near, far)
        except OSError:
            pass
        finally:
            with self._lock:
                del self._pairs[near]
            near.close()
            far.close()

    @staticmethod
    def _pump(near: socket.socket, far: socket.socket) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(near, selectors.EVENT_READ, far)
            selector.register(far, selectors.EVENT_READ, near)
            while True:
                for key, _ in selector.select():
                    data = key.fileobj.recv(65536)
                    if not data:
                        return
                    key.data.sendall(data)
