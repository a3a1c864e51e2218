"""``python -m tests.bench [NAME ...]``: measure, and print each figure beside its yardstick from the same run.

On a control plane of its own, or on the one that ``GITOPS_TUI_BENCH_CLUSTER`` names. Nothing is asserted: figures are
for reading, and a machine that is busy with something else is no fault of the program.
"""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

from tests.bench.bed import Bed
from tests.bench.rows import Row, table
from tests.control_plane import HOW_TO_GET_ONE, ControlPlane, is_available

ELSEWHERE = (
    "Figures that are not from this run were measured where kubectl apply --server-side took 3.3 s for the 600 objects "
    "of create, and kubectl diff --server-side 2.6-4.8 s for those of compare."
)
NAMES = ("keys", "compare", "start", "create", "heal", "sync60")
SAME_BED = {"compare": "objects", "start": "objects"}
"""Benches of the same 600 objects, which are made once."""


def main(names: Sequence[str]) -> int:
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        print(f"no bench {', '.join(unknown)}; known: {', '.join(NAMES)}", file=sys.stderr)
        return 2
    rows: list[Row] = []
    wanted = names or NAMES
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, _control_plane(Path(folder), wanted) as cluster:
        groups = [(bed, list(members)) for bed, members in groupby(wanted, lambda name: SAME_BED.get(name, name))]
        for number, (group, members) in enumerate(groups):
            bed = Bed.make(cluster, Path(folder), group) if cluster else None
            for name in members:
                began = time.monotonic()
                rows += _keys() if bed is None or name == "keys" else _bench(name, bed)
                print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr)
            if bed is not None:
                bed.clean(wait=number < len(groups) - 1)
    print(table(rows))
    if any(row.is_from_elsewhere for row in rows):
        print(ELSEWHERE)
    return 0


@contextmanager
def _control_plane(folder: Path, names: Sequence[str]) -> Iterator[ControlPlane | None]:
    """None where nothing needs one."""
    if tuple(names) == ("keys",):
        yield None
        return
    reused = os.environ.get("GITOPS_TUI_BENCH_CLUSTER")
    if reused:
        yield ControlPlane(Path(reused), owned=False)
        return
    if not is_available():
        raise SystemExit(HOW_TO_GET_ONE)
    cluster = ControlPlane.up(folder / "control-plane", "--argocd-crds", "--audit", "Metadata")
    try:
        yield cluster
    finally:
        cluster.down()


def _bench(name: str, bed: Bed) -> list[Row]:
    rows: list[Row] = importlib.import_module(f"tests.bench.{name}").run(bed)
    return rows


def _keys() -> list[Row]:
    from tests.bench import keys

    return [Row(name, ours, "", None, target) for name, ours, target in keys.run()]


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
