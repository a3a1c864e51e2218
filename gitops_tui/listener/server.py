"""The server: the standard library's, one thread a connection, one request a connection.

What slow or many clients could do is bounded: so many connections at once (more get 503), so long for a whole request
(then its socket is shut, whatever trickles in), so many bytes. Of a request only method and status are logged.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any

from msgspec import Struct

from gitops_tui.errors import ConfigError
from gitops_tui.listener.address import Address
from gitops_tui.listener.body import PIECE, Budget, expected_length, read_body
from gitops_tui.listener.route import Answer, Refused, Request, Route
from gitops_tui.logs import logger

BUSY = b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
TICK_S = 0.25
ENOUGH_BODIES = 2
LINGER_S = 1.0


class Limits(Struct, frozen=True):
    """``idle_s``: between two pieces of a request; ``request_s``: for all of it, the answer included."""

    connections: int = 32
    idle_s: float = 10.0
    request_s: float = 30.0


class Certificate(Struct, frozen=True):
    """PEM files of a certificate (with its chain) and its key."""

    file: Path
    key: Path

    def context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        try:
            context.load_cert_chain(self.file, self.key)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(
                f"{self.file}, {self.key}: no certificate with its key: {error}", hint="Give two PEM files."
            ) from error
        return context


class Listener:
    """Serves ``routes`` (by path) from `start` to `stop`. Raises `ConfigError` where the address cannot be had."""

    def __init__(
        self,
        address: Address,
        routes: Mapping[str, Route],
        *,
        limits: Limits | None = None,
        certificate: Certificate | None = None,
    ) -> None:
        context = certificate.context() if certificate is not None else None
        try:
            self._server = _Server(address, routes, limits or Limits(), context)
        except (OSError, UnicodeError) as error:
            raise ConfigError(f"cannot listen on {address}: {error}", hint="Choose another address.") from error
        self.address = Address(address.host, int(self._server.server_address[1]))
        name = f"listener {self.address.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(TICK_S,), name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Take nothing more; what is being answered has a moment to end."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join(2)
        self._server.server_close()
        self._server.shut_all()


class _Server(ThreadingMixIn, HTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(
        self, address: Address, routes: Mapping[str, Route], limits: Limits, context: ssl.SSLContext | None
    ) -> None:
        self.routes = routes
        self.limits = limits
        self._context = context
        self.budget = Budget(ENOUGH_BODIES * max(route.body_limit for route in routes.values()))
        self._places = threading.BoundedSemaphore(limits.connections)
        self._deadlines: dict[socket.socket, float] = {}
        self._lock = threading.Lock()
        self._is_dual = not address.host and socket.has_dualstack_ipv6()
        if self._is_dual or ":" in address.host:
            self.address_family = socket.AF_INET6
        super().__init__((address.host, address.port), _Handler)

    def server_bind(self) -> None:
        """Without looking up our own name, which the standard library does and never uses here."""
        if self._is_dual:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._places.acquire(blocking=False):
            try:
                request.settimeout(0.1)
                request.sendall(BUSY)
            except OSError:
                pass
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except RuntimeError:  # no thread can be made
            self._places.release()
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        served = request
        try:
            request.settimeout(self.limits.idle_s)
            if self._context is not None:
                served = self._context.wrap_socket(request, server_side=True, do_handshake_on_connect=False)
            self._until(served, time.monotonic() + self.limits.request_s)
            if self._context is not None:
                served.do_handshake()
            self.finish_request(served, client_address)
        except Exception as error:  # noqa: BLE001 - whatever a client does, it is its own connection that ends
            logger(__name__).debug("a connection ended: %s", type(error).__name__)
        finally:
            with self._lock:
                self._deadlines.pop(served, None)
            self.shutdown_request(served)
            self._places.release()

    def _until(self, sock: socket.socket, deadline: float) -> None:
        with self._lock:
            self._deadlines[sock] = deadline

    def service_actions(self) -> None:
        """Called again and again while we serve: shut what took too long."""
        now = time.monotonic()
        with self._lock:
            late = [sock for sock, deadline in self._deadlines.items() if deadline <= now]
        for sock in late:
            _shut(sock)

    def shut_all(self) -> None:
        with self._lock:
            open_now = list(self._deadlines)
        for sock in open_now:
            _shut(sock)


def _shut(sock: socket.socket) -> None:
    """Wakes the thread that reads from it; a TLS socket would want to say good-bye first."""
    try:
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError:
        return


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def version_string(self) -> str:
        return "gitops-tui"

    def __getattr__(self, name: str) -> Any:
        """Every method is looked at by `_serve`, which knows those of a path."""
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def _serve(self) -> None:
        path = self.path.partition("?")[0]
        route = self.server.routes.get(path)
        try:
            answer = self._answered(route, path)
        except Refused as refused:
            answer = Answer.text(refused.status, refused.words)
            if route is not None:
                route.refused(refused.status)
        except TimeoutError:
            answer = Answer.text(408, "the request did not come in time")
            if route is not None:
                route.refused(408)
        self._send(answer)

    def _answered(self, route: Route | None, path: str) -> Answer:
        if route is None:
            return Answer.text(404, "not found")
        if self.command not in route.methods:
            route.refused(405)
            return Answer.text(405, "method not allowed", Allow=", ".join(route.methods))
        headers = {name.lower(): value for name, value in reversed(self.headers.items())}
        body = read_body(self.rfile, headers, route.body_limit, self.server.budget)
        try:
            return route.answer(Request(self.command, path, headers, body))
        except Exception as error:  # noqa: BLE001 - a traceback could show what was sent
            logger(__name__).error("a request failed: %s", type(error).__name__)
            return Answer.text(500, "internal error")

    def handle_expect_100(self) -> bool:
        """A body that will be refused is not asked for."""
        route = self.server.routes.get(self.path.partition("?")[0])
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            if route is not None and self.command in route.methods:
                expected_length(headers, route.body_limit)
        except Refused as refused:
            if route is not None:
                route.refused(refused.status)
            self._send(Answer.text(refused.status, refused.words))
            return False
        return super().handle_expect_100()

    def _send(self, answer: Answer) -> None:
        self.close_connection = True
        self.send_response(answer.status)
        for name, value in {
            "Content-Type": answer.content_type,
            "Content-Length": str(len(answer.content)),
            "Connection": "close",
            "X-Content-Type-Options": "nosniff",
            **answer.headers,
        }.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.content)
        if answer.status >= 400:
            self._linger()

    def _linger(self) -> None:
        """Read on for a moment: closing over what is still being sent would take the answer away from the client."""
        if isinstance(self.connection, ssl.SSLSocket):
            return
        until = time.monotonic() + LINGER_S
        try:
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(LINGER_S)
            while time.monotonic() < until and self.connection.recv(PIECE):
                pass
        except OSError:
            return

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the standard library refuses by itself, without repeating what was sent."""
        del message, explain
        self.command = getattr(self, "command", None) or ""
        self.request_version = self.protocol_version  # what spoke no HTTP is answered in HTTP
        self._send(Answer.text(code, "bad request" if code < 500 else "not served"))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the standard library's name
        del format, args

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        del size
        logger(__name__).debug("%s %s", (self.command or "-")[:10].encode("ascii", "replace").decode(), int(code))
