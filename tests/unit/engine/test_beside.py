"""What Argo CD says beside what is found here, and why the two differ."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gitops_tui.engine.beside import with_reported
from gitops_tui.model.application import parse_application
from gitops_tui.model.reader import Origin
from gitops_tui.model.resource import ResourceKey
from gitops_tui.model.snapshot import AppView, ResourceView
from gitops_tui.model.status import Health, HealthStatus, SyncStatus

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
RAW: dict[str, Any] = {
    "metadata": {"name": "web", "namespace": "argocd"},
    "spec": {"project": "p", "source": {"repoURL": "r"}, "destination": {"name": "in-cluster", "namespace": "shop"}},
}


def view(*resources: ResourceView, **facts: Any) -> AppView:
    found: dict[str, Any] = {
        "managed_by": "Argo CD", "sync": SyncStatus.SYNCED, "health": Health(HealthStatus.HEALTHY),
        "revision": "a" * 40, "resources": resources, "compared_at": NOW, **facts,
    }  # fmt: skip
    return AppView("web", parse_application(RAW, origin=Origin(in_cluster=True)), **found)


def one(name: str, sync: SyncStatus, **facts: Any) -> ResourceView:
    return ResourceView(ResourceKey("", "ConfigMap", "shop", name), "v1", sync, None, **facts)


def status(sync: str = "Synced", health: str = "Healthy", revision: str = "a" * 40, **objects: str) -> dict[str, Any]:
    listed = [
        {"kind": "ConfigMap", "namespace": "shop", "name": name, "status": text} for name, text in objects.items()
    ]
    return {"sync": {"status": sync, "revision": revision}, "health": {"status": health}, "resources": listed}


def differences(found: AppView) -> str:
    assert found.reported is not None
    return " / ".join(found.reported.differences)


def test_where_both_agree_nothing_is_said() -> None:
    found = with_reported(view(one("a", SyncStatus.SYNCED)), status(a="Synced"))
    assert found.reported is not None and found.reported.differences == ()
    assert (found.reported.sync, found.reported.health) == (SyncStatus.SYNCED, HealthStatus.HEALTHY)


@pytest.mark.parametrize(
    ("found", "told", "words"),
    [
        (
            view(one("a", SyncStatus.OUT_OF_SYNC), sync=SyncStatus.OUT_OF_SYNC),
            status(a="Synced"),
            "OutOfSync here, Synced for Argo CD: ConfigMap/a",
        ),
        (
            view(one("a", SyncStatus.SYNCED)),
            status(sync="OutOfSync", a="OutOfSync"),
            "Synced here, OutOfSync for Argo CD: ConfigMap/a; applying it would change nothing",
        ),
        (view(), status(revision="b" * 40), "Argo CD is at bbbbbbb, Git at aaaaaaa: it has not looked since"),
        (view(one("a", SyncStatus.SYNCED)), status(), "not known to Argo CD: ConfigMap/a"),
        (view(), status(health="Degraded"), "Argo CD says Degraded, here it is Healthy: by checks that are not here"),
        (
            view(),
            {**status(health="Degraded"), "reconciledAt": (NOW - timedelta(minutes=2)).isoformat()},
            "it was judged there at 11:58:00",
        ),
    ],
)
def test_each_difference_has_its_reason(found: AppView, told: dict[str, Any], words: str) -> None:
    assert words in differences(with_reported(found, told))


def test_objects_of_another_commit_are_not_compared() -> None:
    found = with_reported(view(one("a", SyncStatus.OUT_OF_SYNC)), status(revision="b" * 40, a="Synced"))
    assert "ConfigMap/a" not in differences(found)


@pytest.mark.parametrize(
    ("found", "told"),
    [(view(managed_by=""), status()), (view(as_reported=True), status()), (view(), {})],
)
def test_what_is_ours_or_nobodys_has_nothing_beside_it(found: AppView, told: dict[str, Any]) -> None:
    assert with_reported(found, told).reported is None


def test_many_objects_are_counted() -> None:
    names = "abcde"
    found = view(*(one(name, SyncStatus.OUT_OF_SYNC) for name in names), sync=SyncStatus.OUT_OF_SYNC)
    told = status(**dict.fromkeys(names, "Synced"))
    assert "ConfigMap/a, ConfigMap/b, ConfigMap/c and 2 more" in differences(with_reported(found, told))


def test_of_several_sources_each_commit_counts() -> None:
    a, b, c = ("a" * 40, "b" * 40, "c" * 40)
    here = view(one("x", SyncStatus.OUT_OF_SYNC), sync=SyncStatus.OUT_OF_SYNC, revision=a, commits=(a, c))
    there = {"sync": {"status": "Synced", "revisions": [a, b]}, "health": {"status": "Healthy"}}
    assert differences(with_reported(here, there)) == (
        "Argo CD is at aaaaaaa, bbbbbbb, Git at aaaaaaa, ccccccc: it has not looked since"
    )
