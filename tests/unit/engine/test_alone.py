"""One hand holds the wheel: the Lease, by a clock of the test's own."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from gitops_tui.cluster.client import Reader
from gitops_tui.cluster.discovery import ApiResource
from gitops_tui.cluster.writer import Writer
from gitops_tui.engine.leadership import DURATION_S, LEASE_NAME, Leadership
from gitops_tui.errors import AlreadyExists, ClusterUnreachable, Conflict, Forbidden, GitOpsError, NotFound
from gitops_tui.model.resource import Object

LEASES = ApiResource("coordination.k8s.io", "v1", "Lease", "leases", True, frozenset())


@dataclass
class Server:
    """Holds one Lease. ``error`` is what every request gets; ``takes`` is how long one takes."""

    now: datetime = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
    lease: Object | None = None
    error: GitOpsError | None = None
    takes: timedelta = timedelta(0)
    writes: list[str] = field(default_factory=list)

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def _ask(self) -> None:
        self.now += self.takes
        if self.error is not None:
            raise self.error

    def get(self, *_: Any) -> Object:
        self._ask()
        if self.lease is None:
            raise NotFound("no lease", code=404)
        return self.lease

    def create(self, _: ApiResource, obj: Object) -> Object:
        self._ask()
        if self.lease is not None:
            raise AlreadyExists("there is one", code=409)
        return self._store(obj["spec"])

    def merge_patch(self, _: ApiResource, namespace: str, name: str, patch: Object) -> Object:
        self._ask()
        assert self.lease is not None and (namespace, name) == ("argocd", LEASE_NAME)
        pinned = (patch.get("metadata") or {}).get("resourceVersion")
        if pinned not in (None, self.lease["metadata"]["resourceVersion"]):
            raise Conflict("it moved", code=409)
        return self._store({**self.lease["spec"], **patch["spec"]})

    def _store(self, spec: Object) -> Object:
        self.writes.append(spec["holderIdentity"])
        self.lease = {"metadata": {"resourceVersion": str(len(self.writes))}, "spec": spec}
        return self.lease


def instance(server: Server, holder: str) -> Leadership:
    return Leadership(
        cast(Reader, server), cast(Writer, server), LEASES, namespace="argocd", holder=holder, clock=lambda: server.now
    )


def test_the_first_leads_and_the_second_waits() -> None:
    server = Server()
    one, two = instance(server, "one"), instance(server, "two")
    assert not one.is_leading
    assert one.renew() and not two.renew()
    assert (one.leader, two.leader) == ("one", "one")
    for _ in range(10):
        server.wait(5)
        assert one.renew() and not two.renew()
    assert set(server.writes) == {"one"}


def test_who_is_silent_for_too_long_is_followed() -> None:
    server = Server()
    one, two = instance(server, "one"), instance(server, "two")
    one.renew()
    server.wait(DURATION_S)
    assert not one.is_leading, "it does not believe longer than others have to"
    assert not two.renew(), "what it sees for the first time it takes for fresh: clocks are never compared"
    server.wait(DURATION_S + 0.1)
    assert two.renew()
    assert not one.renew() and one.leader == "two"


def test_a_lease_that_is_given_back_is_taken_at_once() -> None:
    server = Server()
    one, two = instance(server, "one"), instance(server, "two")
    one.renew()
    two.give_back()
    assert server.lease is not None and server.lease["spec"]["holderIdentity"] == "one"
    one.give_back()
    assert not one.is_leading
    assert two.renew()


@pytest.mark.parametrize("error", [ClusterUnreachable("gone"), Forbidden("no", code=403)])
def test_without_an_answer_the_lease_runs_out(error: GitOpsError) -> None:
    server = Server()
    one = instance(server, "one")
    one.renew()
    server.error = error
    server.wait(10)
    assert one.renew(), "others still wait"
    server.wait(5)
    assert not one.renew()
    server.error = None
    assert one.renew()


def test_an_answer_that_took_long_does_not_lengthen_the_lease() -> None:
    server = Server()
    one, two = instance(server, "one"), instance(server, "two")
    server.takes = timedelta(seconds=6)
    assert one.renew()
    server.takes = timedelta(0)
    assert not two.renew()
    server.wait(DURATION_S + 0.1)
    assert two.renew()
    assert not one.is_leading, "two hands on one wheel"


def test_of_two_that_take_it_at_once_one_leads() -> None:
    server = Server()
    one, two = instance(server, "one"), instance(server, "two")
    first = server.create
    server.create = lambda resource, obj: (two.renew(), first(resource, obj))[1]
    # While one is about to create the Lease, two does it.
    create_once = iter([server.create])
    server.create = lambda resource, obj: next(create_once, first)(resource, obj)
    assert not one.renew()
    assert two.is_leading and not one.is_leading
