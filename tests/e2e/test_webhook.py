"""A push that its host tells of is deployed at once, on the embedded cluster, although polling is hours away."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from gitops_tui.errors import NotFound
from gitops_tui.manifest.decode import decode
from gitops_tui.sandbox.serve import Sandbox
from tests.contract.engine.objects import DEFINITION
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
  syncPolicy: {{automated: {{}}, retry: {{limit: 0}}, syncOptions: [CreateNamespace=true]}}
"""
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: greeting}}\ndata: {{words: {words}}}\n"


@dataclass
class World:
    """A repository, a cluster and a controller that polls in ten hours."""

    home: Path
    sandbox: Sandbox
    env: dict[str, str]
    said: list[str] = field(default_factory=list)
    ports: dict[str, int] = field(default_factory=dict)
    """Where a controller of this world listens, by path."""

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
def controller(world: World, *words: str, apps: tuple[str, ...] = ("--apps", "apps")) -> Iterator[int]:
    """A running controller; the port on which it takes webhooks."""
    asked = ["--config", str(world.home / "settings.yaml"), *apps, "controller", "--webhook", "127.0.0.1:0", *words]
    process = subprocess.Popen(
        [*PROGRAM, *asked],
        cwd=world.home,
        env=world.env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )

    def listen() -> None:
        assert process.stderr is not None
        for line in process.stderr:
            world.said.append(line)
            found = re.search(r"are (?:taken|shown) at http://127\.0\.0\.1:(\d+)(/\S+)", line)
            if found:
                world.ports[found[2]] = int(found[1])

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    wanted = {"/api/webhook", *(["/metrics"] if "--metrics" in words else [])}
    try:
        until(lambda: wanted <= world.ports.keys(), "the addresses", PATIENCE_S)
        yield world.ports["/api/webhook"]
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
    with controller(world) as port:
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


def read(port: int, path: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    connection.request("GET", path)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    assert answer.status == 200, text
    return text


@pytest.mark.slow
def test_what_was_done_is_told_in_events_and_counted(world: World) -> None:
    """An Application that is an object of the cluster, from its first sync to one that fails."""
    world.push("hello")
    world.sandbox.store.create("customresourcedefinitions.apiextensions.k8s.io", DEFINITION, "test")
    text = APPLICATION.format(name="shop", url=URL, revision="main", namespace=NAMESPACE)
    world.sandbox.store.create("applications.argoproj.io", json_of(text), "test")
    with controller(world, "--metrics", "127.0.0.1:0", apps=()) as port:
        until(lambda: world.words() == "hello", "the first sync", PATIENCE_S)
        sha = world.git("rev-parse", "HEAD")
        until(lambda: f"Sync operation to {sha} succeeded" in messages(world), "the end of it", PATIENCE_S)
        assert f"Initiated automated sync to '{sha}'" in messages(world)
        until(lambda: "Updated sync status: OutOfSync -> Synced" in messages(world), "the status", PATIENCE_S)
        (world.home / "clone" / "apps" / "wrong.yaml").write_text(
            CONFIG.format(words="x").replace("greeting", "Not_A_Name")
        )
        bad = world.push("second")
        assert send(port, "refs/heads/main", secret="guessed") == 403
        assert send(port, "refs/heads/main") == 200
        until(
            lambda: any(f"Sync operation to {bad} failed:" in one for one in messages(world)), "the failure", PATIENCE_S
        )
        shown = read(world.ports["/metrics"], "/metrics")
        assert read(world.ports["/metrics"], "/healthz") == "ok\n"
    samples = {(one.name, *sorted(one.labels.values())): one.value
               for family in text_string_to_metric_families(shown) for one in family.samples}  # fmt: skip
    server = "https://kubernetes.default.svc"
    assert samples["argocd_app_sync_total", *sorted(("argocd", "shop", "default", server, "Succeeded", "false"))] == 1
    assert samples["gitops_tui_webhooks_total", "accepted", "github"] == 1
    assert samples["gitops_tui_webhooks_total", "github", "unauthenticated"] == 1
    for name in (
        "argocd_app_info",
        "argocd_app_reconcile_count",
        "argocd_cluster_api_resource_objects",
        "argocd_cluster_events_total",
        "argocd_app_k8s_request_total",
        "argocd_git_request_total",
    ):
        assert [value for key, value in samples.items() if key[0] == name and value > 0], name
    about = events(world)[0]
    assert about["source"] == {"component": "gitops-tui"}
    assert about["involvedObject"]["uid"] == application(world)["metadata"]["uid"]


@pytest.mark.slow
def test_a_refresh_is_taken_off_with_the_status_that_came_of_it(world: World) -> None:
    """As ``argocd app get --refresh`` waits for it; and a commit that concerns no path only moves the revision."""
    first = world.push("hello")
    world.sandbox.store.create("customresourcedefinitions.apiextensions.k8s.io", DEFINITION, "test")
    text = APPLICATION.format(name="shop", url=URL, revision="main", namespace=NAMESPACE)
    document = json_of(text)
    document["metadata"]["annotations"] = {"argocd.argoproj.io/manifest-generate-paths": "/elsewhere"}
    world.sandbox.store.create("applications.argoproj.io", document, "test")
    with controller(world, apps=()):
        until(lambda: revision(world) == first and world.words() == "hello", "the first sync", PATIENCE_S)
        second = world.push("second")
        refresh(world, "normal")
        until(lambda: REFRESH not in annotations(world), "the refresh", PATIENCE_S)
        assert revision(world) == second
        assert world.words() == "hello"  # nothing below /elsewhere was touched
        refresh(world, "hard")
        until(lambda: REFRESH not in annotations(world), "the hard refresh", PATIENCE_S)
        assert revision(world) == second
        assert application(world)["status"]["sync"]["status"] == "OutOfSync"  # rendered anew


REFRESH = "argocd.argoproj.io/refresh"


def refresh(world: World, kind: str) -> None:
    changes = {"metadata": {"annotations": {REFRESH: kind}}}
    world.sandbox.store.patch("applications.argoproj.io", "argocd", "shop", changes)


def annotations(world: World) -> dict[str, str]:
    return application(world)["metadata"].get("annotations") or {}


def revision(world: World) -> str:
    return str(((application(world).get("status") or {}).get("sync") or {}).get("revision") or "")


def events(world: World) -> list[dict[str, Any]]:
    found = [
        one for one in world.sandbox.store.list("events", "argocd") if one["source"].get("component") == "gitops-tui"
    ]
    return [one for one in found if one["involvedObject"]["kind"] == "Application"]


def messages(world: World) -> list[str]:
    return [one["message"] for one in events(world)]


def application(world: World) -> dict[str, Any]:
    return world.sandbox.store.get("applications.argoproj.io", "argocd", "shop")


def json_of(text: str) -> dict[str, Any]:
    (document,) = decode(text.encode(), file="application")
    return dict(document.obj)
