"""Which workloads an autoscaler targets: their replicas are never drift and never undone (design: drift)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gitops_tui.model.resource import Object, namespace_of

AUTOSCALERS = frozenset({("autoscaling", "HorizontalPodAutoscaler"), ("keda.sh", "ScaledObject")})

Workload = tuple[str, str, str]
"""Kind, namespace, name: an autoscaler's reference has no group that could be relied on."""


def autoscaled_targets(autoscalers: Iterable[Object]) -> frozenset[Workload]:
    """What the HorizontalPodAutoscalers and ScaledObjects point at."""
    return frozenset(filter(None, (_target(obj) for obj in autoscalers)))


def _target(obj: Object) -> Workload | None:
    spec: dict[str, Any] = obj.get("spec") or {}
    reference: dict[str, Any] = spec.get("scaleTargetRef") or {}
    name = reference.get("name")
    return (str(reference.get("kind") or "Deployment"), namespace_of(obj), str(name)) if name else None
