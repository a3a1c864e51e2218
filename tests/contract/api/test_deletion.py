"""Finalizers, propagation, garbage and namespaces that end, on both servers."""

from __future__ import annotations

from typing import Any

from tests.contract.target import MERGE, Target, eventually

CONFIG_MAPS = "/api/v1/namespaces/{ns}/configmaps"


def make(target: Target, name: str, **meta: Any) -> dict[str, Any]:
    found: dict[str, Any] = target.ok("POST", CONFIG_MAPS, {"metadata": {"name": name, **meta}})
    return found


def reference(owner: dict[str, Any], *, blocks: bool = False) -> list[dict[str, Any]]:
    meta = owner["metadata"]
    return [
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "name": meta["name"],
            "uid": meta["uid"],
            "blockOwnerDeletion": blocks,
        }
    ]


def is_gone(target: Target, name: str) -> bool:
    return target.call("GET", f"{CONFIG_MAPS}/{name}").code == 404


def test_delete_answers_a_status(target: Target) -> None:
    made = make(target, "x")
    answer = target.ok("DELETE", f"{CONFIG_MAPS}/x")
    assert (answer["kind"], answer["status"]) == ("Status", "Success")
    assert answer["details"] == {"name": "x", "kind": "configmaps", "uid": made["metadata"]["uid"]}
    assert target.call("DELETE", f"{CONFIG_MAPS}/x").code == 404


def test_preconditions(target: Target) -> None:
    made = make(target, "x")
    answer = target.call("DELETE", f"{CONFIG_MAPS}/x", {"preconditions": {"uid": "other"}})
    assert (answer.code, answer.body["reason"]) == (409, "Conflict")
    target.ok("DELETE", f"{CONFIG_MAPS}/x", {"preconditions": {"uid": made["metadata"]["uid"]}})


def test_finalizers_hold_an_object(target: Target) -> None:
    make(target, "x", finalizers=["example.com/hold"])
    held = target.ok("DELETE", f"{CONFIG_MAPS}/x")
    assert held["metadata"]["deletionTimestamp"]
    assert held["metadata"]["deletionGracePeriodSeconds"] == 0
    more = {"metadata": {"finalizers": ["example.com/hold", "example.com/more"]}}
    answer = target.call("PATCH", f"{CONFIG_MAPS}/x", more, content_type=MERGE)
    assert answer.code == 422
    assert "no new finalizers can be added if the object is being deleted" in answer.body["message"]
    target.ok("PATCH", f"{CONFIG_MAPS}/x", {"metadata": {"finalizers": None}}, content_type=MERGE)
    assert is_gone(target, "x")


def test_background_takes_dependents_afterwards(target: Target) -> None:
    target.require_controllers()
    owner = make(target, "owner")
    make(target, "dependent", ownerReferences=reference(owner))
    target.ok("DELETE", f"{CONFIG_MAPS}/owner?propagationPolicy=Background")
    assert is_gone(target, "owner")
    assert eventually(lambda: is_gone(target, "dependent"))


def test_foreground_waits_for_dependents(target: Target) -> None:
    target.require_controllers()
    owner = make(target, "owner")
    make(target, "dependent", ownerReferences=reference(owner, blocks=True), finalizers=["example.com/hold"])
    waiting = target.ok("DELETE", f"{CONFIG_MAPS}/owner?propagationPolicy=Foreground")
    assert waiting["metadata"]["finalizers"] == ["foregroundDeletion"]

    def deleting() -> Any:
        return target.ok("GET", f"{CONFIG_MAPS}/dependent")["metadata"].get("deletionTimestamp")

    assert eventually(deleting)
    assert not is_gone(target, "owner")
    target.ok("PATCH", f"{CONFIG_MAPS}/dependent", {"metadata": {"finalizers": None}}, content_type=MERGE)
    assert eventually(lambda: is_gone(target, "owner"))


def test_orphan_leaves_dependents(target: Target) -> None:
    target.require_controllers()
    owner = make(target, "owner")
    make(target, "dependent", ownerReferences=reference(owner))
    target.ok("DELETE", f"{CONFIG_MAPS}/owner", {"propagationPolicy": "Orphan"})
    assert eventually(lambda: is_gone(target, "owner"))
    assert "ownerReferences" not in target.ok("GET", f"{CONFIG_MAPS}/dependent")["metadata"]


def test_a_dependent_keeps_its_other_owner(target: Target) -> None:
    target.require_controllers()
    one, two = make(target, "one"), make(target, "two")
    make(target, "dependent", ownerReferences=reference(one) + reference(two))
    target.ok("DELETE", f"{CONFIG_MAPS}/one?propagationPolicy=Background")

    def owners() -> Any:
        found = target.ok("GET", f"{CONFIG_MAPS}/dependent")["metadata"]["ownerReferences"]
        return [one["name"] for one in found] == ["two"]

    assert eventually(owners)


def test_delete_collection(target: Target) -> None:
    make(target, "a", labels={"gone": "yes"})
    make(target, "b", labels={"gone": "yes"})
    make(target, "c")
    answer = target.ok("DELETE", f"{CONFIG_MAPS}?labelSelector=gone%3Dyes")
    assert [one["metadata"]["name"] for one in answer["items"]] == ["a", "b"]
    assert is_gone(target, "a") and is_gone(target, "b") and not is_gone(target, "c")


def test_a_namespace_ends_when_it_is_empty(target: Target) -> None:
    target.require_controllers()
    make(target, "held", finalizers=["example.com/hold"])
    ending = target.ok("DELETE", "/api/v1/namespaces/{ns}")
    assert (ending["status"]["phase"], ending["spec"]["finalizers"]) == ("Terminating", ["kubernetes"])
    late = target.call("POST", CONFIG_MAPS, {"metadata": {"name": "late"}})
    assert (late.code, late.body["reason"]) == (403, "Forbidden")
    assert late.body["details"]["causes"][0]["reason"] == "NamespaceTerminating"

    def deleting() -> Any:
        return target.ok("GET", f"{CONFIG_MAPS}/held")["metadata"].get("deletionTimestamp")

    assert eventually(deleting)
    target.ok("PATCH", f"{CONFIG_MAPS}/held", {"metadata": {"finalizers": None}}, content_type=MERGE)
    assert eventually(lambda: target.call("GET", "/api/v1/namespaces/{ns}").code == 404)


def test_protected_claims_go_when_no_pod_uses_them(target: Target) -> None:
    target.require_controllers()
    path = "/api/v1/namespaces/{ns}/persistentvolumeclaims"
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    made = target.ok("POST", path, {"metadata": {"name": "p"}, "spec": spec})
    assert made["metadata"]["finalizers"] == ["kubernetes.io/pvc-protection"]
    target.ok("DELETE", f"{path}/p")
    assert eventually(lambda: target.call("GET", f"{path}/p").code == 404)
