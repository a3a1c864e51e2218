"""When automation starts an operation, and why it does not."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from gitops_tui.model.application import Application, Automated, Destination, Source, SyncPolicy
from gitops_tui.model.catalogue import Code
from gitops_tui.model.operation import InitiatedBy, Operation, OperationState, SyncResult
from gitops_tui.model.resource import ResourceKey
from gitops_tui.model.status import OperationPhase, SyncStatus
from gitops_tui.sync.automation import Candidate, Situation, already_attempted, decide, due
from gitops_tui.sync.retry import SelfHealBackoff, retry_rule

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SOURCE = {"repoURL": "https://example.com/shop.git", "path": "shop"}
AUTOMATED = Automated(prune=True, self_heal=True)


def key(name: str, kind: str = "ConfigMap", group: str = "") -> ResourceKey:
    return ResourceKey(group, kind, "shop", name)


DRIFTED = Candidate(key("drifted"), SyncStatus.OUT_OF_SYNC)
SAME = Candidate(key("same"), SyncStatus.SYNCED)
EXTRA = Candidate(key("extra"), SyncStatus.OUT_OF_SYNC, requires_pruning=True)
PRECIOUS = Candidate(key("data", "PersistentVolumeClaim"), SyncStatus.OUT_OF_SYNC, requires_pruning=True)


def app(automated: Automated | None = AUTOMATED, **spec: Any) -> Application:
    raw = {"spec": {"source": SOURCE, **spec}}
    sources = spec.get("sources") or [SOURCE]
    return Application(
        name="shop",
        namespace="argocd",
        project="default",
        sources=tuple(Source(one["repoURL"], raw=one) for one in sources),
        destination=Destination(namespace="shop"),
        sync_policy=SyncPolicy(automated=automated, sync_options=("PruneLast=true",)),
        has_multiple_sources="sources" in spec,
        raw=raw,
    )


def last(phase: OperationPhase = OperationPhase.SUCCEEDED, revision: str = "r1", **words: Any) -> OperationState:
    operation = Operation(revision=revision, self_heal_attempts=words.pop("attempts", 0))
    result = SyncResult(revision=revision, source=words.pop("source", SOURCE))
    finished_at = words.pop("finished_at", NOW - timedelta(hours=1))
    return OperationState(operation, phase, finished_at=finished_at, sync_result=result, **words)


def situation(**words: Any) -> Situation:
    base = Situation(
        app=app(), sync=SyncStatus.OUT_OF_SYNC, resources=(DRIFTED, SAME, EXTRA), revisions=("r1",), now=NOW
    )
    return replace(base, **words)


# --- every code ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("automation-off", {"app": app(None)}),
        ("automation-off", {"app": app(Automated(enabled=False))}),
        ("in-progress", {"is_in_progress": True}),
        ("deleting", {"app": dataclasses.replace(app(), deletion_timestamp="2026-11-24T11:00:00Z")}),
        ("not-out-of-sync", {"sync": SyncStatus.SYNCED}),
        ("not-out-of-sync", {"sync": SyncStatus.UNKNOWN}),
        ("prune-off", {"app": app(Automated()), "resources": (SAME, EXTRA)}),
        ("no-object-differs", {"app": app(Automated()), "resources": (SAME,)}),
        ("no-object-differs", {"app": app(Automated()), "resources": ()}),
        ("failed-before", {"operation": last(OperationPhase.FAILED)}),
        ("failed-before", {"operation": last(OperationPhase.ERROR)}),
        ("self-heal-off", {"app": app(Automated(prune=True)), "operation": last()}),
        ("backing-off", {"operation": last(attempts=3, finished_at=NOW - timedelta(seconds=1))}),
        ("would-wipe-out", {"resources": (EXTRA,)}),
        ("would-wipe-out", {"resources": ()}),
        (
            "prune-needs-approval",
            {"guards_prune": True, "resources": (SAME, replace(EXTRA, key=key("d", "Namespace")))},
        ),
    ],
)
def test_why_nothing_starts(code: str, words: dict[str, Any]) -> None:
    found = decide(situation(**words))
    assert (found.code, found.operation) == (code, None)
    assert found.decision.sentence(NOW)
    has_condition = code in ("failed-before", "would-wipe-out", "prune-needs-approval")
    assert (found.condition is not None) is has_condition
    assert (found.wait_s is not None) is (code == "backing-off")


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"operation": last(revision="r0")},
        {"operation": last(OperationPhase.FAILED, revision="r0")},
        {"operation": last(source={**SOURCE, "path": "elsewhere"})},
        {"app": app(Automated(prune=True, allow_empty=True)), "resources": (EXTRA,)},
        {"app": app(Automated(prune=True, allow_empty=True)), "resources": ()},
        {"app": app(Automated()), "resources": (DRIFTED, EXTRA)},
        {"guards_prune": True},
        {"guards_prune": True, "is_prune_approved": True, "resources": (SAME, PRECIOUS)},
    ],
)
def test_a_new_state_starts(words: dict[str, Any]) -> None:
    found = decide(situation(**words))
    assert found.code == "started" and found.operation is not None and found.condition is None
    assert (found.operation.resources, found.operation.self_heal_attempts) == ((), 0)


# --- what starts -----------------------------------------------------------------------------------------------------


def test_the_operation_of_a_new_revision() -> None:
    found = decide(situation()).operation
    assert found == Operation(
        revision="r1",
        prune=True,
        sync_options=("PruneLast=true",),
        initiated_by=InitiatedBy(automated=True),
        retry={"limit": 5},
        source=SOURCE,
    )


@pytest.mark.parametrize(
    ("own", "retry"),
    [({"limit": 2}, {"limit": 2}), ({}, {}), ({"refresh": True}, {"refresh": True}), (None, {"limit": 5})],
)
def test_the_applications_own_retry_goes_along(own: Any, retry: dict[str, Any]) -> None:
    """An empty one says that there is none: without a limit nothing is tried again."""
    found = decide(situation(app=app(syncPolicy={"retry": own}))).operation
    assert found is not None and found.retry == retry
    assert retry_rule(found.retry).limit == retry.get("limit", 0)


def test_several_sources_have_a_revision_each() -> None:
    sources = [SOURCE, {"repoURL": "https://example.com/values.git", "ref": "values"}]
    found = decide(situation(app=app(sources=sources), revisions=("r1", "v1"))).operation
    assert found is not None
    assert (found.revision, found.revisions, found.source) == ("", ("r1", "v1"), None)
    assert found.sources == tuple(sources)


def test_a_self_heal_names_what_drifted_and_counts() -> None:
    found = decide(situation(operation=last(attempts=2)))
    assert found.code == "healing" and found.operation is not None
    assert found.operation.resources == (DRIFTED.key, EXTRA.key)
    assert found.operation.self_heal_attempts == 3


def test_what_is_being_deleted_already_is_no_reason_to_heal() -> None:
    going = replace(EXTRA, is_going=True)
    assert decide(situation(operation=last(), resources=(SAME, going))).code is Code.GOING
    found = decide(situation(operation=last(), resources=(DRIFTED, going)))
    assert found.operation is not None and found.operation.resources == (DRIFTED.key, going.key)


def test_a_heal_of_no_object_is_a_whole_sync() -> None:
    """Only the namespace's managed metadata waits: no object can be named."""
    found = decide(situation(operation=last(), resources=(SAME,)))
    assert found.code is Code.HEALING and found.operation is not None
    assert (found.operation.resources, found.operation.self_heal_attempts) == ((), 1)
    assert found.decision.sentence() == "Initiated self-heal at r1"
    assert due(found).code is Code.HEAL_DUE


def test_the_wait_of_a_self_heal_is_what_is_left_of_it() -> None:
    operation = last(attempts=3, finished_at=NOW - timedelta(seconds=8))
    assert decide(situation(operation=operation)).wait_s == pytest.approx(10)
    assert decide(situation(operation=operation, now=NOW + timedelta(seconds=10))).code == "healing"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({}, Code.SYNC_DUE),
        ({"operation": last()}, Code.HEAL_DUE),
        ({"app": app(None)}, Code.AUTOMATION_OFF),
    ],
)
def test_what_is_due_where_nobody_may_act(words: dict[str, Any], code: Code) -> None:
    assert due(decide(situation(**words))).code is code


def test_a_fixed_pause_between_heals() -> None:
    backoff = SelfHealBackoff(duration_s=0, fixed_s=60)
    operation = last(finished_at=NOW - timedelta(seconds=20))
    assert decide(situation(operation=operation, backoff=backoff)).wait_s == pytest.approx(40)


def test_a_new_commit_without_changes_is_the_state_that_was_tried() -> None:
    tried = last(OperationPhase.FAILED, revision="r0")
    assert decide(situation(operation=tried, new_revision_has_changes=False)).code == "failed-before"


def test_an_operation_that_never_got_to_a_result_was_no_attempt() -> None:
    operation = OperationState(Operation(revision="r1"), OperationPhase.FAILED)
    assert not already_attempted(app(), operation, ("r1",))


def test_an_empty_field_of_a_source_is_no_difference() -> None:
    operation = last(source={**SOURCE, "targetRevision": "", "directory": {"recurse": False}})
    assert already_attempted(app(), operation, ("r1",))
