"""Prometheus' own parser reads what is shown, whatever names came from outside."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable

import pytest
from prometheus_client.parser import text_string_to_metric_families

from gitops_tui.engine.counted import APP, RECONCILE, SYNCS, WEBHOOKS
from gitops_tui.engine.measures import measures
from gitops_tui.engine.tally import MOST_SAMPLES, Tally
from gitops_tui.listener.route import Request
from gitops_tui.metrics.exposition import routes
from gitops_tui.model.application import Origin, parse_application
from gitops_tui.model.measure import Family, MeasureKind, Spread
from gitops_tui.model.operation import Condition
from gitops_tui.model.snapshot import AppView, ClusterView, Snapshot
from gitops_tui.model.status import Health, HealthStatus, SyncStatus
from tests.tui.world import NOW

HOSTILE = 'a"b\\c\nd{}\x1b[31m\udcff ü'


def shown(families: Iterable[Family], accept: str = "") -> str:
    answer = routes(lambda: families, lambda: True)["/metrics"].answer(Request("GET", "/metrics", {"accept": accept}))
    assert answer.status == 200
    return answer.content.decode()


def samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (one.name, tuple(sorted(one.labels.items()))): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


def test_counters_and_durations() -> None:
    tally = Tally()
    for _ in range(3):
        tally.add(SYNCS, "argocd", HOSTILE, "default", "https://k", "Succeeded", "false")
    tally.add(WEBHOOKS, "github", "accepted", by=2)
    for seconds in (0.1, 0.25, 0.26, 3.0, 100.0):
        tally.observe(RECONCILE, seconds, "argocd", "https://k")
    found = samples(shown(tally.families()))
    name = HOSTILE.encode("utf-8", "replace").decode()
    labels = {"namespace": "argocd", "name": name, "project": "default", "dest_server": "https://k",
              "phase": "Succeeded", "dry_run": "false"}  # fmt: skip
    assert found["argocd_app_sync_total", tuple(sorted(labels.items()))] == 3.0
    assert found["gitops_tui_webhooks_total", (("outcome", "accepted"), ("provider", "github"))] == 2.0
    at = (("dest_server", "https://k"), ("namespace", "argocd"))
    buckets = {dict(key[1])["le"]: value for key, value in found.items() if key[0] == "argocd_app_reconcile_bucket"}
    assert buckets == {"0.25": 2, "0.5": 3, "1.0": 3, "2.0": 3, "4.0": 4, "8.0": 4, "16.0": 4, "+Inf": 5}
    assert found["argocd_app_reconcile_count", at] == 5
    assert found["argocd_app_reconcile_sum", at] == pytest.approx(103.61)


def test_openmetrics_is_spoken_where_it_is_asked_for() -> None:
    tally = Tally()
    tally.add(WEBHOOKS, "github", "accepted")
    text = shown(tally.families(), "application/openmetrics-text; version=1.0.0")
    assert text.endswith("# EOF\n")
    assert "gitops_tui_webhooks_total{" in text


def test_an_application_is_described_as_argo_cd_does() -> None:
    document = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "shop", "namespace": "argocd"},
        "spec": {
            "project": "team",
            "source": {"repoURL": "https://user:hunter2@GitHub.com/Org/Repo.git", "path": "."},
            "destination": {"server": "https://k", "namespace": "prod"},
            "syncPolicy": {"automated": {}},
        },
    }
    app = parse_application(document, origin=Origin(in_cluster=True))
    conditions = (Condition("SyncError", "a", NOW), Condition("SyncError", "b", NOW))
    view = AppView("1", app, sync=SyncStatus.OUT_OF_SYNC, health=Health(HealthStatus.DEGRADED), conditions=conditions)
    cluster = ClusterView("prod", is_reachable=True, server="https://k", version="v1.37.0")
    snapshot = Snapshot(1, NOW, cluster, (view,))
    text = shown(measures(Tally(), snapshot, [], NOW))
    found = samples(text)
    names = (("name", "shop"), ("namespace", "argocd"), ("project", "team"))
    (info,) = [dict(labels) for name, labels in found if name == "argocd_app_info"]
    assert info == {
        "namespace": "argocd", "name": "shop", "project": "team", "sync_status": "OutOfSync",
        "health_status": "Degraded", "repo": "https://github.com/org/repo", "dest_server": "https://k",
        "dest_namespace": "prod", "operation": "", "autosync_enabled": "true",
    }  # fmt: skip
    assert found["argocd_app_condition", tuple(sorted((*names, ("condition", "SyncError"))))] == 2.0
    assert found["gitops_tui_app_held", names] == 0.0
    assert ("argocd_cluster_info", (("k8s_version", "v1.37.0"), ("name", "prod"), ("server", "https://k"))) in found
    assert "hunter2" not in text


def test_orphans_are_counted_where_the_project_asks_for_them() -> None:
    document = {
        "metadata": {"name": "shop", "namespace": "argocd"},
        "spec": {"project": "team", "source": {"repoURL": "u", "path": "."}, "destination": {"server": "https://k"}},
    }
    app = parse_application(document, origin=Origin(in_cluster=True))
    cluster = ClusterView("prod", is_reachable=True)
    names = (("name", "shop"), ("namespace", "argocd"), ("project", "team"))
    for orphans, expected in ((None, None), (0, 0.0), (3, 3.0)):
        snapshot = Snapshot(1, NOW, cluster, (AppView("1", app, orphans=orphans),))
        found = samples(shown(measures(Tally(), snapshot, [], NOW)))
        assert found.get(("argocd_app_orphaned_resources_count", names)) == expected


def test_an_application_that_is_gone_is_no_longer_counted() -> None:
    tally = Tally()
    for name in ("a", "b"):
        tally.add(SYNCS, "argocd", name, "default", "k", "Failed", "false")
    tally.forget("argocd", "a")
    (family,) = tally.families()
    assert [labels[1] for labels, _ in family.samples] == ["b"]


def test_names_from_outside_do_not_fill_the_memory() -> None:
    tally = Tally()
    for number in range(MOST_SAMPLES + 10):
        tally.add(WEBHOOKS, str(number), "accepted")
    tally.add(WEBHOOKS, "0", "accepted")
    (family,) = tally.families()
    assert len(family.samples) == MOST_SAMPLES
    assert dict(family.samples)["0", "accepted"] == 2.0


def test_gauges_keep_their_names() -> None:
    family = Family("x_total", MeasureKind.GAUGE, "h", ("a",), ((("b",), 1.0),))
    assert samples(shown([family])) == {("x_total", (("a", "b"),)): 1.0}
    assert Spread((1.0,), (0,)).with_one(2.0) == Spread((1.0,), (0,), 2.0, 1)
    assert SYNCS.labels[:3] == APP


def test_health() -> None:
    for alive, status in ((True, 200), (False, 503)):
        route = routes(list, lambda alive=alive: alive)["/healthz"]
        assert route.answer(Request("GET", "/healthz", {})).status == status


def test_prometheus_is_loaded_only_where_it_is_asked_for() -> None:
    script = (
        "import sys, json, gitops_tui.engine.engine, gitops_tui.cli.controller; print(json.dumps(list(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not [one for one in json.loads(done.stdout) if one.startswith("prometheus_client")]
