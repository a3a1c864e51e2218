"""What counts in an application's health: not the application itself, and nothing that is to be ignored."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_tui.engine.comparison import ComparedObject
from gitops_tui.engine.verdict import health_of
from gitops_tui.model.annotations import IGNORE_HEALTHCHECK
from gitops_tui.model.resource import Object, ResourceKey
from gitops_tui.model.snapshot import ResourceView
from gitops_tui.model.status import Health, HealthStatus, SyncStatus
from tests.tui import world

APP = world.auth_service().app


def compared(kind: str, group: str = "", name: str = "one", namespace: str = "argocd", **notes: str) -> ComparedObject:
    obj: Object = {"kind": kind, "metadata": {"name": name, "namespace": namespace, "annotations": notes}}
    key = ResourceKey(group, kind, namespace, name)
    view = ResourceView(key, "v1", SyncStatus.SYNCED, Health(HealthStatus.DEGRADED, "broken"))
    return ComparedObject(view, obj, obj, obj, obj)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (compared("Widget", "example.com"), HealthStatus.DEGRADED),
        (compared("Application", "argoproj.io", APP.name, APP.namespace), HealthStatus.HEALTHY),
        (compared("Application", "argoproj.io", "other", APP.namespace), HealthStatus.DEGRADED),
        (compared("Application", "argoproj.io", APP.name, "elsewhere"), HealthStatus.DEGRADED),
        (compared("Widget", **{IGNORE_HEALTHCHECK: "true"}), HealthStatus.HEALTHY),
        (compared("Widget", **{IGNORE_HEALTHCHECK: "false"}), HealthStatus.DEGRADED),
    ],
)
def test_what_counts(one: Any, expected: HealthStatus) -> None:
    assert health_of(APP, [one]).status is expected
