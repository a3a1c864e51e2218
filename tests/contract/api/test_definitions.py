"""CustomResourceDefinitions: served once established, pruned, validated, shown; on both servers."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.target import MERGE, STRATEGIC, TABLE, Target, eventually

SCHEMA = {
    "type": "object",
    "required": ["metadata", "spec"],
    "properties": {
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        "metadata": {"type": "object"},
        "spec": {
            "type": "object",
            "required": ["size"],
            "properties": {
                "size": {"type": "integer", "minimum": 1},
                "mode": {"type": "string", "enum": ["fast", "slow"], "default": "fast"},
                "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                "items": {
                    "type": "array",
                    "x-kubernetes-list-type": "map",
                    "x-kubernetes-list-map-keys": ["name"],
                    "items": {
                        "type": "object",
                        "required": ["name"],
                        "properties": {"name": {"type": "string"}, "value": {"type": "string"}},
                    },
                },
            },
        },
        "status": {"type": "object", "properties": {"phase": {"type": "string"}}},
    },
}


@pytest.fixture
def gadgets(target: Target) -> Iterator[str]:
    """The path of a custom resource of this test's own."""
    group = f"g{uuid.uuid4().hex[:8]}.example.com"
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "subresources": {"status": {}},
        "schema": {"openAPIV3Schema": SCHEMA},
        "additionalPrinterColumns": [
            {"name": "Size", "type": "integer", "jsonPath": ".spec.size"},
            {"name": "Phase", "type": "string", "jsonPath": ".status.phase"},
            {"name": "Mode", "type": "string", "jsonPath": ".spec.mode", "priority": 1},
        ],
    }
    names = {"plural": "gadgets", "kind": "Gadget", "shortNames": ["gd"]}
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"gadgets.{group}"},
        "spec": {"group": group, "scope": "Namespaced", "names": names, "versions": [version]},
    }
    root = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    target.ok("POST", root, definition)

    def is_established() -> bool:
        conditions = target.ok("GET", f"{root}/gadgets.{group}")["status"].get("conditions") or ()
        return any(c["type"] == "Established" and c["status"] == "True" for c in conditions)

    assert eventually(is_established)
    path = f"/apis/{group}/v1/namespaces/{{ns}}/gadgets"
    assert eventually(lambda: target.call("GET", path).code == 200)
    yield path
    target.ok("DELETE", f"{root}/gadgets.{group}")
    assert eventually(lambda: target.call("GET", f"{root}/gadgets.{group}").code == 404)


def gadget(path: str, name: str = "g", **spec: Any) -> dict[str, Any]:
    group = path.split("/")[2]
    return {"apiVersion": f"{group}/v1", "kind": "Gadget", "metadata": {"name": name}, "spec": spec}


def test_custom_objects(target: Target, gadgets: str) -> None:
    created = target.ok("POST", gadgets, {**gadget(gadgets, size=1, zork=1, free={"a": 1}), "status": {"phase": "x"}})
    assert created["spec"] == {"size": 1, "mode": "fast", "free": {"a": 1}}
    assert "status" not in created
    assert created["metadata"]["generation"] == 1

    with_status = target.ok("PATCH", f"{gadgets}/g/status", {"status": {"phase": "Up"}}, content_type=MERGE)
    assert with_status["status"] == {"phase": "Up"}
    assert with_status["metadata"]["generation"] == 1
    changed = target.ok("PATCH", f"{gadgets}/g", {"spec": {"size": 2}}, content_type=MERGE)
    assert changed["metadata"]["generation"] == 2

    table = target.ok("GET", f"{gadgets}/g", accept=TABLE)
    assert [(c["name"], c["priority"]) for c in table["columnDefinitions"]] == [
        ("Name", 0), ("Size", 0), ("Phase", 0), ("Mode", 1)
    ]  # fmt: skip
    assert table["rows"][0]["cells"] == ["g", 2, "Up", "fast"]

    listed = target.ok("GET", gadgets)
    assert (listed["kind"], [one["kind"] for one in listed["items"]]) == ("GadgetList", ["Gadget"])


def test_custom_objects_are_validated(target: Target, gadgets: str) -> None:
    wrong_type = target.call("POST", gadgets, gadget(gadgets, size="big"))
    assert wrong_type.code == 422
    assert 'spec.size in body must be of type integer: "string"' in wrong_type.body["message"]
    cases = {"spec.size": gadget(gadgets, mode="fast"), "spec.mode": gadget(gadgets, size=1, mode="odd")}
    for field, body in cases.items():
        answer = target.call("POST", gadgets, body)
        assert answer.code == 422
        assert field in {cause["field"] for cause in answer.body["details"]["causes"]}
    strict = target.call("POST", f"{gadgets}?fieldValidation=Strict", gadget(gadgets, size=1, zork=1))
    assert 'strict decoding error: unknown field "spec.zork"' in strict.body["message"]


def test_custom_objects_merge_by_their_schema(target: Target, gadgets: str) -> None:
    first = gadget(gadgets, size=1, items=[{"name": "a", "value": "1"}])
    second = gadget(gadgets, size=1, items=[{"name": "b", "value": "2"}])
    target.apply(f"{gadgets}/g", first, "one")
    both = target.apply(f"{gadgets}/g", second, "two").body
    assert [one["name"] for one in both["spec"]["items"]] == ["a", "b"]
    assert target.call("PATCH", f"{gadgets}/g", {}, content_type=STRATEGIC).code == 415


def test_an_update_needs_the_version(target: Target, gadgets: str) -> None:
    target.ok("POST", gadgets, gadget(gadgets, size=1))
    answer = target.call("PUT", f"{gadgets}/g", gadget(gadgets, size=2))
    assert answer.code == 422
    assert "metadata.resourceVersion" in answer.body["message"]


def test_custom_kinds_are_discovered(target: Target, gadgets: str) -> None:
    group = gadgets.split("/")[2]
    found = eventually(lambda: target.call("GET", f"/apis/{group}/v1").body.get("resources"))
    assert [one["name"] for one in found] == ["gadgets", "gadgets/status"]
    assert found[0]["shortNames"] == ["gd"]
    assert eventually(lambda: f"apis/{group}/v1" in target.ok("GET", "/openapi/v3")["paths"])
    document = target.ok("GET", f"/openapi/v3/apis/{group}/v1")
    kinds = [
        s.get("x-kubernetes-group-version-kind", [{}])[0].get("kind")
        for s in document["components"]["schemas"].values()
    ]
    assert "Gadget" in kinds
