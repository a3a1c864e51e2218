"""60 applications of 30 objects, all synced from nothing by ``gitops-tui controller``.

Beside it the same objects by ``kubectl apply``, which neither watches nor records anything: what this API server takes.
"""

from __future__ import annotations

import os
import time

from tests.bench.bed import Bed
from tests.bench.controller import APPLICATIONS, Watched, is_synced, running
from tests.bench.manifests import write_triples
from tests.bench.measure import cpu_s, peak_mb
from tests.bench.rows import Row, published

APPS, TRIPLES, PATIENCE_S = 60, 10, 150.0
WALL_S, CPU_S, PEAK_MB = 115, 142, 660
"""Argo CD on such a machine, in four processes."""


def run(bed: Bed) -> list[Row]:
    names = [f"{bed.prefix}-{number:02}" for number in range(APPS)]
    bed.commit(lambda tree: [write_triples(tree / name, TRIPLES) for name in names])
    bed.kubectl("create", "namespace", bed.prefix)
    manifest = bed.dir / "applications.yaml"
    manifest.write_text("---\n".join(bed.application(name, name, name, automated=True) for name in names))
    with running(bed) as controller:
        applications = Watched(bed.cluster, APPLICATIONS, bed.prefix)
        began, before_s = time.perf_counter(), _control_plane_s(bed)
        bed.kubectl("apply", "--server-side", "-f", str(manifest))
        all_synced = applications.when(lambda found: len(found) == APPS and all(map(is_synced, found.values())))
        ended = all_synced.result(PATIENCE_S)
        used_s, held_mb = cpu_s(controller.pid), peak_mb(controller.pid)
        served_s = _control_plane_s(bed) - before_s
        applications.close()
    alone_s = _applied_by_kubectl(bed, names)
    work = f"{APPS} applications x {3 * TRIPLES} objects synced from nothing"
    return [
        published(work, ended - began, WALL_S, 1 / 3, unit="s", whose="Argo CD"),
        Row("... what the control plane itself used meanwhile", "", _least(served_s)),
        Row("... the same objects applied by kubectl, one after the other", "", f"{alone_s:.0f} s kubectl apply"),
        published("... processor time", used_s, CPU_S, 1 / 3, unit="CPU s", whose="Argo CD"),
        published("... peak memory", held_mb, PEAK_MB, 1 / 3, unit="MB", whose="Argo CD"),
    ]


def _control_plane_s(bed: Bed) -> float:
    """Processor time of the API server, etcd, the controllers and kwok so far."""
    return sum(cpu_s(pid) for pid in bed.cluster.pids)


def _least(served_s: float) -> str:
    """Nobody who syncs can be done before these processes are: they share the cores with whoever asks them."""
    cores = os.cpu_count() or 1
    return f"{served_s:.0f} CPU s on {cores} cores: {served_s / cores:.0f} s at least"


def _applied_by_kubectl(bed: Bed, names: list[str]) -> float:
    """Seconds, without those for the namespaces."""
    spent_s = 0.0
    for name in names:
        namespace = f"{bed.prefix}-alone-{name.rpartition('-')[2]}"
        bed.kubectl("create", "namespace", namespace)
        where = str(bed.repository / name)
        spent_s += bed.kubectl("-n", namespace, "apply", "--server-side", "-f", where).wall_s
    return spent_s
