"""Kinds that come and go: when discovery is read anew, and what counts as not read."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from gitops_tui.cluster.cache import Change, KindState
from gitops_tui.cluster.discovery import ApiResource
from gitops_tui.engine.concern import Concern
from gitops_tui.engine.kinds import TRIES, Kinds
from gitops_tui.engine.readable import Readable, Unread
from gitops_tui.errors import ClusterUnreachable
from gitops_tui.model.application import AppKey
from gitops_tui.model.resource import Object, ResourceKey, key_of
from gitops_tui.sync.tracking import Tracking

THING = ApiResource("example.dev", "v1", "Thing", "things", True, frozenset({"list", "watch"}))
KEY = ResourceKey("example.dev", "Thing", "shop", "one")
NOT_LISTED = Unread("not listed yet")


def definition(*, established: bool = True, versions: tuple[str, ...] = ("v1",), generation: int = 1) -> Object:
    condition = {"type": "Established", "status": str(established)}
    served = [{"name": one, "served": True} for one in versions]
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "things.example.dev", "generation": generation},
        "spec": {"group": "example.dev", "names": {"kind": "Thing"}, "versions": served},
        "status": {"conditions": [condition]},
    }


def service(*, aggregated: bool, available: bool = True) -> Object:
    return {
        "apiVersion": "apiregistration.k8s.io/v1",
        "kind": "APIService",
        "metadata": {"name": "v1.example.dev"},
        "spec": {"group": "example.dev", "version": "v1", "service": {"name": "adapter"} if aggregated else None},
        "status": {"conditions": [{"type": "Available", "status": str(available)}]},
    }


class Bed:
    """A session whose discovery knows ``served``, and once it was read anew ``served_then``."""

    def __init__(self, *served: ApiResource, state: str = "unknown", error: str = "") -> None:
        self.served = self.served_then = served
        self.state = KindState(state, error)
        self.definitions: list[Object] = []
        self.failed_groups: tuple[str, ...] = ()
        self.learned = self.told = 0
        self.error: ClusterUnreachable | None = None
        self.due: list[tuple[Any, float]] = []
        self.discovery = SimpleNamespace(find=self.find, resources=lambda: self.served, failed_groups=())
        self.cache = SimpleNamespace(
            state=lambda *_: self.state, objects=lambda *_: self.definitions, watchable=lambda: self.served
        )
        self.name = "here"

    def find(self, group: str, kind: str, version: str | None = None) -> ApiResource | None:
        found = (one for one in self.served if (one.group, one.kind) == (group, kind))
        return next((one for one in found if version in (None, one.version)), None)

    def learn_kinds(self) -> None:
        self.learned += 1
        if self.error:
            raise self.error
        self.served = self.served_then

    def notice(self, old: Object | None, new: Object | None) -> Bed:
        """A change, and all work that is due because of it."""
        schedule = SimpleNamespace(put=lambda _, work, delay_s: self.due.append((work, delay_s)))
        pool = SimpleNamespace(submit=lambda work: work())

        def hear(_: object) -> None:
            self.told += 1

        kinds = Kinds(cast(Any, schedule), cast(Any, pool), hear)
        kinds.noticed(cast(Any, self), [Change(key_of(new or old or {}), old, new)])
        while self.due:
            self.due.pop(0)[0]()
        return self

    def why_unread(self) -> Unread | None:
        return Readable(cast(Any, self)).why_unread(KEY)


# --- when discovery is read anew
NEWS = {
    "a definition that is established": (None, definition(), 1),
    "one that is not yet": (None, definition(established=False), 0),
    "a version more": (definition(), definition(versions=("v1", "v2"), generation=2), 1),
    "an aggregated API that answers": (None, service(aggregated=True), 1),
    "one that does not answer yet": (None, service(aggregated=True, available=False), 0),
    "the API server's own": (None, service(aggregated=False), 0),
    "something else": (None, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}, 0),
}


@pytest.mark.parametrize("what", NEWS)
def test_discovery_is_read_where_it_is_older_than_what_came(what: str) -> None:
    old, new, times = NEWS[what]
    bed = Bed().notice(old, new)
    assert (bed.learned, bed.told) == (times, times)


@pytest.mark.parametrize(
    ("old", "new", "times"),
    [
        (None, definition(), 0),
        (definition(), definition(), 0),
        (definition(), definition(generation=2), 1),
        (definition(), None, 1),
        (None, service(aggregated=True), 0),
        (service(aggregated=True), service(aggregated=True, available=False), 1),
        (service(aggregated=True), None, 1),
    ],
)
def test_what_is_known_already_costs_nothing(old: Object | None, new: Object | None, times: int) -> None:
    assert Bed(THING).notice(old, new).learned == times


def test_an_established_kind_is_served_a_moment_later() -> None:
    bed = Bed()
    bed.definitions = [definition()]
    assert bed.notice(None, definition()).learned == TRIES + 1, "and not for ever"
    bed = Bed()
    bed.definitions, bed.served_then = [definition()], (THING,)
    assert bed.notice(None, definition()).learned == 1


def test_a_server_that_does_not_answer_is_asked_again() -> None:
    bed = Bed()
    bed.error = ClusterUnreachable("gone")
    assert bed.notice(None, definition()).learned == TRIES + 1


# --- what was not read
def test_what_was_not_listed_is_not_missing() -> None:
    assert Bed(THING, state="synced").why_unread() is None
    assert Bed(THING, state="loading").why_unread() == NOT_LISTED
    assert Bed(THING).why_unread() == NOT_LISTED, "it is served and will be watched"
    assert Bed(THING, state="restricted").why_unread() == Unread("may not be read", is_restricted=True)
    for word in ("loading", "failing"):
        assert Bed(THING, state=word, error="x").why_unread() == Unread("cannot be read: x", is_failing=True)


def test_a_kind_that_nobody_serves_has_no_objects() -> None:
    bed = Bed()
    assert bed.why_unread() is None
    bed.definitions = [definition(established=False)]
    assert bed.why_unread() is None
    bed.definitions = [definition()]
    assert bed.why_unread() == Unread("its kind is not served yet")
    bed = Bed()
    bed.discovery.failed_groups = ("example.dev/v1",)
    found = bed.why_unread()
    assert found is not None and found.is_failing


def test_a_kind_that_was_read_concerns_those_that_compare_it() -> None:
    concern = Concern(cast(Any, SimpleNamespace(tracking=Tracking())))
    one, two, other = (AppKey("argocd", name) for name in ("one", "two", "other"))
    concern.compares(one, "one", [KEY])
    concern.compares(two, "two", [ResourceKey(KEY.group, KEY.kind, "elsewhere", "x")])
    concern.compares(other, "other", [ResourceKey("", "ConfigMap", "shop", "one")])
    cache = cast(Any, SimpleNamespace())

    def of(namespace: str) -> set[AppKey]:
        return concern.of(Change(ResourceKey(KEY.group, KEY.kind, namespace, ""), None, None), cache)

    assert (of(""), of("shop"), of("nowhere")) == ({one, two}, {one}, set())
