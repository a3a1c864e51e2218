"""What is remembered of an application: read tolerantly, written as a patch of what differs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from msgspec.structs import replace

from gitops_tui.actions.patch import merge_patch_between
from gitops_tui.cluster.discovery import ApiResource
from gitops_tui.cluster.writer import Writer
from gitops_tui.engine.state import (
    ApplicationStore,
    AppState,
    ConfigMapStore,
    OperationLease,
    Unrecorded,
    hold_from_json,
    hold_to_json,
    next_history_id,
    state_of,
    with_history,
    with_hold,
    with_operation,
)
from gitops_tui.errors import AlreadyExists, Conflict, ReadOnlyError
from gitops_tui.model.annotations import HOLD, OPERATION_LEASE
from gitops_tui.model.application import Application, parse_application
from gitops_tui.model.operation import HistoryEntry, Operation, OperationState
from gitops_tui.model.reader import Origin
from gitops_tui.model.resource import Object
from gitops_tui.model.snapshot import Hold
from gitops_tui.model.status import OperationPhase

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
RESOURCE = ApiResource("", "v1", "ConfigMap", "configmaps", True, frozenset())


def application(namespace: str = "argocd", **more: Any) -> Application:
    raw = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "web", "namespace": namespace, "resourceVersion": "7"},
        "spec": {"project": "default", "source": {"repoURL": "r"}, "destination": {"name": "in-cluster"}},
        **more,
    }
    return parse_application(raw, origin=Origin(in_cluster=True))


def merged(target: Any, patch: Any) -> Any:
    """RFC 7386, from its own text."""
    if not isinstance(patch, dict):
        return patch
    found = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            found.pop(key, None)
        else:
            found[key] = merged(found.get(key), value)
    return found


class FakeWriter:
    """Keeps objects by name and counts versions as a server does."""

    def __init__(self) -> None:
        self.objects: dict[str, Object] = {}
        self.patches: list[Object] = []
        self.version = 100

    def _stored(self, name: str, obj: Object) -> Object:
        self.version += 1
        obj = {**obj, "metadata": {**obj["metadata"], "resourceVersion": str(self.version)}}
        self.objects[name] = obj
        return obj

    def create(self, resource: ApiResource, obj: Object) -> Object:
        name = obj["metadata"]["name"]
        if name in self.objects:
            raise AlreadyExists(f"{name} already exists", code=409)
        return self._stored(name, obj)

    def merge_patch(self, resource: ApiResource, namespace: str, name: str, patch: Object) -> Object:
        self.patches.append(patch)
        before = self.objects[name]
        pinned = (patch.get("metadata") or {}).get("resourceVersion")
        if pinned not in (None, before["metadata"]["resourceVersion"]):
            raise Conflict("the object has been modified", code=409)
        return self._stored(name, merged(before, patch))


def operation(phase: OperationPhase = OperationPhase.RUNNING) -> OperationState:
    return OperationState(Operation(revision="abc", prune=True), phase, "starting", started_at=NOW)


LEASE = OperationLease("host-1", "ana", NOW + timedelta(seconds=30))


def full(state: AppState) -> AppState:
    state = with_operation(state, operation(), LEASE)
    state = with_hold(state, Hold("ana", "an incident", NOW, NOW + timedelta(hours=1)))
    return with_history(state, HistoryEntry(id=3, revision="abc", deployed_at=NOW), 10)


# --- texts


@pytest.mark.parametrize(
    "hold", [None, Hold("ana", 'say "no"\n', NOW), Hold("bo", "später", NOW, NOW + timedelta(minutes=30))]
)
def test_a_hold_as_text(hold: Hold | None) -> None:
    assert hold_from_json(hold_to_json(hold)) == hold


@pytest.mark.parametrize("text", ["do not touch", "[]", '{"since": "yesterday"}', '{"owner": "x"}', "null"])
def test_what_cannot_be_read_is_a_hold_too(text: str) -> None:
    hold = hold_from_json(text)
    assert hold is not None and hold.is_active(NOW) and hold.reason == text


@pytest.mark.parametrize("text", ["", "  "])
def test_nothing_is_no_hold(text: str) -> None:
    assert hold_from_json(text) is None


def test_a_hold_ends_when_it_expires() -> None:
    hold = Hold("ana", "", NOW, NOW + timedelta(hours=1))
    assert hold.is_active(NOW) and not hold.is_active(NOW + timedelta(hours=1))
    assert Hold("ana", "", NOW).is_active(NOW + timedelta(days=365))


def test_an_odd_status_is_read_tolerantly() -> None:
    found = state_of({"operationState": "x", "history": None}, {HOLD: "?", OPERATION_LEASE: '{"expires": 1}'}, "9")
    assert (found.operation, found.history, found.lease) == (None, (), None)
    assert found.hold is not None and found.hold.reason == "?"
    assert state_of({"operationState": {"message": "no phase"}}, {}, "").operation is None


# --- patches


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {}),
        ({"a": 1}, {"a": 1}),
        ({"a": 1}, {}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 3}}),
        ({"a": [1, 2]}, {"a": [2]}),
        ({"a": {"b": 1}}, {"a": "text"}),
        ({"a": "text"}, {"a": {"b": 1}}),
        ({"a": {"b": 1}}, {"a": {}}),
        ({}, {"a": {"b": {"c": []}}}),
    ],
)
def test_a_merge_patch_leads_from_one_to_the_other(before: dict[str, Any], after: dict[str, Any]) -> None:
    patch = merge_patch_between(before, after)
    assert merged(before, patch) == after
    assert (patch == {}) == (before == after)


# --- history


def test_history_is_trimmed_to_its_newest_and_numbered_on() -> None:
    state = AppState({})
    assert next_history_id(state) == 0
    for number in range(5):
        entry = HistoryEntry(id=next_history_id(state), revision=str(number), deployed_at=NOW)
        state = with_history(state, entry, 3)
    assert [(one.id, one.revision) for one in state.history] == [(2, "2"), (3, "3"), (4, "4")]
    assert [one["id"] for one in state.status["history"]] == [2, 3, 4]
    assert next_history_id(state) == 5
    assert with_history(state, HistoryEntry(id=5, revision="5", deployed_at=NOW), 0).history == ()


# --- in the Application


def in_application(writer: FakeWriter) -> ApplicationStore:
    return ApplicationStore(lambda _: writer.objects.get("web"), cast(Writer, writer), RESOURCE)


def test_state_in_the_application_goes_round() -> None:
    writer = FakeWriter()
    app = application(status={"sync": {"status": "Synced"}})
    writer.objects["web"] = dict(app.raw)
    store = in_application(writer)
    before = store.read(app)
    store.write(app, before, full(before), pinned=True)
    found = store.read(app)
    assert (found.operation, found.lease, found.history) == (operation(), LEASE, full(before).history)
    assert found.hold is not None and found.hold.reason == "an incident"
    assert writer.objects["web"]["status"]["sync"] == {"status": "Synced"}, "what others wrote stays"
    freed = with_hold(with_operation(found, None, None), None)
    store.write(app, found, freed)
    found = store.read(app)
    assert (found.operation, found.lease, found.hold) == (None, None, None)
    assert not writer.objects["web"]["metadata"].get("annotations")


def test_what_does_not_differ_is_no_request() -> None:
    writer = FakeWriter()
    app = application()
    writer.objects["web"] = dict(app.raw)
    store = in_application(writer)
    state = store.read(app)
    assert store.write(app, state, state, pinned=True) is state
    assert writer.patches == []


def test_only_what_is_pinned_minds_who_was_first() -> None:
    writer = FakeWriter()
    app = application()
    writer.objects["web"] = dict(app.raw)
    store = in_application(writer)
    state = store.read(app)
    store.write(app, state, with_hold(state, Hold("bo", "first", NOW)))
    with pytest.raises(Conflict):
        store.write(app, state, with_operation(state, operation(), LEASE), pinned=True)
    store.write(app, state, with_operation(state, operation(), LEASE))
    found = store.read(app)
    assert found.hold is not None and found.operation == operation(), "neither undid the other"


# --- in a ConfigMap


def in_config_map(writer: FakeWriter) -> ConfigMapStore:
    return ConfigMapStore(lambda _, name: writer.objects.get(name), cast(Writer, writer), RESOURCE, "argocd")


def test_state_in_a_config_map_goes_round() -> None:
    writer = FakeWriter()
    store, app = in_config_map(writer), application()
    assert store.read(app) == AppState({}) and writer.objects == {}
    store.write(app, store.read(app), full(store.read(app)), pinned=True)
    (name,) = writer.objects
    assert name == "gitops-tui-web"
    found = store.read(app)
    assert (found.operation, found.lease, found.history) == (operation(), LEASE, full(AppState({})).history)
    store.write(app, found, with_hold(found, None))
    assert set(writer.patches[-1]["data"]) == {"hold"}, "only the key that differs"
    assert store.read(app).hold is None


def test_two_that_begin_at_once_are_told_apart() -> None:
    writer = FakeWriter()
    store, app = in_config_map(writer), application()
    before = store.read(app)
    store.write(app, before, with_operation(before, operation(), LEASE), pinned=True)
    with pytest.raises(Conflict):
        store.write(app, before, with_operation(before, operation(), LEASE), pinned=True)


def test_what_another_instance_wrote_meanwhile_stays() -> None:
    """It asked for the end; progress that was made from what stood before does not undo that."""
    writer = FakeWriter()
    app = application()
    store = ConfigMapStore(
        lambda _, name: writer.objects.get(name),
        cast(Writer, writer),
        RESOURCE,
        "argocd",
        lambda _, __, name: writer.objects.get(name),
    )
    begun = store.write(app, AppState({}), full(AppState({})), pinned=True)
    other = store.write(app, begun, with_hold(begun, None))
    asked = {**other.status, "operationState": {**other.status["operationState"], "phase": "Terminating"}}
    store.write(app, other, replace(other, status=asked))
    told = replace(operation(), message="waiting")
    found = store.write(app, begun, with_operation(begun, told, LEASE))
    assert found == store.read(app)
    assert found.operation is not None
    assert (found.operation.phase, found.operation.message) == (OperationPhase.TERMINATING, "waiting")
    assert (found.hold, found.history) == (None, begun.history)
    with pytest.raises(Conflict):
        store.write(app, begun, with_operation(begun, told, LEASE), pinned=True)


def test_names_repeat_in_other_namespaces() -> None:
    store = in_config_map(FakeWriter())
    found = {store.name_of(application(namespace)) for namespace in ("argocd", "team-a", "team-b")}
    assert found == {"gitops-tui-web", "gitops-tui-team-a.web", "gitops-tui-team-b.web"}


# --- who writes nothing


def test_read_only_writes_nothing() -> None:
    app = application()
    for store in (
        ApplicationStore(lambda _: None, None, RESOURCE),
        ConfigMapStore(lambda *_: None, None, RESOURCE, "argocd"),
    ):
        state = store.read(app)
        with pytest.raises(ReadOnlyError):
            store.write(app, state, full(state))


def test_what_is_not_recorded_is_only_read() -> None:
    writer = FakeWriter()
    app = application(status={"sync": {"status": "Synced"}})
    writer.objects["web"] = dict(app.raw)
    store = Unrecorded(in_application(writer))
    state = store.read(app)
    assert store.write(app, state, full(state), pinned=True) == full(state)
    assert writer.patches == [] and store.read(app) == state
