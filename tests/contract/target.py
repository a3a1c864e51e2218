"""An API server that the contract is held against: the embedded one and a real kube-apiserver, by the same means."""

from __future__ import annotations

import base64
import importlib.util
import json
import os
import ssl
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import urllib3

from gitops_tui.sandbox.serve import Sandbox
from tests.control_plane import ControlPlane, kubectl_path

JSON = "application/json"
JSON_PATCH = "application/json-patch+json"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"
PATIENCE_S = 60.0
"""What takes milliseconds on an idle machine may take this long on a busy one."""
PROMPT_S = 15.0
"""Sooner than any timeout of ours that an end could be waiting for, and later than a busy machine makes it."""
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"


@dataclass(frozen=True)
class Answer:
    code: int
    body: Any
    headers: dict[str, str]


class Target:
    """``name`` is ``sandbox`` or ``control_plane``; every test gets a ``namespace`` of its own."""

    def __init__(self, name: str, kubeconfigs: dict[str, Path], namespace: str, *, has_controllers: bool) -> None:
        self.name = name
        self.has_controllers = has_controllers
        self.namespace = namespace
        self._kubeconfigs = kubeconfigs
        self._clients = {user: _client(file) for user, file in kubeconfigs.items()}

    def require_controllers(self) -> None:
        """Skip the test where nothing follows from what is written (etcd and kube-apiserver alone)."""
        if not self.has_controllers:
            pytest.skip("needs controllers")

    def kubeconfig(self, user: str = "admin") -> Path:
        return self._kubeconfigs[user]

    # --- HTTP
    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        content_type: str = JSON,
        accept: str = JSON,
        user: str = "admin",
        agent: str = "contract/1.0",
    ) -> Answer:
        """``path`` may hold ``{ns}`` for the test's namespace. A dict or list ``body`` goes as JSON."""
        base, pool, token = self._clients[user]
        headers = {"Authorization": f"Bearer {token}", "Accept": accept, "User-Agent": agent}
        data = None
        if body is not None:
            headers["Content-Type"] = content_type
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = pool.request(method, base + path.replace("{ns}", self.namespace), body=data, headers=headers)
        text = answer.data.decode()
        try:
            parsed: Any = json.loads(text)
        except ValueError:
            parsed = text
        return Answer(answer.status, parsed, dict(answer.headers))

    def ok(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """The body of an answer that must be a success."""
        answer = self.call(method, path, body, **options)
        assert answer.code in (200, 201), answer.body
        return answer.body

    def apply(self, path: str, body: Any, manager: str, *, force: bool = False, query: str = "") -> Answer:
        extra = "&force=true" if force else ""
        return self.call("PATCH", f"{path}?fieldManager={manager}{extra}{query}", body, content_type=APPLY)

    @contextmanager
    def watch(self, path: str) -> Iterator[Iterator[dict[str, Any]]]:
        """The events of a watch, one by one."""
        base, pool, token = self._clients["admin"]
        headers = {"Authorization": f"Bearer {token}", "Accept": JSON}
        url = base + path.replace("{ns}", self.namespace)
        answer = pool.request("GET", url, headers=headers, preload_content=False, timeout=20)
        try:
            yield _lines(answer)
        finally:
            answer.close()

    # --- kubectl
    def _kubectl_words(self, words: tuple[str, ...], user: str = "admin") -> list[str]:
        return [kubectl_path(), f"--kubeconfig={self.kubeconfig(user)}", f"--namespace={self.namespace}", *words]

    def kubectl(
        self, *words: str, stdin: str | None = None, check: bool = True, user: str = "admin", **env: str
    ) -> str:
        """Standard output of the real kubectl in the test's namespace; its errors too where not ``check``."""
        done = subprocess.run(
            self._kubectl_words(words, user),
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=2 * PATIENCE_S,
            env={**os.environ, **env},
        )
        if check:
            assert done.returncode == 0, f"kubectl {' '.join(words)}: {done.stderr}"
            return done.stdout
        return done.stdout + done.stderr

    @contextmanager
    def kubectl_running(self, *words: str) -> Iterator[Iterator[str]]:
        """The lines of a kubectl that goes on, until the end of the block."""
        with subprocess.Popen(self._kubectl_words(words), stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            try:
                yield iter(process.stdout)
            finally:
                process.kill()


def _lines(answer: urllib3.BaseHTTPResponse) -> Iterator[dict[str, Any]]:
    rest = b""
    for chunk in answer.stream(65536):
        *lines, rest = (rest + chunk).split(b"\n")
        yield from (json.loads(line) for line in lines if line)


def _client(kubeconfig: Path) -> tuple[str, urllib3.PoolManager, str]:
    content = json.loads(kubeconfig.read_text())
    cluster, user = content["clusters"][0]["cluster"], content["users"][0]["user"]
    authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
    context = ssl.create_default_context(cadata=authority)
    return cluster["server"], urllib3.PoolManager(ssl_context=context, retries=False), user["token"]


def eventually(question: Callable[[], Any], patience_s: float = PATIENCE_S) -> Any:
    """The first true answer; fails with the last one after ``patience_s``."""
    end = time.monotonic() + patience_s
    while True:
        found = question()
        if found:
            return found
        if time.monotonic() > end:
            pytest.fail(f"not within {patience_s} s; the last answer was {found!r}")
        time.sleep(0.05)


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One embedded cluster for the whole session."""
    has_controllers = importlib.util.find_spec("gitops_tui.sandbox.controllers") is not None
    with Sandbox.start(directory=tmp_path_factory.mktemp("sandbox"), controllers=has_controllers) as running:
        yield running


def kubeconfigs_of(request: pytest.FixtureRequest, name: str) -> dict[str, Path]:
    """By role: ``admin``, ``engineer``, ``viewer``."""
    if name == "sandbox":
        running: Sandbox = request.getfixturevalue("sandbox")
        return {user: running.kubeconfig(user) for user in ("admin", "engineer", "viewer")}
    real: ControlPlane = request.getfixturevalue("control_plane")
    users = {"admin": "admin", "engineer": "ana", "viewer": "viewer"}
    return {role: real.kubeconfig_of(user) for role, user in users.items()}


@pytest.fixture(params=["sandbox", pytest.param("control_plane", marks=pytest.mark.control_plane)])
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    """Each API server in turn, with a fresh namespace."""
    name = str(request.param)
    configs = kubeconfigs_of(request, name)
    has_controllers = name == "sandbox" or request.getfixturevalue("control_plane").has_controllers
    found = Target(name, configs, f"sandbox-{uuid.uuid4().hex[:10]}", has_controllers=has_controllers)
    found.ok("POST", "/api/v1/namespaces", {"metadata": {"name": found.namespace}})
    if has_controllers:
        for made in ("serviceaccounts/default", "configmaps/kube-root-ca.crt"):  # later they would be in a test's way
            eventually(lambda made=made: found.call("GET", f"/api/v1/namespaces/{{ns}}/{made}").code == 200)
    yield found
    found.call("DELETE", "/api/v1/namespaces/{ns}")
