"""The make-believe kubelet: pods start, crash, wait for images."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_tui.sandbox.controllers import DURATION
from tests.unit.sandbox.controllers_world import DEPLOYMENTS, World, condition, deployment, pod_spec, template


@pytest.fixture
def world() -> World:
    return World()


def test_an_image_that_is_not_there(world: World) -> None:
    world.create("pods", {"metadata": {"name": "p"}, **pod_spec("registry.invalid/app:1")})

    def reason() -> str:
        status = (world.get("pods", "p").get("status") or {}).get("containerStatuses") or [{}]
        return str(status[0].get("state", {}).get("waiting", {}).get("reason"))

    world.until(lambda: reason() == "ErrImagePull")
    world.until(lambda: reason() == "ImagePullBackOff")
    waiting = world.get("pods", "p")["status"]["containerStatuses"][0]["state"]["waiting"]
    assert waiting["message"].startswith('Back-off pulling image "registry.invalid/app:1": ErrImagePull:')
    world.run_for(60)
    events = {one["message"]: one for one in world.store.list("events")}
    again = events["Error: ErrImagePull"]
    assert again["count"] >= 3
    assert again["lastTimestamp"] > again["firstTimestamp"]
    assert again["involvedObject"]["fieldPath"] == "spec.containers{c}"


@pytest.mark.parametrize(
    "change",
    [{"env": [{"name": "CRASH", "value": "1"}]}, {"command": ["false"]}, {"command": ["sh", "-c", "sleep 1; exit 1"]}],
)
def test_a_crash_loop(world: World, change: dict[str, Any]) -> None:
    pod = pod_spec("busybox:1")
    pod["spec"]["containers"][0].update(change)
    world.create("pods", {"metadata": {"name": "p"}, **pod})
    world.run_for(6)
    status = world.get("pods", "p")["status"]["containerStatuses"][0]
    assert status["state"]["waiting"]["reason"] == "CrashLoopBackOff"
    assert status["state"]["waiting"]["message"].startswith("back-off 10s restarting failed container=c pod=p_ns(")
    assert status["lastState"]["terminated"]["exitCode"] == 1
    world.run_for(120)
    assert world.get("pods", "p")["status"]["containerStatuses"][0]["restartCount"] > status["restartCount"]
    assert world.store.logs.has_previous("ns", "p", "c")


def test_the_annotation_delays_readiness(world: World) -> None:
    slow = template()
    slow["metadata"]["annotations"] = {DURATION: "20s"}
    world.create(DEPLOYMENTS, deployment(replicas=1, template=slow))
    world.run_for(15)
    [pod] = world.store.list("pods", "ns")
    assert pod["status"]["phase"] == "Running"
    assert condition(pod, "Ready")["status"] == "False"
    world.run_for(6)
    [pod] = world.store.list("pods", "ns")
    assert condition(pod, "Ready")["status"] == "True"


def test_init_containers(world: World) -> None:
    pod = pod_spec("nginx:1")
    pod["spec"]["initContainers"] = [{"name": "init", "image": "busybox:1"}]
    world.create("pods", {"metadata": {"name": "p"}, **pod})
    world.run_for(3)
    status = world.get("pods", "p")["status"]
    assert status["initContainerStatuses"][0]["state"]["terminated"]["reason"] == "Completed"
    assert status["containerStatuses"][0]["ready"]
    pod["spec"]["initContainers"][0]["command"] = ["false"]
    world.create("pods", {"metadata": {"name": "q"}, **pod})
    world.run_for(6)
    status = world.get("pods", "q")["status"]
    assert status["phase"] == "Pending"
    assert status["initContainerStatuses"][0]["state"]["waiting"]["reason"] == "CrashLoopBackOff"
    assert status["containerStatuses"][0]["state"]["waiting"]["reason"] == "PodInitializing"


def test_a_pod_that_no_node_takes(world: World) -> None:
    pod = pod_spec("nginx:1")
    pod["spec"]["nodeSelector"] = {"disk": "fast"}
    world.create("pods", {"metadata": {"name": "p"}, **pod})
    world.run_for(5)
    found = world.get("pods", "p")
    assert condition(found, "PodScheduled")["reason"] == "Unschedulable"
    assert "nodeName" not in found["spec"]
    world.store.patch("nodes", "", "sandbox-node", {"metadata": {"labels": {"disk": "fast"}}})
    world.run_for(20)
    assert world.get("pods", "p")["status"]["phase"] == "Running"


@pytest.mark.parametrize("half_way_s", [0.5, 5.0])
def test_a_restart_takes_up_what_was_under_way(world: World, half_way_s: float) -> None:
    slow = template()
    slow["metadata"]["annotations"] = {DURATION: "10s"}
    world.create(DEPLOYMENTS, deployment(replicas=1, template=slow))
    world.run_for(half_way_s)
    world.controllers.stop()
    [pod] = world.store.list("pods", "ns")
    assert condition(pod, "Ready")["status"] == "False"
    later = World(world.store, seconds=world.seconds)
    later.run_for(15)
    [found] = later.store.list("pods", "ns")
    assert found["metadata"]["uid"] == pod["metadata"]["uid"]
    assert condition(found, "Ready")["status"] == "True"


def test_a_claim_is_bound_and_its_volume_goes_with_it(world: World) -> None:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    world.create("persistentvolumeclaims", {"metadata": {"name": "data"}, "spec": spec})
    world.run_for(3)
    claim = world.get("persistentvolumeclaims", "data")
    assert claim["status"] == {"phase": "Bound", "accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Gi"}}
    [volume] = world.store.list("persistentvolumes")
    assert volume["metadata"]["name"] == claim["spec"]["volumeName"]
    assert volume["status"]["phase"] == "Bound"
    world.store.patch("persistentvolumeclaims", "ns", "data", {"metadata": {"finalizers": None}})
    world.store.delete("persistentvolumeclaims", "ns", "data")
    world.run_for(1)
    [volume] = world.store.list("persistentvolumes")
    assert volume["status"]["phase"] == "Released"
    assert volume["metadata"]["deletionTimestamp"]
