"""What every operator must see: the last operation, history, holds and who runs an operation now.

Where the Application is an object of the cluster this is its own ``status`` and annotations, in Argo CD's shape;
else a ConfigMap an application, made at the first write and never by looking. Both are read from what the watch
already holds, and written with the resourceVersion that was read, so that two instances cannot both begin.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from msgspec import Struct
from msgspec.structs import replace

from gitops_tui.actions.patch import merge_patch_between
from gitops_tui.cluster.discovery import ApiResource
from gitops_tui.cluster.writer import Writer
from gitops_tui.errors import AlreadyExists, Conflict, NotFound, OperationError, ReadOnlyError
from gitops_tui.model.annotations import HOLD, OPERATION_LEASE
from gitops_tui.model.application import AppKey, Application
from gitops_tui.model.operation import Condition, HistoryEntry, OperationState, parse_time
from gitops_tui.model.resource import Object, annotations_of, metadata_of
from gitops_tui.model.snapshot import Hold
from gitops_tui.structured.mergepatch import merge_patch

WRITE_ATTEMPTS = 5
UNKNOWN_TIME = datetime.fromtimestamp(0, UTC)
APPLICATION_LABEL = "gitops-tui.io/application"
MANAGED_BY = {"app.kubernetes.io/managed-by": "gitops-tui"}


Fetch = Callable[[ApiResource, str, str], Object | None]
"""Asks the server for one object; None where there is none."""


class OperationLease(Struct, frozen=True):
    """Who runs an operation, and until when that is believed without another sign of life."""

    holder: str
    user: str
    expires: datetime


class AppState(Struct, frozen=True):
    """What is remembered of one application. ``status`` is Argo CD's status object, whole."""

    status: Mapping[str, Any]
    operation: OperationState | None = None
    history: tuple[HistoryEntry, ...] = ()
    conditions: tuple[Condition, ...] = ()
    hold: Hold | None = None
    lease: OperationLease | None = None
    resource_version: str = ""
    annotations: Mapping[str, str] | None = None
    requested: Mapping[str, Any] | None = None
    """What stands in ``.operation`` of the Application: asked for, or running (Argo CD leaves it there to the end)."""


class StateStore(Protocol):
    """Reads never write; a write raises `errors.Conflict` where somebody else was first."""

    def read(self, app: Application) -> AppState: ...

    def latest(self, app: Application) -> AppState:
        """As the server has it at this moment."""
        ...

    def write(self, app: Application, before: AppState, after: AppState, *, pinned: bool = False) -> AppState:
        """Make what is remembered ``after``. ``pinned``: only if nothing was written since ``before`` was read."""
        ...


def state_of(
    status: Mapping[str, Any],
    annotations: Mapping[str, str],
    resource_version: str,
    requested: Mapping[str, Any] | None = None,
) -> AppState:
    """Read a status object and our annotations, tolerantly: what cannot be read counts as absent."""
    found = status.get("operationState")
    return AppState(
        status=status,
        operation=OperationState.from_json(found) if isinstance(found, dict) and found.get("phase") else None,
        history=tuple(HistoryEntry.from_json(one) for one in status.get("history") or ()),
        conditions=tuple(Condition.from_json(one) for one in status.get("conditions") or ()),
        hold=hold_from_json(annotations.get(HOLD, "")),
        lease=_lease_from_json(annotations.get(OPERATION_LEASE, "")),
        resource_version=resource_version,
        annotations=annotations,
        requested=requested,
    )


def state_of_object(obj: Object) -> AppState:
    """What an Application object of the cluster tells."""
    asked, version = obj.get("operation"), str(metadata_of(obj).get("resourceVersion", ""))
    return state_of(obj.get("status") or {}, annotations_of(obj), version, asked if isinstance(asked, dict) else None)


def with_operation(state: AppState, operation: OperationState | None, lease: OperationLease | None) -> AppState:
    """The state with another operation and lease; the rest as it is."""
    status = dict(state.status)
    if operation is None:
        status.pop("operationState", None)
    else:
        status["operationState"] = operation.to_json()
    return replace(state, status=status, operation=operation, lease=lease)


def with_history(state: AppState, entry: HistoryEntry, limit: int) -> AppState:
    """The state with one more deployment, trimmed to the newest ``limit`` (0: none is kept)."""
    history = (*state.history, entry)[-limit:] if limit > 0 else ()
    status = {**state.status, "history": [one.to_json() for one in history]}
    return replace(state, status=status, history=history)


def next_history_id(state: AppState) -> int:
    return state.history[-1].id + 1 if state.history else 0


def with_hold(state: AppState, hold: Hold | None) -> AppState:
    return replace(state, hold=hold)


class ApplicationStore:
    """State in the Application object itself. ``live`` gives it as the watch last saw it."""

    def __init__(
        self,
        live: Callable[[Application], Object | None],
        writer: Writer | None,
        resource: ApiResource,
        fetch: Fetch | None = None,
    ) -> None:
        self._live = live
        self._writer = writer
        self._resource = resource
        self._fetch = fetch
        self._read: dict[AppKey, tuple[Object, AppState]] = {}

    def read(self, app: Application) -> AppState:
        """An object that did not change is not read again: it is asked for with every comparison."""
        obj = self._live(app) or app.raw
        known = self._read.get(app.key)
        if known is None or known[0] is not obj:
            known = self._read[app.key] = (obj, state_of_object(obj))
        return known[1]

    def latest(self, app: Application) -> AppState:
        found = self._fetch(self._resource, app.namespace, app.name) if self._fetch else None
        return self.read(app) if found is None else state_of_object(found)

    def write(self, app: Application, before: AppState, after: AppState, *, pinned: bool = False) -> AppState:
        """Patches only what differs: an unchanged state is no request. (The CRD has no status subresource.)"""
        metadata: dict[str, Any] = {}
        annotations = _annotation_changes(before, after)
        if annotations:
            metadata["annotations"] = annotations
        patch: dict[str, Any] = {"metadata": metadata} if metadata else {}
        status = merge_patch_between(dict(before.status), dict(after.status))
        if status:
            patch["status"] = status
        if before.requested != after.requested:
            patch["operation"] = after.requested
        if not patch:
            return after
        if pinned:
            patch.setdefault("metadata", {})["resourceVersion"] = before.resource_version
        return state_of_object(_need(self._writer).merge_patch(self._resource, app.namespace, app.name, patch))


class ConfigMapStore:
    """State in a ConfigMap an application, in the namespace of ``-n``."""

    def __init__(
        self,
        live: Callable[[str, str], Object | None],
        writer: Writer | None,
        resource: ApiResource,
        namespace: str,
        fetch: Fetch | None = None,
    ) -> None:
        self._live = live
        self._writer = writer
        self._resource = resource
        self._fetch = fetch
        self._namespace = namespace

    def name_of(self, app: Application) -> str:
        """With the Application's own namespace where that is another: names repeat (a namespace holds no dot)."""
        return f"gitops-tui-{app.name if app.namespace == self._namespace else f'{app.namespace}.{app.name}'}"

    def read(self, app: Application) -> AppState:
        return self._read(self._live(self._namespace, self.name_of(app)))

    def _read(self, obj: Object | None) -> AppState:
        if obj is None:
            return AppState({})
        data = obj.get("data") or {}
        known = {HOLD: str(data.get("hold") or ""), OPERATION_LEASE: str(data.get("lease") or "")}
        return state_of(_json_object(data.get("status", "")), known, str(metadata_of(obj).get("resourceVersion", "")))

    def latest(self, app: Application) -> AppState:
        found = self._fetch(self._resource, self._namespace, self.name_of(app)) if self._fetch else None
        return self.read(app) if self._fetch is None else self._read(found)

    def write(self, app: Application, before: AppState, after: AppState, *, pinned: bool = False) -> AppState:
        """Patches only what differs, as in an Application: two instances may write a hold, an operation and its end.

        The status is one text here. Where somebody wrote meanwhile, what differs is put into what stands there now.
        """
        writer = _need(self._writer)
        if not before.resource_version:
            return self._read(self._create(writer, app, _config_data(after)))
        for _ in range(WRITE_ATTEMPTS):
            try:
                return self._patched(writer, app, before, after, pinned=pinned)
            except Conflict:
                if pinned:
                    raise
                before, after = _rebased(before, after, self.latest(app))
        return self._patched(writer, app, before, after, pinned=False)

    def _patched(
        self, writer: Writer, app: Application, before: AppState, after: AppState, *, pinned: bool
    ) -> AppState:
        """A status is only put in the place of the one that it was made from. Raises `Conflict`."""
        stood = _config_data(before)
        changed = {key: text for key, text in _config_data(after).items() if stood.get(key) != text}
        if not changed:
            return after
        patch: dict[str, Any] = {"data": changed}
        if pinned or "status" in changed:
            patch["metadata"] = {"resourceVersion": before.resource_version}
        return self._read(writer.merge_patch(self._resource, self._namespace, self.name_of(app), patch))

    def _create(self, writer: Writer, app: Application, data: Mapping[str, str]) -> Object:
        """Somebody else was first where it is there by now: a `Conflict` like any other."""
        try:
            return self._created(writer, app, data)
        except AlreadyExists as error:
            raise Conflict(error.message, code=error.code, reason=error.reason, hint=error.hint) from error

    def _created(self, writer: Writer, app: Application, data: Mapping[str, str]) -> Object:
        try:
            return writer.create(self._resource, self._manifest(app, data))
        except NotFound as error:
            raise OperationError(
                f"the state of {app.name} is kept in the namespace {self._namespace}, which is not there",
                hint=f"Create it (kubectl create namespace {self._namespace}), or name another with -n.",
            ) from error

    def _manifest(self, app: Application, data: Mapping[str, str]) -> Object:
        labels = {**MANAGED_BY, APPLICATION_LABEL: app.name}
        metadata = {"name": self.name_of(app), "namespace": self._namespace, "labels": labels}
        return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": dict(data)}


class Unrecorded:
    """For an Application that Argo CD reconciles: what stands there is read, and nothing of ours is written to it."""

    def __init__(self, store: StateStore) -> None:
        self._store = store

    def read(self, app: Application) -> AppState:
        return self._store.read(app)

    def latest(self, app: Application) -> AppState:
        return self._store.latest(app)

    def write(self, app: Application, before: AppState, after: AppState, *, pinned: bool = False) -> AppState:
        del app, before, pinned
        return after


def _rebased(before: AppState, after: AppState, found: AppState) -> tuple[AppState, AppState]:
    """What stands there now, and the same with what was to differ from ``before``."""
    status = merge_patch(found.status, merge_patch_between(dict(before.status), dict(after.status)))
    hold = found.hold if before.hold == after.hold else after.hold
    lease = found.lease if before.lease == after.lease else after.lease
    return found, replace(found, status=status, hold=hold, lease=lease)


def _config_data(state: AppState) -> dict[str, str]:
    return {
        "status": json.dumps(state.status, sort_keys=True),
        "hold": hold_to_json(state.hold),
        "lease": lease_to_json(state.lease),
    }


# --- holds and leases as text ------------------------------------------------------------------------------------


def hold_to_json(hold: Hold | None) -> str:
    if hold is None:
        return ""
    times = {"since": _stamp(hold.since), "expires": _stamp(hold.expires) if hold.expires else ""}
    return json.dumps({"owner": hold.owner, "reason": hold.reason, **times})


def hold_from_json(text: str) -> Hold | None:
    """What stands there and cannot be read is a hold, too: somebody meant to stop automation."""
    if not text.strip():
        return None
    found = _json_object(text)
    since = parse_time(found.get("since"))
    if since is None:
        return Hold("somebody", text.strip()[:200], UNKNOWN_TIME)
    return Hold(str(found.get("owner", "")), str(found.get("reason", "")), since, parse_time(found.get("expires")))


def lease_to_json(lease: OperationLease | None) -> str:
    if lease is None:
        return ""
    return json.dumps({"holder": lease.holder, "user": lease.user, "expires": _stamp(lease.expires)})


def _lease_from_json(text: str) -> OperationLease | None:
    found = _json_object(text)
    expires = parse_time(found.get("expires"))
    return OperationLease(str(found.get("holder", "")), str(found.get("user", "")), expires) if expires else None


def _annotation_changes(before: AppState, after: AppState) -> dict[str, str | None]:
    """What of our annotations differs; None removes one."""
    changes: dict[str, str | None] = {}
    if before.hold != after.hold:
        changes[HOLD] = hold_to_json(after.hold) or None
    if before.lease != after.lease:
        changes[OPERATION_LEASE] = lease_to_json(after.lease) or None
    return changes


def _need(writer: Writer | None) -> Writer:
    if writer is None:
        raise ReadOnlyError("read-only: nothing is written", hint="Start without --read-only to write.")
    return writer


def _json_object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
