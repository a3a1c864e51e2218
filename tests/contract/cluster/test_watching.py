"""The cluster adapter against the embedded API server and a real one: it sees the same, whatever happens between."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count, takewhile
from typing import Any

import pytest

from gitops_tui.cluster import client as client_module
from gitops_tui.cluster.discovery import AGGREGATED, ApiResource, Discovery
from gitops_tui.errors import ClusterUnreachable, Forbidden, Gone, NotFound
from gitops_tui.model.resource import ResourceKey
from gitops_tui.sandbox.serve import Sandbox
from tests.contract.cluster.conftest import Client, Clients
from tests.contract.target import PROMPT_S, Target, eventually

MAPS = "/api/v1/namespaces/{ns}/configmaps"


def make(target: Target, *names: str) -> None:
    for name in names:
        target.ok("POST", MAPS, {"metadata": {"name": name}, "data": {"value": "0"}})


def change(target: Target, name: str, value: str) -> None:
    body = {"data": {"value": value}}
    target.ok("PATCH", f"{MAPS}/{name}", body, content_type="application/merge-patch+json")


def delete(target: Target, name: str) -> None:
    assert target.call("DELETE", f"{MAPS}/{name}").code == 200


def in_server(target: Target) -> dict[str, str]:
    found = target.ok("GET", MAPS)["items"]
    return {one["metadata"]["name"]: one["metadata"]["resourceVersion"] for one in found}


def agrees(client: Client) -> bool:
    return client.versions() == in_server(client.target)


# --- reading
def test_discovery_says_the_same_in_both_ways(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    new = Discovery(client.reader)
    found = set(new.resources())
    asked = client.reader.raw_json

    def plain(path: str, *, accept: str = "application/json") -> Any:
        return asked(path, accept="application/json" if accept == AGGREGATED else accept)

    monkeypatch.setattr(client.reader, "raw_json", plain)
    old = Discovery(client.reader)
    assert {(one.api_version, one.kind, one.path("n")) for one in old.resources()} == {
        (one.api_version, one.kind, one.path("n")) for one in found
    }
    assert {(one.api_version, one.kind): one.verbs for one in old.resources()} == {
        (one.api_version, one.kind): one.verbs for one in found
    }
    assert new.failed_groups == old.failed_groups == ()
    deployment = new.find("apps", "Deployment")
    assert deployment is not None and deployment.api_version == "apps/v1" and deployment.is_watchable


def test_a_list_in_pages_is_the_list(client: Client) -> None:
    make(client.target, *(f"m{number}" for number in range(7)))
    maps = client.discovery.find("", "ConfigMap")
    assert maps is not None
    paged = client.reader.list(maps, namespace=client.target.namespace, limit=2)
    assert {one["metadata"]["name"]: one["metadata"]["resourceVersion"] for one in paged.items} == in_server(
        client.target
    )
    assert {one["kind"] for one in paged.items} == {"ConfigMap"}
    light = client.reader.list(maps, namespace=client.target.namespace, limit=3, metadata_only=True)
    assert len(light.items) == len(paged.items) and not any("data" in one for one in light.items)
    one = client.reader.get(maps, client.target.namespace, "m3")
    assert one["data"] == {"value": "0"}
    with pytest.raises(NotFound):
        client.reader.get(maps, client.target.namespace, "none")


def test_a_watch_from_long_ago_is_gone(client: Client, request: pytest.FixtureRequest) -> None:
    """The history of a real server's watch cache begins with the kind; that of ConfigMaps may go back to "1"."""
    if client.target.name == "sandbox":
        running: Sandbox = request.getfixturevalue("sandbox")
        make(client.target, "a")
        running.store.storage.compact()
        maps = client.discovery.find("", "ConfigMap")
        assert maps is not None
        assert_gone(client, maps)
        return
    with new_kind(client) as kind:
        client.reader.list(kind)  # answered by the cache, so it has begun
        assert_gone(client, kind)


def assert_gone(client: Client, kind: ApiResource) -> None:
    with pytest.raises(Gone):
        list(client.reader.watch(kind, resource_version="1", timeout_s=3).events())


def test_a_stream_that_ended_is_gone_on_with_where_it_was(client: Client) -> None:
    make(client.target, "a")
    maps, space = client.discovery.find("", "ConfigMap"), client.target.namespace
    assert maps is not None

    def seen(version: str) -> list[tuple[str, Any]]:
        stream = client.reader.watch(maps, namespace=space, resource_version=version, timeout_s=3)
        return [(one.type, one.object) for batch in stream.events() for one in batch]

    version = client.reader.list(maps, namespace=space).resource_version
    make(client.target, "b")
    first = seen(version)
    assert (first[0][0], first[0][1]["metadata"]["name"]) == ("ADDED", "b")
    # A real server sends one before the end only where others have written meanwhile; the embedded one always does.
    assert {kind for kind, _ in first[1:]} <= {"BOOKMARK"}
    assert client.target.name != "sandbox" or first[-1][0] == "BOOKMARK"
    make(client.target, "c")
    then = [
        obj["metadata"]["name"] for kind, obj in seen(first[-1][1]["metadata"]["resourceVersion"]) if kind == "ADDED"
    ]
    assert then == ["c"]


def test_who_asks_and_what_they_may(clients: Clients) -> None:
    admin, viewer = clients.open(), clients.open("viewer")
    assert admin.reader.whoami() in ("admin", "system:admin", "kubernetes-admin")
    assert viewer.reader.whoami() == "viewer"
    assert admin.reader.can("delete", "", "secrets") and not viewer.reader.can("list", "", "secrets")
    assert int(admin.reader.version()["minor"].rstrip("+")) >= 30


# --- watching
def test_changes_are_seen_once_and_in_order(client: Client) -> None:
    make(client.target, "before")
    client.begin()
    eventually(lambda: "+before" in client.history)
    make(client.target, "new")
    change(client.target, "new", "1")
    delete(client.target, "new")
    eventually(lambda: "-new" in client.history)
    assert [one for one in client.history if one.endswith("new")] == ["+new", "~new", "-new"]
    assert eventually(lambda: agrees(client))


def test_a_cut_connection_loses_and_invents_nothing(client: Client) -> None:
    make(client.target, "kept", "removed")
    client.begin()
    make(client.target, "fleeting")
    delete(client.target, "fleeting")
    eventually(lambda: client.history.count("-fleeting") == 1)
    client.proxy.stop_listening()
    client.proxy.cut()
    make(client.target, "later")
    delete(client.target, "removed")
    change(client.target, "kept", "1")
    stale = eventually(lambda: client.cache.stale_since)
    assert stale <= client.cache.last_contact
    assert "does not answer" in client.cache.message
    assert "removed" in client.versions()  # what cannot be read is not missing
    client.proxy.listen()
    eventually(lambda: agrees(client) and client.cache.stale_since is None)
    eventually(lambda: client.cache.state("", "ConfigMap").word == "synced")
    eventually(lambda: client.history.count("-removed") == 1)
    assert client.history.count("+fleeting") == client.history.count("-fleeting") == 1
    assert [one for one in client.history if one.endswith("kept")] == ["+kept", "~kept"]


def test_what_happened_before_a_compaction_is_listed_anew(client: Client, request: pytest.FixtureRequest) -> None:
    if client.target.name != "sandbox":
        pytest.skip("a real API server compacts every five minutes")
    running: Sandbox = request.getfixturevalue("sandbox")
    make(client.target, "kept", "removed", "anew")
    client.begin()
    client.proxy.stop_listening()
    client.proxy.cut()
    delete(client.target, "removed")
    delete(client.target, "anew")
    make(client.target, "later", "anew")
    running.store.storage.compact()
    client.proxy.listen()
    eventually(lambda: agrees(client))
    eventually(lambda: "-removed" in client.history and "+later" in client.history)
    assert [one for one in client.history if one[1:] in ("kept", "anew")] in (
        ["+kept", "+anew", "~anew"],
        ["+anew", "+kept", "~anew"],
    )


def test_a_silent_stream_is_taken_for_half_open(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "WATCH_SILENCE_S", 0.4)
    make(client.target, "a")
    client.begin()
    before = client.proxy.accepted
    eventually(lambda: client.proxy.accepted > before)
    make(client.target, "b")
    eventually(lambda: agrees(client))


def test_a_kind_that_comes_is_watched_and_one_that_goes_is_forgotten(client: Client) -> None:
    client.begin()
    with new_kind(client) as kind:
        group, things = kind.group, kind.path(client.target.namespace)
        body = {"apiVersion": kind.api_version, "kind": "Thing", "metadata": {"name": "one"}}
        eventually(lambda: client.target.call("POST", things, body).code in (201, 409))
        client.cache.ensure(client.cache.watchable())
        eventually(lambda: client.versions("Thing", group))
        client.proxy.stop_listening()
        client.proxy.cut()
    eventually(lambda: client.target.call("GET", things).code == 404)
    client.proxy.listen()
    eventually(lambda: not client.versions("Thing", group))
    eventually(lambda: client.cache.state(group, "Thing").word == "unknown")


@contextmanager
def new_kind(client: Client) -> Iterator[ApiResource]:
    """A definition of a kind that nobody had before, until the end of the block; it is served and discovered."""
    group = f"{client.target.namespace}.example.dev"
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    version = {"name": "v1", "served": True, "storage": True, "schema": schema}
    names = {"plural": "things", "singular": "thing", "kind": "Thing", "listKind": "ThingList"}
    spec = {"group": group, "scope": "Namespaced", "names": names, "versions": [version]}
    definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    client.target.ok("POST", definitions, {"metadata": {"name": f"things.{group}"}, "spec": spec})

    def discovered() -> ApiResource | None:
        client.discovery.refresh()
        return client.discovery.find(group, "Thing")

    try:
        things = f"/apis/{group}/v1/namespaces/{{ns}}/things"
        eventually(lambda: client.target.call("GET", things).code == 200)
        yield eventually(discovered)
    finally:
        client.target.ok("DELETE", f"{definitions}/things.{group}")


# --- what may not be read
def test_secrets_that_may_not_be_read_are_restricted_and_nothing_else_suffers(clients: Clients) -> None:
    viewer = clients.open("viewer")
    secrets = viewer.discovery.find("", "Secret")
    assert secrets is not None
    with pytest.raises(Forbidden, match="secrets is forbidden") as caught:
        viewer.reader.list(secrets)
    assert caught.value.hint
    viewer.begin()
    assert viewer.cache.state("", "Secret").word == "restricted" and "Secret" in viewer.cache.restricted()
    assert viewer.cache.state("", "ConfigMap").word == "synced"
    assert viewer.cache.stale_since is None
    make(viewer.target, "seen")
    eventually(lambda: agrees(viewer))
    viewer.cache.ensure([secrets], (viewer.target.namespace,))
    assert viewer.cache.wait_synced(10)
    assert viewer.cache.state("", "Secret", viewer.target.namespace).word == "restricted"


def test_a_kind_is_watched_in_the_one_namespace_where_it_may_be_read(clients: Clients) -> None:
    viewer = clients.open("viewer")
    target = viewer.target
    if target.name == "sandbox":
        pytest.skip("the embedded cluster's roles are fixed")
    rules = [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list", "watch"]}]
    roles = "/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}"
    target.ok("POST", f"{roles}/roles", {"metadata": {"name": "secrets"}, "rules": rules})
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "secrets"}
    subjects = [{"kind": "User", "name": "viewer", "apiGroup": "rbac.authorization.k8s.io"}]
    target.ok("POST", f"{roles}/rolebindings", {"metadata": {"name": "s"}, "roleRef": reference, "subjects": subjects})
    viewer.begin()
    secrets = viewer.discovery.find("", "Secret")
    assert secrets is not None
    assert viewer.cache.state("", "Secret", target.namespace).word == "restricted"
    eventually(lambda: viewer.reader.list(secrets, namespace=target.namespace))
    viewer.cache.ensure([secrets], (target.namespace,))
    eventually(lambda: viewer.cache.state("", "Secret", target.namespace).word == "synced")
    assert viewer.cache.state("", "Secret").word == "restricted"
    target.ok("POST", "/api/v1/namespaces/{ns}/secrets", {"metadata": {"name": "one"}})
    eventually(lambda: "one" in viewer.versions("Secret"))


# --- the end
def test_an_unreachable_server_has_a_hint_and_stops_at_once(client: Client) -> None:
    client.proxy.stop_listening()
    with pytest.raises(ClusterUnreachable, match="refused") as caught:
        client.reader.ping()
    assert caught.value.hint
    with pytest.raises(ClusterUnreachable):
        client.cache.watchable()


# --- chaos
def test_after_any_number_of_cuts_the_cache_is_what_the_server_holds(client: Client) -> None:
    """A writer goes straight to the server while every connection of the cache breaks again and again."""
    target, is_written = client.target, threading.Event()
    make(target, *(f"m{number}" for number in range(5)))
    client.begin()

    def disturb() -> None:
        for number in count():
            if number > 40 and is_written.is_set():
                return
            client.proxy.cut(0.5)
            if number % 10 == 9:
                client.proxy.stop_listening()
                time.sleep(0.15)
                client.proxy.listen()
            time.sleep(0.05)

    disturber = threading.Thread(target=disturb)
    disturber.start()
    for number in takewhile(lambda number: number < 60 or disturber.is_alive(), count(1)):
        name = f"m{number % 7}"
        answer = target.call("DELETE" if number % 3 == 0 else "GET", f"{MAPS}/{name}")
        if answer.code == 404 or number % 3 == 0:
            target.call("POST", MAPS, {"metadata": {"name": name}, "data": {"value": str(number)}})
        else:
            change(target, name, str(number))
        if number == 60:
            is_written.set()
    disturber.join()
    eventually(lambda: agrees(client))
    eventually(lambda: replayed(client) == in_server(target))
    eventually(lambda: client.cache.stale_since is None)
    maps = client.discovery.find("", "ConfigMap")
    assert maps is not None
    fresh = client.reader.list(maps, namespace=target.namespace).items
    assert sorted((one["metadata"]["name"], one["data"].get("value")) for one in fresh) == sorted(
        (one["metadata"]["name"], one["data"].get("value"))
        for one in client.cache.objects("", "ConfigMap")
        if one["metadata"]["namespace"] == target.namespace
    )
    assert {one["metadata"]["name"] for one in client.cache.indexed(target.namespace)} >= set(in_server(target))


def replayed(client: Client) -> dict[str, str]:
    found: dict[ResourceKey, Any] = dict(client.state)
    return {
        key.name: obj["metadata"]["resourceVersion"]
        for key, obj in found.items()
        if key.kind == "ConfigMap" and key.namespace == client.target.namespace
    }


def test_stop_is_prompt_with_every_kind_watched(client: Client) -> None:
    client.begin()
    assert client.proxy.open_connections > 20
    began = time.monotonic()
    client.cache.stop()
    assert time.monotonic() - began < PROMPT_S
