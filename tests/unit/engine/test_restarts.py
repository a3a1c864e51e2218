"""What a plan says of the pods that it restarts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from gitops_tui.engine.comparison import ComparedObject, Comparison
from gitops_tui.engine.restarts import with_restarts
from gitops_tui.model.drift import FieldDrift
from gitops_tui.model.plan import ItemAction, PlanItem
from gitops_tui.model.resource import Object, key_of
from gitops_tui.model.snapshot import ResourceView
from gitops_tui.model.status import DriftKind, Health, HealthStatus, SyncStatus
from tests.unit.engine.test_planning import APP

IMAGE = ("spec", "template", "spec", "containers")
KEEPS = "2 pods run with this template already and stay"


def workload(image: str, kind: str = "Deployment", **more: Any) -> Object:
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": image}]}}
    metadata = {"name": "web", "namespace": "shop", "uid": "1"}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": metadata, "spec": {"replicas": 3, "template": template},
            **more}  # fmt: skip


def owned(image: str, pods: int) -> Object:
    found = workload(image, "ReplicaSet", status={"replicas": pods})
    found["spec"]["replicas"] = pods
    return found


def restarts(
    *children: Object, kind: str = "Deployment", drift: DriftKind = DriftKind.TARGET, is_replaced: bool = False
) -> tuple[int | None, tuple[str, ...]]:
    """From ``x:2``, which runs, to ``x:1``."""
    live, predicted = workload("x:2", kind), workload("x:1", kind)
    field = FieldDrift(IMAGE, "image", "image", drift)
    view = ResourceView(key_of(live), "v1", SyncStatus.OUT_OF_SYNC, Health(HealthStatus.PROGRESSING), drift=(field,))
    cache = SimpleNamespace(children=lambda uid: list(children) if uid == "1" else [])
    comparison = cast(Comparison, SimpleNamespace(session=SimpleNamespace(cache=cache)))
    item = PlanItem(APP.key, view.key, ItemAction.CONFIGURE, (field,), is_replaced=is_replaced)
    made = with_restarts(item, comparison, ComparedObject(view, predicted, live, live, predicted))
    return made.restarts_pods, made.notes


@pytest.mark.parametrize(
    ("children", "pods", "notes"),
    [
        ((), 3, ()),
        ((owned("x:2", 3),), 3, ()),
        ((owned("x:2", 3), owned("x:1", 0)), 3, ()),
        ((owned("x:2", 1), owned("x:1", 2)), 1, (f"{KEEPS}; 1 pod of another ends",)),
        ((owned("x:2", 1), owned("x:3", 1), owned("x:1", 2)), 1, (f"{KEEPS}; 2 pods of others end",)),
        ((owned("x:1", 3),), None, ("3 pods run with this template already and stay",)),
        ((owned("x:1", 1),), 2, ("1 pod runs with this template already and stays",)),
    ],
)
def test_pods_that_run_with_the_template_already_stay(
    children: tuple[Object, ...], pods: int | None, notes: tuple[str, ...]
) -> None:
    assert restarts(*children) == (pods, notes)


def test_only_where_the_template_that_will_be_is_known() -> None:
    running = owned("x:1", 3)
    assert restarts(running, drift=DriftKind.FOREIGN) == (3, ())
    assert restarts(running, is_replaced=True) == (3, ())
    assert restarts(running, kind="StatefulSet") == (3, ())
