"""Controllers for the embedded cluster: what follows from Deployments, StatefulSets, DaemonSets, Jobs, claims.

They write as the real ones do (the same managers, conditions, Events), through the same `Store`, and only what
differs: a settled cluster writes nothing, and objects that were seeded in a settled state stay as they are.
Containers are make-believe; see `containers` for what decides whether one runs, crashes or cannot be pulled.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from gitops_tui.sandbox.controllers.claims import AddressController, VolumeController
from gitops_tui.sandbox.controllers.cluster import (
    CLAIMS,
    CRON_JOBS,
    DAEMON_SETS,
    DEPLOYMENTS,
    INGRESSES,
    JOBS,
    PODS,
    REPLICA_SETS,
    SERVICES,
    STATEFUL_SETS,
    Cluster,
)
from gitops_tui.sandbox.controllers.containers import DURATION
from gitops_tui.sandbox.controllers.cronjob import CronJobController
from gitops_tui.sandbox.controllers.daemonset import DaemonSetController
from gitops_tui.sandbox.controllers.deployment import DeploymentController
from gitops_tui.sandbox.controllers.events import Recorder
from gitops_tui.sandbox.controllers.job import JobController
from gitops_tui.sandbox.controllers.kubelet import Kubelet
from gitops_tui.sandbox.controllers.loop import Loop, Reconciler
from gitops_tui.sandbox.controllers.replicaset import ReplicaSetController
from gitops_tui.sandbox.controllers.scheduler import NODE, furnish
from gitops_tui.sandbox.controllers.statefulset import StatefulSetController
from gitops_tui.sandbox.controllers.templates import template_hash
from gitops_tui.sandbox.store import Store

__all__ = ["DURATION", "NODE", "Controllers", "start", "template_hash"]


class Controllers:
    """Made but not running: `start` runs them on a thread of their own, `loop` moves them by hand."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self._cluster = Cluster(store)
        furnish(self._cluster)
        self.loop = Loop(self._cluster, self._reconcilers(store, clock), clock)

    def _reconcilers(self, store: Store, clock: Callable[[], float]) -> Mapping[str, Reconciler]:
        cluster, recorder = self._cluster, Recorder(store)
        addresses = AddressController(cluster)
        return {
            DEPLOYMENTS: DeploymentController(cluster, recorder).reconcile,
            REPLICA_SETS: ReplicaSetController(cluster, recorder).reconcile,
            STATEFUL_SETS: StatefulSetController(cluster, recorder).reconcile,
            DAEMON_SETS: DaemonSetController(cluster, recorder).reconcile,
            JOBS: JobController(cluster, recorder).reconcile,
            CRON_JOBS: CronJobController(cluster, recorder).reconcile,
            PODS: Kubelet(cluster, recorder, clock).reconcile,
            CLAIMS: VolumeController(cluster, recorder).reconcile,
            SERVICES: addresses.reconcile,
            INGRESSES: addresses.reconcile,
        }

    def start(self) -> None:
        self.loop.start()

    def stop(self) -> None:
        """Idempotent."""
        self.loop.stop()
        self._cluster.close()


def start(store: Store) -> Controllers:
    """Running controllers over ``store``."""
    found = Controllers(store)
    found.start()
    return found
