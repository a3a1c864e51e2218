"""Starting, seeding, restarting and stopping: nothing is left behind."""

from __future__ import annotations

import http.client
import json
import ssl
import stat
import threading
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gitops_tui.errors import Conflict, NotFound
from gitops_tui.sandbox.pod_log import LogQuery
from gitops_tui.sandbox.serve import Sandbox
from gitops_tui.sandbox.store import Store

OLD = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {
        "name": "web",
        "namespace": "default",
        "uid": "11111111-2222-3333-4444-555555555555",
        "creationTimestamp": "2026-01-01T00:00:00Z",
        "generation": 7,
        "managedFields": [
            {
                "manager": "kubectl-edit",
                "operation": "Update",
                "apiVersion": "apps/v1",
                "time": "2026-01-02T00:00:00Z",
                "fieldsType": "FieldsV1",
                "fieldsV1": {"f:spec": {"f:replicas": {}}},
            }
        ],
    },
    "spec": {"replicas": 3},
    "status": {"readyReplicas": 3},
}


def read(sandbox: Sandbox, path: str) -> Any:
    context = ssl.create_default_context(cafile=str(sandbox.directory / "server.crt"))
    request = urllib.request.Request(sandbox.url + path, headers={"Authorization": f"Bearer {sandbox.token()}"})
    with urllib.request.urlopen(request, context=context, timeout=60) as answer:
        return json.load(answer)


def test_starts_fast_and_stops_clean(tmp_path: Path) -> None:
    before = threading.active_count()
    started = time.monotonic()
    sandbox = Sandbox.start(directory=tmp_path, controllers=False)
    assert time.monotonic() - started < 15
    assert read(sandbox, "/api/v1/namespaces")["kind"] == "NamespaceList"
    sandbox.stop()
    sandbox.stop()
    end = time.monotonic() + 30
    while threading.active_count() > before and time.monotonic() < end:
        time.sleep(0.02)
    assert threading.active_count() == before


def test_stop_ends_a_running_watch(tmp_path: Path) -> None:
    with Sandbox.start(directory=tmp_path, controllers=False) as sandbox:
        context = ssl.create_default_context(cafile=str(tmp_path / "server.crt"))
        url = f"{sandbox.url}/api/v1/namespaces?watch=1&resourceVersion={sandbox.store.storage.version}"
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {sandbox.token()}"})
        answer = urllib.request.urlopen(request, context=context, timeout=60)
    # Ended, not hanging: what was left to read is nothing.
    try:
        answer.read()
    except (OSError, http.client.HTTPException):
        pass
    answer.close()


def test_kubeconfigs_are_for_the_owner_only(tmp_path: Path) -> None:
    with Sandbox.start(directory=tmp_path, controllers=False) as sandbox:
        for user in ("admin", "engineer", "viewer"):
            assert stat.S_IMODE(sandbox.kubeconfig(user).stat().st_mode) == 0o600
        assert stat.S_IMODE((tmp_path / "server.key").stat().st_mode) == 0o600


def test_seed_keeps_an_object_as_it_is(tmp_path: Path) -> None:
    store = Store()
    store.seed(OLD)
    with Sandbox.start(directory=tmp_path, controllers=False, store=store) as sandbox:
        found = read(sandbox, "/apis/apps/v1/namespaces/default/deployments/web")
    del found["metadata"]["resourceVersion"]
    assert found == OLD


def test_state_file(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    with Sandbox.start(directory=tmp_path / "one", state_file=state, controllers=False) as sandbox:
        sandbox.store.create("configmaps", {"metadata": {"name": "x", "namespace": "default"}, "data": {"a": "1"}})
        uid = sandbox.store.get("namespaces", "", "default")["metadata"]["uid"]
    with Sandbox.start(directory=tmp_path / "two", state_file=state, controllers=False) as sandbox:
        assert sandbox.store.get("configmaps", "default", "x")["data"] == {"a": "1"}
        assert sandbox.store.get("namespaces", "", "default")["metadata"]["uid"] == uid


# --- the store, in-process
@pytest.fixture
def store() -> Store:
    found = Store(now=lambda: datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC))
    found.create("namespaces", {"metadata": {"name": "ns"}})
    return found


def test_the_clock_is_the_stores(store: Store) -> None:
    created = store.create("configmaps", {"metadata": {"name": "x", "namespace": "ns"}, "data": {"a": "1"}}, "me")
    assert created["metadata"]["creationTimestamp"] == "2026-03-01T12:00:00Z"
    assert created["metadata"]["managedFields"][0]["time"] == "2026-03-01T12:00:00Z"
    assert created["metadata"]["managedFields"][0]["manager"] == "me"


def test_verbs_raise_the_shared_errors(store: Store) -> None:
    with pytest.raises(NotFound):
        store.get("configmaps", "ns", "nope")
    created = store.create("configmaps", {"metadata": {"name": "x", "namespace": "ns"}})
    store.update("configmaps", {**created, "data": {"a": "1"}})
    with pytest.raises(Conflict):
        store.update("configmaps", {**created, "data": {"a": "2"}})


def test_status_is_replaced_as_a_whole(store: Store) -> None:
    store.seed({**OLD, "metadata": {**OLD["metadata"], "namespace": "ns"}})  # a literal
    patched = store.patch_status("deployments.apps", "ns", "web", {"replicas": 1})
    assert patched["status"] == {"replicas": 1}
    again = store.patch_status("deployments.apps", "ns", "web", {"replicas": 1})
    assert again["metadata"]["resourceVersion"] == patched["metadata"]["resourceVersion"]


def test_lists_by_selector(store: Store) -> None:
    for name, app in (("a", "web"), ("b", "db")):
        store.create("configmaps", {"metadata": {"name": name, "namespace": "ns", "labels": {"app": app}}})
    for selector in ("app=web", {"app": "web"}, {"matchLabels": {"app": "web"}}):
        assert [one["metadata"]["name"] for one in store.list("configmaps", "ns", selector)] == ["a"]
    assert len(store.list("configmaps")) == 2


def test_watch_all(store: Store) -> None:
    events = store.watch_all()
    store.create("configmaps", {"metadata": {"name": "x", "namespace": "ns"}})
    store.delete("configmaps", "ns", "x")
    seen = [events.get(1), events.get(1), events.get(0)]
    assert [one[:2] if one else None for one in seen] == [("ADDED", "configmaps"), ("DELETED", "configmaps"), None]
    events.close()
    assert list(events) == []


def test_logs(store: Store) -> None:
    for number in range(3):
        store.append_log("ns", "pod", "web", f"line {number}")
    key = ("ns", "pod", "web")
    assert list(store.logs.read(key, LogQuery(tail=2), lambda: True)) == ["line 1\n", "line 2\n"]
    followed = store.logs.read(key, LogQuery(tail=1, follow=True), lambda: False)
    assert next(followed) == "line 2\n"
    store.append_log("ns", "pod", "web", "late")
    assert next(followed) == "late\n"
    assert [line for line in followed if line] == []
    store.logs.restart("ns", "pod", "web")
    assert len(list(store.logs.read(key, LogQuery(previous=True), lambda: True))) == 4
