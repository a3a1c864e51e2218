"""The finalizers of an Application whose source has ``PreDelete`` or ``PostDelete`` hooks (semantics 1.12).

They have to be there before somebody deletes it, so they are kept with every comparison. Source: Argo CD
``controller/appcontroller.go``, processAppRefreshQueueItem.
"""

from __future__ import annotations

from gitops_tui.engine.authority import Authority
from gitops_tui.engine.operations import APPLICATION
from gitops_tui.engine.pool import Pool
from gitops_tui.engine.record import Record
from gitops_tui.engine.session import Session
from gitops_tui.errors import ClusterError
from gitops_tui.logs import logger
from gitops_tui.model.annotations import SKIP_RECONCILE
from gitops_tui.model.application import AppKey, Application
from gitops_tui.model.resource import Object
from gitops_tui.sync.deletion import with_hook_finalizers


class HookFinalizers:
    """Called on the core's thread; writes on a thread of the pool, once a version of the Application."""

    def __init__(self, home: Session, authority: Authority, pool: Pool) -> None:
        self._home = home
        self._authority = authority
        self._pool = pool
        self._tried: dict[AppKey, str] = {}

    def keep(self, record: Record) -> None:
        app = record.app
        if record.comparison is None or record.error is not None or not self._may_write(record):
            return
        wanted = with_hook_finalizers(app.finalizers, record.comparison.targets.delete_hooks)
        if wanted != app.finalizers and self._tried.get(record.key) != app.resource_version:
            self._tried[record.key] = app.resource_version
            self._pool.submit(lambda: self._write(app, wanted))

    def _may_write(self, record: Record) -> bool:
        app = record.app
        is_ours = app.origin.in_cluster and not app.deletion_timestamp and not record.managed_by
        return is_ours and self._authority.is_leading and app.annotations.get(SKIP_RECONCILE) != "true"

    def _write(self, app: Application, wanted: tuple[str, ...]) -> None:
        """Nothing but what was read is written over: a conflict is looked at with the next comparison."""
        resource = self._home.discovery.find(*APPLICATION)
        if resource is None or self._home.writer is None:
            return
        patch: Object = {"metadata": {"finalizers": list(wanted), "resourceVersion": app.resource_version}}
        try:
            self._home.writer.merge_patch(resource, app.namespace, app.name, patch)
        except ClusterError as error:
            logger(__name__).info("the finalizers of %s are not written: %s", app.key, error)
