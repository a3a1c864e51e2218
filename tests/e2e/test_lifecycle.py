"""``app`` commands about an Application of the cluster, from its settings to its end."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import yaml

from tests.e2e.conftest import DEPLOYMENT, Site, until
from tests.e2e.terminal import PROGRAM, command

pytestmark = [pytest.mark.control_plane, pytest.mark.timeout(600)]
"""Each command is a program of its own, a dozen in a test."""

FINALIZER = "resources-finalizer.argocd.argoproj.io"
HOOK = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: goodbye, annotations: {argocd.argoproj.io/hook: PreDelete}}
"""


class InCluster:
    """The site's Application as an object of the cluster, and the commands that see it."""

    def __init__(self, site: Site) -> None:
        self.site = site
        (file,) = (site.home / "apps").glob("*.yaml")
        document = yaml.safe_load(file.read_text())
        site.cluster.kubectl("apply", "-f", "-", input=json.dumps(document))

    @property
    def words(self) -> list[str]:
        return ["--config", str(self.site.home / "settings.yaml"), "-n", self.site.namespace]

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return command(*self.words, *words, env=self.site.env, timeout_s=120)

    def works(self, *words: str) -> str:
        done = self.run(*words)
        assert done.returncode == 0, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def fails(self, code: int, said: str, *words: str) -> None:
        done = self.run(*words)
        assert done.returncode == code, (words, done.stdout, done.stderr)
        assert said in done.stderr, words
        assert "Traceback" not in done.stderr, words

    def object(self) -> dict[str, object] | None:
        found = self.site.kubectl("get", "applications.argoproj.io", "api-service", "-o", "json", "--ignore-not-found")
        return json.loads(found) if found.strip() else None

    @contextmanager
    def controller(self) -> Iterator[None]:
        words = [*PROGRAM, *self.words, "controller"]
        running = subprocess.Popen(words, env=self.site.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield
        finally:
            running.terminate()
            running.wait(30)


@pytest.fixture
def app(site: Site) -> InCluster:
    if not site.cluster.has_controllers:
        pytest.skip("needs a whole control plane with Argo CD's definitions")
    return InCluster(site)


@pytest.mark.slow
def test_settings_history_and_rollback(app: InCluster) -> None:
    site = app.site
    app.works("app", "sync", "api-service", "--timeout", "90")
    assert "changed" in app.works("app", "set", "api-service", "--revision", "main", "--sync-option", "PruneLast=true")
    spec = json.loads(site.kubectl("get", "applications.argoproj.io", "api-service", "-o", "json"))["spec"]
    assert spec["source"]["targetRevision"] == "main"
    assert spec["syncPolicy"]["syncOptions"] == ["CreateNamespace=true", "PruneLast=true"]
    app.fails(2, "not synced automatically", "app", "set", "api-service", "--auto-prune")

    site.commit("raise the image", deployment=DEPLOYMENT.format(image="nginx:1.28"))
    app.works("app", "sync", "api-service", "--timeout", "90")
    assert site.container()["image"] == "nginx:1.28"
    assert "Succeeded" in app.works("app", "rollback", "api-service", "--timeout", "90")
    assert site.container()["image"] == "nginx:1.27"
    history = json.loads(app.works("app", "history", "api-service", "-o", "json"))
    assert [one["id"] for one in history] == [2, 1, 0]
    assert history[0]["revision"] == history[2]["revision"]
    app.fails(20, "deployment id '9'", "app", "rollback", "api-service", "9")
    app.works("app", "set", "api-service", "--sync-policy", "automated")
    app.fails(20, "--sync-policy none", "app", "rollback", "api-service", "1")
    app.fails(20, "no operation", "app", "terminate-op", "api-service")


@pytest.mark.slow
def test_objects_one_by_one(app: InCluster) -> None:
    site = app.site
    app.works("app", "sync", "api-service", "--resource", "*:ConfigMap:*", "--timeout", "90")
    assert site.kubectl("get", "deployment", "--ignore-not-found") == ""
    app.works("app", "sync", "api-service", "--resource", "!:ConfigMap:*", "--timeout", "90")
    app.works("app", "wait", "api-service", "--resource", "apps:*:api", "--health", "--timeout", "60")
    app.fails(2, "no object", "app", "sync", "api-service", "--label", "tier=none")

    site.kubectl("create", "configmap", "left-behind")
    orphans = app.works("app", "resources", "api-service", "--orphaned", "-o", "name")
    assert [line.rpartition("/")[2] for line in orphans.split()] == ["left-behind"]
    assert "Deployment" in app.works("app", "resources", "api-service")
    assert "Orphans:" not in app.works("app", "get", "api-service"), "its project does not ask for them"
    tree = app.works("app", "get", "api-service", "-o", "tree")
    assert tree.index("Deployment/api") < tree.index("ReplicaSet/api-") < tree.index("Pod/api-")

    words = ("app", "patch-resource", "api-service", "--kind", "ConfigMap", "--resource-name", "api-config")
    app.works(*words, "--patch", '{"data": {"greeting": "bye"}}')
    assert json.loads(site.kubectl("get", "configmap", "api-config", "-o", "json"))["data"] == {"greeting": "bye"}
    app.fails(2, "no JSON", *words, "--patch", "{")
    app.works("app", "delete-resource", "api-service", "--kind", "ConfigMap", "--resource-name", "api-config")
    assert site.kubectl("get", "configmap", "api-config", "--ignore-not-found") == ""
    app.fails(2, "no such ConfigMap", *words[:1], "delete-resource", "api-service", "--kind", "ConfigMap")
    pods = app.works("app", "logs", "api-service", "--kind", "Deployment", "--tail", "1").splitlines()
    assert len(pods) == 1 and pods[0].startswith("api-")
    app.fails(20, "has no container", "app", "logs", "api-service", "--container", "nobody")


@pytest.mark.slow
def test_the_end_of_an_application(app: InCluster) -> None:
    site = app.site
    site.commit("a hook for the end", hook=HOOK)
    app.works("app", "sync", "api-service", "--timeout", "90")
    app.fails(20, "--yes", "app", "delete", "api-service")
    assert app.object() is not None
    with app.controller():
        until(
            lambda: (
                "pre-delete-finalizer" in site.kubectl("get", "applications.argoproj.io", "api-service", "-o", "yaml")
            ),
            "the finalizer of the hook",
        )
        app.works("app", "delete", "api-service", "--yes", "--wait", "--timeout", "60")
    assert app.object() is None
    assert site.kubectl("get", "deployment,configmap", "-o", "name").split() == ["configmap/kube-root-ca.crt"]


@pytest.mark.slow
def test_an_end_that_leaves_the_objects(app: InCluster) -> None:
    app.works("app", "sync", "api-service", "--timeout", "90")
    app.works("app", "confirm-deletion", "api-service")
    found = app.object()
    assert found is not None and "argocd.argoproj.io/deletion-approved" in json.dumps(found["metadata"])
    app.works("app", "delete", "api-service", "--cascade=false", "--yes")
    assert app.object() is None
    assert app.site.container()["image"] == "nginx:1.27"


def test_what_a_file_declares_is_not_changed_in_the_cluster(site: Site) -> None:
    for words in (
        ("app", "set", "api-service", "--revision", "main"),
        ("app", "delete", "api-service", "--yes"),
        ("app", "confirm-deletion", "api-service"),
    ):
        done = site.run(*words)
        assert done.returncode == 20, (words, done.stdout)
        assert "not in the cluster" in done.stderr and "there" in done.stderr
