"""600 objects from nothing: one sync beside ``kubectl apply --server-side``, each with the start of its process.

The Deployments ask for no pods: those would keep the control plane busy long after they were created.
"""

from __future__ import annotations

from tests.bench.bed import TRIPLES, Bed
from tests.bench.manifests import write_triples
from tests.bench.rows import Row, compared, median, spread

RUNS = 3


def run(bed: Bed) -> list[Row]:
    bed.commit(lambda tree: write_triples(tree / "all", TRIPLES, replicas=0))
    bed.kubectl("create", "namespace", bed.prefix)
    ours, theirs = [], []
    for turn in range(RUNS):
        with bed.namespace(f"ours-{turn}") as namespace:
            (bed.dir / "apps" / "all.yaml").write_text(bed.application(namespace, "all", namespace))
            ours.append(bed.ours("app", "sync", namespace, "--timeout", "120"))
        with bed.namespace(f"theirs-{turn}") as namespace:
            where = str(bed.repository / "all")
            theirs.append(bed.kubectl("-n", namespace, "apply", "--server-side", "-f", where))
    return [
        compared(
            "create 600 objects by one sync",
            median(one.wall_s for one in ours),
            median(one.wall_s for one in theirs),
            1,
            unit="s",
            against="kubectl apply --server-side",
            note=spread([one.wall_s for one in ours]),
        ),
        compared(
            "create 600 objects: processor time",
            median(one.cpu_s for one in ours),
            median(one.cpu_s for one in theirs),
            1,
            unit="CPU s",
            against="kubectl apply --server-side",
        ),
    ]
