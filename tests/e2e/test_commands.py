"""``app`` commands as a script runs them, against a real API server and a real repository."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.e2e.conftest import AUTOMATED, CONFIG, DEPLOYMENT, Site, until
from tests.e2e.terminal import PATIENCE_S, PROGRAM, command

pytestmark = pytest.mark.control_plane


@pytest.mark.slow
def test_an_application_from_its_first_sync_to_its_revert(site: Site) -> None:
    assert "Missing" in site.works("app", "list")
    done = site.run("app", "sync", "api-service", "--timeout", "120")
    assert done.returncode == 0, done.stderr
    assert "api-service: Succeeded" in done.stdout
    assert f"{site.namespace}/api-service: Synced, Healthy" in site.works(
        "app", "wait", "api-service", "--timeout", "120s"
    )
    (listed,) = json.loads(site.works("app", "list", "-o", "json"))["items"]
    assert listed["status"]["sync"]["status"] == "Synced"
    assert site.works("app", "diff", "api-service") == ""

    bad = site.commit("raise the image", deployment=DEPLOYMENT.format(image="nginx:1.28"))
    diff = site.run("app", "diff", f"{site.namespace}/api-service", "--refresh")
    assert diff.returncode == 1, diff.stderr
    assert "nginx:1.28" in diff.stdout
    site.works("app", "sync", "api-service")
    assert site.container()["image"] == "nginx:1.28"
    history = json.loads(site.works("app", "history", "api-service", "-o", "json"))
    assert history[0]["revision"] == bad

    shown = site.run("app", "revert", "api-service", bad[:10], "--dry-run")
    assert shown.returncode == 0, shown.stderr
    assert "raise the image" in shown.stderr
    assert site.pushed().startswith(bad)
    asked = site.run("app", "revert", "api-service", bad)
    assert asked.returncode == 20
    assert "--yes" in asked.stderr
    site.works("app", "revert", "api-service", bad, "--yes", "--sync")
    assert site.pushed().endswith('Revert "raise the image"')
    assert site.container()["image"] == "nginx:1.27"
    assert "nginx:1.27" in site.works("app", "manifests", "api-service", "--source", "live")


@pytest.mark.slow
def test_drift_by_hand_is_told_with_its_writer(site: Site) -> None:
    site.works("app", "sync", "api-service")
    site.kubectl("set", "env", "deployment/api", "MODE=debug", "EXTRA=1")
    diff = site.run("app", "diff", "api-service")
    assert diff.returncode == 1
    assert "kubectl-set" in diff.stdout
    assert "EXTRA" in diff.stdout
    document = site.run("app", "diff", "api-service", "-o", "json", "--diff-exit-code", "3")
    assert document.returncode == 3
    found = json.loads(document.stdout)
    assert {one["kind"] for obj in found for one in obj["drift"]} >= {"target", "foreign"}
    assert "EXTRA" in site.works("app", "get", "api-service")


def test_pruning_is_asked_for(site: Site) -> None:
    site.works("app", "sync", "api-service")
    (site.home / "clone" / "apps" / "api-service" / "config.yaml").unlink()
    site.commit("without the config")
    done = site.run("app", "sync", "api-service")
    assert done.returncode == 1
    assert "1 resources require pruning" in done.stderr
    site.works("app", "sync", "api-service", "--prune", "--yes-prune", "1")
    assert site.kubectl("get", "configmap", "api-config", "--ignore-not-found") == ""


WRONG = (
    (("app", "get", "nobody"), 20, "Known applications: api-service."),
    (("app", "sync", "api-service", "--resource", "Deployment"), 2, "GROUP:KIND:[NAMESPACE/]NAME"),
    (("app", "sync", "api-service", "--read-only"), 20, "read-only"),
    (("controller", "--read-only"), 2, "cannot be read-only"),
    (("app", "wait", "api-service", "--timeout", "1"), 20, "after 1 s"),
    (("app", "list", "--context", "nowhere"), 2, "Choose one with --context"),
    (("app", "list", "--kubeconfig", "nowhere.yaml"), 2, "no kubeconfig at nowhere.yaml"),
)
"""Words, exit code, and what standard error says."""


def test_what_is_wrong_is_said_with_the_way_out(site: Site) -> None:
    for words, code, said in WRONG:
        done = site.run(*words)
        assert done.returncode == code, (words, done.stderr)
        assert said in done.stderr, words
        assert done.stdout == "", words
        assert "Traceback" not in done.stderr, words
        assert len(done.stderr.strip().splitlines()) >= 2 or "read-only" in said, done.stderr


def test_wrong_files_beside_good_ones(site: Site) -> None:
    (site.home / "apps" / "broken.yaml").write_text("kind: Application\n  spec: [\n")
    (site.home / "apps" / "wrong.yaml").write_text(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: wrong}\nspec: {source: {repoURL: 3}}\n"
    )
    done = site.run("app", "list")
    assert done.returncode == 0
    assert "api-service" in done.stdout
    assert "broken.yaml:2" in done.stderr
    assert "wrong.yaml: spec.source.repoURL" in done.stderr


def test_nothing_but_problems_is_no_empty_list(site: Site) -> None:
    empty = site.home / "empty"
    empty.mkdir()
    for where in (str(empty), f"file://{site.home}/nowhere.git@main:apps"):
        done = command("--apps", where, "-n", site.namespace, "app", "list", env=site.env)
        assert done.returncode == 20
        assert "warning:" in done.stderr
    done = command("-n", site.namespace, "app", "list", env=site.env)
    assert done.returncode == 0
    assert "--apps" in done.stderr


def test_a_cluster_that_refuses_is_given_up(site: Site) -> None:
    dead = site.home / "dead.yaml"
    dead.write_text(site.cluster.kubeconfig.read_text().replace(site.cluster.server, "https://127.0.0.1:1"))
    done = site.run("app", "list", "--kubeconfig", str(dead))
    assert done.returncode == 20
    assert "https://127.0.0.1:1 does not answer" in done.stderr
    assert "doctor" in done.stderr
    found = site.run("doctor", "--kubeconfig", str(dead), "-o", "json", "--timeout", "60")
    assert found.returncode == 1
    bad = [one["name"] for one in json.loads(found.stdout)["findings"] if one["state"] == "error"]
    assert bad == ["server"]


def test_the_doctor_finds_nothing_wrong_here(site: Site) -> None:
    found = json.loads(site.works("doctor", "-o", "json", "--timeout", "60"))["findings"]
    names = {one["name"] for one in found if one["state"] == "ok"}
    assert names >= {"kubeconfig", "context", "server", "version", "user", "may list", "may watch", "may patch",
                     "may keep state", "schemas", "files", "repository", "git", "git author", "git cache"}  # fmt: skip


HOSTILE = r"\e]0;owned\a\e[2J\u202e"


@pytest.mark.slow
def test_hostile_text_never_arrives(site: Site) -> None:
    """A commit subject, an annotation, a value and an Application's own words, printed for people."""
    evil = CONFIG.replace("hello", f'"hello{HOSTILE}"') + f'  "evil": "{HOSTILE}"\n'
    evil = evil.replace("  name: api-config", f'  name: api-config\n  annotations: {{note: "{HOSTILE}"}}')
    site.works("app", "sync", "api-service")
    site.commit("evil \x1b]0;owned\x07\x1b[2J\u202esubject", config=evil)
    (site.home / "apps" / "evil.yaml").write_text(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\n"
        f'metadata: {{name: "evil{HOSTILE}"}}\n'
        f'spec: {{source: {{repoURL: "https://host/{HOSTILE}"}}, destination: {{namespace: "{HOSTILE}"}}}}\n'
    )
    for verb in ("list", "get", "diff", "history"):
        name = () if verb == "list" else ("api-service",)
        done = site.run("app", verb, *name, *(("--refresh",) if verb in ("get", "diff") else ()))
        assert done.returncode in (0, 1), done.stderr
        assert done.stdout
        bad = [char for char in done.stdout + done.stderr if char != "\n" and not char.isprintable()]
        assert bad == [], verb


GATE = """\
apiVersion: v1
kind: Service
metadata: {name: gate}
spec: {type: LoadBalancer, ports: [{port: 80}]}
"""
"""Its wave waits until somebody gives it an address."""


@contextmanager
def controller(site: Site) -> Iterator[subprocess.Popen[str]]:
    site.declare(AUTOMATED)
    process = subprocess.Popen(
        [*PROGRAM, *site.words, "controller"], env=site.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def drained(process: subprocess.Popen[str], number: signal.Signals, meanwhile: Callable[[], object] = int) -> None:
    """End the controller by a signal; ``meanwhile`` is done once it says that it heard."""
    process.send_signal(number)
    assert process.stderr is not None
    told = ""
    while "draining" not in told:
        line = process.stderr.readline()
        assert line, told
        told += line
    meanwhile()
    told += process.communicate(timeout=PATIENCE_S)[1]
    assert process.returncode == 0, told
    assert "Traceback" not in told


def test_the_controller_syncs_and_heals(site: Site) -> None:
    with controller(site) as process:
        until(lambda: "api" in site.kubectl("get", "deployment", "-o", "name"), "the controller's first sync")
        until(lambda: site.variables() == {"MODE": "production"}, "the variables of Git")
        site.kubectl("set", "env", "deployment/api", "MODE=debug")
        until(lambda: site.variables() == {"MODE": "production"}, "the healed variable")
        drained(process, signal.SIGHUP)


def test_the_controller_finishes_what_it_began(site: Site) -> None:
    """SIGTERM between two waves: the second one is applied, and the deployment is recorded."""
    wave = "  name: api-config\n  annotations: {argocd.argoproj.io/sync-wave: '5'}"
    site.commit("waves", config=CONFIG.replace("  name: api-config", wave), gate=GATE)
    opened = json.dumps({"status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}})
    with controller(site) as process:
        until(lambda: "gate" in site.kubectl("get", "service", "-o", "name"), "the first wave")
        assert site.kubectl("get", "configmap", "api-config", "--ignore-not-found") == ""
        patch = ("patch", "service", "gate", "--subresource=status", "--type=merge", "-p", opened)
        drained(process, signal.SIGTERM, lambda: site.kubectl(*patch))
    assert "api-config" in site.kubectl("get", "configmap", "-o", "name")
    (deployed,) = json.loads(site.works("app", "history", "api-service", "-o", "json"))
    assert deployed["initiatedBy"] == {"automated": True}
