"""Pages, streams, discovery and types, as an API server sends them and as it should not."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gitops_tui.cluster.client import Reader
from gitops_tui.cluster.connection import Connection
from gitops_tui.cluster.discovery import ApiResource, Discovery
from gitops_tui.cluster.schema import SchemaCache
from gitops_tui.errors import ClusterUnreachable, Gone, ServerError
from tests.unit.cluster.scripted import Asked, Reply, Scripted, kubeconfig, status

MAPS = ApiResource("", "v1", "ConfigMap", "configmaps", True, frozenset({"list", "watch"}))
Serve = Callable[[Callable[[Asked], Reply]], tuple[Scripted, Reader]]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    opened: list[tuple[Scripted, Connection]] = []

    def begin(answer: Callable[[Asked], Reply]) -> tuple[Scripted, Reader]:
        server = Scripted(answer).__enter__()
        connection = Connection.open(str(kubeconfig(tmp_path / "config", server.url)))
        opened.append((server, connection))
        return server, Reader(connection)

    yield begin
    for server, connection in opened:
        connection.close()
        server.__exit__()


def named(name: str, version: int = 1) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": "n", "resourceVersion": str(version)}}


def page(*names: str, token: str = "", version: str = "7") -> Reply:
    metadata = {"resourceVersion": version, **({"continue": token} if token else {})}
    return Reply({"kind": "ConfigMapList", "metadata": metadata, "items": [named(name) for name in names]})


def line(kind: str, obj: dict[str, Any]) -> bytes:
    return json.dumps({"type": kind, "object": obj}).encode() + b"\n"


# --- lists
def test_a_list_is_read_in_pages_and_its_items_say_what_they_are(serve: Serve) -> None:
    pages = {"": page("a", "b", token="t1"), "t1": page("c", token="t2"), "t2": page("d")}
    server, reader = serve(lambda asked: pages[asked.query.get("continue", "")])
    found = reader.list(MAPS, namespace="n", limit=2, label_selector="app=x")
    assert [one["metadata"]["name"] for one in found.items] == ["a", "b", "c", "d"]
    assert {(one["apiVersion"], one["kind"]) for one in found.items} == {("v1", "ConfigMap")}
    assert found.resource_version == "7"
    assert [one.query["limit"] for one in server.asked] == ["2", "2", "2"]
    assert {one.query["labelSelector"] for one in server.asked} == {"app=x"}


def test_a_token_that_ran_out_between_pages_begins_the_list_anew(serve: Serve) -> None:
    def answer(asked: Asked) -> Reply:
        if asked.query.get("continue"):
            return status(410, "Expired")
        return page("a", token="t1") if "limit" in asked.query else page("a", "b", "c", version="9")

    _, reader = serve(answer)
    found = reader.list(MAPS)
    assert [one["metadata"]["name"] for one in found.items] == ["a", "b", "c"]
    assert found.resource_version == "9"


# --- streams
def test_events_come_in_the_batches_in_which_they_were_sent(serve: Serve) -> None:
    both = line("ADDED", named("a", 2)) + line("MODIFIED", named("a", 3))
    deleted = line("DELETED", named("a", 4))
    parts = [both, deleted[:10], deleted[10:], b"\n", line("BOOKMARK", {"metadata": {"resourceVersion": "9"}})]
    server, reader = serve(lambda _: Reply(parts=iter(parts)))
    events = list(reader.watch(MAPS, resource_version="1").events())
    assert [[one.type for one in batch] for batch in events] == [["ADDED", "MODIFIED"], ["DELETED"], ["BOOKMARK"]]
    assert events[0][0].object["kind"] == "ConfigMap"
    assert server.asked[0].query["resourceVersion"] == "1"
    assert server.asked[0].query["allowWatchBookmarks"] == "true"


@pytest.mark.parametrize("code", [410, 500])
def test_an_error_in_a_stream_is_raised(serve: Serve, code: int) -> None:
    _, reader = serve(lambda _: Reply(parts=iter([line("ERROR", status(code, "Expired", "too old").body)])))
    with pytest.raises(Gone if code == 410 else ServerError, match="too old"):
        list(reader.watch(MAPS, resource_version="1").events())


def test_a_resource_version_that_is_too_old_from_the_start(serve: Serve) -> None:
    _, reader = serve(lambda _: status(410, "Expired"))
    with pytest.raises(Gone):
        reader.watch(MAPS, resource_version="1")


@pytest.mark.parametrize("cut", [True, False], ids=["broken off", "ended in a line"])
def test_half_an_event_is_a_lost_connection(serve: Serve, cut: bool) -> None:
    _, reader = serve(lambda _: Reply(parts=iter([line("ADDED", named("a")), b'{"type": "ADD']), cut=cut))
    seen = []
    with pytest.raises(ClusterUnreachable):
        for batch in reader.watch(MAPS, resource_version="1").events():
            seen += batch
    assert [one.object["metadata"]["name"] for one in seen] == ["a"]


def test_a_stream_that_is_closed_elsewhere_ends_without_an_error(serve: Serve) -> None:
    over = threading.Event()

    def parts() -> Iterator[bytes]:
        yield line("ADDED", named("a"))
        over.wait(20)

    _, reader = serve(lambda _: Reply(parts=parts(), cut=True))
    stream = reader.watch(MAPS, resource_version="1")
    events = stream.events()
    assert len(next(events)) == 1
    threading.Timer(0.05, stream.close).start()
    assert list(events) == []
    over.set()


def test_a_log_comes_in_lines(serve: Serve) -> None:
    server, reader = serve(lambda _: Reply(parts=iter([b"one\ntw", b"o\nthree\nfour \xff"])))
    batches = list(reader.logs("n", "p", "c", tail=5, follow=True).batches(2))
    assert batches == [["one"], ["two", "three"], ["four \N{REPLACEMENT CHARACTER}"]]
    assert server.asked[0].query == {
        "container": "c", "follow": "true", "previous": "false", "timestamps": "true", "tailLines": "5",
    }  # fmt: skip


# --- discovery
def resource(kind: str, plural: str, *verbs: str) -> dict[str, Any]:
    return {"resource": plural, "responseKind": {"kind": kind}, "scope": "Namespaced", "verbs": list(verbs)}


def aggregated(asked: Asked) -> Reply:
    if asked.path == "/api":
        items = [{"versions": [{"version": "v1", "resources": [resource("ConfigMap", "configmaps", "list", "watch")]}]}]
    else:
        scale = [resource("Scaler", "scalers", "list", "watch")]
        versions = [{"version": "v2", "resources": scale}, {"version": "v1", "resources": scale}]
        stale = {"version": "v1beta1", "freshness": "Stale"}
        items = [
            {"metadata": {"name": "auto.example"}, "versions": versions},
            {"metadata": {"name": "metrics.example"}, "versions": [stale]},
        ]
    return Reply({"kind": "APIGroupDiscoveryList", "items": items})


def legacy(asked: Asked) -> Reply:
    def listed(*found: tuple[str, str]) -> Reply:
        resources = [
            {"name": name, "kind": kind, "namespaced": True, "verbs": ["list", "watch"]} for name, kind in found
        ]
        return Reply({"kind": "APIResourceList", "resources": resources})

    groups = [
        {"name": "auto.example", "versions": [{"version": "v1"}, {"version": "v2"}],
         "preferredVersion": {"version": "v2"}},
        {"name": "metrics.example", "versions": [{"version": "v1beta1"}], "preferredVersion": {"version": "v1beta1"}},
    ]  # fmt: skip
    answers = {
        "/api": Reply({"kind": "APIVersions", "versions": ["v1"]}),
        "/apis": Reply({"kind": "APIGroupList", "groups": groups}),
        "/api/v1": listed(("configmaps", "ConfigMap"), ("configmaps/status", "ConfigMap")),
        "/apis/auto.example/v1": listed(("scalers", "Scaler")),
        "/apis/auto.example/v2": listed(("scalers", "Scaler")),
    }
    return answers.get(asked.path, status(503, "ServiceUnavailable"))


@pytest.mark.parametrize("answer", [aggregated, legacy])
def test_both_ways_of_discovery_say_the_same(serve: Serve, answer: Callable[[Asked], Reply]) -> None:
    _, reader = serve(answer)
    discovery = Discovery(reader)
    assert [(one.api_version, one.kind) for one in discovery.resources()] == [
        ("v1", "ConfigMap"),
        ("auto.example/v2", "Scaler"),
    ]
    older = discovery.find("auto.example", "Scaler", "v1")
    assert older is not None and older.path("n", "a") == "/apis/auto.example/v1/namespaces/n/scalers/a"
    assert discovery.find("auto.example", "Nothing") is None
    assert discovery.failed_groups == ("metrics.example/v1beta1",)
    assert all(one.is_watchable for one in discovery.resources())


def test_a_refresh_that_fails_leaves_what_was_known(serve: Serve) -> None:
    server, reader = serve(aggregated)
    discovery = Discovery(reader)
    before = discovery.resources()
    server.answer = lambda _: status(500, "InternalError")
    with pytest.raises(ServerError):
        discovery.refresh()
    assert discovery.resources() == before


# --- types
def openapi(asked: Asked) -> Reply:
    if asked.path == "/openapi/v3":
        return Reply({"paths": {"api/v1": {"serverRelativeURL": "/openapi/v3/api/v1?hash=ABC"}}})
    schema = {
        "description": "long words",
        "type": "object",
        "properties": {"description": {"type": "string", "description": "prose"}},
        "x-kubernetes-group-version-kind": [{"group": "", "version": "v1", "kind": "Note"}],
    }
    return Reply({"components": {"schemas": {"v1.Note": schema}}})


def test_types_are_kept_on_disk_by_their_hash(serve: Serve, tmp_path: Path) -> None:
    server, reader = serve(openapi)
    folder = tmp_path / "types"
    assert SchemaCache(reader, folder).for_kind("v1", "Note") is not None
    assert SchemaCache(reader, folder).for_kind("v1", "Note") is not None
    assert [one.path for one in server.asked] == ["/openapi/v3", "/openapi/v3/api/v1", "/openapi/v3"]
    assert [one.name for one in folder.iterdir()] == ["ABC.json.gz"]
    (folder / "ABC.json.gz").write_bytes(b"broken")
    assert SchemaCache(reader, folder).for_kind("v1", "Note") is not None
    assert len(server.asked) == 5
    assert SchemaCache(reader, folder).for_kind("other/v1", "Note") is None


def test_a_server_without_types_is_no_error(serve: Serve, tmp_path: Path) -> None:
    _, reader = serve(lambda _: status(404, "NotFound"))
    assert SchemaCache(reader, tmp_path).for_kind("v1", "Note") is None
