"""What the cache holds and says through drops, 410, refusals and kinds that come and go."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from gitops_tui.cluster import cache as cache_module
from gitops_tui.cluster.cache import Change, Changes, ClusterCache
from gitops_tui.cluster.client import Listing
from gitops_tui.cluster.discovery import Discovery
from gitops_tui.errors import ClusterUnreachable, Forbidden, Gone, NotFound, ServerError, TooManyRequests
from gitops_tui.model.resource import Object, ResourceKey
from tests.unit.cluster.fake import MAPS, FakeReader, Stream, config_map
from tests.unit.cluster.scripted import PATIENCE_S, PROMPT_S, eventually, no_new_threads

LOST = ClusterUnreachable("https://c does not answer: lost")


class Bed:
    """A cache over a fake reader; ``told`` are the changes so far, ``state`` is what they add up to."""

    def __init__(self) -> None:
        self.reader = FakeReader()
        self.told: list[Change] = []
        self.state: dict[ResourceKey, Object] = {}
        self.wrong: list[Change] = []
        self.calls = 0
        self.cache = ClusterCache(
            self.reader, Discovery(self.reader), on_change=self.hear, index_of=lambda obj: obj["metadata"].get("app")
        )

    def hear(self, changes: Changes) -> None:
        self.calls += 1
        for change in changes:
            self.told.append(change)
            if self.state.get(change.key) != change.old:
                self.wrong.append(change)
            if change.new is None:
                self.state.pop(change.key, None)
            else:
                self.state[change.key] = change.new

    def begin(self, *objects: Object, version: str = "10") -> Bed:
        self.reader.listing = Listing(list(objects), version)
        self.cache.ensure([MAPS])
        assert self.cache.wait_synced(PATIENCE_S)
        return self

    def stream(self, number: int = 0) -> Stream:
        eventually(lambda: len(self.reader.streams) > number)
        return self.reader.streams[number]

    def names(self) -> list[str]:
        return sorted(one["metadata"]["name"] for one in self.cache.objects("", "ConfigMap"))

    def word(self, namespace: str = "") -> str:
        return self.cache.state("", "ConfigMap", namespace).word


@pytest.fixture
def bed() -> Iterator[Bed]:
    with no_new_threads():
        found = Bed()
        yield found
        began = time.monotonic()
        found.cache.stop()
        assert time.monotonic() - began < PROMPT_S
        assert not found.wrong  # each change began where the one before it ended


def words(changes: list[Change]) -> list[str]:
    """Of objects; a kind that was read is told of apart."""
    found = (one for one in changes if one.key.name)
    return [f"{'+' if one.old is None else '-' if one.new is None else '~'}{one.key.name}" for one in found]


def test_objects_are_found_by_key_kind_index_owner_and_uid(bed: Bed) -> None:
    owned = config_map("b", 2, ownerReferences=[{"uid": "uid-a"}])
    bed.begin(config_map("a", 1, app="shop"), owned)
    key = ResourceKey("", "ConfigMap", "n", "a")
    assert bed.cache.get(key) is bed.cache.by_uid("uid-a") is bed.cache.indexed("shop")[0]
    assert bed.cache.children("uid-a") == [owned] and len(bed.cache) == 2
    bed.stream().send(("MODIFIED", config_map("a", 11, app="till")), ("DELETED", config_map("b", 12)))
    eventually(lambda: bed.cache.indexed("till"))
    assert bed.cache.indexed("shop") == [] and bed.cache.children("uid-a") == []
    assert bed.cache.by_uid("uid-b") is None
    eventually(lambda: words(bed.told) == ["+a", "+b", "~a", "-b"])


def test_after_a_drop_the_watch_goes_on_where_it_was(bed: Bed) -> None:
    bed.begin(config_map("a", 1))
    bed.stream().send(("ADDED", config_map("b", 11)), ("DELETED", config_map("b", 12))).fail(LOST)
    assert bed.stream(1).version == "12"  # from 10 on, b would come and go a second time
    bed.stream(1).send(("BOOKMARK", {"metadata": {"resourceVersion": "40"}})).close()
    assert bed.stream(2).version == "40"
    bed.stream(2).send(("ADDED", config_map("c", 41)))
    eventually(lambda: words(bed.told) == ["+a", "+b", "-b", "+c"])
    assert bed.reader.lists == 1


def test_one_drop_is_no_failure_and_a_stream_that_stands_ends_one(bed: Bed) -> None:
    bed.begin()
    bed.stream().fail(LOST)
    bed.stream(1)
    assert bed.word() == "synced"
    failing = threading.Event()

    def refuse(_: Stream) -> None:
        failing.set()
        raise LOST

    bed.reader.on_watch = refuse
    bed.stream(1).fail(LOST)
    eventually(lambda: bed.word() == "failing")
    assert "does not answer" in bed.cache.state("", "ConfigMap").error
    bed.reader.on_watch = lambda _: None
    eventually(lambda: bed.word() == "synced")  # although no event has come


def test_gone_is_listed_anew_and_nothing_is_lost_or_invented(bed: Bed) -> None:
    bed.begin(config_map("kept", 1), config_map("changed", 2), config_map("removed", 3))
    listing = [config_map("kept", 1), config_map("changed", 21), config_map("new", 22)]
    bed.reader.listing = Listing(listing, "30")
    bed.stream().fail(Gone("too old", code=410))
    assert bed.stream(1).version == "30"
    eventually(lambda: len(words(bed.told)) == 6)
    assert sorted(words(bed.told)[3:]) == ["+new", "-removed", "~changed"]
    assert bed.names() == ["changed", "kept", "new"]


def test_an_object_made_anew_under_its_name_is_a_change(bed: Bed) -> None:
    bed.begin(config_map("a", 1))
    bed.reader.listing = Listing([config_map("a", 20, uid="another")], "30")
    bed.stream().fail(Gone("too old"))
    eventually(lambda: words(bed.told) == ["+a", "~a"])
    assert bed.cache.by_uid("uid-a") is None and bed.cache.by_uid("another") is not None


def test_a_list_that_fails_after_gone_removes_nothing(bed: Bed) -> None:
    def fail(_: str) -> Listing:
        raise LOST

    bed.begin(config_map("a", 1))
    bed.reader.on_list = fail
    bed.stream().fail(Gone("too old"))
    eventually(lambda: bed.word() == "failing")
    assert bed.names() == ["a"] and words(bed.told) in (["+a"], [])


@pytest.mark.parametrize("how", ["ends", "gone", "refused"])
def test_a_server_that_always_refuses_is_not_hammered(bed: Bed, how: str) -> None:
    def answer(stream: Stream) -> None:
        if how == "refused":
            raise TooManyRequests("later", code=429, retry_after_s=0.1)
        stream.close() if how == "ends" else stream.fail(Gone("too old"))

    bed.reader.on_watch = answer
    bed.begin()
    began = time.monotonic()
    eventually(lambda: len(bed.reader.streams) >= 2)
    time.sleep(0.5)
    assert len(bed.reader.streams) <= 8 * max(1.0, time.monotonic() - began)


def test_a_kind_is_told_of_when_it_was_read_and_when_it_is_served_no_more(bed: Bed) -> None:
    kind = Change(ResourceKey("", "ConfigMap", "", ""), None, None)
    bed.begin()
    eventually(lambda: bed.told == [kind])
    bed.stream().fail(Gone("too old"))
    eventually(lambda: len(bed.reader.streams) == 2)
    assert bed.told == [kind], "it was read before"
    bed.reader.on_list, bed.reader.served = not_found, ()
    bed.stream(1).fail(Gone("too old"))
    eventually(lambda: bed.told == [kind, kind])


def test_a_kind_that_the_server_fails_to_list_keeps_nobody_waiting(bed: Bed) -> None:
    def broken(namespace: str) -> Listing:
        raise ServerError("the conversion webhook is down", code=500)

    bed.reader.on_list = broken
    bed.cache.ensure([MAPS])
    assert bed.cache.wait_synced(PATIENCE_S)
    assert (bed.word(), bed.cache.state("", "ConfigMap").error) == ("failing", "the conversion webhook is down")


def test_a_bug_in_what_listens_does_not_end_the_telling(bed: Bed) -> None:
    heard = bed.hear
    bed.cache._on_change = lambda changes: (heard(changes), [][0])
    bed.begin(config_map("a", 1))
    eventually(lambda: bed.told)
    bed.stream().send(("ADDED", config_map("b", 11)))
    eventually(lambda: words(bed.told) == ["+a", "+b"])


# --- what may not be read
def forbidden_everywhere(namespace: str) -> Listing:
    if not namespace:
        raise Forbidden("configmaps is forbidden", code=403)
    return Listing([config_map("a", 1, namespace)], "10")


def test_a_kind_that_may_not_be_read_is_restricted_and_watched_where_it_may(bed: Bed) -> None:
    bed.reader.on_list = forbidden_everywhere
    bed.cache.ensure([MAPS])
    assert bed.cache.wait_synced(PATIENCE_S)
    assert bed.word() == bed.word("n") == "restricted"
    assert bed.cache.restricted() == ("ConfigMap",)
    assert "forbidden" in bed.cache.state("", "ConfigMap").error
    bed.cache.ensure([MAPS], ("n",))
    assert bed.cache.wait_synced(PATIENCE_S)
    assert (bed.word(), bed.word("n"), bed.word("other")) == ("restricted", "synced", "restricted")
    assert bed.names() == ["a"]
    # The role is granted, and the server is asked again: one watch is enough then.
    bed.reader.on_list = lambda _: Listing([config_map("a", 1), config_map("b", 2, "m")], "20")
    bed.cache._retry_all()
    eventually(lambda: bed.word() == "synced")
    assert bed.names() == ["a", "b"] and bed.cache.restricted() == ()
    eventually(lambda: words(bed.told) == ["+a", "+b"])
    eventually(lambda: sum(one.name.startswith("watch configmaps") for one in threading.enumerate()) == 1)


def test_what_was_held_stays_when_a_permission_is_taken_away(bed: Bed) -> None:
    bed.begin(config_map("a", 1))
    bed.reader.on_list = forbidden_everywhere
    bed.stream().fail(Gone("too old"))
    eventually(lambda: bed.word() == "restricted")
    assert bed.names() == ["a"]


def not_found(_: str) -> Listing:
    raise NotFound("404 page not found", code=404)


def test_a_404_alone_removes_nothing_and_ends_with_the_next_answer(bed: Bed) -> None:
    bed.begin(config_map("a", 1))
    bed.reader.on_list = not_found
    bed.stream().fail(Gone("too old"))
    eventually(lambda: bed.word() == "failing")
    assert bed.names() == ["a"]
    bed.reader.on_list = lambda _: bed.reader.listing
    bed.cache.ensure([MAPS])
    eventually(lambda: bed.word() == "synced")


def test_a_kind_that_is_no_longer_served_leaves_and_may_come_back(bed: Bed) -> None:
    bed.begin(config_map("a", 1))
    bed.reader.on_list, bed.reader.served = not_found, ()
    bed.stream().fail(Gone("too old"))
    eventually(lambda: words(bed.told) == ["+a", "-a"])
    assert bed.word() == "unknown" and bed.names() == []
    bed.reader.on_list, bed.reader.served = lambda _: Listing([config_map("a", 50)], "50"), (MAPS,)
    bed.cache.ensure([MAPS])
    eventually(lambda: bed.names() == ["a"])


def test_a_kind_that_is_served_in_another_version_is_watched_there(bed: Bed) -> None:
    bed.begin(config_map("a", 1))
    bed.reader.served = (replace(MAPS, version="v2"),)
    first = iter([not_found])
    bed.reader.on_list = lambda namespace: next(first, lambda _: bed.reader.listing)(namespace)
    bed.stream().fail(Gone("too old"))
    eventually(lambda: len(bed.reader.streams) == 2)
    assert bed.word() == "synced" and bed.names() == ["a"]
    assert next(iter(bed.cache._watches.values())).scope.resource.version == "v2"


# --- is the server there?
def test_staleness_is_known_soon_and_ends(bed: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_module, "PROBE_S", 3600.0)
    bed.begin(config_map("a", 1))
    eventually(lambda: bed.reader.pings)
    assert bed.cache.stale_since is None and bed.cache.message == ""
    contact = eventually(lambda: bed.cache.last_contact)
    bed.reader.on_ping = LOST

    def refuse(_: Stream) -> None:
        raise LOST

    bed.reader.on_watch = refuse
    calls = bed.calls
    bed.stream().fail(LOST)
    since = eventually(lambda: bed.cache.stale_since)  # not only with the next probe, PROBE_S later
    assert contact <= since <= datetime.now(UTC)
    assert bed.cache.message == LOST.message and bed.names() == ["a"]
    eventually(lambda: bed.calls > calls)
    bed.reader.on_ping, bed.reader.on_watch = None, lambda _: None
    eventually(lambda: bed.cache.stale_since is None)
    assert bed.cache.message == "" and bed.cache.latency_s is not None
    eventually(lambda: bed.word() == "synced")


def test_a_first_list_that_fails_is_still_loading(bed: Bed) -> None:
    def fail(_: str) -> Listing:
        raise LOST

    bed.reader.on_list = fail
    bed.cache.ensure([MAPS])
    eventually(lambda: bed.cache.state("", "ConfigMap").error)
    assert bed.word() == "loading" and not bed.cache.wait_synced(0.05)


# --- the end
def test_stop_is_prompt_while_a_list_hangs_and_tells_nothing_more() -> None:
    bed, over = Bed(), threading.Event()

    def hang(_: str) -> Listing:
        over.wait(60)
        return Listing([config_map("a", 1)], "1")

    bed.reader.on_list = hang
    with no_new_threads():
        bed.cache.ensure([MAPS, *(replace(MAPS, kind=f"K{number}") for number in range(30))])
        eventually(lambda: bed.reader.lists == 31)
        began = time.monotonic()
        bed.cache.stop()
        assert time.monotonic() - began < PROMPT_S
        assert not bed.cache.wait_synced(PATIENCE_S)
        over.set()
    assert len(bed.cache) == 0 and bed.told == []


def test_stop_may_be_called_by_what_listens() -> None:
    bed = Bed()
    stopped = threading.Event()

    def hear(_: Changes) -> None:
        bed.cache.stop()
        stopped.set()

    bed.cache._on_change = hear
    with no_new_threads():
        bed.reader.listing = Listing([config_map("a", 1)], "1")
        bed.cache.ensure([MAPS])
        assert stopped.wait(2)
    bed.cache.ensure([MAPS])
    assert cache_module.STOP_S < 1.0
