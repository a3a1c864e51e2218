"""A push that its host tells of is deployed at once, on the embedded cluster, although polling is hours away."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import queue
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gitops_tui.errors import NotFound
from gitops_tui.sandbox.serve import Sandbox
from tests.e2e.conftest import URL, until
from tests.e2e.terminal import PROGRAM, environment

PATIENCE_S = 90.0
SECRET = "correct horse battery staple"
NAMESPACE = "shop"
APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: {name}, namespace: argocd}}
spec:
  source: {{repoURL: "{url}", targetRevision: {revision}, path: apps}}
  destination: {{server: https://kubernetes.default.svc, namespace: {namespace}}}
  syncPolicy: {{automated: {{}}, syncOptions: [CreateNamespace=true]}}
"""
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: greeting}}\ndata: {{words: {words}}}\n"


@dataclass
class World:
    """A repository, a cluster and a controller that polls in ten hours."""

    home: Path
    sandbox: Sandbox
    env: dict[str, str]
    said: list[str] = field(default_factory=list)

    def git(self, *words: str) -> str:
        done = subprocess.run(
            ["git", *words], cwd=self.home / "clone", env=self.env, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def push(self, words: str, branch: str = "main") -> str:
        (self.home / "clone" / "apps").mkdir(exist_ok=True)
        (self.home / "clone" / "apps" / "config.yaml").write_text(CONFIG.format(words=words))
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", words)
        self.git("push", "--quiet", "origin", f"HEAD:{branch}")
        return self.git("rev-parse", "HEAD")

    def words(self, namespace: str = NAMESPACE) -> str:
        try:
            found = self.sandbox.store.get("configmaps", namespace, "greeting")
        except NotFound:
            return ""
        return str(found["data"]["words"])


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with Sandbox.start(directory=tmp_path / "cluster", controllers=False) as sandbox:
        env = environment(tmp_path, KUBECONFIG=str(sandbox.kubeconfig()))
        made = World(tmp_path, sandbox, env)
        bare = tmp_path / "repo.git"
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(bare)], check=True, env=env)
        subprocess.run(
            ["git", "clone", "-q", str(bare), str(tmp_path / "clone")], check=True, env=env, capture_output=True
        )
        (tmp_path / "settings.yaml").write_text(
            f'repositories: {{"{URL}": {bare}}}\nreconcile: {{pollSeconds: 36000, pollJitterSeconds: 0}}\n'
        )
        (tmp_path / "apps").mkdir()
        for name, revision, namespace in (("main", "main", NAMESPACE), ("dev", "dev", "elsewhere")):
            text = APPLICATION.format(name=name, url=URL, revision=revision, namespace=namespace)
            (tmp_path / "apps" / f"{name}.yaml").write_text(text)
        sandbox.store.create("namespaces", {"metadata": {"name": "argocd"}}, "test")
        coded = base64.b64encode(SECRET.encode()).decode()
        secret = {
            "metadata": {"name": "argocd-secret", "namespace": "argocd"},
            "data": {"webhook.github.secret": coded},
        }
        sandbox.store.create("secrets", secret, "test")
        yield made


@contextmanager
def controller(world: World, *words: str) -> Iterator[int]:
    """A running controller; the port on which it takes webhooks."""
    asked = ["--config", str(world.home / "settings.yaml"), "--apps", str(world.home / "apps"), "controller", *words]
    process = subprocess.Popen(
        [*PROGRAM, *asked], env=world.env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    ports: queue.Queue[int] = queue.Queue()

    def listen() -> None:
        assert process.stderr is not None
        for line in process.stderr:
            world.said.append(line)
            found = re.search(r"webhooks are taken at http://127\.0\.0\.1:(\d+)/api/webhook", line)
            if found:
                ports.put(int(found[1]))

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    try:
        yield ports.get(timeout=PATIENCE_S)
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE_S)
        finally:
            process.kill()
        listener.join(PATIENCE_S)


def send(port: int, ref: str, secret: str = SECRET) -> int:
    """GitHub's webhook of a push; the status of the answer."""
    repository = {"html_url": URL, "clone_url": f"{URL}.git", "default_branch": "main"}
    content = json.dumps({"ref": ref, "repository": repository, "commits": [], "forced": False}).encode()
    signature = "sha256=" + hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()
    headers = {"X-GitHub-Event": "push", "X-Hub-Signature-256": signature, "Content-Type": "application/json"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    connection.request("POST", "/api/webhook", content, headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


@pytest.mark.slow
def test_a_push_is_deployed_at_once(world: World) -> None:
    world.push("hello")
    world.git("push", "--quiet", "origin", "HEAD:dev")
    with controller(world, "--webhook", "127.0.0.1:0") as port:
        until(lambda: world.words() == "hello" == world.words("elsewhere"), "the first sync", PATIENCE_S)
        world.push("second")
        world.git("push", "--quiet", "origin", "HEAD:dev")
        assert send(port, "refs/heads/main", secret="guessed") == 403
        assert send(port, "refs/tags/v1") == 200  # nobody follows it
        assert world.words() == "hello"
        assert send(port, "refs/heads/main") == 200
        until(lambda: world.words() == "second", "the pushed commit", PATIENCE_S)
        assert world.words("elsewhere") == "hello"  # its own webhook did not come yet
        assert send(port, "refs/heads/dev") == 200
        until(lambda: world.words("elsewhere") == "second", "the other branch", PATIENCE_S)
    told = "".join(world.said)
    assert "a webhook of github is refused" in told
    assert SECRET not in told and "Traceback" not in told
