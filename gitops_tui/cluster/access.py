"""What a connection needs to know of a server and of who we are there, and urllib3's pool made of it.

Most kubeconfigs hold certificates and tokens as they are: `plain_access` reads these by itself. Whatever has to be
worked out (plugins, providers, proxies, a pod's service account) is left to the ``kubernetes`` package, whose import
costs a fifth of the time to the first screen (docs/decisions/raw-client.md). Both are one `Access`.
"""

from __future__ import annotations

import base64
import os
import socket
import ssl
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from urllib3 import PoolManager

POOL_SIZE = 96
"""A watch holds a connection: one a kind, and some for requests."""
PLAIN_CLUSTER = {
    "server",
    "certificate-authority",
    "certificate-authority-data",
    "insecure-skip-tls-verify",
    "tls-server-name",
    "extensions",
}
PLAIN_USER = {
    "client-certificate",
    "client-certificate-data",
    "client-key",
    "client-key-data",
    "token",
    "tokenFile",
}
KEEPALIVE = (
    ("TCP_KEEPIDLE" if hasattr(socket, "TCP_KEEPIDLE") else "TCP_KEEPALIVE", 30),  # macOS has the other name
    ("TCP_KEEPINTVL", 15),
    ("TCP_KEEPCNT", 9),
)
"""client-go's. A load balancer that drops an idle connection says nothing: the kernel finds out."""


class Access(Protocol):
    """How one server is reached, and as whom."""

    @property
    def host(self) -> str:
        """The server's URL."""

    @property
    def is_verified(self) -> bool:
        """Whether the server has to prove who it is."""

    def bearer(self) -> str:
        """The ``authorization`` header as of now; empty without one."""

    def identity(self) -> tuple[object, ...]:
        """What the pool was made with: another one needs another pool. Files count by what is in them."""

    def pool_manager(self) -> PoolManager: ...


class PackagedAccess(Struct, frozen=True):
    """A ``kubernetes.client.Configuration`` that the package's loaders have filled."""

    configuration: Any

    @property
    def host(self) -> str:
        return str(self.configuration.host)

    @property
    def is_verified(self) -> bool:
        return bool(self.configuration.verify_ssl)

    def bearer(self) -> str:
        found = self.configuration.auth_settings().get("BearerToken") or {}
        return str(found.get("value") or "")

    def identity(self) -> tuple[object, ...]:
        files = (self.configuration.cert_file, self.configuration.key_file, self.configuration.ssl_ca_cert)
        return self.host, *(_content(name) for name in files)

    def pool_manager(self) -> PoolManager:
        from kubernetes.client.rest import RESTClientObject

        made: PoolManager = RESTClientObject(self.configuration).pool_manager
        return made


class PlainAccess(Struct, frozen=True):
    """Certificates (PEM) and token as they stand in the kubeconfig or in the files that it names."""

    host: str
    is_verified: bool
    server_name: str
    authority: bytes
    certificate: bytes
    key: bytes
    token: str
    tls: ssl.SSLContext | None
    """One for all connections: each of them would parse the certificates again. None for a server without TLS."""

    def __repr__(self) -> str:
        """Without credentials."""
        return f"PlainAccess({self.host})"

    def bearer(self) -> str:
        return f"Bearer {self.token}" if self.token else ""

    def identity(self) -> tuple[object, ...]:
        return self.host, self.is_verified, self.server_name, self.authority, self.certificate, self.key

    def pool_manager(self) -> PoolManager:
        from urllib3 import PoolManager

        words: dict[str, Any] = {"server_hostname": self.server_name} if self.server_name else {}
        if self.tls is not None:
            words |= {"ssl_context": self.tls, "cert_reqs": "REQUIRED" if self.is_verified else "NONE"}
        return PoolManager(maxsize=POOL_SIZE, retries=False, socket_options=_socket_options(), **words)


def plain_access(cluster: Mapping[str, Any], user: Mapping[str, Any]) -> PlainAccess | None:
    """What a cluster's and a user's entry say, where they say only what is known here; else None.

    None also where something is wrong with them, or where a file's name is relative: the package knows from which
    kubeconfig it counts, and has the words.
    """
    if set(cluster) - PLAIN_CLUSTER or set(user) - PLAIN_USER or _has_proxy():
        return None
    try:
        host, is_verified = _text(cluster, "server").rstrip("/"), not cluster.get("insecure-skip-tls-verify")
        if not host.startswith(("https://", "http://")):
            return None
        authority = _pem(cluster, "certificate-authority")
        certificate, key = _pem(user, "client-certificate"), _pem(user, "client-key")
        return PlainAccess(
            host=host,
            is_verified=is_verified,
            server_name=_text(cluster, "tls-server-name"),
            authority=authority,
            certificate=certificate,
            key=key,
            token=_text(user, "token") or _file(_text(user, "tokenFile")).decode(),
            tls=_context(is_verified, authority, certificate, key) if host.startswith("https:") else None,
        )
    except (OSError, ValueError):
        return None


def _context(is_verified: bool, authority: bytes, certificate: bytes, key: bytes) -> ssl.SSLContext:
    """Raises `OSError` and `ValueError` for what OpenSSL does not read, a key with a passphrase too."""
    from urllib3.util.ssl_ import create_urllib3_context

    context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED if is_verified else ssl.CERT_NONE)
    if authority:
        context.load_verify_locations(cadata=authority.decode())
    else:
        context.load_default_certs()
    if certificate:
        with _as_file(certificate) as chain, _as_file(key or certificate) as private:
            # Without a password OpenSSL would ask for one on the terminal.
            context.load_cert_chain(chain, private, password="")
    return context


def _text(entry: Mapping[str, Any], name: str) -> str:
    """Raises `ValueError` where it is no text."""
    found = entry.get(name)
    if found is not None and not isinstance(found, str):
        raise ValueError(name)
    return found or ""


def _pem(entry: Mapping[str, Any], name: str) -> bytes:
    """``NAME-data``, else the file ``NAME``; empty without both."""
    data = _text(entry, f"{name}-data")
    if data:
        return base64.standard_b64decode(data)
    return _file(_text(entry, name))


def _file(name: str) -> bytes:
    if not name:
        return b""
    if not Path(name).is_absolute():
        raise ValueError(name)
    return Path(name).read_bytes()


def _has_proxy() -> bool:
    """Whether the environment may name one for this server."""
    return any(name.lower() in ("http_proxy", "https_proxy", "all_proxy") for name in os.environ)


@contextmanager
def _as_file(content: bytes) -> Iterator[str]:
    """OpenSSL reads certificates and keys from files only; nobody else may read it, and it is gone with the block."""
    with tempfile.NamedTemporaryFile(prefix="gitops-tui-") as file:
        file.write(content)
        file.flush()
        yield file.name


def _socket_options() -> list[tuple[int, int, int]]:
    from urllib3.connection import HTTPConnection

    options: list[Any] = [*HTTPConnection.default_socket_options, (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
    # Not every system has all of them.
    known = [(getattr(socket, name, None), value) for name, value in KEEPALIVE]
    return [*options, *((socket.IPPROTO_TCP, option, value) for option, value in known if option is not None)]


def _content(name: str | None) -> bytes:
    try:
        return Path(name).read_bytes() if name else b""
    except OSError:
        return b""
