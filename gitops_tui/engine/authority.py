"""Whether this instance may act by itself: it reconciles, it leads, and nobody else does it for the Application."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from gitops_tui.config import Settings
from gitops_tui.engine.argocd import (
    CONTROLLER,
    controller_lease,
    controller_workload,
    is_reconciled_by_another,
    was_renewed,
)
from gitops_tui.engine.board import Board
from gitops_tui.engine.leadership import LEASE_NAME, RENEW_S, Leadership
from gitops_tui.engine.operations import APPLICATION
from gitops_tui.engine.record import Record
from gitops_tui.engine.session import Session
from gitops_tui.engine.why import held_by
from gitops_tui.errors import ClusterError, NotFound
from gitops_tui.logs import logger
from gitops_tui.model.annotations import SKIP_RECONCILE
from gitops_tui.model.application import Application
from gitops_tui.model.catalogue import Code
from gitops_tui.model.decision import Decision
from gitops_tui.model.resource import Object, ResourceKey
from gitops_tui.model.snapshot import Mode

ARGO_CD = "Argo CD"
WORKLOADS = (("apps", "StatefulSet"), ("apps", "Deployment"))
LOOK_EVERY_S = 1.0
"""All workloads are looked through for Argo CD's controller at most this often."""
LEASES_EVERY = 6
"""Argo CD's Lease is looked for with every sixth renewal of ours: it is not watched."""


class Authority:
    """Renews our Lease on a thread of its own while we reconcile; answers from memory."""

    def __init__(
        self, settings: Settings, session: Session, board: Board, clock: Callable[[], datetime], *, reconciles: bool
    ) -> None:
        self._settings = settings
        self._session = session
        self._board = board
        self._clock = clock
        self._reconciles = reconciles
        self._leadership: Leadership | None = None
        self._argocd_lease = ""
        self._argocd_workload = ""
        self._looked_until = 0.0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="authority", daemon=True)

    def start(self, *, namespace: str, holder: str, changed: Callable[[], None]) -> None:
        """``changed`` is called when we begin or cease to lead, or Argo CD comes or goes."""
        lease = self._session.discovery.find("coordination.k8s.io", "Lease")
        self._changed = changed
        self._namespace = namespace
        if self._reconciles and self._session.writer is not None and lease is not None:
            self._leadership = Leadership(
                self._session.reader,
                self._session.writer,
                lease,
                namespace=namespace,
                holder=holder,
                clock=self._clock,
            )
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(2)
        if self._leadership is not None:
            self._leadership.give_back()

    @property
    def is_leading(self) -> bool:
        return self._leadership is not None and self._leadership.is_leading

    def may_act_on(self, app: Application) -> bool:
        """Whether we reconcile this object of the cluster: read, judged, written, as far as nobody else does."""
        return app.origin.in_cluster and self.is_leading and not is_skipped(app)

    def may_tell_of(self, app: Application) -> bool:
        """Whether an observer may write what its own sync brought about, unless `is_led_elsewhere`."""
        return app.origin.in_cluster and not self._reconciles and not is_skipped(app)

    def is_led_elsewhere(self) -> bool:
        """Whether another instance holds our Lease. Asks the server; what cannot be asked counts as yes."""
        try:
            found = self._lease(LEASE_NAME)
        except ClusterError:
            return True
        holder = (found.get("spec") or {}).get("holderIdentity") if found is not None else ""
        return found is not None and bool(holder) and was_renewed(found, self._clock())

    def argocd(self) -> str:
        """Where an application controller of Argo CD is alive, or empty."""
        cache = self._session.cache
        now = time.monotonic()
        if now >= self._looked_until:
            workloads = (obj for group, kind in WORKLOADS for obj in cache.objects(group, kind))
            self._argocd_workload = controller_workload(workloads)
            self._looked_until = now + LOOK_EVERY_S
        return self._argocd_workload or self._argocd_lease

    def managed_by(self, app: Application) -> str:
        """``Argo CD`` where its controller is alive for this Application; empty: ours to reconcile."""
        standing = self._standing(app)
        if standing is None:
            return ""
        if self.argocd() or is_reconciled_by_another(standing, self._settings.field_manager, self._clock()):
            return ARGO_CD
        return ""

    def _standing(self, app: Application) -> Application | None:
        """The Application as the cluster has it: a file may declare the very one that Argo CD reconciles here."""
        if app.origin.in_cluster:
            return app
        live = self._session.cache.get(ResourceKey(*APPLICATION, app.namespace, app.name))
        return replace(app, raw=live) if live is not None else None

    def why_not(self, record: Record, now: datetime) -> Decision | None:
        """Why automation may not act on the application; None: it may."""
        if not self._reconciles:
            return Decision(Code.OBSERVING)
        if record.managed_by:
            return Decision(Code.NOT_ALONE, {"owner": record.managed_by})
        if is_skipped(record.app):
            return Decision(Code.SKIPPED, {"annotation": SKIP_RECONCILE})
        if not self.is_leading:
            leader = self._leadership.leader if self._leadership else ""
            return Decision(Code.NOT_LEADING, {"owner": leader or "another instance"})
        hold = record.state.hold
        if hold is not None and hold.is_active(now):
            return held_by(hold)
        return None

    def show(self) -> None:
        """Put the mode on the board."""
        argocd = self.argocd()
        if self._session.writer is None:
            self._board.put_mode(Mode.READ_ONLY, f"{ARGO_CD} reconciles here ({argocd})" if argocd else "")
        elif argocd:
            self._board.put_mode(Mode.OBSERVING, f"{ARGO_CD} reconciles here ({argocd})")
        elif self._reconciles and not self.is_leading:
            leader = self._leadership.leader if self._leadership else ""
            self._board.put_mode(Mode.OBSERVING, f"{leader or 'another instance'} reconciles here")
        else:
            self._board.put_mode(Mode.RECONCILING if self._reconciles else Mode.OBSERVING)

    def _keep(self) -> None:
        rounds = 0
        known: tuple[bool, str] | None = None
        while True:
            self._look(rounds)
            rounds += 1
            now = (self.is_leading, self.argocd())
            if now != known:
                known = now
                self.show()
                self._changed()
            if self._stopping.wait(RENEW_S):
                return

    def _look(self, rounds: int) -> None:
        try:
            if self._leadership is not None:
                self._leadership.renew()
            if rounds % LEASES_EVERY == 0:
                self._argocd_lease = self._lease_of_argocd()
        except Exception:  # noqa: BLE001 - without this thread nobody would lead, and nobody would know
            logger(__name__).exception("looking at the leases failed")

    def _lease_of_argocd(self) -> str:
        """What could not be asked stays as it was known: an error is no sign that nobody is there."""
        try:
            found = self._lease(CONTROLLER)
        except ClusterError:
            return self._argocd_lease
        return controller_lease([found], self._clock()) if found is not None else ""

    def _lease(self, name: str) -> Object | None:
        """As the server has it, since Leases are not watched; None where there is none. `ClusterError`."""
        lease = self._session.discovery.find("coordination.k8s.io", "Lease")
        if lease is None:
            return None
        try:
            return self._session.reader.get(lease, self._namespace, name)
        except NotFound:
            return None


def is_skipped(app: Application) -> bool:
    """``skip-reconcile``, as Go reads a boolean: the controller leaves the Application as it is (semantics 1.1)."""
    return app.annotations.get(SKIP_RECONCILE, "") in ("1", "t", "T", "true", "TRUE", "True")
