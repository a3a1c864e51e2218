"""An HTTPS or HTTP server that answers as a test says, and kubeconfigs that name it."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

PATIENCE_S = 30.0
"""What takes milliseconds on an idle machine may take this long on a busy one."""
PROMPT_S = 10.0
"""Sooner than what hangs in a test would end by itself."""


@dataclass(frozen=True)
class Asked:
    verb: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    has_certificate: bool = False


@dataclass(frozen=True)
class Reply:
    """``parts`` are sent as chunks; ``cut``: the connection breaks instead of ending (None parts: before a word)."""

    body: Any = None
    code: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    parts: Iterator[bytes] | None = None
    cut: bool = False


class Scripted:
    """``asked`` are the requests so far."""

    def __init__(self, answer: Callable[[Asked], Reply], context: ssl.SSLContext | None = None) -> None:
        self.asked: list[Asked] = []
        self.answer = answer
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None
        if context:
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), name="scripted")

    def __enter__(self) -> Scripted:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(scripted: Scripted) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            url = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {key.lower(): value for key, value in self.headers.items()}
            peer = self.connection.getpeercert() if isinstance(self.connection, ssl.SSLSocket) else None
            asked = Asked(self.command, url.path, dict(parse_qsl(url.query)), headers, body, bool(peer))
            scripted.asked.append(asked)
            reply = scripted.answer(asked)
            if reply.cut and reply.parts is None:
                self.close_connection = True
                return
            self.send_response(reply.code)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.parts is not None:
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                for part in reply.parts:
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
                self.close_connection = reply.cut
                if not reply.cut:
                    self.wfile.write(b"0\r\n\r\n")
                return
            data = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815 - http.server's names

        def log_message(self, *_: object) -> None:
            return

    return Handler


def status(code: int, reason: str, message: str = "no", **details: Any) -> Reply:
    body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason,
            "message": message, "details": details}  # fmt: skip
    return Reply(body, code)


def kubeconfig(file: Path, server: str, user: dict[str, Any] | None = None, **cluster: Any) -> Path:
    """A kubeconfig with one context ``here``."""
    content = {
        "apiVersion": "v1", "kind": "Config", "current-context": "here",
        "clusters": [{"name": "c", "cluster": {"server": server, **cluster}}],
        "users": [{"name": "u", "user": user or {"token": "t"}}],
        "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u", "namespace": "n"}}],
    }  # fmt: skip
    file.write_text(json.dumps(content))
    return file


def eventually(question: Callable[[], Any], patience_s: float = PATIENCE_S) -> Any:
    end = time.monotonic() + patience_s
    while not (found := question()):
        assert time.monotonic() < end, f"not within {patience_s} s"
        time.sleep(0.005)
    return found


@contextmanager
def no_new_threads(patience_s: float = PROMPT_S) -> Iterator[None]:
    """Whatever begins inside has ended soon after."""
    before = set(threading.enumerate())
    yield
    end = time.monotonic() + patience_s
    while left := [one.name for one in threading.enumerate() if one not in before]:
        assert time.monotonic() < end, f"threads are left: {left}"
        time.sleep(0.005)
