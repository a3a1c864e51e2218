"""60 applications of 30 objects, all synced from nothing by ``gitops-tui controller``.

Beside it the same objects by ``kubectl apply``, which neither watches nor records anything: what this API server takes.
"""

from __future__ import annotations

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
        began = time.perf_counter()
        bed.kubectl("apply", "--server-side", "-f", str(manifest))
        all_synced = applications.when(lambda found: len(found) == APPS and all(map(is_synced, found.values())))
        ended = all_synced.result(PATIENCE_S)
        used_s, held_mb = cpu_s(controller.pid), peak_mb(controller.pid)
        applications.close()
    alone_s = _applied_by_kubectl(bed, names)
    work = f"{APPS} applications x {3 * TRIPLES} objects synced from nothing"
    return [
        published(work, ended - began, WALL_S, 1 / 3, unit="s", whose="Argo CD"),
        Row("... the same objects applied by kubectl, one after the other", "", f"{alone_s:.0f} s kubectl apply"),
        published("... processor time", used_s, CPU_S, 1 / 3, unit="CPU s", whose="Argo CD"),
        published("... peak memory", held_mb, PEAK_MB, 1 / 3, unit="MB", whose="Argo CD"),
    ]


def _applied_by_kubectl(bed: Bed, names: list[str]) -> float:
    """Seconds, without those for the namespaces."""
    spent_s = 0.0
    for name in names:
        namespace = f"{bed.prefix}-alone-{name.rpartition('-')[2]}"
        bed.kubectl("create", "namespace", namespace)
        where = str(bed.repository / name)
        spent_s += bed.kubectl("-n", namespace, "apply", "--server-side", "-f", where).wall_s
    return spent_s
