"""What the engine decides is a code with facts: in the log, and as an answer until it is decided anew."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import MagicMock

import pytest
from msgspec.structs import replace

from gitops_tui.config import Settings
from gitops_tui.engine.assignment import first_state
from gitops_tui.engine.authority import Authority
from gitops_tui.engine.automation import WINDOW_S, Automation
from gitops_tui.engine.deleting import Deleting
from gitops_tui.engine.polling import Polling
from gitops_tui.engine.reconciler import Reconciler
from gitops_tui.engine.record import Record
from gitops_tui.engine.requested import Requested
from gitops_tui.engine.state import AppState, OperationLease
from gitops_tui.errors import InvalidSpecError, OperationError
from gitops_tui.model.annotations import PRUNE_APPROVED
from gitops_tui.model.application import Application, Origin, SyncPolicy, parse_application
from gitops_tui.model.catalogue import Code
from gitops_tui.model.decision import Decision
from gitops_tui.model.drift import FieldDrift, Writer
from gitops_tui.model.operation import InitiatedBy, Operation, OperationState
from gitops_tui.model.resource import ResourceKey
from gitops_tui.model.snapshot import Hold, ResourceView
from gitops_tui.model.status import DriftKind, OperationPhase, SyncStatus, WriterClass
from gitops_tui.sync.deletion_step import DeletionStep
from tests.unit.engine.known_projects import no_projects, projects

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
KEY = ResourceKey("apps", "Deployment", "shop", "api")
LONG_AGO = "2026-11-01T00:00:00Z"


def application(*, operation: dict[str, Any] | None = None, deleted: bool = False, **annotations: str) -> Application:
    metadata: dict[str, Any] = {"name": "web", "namespace": "argocd", "uid": "u", "annotations": annotations}
    if deleted:
        finalizers = ["resources-finalizer.argocd.argoproj.io"]
        metadata |= {"deletionTimestamp": "2026-11-24T11:00:00Z", "finalizers": finalizers}
    raw: dict[str, Any] = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": metadata,
        "spec": {
            "project": "default",
            "source": {"repoURL": "https://example.com/r.git", "path": "."},
            "destination": {"server": "https://kubernetes.default.svc", "namespace": "shop"},
            "syncPolicy": {"automated": {"selfHeal": True}},
        },
    }
    if operation is not None:
        raw["operation"] = operation
    return parse_application(raw, origin=Origin(in_cluster=True))


def drift(manager: str = "kubectl-edit") -> FieldDrift:
    writer = Writer(manager, time=LONG_AGO, klass=WriterClass.PERSON)
    return FieldDrift(
        ("spec",), "spec.x", "env DEBUG", DriftKind.FOREIGN, "1", None, writer, ticked=True, healable=True
    )


def compared(*, sync: SyncStatus = SyncStatus.SYNCED, fields: tuple[FieldDrift, ...] = (), **words: Any) -> Any:
    view = ResourceView(KEY, "v1", sync, None, drift=fields, **words)
    one = SimpleNamespace(key=KEY, view=view, is_managed=True, target={}, live={})
    return SimpleNamespace(
        sync=sync,
        objects=(one,),
        pins=(),
        commits=(),
        revision="r1",
        pinned=lambda operation: replace(operation, revision="r1"),
        conditions=(),
        find=lambda key: one,
        app=application(),
    )


def automation(
    *,
    failure: Any = None,
    begins: bool = True,
    refused: Any = None,
    compare_for: Any = None,
    known: Any = None,
) -> Automation:
    authority = MagicMock(why_not=MagicMock(return_value=refused))
    starts = MagicMock()
    starts.is_busy.return_value, starts.failure.return_value, starts.begin.return_value = False, failure, begins
    return Automation(
        Settings(), authority, MagicMock(), starts, MagicMock(), lambda: NOW, known or no_projects(), compare_for
    )


def codes(record: Record) -> list[Code]:
    return [one.code for one in record.log]


def answers(record: Record) -> list[Code]:
    return [one.code for one in record.answers]


# --- who may act -----------------------------------------------------------------------------------------------------


def authority(*, reconciles: bool = True, leads: bool = True) -> Authority:
    made = Authority(Settings(), MagicMock(), MagicMock(), lambda: NOW, reconciles=reconciles)
    made._leadership = MagicMock(is_leading=leads, leader="other-host")
    return made


@pytest.mark.parametrize(
    ("words", "record", "code", "facts"),
    [
        ({"reconciles": False}, Record(application()), Code.OBSERVING, {}),
        ({}, Record(application(), managed_by="Argo CD"), Code.NOT_ALONE, {"owner": "Argo CD"}),
        ({"leads": False}, Record(application()), Code.NOT_LEADING, {"owner": "other-host"}),
        (
            {},
            Record(application(**{"argocd.argoproj.io/skip-reconcile": "true"})),
            Code.SKIPPED,
            {"annotation": "argocd.argoproj.io/skip-reconcile"},
        ),
        (
            {},
            Record(application(), state=AppState({}, hold=Hold("Ana", "demo", NOW, NOW + timedelta(hours=1)))),
            Code.HELD,
            {"owner": "Ana", "reason": "demo"},
        ),
    ],
)
def test_why_this_instance_does_not_act(words: Any, record: Record, code: Code, facts: dict[str, str]) -> None:
    found = authority(**words).why_not(record, NOW)
    assert found is not None and (found.code, found.facts) == (code, facts)
    assert found.since == (NOW if code is Code.HELD else None)


def test_an_answer_stands_until_it_is_decided_anew_and_the_log_keeps_it() -> None:
    record, acting = Record(application()), authority(reconciles=False)
    record.comparison = compared()
    for _ in range(3):
        record.answers = ()
        automation(refused=acting.why_not(record, NOW)).consider(record)
    assert answers(record) == [Code.OBSERVING, Code.NOT_OUT_OF_SYNC], "who may not act says what the rules say"
    assert [(one.code, one.count) for one in record.log] == [(Code.OBSERVING, 3)]


def test_an_instance_that_is_about_to_end_says_so() -> None:
    parts = MagicMock(clock=lambda: NOW)
    reconciler = Reconciler(parts)
    reconciler.is_draining = True
    record = Record(application())
    record.because(Code.AUTOMATION_OFF, NOW)
    reconciler._settle(record)
    assert answers(record) == [Code.DRAINING]
    parts.automation.consider.assert_not_called()


def test_what_cannot_be_compared_has_no_answer_of_automation() -> None:
    record = Record(application())
    record.because(Code.AUTOMATION_OFF, NOW)
    reconciler = Reconciler(MagicMock(clock=lambda: NOW))
    reconciler.is_draining = True
    reconciler._publishing = MagicMock()
    reconciler._failed(record, OperationError("no"))
    assert answers(record) == []


# --- what begins -----------------------------------------------------------------------------------------------------


def test_what_is_due_and_cannot_begin_says_why() -> None:
    record = Record(application(), comparison=compared(sync=SyncStatus.OUT_OF_SYNC))
    automation(failure=OperationError("somebody was first")).consider(record)
    (entry,) = record.log
    assert (entry.code, entry.decision.facts["message"]) == (Code.NOT_STARTED, "somebody was first")


def test_what_waits_for_a_place_is_not_said_to_have_begun() -> None:
    record = Record(application(), comparison=compared(sync=SyncStatus.OUT_OF_SYNC))
    automation(begins=False).consider(record)
    assert answers(record) == codes(record) == [Code.QUEUED]
    automation().consider(record)
    assert codes(record) == [Code.STARTED, Code.QUEUED]


def left_behind() -> AppState:
    operation = Operation(revision="r1", initiated_by=InitiatedBy(automated=True))
    lease = OperationLease("other", "ben", NOW - timedelta(minutes=1))
    return AppState({}, operation=OperationState(operation, OperationPhase.RUNNING), lease=lease)


def test_an_operation_that_was_left_behind_goes_on() -> None:
    record = Record(application(), comparison=compared(), state=left_behind())
    automation(compare_for=lambda record, operation: record.comparison).consider(record)
    (entry,) = record.log
    assert (entry.code, entry.decision.facts) == (Code.RESUMED, {"owner": "ben"})


@pytest.mark.parametrize(
    ("phase", "is_taken_up"), [(OperationPhase.RUNNING, False), (OperationPhase.TERMINATING, True)]
)
def test_what_a_person_began_waits_for_a_person_unless_somebody_asked_for_its_end(
    phase: OperationPhase, is_taken_up: bool
) -> None:
    state = left_behind()
    assert state.operation is not None
    by_hand = replace(state.operation, phase=phase, operation=Operation(revision="r1"))
    record = Record(application(), comparison=compared(), state=replace(state, operation=by_hand))
    acting = automation(compare_for=lambda record, operation: record.comparison)
    found = acting._left_behind(record, NOW)
    assert (found is not None) is is_taken_up
    assert found is None or (found.ends and first_state(found, NOW).phase is OperationPhase.TERMINATING)


def test_an_operation_that_cannot_go_on_says_why() -> None:
    record = Record(application(), comparison=replace_revision(compared(), "r2"), state=left_behind())
    automation(compare_for=MagicMock(side_effect=OperationError("the commit is gone"))).consider(record)
    assert Code.NOT_RESUMED in codes(record)


def replace_revision(comparison: Any, revision: str) -> Any:
    comparison.revision = revision
    return comparison


def test_what_a_person_added_is_removed_by_itself_and_told() -> None:
    record = Record(application(**{"gitops-tui.io/heal-foreign": "person"}), comparison=compared(fields=(drift(),)))
    acting = automation()
    acting.consider(record)
    (done, _) = record.log
    assert (done.code, done.decision.facts, done.decision.objects) == (
        Code.HEALING_FOREIGN,
        {"fields": ("env DEBUG",)},
        (KEY,),
    )
    acting.consider(record)
    fight = next(one for one in record.answers if one.code is Code.FIGHT)
    assert fight.facts == {"fields": ("spec.x",), "writer": "kubectl-edit"}


def test_an_operation_that_the_application_asks_for_is_told() -> None:
    state = AppState({}, requested={"sync": {"revision": "r1"}})
    record = Record(application(), comparison=compared(), state=state)
    at = MagicMock(return_value=MagicMock(revision="r1"))
    requested = Requested(MagicMock(), MagicMock(), lambda: NOW, at, MagicMock(), lambda key: False)
    requested.begin(record)
    requested.begin(dataclasses.replace(record, run=None, state=state, log=record.log))
    assert [(one.code, one.decision.facts) for one in record.log] == [(Code.REQUESTED, {"revision": "r1"})]


def polling(poll_s: float) -> Polling:
    system = SimpleNamespace(settings=SimpleNamespace(poll_s=poll_s, poll_jitter_s=0))
    return Polling(*cast(Any, [system, *[MagicMock()] * 4]), lambda: NOW)


def test_when_a_repository_is_asked_next() -> None:
    polls = polling(120)
    polls.watch(["https://ben:secret@example.com/r.git"])
    (answer,) = polls.answers(["https://ben:secret@example.com/r.git", "https://example.com/other.git"])
    assert (answer.code, answer.next_at) == (Code.NEXT_POLL, NOW + timedelta(seconds=120))
    assert "secret" not in answer.sentence()
    assert [one.code for one in polling(0).answers(["https://example.com/r.git"])] == [Code.POLL_OFF]


# --- deletion --------------------------------------------------------------------------------------------------------


def test_a_step_of_a_deletion_is_told_and_its_error_is_a_condition() -> None:
    record = Record(application(deleted=True))
    step = DeletionStep(Decision(Code.DELETION_FAILED, {"message": "no way"}), error="Unable to delete application")
    acting = Deleting(*cast(Any, [MagicMock()] * 3), cast(Any, (None, None)), *cast(Any, [MagicMock()] * 5))
    acting._tell(record, step, NOW)
    assert answers(record) == codes(record) == [Code.DELETION_FAILED]
    assert [one.message for one in record.standing] == ["Unable to delete application"]


def test_a_deletion_without_a_cluster_or_with_kinds_that_may_not_be_read() -> None:
    gone = MagicMock(resolve=MagicMock(side_effect=InvalidSpecError("there is no such cluster")))
    acting = Deleting(gone, *cast(Any, [MagicMock()] * 2), cast(Any, (None, None)), *cast(Any, [MagicMock()] * 5))
    step = acting._stepped(application(deleted=True), (), "")
    assert (step.decision.code, step.delete) == (Code.DELETION_NO_CLUSTER, ())
    app = application(deleted=True)
    app.raw["status"] = {"resources": [{"kind": "Secret", "namespace": "shop"}]}
    gone.resolve = MagicMock()
    gone.resolve.return_value.cache.state.return_value.word = "restricted"
    step = acting._stepped(app, (), "")
    assert (step.decision.code, step.decision.facts) == (Code.DELETION_UNKNOWN, {"item": "Secret"})


def test_what_automation_did_is_no_lasting_answer() -> None:
    record = Record(application())
    record.because(Code.HEALING, NOW, objects=(KEY,), revision="r1", attempts=1)
    record.decided(replace(next(iter(record.log)).decision, code=Code.HEALING), NOW)
    assert answers(record) == []
    assert [one.count for one in record.log] == [2]


# --- sync windows ----------------------------------------------------------------------------------------------------


def test_a_sync_window_keeps_automation_back_and_says_until_when() -> None:
    window = {"kind": "deny", "schedule": "* * * * *", "duration": "1h", "applications": ["*"], "manualSync": True}
    project = {"metadata": {"name": "default", "namespace": "argocd", "uid": "1"}, "spec": {"syncWindows": [window]}}
    record = Record(application())
    record.comparison = compared(sync=SyncStatus.OUT_OF_SYNC)
    assert automation(known=projects(project)).consider(record) == WINDOW_S
    assert answers(record) == [Code.SYNC_WINDOW]
    assert "the deny window '* * * * *' for 1h is open" in record.answers[0].sentence()


def test_no_window_matters_where_nothing_is_automated() -> None:
    window = {"kind": "deny", "schedule": "* * * * *", "duration": "1h", "applications": ["*"]}
    project = {"metadata": {"name": "default", "namespace": "argocd", "uid": "1"}, "spec": {"syncWindows": [window]}}
    record = Record(dataclasses.replace(application(), sync_policy=SyncPolicy()))
    record.comparison = compared(sync=SyncStatus.OUT_OF_SYNC)
    automation(known=projects(project)).consider(record)
    assert Code.SYNC_WINDOW not in answers(record)


@pytest.mark.parametrize(("approved", "counts"), [("a1 b2", True), ("a1 b1", False), ("a1", False), ("", False)])
def test_an_approval_of_a_prune_counts_for_the_commits_of_all_sources(approved: str, counts: bool) -> None:
    app = SimpleNamespace(annotations={PRUNE_APPROVED: approved} if approved else {})
    record = SimpleNamespace(app=app, pins=(SimpleNamespace(sha="a1"), SimpleNamespace(sha="b2")))
    assert automation()._is_approved(cast(Any, record)) is counts
