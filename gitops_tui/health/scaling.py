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
    try:
        found = json.loads(annotations_of(obj).get(_V1_CONDITIONS) or "[]")
    except ValueError as error:
        return unknown(f"failed to convert conditions annotation to typed: {error}")
    return _judge([one for one in found if isinstance(one, dict)] if isinstance(found, list) else [])


def _judge(found: Iterable[Fields]) -> Health:
    """The conditions speak in the order in which they are listed; the first that says something decides."""
    for one in found:
        kind = text(one, "type")
        if (kind, text(one, "reason")) in _DEGRADED:
            return degraded(text(one, "message"))
        if kind in _HEALTHY and one.get("status") == "True":
            return healthy(text(one, "message"))
    return progressing("Waiting to Autoscale")
