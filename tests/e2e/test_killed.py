"""A controller that is killed in the middle of an operation: the next one goes on, and does nothing twice."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import yaml

from tests.e2e.conftest import AUTOMATED, Site, until
from tests.e2e.terminal import PROGRAM

pytestmark = [pytest.mark.control_plane, pytest.mark.slow, pytest.mark.timeout(900)]

PATIENCE_S = 150.0
"""Longer than the Lease of a dead controller and the one of its operation together, on a busy machine."""
JOB = """\
apiVersion: batch/v1
kind: Job
metadata: {{generateName: {name}-, annotations: {{argocd.argoproj.io/hook: {hook}}}}}
spec:
  suspend: {suspended}
  template: {{spec: {{restartPolicy: Never, containers: [{{name: main, image: "registry.example/task:1"}}]}}}}
"""
GATE = """\
apiVersion: v1
kind: Service
metadata: {name: gate, annotations: {argocd.argoproj.io/sync-wave: "1"}}
spec: {type: LoadBalancer, ports: [{port: 80}]}
"""
LAST = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: last, annotations: {argocd.argoproj.io/sync-wave: "2"}}
"""


@dataclass
class Killable:
    """The site's Application in the cluster, and one controller at a time."""

    site: Site
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> None:
        words = ["--config", str(self.site.home / "settings.yaml"), "-n", self.site.namespace, "controller"]
        with (self.site.home / f"controller-{len(self.processes)}.log").open("wb") as log:
            self.processes.append(subprocess.Popen([*PROGRAM, *words], env=self.site.env, stdout=log, stderr=log))

    def kill(self) -> None:
        self.processes[-1].kill()
        self.processes[-1].wait(30)

    def operation(self) -> dict[str, Any]:
        found = json.loads(self.site.kubectl("get", "applications.argoproj.io", "api-service", "-o", "json"))
        return (found.get("status") or {}).get("operationState") or {}

    def waits_for(self, what: str) -> None:
        until(lambda: what in self.operation().get("message", ""), f"waiting for {what}", PATIENCE_S)

    def jobs(self) -> dict[str, str]:
        """The name of each Job with its uid."""
        items = json.loads(self.site.kubectl("get", "jobs", "-o", "json"))["items"]
        return {one["metadata"]["name"]: one["metadata"]["uid"] for one in items}

    def has(self, kind: str, name: str) -> bool:
        return bool(self.site.kubectl("get", kind, name, "--ignore-not-found").strip())


@pytest.fixture
def killable(site: Site) -> Iterator[Killable]:
    if not site.cluster.has_controllers:
        pytest.skip("needs a whole control plane with Argo CD's definitions")
    with (site.home / "settings.yaml").open("a") as settings:
        settings.write("reconcile: {operationLeaseSeconds: 5}\n")
    made = Killable(site)
    yield made
    for process in made.processes:
        process.kill()
        process.wait(30)


def begun(killable: Killable) -> None:
    """Deployed by itself: a hook that is suspended, two waves behind a gate, and a hook after them."""
    site = killable.site
    site.commit(
        "hooks and waves",
        before=JOB.format(name="before", hook="PreSync", suspended="true"),
        after=JOB.format(name="after", hook="PostSync", suspended="false"),
        gate=GATE,
        last=LAST,
    )
    site.declare(AUTOMATED)
    (file,) = (site.home / "apps").glob("*.yaml")
    site.cluster.kubectl("apply", "-f", "-", input=json.dumps(yaml.safe_load(file.read_text())))
    killable.start()
    killable.waits_for("completion of hook batch/Job/before-")


def test_an_operation_survives_two_kills_in_a_hook_and_in_a_wave(killable: Killable) -> None:
    begun(killable)
    site = killable.site
    first, jobs = killable.operation(), killable.jobs()
    assert len(jobs) == 1 and not killable.has("deployment", "api")

    killable.kill()
    (name,) = jobs
    site.kubectl("patch", "job", name, "--type=merge", "-p", '{"spec": {"suspend": false}}')
    site.kubectl("wait", "job", name, "--for=condition=Complete", f"--timeout={PATIENCE_S:.0f}s")
    killable.start()
    killable.waits_for("healthy state of /Service/gate")
    assert killable.jobs() == jobs, "a hook that ended while nobody looked is not run again"
    assert killable.has("deployment", "api") and not killable.has("configmap", "last")

    killable.kill()
    killable.start()
    address = {"status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}}
    site.kubectl("patch", "service", "gate", "--subresource=status", "--type=merge", "-p", json.dumps(address))
    until(lambda: killable.operation().get("phase") != "Running", "the end of the operation", PATIENCE_S)

    ended = killable.operation()
    assert ended["phase"] == "Succeeded", ended["message"]
    assert ended["startedAt"] == first["startedAt"], "one operation from its beginning to its end"
    assert killable.has("configmap", "last")
    found = killable.jobs()
    assert len(found) == 2 and found.items() >= jobs.items(), "each hook ran once"
    told = {one["name"]: (one["syncPhase"], one["hookPhase"]) for one in ended["syncResult"]["resources"]}
    (after,) = found.keys() - jobs.keys()
    assert told == {
        name: ("PreSync", "Succeeded"),
        "api": ("Sync", "Succeeded"),
        "api-config": ("Sync", "Succeeded"),
        "gate": ("Sync", "Succeeded"),
        "last": ("Sync", "Succeeded"),
        after: ("PostSync", "Succeeded"),
    }


def test_an_operation_that_is_ended_while_nobody_runs_it_is_ended_by_the_next(killable: Killable) -> None:
    """``terminate-op`` of another program finds the operation orphaned; its running hook goes with it."""
    begun(killable)
    killable.kill()
    killable.site.kubectl(
        "patch", "applications.argoproj.io", "api-service", "--type=merge",
        "-p", '{"status": {"operationState": {"phase": "Terminating"}}}',
    )  # fmt: skip
    killable.start()
    until(
        lambda: killable.operation().get("phase") not in ("Running", "Terminating"), "the end of the operation",
        PATIENCE_S,
    )  # fmt: skip
    ended = killable.operation()
    assert (ended["phase"], ended["message"]) == ("Failed", "Operation terminated")
    until(lambda: killable.jobs() == {}, "the end of its hook", PATIENCE_S)
    assert not killable.has("deployment", "api")
