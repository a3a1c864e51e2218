"""Events about Applications, for ``kubectl describe`` and whoever watches them: what was begun, what came of it.

Reasons and words are Argo CD's (``util/argo/audit_logger.go``, ``controller/appcontroller.go``); the component is ours.
They are written by an instance that reconciles, or that runs the operation; only about Applications that are objects
of the cluster. A cluster that does not allow it is asked once a namespace.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from msgspec import Struct

from gitops_tui.cluster.discovery import ApiResource
from gitops_tui.cluster.writer import Writer
from gitops_tui.engine.counted import KUBERNETES_EVENTS
from gitops_tui.engine.eventlimit import EventLimit, Written
from gitops_tui.engine.operations import APPLICATION
from gitops_tui.engine.pool import Pool
from gitops_tui.engine.session import Session
from gitops_tui.engine.tally import Tally
from gitops_tui.errors import ClusterError, Forbidden, NotFound
from gitops_tui.logs import logger
from gitops_tui.model.application import API_VERSION, AppKey, Application
from gitops_tui.model.operation import OperationState, stamp
from gitops_tui.model.resource import Object, ResourceKey, metadata_of
from gitops_tui.model.snapshot import AppView
from gitops_tui.model.status import ConditionType, OperationPhase

COMPONENT = "gitops-tui"
NORMAL, WARNING = "Normal", "Warning"
LONGEST = 1000
"""Kubernetes allows 1024 bytes of a message."""


class Happening(Struct, frozen=True):
    """What an Event says."""

    type: str
    reason: str
    message: str


class _Told(Struct, frozen=True):
    """Of which status an Application's Events told last."""

    sync: str
    health: str
    deletion_error: str = ""


class Audit:
    """Called from any thread; writes on the pool's."""

    def __init__(
        self,
        home: Session,
        pool: Pool,
        tally: Tally,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._home = home
        self._pool = pool
        self._tally = tally
        self._clock = clock
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._limit = EventLimit()
        self._refused: set[str] = set()
        self._told: dict[AppKey, _Told] = {}

    # --- what happens
    def status(self, view: AppView) -> None:
        """Of an Application that we reconcile: its sync or health is another one, or its deletion fails."""
        errors = [one.message for one in view.conditions if one.type == ConditionType.DELETION_ERROR.value]
        now = _Told(view.sync.value, view.health.status.value, errors[0] if errors else "")
        before = self._told.get(view.key) or _told_by(view.app)
        self._told[view.key] = now
        for happening in changes(before, now):
            self.tell(view.app, happening)

    def forget(self, key: AppKey) -> None:
        self._told.pop(key, None)

    def started(self, app: Application, state: OperationState, revisions: tuple[str, ...]) -> None:
        self.tell(app, operation_started(app, state, revisions))

    def ended(self, app: Application, state: OperationState) -> None:
        self.tell(app, operation_completed(state))

    def acted(self, app: Application, who: str, action: str, key: ResourceKey) -> None:
        """A person ran an action on one of its objects; the object's own Event is `engine.acting`'s."""
        words = f"{who} ran action {action} on resource {key.group}/{key.kind}/{key.name}"
        self.tell(app, Happening(NORMAL, "ResourceActionRan", words))

    # --- writing
    def tell(self, app: Application, happening: Happening) -> None:
        """Write an Event soon, unless there were too many about the Application."""
        if not app.origin.in_cluster or self._home.writer is None or app.namespace in self._refused:
            return
        happening = Happening(happening.type, happening.reason, _clipped(happening.message))
        name = f"{app.name[:200]}.{time.time_ns():x}"
        words = (happening.type, happening.reason, happening.message)
        with self._lock:
            found = self._limit.admit(app.uid or str(app.key), words, name, self._monotonic())
        if found is None:
            self._tally.add(KUBERNETES_EVENTS, "dropped")
            return
        self._pool.submit(partial(self._write, app, happening, *found))

    def _write(self, app: Application, happening: Happening, written: Written, is_new: bool) -> None:
        resource, writer = self._home.discovery.find("", "Event"), self._home.writer
        if resource is None or writer is None:
            return
        try:
            self._send(resource, writer, app, happening, written, is_new)
            self._tally.add(KUBERNETES_EVENTS, "written" if is_new else "merged")
        except Forbidden as error:
            if app.namespace not in self._refused:
                self._refused.add(app.namespace)
                logger(__name__).warning("no Events are written in %s: %s", app.namespace, error)
        except ClusterError as error:
            with self._lock:
                self._limit.gone(written)
            self._tally.add(KUBERNETES_EVENTS, "failed")
            logger(__name__).info("an Event about %s is not written: %s", app.key, error)

    def _send(
        self, resource: ApiResource, writer: Writer, app: Application, happening: Happening, written: Written, new: bool
    ) -> None:
        if not new:
            patch = {"count": written.count, "lastTimestamp": stamp(self._clock())}
            try:
                writer.merge_patch(resource, app.namespace, written.name, patch)
                return
            except NotFound:  # Events live for an hour
                pass
        live = self._home.cache.get(ResourceKey(*APPLICATION, app.namespace, app.name)) or app.raw
        writer.create(resource, event_of(live, app, happening, written, self._clock()))


def event_of(live: Object, app: Application, happening: Happening, written: Written, now: datetime) -> Object:
    """A core/v1 Event. ``live``: the Application as it stands, for its identity."""
    metadata = metadata_of(live)
    about = {
        "apiVersion": API_VERSION,
        "kind": "Application",
        "namespace": app.namespace,
        "name": app.name,
        "uid": str(metadata.get("uid") or app.uid),
        "resourceVersion": str(metadata.get("resourceVersion") or app.resource_version),
    }
    at = stamp(now.astimezone(UTC))
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {
            "name": written.name,
            "namespace": app.namespace,
            "annotations": {"dest-server": app.destination.server, "dest-namespace": app.destination.namespace},
        },
        "involvedObject": about,
        "source": {"component": COMPONENT},
        "type": happening.type,
        "reason": happening.reason,
        "message": happening.message,
        "firstTimestamp": at,
        "lastTimestamp": at,
        "count": written.count,
    }


def changes(before: _Told, now: _Told) -> list[Happening]:
    found = []
    if before.sync != now.sync:
        found.append(Happening(NORMAL, "ResourceUpdated", f"Updated sync status: {before.sync} -> {now.sync}"))
    if before.health != now.health:
        found.append(Happening(NORMAL, "ResourceUpdated", f"Updated health status: {before.health} -> {now.health}"))
    if now.deletion_error and before.deletion_error != now.deletion_error:
        message = f"Unable to delete application resources: {now.deletion_error}"
        found.append(Happening(WARNING, "StatusRefreshed", message))
    return found


def operation_started(app: Application, state: OperationState, revisions: tuple[str, ...]) -> Happening:
    """Automation names commits; of a person's the revision is told as it was asked for."""
    operation = state.operation
    commits = ", ".join(revisions)
    if operation.initiated_by.automated:
        return Happening(NORMAL, "OperationStarted", f"Initiated automated sync to '{commits}'")
    who = operation.initiated_by.username or "Unknown user"
    partial_ = "partial " if operation.resources else ""
    if operation.manifests:
        return Happening(NORMAL, "OperationStarted", f"{who} initiated {partial_}sync locally")
    asked = operation.revision or app.source.target_revision or "HEAD"
    where = commits if asked == commits else f"{asked} ({commits})"
    return Happening(NORMAL, "OperationStarted", f"{who} initiated {partial_}sync to {where}")


def operation_completed(state: OperationState) -> Happening:
    words = ["Partial sync operation" if state.operation.resources else "Sync operation"]
    result = state.sync_result
    if result is not None and (result.revision or result.revisions):
        words += ["to", result.revision or ", ".join(result.revisions)]
    if state.phase is OperationPhase.SUCCEEDED:
        return Happening(NORMAL, "OperationCompleted", " ".join([*words, "succeeded"]))
    return Happening(WARNING, "OperationCompleted", " ".join([*words, "failed:", state.message]))


def _told_by(app: Application) -> _Told:
    """After a start: what the status said before, so that nothing is told twice."""
    status = app.raw.get("status") or {}
    errors = [one for one in status.get("conditions") or () if one.get("type") == ConditionType.DELETION_ERROR.value]
    return _Told(
        str((status.get("sync") or {}).get("status") or ""),
        str((status.get("health") or {}).get("status") or ""),
        str(errors[0].get("message") or "") if errors else "",
    )


def _clipped(message: str) -> str:
    content = message.encode("utf-8", "replace")
    return message if len(content) <= LONGEST else content[:LONGEST].decode("utf-8", "ignore") + "…"
