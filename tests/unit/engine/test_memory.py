"""What is kept beside the cluster: own writes, fights, and objects before they are deleted."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from gitops_tui.cluster.cache import Change, ClusterCache
from gitops_tui.engine.fights import Fights
from gitops_tui.engine.overlay import Overlay
from gitops_tui.engine.saved import SavedObjects, restorable
from gitops_tui.errors import OperationError
from gitops_tui.manifest.decode import decode
from gitops_tui.model.application import AppKey
from gitops_tui.model.resource import Object, ResourceKey, key_of

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
APP = AppKey("argocd", "web")
KEY = ResourceKey("", "ConfigMap", "shop", "settings")


# --- fights

FIELD = (KEY, "data.a")


def test_three_heals_within_ten_minutes_are_a_fight() -> None:
    fights = Fights()
    for minutes in (0, 3):
        fights.healed(APP, [FIELD], NOW + timedelta(minutes=minutes))
    assert fights.fought_over(APP, [FIELD], NOW + timedelta(minutes=6)) == []
    fights.healed(APP, [FIELD], NOW + timedelta(minutes=6))
    assert fights.fought_over(APP, [FIELD, (KEY, "data.b")], NOW + timedelta(minutes=10)) == [FIELD]
    assert fights.fought_over(APP, [FIELD], NOW + timedelta(minutes=11)) == [], "the first is long ago"
    assert fights.fought_over(AppKey("argocd", "other"), [FIELD], NOW + timedelta(minutes=10)) == []


def test_a_field_that_was_undone_is_back_for_ten_minutes() -> None:
    fights = Fights()
    assert not fights.is_back(APP, FIELD, NOW)
    fights.healed(APP, [FIELD], NOW)
    assert fights.is_back(APP, FIELD, NOW + timedelta(minutes=10))
    assert not fights.is_back(APP, FIELD, NOW + timedelta(minutes=11))


# --- overlay


def obj(version: int, uid: str = "u", **more: Any) -> Object:
    metadata = {"name": "settings", "namespace": "shop", "uid": uid, "resourceVersion": str(version)}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, **more}


class Cache:
    def __init__(self) -> None:
        self.held: dict[ResourceKey, Object] = {}
        self.word = "synced"

    def get(self, key: ResourceKey) -> Object | None:
        return self.held.get(key)

    def state(self, *_: str) -> SimpleNamespace:
        return SimpleNamespace(word=self.word)


@pytest.fixture
def cache() -> Cache:
    return Cache()


@pytest.fixture
def overlay(cache: Cache) -> Overlay:
    return Overlay(cast(ClusterCache, cache))


def told(overlay: Overlay, cache: Cache, new: Object | None, old: Object | None = None) -> bool:
    """The watch tells of a change."""
    if new is None:
        cache.held.pop(KEY, None)
    else:
        cache.held[KEY] = new
    return overlay.noticed([Change(KEY, old, new)])


def test_an_own_write_is_seen_before_the_watch_tells(cache: Cache, overlay: Overlay) -> None:
    overlay.wrote(obj(5, data={"a": "1"}))
    assert overlay.live(KEY) == obj(5, data={"a": "1"})
    assert told(overlay, cache, obj(4)), "a change that is older than the write"
    assert overlay.live(KEY) == obj(5, data={"a": "1"})
    told(overlay, cache, obj(5, data={"a": "1"}), obj(4))
    told(overlay, cache, obj(6, data={"a": "2"}), obj(5))
    assert overlay.live(KEY) == obj(6, data={"a": "2"})


def test_a_write_that_the_watch_knows_already_is_not_kept(cache: Cache, overlay: Overlay) -> None:
    cache.held[KEY] = obj(7)
    overlay.wrote(obj(6))
    assert overlay.live(KEY) == obj(7)
    assert not overlay.noticed([Change(KEY, obj(6), obj(7))]), "nothing is waited for"


def test_versions_are_numbers_and_no_texts(cache: Cache, overlay: Overlay) -> None:
    cache.held[KEY] = obj(99)
    overlay.wrote(obj(100))
    assert overlay.live(KEY) == obj(100)


def test_what_was_deleted_is_on_its_way_out_until_it_is_gone(cache: Cache, overlay: Overlay) -> None:
    cache.held[KEY] = obj(5)
    overlay.deleted(obj(5))
    found = overlay.live(KEY)
    assert found is not None and found["metadata"]["deletionTimestamp"]
    told(overlay, cache, None, obj(5))
    assert overlay.live(KEY) is None
    told(overlay, cache, obj(8, uid="another"))
    found = overlay.live(KEY)
    assert found is not None and "deletionTimestamp" not in found["metadata"]


def test_another_object_of_that_name_is_not_taken_for_the_deleted_one(cache: Cache, overlay: Overlay) -> None:
    overlay.deleted(obj(5))
    cache.held[KEY] = obj(9, uid="another")
    found = overlay.live(KEY)
    assert found is not None and "deletionTimestamp" not in found["metadata"]


def test_it_settles_when_the_watch_has_caught_up(cache: Cache, overlay: Overlay) -> None:
    assert overlay.settle(0.1)
    overlay.wrote(obj(5))
    assert not overlay.settle(0.02)
    cache.held[KEY] = obj(5)
    assert overlay.settle(0.1)
    cache.held.clear()
    cache.word = "restricted"
    overlay.wrote(obj(6))
    assert overlay.settle(0.1), "a kind that is not watched never catches up"


# --- saved objects

SECRET: Object = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "keys/../x", "namespace": "shop", "uid": "u", "resourceVersion": "5", "labels": {"a": "b"}},
    "data": {"password": "czNjcmV0"},
    "status": {"x": 1},
}


def test_an_object_is_saved_whole_and_for_nobody_else(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "deleted"
    path = SavedObjects(folder, lambda: NOW).save(APP, SECRET)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.is_relative_to(folder) and path.parent.parent == folder
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    (document,) = decode(path.read_bytes(), file=str(path))
    assert document.obj == restorable(SECRET)
    assert document.obj["metadata"] == {"name": "keys/../x", "namespace": "shop", "labels": {"a": "b"}}
    assert "status" not in document.obj and document.obj["data"] == SECRET["data"]


def test_no_saved_object_takes_the_place_of_another(tmp_path: Path) -> None:
    times = iter([NOW, NOW + timedelta(microseconds=1), NOW])
    saved = SavedObjects(tmp_path, lambda: next(times))
    assert saved.save(APP, SECRET) != saved.save(APP, SECRET)
    with pytest.raises(OperationError, match="cannot be saved before it is deleted"):
        saved.save(APP, SECRET)


def test_what_cannot_be_saved_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OperationError, match="cannot be saved before it is deleted") as caught:
        SavedObjects(tmp_path / "file", lambda: NOW).save(APP, SECRET)
    assert caught.value.hint and caught.value.resource == str(key_of(SECRET))
