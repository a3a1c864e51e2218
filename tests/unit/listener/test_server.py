"""The server against clients that mean no good, over real sockets."""

from __future__ import annotations

import io
import logging
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gitops_tui.errors import ConfigError
from gitops_tui.listener.address import Address, parse_address
from gitops_tui.listener.body import Budget, read_body
from gitops_tui.listener.route import Answer, Refused, Request, Route
from gitops_tui.listener.server import Certificate, Limits, Listener

LIMIT = 1000
PATIENCE_S = 60.0


class Echo:
    """Answers with the body; keeps what it was asked and what was refused before it."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.refused: list[int] = []

    def __call__(self, request: Request) -> Answer:
        self.asked.append(request)
        if request.body == b"fail":
            raise RuntimeError("a secret: hunter2")
        return Answer(200, request.body)

    def routes(self) -> dict[str, Route]:
        return {"/echo": Route(("POST",), self, LIMIT, self.refused.append)}


@contextmanager
def serving(echo: Echo, limits: Limits | None = None, certificate: Certificate | None = None) -> Iterator[Listener]:
    listener = Listener(Address("127.0.0.1", 0), echo.routes(), limits=limits, certificate=certificate)
    listener.start()
    try:
        yield listener
    finally:
        listener.stop()


def connected(listener: Listener) -> socket.socket:
    return socket.create_connection(("127.0.0.1", listener.address.port), timeout=PATIENCE_S)


def answered(sock: socket.socket) -> bytes:
    """All until the server closes."""
    found = b""
    try:
        while piece := sock.recv(65536):
            found += piece
    except ConnectionError:
        pass
    return found


def ask(listener: Listener, text: bytes) -> bytes:
    with connected(listener) as sock:
        sock.sendall(text)
        return answered(sock)


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def post(content: bytes, *headers: str, method: str = "POST", path: str = "/echo") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: x", *headers]
    if not any(one.lower().startswith(("content-length", "transfer-encoding")) for one in headers):
        lines.append(f"Content-Length: {len(content)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + content


CHUNKED = "Transfer-Encoding: chunked"
BODIES = [
    (post(b"hello"), 200),
    (post(b"5\r\nhello\r\n0\r\n\r\n", CHUNKED), 200),
    (post(b"3;a=b\r\nhel\r\n2\r\nlo\r\n0\r\nX: y\r\n\r\n", CHUNKED), 200),
    (post(b"x" * LIMIT), 200),
    (post(b"x" * (LIMIT + 1)), 413),
    (post(b"", "Content-Length: 99999999999999"), 413),
    (post(b"", "Content-Length: 99999999999999999999999999"), 400),
    (post(b"", "Content-Length: -1"), 400),
    (post(b"", "Content-Length: \xb2"), 400),
    (post(b"", "Content-Length: 0x10"), 400),
    (post(b"", "Content-Length: abc"), 400),
    (post(b"0\r\n\r\n", CHUNKED, "Content-Length: 5"), 400),
    (post(b"", "Transfer-Encoding: gzip"), 400),
    (post(b"zz\r\n", CHUNKED), 400),
    (post(b"-5\r\nhello\r\n0\r\n\r\n", CHUNKED), 400),
    (post(b"5\r\nhellooo\r\n0\r\n\r\n", CHUNKED), 400),
    (post(b"ffffffffffffffff\r\n" + b"x" * 5000, CHUNKED), 413),
    (post((b"64\r\n" + b"x" * 100 + b"\r\n") * 11, CHUNKED), 413),
    (post(b"0\r\n" + b"A: b\r\n" * 100 + b"\r\n", CHUNKED), 400),
    (post(b"", method="GET"), 405),
    (post(b"", method="PUT"), 405),
    (post(b"", method="BREW"), 405),
    (post(b"", path="/"), 404),
    (post(b"", path="/echo/../etc/passwd"), 404),
    (post(b"", path="/echo/"), 404),
    (post(b"hello", path="/echo?x=y"), 200),
    (post(b"fail"), 500),
    (b"GARBAGE\r\n\r\n", 400),
    (b"POST /echo HTTP/9.9\r\n\r\n", 505),
    (b"GET " + b"/" * 70_000 + b" HTTP/1.1\r\n\r\n", 414),
    (post(b"", *[f"X-{n}: y" for n in range(200)]), 431),
    (post(b"", "X: " + "y" * 70_000), 431),
    (b"POST /echo HTTP/1.1\r\nContent-Length: 5\r\n\r\n\xff\x00\xfe\x1b[", 200),
]  # fmt: skip


def test_bodies_and_what_is_none(caplog: pytest.LogCaptureFixture) -> None:
    echo = Echo()
    with caplog.at_level(logging.DEBUG), serving(echo) as listener:
        for text, expected in BODIES:
            answer = ask(listener, text)
            assert status(answer) == expected, text[:80]
            assert b"Traceback" not in answer and b"hunter2" not in answer
            assert b"passwd" not in answer and b"GARBAGE" not in answer
    assert "hunter2" not in caplog.text and "Traceback" not in caplog.text
    assert b"hello" in [one.body for one in echo.asked]
    assert {400, 405, 413} <= set(echo.refused)


def test_the_answer_says_what_may_be_asked() -> None:
    with serving(Echo()) as listener:
        answer = ask(listener, post(b"", method="GET"))
    assert b"Allow: POST\r\n" in answer
    assert b"Server: gitops-tui\r\n" in answer


def test_a_large_body_is_refused_before_it_is_sent() -> None:
    with serving(Echo()) as listener:
        with connected(listener) as sock:
            sock.sendall(post(b"", "Expect: 100-continue", f"Content-Length: {LIMIT + 1}"))
            assert status(answered(sock)) == 413
        with connected(listener) as sock:
            sock.sendall(post(b"", "Expect: 100-continue", "Content-Length: 5"))
            assert sock.recv(100).startswith(b"HTTP/1.1 100 ")
            sock.sendall(b"hello")
            assert status(answered(sock)) == 200


def test_a_body_that_ends_early_is_no_body() -> None:
    echo = Echo()
    with serving(echo) as listener, connected(listener) as sock:
        sock.sendall(post(b"hel", "Content-Length: 5"))
        sock.shutdown(socket.SHUT_WR)
        assert status(answered(sock)) == 400
    assert echo.asked == []


@pytest.mark.parametrize("begin", [b"", b"POST /echo HTTP/1.1\r\nX", post(b"hel", "Content-Length: 5")])
def test_who_says_nothing_more_is_hung_up_on(begin: bytes) -> None:
    echo = Echo()
    with serving(echo, Limits(idle_s=0.2)) as listener, connected(listener) as sock:
        sock.sendall(begin)
        found = answered(sock)
    assert found == b"" or status(found) in (400, 408)
    assert echo.asked == []


def test_who_trickles_is_hung_up_on() -> None:
    echo = Echo()
    with serving(echo, Limits(request_s=0.5)) as listener, connected(listener) as sock:
        trickle = threading.Thread(target=_trickle, args=(sock,), daemon=True)
        trickle.start()
        found = answered(sock)
        assert found == b"" or status(found) in (400, 408)
        trickle.join(PATIENCE_S)
        assert not trickle.is_alive()
    assert echo.asked == []


def _trickle(sock: socket.socket) -> None:
    """A byte now and then, until the other side is gone."""
    try:
        sock.sendall(post(b"", "Content-Length: 900"))
        while True:
            sock.sendall(b"x")
            time.sleep(0.05)
    except OSError:
        return


def test_more_connections_than_places_are_refused_at_once_and_places_come_back() -> None:
    echo = Echo()
    with serving(echo, Limits(connections=2)) as listener:
        first, second = connected(listener), connected(listener)
        for sock in (first, second):
            sock.sendall(post(b"he", "Content-Length: 5"))
        deadline = time.monotonic() + PATIENCE_S
        while status(found := ask(listener, post(b"hello"))) != 503:  # until both have their place
            assert time.monotonic() < deadline
        assert b"Connection: close" in found
        for sock in (first, second):
            sock.sendall(b"llo")
            assert status(answered(sock)) == 200
            sock.close()
        while status(ask(listener, post(b"hello"))) == 503:
            assert time.monotonic() < deadline


def test_bodies_together_are_bounded() -> None:
    budget = Budget(100)
    budget.take(60)
    with pytest.raises(Refused) as refused:
        read_body(io.BytesIO(b"x" * 50), {"content-length": "50"}, 1000, budget)
    assert refused.value.status == 503
    budget.give_back(60)
    assert read_body(io.BytesIO(b"x" * 100), {"content-length": "100"}, 1000, budget) == b"x" * 100
    assert read_body(io.BytesIO(b"x" * 100), {"content-length": "100"}, 1000, budget) == b"x" * 100


def test_an_end_in_the_middle_of_an_answer_ends_the_server() -> None:
    with serving(Echo()) as listener:
        sock = connected(listener)
        sock.sendall(b"POST /echo HTTP/1.1\r\n")
    with sock:
        assert answered(sock) == b""
    with pytest.raises(OSError):
        connected(listener)


ADDRESSES = {
    ":8080": Address("", 8080),
    "127.0.0.1:9000": Address("127.0.0.1", 9000),
    "[::1]:9000": Address("::1", 9000),
    "localhost:0": Address("localhost", 0),
}


@pytest.mark.parametrize("text", ADDRESSES)
def test_addresses(text: str) -> None:
    assert parse_address(text, "--webhook") == ADDRESSES[text]
    assert str(ADDRESSES[text]) == text


@pytest.mark.parametrize(
    "text", ["", "8080", "host", "::1:9000", ":99999", ":x", "a b:1", "[::1]", "http://x:80", ":-1"]
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ConfigError, match="--webhook"):
        parse_address(text, "--webhook")


def test_an_address_in_use_is_said() -> None:
    with serving(Echo()) as listener, pytest.raises(ConfigError, match="cannot listen on"):
        Listener(listener.address, Echo().routes())


def test_every_interface() -> None:
    listener = Listener(Address("", 0), Echo().routes())
    listener.start()
    try:
        assert status(ask(listener, post(b"hello"))) == 200
    finally:
        listener.stop()


def test_tls(tmp_path: Path) -> None:
    certificate = _certificate(tmp_path)
    echo = Echo()
    with serving(echo, Limits(idle_s=0.5), certificate) as listener:
        context = ssl.create_default_context(cafile=str(certificate.file))
        with context.wrap_socket(connected(listener), server_hostname="localhost") as sock:
            sock.sendall(post(b"hello"))
            assert status(answered(sock)) == 200
        with connected(listener) as plain:  # no handshake: hung up on, and the server goes on
            plain.sendall(post(b"hello"))
            assert b"200" not in answered(plain)
        with connected(listener) as silent:
            assert answered(silent) == b""
        with context.wrap_socket(connected(listener), server_hostname="localhost") as sock:
            sock.sendall(post(b"x", "Content-Length: 99999"))
            assert status(answered(sock)) == 413
    assert [one.body for one in echo.asked] == [b"hello"]


def test_a_certificate_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("no certificate")
    with pytest.raises(ConfigError, match="no certificate"):
        Listener(Address("127.0.0.1", 0), Echo().routes(), certificate=Certificate(tmp_path / "x", tmp_path / "y"))


def _certificate(folder: Path) -> Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return Certificate(folder / "cert.pem", folder / "key.pem")
