"""StatefulSets and DaemonSets."""

from __future__ import annotations

import pytest

from tests.unit.sandbox.controllers_world import DAEMON_SETS, STATEFUL_SETS, World, daemon_spec, image_of, stateful_set


@pytest.fixture
def world() -> World:
    return World()


def test_a_stateful_set_starts_in_order(world: World) -> None:
    claim = {
        "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }
    world.create(STATEFUL_SETS, stateful_set(volumeClaimTemplates=[claim]))
    world.run_for(0.5)
    assert world.names("pods") == ["db-0"]
    world.run_for(10)
    assert world.names("pods") == ["db-0", "db-1", "db-2"]
    assert world.names("persistentvolumeclaims") == ["data-db-0", "data-db-1", "data-db-2"]
    claims = world.store.list("persistentvolumeclaims", "ns")
    assert {one["status"]["phase"] for one in claims} == {"Bound"}
    status = world.get(STATEFUL_SETS, "db")["status"]
    assert status["currentRevision"] == status["updateRevision"]
    assert (status["replicas"], status["readyReplicas"], status["currentReplicas"]) == (3, 3, 3)


def test_a_partition_holds_the_lower_pods_back(world: World) -> None:
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}
    world.create(STATEFUL_SETS, stateful_set(updateStrategy=strategy))
    world.run_for(10)
    world.patch(STATEFUL_SETS, "db", image_of("nginx:2"))
    world.run_for(20)
    images = [one["spec"]["containers"][0]["image"] for one in world.store.list("pods", "ns")]
    assert images == ["nginx:1", "nginx:1", "nginx:2"]
    status = world.get(STATEFUL_SETS, "db")["status"]
    assert status["currentRevision"] != status["updateRevision"]
    assert (status["currentReplicas"], status["updatedReplicas"]) == (2, 1)
    world.store.delete("pods", "ns", "db-0")
    world.run_for(10)
    assert world.get("pods", "db-0")["spec"]["containers"][0]["image"] == "nginx:1"
    world.patch(STATEFUL_SETS, "db", {"spec": {"updateStrategy": {"rollingUpdate": {"partition": 0}}}})
    world.run_for(30)
    status = world.get(STATEFUL_SETS, "db")["status"]
    assert status["currentRevision"] == status["updateRevision"]
    assert status["updatedReplicas"] == 3


def test_on_delete_waits_for_somebody_to_delete(world: World) -> None:
    world.create(STATEFUL_SETS, stateful_set(replicas=1, updateStrategy={"type": "OnDelete"}))
    world.run_for(5)
    world.patch(STATEFUL_SETS, "db", image_of("nginx:2"))
    world.run_for(5)
    assert world.get("pods", "db-0")["spec"]["containers"][0]["image"] == "nginx:1"
    world.store.delete("pods", "ns", "db-0")
    world.run_for(5)
    assert world.get("pods", "db-0")["spec"]["containers"][0]["image"] == "nginx:2"


def test_a_stateful_set_shrinks_from_the_end(world: World) -> None:
    world.create(STATEFUL_SETS, stateful_set())
    world.run_for(10)
    world.patch(STATEFUL_SETS, "db", {"spec": {"replicas": 1}})
    world.run_for(0.1)
    deleting = [one["metadata"]["name"] for one in world.store.list("pods") if one["metadata"].get("deletionTimestamp")]
    assert deleting == ["db-2"]
    world.run_for(10)
    assert world.names("pods") == ["db-0"]


def test_a_daemon_set_has_a_pod_on_every_node(world: World) -> None:
    world.store.create("nodes", {"metadata": {"name": "second"}})
    world.create(DAEMON_SETS, {"metadata": {"name": "agent"}, "spec": daemon_spec()})
    world.run_for(5)
    assert {one["spec"]["nodeName"] for one in world.store.list("pods", "ns")} == {"sandbox-node", "second"}
    status = world.get(DAEMON_SETS, "agent")["status"]
    assert (status["desiredNumberScheduled"], status["numberAvailable"]) == (2, 2)
    world.patch(DAEMON_SETS, "agent", image_of("nginx:2"))
    world.run_for(20)
    status = world.get(DAEMON_SETS, "agent")["status"]
    assert (status["updatedNumberScheduled"], status["numberAvailable"], status["observedGeneration"]) == (2, 2, 2)
    world.store.create("nodes", {"metadata": {"name": "third"}})
    world.run_for(5)
    assert world.get(DAEMON_SETS, "agent")["status"]["numberReady"] == 3


@pytest.mark.parametrize(("resource", "kind"), [(STATEFUL_SETS, "StatefulSet"), (DAEMON_SETS, "DaemonSet")])
def test_a_set_that_was_seeded_without_revisions_keeps_its_pods(world: World, resource: str, kind: str) -> None:
    made = stateful_set() if resource == STATEFUL_SETS else {"metadata": {"name": "db"}, "spec": daemon_spec()}
    world.create(resource, made)
    world.run_for(10)
    world.controllers.stop()
    pods = world.store.list("pods", "ns")
    for pod in pods:
        labels = {
            **pod["metadata"]["labels"],
            "controller-revision-hash": "db-old" if resource == STATEFUL_SETS else "old",
        }
        world.store.seed({**pod, "metadata": {**pod["metadata"], "labels": labels}})
    status = world.get(resource, "db")["status"]
    if resource == STATEFUL_SETS:
        status = {**status, "currentRevision": "db-old", "updateRevision": "db-old"}
    world.store.seed({**world.get(resource, "db"), "status": status})
    for name in world.names("controllerrevisions.apps"):
        world.store.delete("controllerrevisions.apps", "ns", name)
    before = [one["metadata"]["uid"] for one in pods]
    later = World(world.store, seconds=86400)
    later.run_for(60)
    assert [one["metadata"]["uid"] for one in later.store.list("pods", "ns")] == before
    assert later.names("controllerrevisions.apps") == ["db-old"]
    assert later.get(resource, "db")["status"] == status


def test_a_recreated_stateful_set_adopts_what_was_orphaned(world: World) -> None:
    world.create(STATEFUL_SETS, stateful_set())
    world.run_for(10)
    pods = [one["metadata"]["uid"] for one in world.store.list("pods", "ns")]
    revisions = world.names("controllerrevisions.apps")
    for resource in ("pods", "controllerrevisions.apps"):
        for name in world.names(resource):
            world.patch(resource, name, {"metadata": {"ownerReferences": None}})
    world.store.delete(STATEFUL_SETS, "ns", "db")
    again = world.create(STATEFUL_SETS, stateful_set())
    world.run_for(10)
    assert [one["metadata"]["uid"] for one in world.store.list("pods", "ns")] == pods
    assert world.names("controllerrevisions.apps") == revisions
    owners = {one["metadata"]["ownerReferences"][0]["uid"] for one in world.store.list("pods", "ns")}
    assert owners == {again["metadata"]["uid"]}
    assert world.get(STATEFUL_SETS, "db")["status"]["readyReplicas"] == 3
