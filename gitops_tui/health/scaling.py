"""HorizontalPodAutoscaler in every version (semantics 1.11)."""

from __future__ import annotations

import json
from collections.abc import Iterable

from gitops_tui.health.field import Fields, conditions, text
from gitops_tui.health.verdict import degraded, healthy, progressing, unknown
from gitops_tui.model.resource import Object, annotations_of
from gitops_tui.model.status import Health

_V1_CONDITIONS = "autoscaling.alpha.kubernetes.io/conditions"
"""Where ``autoscaling/v1`` keeps the conditions of the newer versions, as JSON."""

_DEGRADED = {
    ("AbleToScale", "FailedGetScale"),
    ("AbleToScale", "FailedUpdateScale"),
    ("ScalingActive", "FailedGetResourceMetric"),
    ("ScalingActive", "FailedGetObjectMetric"),
    ("ScalingActive", "FailedGetPodsMetric"),
    ("ScalingActive", "FailedGetExternalMetric"),
    ("ScalingActive", "FailedComputeMetricsReplicas"),
    ("ScalingActive", "InvalidSelector"),
}

_HEALTHY = ("AbleToScale", "ScalingLimited")


def horizontal_pod_autoscaler(obj: Object) -> Health:
    if obj.get("apiVersion") != "autoscaling/v1":
        return _judge(conditions(obj))
    written = annotations_of(obj).get(_V1_CONDITIONS)
    if written is None:
        return _judge([])
    try:
        return _judge(_conditions_in(written))
    except ValueError as error:
        return unknown(f"failed to convert conditions annotation to typed: {error}")


def _conditions_in(text: str) -> list[Fields]:
    """Raise ValueError for what is no list of conditions."""
    found = json.loads(text)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise ValueError("expected a list of objects")
    return found


def _judge(found: Iterable[Fields]) -> Health:
    """The conditions speak in the order in which they are listed; the first that says something decides."""
    for one in found:
        kind = text(one, "type")
        if (kind, text(one, "reason")) in _DEGRADED:
            return degraded(text(one, "message"))
        if kind in _HEALTHY and one.get("status") == "True":
            return healthy(text(one, "message"))
    return progressing("Waiting to Autoscale")
