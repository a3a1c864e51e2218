"""What the server fills in inside values that are owned as a whole is no difference; anything else in them is."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from gitops_tui.diff.compare import compare
from gitops_tui.structured.apply import apply
from gitops_tui.structured.builtin import schemas
from gitops_tui.structured.filled import filled
from gitops_tui.structured.unchanged import is_satisfied

MANAGER = "gitops-tui"


def variable(**source: Any) -> dict[str, Any]:
    return {"containers": [{"name": "one", "env": [{"name": "X", "valueFrom": source}]}]}


def config(api_version: str, kind: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": "one", "namespace": "two"}, "spec": spec}


FIELD = config("v1", "Pod", variable(fieldRef={"fieldPath": "metadata.name"}))
RESOURCE = config("v1", "Pod", variable(resourceFieldRef={"resource": "limits.memory"}))
PORTS = config("networking.k8s.io/v1", "NetworkPolicy", {"ingress": [{"ports": [{"port": 80}]}]})
CLAIM = {"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"]}}
CLAIMS = config("apps/v1", "StatefulSet", {"volumeClaimTemplates": [CLAIM]})


def stored(applied: dict[str, Any]) -> dict[str, Any]:
    """As the server holds it after our apply: the ownership is of what was sent."""
    schema = schemas().for_kind(applied["apiVersion"], applied["kind"])
    base = {**{key: applied[key] for key in ("apiVersion", "kind")}, "metadata": dict(applied["metadata"])}
    found = apply(base, applied, manager=MANAGER, schema=schema, force=True, time="2026-01-01T00:00:00Z").object
    out: dict[str, Any] = {**found, "spec": filled(found["spec"], schema.child("spec") if schema else None)}
    return out


@pytest.mark.parametrize("applied", [FIELD, RESOURCE, PORTS, CLAIMS], ids=lambda one: one["kind"])
def test_what_the_server_fills_in_is_no_difference(applied: dict[str, Any]) -> None:
    live = stored(applied)
    schema = schemas().for_kind(applied["apiVersion"], applied["kind"])
    assert live["spec"] != applied["spec"]
    assert is_satisfied(live, applied, schema, MANAGER)
    assert not compare(applied, {**live, "metadata": {**live["metadata"], "labels": {"a": "b"}}},
                       schema=schema, manager=MANAGER).modified  # fmt: skip


def test_another_value_in_its_place_is_a_difference() -> None:
    live = copy.deepcopy(stored(PORTS))
    schema = schemas().for_kind("networking.k8s.io/v1", "NetworkPolicy")
    live["spec"]["ingress"][0]["ports"][0]["protocol"] = "UDP"
    assert not is_satisfied(live, PORTS, schema, MANAGER)
    assert compare(PORTS, live, schema=schema, manager=MANAGER).modified


def test_what_somebody_added_in_it_is_a_difference() -> None:
    live = copy.deepcopy(stored(PORTS))
    schema = schemas().for_kind("networking.k8s.io/v1", "NetworkPolicy")
    live["spec"]["ingress"][0]["ports"][0]["endPort"] = 90
    assert compare(PORTS, live, schema=schema, manager=MANAGER).modified
