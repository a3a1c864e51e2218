"""Deployments over a store whose time is the test's: no thread, no waiting."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.unit.sandbox.controllers_world import (
    DAEMON_SETS,
    DEPLOYMENTS,
    JOBS,
    REPLICA_SETS,
    STATEFUL_SETS,
    WORKLOADS,
    World,
    condition,
    daemon_spec,
    deployment,
    image_of,
    job,
    stateful_set,
    template,
)


@pytest.fixture
def world() -> World:
    return World()


def test_a_rollout_completes(world: World) -> None:
    world.create(DEPLOYMENTS, deployment())
    world.run_for(5)
    found = world.get(DEPLOYMENTS, "web")
    assert {k: v for k, v in found["status"].items() if k != "conditions"} == {
        "observedGeneration": 1,
        "replicas": 3,
        "updatedReplicas": 3,
        "readyReplicas": 3,
        "availableReplicas": 3,
        "terminatingReplicas": 0,
    }
    assert condition(found, "Available")["reason"] == "MinimumReplicasAvailable"
    assert condition(found, "Progressing")["reason"] == "NewReplicaSetAvailable"
    [name] = world.names(REPLICA_SETS)
    assert ("ScalingReplicaSet", f"Scaled up replica set {name} from 0 to 3") in world.events("Deployment")
    reasons = {reason for reason, _ in world.events("Pod")}
    assert reasons == {"Scheduled", "Pulled", "Created", "Started"}


def test_pods_start_after_a_second_and_not_before(world: World) -> None:
    world.create(DEPLOYMENTS, deployment(replicas=1))
    world.run_for(0.9)
    [pod] = world.store.list("pods", "ns")
    assert pod["status"]["phase"] == "Pending"
    assert pod["status"]["containerStatuses"][0]["state"] == {"waiting": {"reason": "ContainerCreating"}}
    world.run_for(0.2)
    [pod] = world.store.list("pods", "ns")
    assert pod["status"]["phase"] == "Running"
    assert pod["spec"]["nodeName"] == "sandbox-node"


def test_a_settled_cluster_writes_nothing(world: World) -> None:
    world.create(DEPLOYMENTS, deployment())
    world.create(STATEFUL_SETS, stateful_set())
    world.create(DAEMON_SETS, {"metadata": {"name": "agent"}, "spec": daemon_spec()})
    world.create(JOBS, job())
    world.run_for(30)
    version = world.store.storage.version
    for resource in WORKLOADS:
        for name in world.names(resource):
            # Somebody touches everything: all of it is looked at again.
            world.patch(resource, name, {"metadata": {"labels": {"touched": "yes"}}})
    touched = world.store.storage.version
    world.run_for(3600)
    assert touched > version
    assert world.store.storage.version == touched


def test_another_controller_takes_over_without_a_write(world: World) -> None:
    world.create(DEPLOYMENTS, deployment())
    world.create(STATEFUL_SETS, stateful_set())
    world.create(DAEMON_SETS, {"metadata": {"name": "agent"}, "spec": daemon_spec()})
    world.create(JOBS, job())
    world.run_for(30)
    world.controllers.stop()
    version = world.store.storage.version
    later = World(world.store, seconds=30 * 86400)
    later.run_for(600)
    assert later.store.storage.version == version


def test_who_writes_what(world: World) -> None:
    world.create(DEPLOYMENTS, deployment(replicas=1))
    world.run_for(5)

    def managers(obj: dict[str, Any]) -> set[tuple[str, str]]:
        return {(one["manager"], one.get("subresource", "")) for one in obj["metadata"]["managedFields"]}

    assert managers(world.get(DEPLOYMENTS, "web")) == {("kubectl", ""), ("kube-controller-manager", "status")}
    [replica_set] = world.store.list(REPLICA_SETS, "ns")
    assert managers(replica_set) == {("kube-controller-manager", ""), ("kube-controller-manager", "status")}
    [pod] = world.store.list("pods", "ns")
    assert managers(pod) == {("kube-controller-manager", ""), ("kubelet", "status")}


def test_a_rolling_update_stays_within_its_bounds(world: World) -> None:
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
    world.create(DEPLOYMENTS, deployment(replicas=4, strategy=strategy))
    world.run_for(5)
    world.patch(DEPLOYMENTS, "web", image_of("nginx:2"))

    def is_done() -> bool:
        found = world.get(DEPLOYMENTS, "web")
        assert found["status"]["availableReplicas"] >= 4
        assert sum(one["spec"]["replicas"] for one in world.store.list(REPLICA_SETS, "ns")) <= 5
        message = condition(found, "Progressing")["message"]
        return bool(found["status"]["updatedReplicas"] == 4 == found["status"]["replicas"] and "has succ" in message)

    world.until(is_done)
    [one, other] = world.store.list(REPLICA_SETS, "ns")
    assert sorted((one["spec"]["replicas"], other["spec"]["replicas"])) == [0, 4]


def test_recreate_lets_the_old_pods_go_first(world: World) -> None:
    world.create(DEPLOYMENTS, deployment(strategy={"type": "Recreate"}))
    world.run_for(5)
    world.patch(DEPLOYMENTS, "web", image_of("nginx:2"))

    def is_done() -> bool:
        images = {one["spec"]["containers"][0]["image"] for one in world.store.list("pods", "ns")}
        assert len(images) <= 1
        return world.get(DEPLOYMENTS, "web")["status"].get("availableReplicas") == 3 and images == {"nginx:2"}

    world.until(is_done)


def test_a_template_from_before_takes_its_replica_set_again(world: World) -> None:
    world.create(DEPLOYMENTS, deployment())
    for image in ("nginx:2", "nginx:1"):
        world.run_for(15)
        world.patch(DEPLOYMENTS, "web", image_of(image))
    world.run_for(15)
    revision = "deployment.kubernetes.io/revision"
    assert world.get(DEPLOYMENTS, "web")["metadata"]["annotations"][revision] == "3"
    found = {
        one["spec"]["template"]["spec"]["containers"][0]["image"]: one["metadata"]["annotations"]
        for one in world.store.list(REPLICA_SETS, "ns")
    }
    assert {image: annotations[revision] for image, annotations in found.items()} == {"nginx:1": "3", "nginx:2": "2"}
    assert found["nginx:1"]["deployment.kubernetes.io/revision-history"] == "1"


def test_an_empty_list_in_a_template_is_as_good_as_none(world: World) -> None:
    world.create(DEPLOYMENTS, deployment())
    world.run_for(15)
    before = world.names(REPLICA_SETS)
    container = {"name": "c", "image": "nginx:1", "env": []}
    world.patch(DEPLOYMENTS, "web", {"spec": {"template": {"spec": {"containers": [container], "tolerations": []}}}})
    world.run_for(15)
    assert world.names(REPLICA_SETS) == before


def test_old_replica_sets_are_forgotten(world: World) -> None:
    world.create(DEPLOYMENTS, deployment(replicas=1, revisionHistoryLimit=1))
    for number in range(2, 6):
        world.run_for(10)
        world.patch(DEPLOYMENTS, "web", image_of(f"nginx:{number}"))
    world.run_for(10)
    assert len(world.names(REPLICA_SETS)) == 2


def test_a_paused_deployment_scales_but_does_not_roll(world: World) -> None:
    world.create(DEPLOYMENTS, deployment(replicas=1))
    world.run_for(5)
    world.patch(DEPLOYMENTS, "web", {"spec": {"paused": True}})
    world.patch(DEPLOYMENTS, "web", image_of("nginx:2"))
    world.patch(DEPLOYMENTS, "web", {"spec": {"replicas": 2}})
    world.run_for(5)
    assert len(world.names(REPLICA_SETS)) == 1
    assert len(world.names("pods")) == 2
    assert condition(world.get(DEPLOYMENTS, "web"), "Progressing")["reason"] == "DeploymentPaused"
    world.patch(DEPLOYMENTS, "web", {"spec": {"paused": None}})
    world.run_for(10)
    found = world.get(DEPLOYMENTS, "web")
    assert condition(found, "Progressing")["reason"] == "NewReplicaSetAvailable"
    assert found["status"]["updatedReplicas"] == 2


def test_scaling_in_mid_rollout_is_shared_out(world: World) -> None:
    world.create(DEPLOYMENTS, deployment(replicas=4))
    world.run_for(5)
    world.patch(DEPLOYMENTS, "web", image_of("nginx:missing"))
    world.run_for(5)
    world.patch(DEPLOYMENTS, "web", {"spec": {"replicas": 8}})
    world.run_for(5)
    sizes = sorted(one["spec"]["replicas"] for one in world.store.list(REPLICA_SETS, "ns"))
    assert sum(sizes) == 10
    assert sizes[0] > 2


def test_a_bad_image_runs_into_the_deadline(world: World) -> None:
    world.create(DEPLOYMENTS, deployment(progressDeadlineSeconds=5, template=template(image="nginx:does-not-exist")))
    world.run_for(4)
    found = world.get(DEPLOYMENTS, "web")
    assert condition(found, "Progressing")["reason"] == "ReplicaSetUpdated"
    world.run_for(6)
    found = world.get(DEPLOYMENTS, "web")
    progressing = condition(found, "Progressing")
    assert (progressing["status"], progressing["reason"]) == ("False", "ProgressDeadlineExceeded")
    assert progressing["message"].endswith("has timed out progressing.")
    assert condition(found, "Available")["reason"] == "MinimumReplicasUnavailable"
    world.patch(DEPLOYMENTS, "web", image_of("nginx:1"))
    world.run_for(10)
    assert condition(world.get(DEPLOYMENTS, "web"), "Progressing")["reason"] == "NewReplicaSetAvailable"


def test_min_ready_seconds(world: World) -> None:
    world.create(DEPLOYMENTS, deployment(replicas=1, minReadySeconds=10))
    world.run_for(5)
    status = world.get(DEPLOYMENTS, "web")["status"]
    assert (status["readyReplicas"], status.get("availableReplicas", 0)) == (1, 0)
    world.run_for(8)
    assert world.get(DEPLOYMENTS, "web")["status"]["availableReplicas"] == 1


def test_a_recreated_deployment_adopts_what_was_orphaned(world: World) -> None:
    world.create(DEPLOYMENTS, deployment())
    world.run_for(5)
    [name] = world.names(REPLICA_SETS)
    world.patch(REPLICA_SETS, name, {"metadata": {"ownerReferences": None}})
    world.store.delete(DEPLOYMENTS, "ns", "web")
    again = world.create(DEPLOYMENTS, deployment())
    world.run_for(5)
    assert world.names(REPLICA_SETS) == [name]
    assert world.get(REPLICA_SETS, name)["metadata"]["ownerReferences"][0]["uid"] == again["metadata"]["uid"]


def test_a_deleted_pod_is_replaced(world: World) -> None:
    world.create(DEPLOYMENTS, deployment(replicas=1))
    world.run_for(5)
    [name] = world.names("pods")
    world.store.delete("pods", "ns", name, grace_s=30)
    world.run_for(0.1)
    assert len(world.names("pods")) == 2
    world.run_for(5)
    assert len(world.names("pods")) == 1
    assert world.names("pods") != [name]
    assert ("Killing", "Stopping container c") in world.events("Pod")


def test_pods_that_cannot_be_created_are_reported(world: World) -> None:
    broken = template(image="nginx:1")
    broken["spec"]["containers"][0]["name"] = "c"
    world.create(DEPLOYMENTS, deployment(replicas=1, template=broken))
    world.run_for(5)
    [name] = world.names(REPLICA_SETS)
    # A template that no API server takes, as a webhook or a quota would refuse one.
    stored = copy.deepcopy(world.get(REPLICA_SETS, name))
    stored["spec"]["template"]["spec"]["containers"] = []
    stored["spec"]["replicas"] = 2
    world.store.seed(stored)
    world.run_for(1)
    assert condition(world.get(REPLICA_SETS, name), "ReplicaFailure")["reason"] == "FailedCreate"
    assert "FailedCreate" in {reason for reason, _ in world.events("ReplicaSet")}


def test_a_load_balancer_gets_an_address(world: World) -> None:
    spec = {"type": "LoadBalancer", "ports": [{"port": 80}], "selector": {"app": "web"}}
    world.create("services", {"metadata": {"name": "web"}, "spec": spec})
    world.run_for(3)
    [ingress] = world.get("services", "web")["status"]["loadBalancer"]["ingress"]
    assert ingress["ip"].startswith("198.51.100.")


def test_a_load_balancer_of_another_class_gets_none(world: World) -> None:
    spec = {"type": "LoadBalancer", "loadBalancerClass": "example.com/mine", "ports": [{"port": 80}]}
    world.create("services", {"metadata": {"name": "web"}, "spec": spec})
    world.run_for(3)
    assert not world.get("services", "web")["status"]["loadBalancer"]


def test_the_thread_ends(world: World) -> None:
    world.controllers.start()
    world.controllers.stop()
    world.controllers.stop()
    assert not world.controllers.loop.is_running
