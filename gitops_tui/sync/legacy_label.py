"""The instance label of Argo CD before 0.10, which marked pod templates as well; still a legal setting.

Source: Argo CD ``util/kube/kube.go`` SetAppInstanceLabel.
"""

from __future__ import annotations

from typing import Any

from gitops_tui.model.resource import Object, group_of

LEGACY_LABEL = "applications.argoproj.io/app-name"

_WORKLOADS = {"apps", "extensions"}
_TEMPLATED = {"Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"}
_DEFAULTS_SELECTOR = {"apps/v1beta1", "extensions/v1beta1"}
"""Versions in which an absent selector defaults to the template's labels: ours must not get into it."""


def with_template_label(obj: Object, value: str) -> Object:
    """A copy whose pod template carries the label; other kinds are returned as they are."""
    is_workload = group_of(obj) in _WORKLOADS and obj.get("kind") in _TEMPLATED
    if not is_workload and not (group_of(obj) == "batch" and obj.get("kind") == "Job"):
        return obj
    spec = _mapping(obj, "spec")
    template = _mapping(spec, "template")
    metadata = _mapping(template, "metadata")
    labels = _mapping(metadata, "labels")
    marked = {**template, "metadata": {**metadata, "labels": {**labels, LEGACY_LABEL: value}}}
    selector = _explicit_selector(obj, labels) if is_workload else {}
    return {**obj, "spec": {**spec, **selector, "template": marked}}


def _explicit_selector(obj: Object, labels: dict[str, Any]) -> dict[str, Any]:
    if obj.get("apiVersion") not in _DEFAULTS_SELECTOR or _mapping(obj, "spec").get("selector"):
        return {}
    plain = {name: value for name, value in labels.items() if name != LEGACY_LABEL}
    return {"selector": {"matchLabels": plain}}


def _mapping(parent: dict[str, Any], name: str) -> dict[str, Any]:
    found = parent.get(name)
    return found if isinstance(found, dict) else {}
