"""The embedded cluster as one thing: start it, get a kubeconfig, stop it."""

from __future__ import annotations

import base64
import json
import secrets
from pathlib import Path
from types import TracebackType
from typing import Protocol

from gitops_tui.errors import AlreadyExists
from gitops_tui.model.resource import Object
from gitops_tui.sandbox.apiserver import ApiServer
from gitops_tui.sandbox.auth import USERS, Authenticator
from gitops_tui.sandbox.certificate import make_certificate
from gitops_tui.sandbox.housekeeping import Housekeeper
from gitops_tui.sandbox.store import Store

CONTEXT = "gitops-tui-sandbox"
_NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")


class Stoppable(Protocol):
    def stop(self) -> None: ...


class Sandbox:
    """A running embedded cluster. Everything that it opened is closed by `stop`; also a context manager."""

    def __init__(self, store: Store, directory: Path, certificate: str, tokens: dict[str, str]) -> None:
        """Use `start`."""
        self.store = store
        self.directory = directory
        self._certificate = certificate
        self._tokens = tokens
        self._running: list[Stoppable] = []
        self._url = ""

    @classmethod
    def start(
        cls,
        *,
        state_file: Path | None = None,
        directory: Path,
        controllers: bool = True,
        port: int = 0,
        store: Store | None = None,
    ) -> Sandbox:
        """Serve on a free port (or ``port``) of 127.0.0.1; ready when this returns.

        ``directory`` gets the certificate and the kubeconfigs. ``state_file`` keeps objects over a restart.
        ``store`` is one that was made (and perhaps seeded) before. Raises `ConfigError` for a file of no use.
        """
        directory.mkdir(parents=True, exist_ok=True)
        directory.chmod(0o700)
        certificate, context = make_certificate(directory)
        tokens = {name: secrets.token_urlsafe(24) for name in USERS}
        sandbox = cls(store or Store(state_file=state_file), directory, certificate, tokens)
        server = ApiServer(sandbox.store, Authenticator(tokens), context, port)
        sandbox._url = server.url
        sandbox._furnish(server.port)
        housekeeper = Housekeeper(sandbox.store, certificate)
        housekeeper.start()
        sandbox._running = [housekeeper]
        if controllers:
            from gitops_tui.sandbox import controllers as workloads

            sandbox._running.insert(0, workloads.start(sandbox.store))
        server.start()
        sandbox._running.insert(0, server)
        for user in USERS:
            sandbox._write_kubeconfig(user)
        return sandbox

    def _furnish(self, port: int) -> None:
        """What every cluster has from the start."""
        for name in _NAMESPACES:
            try:
                self.store.create("namespaces", {"metadata": {"name": name}}, "kube-apiserver")
            except AlreadyExists:
                continue
        try:
            self.store.create("services", _own_service(port), "kube-apiserver")
        except AlreadyExists:
            pass

    @property
    def url(self) -> str:
        return self._url

    def token(self, user: str = "admin") -> str:
        return self._tokens[user]

    def kubeconfig(self, user: str = "admin") -> Path:
        """The kubeconfig of ``admin``, ``engineer`` or ``viewer``."""
        return self.directory / f"{user}.kubeconfig"

    def _write_kubeconfig(self, user: str) -> None:
        authority = base64.b64encode(self._certificate.encode()).decode()
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": CONTEXT,
            "clusters": [{"name": CONTEXT, "cluster": {"server": self._url, "certificate-authority-data": authority}}],
            "users": [{"name": user, "user": {"token": self._tokens[user]}}],
            "contexts": [{"name": CONTEXT, "context": {"cluster": CONTEXT, "user": user}}],
        }
        file = self.kubeconfig(user)
        file.touch(mode=0o600)
        file.write_text(json.dumps(content, indent=1), encoding="utf-8")

    def stop(self) -> None:
        """Idempotent."""
        running, self._running = self._running, []
        self.store.logs.close()
        self.store.storage.close_watchers()
        for one in running:
            one.stop()
        if running:
            self.store.close()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _own_service(port: int) -> Object:
    return {
        "metadata": {
            "name": "kubernetes",
            "namespace": "default",
            "labels": {"component": "apiserver", "provider": "kubernetes"},
        },
        "spec": {
            "clusterIP": "10.96.0.1",
            "ports": [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": port}],
        },
    }
