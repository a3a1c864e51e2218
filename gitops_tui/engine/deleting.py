"""An Application that is being deleted takes its objects with it, where its finalizers say so (semantics 1.12).

What to do is `gitops_tui.sync.deletion_step`; here it is done, on threads of a pool, one step of an Application at a
time. Only the cluster is asked: an Application whose source is gone is deleted like any other, unless a finalizer says
that it has hooks, which only the source can tell.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime

from msgspec import Struct

from gitops_tui.engine.authority import Authority
from gitops_tui.engine.board import Board
from gitops_tui.engine.children import is_child
from gitops_tui.engine.operations import APPLICATION
from gitops_tui.engine.pool import Pool
from gitops_tui.engine.projects import EVERYTHING, Permits
from gitops_tui.engine.record import Record
from gitops_tui.engine.saved import SavedObjects
from gitops_tui.engine.session import Clusters, Session
from gitops_tui.engine.system import System
from gitops_tui.errors import AlreadyExists, Conflict, GitOpsError, InvalidSpecError, NotFound
from gitops_tui.logs import logger
from gitops_tui.model.annotations import DELETION_APPROVED
from gitops_tui.model.application import AppKey, Application
from gitops_tui.model.catalogue import Code
from gitops_tui.model.decision import Decision
from gitops_tui.model.operation import Condition, parse_time
from gitops_tui.model.resource import Object, ResourceKey, key_of, metadata_of, name_of, namespace_of
from gitops_tui.model.status import ConditionType, Health
from gitops_tui.sync.deletion import deletion_finalizers
from gitops_tui.sync.deletion_step import Deletion, DeletionStep, next_step
from gitops_tui.sync.options import parse_options
from gitops_tui.sync.tracking import app_of, instance_name, is_self_referenced

AGAIN_S = 1.0
PATIENT_S = 5.0
"""After an error, and where only a person can go on; a change of the Application is looked at sooner."""
READY_S = 60.0
UNREAD = ("loading", "restricted", "failing")
WAITING = (Code.DELETION_UNCONFIRMED, Code.DELETION_UNKNOWN)


class _Told(Struct, frozen=True):
    """What came of a step, for the core's thread."""

    step: DeletionStep
    of_version: str
    until: float
    """On the monotonic clock: nothing new is tried before, unless the Application changed."""


class Deleting:
    """`consider` runs on the core's thread; requests go out on the pools."""

    def __init__(
        self,
        clusters: Clusters,
        authority: Authority,
        saved: SavedObjects,
        pools: tuple[Pool, Pool],
        board: Board,
        clock: Callable[[], datetime],
        system: System,
        namespace: str,
        assess: Callable[[Object], Health | None],
        permits_of: Callable[[Application], Permits] = lambda _: EVERYTHING,
    ) -> None:
        """``pools``: for the steps themselves, and for the deletions of one step, side by side.

        ``assess`` judges the hooks, by the same scripts as everything else.
        """
        self._clusters = clusters
        self._authority = authority
        self._saved = saved
        self._steps, self._requests = pools
        self._board = board
        self._clock = clock
        self._system = system
        self._namespace = namespace
        self._assess = assess
        self._permits_of = permits_of
        self._in_flight: set[AppKey] = set()
        self._told: dict[AppKey, _Told] = {}

    def is_due(self, record: Record) -> bool:
        """Whether the Application waits for somebody to delete its objects."""
        return bool(record.app.deletion_timestamp) and bool(deletion_finalizers(record.app.finalizers))

    def consider(self, record: Record) -> float | None:
        """Take the next step; the seconds after which to look again, or None where nothing is to be done here."""
        now = self._clock()
        if not self.is_due(record):
            return None
        refused = self._authority.why_not(record, now)
        if refused is not None:
            record.decided(refused, now)
            return None
        if record.run is not None:
            record.run.terminate()  # what it applies now would have to be deleted again
            return AGAIN_S
        told = self._told.get(record.key)
        if told is not None:
            self._tell(record, told.step, now)
        rests = told is not None and told.of_version == record.app.resource_version and time.monotonic() < told.until
        if record.key not in self._in_flight and not rests:
            self._in_flight.add(record.key)
            app, hooks, unknown = record.app, *_hooks_of(record)
            self._steps.submit(lambda: self._step(app, hooks, unknown))
        return PATIENT_S if rests else AGAIN_S

    def forget(self, key: AppKey) -> None:
        self._told.pop(key, None)

    def _tell(self, record: Record, step: DeletionStep, now: datetime) -> None:
        record.decided(step.decision, now)
        kind = ConditionType.DELETION_ERROR.value
        record.standing = (Condition(kind, step.error, now),) if step.error else ()

    # --- one step, on a thread of the pool
    def _step(self, app: Application, hooks: tuple[Object, ...] | None, unknown: str) -> None:
        step = _failed("an error of our own ended the step")
        try:
            step = self._stepped(app, hooks, unknown)
        except GitOpsError as error:
            logger(__name__).warning("the deletion of %s does not go on: %s", app.key, error)
            step = _failed(error.with_hint, f"Unable to delete application: {error.with_hint}")
        except Exception:  # noqa: BLE001 - what nobody catches here would leave the Application for ever
            logger(__name__).exception("the deletion of %s does not go on", app.key)
        finally:
            waits = bool(step.error) or step.decision.code in WAITING
            rest_s = PATIENT_S if waits else 0.0
            self._told[app.key] = _Told(step, app.resource_version, time.monotonic() + rest_s)
            self._in_flight.discard(app.key)

    def _stepped(self, app: Application, hooks: tuple[Object, ...] | None, unknown: str) -> DeletionStep:
        finalizers = deletion_finalizers(app.finalizers)
        try:
            session = self._clusters.resolve(app.destination)
        except InvalidSpecError as error:
            self._let_go(app, finalizers)
            return DeletionStep(Decision(Code.DELETION_NO_CLUSTER, {"message": str(error)}))
        session.ready(READY_S)
        session.watch_in(app.destination.namespace, READY_S)
        unreadable = _unreadable(session, app)
        if unreadable:
            return DeletionStep(Decision(Code.DELETION_UNKNOWN, {"item": unreadable}))
        step = next_step(self._seen(app, session, finalizers, hooks, unknown))
        self._do(app, session, step)
        return step

    def _seen(
        self,
        app: Application,
        session: Session,
        finalizers: tuple[str, ...],
        hooks: tuple[Object, ...] | None,
        unknown: str,
    ) -> Deletion:
        since = parse_time(app.deletion_timestamp) or self._clock()
        approved = parse_time(app.annotations.get(DELETION_APPROVED))
        return Deletion(
            finalizers=finalizers,
            since=since,
            health=self._assess,
            live=tuple(self._live(app, session)),
            hooks=hooks,
            unknown_hooks=unknown,
            options=parse_options(app.sync_policy.sync_options),
            is_confirmed=approved is not None and approved >= since,
            own_key=ResourceKey(*APPLICATION, app.namespace, app.name),
        )

    def _live(self, app: Application, session: Session) -> Sequence[Object]:
        """What carries the application's mark; no copies of a mark, not what goes with its owner, and nothing that the
        project does not permit.
        """
        permits = self._permits_of(app)
        marked = session.cache.indexed(instance_name(app.key, self._namespace))
        found = (
            obj
            for obj in marked
            if is_self_referenced(obj, None, self._system.tracking) and permits.has_live(key_of(obj))
        )
        return sorted((obj for obj in found if not is_child(obj, session.cache)), key=key_of)

    # --- requests
    def _do(self, app: Application, session: Session, step: DeletionStep) -> None:
        for hook in step.create:
            self._create(app, session, hook)
        if step.delete:
            self._requests.map(lambda obj: self._delete(app, session, obj, step.propagation), step.delete)
        if step.release:
            self._let_go(app, step.release)

    def _create(self, app: Application, session: Session, hook: Object) -> None:
        """One that is there already is ours where it carries our mark: the watch is only behind."""
        resource = session.resource_for(hook)
        if resource is None or session.writer is None:
            kind = f"{hook.get('kind')} in {hook.get('apiVersion')}"
            raise NotFound(f"the cluster knows no kind {kind}", hint="Take the hook out of Git, or install its kind.")
        try:
            session.writer.create(resource, hook)
        except AlreadyExists:
            there = session.reader.get(resource, namespace_of(hook), name_of(hook))
            if app_of(there, self._system.tracking) != instance_name(app.key, self._namespace):
                raise

    def _delete(self, app: Application, session: Session, obj: Object, propagation: str) -> None:
        resource = session.resource_for(obj)
        if resource is None or session.writer is None:
            return
        self._saved.save(app.key, obj)
        uid = str(metadata_of(obj).get("uid") or "")
        try:
            session.writer.delete(resource, namespace_of(obj), name_of(obj), propagation=propagation, uid=uid)
        except (NotFound, Conflict):
            return  # gone already; where another object has its name now, the watch tells

    def _let_go(self, app: Application, released: Sequence[str]) -> None:
        """Take these finalizers off, leaving all others; without any the API server removes the Application."""
        home = self._clusters.home
        resource = home.discovery.find(*APPLICATION)
        if resource is None or home.writer is None:
            return
        try:
            fresh = home.reader.get(resource, app.namespace, app.name)
            kept = [one for one in metadata_of(fresh).get("finalizers") or () if one not in released]
            version = metadata_of(fresh).get("resourceVersion")
            patch: Object = {"metadata": {"finalizers": kept, "resourceVersion": version}}
            home.writer.merge_patch(resource, app.namespace, app.name, patch)
        except NotFound:
            return
        if not deletion_finalizers(kept):
            self._board.note(app.key, "deleted with its objects", "operation")


def _failed(message: str, error: str = "") -> DeletionStep:
    return DeletionStep(Decision(Code.DELETION_FAILED, {"message": message}), error=error)


def _hooks_of(record: Record) -> tuple[tuple[Object, ...] | None, str]:
    """The delete hooks as the source has them now, or None with what keeps it from being read."""
    if record.error is not None:
        return None, record.error.with_hint
    if record.is_reported:
        return None, f"{record.not_rendered} sources are not rendered here"
    return (record.targets.delete_hooks, "") if record.targets is not None else (None, "")


def _unreadable(session: Session, app: Application) -> str:
    """The kinds of the application, by its status, that may not or cannot be read: of these nothing is known."""
    listed = (app.raw.get("status") or {}).get("resources") or ()
    keys = {(str(one.get("group") or ""), str(one.get("kind")), str(one.get("namespace") or "")) for one in listed}
    return ", ".join(sorted({key[1] for key in keys if session.cache.state(*key).word in UNREAD}))
