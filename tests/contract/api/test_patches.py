"""The four patch types and server-side apply's ownership, on both servers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.target import JSON_PATCH, MERGE, STRATEGIC, Target

CONFIG_MAPS = "/api/v1/namespaces/{ns}/configmaps"
DEPLOYMENTS = "/apis/apps/v1/namespaces/{ns}/deployments"


def config_map(name: str = "x", **data: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def deployment(*env: tuple[str, str], replicas: int | None = 0) -> dict[str, Any]:
    container = {"name": "web", "image": "nginx:1", "env": [{"name": name, "value": value} for name, value in env]}
    spec: dict[str, Any] = {
        "selector": {"matchLabels": {"a": "b"}},
        "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [container]}},
    }
    if replicas is not None:
        spec["replicas"] = replicas
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": spec}


def env_of(obj: dict[str, Any]) -> dict[str, str]:
    return {one["name"]: one["value"] for one in obj["spec"]["template"]["spec"]["containers"][0].get("env", [])}


def managers(obj: dict[str, Any]) -> dict[tuple[str, str, str], Any]:
    return {
        (e["manager"], e["operation"], e.get("subresource", "")): e["fieldsV1"]
        for e in obj["metadata"].get("managedFields", [])
        if e["manager"] != "kube-controller-manager"
    }


def test_merge_patch(target: Target) -> None:
    target.ok("POST", CONFIG_MAPS, config_map(a="1", b="2"))
    patched = target.ok("PATCH", f"{CONFIG_MAPS}/x", {"data": {"a": None, "c": "3"}}, content_type=MERGE)
    assert patched["data"] == {"b": "2", "c": "3"}


def test_json_patch(target: Target) -> None:
    target.ok("POST", CONFIG_MAPS, config_map(a="1", b="2"))
    steps = [{"op": "test", "path": "/data/a", "value": "1"}, {"op": "remove", "path": "/data/a"}]
    assert target.ok("PATCH", f"{CONFIG_MAPS}/x", steps, content_type=JSON_PATCH)["data"] == {"b": "2"}


@pytest.mark.parametrize(
    "steps",
    [[{"op": "test", "path": "/data/a", "value": "9"}], [{"op": "remove", "path": "/data/zz"}]],
    ids=["test", "missing"],
)
def test_json_patch_that_does_not_fit(target: Target, steps: list[dict[str, str]]) -> None:
    target.ok("POST", CONFIG_MAPS, config_map(a="1"))
    answer = target.call("PATCH", f"{CONFIG_MAPS}/x", steps, content_type=JSON_PATCH)
    assert (answer.code, answer.body["reason"]) == (422, "Invalid")


def test_patch_with_an_old_version_conflicts(target: Target) -> None:
    created = target.ok("POST", CONFIG_MAPS, config_map(a="1"))
    target.ok("PATCH", f"{CONFIG_MAPS}/x", {"data": {"a": "2"}}, content_type=MERGE)
    old = {"metadata": {"resourceVersion": created["metadata"]["resourceVersion"]}, "data": {"a": "3"}}
    assert target.call("PATCH", f"{CONFIG_MAPS}/x", old, content_type=MERGE).code == 409


def test_strategic_merge_keeps_the_other_list_items(target: Target) -> None:
    target.ok("POST", DEPLOYMENTS, deployment(("A", "1"), ("B", "2")))
    container = {"name": "web", "env": [{"name": "B", "$patch": "delete"}, {"name": "C", "value": "3"}]}
    body = {"spec": {"template": {"spec": {"containers": [container]}}}}
    patched = target.ok("PATCH", f"{DEPLOYMENTS}/d", body, content_type=STRATEGIC)
    assert env_of(patched) == {"A": "1", "C": "3"}


def test_unknown_patch_type(target: Target) -> None:
    target.ok("POST", CONFIG_MAPS, config_map(a="1"))
    assert target.call("PATCH", f"{CONFIG_MAPS}/x", {}, content_type="text/plain").code == 415


# --- apply
def test_apply_creates_updates_and_removes(target: Target) -> None:
    first = target.apply(f"{CONFIG_MAPS}/x", config_map(a="1", b="2"), "git")
    assert first.code == 201
    second = target.apply(f"{CONFIG_MAPS}/x", config_map(a="1"), "git")
    assert second.code == 200
    assert second.body["data"] == {"a": "1"}
    assert managers(second.body) == {("git", "Apply", ""): {"f:data": {"f:a": {}}}}
    again = target.apply(f"{CONFIG_MAPS}/x", config_map(a="1"), "git")
    assert again.body["metadata"]["resourceVersion"] == second.body["metadata"]["resourceVersion"]


def test_apply_conflicts_name_the_other_manager(target: Target) -> None:
    target.ok("POST", CONFIG_MAPS, config_map(a="1"), agent="kubectl-edit/1")
    answer = target.apply(f"{CONFIG_MAPS}/x", config_map(a="2"), "git")
    assert (answer.code, answer.body["reason"]) == (409, "Conflict")
    assert answer.body["message"] == 'Apply failed with 1 conflict: conflict with "kubectl-edit" using v1: .data.a'
    assert answer.body["details"]["causes"] == [
        {"reason": "FieldManagerConflict", "message": 'conflict with "kubectl-edit" using v1', "field": ".data.a"}
    ]
    forced = target.apply(f"{CONFIG_MAPS}/x", config_map(a="2"), "git", force=True)
    assert forced.body["data"] == {"a": "2"}
    assert managers(forced.body)["git", "Apply", ""] == {"f:data": {"f:a": {}}}


def test_apply_leaves_an_added_variable_alone(target: Target) -> None:
    """Foreign drift: what somebody adds beside Git's fields survives Git's apply."""
    target.apply(f"{DEPLOYMENTS}/d", deployment(("A", "1")), "git")
    container = {"name": "web", "env": [{"name": "DEBUG", "value": "true"}]}
    body = {"spec": {"template": {"spec": {"containers": [container]}}}}
    target.ok("PATCH", f"{DEPLOYMENTS}/d?fieldManager=kubectl-edit", body, content_type=STRATEGIC)
    applied = target.apply(f"{DEPLOYMENTS}/d", deployment(("A", "1")), "git", force=True).body
    assert env_of(applied) == {"A": "1", "DEBUG": "true"}
    edit = managers(applied)["kubectl-edit", "Update", ""]
    items = edit["f:spec"]["f:template"]["f:spec"]["f:containers"]['k:{"name":"web"}']["f:env"]
    assert list(items) == ['k:{"name":"DEBUG"}']


def test_apply_does_not_own_the_defaults(target: Target) -> None:
    applied = target.apply(f"{DEPLOYMENTS}/d", deployment(("A", "1"), replicas=None), "git", query="&dryRun=All").body
    assert applied["spec"]["replicas"] == 1
    assert "f:replicas" not in managers(applied)["git", "Apply", ""]["f:spec"]


@pytest.mark.parametrize(
    ("body", "query", "code", "message"),
    [
        (config_map(a="1"), "", 422, "fieldManager: Required value: is required for apply patch"),
        ({**config_map(), "metadata": {"name": "x", "managedFields": [{}]}}, "?fieldManager=a", 400,
         "metadata.managedFields must be nil"),
        ({"metadata": {"name": "x"}}, "?fieldManager=a", 400, "invalid object type"),
        ({**config_map(), "foo": 1}, "?fieldManager=a", 500, ".foo: field not declared in schema"),
    ],
    ids=["manager", "managedFields", "kind", "unknown field"],
)  # fmt: skip
def test_apply_refuses(target: Target, body: Any, query: str, code: int, message: str) -> None:
    answer = target.call("PATCH", f"{CONFIG_MAPS}/x{query}", body, content_type="application/apply-patch+yaml")
    assert answer.code == code
    assert message in answer.body["message"]


def test_apply_takes_yaml(target: Target) -> None:
    text = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {a: 'on'}\n"
    answer = target.call(
        "PATCH", f"{CONFIG_MAPS}/x?fieldManager=git", text, content_type="application/apply-patch+yaml"
    )
    assert (answer.code, answer.body["data"]) == (201, {"a": "on"})


def test_two_appliers_share_and_the_last_one_removes(target: Target) -> None:
    target.apply(f"{CONFIG_MAPS}/x", config_map(a="1"), "one")
    target.apply(f"{CONFIG_MAPS}/x", config_map(a="1"), "two")
    kept = target.apply(f"{CONFIG_MAPS}/x", config_map(), "one").body
    assert kept["data"] == {"a": "1"}
    gone = target.apply(f"{CONFIG_MAPS}/x", config_map(), "two").body
    assert not gone.get("data")


# --- who writes
def test_the_user_agent_names_the_manager(target: Target) -> None:
    target.ok("POST", CONFIG_MAPS, config_map(a="1"), agent="curl/8.1 (x)")
    patched = target.ok("PATCH", f"{CONFIG_MAPS}/x?fieldManager=me", {"data": {"b": "2"}}, content_type=MERGE)
    assert managers(patched) == {
        ("curl", "Update", ""): {"f:data": {".": {}, "f:a": {}}},
        ("me", "Update", ""): {"f:data": {"f:b": {}}},
    }


def test_scale_is_a_write_without_a_time(target: Target) -> None:
    body = deployment()
    body["spec"]["paused"] = True
    target.ok("POST", DEPLOYMENTS, body)
    scale = target.ok("GET", f"{DEPLOYMENTS}/d/scale")
    assert (scale["kind"], scale["apiVersion"]) == ("Scale", "autoscaling/v1")
    assert scale["status"]["selector"] == "a=b"
    scaled = target.ok(
        "PATCH", f"{DEPLOYMENTS}/d/scale?fieldManager=kubectl", {"spec": {"replicas": 2}}, content_type=MERGE
    )
    assert scaled["spec"] == {"replicas": 2}
    live = target.ok("GET", f"{DEPLOYMENTS}/d")
    assert live["spec"]["replicas"] == 2
    entry = next(e for e in live["metadata"]["managedFields"] if e["manager"] == "kubectl")
    assert (entry["operation"], entry["subresource"]) == ("Update", "scale")
    assert entry["fieldsV1"] == {"f:spec": {"f:replicas": {}}}
    assert "time" not in entry
    owner = next(e for e in live["metadata"]["managedFields"] if e["manager"] == "contract")
    assert "f:replicas" not in owner["fieldsV1"]["f:spec"]


def test_managed_fields_can_be_reset(target: Target) -> None:
    target.ok("POST", CONFIG_MAPS, config_map(a="1"))
    cleared = target.ok("PATCH", f"{CONFIG_MAPS}/x", {"metadata": {"managedFields": [{}]}}, content_type=MERGE)
    assert not cleared["metadata"].get("managedFields")
