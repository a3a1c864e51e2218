"""The answers to why an application is as it is: from what was compared, recorded and decided."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from gitops_tui.engine.headline import trouble_of
from gitops_tui.engine.state import AppState, OperationLease
from gitops_tui.engine.waiting import operation_answers, with_since
from gitops_tui.engine.why import ABOUT, answers_of
from gitops_tui.engine.why_log import whole_log
from gitops_tui.model.catalogue import Code, Section
from gitops_tui.model.decision import LOG_LENGTH, Decision, Logged
from gitops_tui.model.drift import FieldDrift, Writer
from gitops_tui.model.operation import (
    Condition,
    HistoryEntry,
    InitiatedBy,
    Operation,
    OperationState,
    SyncResult,
)
from gitops_tui.model.snapshot import AppView, Hold, Progress, Trouble, TroubleKind
from gitops_tui.model.status import DriftKind, Health, HealthStatus, OperationPhase, SyncStatus, WriterClass
from tests.tui import world

NOW = world.NOW
API = world.key("Deployment", "api", "shop")
PERSON = Writer("kubectl-edit", klass=WriterClass.PERSON)
EDITED = FieldDrift(("spec",), "spec.replicas", "replicas", DriftKind.TARGET, 5, 3, PERSON, ticked=True, healable=True)
ADDED = replace(EDITED, kind=DriftKind.FOREIGN, label="env DEBUG")
STATE = AppState({})


def view(
    *, sync: SyncStatus = SyncStatus.OUT_OF_SYNC, health: HealthStatus = HealthStatus.HEALTHY, **one: Any
) -> AppView:
    made = replace(world.resource("Deployment", "api", "shop", sync=sync, health=health), **one)
    other = world.resource("Service", "api", "shop")
    return replace(
        world.healthy("shop"), sync=sync, health=Health(health), resources=(made, other), is_at_deployed=True
    )


def told(found: AppView) -> list[tuple[str, dict[str, Any], tuple[Any, ...]]]:
    return [(one.code.value, dict(one.facts), one.objects) for one in answers_of(found, STATE, (), NOW)]


def test_metadata_of_the_namespace_that_waits_is_no_difference_of_an_object() -> None:
    found = view(sync=SyncStatus.SYNCED)
    assert told(replace(found, sync=SyncStatus.OUT_OF_SYNC))[0] == ("namespace-metadata", {}, ())


COUNTED = ("out-of-sync", {"count": 1, "total": 2}, ())


@pytest.mark.parametrize(
    ("words", "answers"),
    [
        ({"drift": (EDITED,)}, [COUNTED, ("differs", {"fields": ("replicas",), "writer": "kubectl-edit"}, (API,))]),
        ({"exists": False}, [COUNTED, ("missing", {}, (API,))]),
        ({"requires_pruning": True}, [COUNTED, ("to-prune", {}, (API,))]),
        (
            {"sync": SyncStatus.SYNCED, "drift": (ADDED,)},
            [("drifted", {"fields": ("env DEBUG",), "writer": "kubectl-edit"}, (API,))],
        ),
        (
            {"sync": SyncStatus.SYNCED, "health": HealthStatus.DEGRADED},
            [("health", {"health": "Degraded", "message": "", "reason": ""}, (API,))],
        ),
        ({"sync": SyncStatus.SYNCED}, []),
    ],
)
def test_the_state_in_codes_and_facts(words: dict[str, Any], answers: list[Any]) -> None:
    assert told(view(**words)) == answers


def test_every_object_that_differs_is_told_however_many_there_are() -> None:
    many = tuple(
        world.resource("ConfigMap", f"map-{number}", "shop", sync=SyncStatus.OUT_OF_SYNC) for number in range(30)
    )
    found = answers_of(replace(view(), resources=many), STATE, (), NOW)
    assert sum(one.code is Code.DIFFERS for one in found) == 30


def test_what_automation_decided_comes_after_the_state() -> None:
    found = replace(view(), conditions=(Condition("SyncError", "it failed", NOW),))
    decided = Decision(Code.AUTOMATION_OFF)
    given = answers_of(found, STATE, (decided,), NOW)
    assert (given[0].code, given[0].since) == (Code.CONDITION, NOW)
    assert given[-1] is decided


def test_pods_say_more_than_the_message_of_what_owns_them() -> None:
    found = view(sync=SyncStatus.SYNCED, health=HealthStatus.DEGRADED)
    trouble = Trouble(TroubleKind.DEGRADED, "Deployment/api: crash loop, 6 restarts")
    (answer,) = answers_of(replace(found, trouble=trouble), STATE, (), NOW)
    assert answer.sentence() == "Degraded because of Deployment/api: crash loop, 6 restarts"


# --- the headline and the first answer are of one mind ---------------------------------------------------------------

FAILED = OperationState(Operation("r1"), OperationPhase.FAILED, "no", NOW, NOW, sync_result=SyncResult("r1"))
HEADLINES: list[tuple[TroubleKind, AppView, dict[str, Any]]] = [
    (TroubleKind.DRIFTED, view(drift=(EDITED,)), {}),
    (TroubleKind.DRIFTED, view(drift=(ADDED,), sync=SyncStatus.SYNCED), {}),
    (TroubleKind.DRIFTED, view(exists=False, health=HealthStatus.MISSING), {"health": HealthStatus.HEALTHY}),
    (TroubleKind.DEGRADED, view(health=HealthStatus.DEGRADED), {}),
    (TroubleKind.ERROR, replace(view(), conditions=(Condition("SyncError", "no", NOW),)), {}),
    (TroubleKind.FAILED, replace(view(), operation=FAILED), {}),
    (TroubleKind.OUT_OF_SYNC, view(), {}),
    (TroubleKind.PROGRESSING, view(sync=SyncStatus.SYNCED, health=HealthStatus.PROGRESSING), {}),
    (TroubleKind.SUSPENDED, view(sync=SyncStatus.SYNCED, health=HealthStatus.SUSPENDED), {}),
]


@pytest.mark.parametrize(("kind", "found", "words"), HEADLINES)
def test_the_first_answer_is_about_what_the_headline_says(
    kind: TroubleKind, found: AppView, words: dict[str, Any]
) -> None:
    health = Health(words.get("health", found.health.status))
    trouble = trouble_of(
        sync=found.sync,
        health=health,
        resources=found.resources,
        conditions=found.conditions,
        operation=found.operation,
        progress=None,
        is_at_deployed=True,
        health_since=None,
        health_words="",
        waiting="",
    )
    assert trouble.kind is kind
    first = answers_of(replace(found, trouble=trouble, health=health), STATE, (), NOW)[0]
    assert first.code in ABOUT[kind]


# --- operations ------------------------------------------------------------------------------------------------------

RUNNING = OperationState(Operation("r1"), OperationPhase.RUNNING, "waiting for healthy state", started_at=NOW)
LEASE = OperationLease("other", "ben", NOW + timedelta(seconds=30))
WAITS = Decision(Code.WAVE_WAITS, {"wave": 2, "message": "2 of 3 updated"}, (API,))


def operation_told(found: AppView, state: AppState = STATE) -> list[Decision]:
    return list(operation_answers(found, state, NOW))


def test_a_failed_sync_is_told_with_its_revision() -> None:
    (answer,) = operation_told(replace(view(), operation=FAILED))
    assert (answer.code, answer.facts["revision"], answer.since) == (Code.OPERATION_FAILED, "r1", NOW)
    done = replace(FAILED, phase=OperationPhase.SUCCEEDED)
    assert operation_told(replace(view(), operation=done)) == []


def test_what_a_wave_waits_for_and_since_when() -> None:
    before = with_since(Progress(waits=(WAITS,)), Progress(), NOW - timedelta(seconds=41))
    other = replace(WAITS, facts={"wave": 2, "message": "3 of 3 updated"})
    now = with_since(Progress(waits=(other,)), before, NOW)
    found = replace(view(), operation=RUNNING, progress=now)
    answer = operation_told(found)[0]
    assert answer.sentence(NOW) == "Wave 2 waits for Deployment/api: 3 of 3 updated"
    assert answer.timing(NOW) == "41 s"


def test_an_operation_that_waits_for_nothing_yet_runs() -> None:
    found = replace(view(), operation=RUNNING, progress=Progress(message="starting"))
    assert [one.code for one in operation_told(found)] == [Code.OPERATION_RUNS]


def test_an_operation_of_another_instance_and_when_its_lease_ends() -> None:
    found = replace(view(), operation=RUNNING)
    first, second = operation_told(found, AppState({}, lease=LEASE))
    assert (first.code, first.facts["owner"]) == (Code.OPERATION_ELSEWHERE, "ben")
    assert (second.code, second.timing(NOW)) == (Code.LEASE_ENDS, "in 30 s")


def test_an_operation_that_was_left_behind() -> None:
    found = replace(view(), operation=RUNNING, is_orphaned_operation=True)
    (answer,) = operation_told(found, AppState({}, lease=replace(LEASE, expires=NOW - timedelta(seconds=41))))
    assert (answer.code, answer.timing(NOW)) == (Code.ORPHANED, "41 s")


@pytest.mark.parametrize(("limit", "words"), [(5, "Retry 1 of at most 5: no"), (-1, "Retry 1: no")])
def test_when_the_next_retry_comes(limit: int, words: str) -> None:
    operation = Operation("r1", retry={"limit": limit, "backoff": {"duration": "20s", "factor": 2}})
    waits = replace(RUNNING, operation=operation, message="no", finished_at=NOW - timedelta(seconds=1))
    answer = operation_told(replace(view(), operation=waits))[0]
    assert (answer.code, answer.sentence(NOW), answer.timing(NOW)) == (Code.RETRY, words, "in 39 s")


def test_a_hold_is_told_once_and_when_it_ends() -> None:
    hold = Hold("Ana", "demo", NOW, NOW + timedelta(seconds=41))
    found = replace(view(sync=SyncStatus.SYNCED), hold=hold)
    for decided in ((), (Decision(Code.HELD, {"owner": "Ana", "reason": "demo"}),)):
        answers = answers_of(found, STATE, decided, NOW)
        assert [one.code for one in answers] == [Code.HELD, Code.HOLD_ENDS]
        assert answers[1].timing(NOW) == "in 41 s"


# --- the log ---------------------------------------------------------------------------------------------------------


def test_the_log_goes_on_behind_what_this_instance_decided() -> None:
    history = tuple(
        HistoryEntry(id=number, revision=f"r{number}", deployed_at=NOW - timedelta(hours=number))
        for number in range(1, 3)
    )
    by_hand = replace(FAILED, operation=Operation("r1", initiated_by=InitiatedBy("ben")))
    state = AppState({}, history=history, operation=by_hand, conditions=(Condition("SyncError", "no", NOW),))
    own = Logged(Decision(Code.AUTOMATION_OFF), NOW - timedelta(minutes=1), NOW - timedelta(minutes=1))
    found = whole_log([own], state)
    codes = [one.code for one in found]
    assert sorted(codes[:2]) == [Code.CONDITION, Code.OPERATION_ENDED]
    assert codes[2:] == [Code.AUTOMATION_OFF, Code.DEPLOYED, Code.DEPLOYED]
    assert found[-1].decision.facts == {"revision": "r2"}


def test_the_whole_log_is_bounded_too() -> None:
    own = [Logged(Decision(Code.AUTOMATION_OFF), NOW, NOW)] * LOG_LENGTH
    state = AppState({}, history=(HistoryEntry(id=1, revision="r", deployed_at=NOW - timedelta(days=1)),))
    assert len(whole_log(own, state)) == LOG_LENGTH


def test_only_things_done_stand_in_the_log_alone() -> None:
    assert {Code.DEPLOYED.section, Code.OPERATION_ENDED.section, Code.STARTED.section} == {Section.LOG}
