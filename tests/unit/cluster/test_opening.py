"""How many watches begin: lists in turns, streams when what was listed is compared, nothing of it for ever."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from gitops_tui.cluster import opening as opening_module
from gitops_tui.cluster.cache import ClusterCache
from gitops_tui.cluster.client import Listing
from gitops_tui.cluster.discovery import Discovery
from gitops_tui.cluster.opening import LISTS_AT_ONCE, SPREAD_S, Opening
from tests.unit.cluster.fake import MAPS, FakeReader, config_map
from tests.unit.cluster.scripted import PATIENCE_S, eventually, no_new_threads

NEVER_S = 3600.0
KINDS = [replace(MAPS, kind=f"Kind{number}", plural=f"kind{number}s") for number in range(3 * LISTS_AT_ONCE)]


class Counted:
    """Lists that hang until they are let go; ``most`` of them hung at once."""

    def __init__(self) -> None:
        self.goes_on = threading.Event()
        self.now = self.most = 0
        self._lock = threading.Lock()

    def list(self, _: str) -> Listing:
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        self.goes_on.wait(PATIENCE_S)
        with self._lock:
            self.now -= 1
        return Listing([], "1")


@pytest.fixture
def reader() -> FakeReader:
    return FakeReader()


@pytest.fixture
def opening(monkeypatch: pytest.MonkeyPatch) -> Opening:
    """Nothing ends it but what a test does."""
    monkeypatch.setattr(opening_module, "PATIENCE_S", NEVER_S)
    monkeypatch.setattr(opening_module, "LATEST_S", NEVER_S)
    return Opening()


@pytest.fixture
def cache(reader: FakeReader, opening: Opening) -> Iterator[ClusterCache]:
    with no_new_threads():
        found = ClusterCache(
            reader, Discovery(reader), on_change=lambda _: None, index_of=lambda _: None, opening=opening
        )
        yield found
        found.stop()


def test_first_lists_come_in_turns(cache: ClusterCache, reader: FakeReader) -> None:
    counted = Counted()
    reader.on_list = counted.list
    cache.ensure(KINDS)
    eventually(lambda: counted.now == LISTS_AT_ONCE)
    counted.goes_on.set()
    assert cache.wait_synced(PATIENCE_S)
    assert reader.lists == len(KINDS) and counted.most == LISTS_AT_ONCE


def test_lists_that_hang_keep_no_other_waiting_for_long(
    cache: ClusterCache, reader: FakeReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening_module, "PATIENCE_S", 0.01)
    counted = Counted()
    reader.on_list = counted.list
    cache.ensure(KINDS)
    eventually(lambda: counted.now == len(KINDS))
    counted.goes_on.set()


def test_streams_begin_when_it_is_over_and_where_the_list_was(
    cache: ClusterCache, reader: FakeReader, opening: Opening
) -> None:
    reader.listing = Listing([config_map("a", 7)], "10")
    cache.ensure([MAPS])
    assert cache.wait_synced(PATIENCE_S)
    assert cache.state("", "ConfigMap").word == "synced" and not reader.streams
    opening.over()
    eventually(lambda: len(reader.streams) == 1)
    assert reader.streams[0].version == "10"


def test_streams_let_the_first_picture_be_drawn(reader: FakeReader) -> None:
    opening = Opening(lead_s=NEVER_S)
    cache = ClusterCache(reader, Discovery(reader), on_change=lambda _: None, index_of=lambda _: None, opening=opening)
    cache.ensure([MAPS])
    assert cache.wait_synced(PATIENCE_S)
    opening.over()
    time.sleep(SPREAD_S + 0.1)
    assert not reader.streams
    cache.stop()
    assert not reader.streams


def test_streams_begin_by_themselves_where_nothing_is_ever_compared(
    cache: ClusterCache, reader: FakeReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening_module, "LATEST_S", 0.01)
    cache.ensure([MAPS])
    eventually(lambda: len(reader.streams) == 1)


def test_who_lists_later_waits_for_nobody(cache: ClusterCache, reader: FakeReader, opening: Opening) -> None:
    opening.over()
    counted = Counted()
    reader.on_list = counted.list
    cache.ensure(KINDS)
    eventually(lambda: counted.now == len(KINDS))
    counted.goes_on.set()
    eventually(lambda: len(reader.streams) == len(KINDS))


def test_an_end_while_others_wait_asks_for_nothing_more(cache: ClusterCache, reader: FakeReader) -> None:
    cache.ensure([MAPS])
    assert cache.wait_synced(PATIENCE_S)
    cache.stop()
    assert not reader.streams
