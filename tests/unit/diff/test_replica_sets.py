"""Pods that run with a template already."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from gitops_tui.diff.replica_sets import running_pods
from gitops_tui.model.resource import Object


def template(image: str, **metadata: Any) -> Object:
    return {"metadata": {"labels": {"app": "web"}, **metadata}, "spec": {"containers": [{"name": "c", "image": image}]}}


def deployment(image: str) -> Object:
    return {"kind": "Deployment", "spec": {"replicas": 3, "template": template(image, creationTimestamp=None)}}


def replica_set(image: str, wanted: int, there: int | None = None, created: str = "2026-11-01T00:00:00Z") -> Object:
    found = template(image)
    found["metadata"]["labels"] |= {"pod-template-hash": f"hash-{image}"}
    status = {"replicas": wanted if there is None else there}
    spec = {"replicas": wanted, "template": found}
    return {"kind": "ReplicaSet", "metadata": {"creationTimestamp": created}, "spec": spec, "status": status}


@pytest.mark.parametrize(
    ("sets", "pods"),
    [
        ((), (0, 0)),
        ((replica_set("x:1", 3),), (3, 0)),
        ((replica_set("x:1", 2), replica_set("x:2", 2)), (2, 2)),
        ((replica_set("x:1", 0), replica_set("x:2", 3)), (0, 3)),
        ((replica_set("x:1", 1, there=3), replica_set("x:2", 3, there=1)), (1, 1)),
    ],
)
def test_what_runs_with_the_template(sets: tuple[Object, ...], pods: tuple[int, int]) -> None:
    assert running_pods(deployment("x:1"), sets) == pods


def test_of_two_that_are_equal_the_oldest_is_gone_on_with() -> None:
    old, young = replica_set("x:1", 1), replica_set("x:1", 2, created="2026-11-02T00:00:00Z")
    assert running_pods(deployment("x:1"), [young, old]) == (1, 2)


def test_an_empty_list_is_as_good_as_none() -> None:
    found = replica_set("x:1", 3)
    found["spec"]["template"]["spec"]["containers"][0]["env"] = []
    assert running_pods(deployment("x:1"), [found]) == (3, 0)
    found["spec"]["template"]["spec"]["securityContext"] = {}
    assert running_pods(deployment("x:1"), [found]) == (0, 3), "an empty mapping may mean something"


def test_a_template_that_differs_in_anything_but_the_hash_is_another() -> None:
    other = copy.deepcopy(replica_set("x:1", 3))
    other["spec"]["template"]["metadata"]["annotations"] = {"kubectl.kubernetes.io/restartedAt": "now"}
    assert running_pods(deployment("x:1"), [other]) == (0, 3)
