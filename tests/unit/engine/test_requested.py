"""What stands in ``.operation``: begun once its sources are fresh, kept while it runs, ended where it cannot be."""

from __future__ import annotations

import dataclasses
import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from msgspec.structs import replace

from gitops_tui.config import Settings
from gitops_tui.engine.asked import asks_for_target
from gitops_tui.engine.assignment import UNDOES, Assignment
from gitops_tui.engine.authority import Authority, is_skipped
from gitops_tui.engine.ledger import Ledger
from gitops_tui.engine.operations import Operations
from gitops_tui.engine.record import Record
from gitops_tui.engine.requested import Requested, parsed
from gitops_tui.engine.state import ApplicationStore, AppState, OperationLease, StateStore, state_of_object
from gitops_tui.errors import (
    ClusterUnreachable,
    GitOpsError,
    IgnoreRuleError,
    InProgressError,
    InvalidSpecError,
    RevisionNotFound,
)
from gitops_tui.model.application import AppKey, Application, parse_application
from gitops_tui.model.operation import Operation, OperationState, SyncResult
from gitops_tui.model.reader import Origin
from gitops_tui.model.status import OperationPhase

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SOURCE = {"repoURL": "https://example.com/r", "path": "a", "targetRevision": "main"}


def application(**spec: Any) -> Application:
    raw = {
        "metadata": {"name": "web", "namespace": "argocd"},
        "spec": {"project": "p", "source": SOURCE, "destination": {"name": "in-cluster"}, **spec},
    }
    return parse_application(raw, origin=Origin(in_cluster=True))


def record(asked: dict[str, Any] | None = None, **facts: Any) -> Record:
    state = AppState({}, requested=asked, operation=facts.pop("operation", None), lease=facts.pop("lease", None))
    found: dict[str, Any] = {"comparison": object(), "pins": (SimpleNamespace(sha="a" * 40),), **facts}
    return Record(application(), state=state, **found)


class World:
    """Notes what is fetched, begun and ended."""

    def __init__(self, *, acts: bool = True, fails: GitOpsError | None = None) -> None:
        self.fetched: list[AppKey] = []
        self.begun: list[Assignment] = []
        self.ended: list[OperationState] = []
        self.compared: list[Operation] = []
        self.fails = fails
        self.is_fetching = False
        operations = SimpleNamespace(
            start=lambda assignment, current: self.begun.append(assignment) or "a run",
            state_of=lambda app: AppState({}),
            record_end=lambda record, ended: self.ended.append(ended),
        )
        authority = SimpleNamespace(may_act_on=lambda app: acts)
        self.requested = Requested(
            cast(Operations, operations),
            cast(Authority, authority),
            lambda: NOW,
            self._compare,
            lambda keys: self.fetched.extend(keys),
            lambda key: self.is_fetching,
        )

    def _compare(self, record: Record, operation: Operation) -> Any:
        self.compared.append(operation)
        if self.fails is not None:
            raise self.fails
        return SimpleNamespace(revision="a" * 40)


def test_a_branch_is_deployed_as_it_is_when_it_is_asked_for() -> None:
    world, found = World(), record({"sync": {}})
    world.is_fetching = True
    world.requested.begin(found)
    assert world.fetched == [found.key] and not world.begun
    world.requested.begin(found)
    assert world.fetched == [found.key] and not world.begun, "while it is being fetched nothing begins"
    world.is_fetching = False
    world.requested.begin(found)
    (assignment,) = world.begun
    assert assignment.is_requested and assignment.holds_request and not assignment.begins_request
    assert cast(Any, found.run) == "a run"


def test_what_comes_with_its_objects_waits_for_no_source_and_stays_itself() -> None:
    """A window that opens later brings the newest commit of a branch, and never Git in place of the objects."""
    world, found = World(), record({"sync": {"manifests": ["{}"]}})
    world.requested.begin(found)
    assert not world.fetched
    (assignment,) = world.begun
    assert assignment.operation.manifests == ("{}",) and assignment.newest is None


def test_a_commit_that_is_here_is_fetched_by_nobody() -> None:
    world = World()
    world.requested.begin(record({"sync": {"revision": "a" * 40}}))
    assert not world.fetched and world.begun


@pytest.mark.parametrize(
    ("acts", "facts"),
    [
        (False, {}),
        (True, {"run": object()}),
        (True, {"managed_by": "Argo CD"}),
        (True, {"comparison": None}),
    ],
)
def test_what_is_not_ours_or_not_yet_known_is_left(acts: bool, facts: dict[str, Any]) -> None:
    world = World(acts=acts)
    world.requested.begin(record({"sync": {"revision": "a" * 40}}, **facts))
    assert not world.begun and not world.ended and not world.fetched


def test_nothing_is_begun_where_nothing_is_asked_for() -> None:
    world = World()
    world.requested.begin(record())
    assert not world.begun and not world.fetched


def test_what_cannot_be_begun_ends_as_error_with_what_was_asked_for() -> None:
    world = World(fails=RevisionNotFound("no such branch"))
    world.requested.begin(record({"sync": {"revision": "nope"}}))
    world.requested.begin(record({"sync": {"revision": "nope"}}))
    (ended,) = world.ended
    assert (ended.phase, ended.started_at, ended.finished_at) == (OperationPhase.ERROR, NOW, NOW)
    assert ended.message == "ComparisonError: no such branch"
    assert ended.sync_result is not None and ended.sync_result.revision == "nope"
    assert ended.sync_result.source == SOURCE and ended.operation.revision == "nope"


def test_where_the_sources_were_read_the_commit_stands_in_the_result() -> None:
    """Argo CD keeps the resolved revision before it gives up for a comparison that failed (``SyncAppState``)."""
    world = World(fails=IgnoreRuleError("jq .spec[: syntax error"))
    asked = record({"sync": {}})
    world.requested.begin(asked)
    world.requested.begin(asked)
    (ended,) = world.ended
    assert ended.message == "ComparisonError: jq .spec[: syntax error"
    assert ended.sync_result is not None and ended.sync_result.revision == asked.pins[0].sha


@pytest.mark.parametrize("asked", [{}, {"sync": None}, {"sync": {"resources": [3]}}, {"sync": {}, "info": [1]}])
def test_what_is_no_operation_ends_as_error(asked: dict[str, Any]) -> None:
    with pytest.raises(InvalidSpecError):
        parsed(asked)
    world = World()
    world.requested.begin(record(asked, pins=()))
    world.requested.begin(record(asked, pins=()))
    assert [one.phase for one in world.ended] == [OperationPhase.ERROR] and not world.begun
    assert "Invalid operation request" in world.ended[0].message


def test_a_cluster_that_does_not_answer_ends_nothing() -> None:
    world = World(fails=ClusterUnreachable("no answer"))
    world.requested.begin(record({"sync": {"revision": "b"}}))
    world.requested.begin(record({"sync": {"revision": "b"}}))
    assert not world.ended and not world.begun


def left_behind(*info: tuple[str, str], expires: timedelta) -> dict[str, Any]:
    result = SyncResult(revision="c" * 40)
    operation = OperationState(Operation(info=info), OperationPhase.RUNNING, started_at=NOW, sync_result=result)
    return {"operation": operation, "lease": OperationLease("them", "ana", NOW + expires)}


def test_what_a_restart_left_in_the_middle_goes_on_at_its_commit() -> None:
    world, found = World(), record({"sync": {}}, **left_behind(expires=timedelta(seconds=-1)))
    world.requested.begin(found)
    (assignment,) = world.begun
    assert assignment.resumed is not None and not world.fetched
    assert [one.revision for one in world.compared] == ["c" * 40]


@pytest.mark.parametrize(
    "left",
    [left_behind(expires=timedelta(seconds=9)), left_behind(UNDOES, expires=timedelta(seconds=-1))],
)
def test_what_somebody_runs_or_nobody_can_go_on_with_is_left(left: dict[str, Any]) -> None:
    world = World()
    world.requested.begin(record({"sync": {}}, **left))
    assert not world.begun and not world.ended


# --- what an operation asks for


@pytest.mark.parametrize(
    ("operation", "answer"),
    [
        (Operation(), True),
        (Operation(revision="a" * 40), True),
        (Operation(revision="main"), False),
        (Operation(manifests=("{}",)), False),
        (Operation(revisions=("a" * 40,)), True),
        (Operation(revisions=("b" * 40,)), False),
    ],
)
def test_what_was_compared_last_is_taken_where_it_is_what_is_asked_for(operation: Operation, answer: bool) -> None:
    assert asks_for_target(record(), operation) is answer


def test_the_whole_of_an_operation_goes_round() -> None:
    asked = {
        "sync": {
            "revision": "a", "prune": True, "dryRun": True, "syncStrategy": {"apply": {"force": True}},
            "resources": [{"group": "apps", "kind": "Deployment", "name": "web"}], "syncOptions": ["Replace=true"],
            "source": SOURCE, "manifests": ["{}"],
        },
        "retry": {"limit": 2}, "initiatedBy": {"username": "ana"}, "info": [{"name": "why", "value": "now"}],
    }  # fmt: skip
    assert parsed(asked).to_json() == asked
    assert Operation().to_json() == {"sync": {}, "initiatedBy": {}, "retry": {}}, "as Go writes empty structs"


@pytest.mark.parametrize(
    ("strategy", "name", "force"),
    [
        ({"apply": {}}, "apply", False),
        ({"apply": {}, "hook": {"force": True}}, "apply", False),
        ({"apply": None, "hook": {"force": True}}, "hook", True),
        ({"apply": None}, "", False),
        (None, "", False),
    ],
)
def test_a_strategy_that_is_null_is_none(strategy: Any, name: str, force: bool) -> None:
    found = parsed({"sync": {"syncStrategy": strategy}})
    assert (found.strategy, found.force) == (name, force)


def test_an_application_tells_what_is_asked_of_it() -> None:
    raw = {"metadata": {"name": "web", "resourceVersion": "7"}, "operation": {"sync": {}}}
    assert state_of_object(raw).requested == {"sync": {}}
    assert state_of_object({**raw, "operation": "odd"}).requested is None


@pytest.mark.parametrize(("text", "is_so"), [("true", True), ("1", True), ("T", True), ("yes", False), ("", False)])
def test_skip_reconcile_is_read_as_go_reads_a_boolean(text: str, is_so: bool) -> None:
    app = dataclasses.replace(application(), annotations={"argocd.argoproj.io/skip-reconcile": text})
    assert is_skipped(app) is is_so


# --- while it runs


class Store:
    """Keeps what is written, and writes nothing."""

    def __init__(self) -> None:
        self.written: list[AppState] = []

    def write(self, app: Application, before: AppState, after: AppState, *, pinned: bool = False) -> AppState:
        self.written.append(after)
        return after


def ledger(store: Store, **facts: bool) -> Ledger:
    identity = SimpleNamespace(instance="us", operator="ana")
    around = SimpleNamespace(clock=lambda: NOW, identity=identity, settings=Settings())
    return Ledger(application(), cast(StateStore, store), cast(Any, around), threading.Event(), **facts)


RUNNING = OperationState(Operation(revision="a"), OperationPhase.RUNNING, started_at=NOW)
ENDED = replace(RUNNING, phase=OperationPhase.SUCCEEDED, finished_at=NOW)


def test_what_automation_begins_stands_in_operation_until_its_end() -> None:
    store = Store()
    one = ledger(store, holds_request=True, begins_request=True)
    one.begin(AppState({}), RUNNING, lambda before, now: None)
    one.end(ENDED, None)
    begun, ended = store.written
    assert begun.requested == RUNNING.operation.to_json() and ended.requested is None
    with pytest.raises(InProgressError):
        one.begin(AppState({}, requested={"sync": {}}), RUNNING, lambda before, now: None)


def test_what_was_asked_for_stays_as_it_was_asked_and_goes_with_the_end() -> None:
    store, asked = Store(), {"sync": {"syncStrategy": {}}}
    one = ledger(store, holds_request=True)
    one.begin(AppState({}, requested=asked), RUNNING, lambda before, now: None)
    one.end(ENDED, None)
    assert [state.requested for state in store.written] == [asked, None]


def test_what_a_person_began_elsewhere_leaves_a_request_that_waits() -> None:
    store, asked = Store(), {"sync": {}}
    one = ledger(store)
    one.begin(AppState({}, requested=asked), RUNNING, lambda before, now: None)
    one.end(ENDED, None)
    assert [state.requested for state in store.written] == [asked, asked]


def test_a_request_is_one_patch_with_the_record() -> None:
    sent: list[Any] = []
    writer = SimpleNamespace(merge_patch=lambda *call: sent.append(call[-1]) or {"metadata": {}})
    store = ApplicationStore(lambda app: None, cast(Any, writer), cast(Any, None))
    before = AppState({}, requested={"sync": {}})
    store.write(application(), before, replace(before, requested=None))
    store.write(application(), before, before)
    assert sent == [{"operation": None}]
