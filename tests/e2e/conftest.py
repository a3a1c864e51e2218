"""A site: a repository with one application, a settings file that maps its URL, and a namespace of its own."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.control_plane import ControlPlane
from tests.e2e.terminal import PATIENCE_S, Screen, command, environment, on_screen

URL = "https://github.com/yourorg/k8s-manifests"
APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: api-service
  namespace: {namespace}
spec:
  project: default
  source:
    repoURL: {url}
    targetRevision: HEAD
    path: apps/api-service
  destination:
    server: https://kubernetes.default.svc
    namespace: {namespace}
  syncPolicy: {policy}
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
spec:
  replicas: 1
  selector: {{matchLabels: {{app: api}}}}
  template:
    metadata:
      labels: {{app: api}}
    spec:
      containers:
        - name: api
          image: {image}
          env:
            - name: MODE
              value: production
"""
CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: api-config
data:
  greeting: hello
"""
BY_HAND = "{syncOptions: [CreateNamespace=true]}"
AUTOMATED = "{automated: {prune: true, selfHeal: true}, syncOptions: [CreateNamespace=true]}"


@dataclass(frozen=True)
class Site:
    """``run`` is one command in pipes, ``open`` the cockpit in a pty; both see this site's Application."""

    home: Path
    cluster: ControlPlane
    namespace: str
    env: dict[str, str]

    @property
    def words(self) -> list[str]:
        return ["--config", str(self.home / "settings.yaml"), "--apps", str(self.home / "apps"), "-n", self.namespace]

    def run(self, *words: str, timeout_s: float = 120.0) -> subprocess.CompletedProcess[str]:
        return command(*self.words, *words, env=self.env, timeout_s=timeout_s)

    def works(self, *words: str) -> str:
        """Standard output of a command that ends with 0."""
        done = self.run(*words)
        assert done.returncode == 0, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def open(self, *words: str) -> AbstractContextManager[Screen]:
        return on_screen([*self.words, *words], self.env)

    def declare(self, policy: str = BY_HAND, name: str = "application.yaml") -> None:
        (self.home / "apps").mkdir(exist_ok=True)
        text = APPLICATION.format(namespace=self.namespace, url=URL, policy=policy)
        (self.home / "apps" / name).write_text(text)

    def git(self, *words: str) -> str:
        return subprocess.run(
            ["git", *words], cwd=self.home / "clone", env=self.env, check=True, capture_output=True, text=True
        ).stdout.strip()

    def commit(self, subject: str, **files: str) -> str:
        """Commit and push files of the application (``deployment=...`` is ``deployment.yaml``); the SHA."""
        folder = self.home / "clone" / "apps" / "api-service"
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / f"{name}.yaml").write_text(content)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", subject)
        self.git("push", "--quiet", "origin", "HEAD:main")
        return self.git("rev-parse", "HEAD")

    def pushed(self) -> str:
        """The commit that the remote's main names, and its subject."""
        return subprocess.run(
            ["git", "-C", str(self.home / "repo.git"), "log", "-1", "--format=%H %s", "main"],
            check=True, capture_output=True, text=True, env=self.env,
        ).stdout.strip()  # fmt: skip

    def kubectl(self, *words: str) -> str:
        return self.cluster.kubectl("-n", self.namespace, *words)

    def container(self) -> dict[str, Any]:
        found = json.loads(self.kubectl("get", "deployment", "api", "-o", "json"))
        container: dict[str, Any] = found["spec"]["template"]["spec"]["containers"][0]
        return container

    def rolled_out(self) -> None:
        """No pod comes or goes any more: with each of them the Deployment moves, and a plan would be stale."""
        until(
            lambda: _is_at_rest(json.loads(self.kubectl("get", "deployment", "api", "-o", "json"))), "a rollout's end"
        )

    def variables(self) -> dict[str, str]:
        return {one["name"]: one["value"] for one in self.container().get("env") or ()}


def _is_at_rest(deployment: dict[str, Any]) -> bool:
    status, wanted = deployment["status"], deployment["spec"]["replicas"]
    counts = {status.get(f"{name}eplicas", 0) for name in ("r", "updatedR", "availableR")}
    is_seen = status.get("observedGeneration") == deployment["metadata"]["generation"]
    return is_seen and counts == {wanted} and not status.get("terminatingReplicas")


def until(holds: Callable[[], bool], what: str, patience_s: float = PATIENCE_S) -> None:
    """Poll the cluster until ``holds``."""
    deadline = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < deadline, f"never came: {what}"
        time.sleep(0.2)


@pytest.fixture
def site(
    control_plane: ControlPlane, namespace: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """The application is committed and declared, and not synced yet. Its installation id keeps other tests' apart."""
    cache = str(tmp_path_factory.getbasetemp() / "cache")  # schemas are read once for all tests
    env = environment(tmp_path, KUBECONFIG=str(control_plane.kubeconfig), XDG_CACHE_HOME=cache)
    bare = tmp_path / "repo.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(bare)], check=True, env=env)
    subprocess.run(["git", "clone", "-q", str(bare), str(tmp_path / "clone")], check=True, env=env, capture_output=True)
    (tmp_path / "settings.yaml").write_text(f'repositories: {{"{URL}": {bare}}}\ninstallationId: {namespace}\n')
    made = Site(tmp_path, control_plane, namespace, env)
    made.declare()
    made.commit("first version", deployment=DEPLOYMENT.format(image="nginx:1.27"), config=CONFIG)
    yield made
