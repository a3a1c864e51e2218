"""Create, read, update, delete and their errors: the same answers from the embedded and the real API server."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.target import MERGE, Target, eventually

CONFIG_MAPS = "/api/v1/namespaces/{ns}/configmaps"


def config_map(name: str = "x", **data: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def test_create_gives_what_the_server_owns(target: Target) -> None:
    created = target.ok("POST", CONFIG_MAPS, config_map(a="1"))
    meta = created["metadata"]
    assert {"uid", "resourceVersion", "creationTimestamp"} <= set(meta)
    assert "generation" not in meta
    assert [(e["manager"], e["operation"], e["fieldsV1"]) for e in meta["managedFields"]] == [
        ("contract", "Update", {"f:data": {".": {}, "f:a": {}}})
    ]
    assert target.ok("GET", f"{CONFIG_MAPS}/x") == created


def test_generate_name_makes_one(target: Target) -> None:
    created = target.ok("POST", CONFIG_MAPS, {"metadata": {"generateName": "made-"}})
    name = created["metadata"]["name"]
    assert name.startswith("made-")
    assert len(name) == len("made-") + 5


ERRORS: list[tuple[str, str, str, Any, int, str]] = [
    ("missing", "GET", f"{CONFIG_MAPS}/nope", None, 404, 'configmaps "nope" not found'),
    ("no such kind", "GET", "/apis/apps/v1/foos", None, 404, "the server could not find the requested resource"),
    ("no namespace", "POST", "/api/v1/namespaces/no-such/configmaps", config_map(), 404,
     'namespaces "no-such" not found'),
    ("bad name", "POST", CONFIG_MAPS, config_map("Bad_"), 422,
     'ConfigMap "Bad_" is invalid: metadata.name: Invalid value'),
    ("no name", "POST", CONFIG_MAPS, {"metadata": {}}, 422,
     "metadata.name: Required value: name or generateName is required"),
    ("other kind", "POST", CONFIG_MAPS, {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}}, 400,
     'Secret in version "v1" cannot be handled as a ConfigMap'),
    ("wrong type", "POST", CONFIG_MAPS, {"metadata": {"name": "x"}, "data": {"a": 1}}, 400,
     "cannot unmarshal number into Go struct field ConfigMap.data of type string"),
    ("unknown field", "POST", f"{CONFIG_MAPS}?fieldValidation=Strict", {"metadata": {"name": "x"}, "foo": 1}, 400,
     'strict decoding error: unknown field "foo"'),
    ("bad dry run", "POST", f"{CONFIG_MAPS}?dryRun=foo", config_map(), 422, "dryRun: Unsupported value"),
    ("put missing", "PUT", f"{CONFIG_MAPS}/nope", config_map("nope"), 404, 'configmaps "nope" not found'),
    ("put other name", "PUT", f"{CONFIG_MAPS}/x", config_map("nope"), 400, "does not match the name on the URL (x)"),
    ("bad selector", "GET", f"{CONFIG_MAPS}?labelSelector=a%20b", None, 400, "unable to parse requirement: found 'b'"),
    ("bad field", "GET", f"{CONFIG_MAPS}?fieldSelector=data.a=1", None, 400, '"data.a" is not a known field selector'),
    ("bad version", "GET", f"{CONFIG_MAPS}?resourceVersion=abc", None, 400, "invalid resource version"),
    ("bad method", "POST", f"{CONFIG_MAPS}/x", {}, 405, "the server does not allow this method"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path", "body", "code", "message"), [e[1:] for e in ERRORS], ids=[e[0] for e in ERRORS]
)
def test_errors_are_statuses(target: Target, method: str, path: str, body: Any, code: int, message: str) -> None:
    answer = target.call(method, path, body)
    assert (answer.code, answer.body["kind"], answer.body["status"]) == (code, "Status", "Failure")
    assert answer.body["code"] == code
    assert message in answer.body["message"]


def test_workload_validation_names_every_field(target: Target) -> None:
    body = {
        "metadata": {"name": "x"},
        "spec": {
            "selector": {"matchLabels": {"a": "b"}},
            "template": {"metadata": {"labels": {"a": "c"}}, "spec": {"containers": []}},
        },
    }
    answer = target.call("POST", "/apis/apps/v1/namespaces/{ns}/deployments", body)
    assert answer.code == 422
    causes = answer.body["details"]["causes"]
    assert {(c["reason"], c["field"]) for c in causes} == {
        ("FieldValueInvalid", "spec.template.metadata.labels"),
        ("FieldValueRequired", "spec.template.spec.containers"),
    }


def test_unknown_field_is_dropped_with_a_warning(target: Target) -> None:
    answer = target.call("POST", CONFIG_MAPS, {"metadata": {"name": "x"}, "foo": 1})
    assert answer.code == 201
    assert "foo" not in answer.body
    assert 'unknown field \\"foo\\"' in answer.headers["Warning"]


def test_exists_already(target: Target) -> None:
    target.ok("POST", CONFIG_MAPS, config_map())
    answer = target.call("POST", CONFIG_MAPS, config_map())
    assert (answer.code, answer.body["reason"]) == (409, "AlreadyExists")
    assert answer.body["details"] == {"name": "x", "kind": "configmaps"}


def test_optimistic_locking(target: Target) -> None:
    first = target.ok("POST", CONFIG_MAPS, config_map(a="1"))
    second = target.ok("PUT", f"{CONFIG_MAPS}/x", {**first, "data": {"a": "2"}})
    assert second["metadata"]["resourceVersion"] != first["metadata"]["resourceVersion"]
    answer = target.call("PUT", f"{CONFIG_MAPS}/x", {**first, "data": {"a": "3"}})
    assert (answer.code, answer.body["reason"]) == (409, "Conflict")
    assert "the object has been modified" in answer.body["message"]


def test_unconditional_update_and_no_change_keeps_the_version(target: Target) -> None:
    target.ok("POST", CONFIG_MAPS, config_map(a="1"))
    changed = target.ok("PUT", f"{CONFIG_MAPS}/x", config_map(a="2"))
    again = target.ok("PUT", f"{CONFIG_MAPS}/x", config_map(a="2"))
    assert again["metadata"]["resourceVersion"] == changed["metadata"]["resourceVersion"]


def test_dry_run_writes_nothing(target: Target) -> None:
    made = target.ok("POST", f"{CONFIG_MAPS}?dryRun=All", config_map(a="1"))
    assert "resourceVersion" not in made["metadata"]
    assert target.call("GET", f"{CONFIG_MAPS}/x").code == 404
    live = target.ok("POST", CONFIG_MAPS, config_map(a="1"))
    body = {"data": {"a": "2"}}
    seen = target.ok("PATCH", f"{CONFIG_MAPS}/x?dryRun=All", body, content_type=MERGE)
    assert seen["data"] == {"a": "2"}
    target.ok("DELETE", f"{CONFIG_MAPS}/x?dryRun=All")
    assert target.ok("GET", f"{CONFIG_MAPS}/x") == live


def test_secret_takes_string_data(target: Target) -> None:
    created = target.ok(
        "POST", "/api/v1/namespaces/{ns}/secrets", {"metadata": {"name": "s"}, "stringData": {"a": "b"}}
    )
    assert created["data"] == {"a": "Yg=="}
    assert created["type"] == "Opaque"
    assert "stringData" not in created


def test_generation_counts_what_was_asked_for(target: Target) -> None:
    path = "/apis/apps/v1/namespaces/{ns}/deployments"
    spec = {
        "replicas": 0,
        "selector": {"matchLabels": {"a": "b"}},
        "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "a", "image": "nginx:1"}]}},
    }
    created = target.ok("POST", path, {"metadata": {"name": "d"}, "spec": spec})
    assert created["metadata"]["generation"] == 1
    labelled = target.ok("PATCH", f"{path}/d", {"metadata": {"labels": {"z": "1"}}}, content_type=MERGE)
    assert labelled["metadata"]["generation"] == 1
    changed = target.ok("PATCH", f"{path}/d", {"spec": {"minReadySeconds": 1}}, content_type=MERGE)
    assert changed["metadata"]["generation"] == 2
    status = target.ok("PATCH", f"{path}/d/status", {"status": {"observedGeneration": 1}}, content_type=MERGE)
    assert status["metadata"]["generation"] == 2


def test_status_is_apart_from_the_rest(target: Target) -> None:
    path = "/apis/apps/v1/namespaces/{ns}/deployments"
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "a", "image": "nginx:1"}]}}
    spec = {"replicas": 0, "paused": True, "selector": {"matchLabels": {"a": "b"}}, "template": template}
    created = target.ok("POST", path, {"metadata": {"name": "d"}, "spec": spec, "status": {"replicas": 7}})
    assert created["status"] == {}
    main = target.ok("PATCH", f"{path}/d", {"status": {"collisionCount": 7}}, content_type=MERGE)
    assert "collisionCount" not in main["status"]
    body = {"spec": {"replicas": 9}, "status": {"collisionCount": 7}, "metadata": {"labels": {"z": "1"}}}
    through = target.ok("PATCH", f"{path}/d/status", body, content_type=MERGE)
    assert through["status"]["collisionCount"] == 7
    assert through["spec"]["replicas"] == 0
    assert "labels" not in through["metadata"]
    entry = next(e for e in through["metadata"]["managedFields"] if e["manager"] == "contract" and e.get("subresource"))
    assert (entry["subresource"], entry["fieldsV1"]) == ("status", {"f:status": {"f:collisionCount": {}}})


def test_immutable_selector(target: Target) -> None:
    path = "/apis/apps/v1/namespaces/{ns}/deployments"
    template = {"metadata": {"labels": {"a": "b", "c": "d"}}, "spec": {"containers": [{"name": "a", "image": "nginx"}]}}
    spec = {"replicas": 0, "selector": {"matchLabels": {"a": "b"}}, "template": template}
    target.ok("POST", path, {"metadata": {"name": "d"}, "spec": spec})
    body = {"spec": {"selector": {"matchLabels": {"c": "d"}}}}
    answer = target.call("PATCH", f"{path}/d", body, content_type=MERGE)
    assert answer.code == 422
    assert "spec.selector: Invalid value" in answer.body["message"]
    assert "field is immutable" in answer.body["message"]


def test_services_get_addresses_and_keep_them(target: Target) -> None:
    path = "/api/v1/namespaces/{ns}/services"
    body = {"metadata": {"name": "w"}, "spec": {"type": "NodePort", "ports": [{"port": 80}], "selector": {"a": "b"}}}
    created = target.ok("POST", path, body)
    spec = created["spec"]
    assert spec["clusterIPs"] == [spec["clusterIP"]]
    assert 30000 <= spec["ports"][0]["nodePort"] <= 32767
    body["metadata"]["labels"] = {"z": "1"}
    replaced = target.ok("PUT", f"{path}/w", body)
    assert replaced["spec"] == spec
    internal = target.ok("PATCH", f"{path}/w", {"spec": {"type": "ClusterIP"}}, content_type=MERGE)
    assert "nodePort" not in internal["spec"]["ports"][0]
    assert internal["spec"]["clusterIP"] == spec["clusterIP"]


def test_new_namespaces_are_furnished(target: Target) -> None:
    target.require_controllers()
    found = eventually(lambda: target.call("GET", f"{CONFIG_MAPS}/kube-root-ca.crt").body.get("data"))
    assert found["ca.crt"].startswith("-----BEGIN CERTIFICATE-----")


def test_metadata_only(target: Target) -> None:
    target.ok("POST", CONFIG_MAPS, config_map(a="1"))
    accept = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"
    found = target.ok("GET", f"{CONFIG_MAPS}?fieldSelector=metadata.name%3Dx", accept=accept)
    assert (found["kind"], found["apiVersion"]) == ("PartialObjectMetadataList", "meta.k8s.io/v1")
    assert [sorted(item) for item in found["items"]] in ([["apiVersion", "kind", "metadata"]], [["metadata"]])
