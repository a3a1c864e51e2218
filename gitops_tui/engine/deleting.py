"""An Application that is being deleted takes its objects with it, where its finalizer says so (semantics 1.12).

Wave after wave from the highest, each object saved first; then the finalizer goes. ``PreDelete`` and ``PostDelete``
hooks are not run (docs/compatibility.md).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from gitops_tui.engine.authority import Authority
from gitops_tui.engine.board import Board
from gitops_tui.engine.compare import Comparison, app_instance
from gitops_tui.engine.operations import APPLICATION
from gitops_tui.engine.pool import Pool
from gitops_tui.engine.record import Record
from gitops_tui.engine.saved import SavedObjects
from gitops_tui.engine.session import Session
from gitops_tui.errors import GitOpsError, NotFound
from gitops_tui.logs import logger
from gitops_tui.model.annotations import DELETION_APPROVED, RESOURCES_FINALIZER
from gitops_tui.model.application import AppKey, Application
from gitops_tui.model.operation import Condition, parse_time
from gitops_tui.model.resource import Object, ResourceKey, key_of, metadata_of, name_of, namespace_of
from gitops_tui.model.status import ConditionType
from gitops_tui.sync.deletion import holds_deletion, is_deleted_with, next_deletions
from gitops_tui.sync.options import parse_options

AGAIN_S = 1.0
PROPAGATION = {f"{RESOURCES_FINALIZER}/background": "Background", f"{RESOURCES_FINALIZER}/foreground": "Foreground"}


class Deleting:
    """Called on the core's thread after each comparison; requests go out on the pool, once at a time."""

    def __init__(
        self,
        home: Session,
        authority: Authority,
        saved: SavedObjects,
        pool: Pool,
        board: Board,
        clock: Callable[[], datetime],
    ) -> None:
        self._home = home
        self._authority = authority
        self._saved = saved
        self._pool = pool
        self._board = board
        self._clock = clock
        self._in_flight: set[AppKey] = set()

    def is_due(self, record: Record) -> bool:
        """Whether the Application waits for somebody to delete its objects."""
        return bool(record.app.deletion_timestamp) and bool(_finalizers(record.app))

    def consider(self, record: Record) -> float | None:
        """Take the next step; the seconds after which to look again, or None where nothing is to be done here."""
        now = self._clock()
        if not self.is_due(record) or record.key in self._in_flight or record.comparison is None:
            return None
        refused = self._authority.why_not(record, now)
        if refused is not None:
            record.because(*refused, now)
            return None
        if record.run is not None:
            record.run.terminate()  # what it applies now would have to be deleted again
            return AGAIN_S
        objects = self._left(record.comparison)
        if self._is_held(record.app, objects):
            words = f"waits for the annotation {DELETION_APPROVED} with a time after {record.app.deletion_timestamp}"
            record.standing = (Condition(ConditionType.DELETION_ERROR.value, words, now),)
            record.because("deletion-unconfirmed", words, now)
            return None
        record.because("deleting", f"{len(objects)} objects are deleted with the Application", now)
        if any(one.view.is_restricted for one in record.comparison.objects):
            record.because("deletion-unknown", "some of its kinds may not be read: the finalizer stays", now)
            return None
        self._in_flight.add(record.key)
        comparison = record.comparison
        self._pool.submit(lambda: self._step(comparison, objects))
        return AGAIN_S

    def _left(self, comparison: Comparison) -> list[Object]:
        """What carries the application's mark. An object that Git names but that nobody adopted, or that another
        application has, stays; so does the Application itself where it is one of its own objects."""
        options = parse_options(comparison.app.sync_policy.sync_options)
        marked = comparison.session.cache.indexed(app_instance(comparison.app, comparison.targets))
        own = {key_of(obj) for obj in marked} - {
            ResourceKey(*APPLICATION, comparison.app.namespace, comparison.app.name)
        }
        objects = [one for one in comparison.objects if one.target is not None or one.view.requires_pruning]
        live = [one.live for one in objects if one.live is not None and one.key in own]
        return [obj for obj in live if is_deleted_with(obj, options)]

    def _is_held(self, app: Application, objects: list[Object]) -> bool:
        options = parse_options(app.sync_policy.sync_options)
        if not any(holds_deletion(obj, options) for obj in objects):
            return False
        approved, since = parse_time(app.annotations.get(DELETION_APPROVED)), parse_time(app.deletion_timestamp)
        return approved is None or since is None or approved < since

    def _step(self, comparison: Comparison, objects: list[Object]) -> None:
        app = comparison.app
        try:
            if objects:
                for obj in next_deletions(objects):
                    self._delete(comparison, obj)
            else:
                self._let_go(app)
        except GitOpsError as error:
            logger(__name__).warning("the deletion of %s does not go on: %s", app.key, error)
        finally:
            self._in_flight.discard(app.key)

    def _delete(self, comparison: Comparison, obj: Object) -> None:
        session = comparison.session
        resource = session.resource_for(obj)
        if metadata_of(obj).get("deletionTimestamp") or resource is None or session.writer is None:
            return
        self._saved.save(comparison.app.key, obj)
        uid = str(metadata_of(obj).get("uid") or "")
        propagation = next((PROPAGATION[one] for one in comparison.app.finalizers if one in PROPAGATION), "Foreground")
        try:
            session.writer.delete(resource, namespace_of(obj), name_of(obj), propagation=propagation, uid=uid)
        except NotFound:
            return

    def _let_go(self, app: Application) -> None:
        """Take our finalizer off, leaving those of others; then the API server removes the Application."""
        resource = self._home.discovery.find(*APPLICATION)
        if resource is None or self._home.writer is None:
            return
        try:
            fresh = self._home.reader.get(resource, app.namespace, app.name)
            ours = _finalizers(app)
            kept = [one for one in metadata_of(fresh).get("finalizers") or () if one not in ours]
            version = metadata_of(fresh).get("resourceVersion")
            patch: Object = {"metadata": {"finalizers": kept, "resourceVersion": version}}
            self._home.writer.merge_patch(resource, app.namespace, app.name, patch)
        except NotFound:
            return
        self._board.note(app.key, "deleted with its objects", "operation")


def _finalizers(app: Application) -> tuple[str, ...]:
    return tuple(one for one in app.finalizers if one == RESOURCES_FINALIZER or one in PROPAGATION)
