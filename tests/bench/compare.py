"""600 objects of one application, one of them drifted: compared cold, warm, after one change, and not at all.

Cold is the whole process; warm is an engine in this process, which watches; its first yardstick is
``kubectl diff --server-side`` of the same manifests.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from threading import Condition, Event

from gitops_tui.cli.settings import load_settings
from gitops_tui.cluster.connection import Connection
from gitops_tui.engine.engine import Engine, EngineOptions
from gitops_tui.model.application import AppKey
from gitops_tui.model.snapshot import Snapshot
from tests.bench.bed import DRIFTED, Bed, six_hundred
from tests.bench.measure import WRITES, Requests, Span, span
from tests.bench.rows import Row, compared, limited, median, spread

COLD_RUNS, WARM_RUNS, REST_S, PATIENCE_S = 3, 9, 10.0, 60.0
YARDSTICK = "kubectl diff --server-side"


def run(bed: Bed) -> list[Row]:
    namespace = six_hundred(bed)
    ours = [bed.ours("app", "diff", bed.prefix, is_fine=(1,)) for _ in range(COLD_RUNS)]
    where = str(bed.repository / "all")
    diff = ("-n", namespace, "diff", "--server-side", "--force-conflicts", "-f", where)
    theirs = [bed.kubectl(*diff, is_fine=(1,)) for _ in range(COLD_RUNS)]
    if not all(DRIFTED in one.output for one in (*ours, *theirs)):
        raise RuntimeError("the drifted object was not found")
    least = median(one.wall_s for one in theirs)
    cold = compared(
        "compare 600 objects, one drifted: cold, with process start",
        median(one.wall_s for one in ours),
        least,
        1,
        unit="s",
        against=YARDSTICK,
        note=spread([one.wall_s for one in ours]),
    )
    cpu = compared(
        "... its processor time",
        median(one.cpu_s for one in ours),
        median(one.cpu_s for one in theirs),
        1,
        unit="CPU s",
        against=YARDSTICK,
    )
    with _watching(bed) as watching:
        return [cold, cpu, *_warm(watching, least), *_after_one_change(watching, namespace, least), *_at_rest(watching)]


@dataclass
class _Watching:
    """An engine that has compared once, and the newest that it published of the application."""

    bed: Bed
    engine: Engine
    key: AppKey
    changed: Condition = field(default_factory=Condition)
    snapshot: Snapshot | None = None

    def take(self, snapshot: Snapshot) -> None:
        with self.changed:
            self.snapshot = snapshot
            self.changed.notify_all()

    def wait_for_value(self, name: str, version: str) -> None:
        """Until the application was compared with this resourceVersion of a ConfigMap."""

        def is_seen() -> bool:
            view = self.snapshot.find(self.key) if self.snapshot else None
            return view is not None and any(
                one.resource_version == version
                for one in view.resources
                if one.key.kind == "ConfigMap" and one.key.name == name
            )

        with self.changed:
            if not self.changed.wait_for(is_seen, PATIENCE_S):
                raise TimeoutError("a change was not seen")

    def compared_at(self) -> datetime | None:
        view = self.engine.snapshot().find(self.key)
        return view.compared_at if view else None


@contextmanager
def _watching(bed: Bed) -> Iterator[_Watching]:
    os.environ.update({key: text for key, text in bed.environment.items() if key.startswith("XDG_")})
    options = EngineOptions(
        kubeconfig=str(bed.cluster.kubeconfig), namespace=bed.prefix, apps=(str(bed.dir / "apps"),), read_only=True
    )
    engine = Engine(load_settings(str(bed.settings)), options)
    engine.start()
    try:
        engine.wait_compared(PATIENCE_S)
        watching = _Watching(bed, engine, AppKey(bed.prefix, bed.prefix))
        engine.subscribe(watching.take)
        yield watching
    finally:
        engine.stop()


def _warm(watching: _Watching, least_s: float) -> list[Row]:
    """Everything anew (``hard``: renderings and verdicts are forgotten), and with what is known."""
    rows = []
    for hard, words in ((True, "warm, all of it anew (hard refresh)"), (False, "warm refresh")):
        spans = []
        for _ in range(WARM_RUNS):
            with span() as one:
                watching.engine.refresh(None, hard=hard)
                watching.engine.wait_compared(PATIENCE_S)
            spans.append(one)
        rows.append(_beside(words, spans, least_s, 0.1))
    return rows


def _after_one_change(watching: _Watching, namespace: str, least_s: float) -> list[Row]:
    """From the API server's answer to the change until a face is told."""
    connection = Connection.open(str(watching.bed.cluster.kubeconfig))
    spans = []
    for turn in range(WARM_RUNS):
        name = f"service-{turn:03}"
        path = f"/api/v1/namespaces/{namespace}/configmaps/{name}"
        body = {"data": {"REGION": "eu-north-1"}}
        query = {"fieldManager": "kubectl-edit"}
        changed = connection.json("PATCH", path, query=query, body=body, content_type="application/merge-patch+json")
        with span() as one:
            watching.wait_for_value(name, changed["metadata"]["resourceVersion"])
        spans.append(one)
    connection.close()
    return [_beside("after one change, to what a face is told", spans, least_s, 0.02)]


def _at_rest(watching: _Watching) -> list[Row]:
    requests = Requests(watching.bed.cluster.audit_log)
    with span() as rest:
        Event().wait(REST_S)
    calm = _counted(requests.by_verb())
    requests = Requests(watching.bed.cluster.audit_log)
    watching.engine.refresh(None)
    watching.engine.wait_compared(PATIENCE_S)
    asked = _counted(requests.by_verb())
    return [
        limited(f"... nothing changed, {REST_S:.0f} s: processor time", rest.cpu_s, 0.2, unit="s"),
        Row("... nothing changed: requests", calm[0], "", None, "no list, no write", calm[1]),
        Row("... refreshed, nothing changed: requests", asked[0], "", None, "no list, no write", asked[1]),
    ]


def _counted(verbs: Counter[str] | None) -> tuple[str, bool | None]:
    if verbs is None:
        return "no audit log", None
    text = ", ".join(f"{count} {verb}" for verb, count in sorted(verbs.items())) or "none"
    return text, not any(verbs[verb] for verb in ("list", *WRITES))


def _beside(words: str, spans: list[Span], least_s: float, most: float) -> Row:
    cpu_s = median(one.cpu_s for one in spans)
    note = f", {cpu_s:.2f} CPU s{spread([one.wall_s for one in spans])}"
    wall_s = median(one.wall_s for one in spans)
    return compared(f"... {words}", wall_s, least_s, most, unit="s", against=YARDSTICK, note=note)
