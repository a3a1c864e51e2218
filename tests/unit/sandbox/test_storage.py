"""The versioned store: versions, the past and its end, and state in a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitops_tui.errors import ConfigError, Gone
from gitops_tui.model.resource import Object
from gitops_tui.sandbox.journal import Journal
from gitops_tui.sandbox.storage import HISTORY, Storage


def obj(name: str, **data: str) -> Object:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "ns"}, "data": data}


def test_versions_grow_and_objects_are_replaced() -> None:
    storage = Storage()
    given = obj("a")
    first = storage.put("configmaps", given)
    second = storage.put("configmaps", obj("a", x="1"))
    assert "resourceVersion" not in given["metadata"]
    assert int(second["metadata"]["resourceVersion"]) == int(first["metadata"]["resourceVersion"]) + 1
    assert first["data"] == {}


def test_a_watch_replays_and_follows_without_a_gap() -> None:
    storage = Storage()
    version = storage.version
    storage.put("configmaps", obj("a"))
    watcher = storage.watch("configmaps", version)
    storage.put("configmaps", obj("b"))
    storage.put("secrets", obj("c"))
    storage.remove("configmaps", "ns", "a")
    seen = [watcher.next(0.1) for _ in range(4)]
    assert [(e.type, e.record.obj["metadata"]["name"]) for e in seen if e] == [
        ("ADDED", "a"), ("ADDED", "b"), ("DELETED", "a")
    ]  # fmt: skip


def test_compaction_ends_the_past() -> None:
    storage = Storage()
    version = storage.version
    storage.put("configmaps", obj("a"))
    storage.compact()
    with pytest.raises(Gone):
        storage.watch("configmaps", version)
    assert storage.watch("configmaps", storage.version).next(0) is None


def test_the_past_is_bounded() -> None:
    storage = Storage()
    version = storage.version
    for number in range(HISTORY + 1):
        storage.put("configmaps", obj("a", n=str(number)))
    with pytest.raises(Gone):
        storage.watch("configmaps", version)
    storage.watch("configmaps", version + 1)


def test_a_closed_watcher_gets_nothing_more() -> None:
    storage = Storage()
    watcher = storage.watch("configmaps", storage.version)
    watcher.close()
    storage.put("configmaps", obj("a"))
    assert watcher.next(0) is None


def test_state_survives_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    storage = Storage(Journal(file))
    storage.put("configmaps", obj("a", x="1"))
    storage.put("configmaps", obj("b"))
    storage.remove("configmaps", "ns", "b")
    version = storage.version
    # No close: a crash must lose nothing.
    again = Storage(Journal(file))
    records, found = again.all("configmaps")
    assert found == version
    assert [(r.obj["metadata"]["name"], r.obj["data"]) for r in records] == [("a", {"x": "1"})]
    with pytest.raises(Gone):
        again.watch("configmaps", version - 1)


def test_a_file_of_no_use_says_so(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_text("this is no database, whatever its name says")
    with pytest.raises(ConfigError, match="cannot be used"):
        Journal(tmp_path / "state.db")
