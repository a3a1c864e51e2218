"""Who may what, and what the server says of itself; on both servers."""

from __future__ import annotations

import pytest

from tests.contract.target import Target

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"


def test_wrong_token(target: Target) -> None:
    base, pool, _ = target._clients["admin"]
    answer = pool.request("GET", f"{base}/api/v1/namespaces", headers={"Authorization": "Bearer wrong"})
    assert (answer.status, answer.json()["reason"]) == (401, "Unauthorized")


@pytest.mark.parametrize("path", ["/version", "/healthz", "/livez", "/readyz"])
def test_open_to_everybody(target: Target, path: str) -> None:
    base, pool, _ = target._clients["admin"]
    assert pool.request("GET", base + path).status == 200


@pytest.mark.parametrize(
    ("method", "path", "message"),
    [
        ("GET", "/api/v1/namespaces/{ns}/secrets",
         'secrets is forbidden: User "viewer" cannot list resource "secrets" in API group "" '
            'in the namespace "{ns}"'),
        ("GET", "/api/v1/namespaces/{ns}/secrets/x",
         'secrets "x" is forbidden: User "viewer" cannot get resource "secrets" in API group "" '
            'in the namespace "{ns}"'),
        ("DELETE", "/api/v1/nodes/y",
         'nodes "y" is forbidden: User "viewer" cannot delete resource "nodes" in API group "" at the cluster scope'),
        ("PATCH", "/apis/apps/v1/namespaces/{ns}/deployments/x/scale",
         'deployments.apps "x" is forbidden: User "viewer" cannot patch resource "deployments/scale" '
         'in API group "apps" in the namespace "{ns}"'),
    ],
)  # fmt: skip
def test_the_viewer_is_told_what_it_may_not(target: Target, method: str, path: str, message: str) -> None:
    body = {} if method == "PATCH" else None
    answer = target.call(method, path, body, user="viewer", content_type="application/merge-patch+json")
    assert (answer.code, answer.body["reason"]) == (403, "Forbidden")
    assert answer.body["message"] == message.replace("{ns}", target.namespace)


def test_the_viewer_reads_the_rest(target: Target) -> None:
    for path in ("/api/v1/namespaces/{ns}/configmaps", "/apis/apps/v1/deployments", "/api/v1/nodes"):
        assert target.call("GET", path, user="viewer").code == 200
    created = target.call("POST", "/api/v1/namespaces/{ns}/configmaps", {"metadata": {"name": "x"}}, user="viewer")
    assert created.code == 403


def test_the_engineer_writes_in_namespaces_only(target: Target) -> None:
    made = target.call("POST", "/api/v1/namespaces/{ns}/secrets", {"metadata": {"name": "x"}}, user="engineer")
    assert made.code == 201
    assert target.call("POST", "/api/v1/namespaces", {"metadata": {"name": "no"}}, user="engineer").code == 403


@pytest.mark.parametrize(("verb", "allowed"), [("get", True), ("create", False)])
def test_access_review(target: Target, verb: str, allowed: bool) -> None:
    spec = {"resourceAttributes": {"verb": verb, "resource": "pods", "namespace": target.namespace}}
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    answer = target.call("POST", path, {"spec": spec}, user="viewer")
    assert (answer.code, answer.body["status"]["allowed"]) == (201, allowed)


def test_who_am_i(target: Target) -> None:
    answer = target.call("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {}, user="viewer")
    info = answer.body["status"]["userInfo"]
    assert (info["username"], "system:authenticated" in info["groups"]) == ("viewer", True)


# --- discovery
def test_both_discoveries_agree(target: Target) -> None:
    legacy = {one["name"]: one for one in target.ok("GET", "/apis/apps/v1")["resources"]}
    groups = target.ok("GET", "/apis", accept=AGGREGATED)
    assert (groups["kind"], groups["apiVersion"]) == ("APIGroupDiscoveryList", "apidiscovery.k8s.io/v2")
    apps = next(group for group in groups["items"] if group["metadata"]["name"] == "apps")
    (version,) = apps["versions"]
    for one in version["resources"]:
        twin = legacy[one["resource"]]
        assert twin["verbs"] == one["verbs"]
        assert twin.get("shortNames") == one.get("shortNames")
        assert twin.get("categories") == one.get("categories")
        assert {f"{one['resource']}/{sub['subresource']}" for sub in one.get("subresources", ())} <= set(legacy)


def test_discovery_of_deployments(target: Target) -> None:
    found = next(one for one in target.ok("GET", "/apis/apps/v1")["resources"] if one["name"] == "deployments")
    del found["storageVersionHash"]
    assert found == {
        "name": "deployments",
        "singularName": "deployment",
        "namespaced": True,
        "kind": "Deployment",
        "verbs": ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
        "shortNames": ["deploy"],
        "categories": ["all"],
    }


def test_openapi_documents_carry_a_hash_that_names_them(target: Target) -> None:
    paths = target.ok("GET", "/openapi/v3")["paths"]
    url = paths["apis/apps/v1"]["serverRelativeURL"]
    assert url.startswith("/openapi/v3/apis/apps/v1?hash=")
    document = target.ok("GET", url)
    assert "io.k8s.api.apps.v1.Deployment" in document["components"]["schemas"]
    patch = document["paths"]["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]["patch"]
    assert {"dryRun", "fieldManager", "fieldValidation", "force"} <= {one["name"] for one in patch["parameters"]}


def test_every_served_kind_is_the_real_ones(target: Target) -> None:
    """Names, scopes, short names and categories; the sandbox may serve fewer kinds, never others."""
    from gitops_tui.sandbox.registry import built_in_types

    for kind in built_in_types():
        root = f"/apis/{kind.api_version}" if kind.group else f"/api/{kind.version}"
        resources = {one["name"]: one for one in target.ok("GET", root)["resources"]}
        found = resources[kind.plural]
        assert (found["kind"], found["namespaced"], found["singularName"]) == (
            kind.kind,
            kind.is_namespaced,
            kind.singular,
        )
        assert (tuple(found.get("shortNames", ())), tuple(found.get("categories", ()))) == (
            kind.short_names,
            kind.categories,
        )
