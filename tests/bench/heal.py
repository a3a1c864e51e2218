"""``kubectl set env`` under ``gitops-tui controller``: until the drift is seen, and until it is healed.

Zero is the moment in which a watch of ours shows the drift. Seen: the Application's status says so, or the controller
has begun to heal. Healed: the Deployment has Git's value again. The self-heal back-off is 0 (settings).
"""

from __future__ import annotations

from threading import Event
from typing import Any

from tests.bench.bed import Bed
from tests.bench.controller import APPLICATIONS, DEPLOYMENTS, Watched, is_synced, running
from tests.bench.manifests import write_triples
from tests.bench.rows import Row, limited, median, spread

RUNS, PATIENCE_S = 11, 30.0
PAUSE_S = 1.2
"""Between two: ``startedAt``, by which an operation is told from the one before, counts whole seconds."""
NAME = "service-003"


def run(bed: Bed) -> list[Row]:
    namespace = f"{bed.prefix}-app"
    bed.commit(lambda tree: write_triples(tree / "app", 10))
    bed.kubectl("create", "namespace", bed.prefix)
    bed.kubectl("create", "namespace", namespace)
    manifest = bed.dir / "application.yaml"
    manifest.write_text(bed.application(bed.prefix, "app", namespace, automated=True))
    bed.kubectl("apply", "-f", str(manifest))
    with running(bed):
        applications = Watched(bed.cluster, APPLICATIONS, bed.prefix)
        deployments = Watched(bed.cluster, DEPLOYMENTS, namespace)
        applications.when(lambda found: is_synced(found[bed.prefix])).result(PATIENCE_S)
        bed.settle(namespace)
        found = [_one(bed, namespace, applications, deployments) for _ in range(RUNS)]
        applications.close()
        deployments.close()
    seen, healed = ([one[place] for one in found] for place in (0, 1))
    return [
        limited("kubectl set env to seen", median(seen), 0.3, unit="s", note=spread(seen)),
        limited("kubectl set env to healed", median(healed), 1.0, unit="s", note=spread(healed)),
    ]


def _one(bed: Bed, namespace: str, applications: Watched, deployments: Watched) -> tuple[float, float]:
    """Seconds from the drift until it was seen, and until it was healed."""
    Event().wait(PAUSE_S)
    applications.when(lambda found: is_synced(found[bed.prefix])).result(PATIENCE_S)
    before = _started_at(applications.objects[bed.prefix])
    drifting = deployments.when(lambda found: _level(found[NAME]) == "debug")
    seen = applications.when(lambda found: not is_synced(found[bed.prefix]) or _started_at(found[bed.prefix]) != before)
    bed.kubectl("-n", namespace, "set", "env", f"deployment/{NAME}", "LOG_LEVEL=debug")
    zero = drifting.result(PATIENCE_S)
    healed = deployments.when(lambda found: _level(found[NAME]) == "info").result(PATIENCE_S)
    return seen.result(PATIENCE_S) - zero, healed - zero


def _level(deployment: dict[str, Any]) -> str:
    variables = deployment["spec"]["template"]["spec"]["containers"][0]["env"]
    return str(next(one["value"] for one in variables if one["name"] == "LOG_LEVEL"))


def _started_at(application: dict[str, Any]) -> object:
    return ((application.get("status") or {}).get("operationState") or {}).get("startedAt")
