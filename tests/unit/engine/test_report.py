"""An application's state as Argo CD's ``status`` object."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

from msgspec.structs import replace

from gitops_tui.actions.patch import merge_patch_between
from gitops_tui.engine.record import Record
from gitops_tui.engine.report import application_json, source_json, status_json
from gitops_tui.engine.sources import SourceAt
from gitops_tui.engine.view import app_view
from gitops_tui.errors import InvalidSpecError, RepositoryError
from gitops_tui.model.application import parse_application
from gitops_tui.model.operation import Condition, HistoryEntry, Operation, OperationState
from gitops_tui.model.reader import Origin
from gitops_tui.model.resource import ResourceKey
from gitops_tui.model.snapshot import AppView, ResourceView
from gitops_tui.model.status import Health, HealthStatus, OperationPhase, SyncStatus

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 24, 12, 5, tzinfo=UTC)
SOURCE = {"repoURL": "https://example.com/r", "path": "a", "targetRevision": "main"}
RAW: dict[str, Any] = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Application",
    "metadata": {"name": "web", "namespace": "argocd"},
    "spec": {"project": "p", "source": SOURCE, "destination": {"name": "in-cluster", "namespace": "shop"}},
    "status": {"of": "before"},
}


def view(status: HealthStatus = HealthStatus.HEALTHY, **facts: Any) -> AppView:
    web, old = ResourceKey("apps", "Deployment", "shop", "web"), ResourceKey("", "ConfigMap", "shop", "old")
    resources = (
        ResourceView(web, "v1", SyncStatus.SYNCED, Health(HealthStatus.HEALTHY), wave=2),
        ResourceView(old, "v1", SyncStatus.OUT_OF_SYNC, None, requires_pruning=True),
        ResourceView(ResourceKey("batch", "Job", "shop", "check"), "v1", None, None, is_hook=True),
    )
    found: dict[str, Any] = {
        "sync": SyncStatus.OUT_OF_SYNC, "health": Health(status), "revision": "a" * 40, "resources": resources,
        "compared_at": NOW,
    }  # fmt: skip
    return AppView("web", parse_application(RAW, origin=Origin()), **{**found, **facts})


def test_each_field_stands_where_argo_cd_writes_it() -> None:
    found = status_json(view(), before={}, summary={"images": ["a:1", "b:1"]}, controller_namespace="ops")
    destination = RAW["spec"]["destination"]
    assert found["sync"] == {
        "status": "OutOfSync", "revision": "a" * 40, "comparedTo": {"source": SOURCE, "destination": destination},
    }  # fmt: skip
    assert found["health"] == {"status": "Healthy", "lastTransitionTime": "2026-11-24T12:00:00Z"}
    assert found["summary"] == {"images": ["a:1", "b:1"]}
    assert found["reconciledAt"] == "2026-11-24T12:00:00Z"
    assert found["controllerNamespace"] == "ops"
    lost, deployment, hook = found["resources"]
    assert deployment == {
        "group": "apps", "version": "v1", "kind": "Deployment", "namespace": "shop", "name": "web",
        "status": "Synced", "syncWave": 2,
    }  # fmt: skip
    assert (lost["status"], lost["requiresPruning"]) == ("OutOfSync", True)
    assert hook["hook"] is True and "status" not in hook
    assert "conditions" not in found and "operationState" not in found and "history" not in found


def test_what_asks_before_it_is_deleted_says_so() -> None:
    asking = ResourceView(
        ResourceKey("", "ConfigMap", "shop", "kept"), "v1", SyncStatus.SYNCED, None, requires_deletion_confirmation=True
    )
    (found,) = status_json(view(resources=(asking,)), before={})["resources"]
    assert found["requiresDeletionConfirmation"] is True


def test_what_is_unchanged_is_no_patch() -> None:
    first = status_json(view(), before={})
    assert merge_patch_between(first, status_json(view(), before=first)) == {}


def test_a_transition_moves_its_time_and_nothing_else_does() -> None:
    first = status_json(view(), before={})
    same = status_json(view(compared_at=LATER), before=first)
    assert same["health"]["lastTransitionTime"] == "2026-11-24T12:00:00Z"
    moved = status_json(view(HealthStatus.DEGRADED, compared_at=LATER), before=first)
    assert moved["health"] == {"status": "Degraded", "lastTransitionTime": "2026-11-24T12:05:00Z"}


def test_fields_of_others_stay_and_conditions_go_when_they_are_over() -> None:
    condition = Condition("ComparisonError", "no such branch", NOW)
    before = {"observedAt": "x", "summary": {"externalURLs": ["https://web"]}}
    found = status_json(view(conditions=(condition,)), before=before)
    assert (found["observedAt"], found["summary"]) == ("x", before["summary"])
    assert status_json(view(), before=before, summary={})["summary"] == {}
    assert found["conditions"] == [
        {"type": "ComparisonError", "message": "no such branch", "lastTransitionTime": "2026-11-24T12:00:00Z"}
    ]
    assert "conditions" not in status_json(view(), before=found)


def test_operation_and_history_go_round() -> None:
    operation = OperationState(Operation(revision="abc"), OperationPhase.SUCCEEDED, "done", started_at=NOW)
    entry = HistoryEntry(id=4, revision="abc", deployed_at=NOW)
    found = status_json(view(operation=operation, history=(entry,)), before={})
    assert OperationState.from_json(found["operationState"]) == operation
    assert [HistoryEntry.from_json(one) for one in found["history"]] == [entry]


def test_a_source_that_was_never_read_reports_what_was_asked_for() -> None:
    unread = view(
        HealthStatus.UNKNOWN, sync=SyncStatus.UNKNOWN, revision="", resources=(),
        conditions=(Condition("ComparisonError", "no such host", NOW),), is_unread=True,
    )  # fmt: skip
    found = status_json(unread, before={})
    assert (found["sync"]["status"], found["sync"]["revision"]) == ("Unknown", "main")
    assert found["health"]["status"] == "Healthy", "as Argo CD has it for nothing at all"


def test_the_whole_document_has_our_status() -> None:
    found = application_json(view())
    assert found["spec"] == RAW["spec"] and found["metadata"] == RAW["metadata"]
    assert found["status"]["of"] == "before" and found["status"]["sync"]["status"] == "OutOfSync"
    assert source_json(view().app) == {"source": SOURCE}


def test_conditions_stand_in_argo_cds_order() -> None:
    kinds = ("SyncError", "ComparisonError", "RepeatedResourceWarning")
    found = status_json(
        view(conditions=tuple(Condition(kind, text, NOW) for kind in kinds for text in "ba")), before={}
    )
    assert [(one["type"], one["message"]) for one in found["conditions"]] == [
        (kind, text) for kind in sorted(kinds) for text in "ab"
    ]


def test_an_application_that_is_not_valid_keeps_what_was_found_before() -> None:
    before = {"sync": {"status": "Synced", "revision": "b"}, "resources": [{"kind": "X"}], "reconciledAt": "then"}
    invalid = view(
        HealthStatus.UNKNOWN,
        sync=SyncStatus.UNKNOWN,
        conditions=(Condition("InvalidSpecError", "no", NOW),),
        is_invalid=True,
    )
    found = status_json(invalid, before=before)
    assert found["sync"] == {"status": "Unknown", "revision": "b"}
    assert (found["health"]["status"], found["resources"]) == ("Unknown", before["resources"])
    assert found["reconciledAt"] == "then"


def test_several_sources_have_a_revision_and_a_type_each() -> None:
    spec = {"project": "p", "sources": [SOURCE, {**SOURCE, "path": "b"}], "destination": RAW["spec"]["destination"]}
    app = parse_application({**RAW, "spec": spec}, origin=Origin())
    pins = [cast(SourceAt, SimpleNamespace(sha=sha, type="Directory")) for sha in "ab"]
    found = status_json(replace(view(), app=app), before={}, pins=pins)
    assert found["sync"]["revisions"] == ["a", "b"] and "revision" not in found["sync"]
    assert found["sourceTypes"] == ["Directory", "Directory"] and "sourceType" not in found
    assert found["sync"]["comparedTo"]["sources"] == spec["sources"]


def test_a_secret_that_came_with_an_operation_is_shown_to_nobody() -> None:
    given = json.dumps(
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": {"a": "hunter2"}}
    )
    asked = Operation(manifests=(given, "no: [manifest"))
    done = OperationState(asked, OperationPhase.SUCCEEDED, started_at=NOW)
    shown = view(operation=done)
    shown = replace(shown, app=dataclasses.replace(shown.app, raw={**RAW, "operation": asked.to_json()}))
    text = json.dumps(application_json(shown))
    assert "hunter2" not in text and "++++++++" in text and "no: [" not in text
    assert status_json(shown, before={})["operationState"]["operation"] == asked.to_json(), "who goes on needs it"


def test_an_application_that_is_not_valid_is_not_healthy() -> None:
    """Nothing of it can be read either, but that is another thing."""
    record = Record(parse_application(RAW, origin=Origin()), error=InvalidSpecError("not permitted"))
    found = status_json(app_view(record, NOW), before={})
    assert (found["sync"]["status"], found["health"]["status"]) == ("Unknown", "Unknown")
    record.error = RepositoryError("gone")
    assert status_json(app_view(record, NOW), before={})["health"]["status"] == "Healthy", "as Argo CD has it"
