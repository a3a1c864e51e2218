"""Lists, selectors, pages, Tables and watches, on both servers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.target import MERGE, TABLE, Target, eventually

CONFIG_MAPS = "/api/v1/namespaces/{ns}/configmaps"


def make(target: Target, *names: str, **labels: str) -> list[dict[str, Any]]:
    return [target.ok("POST", CONFIG_MAPS, {"metadata": {"name": name, "labels": labels}}) for name in names]


def names(answer: dict[str, Any]) -> list[str]:
    return [one["metadata"]["name"] for one in answer["items"] if one["metadata"]["name"] != "kube-root-ca.crt"]


def test_list_has_a_version_and_bare_items(target: Target) -> None:
    make(target, "b", "a")
    found = target.ok("GET", CONFIG_MAPS)
    assert (found["kind"], found["apiVersion"]) == ("ConfigMapList", "v1")
    assert int(found["metadata"]["resourceVersion"]) > 0
    assert names(found) == ["a", "b"]
    assert all("kind" not in one for one in found["items"])


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("app%3Dweb", ["a", "b"]),
        ("app%3D%3Dweb,tier%21%3Dfront", ["b"]),
        ("app%20in%20%28web,db%29", ["a", "b", "c"]),
        ("app%20notin%20%28web%29,app", ["c"]),
        ("tier", ["a"]),
        ("app,%21tier", ["b", "c"]),
    ],
)
def test_label_selectors(target: Target, selector: str, expected: list[str]) -> None:
    make(target, "a", app="web", tier="front")
    make(target, "b", app="web")
    make(target, "c", app="db")
    assert names(target.ok("GET", f"{CONFIG_MAPS}?labelSelector={selector}")) == expected


def test_field_selectors(target: Target) -> None:
    make(target, "a", "b")
    assert names(target.ok("GET", f"{CONFIG_MAPS}?fieldSelector=metadata.name%3Da")) == ["a"]
    assert names(target.ok("GET", f"{CONFIG_MAPS}?fieldSelector=metadata.name%21%3Da")) == ["b"]


def test_pages_are_one_state(target: Target) -> None:
    make(target, "a", "b", "c", "d", all="yes")
    first = target.ok("GET", f"{CONFIG_MAPS}?limit=2&labelSelector=all%3Dyes")
    assert names(first) == ["a", "b"]
    assert "remainingItemCount" not in first["metadata"]
    target.ok("DELETE", f"{CONFIG_MAPS}/c")
    found, page = [], first
    while token := page["metadata"].get("continue"):
        page = target.ok("GET", f"{CONFIG_MAPS}?limit=2&labelSelector=all%3Dyes&continue={token}")
        assert page["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]
        found += names(page)
    assert found == ["c", "d"]


def test_a_page_says_how_many_remain(target: Target) -> None:
    make(target, "a", "b", "c")
    assert target.ok("GET", f"{CONFIG_MAPS}?limit=1")["metadata"]["remainingItemCount"] == 3


def test_bad_token(target: Target) -> None:
    answer = target.call("GET", f"{CONFIG_MAPS}?limit=1&continue=abc")
    assert (answer.code, answer.body["reason"]) == (400, "BadRequest")


def test_version_of_the_future(target: Target) -> None:
    answer = target.call("GET", f"{CONFIG_MAPS}?resourceVersion=99999999&resourceVersionMatch=Exact&limit=1")
    assert (answer.code, answer.body["reason"]) == (504, "Timeout")


# --- tables
def cells(answer: dict[str, Any]) -> list[list[Any]]:
    return [row["cells"] for row in answer["rows"]]


def test_table_of_a_built_in_kind(target: Target) -> None:
    target.ok("POST", CONFIG_MAPS, {"metadata": {"name": "a"}, "data": {"x": "1", "y": "2"}})
    found = target.ok("GET", f"{CONFIG_MAPS}?fieldSelector=metadata.name%3Da", accept=TABLE)
    assert (found["kind"], found["apiVersion"]) == ("Table", "meta.k8s.io/v1")
    assert [c["name"] for c in found["columnDefinitions"]] == ["Name", "Data", "Age"]
    assert cells(found)[0][:2] == ["a", 2]
    row = found["rows"][0]["object"]
    assert (row["kind"], row["metadata"]["name"]) == ("PartialObjectMetadata", "a")


def test_table_of_one_object_with_the_object(target: Target) -> None:
    make(target, "a")
    found = target.ok("GET", f"{CONFIG_MAPS}/a?includeObject=Object", accept=TABLE)
    assert found["rows"][0]["object"]["kind"] == "ConfigMap"


SPEC = {
    "replicas": 0,
    "selector": {"matchLabels": {"a": "b"}},
    "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "nginx:1"}]}},
}
TABLES: list[tuple[str, dict[str, Any], list[Any]]] = [
    ("apps/v1/deployments", {"spec": SPEC}, ["t", "0/0", 0, 0, "AGE", "c", "nginx:1", "a=b"]),
    ("apps/v1/replicasets", {"spec": SPEC}, ["t", 0, 0, 0, "AGE", "c", "nginx:1", "a=b"]),
    ("apps/v1/statefulsets", {"spec": {**SPEC, "serviceName": "s"}}, ["t", "0/0", "AGE", "c", "nginx:1"]),
    ("batch/v1/cronjobs", {"spec": {"schedule": "1 * * * *", "jobTemplate": {"spec": {"template": {"spec": {
        "restartPolicy": "Never", "containers": [{"name": "c", "image": "nginx:1"}]}}}}}},
     ["t", "1 * * * *", "<none>", "False", 0, "<none>", "AGE", "c", "nginx:1", "<none>"]),
    ("networking.k8s.io/v1/ingresses", {"spec": {"rules": [{"host": "a.example.com"}]}},
     ["t", "<none>", "a.example.com", "", "80", "AGE"]),
    ("networking.k8s.io/v1/networkpolicies", {"spec": {"podSelector": {"matchLabels": {"a": "b"}}}},
     ["t", "a=b", "AGE"]),
    ("policy/v1/poddisruptionbudgets", {"spec": {"minAvailable": 1, "selector": {"matchLabels": {"a": "b"}}}},
     ["t", "1", "N/A", 0, "AGE"]),
    ("autoscaling/v2/horizontalpodautoscalers", {"spec": {"maxReplicas": 3, "scaleTargetRef": {
        "apiVersion": "apps/v1", "kind": "Deployment", "name": "x"}}},
     ["t", "Deployment/x", "cpu: <unknown>/80%", "1", 3, 0, "AGE"]),
    ("rbac.authorization.k8s.io/v1/rolebindings", {"roleRef": {"kind": "Role", "name": "r"}, "subjects": [
        {"kind": "User", "name": "u"}]}, ["t", "Role/r", "AGE", "u", "", ""]),
    ("coordination.k8s.io/v1/leases", {"spec": {"holderIdentity": "h"}}, ["t", "h", "AGE"]),
]  # fmt: skip


@pytest.mark.parametrize(("where", "body", "expected"), TABLES, ids=[t[0] for t in TABLES])
def test_table_cells(target: Target, where: str, body: dict[str, Any], expected: list[Any]) -> None:
    api, _, plural = where.rpartition("/")
    path = f"/apis/{api}/namespaces/{{ns}}/{plural}"
    target.ok("POST", path, {"metadata": {"name": "t"}, **body})
    found = target.ok("GET", f"{path}/t", accept=TABLE)
    age = next(number for number, c in enumerate(found["columnDefinitions"]) if c["name"] == "Age")
    shown = cells(found)[0]
    assert shown[age].endswith("s")
    shown[age] = "AGE"
    assert shown == expected


def test_table_of_core_kinds(target: Target) -> None:
    service = {
        "metadata": {"name": "s"},
        "spec": {"clusterIP": "None", "ports": [{"port": 80}], "selector": {"a": "b"}},
    }
    target.ok("POST", "/api/v1/namespaces/{ns}/services", service)
    shown = cells(target.ok("GET", "/api/v1/namespaces/{ns}/services/s", accept=TABLE))[0]
    assert shown[:5] + shown[6:] == ["s", "ClusterIP", "None", "<none>", "80/TCP", "a=b"]
    claim = {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}
    path = "/api/v1/namespaces/{ns}/persistentvolumeclaims"
    target.ok("POST", path, {"metadata": {"name": "p"}, **claim})
    shown = cells(target.ok("GET", f"{path}/p", accept=TABLE))[0]
    assert shown[:7] == ["p", "Pending", "", "", "", "", "<unset>"]


# --- watches
def test_watch_from_a_version(target: Target) -> None:
    make(target, "before")
    version = target.ok("GET", CONFIG_MAPS)["metadata"]["resourceVersion"]
    with target.watch(f"{CONFIG_MAPS}?watch=1&resourceVersion={version}&timeoutSeconds=10") as events:
        make(target, "a")
        target.ok("PATCH", f"{CONFIG_MAPS}/a", {"data": {"x": "1"}}, content_type=MERGE)
        target.ok("DELETE", f"{CONFIG_MAPS}/a")
        seen = [next(events) for _ in range(3)]
    assert [one["type"] for one in seen] == ["ADDED", "MODIFIED", "DELETED"]
    assert seen[2]["object"]["data"] == {"x": "1"}
    versions = [int(one["object"]["metadata"]["resourceVersion"]) for one in seen]
    assert versions == sorted(set(versions))


def test_watch_replays_the_past(target: Target) -> None:
    (first,) = make(target, "a")
    make(target, "b")
    version = first["metadata"]["resourceVersion"]
    with target.watch(f"{CONFIG_MAPS}?watch=1&resourceVersion={version}&timeoutSeconds=10") as events:
        assert next(events)["object"]["metadata"]["name"] == "b"


def test_watch_by_selector_sees_objects_come_and_go(target: Target) -> None:
    make(target, "a", app="web")
    version = target.ok("GET", CONFIG_MAPS)["metadata"]["resourceVersion"]
    path = f"{CONFIG_MAPS}?watch=1&resourceVersion={version}&labelSelector=app%3Dweb&timeoutSeconds=10"
    with target.watch(path) as events:
        make(target, "other", app="db")
        target.ok("PATCH", f"{CONFIG_MAPS}/a", {"metadata": {"labels": {"app": "db"}}}, content_type=MERGE)
        target.ok("PATCH", f"{CONFIG_MAPS}/a", {"metadata": {"labels": {"app": "web"}}}, content_type=MERGE)
        seen = [next(events) for _ in range(2)]
    assert [(one["type"], one["object"]["metadata"]["name"]) for one in seen] == [("DELETED", "a"), ("ADDED", "a")]


def test_watch_list_ends_its_beginning_with_a_bookmark(target: Target) -> None:
    make(target, "a", "b", all="yes")
    path = (
        f"{CONFIG_MAPS}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
        "&allowWatchBookmarks=true&labelSelector=all%3Dyes&timeoutSeconds=10"
    )
    with target.watch(path) as events:
        seen = [next(events) for _ in range(3)]
    assert [one["type"] for one in seen] == ["ADDED", "ADDED", "BOOKMARK"]
    assert seen[2]["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}
    assert seen[2]["object"]["kind"] == "ConfigMap"


def test_watch_list_needs_its_match(target: Target) -> None:
    answer = target.call("GET", f"{CONFIG_MAPS}?watch=1&sendInitialEvents=true&timeoutSeconds=1")
    assert answer.code == 422
    assert "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan" in answer.body["message"]


def test_watch_ends_with_a_bookmark(target: Target) -> None:
    """Most do; a busy server may leave it out."""
    version = target.ok("GET", CONFIG_MAPS)["metadata"]["resourceVersion"]
    path = f"{CONFIG_MAPS}?watch=1&allowWatchBookmarks=true&resourceVersion={version}&timeoutSeconds=3"

    def seen() -> list[dict[str, Any]]:
        with target.watch(path) as events:
            return list(events)

    found = eventually(seen)
    assert {one["type"] for one in found} == {"BOOKMARK"}
    assert int(found[-1]["object"]["metadata"]["resourceVersion"]) >= int(version)
