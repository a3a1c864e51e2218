"""Which pods of a Deployment run with a template already: they stay where it goes back to that one.

As Kubernetes' Deployment controller finds its new ReplicaSet (``pkg/controller/deployment/util``, FindNewReplicaSet):
the oldest of those with an equal template, whose hash label does not count. Its pods are kept and scaled up.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gitops_tui.model.annotations import POD_TEMPLATE_HASH
from gitops_tui.model.resource import Object, metadata_of
from gitops_tui.structured.value import same, without_fields


def running_pods(deployment: Object, replica_sets: Iterable[Object]) -> tuple[int, int]:
    """How many pods run with the Deployment's template, and with others; ``replica_sets`` are those that it owns."""
    wanted = _template(deployment)
    oldest_first = sorted(replica_sets, key=lambda one: str(metadata_of(one).get("creationTimestamp", "")))
    own = next((one for one in oldest_first if same(_template(one), wanted)), None)
    others = sum(_pods(one) for one in oldest_first if one is not own)
    return (_pods(own) if own is not None else 0), others


def _template(obj: Object) -> Any:
    """As two are compared: without the label that tells ReplicaSets apart; an empty list is as good as none."""
    template = (obj.get("spec") or {}).get("template") or {}
    metadata = dict(template.get("metadata") or {})
    metadata["labels"] = {
        key: value for key, value in (metadata.get("labels") or {}).items() if key != POD_TEMPLATE_HASH
    }
    found = {**template, "metadata": {key: value for key, value in metadata.items() if value}}
    return without_fields(found, lambda one: one is None or one == [])


def _pods(replica_set: Object) -> int:
    """Those that run and are to go on: one that is being scaled down has more than it keeps."""
    wanted, there = ((replica_set.get(part) or {}).get("replicas") or 0 for part in ("spec", "status"))
    return min(int(wanted), int(there))
