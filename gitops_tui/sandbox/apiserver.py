"""HTTPS on loopback: sockets, threads and bytes around `endpoint`. One thread a connection, HTTP/1.1 kept alive."""

from __future__ import annotations

import logging
import select
import socket
import ssl
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from gitops_tui.errors import ApiError
from gitops_tui.sandbox.auth import Authenticator
from gitops_tui.sandbox.endpoint import Endpoint
from gitops_tui.sandbox.failure import internal, status_of
from gitops_tui.sandbox.http import Answer, Request, Stream
from gitops_tui.sandbox.store import Store

MAX_BODY = 3 * 1024 * 1024
"""Bytes, as the real server's limit."""

log = logging.getLogger(__name__)


class ApiServer:
    """Serves ``store`` from `start` to `stop`."""

    def __init__(self, store: Store, authenticator: Authenticator, context: ssl.SSLContext, port: int = 0) -> None:
        """Binds the port: connections wait from now on."""
        self._server = _Server(("127.0.0.1", port), context)
        self._server.authenticator = authenticator
        self._server.endpoint = Endpoint(store, f"127.0.0.1:{self.port}")
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), name="sandbox-apiserver", daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Close every connection and wait for the accepting thread."""
        self._server.shutdown()
        self._server.server_close()
        self._server.close_connections()
        self._thread.join(timeout=5)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256
    authenticator: Authenticator
    endpoint: Endpoint

    def __init__(self, address: tuple[str, int], context: ssl.SSLContext) -> None:
        super().__init__(address, _Handler)
        self._context = context
        self._connections: set[socket.socket] = set()
        self._lock = Lock()

    def get_request(self) -> tuple[socket.socket, Any]:
        """The handshake is left to the connection's own thread."""
        plain, address = self.socket.accept()
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        plain.settimeout(None)
        secured = self._context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
        with self._lock:
            self._connections.add(secured)
        return secured, address

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        with self._lock:
            found = list(self._connections)
        for connection in found:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no error."""
        log.debug("connection %s of %s ended", request, client_address, exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "gitops-tui-sandbox"
    wbufsize = 65536
    disable_nagle_algorithm = True

    def handle_method(self) -> None:
        body = self._read_body()
        try:
            answer = self._answer(body)
        except ApiError as error:
            answer = Answer.of(status_of(error), error.code)
        except Exception as error:  # the boundary: whatever goes wrong is a 500, and the server lives
            log.exception("%s %s", self.command, self.path)
            answer = Answer.of(status_of(internal(f"{type(error).__name__}: {error}")), 500)
        if isinstance(answer, Stream):
            self._send_stream(answer)
        else:
            self._send(answer)

    do_GET = do_HEAD = handle_method  # noqa: N815 - http.server calls them so
    do_POST = do_PUT = handle_method  # noqa: N815 - http.server calls them so
    do_PATCH = do_DELETE = handle_method  # noqa: N815 - http.server calls them so

    def _read_body(self) -> bytes:
        length = int(self.headers.get("Content-Length") or 0)
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return self._read_chunks()
        if length > MAX_BODY:
            self.close_connection = True
            return b""
        return self.rfile.read(length) if length else b""

    def _read_chunks(self) -> bytes:
        found = bytearray()
        while size := int(self.rfile.readline().partition(b";")[0] or b"0", 16):
            found += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return bytes(found)

    def _answer(self, body: bytes) -> Answer | Stream:
        server = cast(_Server, self.server)
        url = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=unquote(url.path),
            query=dict(parse_qsl(url.query, keep_blank_values=True)),
            user=server.authenticator.user(self.headers.get("Authorization", "")),
            accept=self.headers.get("Accept", ""),
            content_type=self.headers.get("Content-Type", "").partition(";")[0].strip(),
            user_agent=self.headers.get("User-Agent", ""),
            body=body,
        )
        return server.endpoint.handle(request)

    def _send(self, answer: Answer) -> None:
        self._start(answer.code, answer.content_type, answer.warnings)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)
        self.wfile.flush()

    def _start(self, code: int, content_type: str, warnings: tuple[str, ...] = ()) -> None:
        self.send_response(code)
        self.send_header("Content-Type", content_type)
        self.send_header("Cache-Control", "no-cache, private")
        for warning in warnings:
            quoted = warning.replace("\\", "\\\\").replace('"', '\\"')
            self.send_header("Warning", f'299 - "{quoted}"')

    def _send_stream(self, stream: Stream) -> None:
        self._start(200, stream.content_type)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            self.wfile.flush()
            for chunk in stream.chunks:
                if chunk:
                    self.wfile.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
                    self.wfile.flush()
                elif self._is_gone():
                    self.close_connection = True
                    return
            self.wfile.write(b"0\r\n\r\n")
            self.wfile.flush()
        except (OSError, ValueError):
            self.close_connection = True
        finally:
            stream.close()

    def _is_gone(self) -> bool:
        """Whether the client hung up: a client that waits for a stream sends nothing but the end."""
        try:
            return bool(select.select([self.connection], [], [], 0)[0])
        except (OSError, ValueError):
            return True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        log.debug(format, *args)
