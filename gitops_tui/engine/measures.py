"""All that a metrics endpoint shows: what was counted, and how the applications and clusters stand now.

Source: Argo CD's ``om/metrics.md`` and ``controller/metrics``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from gitops_tui import __version__
from gitops_tui.engine.counted import APP, app_labels, dest_server, repository_label
from gitops_tui.engine.session import Session
from gitops_tui.engine.tally import Tally
from gitops_tui.model.measure import Family, Labels, MeasureKind
from gitops_tui.model.snapshot import AppView, Snapshot
from gitops_tui.model.status import DriftKind

INFO = (
    *APP, "autosync_enabled", "repo", "dest_server", "dest_namespace", "sync_status", "health_status", "operation",
)  # fmt: skip
Sample = tuple[Labels, float]


def measures(tally: Tally, snapshot: Snapshot, sessions: Sequence[Session], now: datetime) -> list[Family]:
    apps = snapshot.apps
    return [
        *tally.families(),
        _gauge("argocd_app_info", "Information about application.", INFO, map(_info, apps)),
        _gauge("argocd_app_condition", "Report application conditions.", (*APP, "condition"), _conditions(apps)),
        _gauge("argocd_app_orphaned_resources_count", "Number of orphaned resources.", APP, _orphans(apps)),
        _gauge("gitops_tui_app_drift", "Fields that were changed by hand.", (*APP, "kind"), _drift(apps)),
        _gauge("gitops_tui_app_held", "Applications whose automation somebody holds.", APP, _held(apps)),
        _gauge("gitops_tui_build_info", "The running version.", ("version",), [((__version__,), 1.0)]),
        *_clusters(sessions, snapshot, now),
    ]


def _gauge(name: str, text: str, labels: tuple[str, ...], samples: Iterable[Sample]) -> Family:
    return Family(name, MeasureKind.GAUGE, text, labels, tuple(samples))


def _info(view: AppView) -> Sample:
    app = view.app
    values = (
        *app_labels(app),
        str(app.sync_policy.is_automated).lower(),
        repository_label(app.source.repo_url),
        dest_server(app),
        app.destination.namespace,
        view.sync.value,
        view.health.status.value,
        "delete" if app.deletion_timestamp else "sync" if view.progress is not None else "",
    )
    return values, 1.0


def _conditions(apps: Iterable[AppView]) -> list[Sample]:
    return [
        ((*app_labels(view.app), kind), float(number))
        for view in apps
        for kind, number in Counter(str(one.type) for one in view.conditions).items()
    ]


def _orphans(apps: Iterable[AppView]) -> list[Sample]:
    """Only where the project looks for them."""
    return [(app_labels(view.app), float(view.orphans)) for view in apps if view.orphans is not None]


def _drift(apps: Iterable[AppView]) -> list[Sample]:
    found: list[Sample] = []
    for view in apps:
        kinds = Counter(field.kind for _, field in view.drift)
        found += [
            ((*app_labels(view.app), kind.value), float(kinds[kind])) for kind in (DriftKind.TARGET, DriftKind.FOREIGN)
        ]
    return found


def _held(apps: Iterable[AppView]) -> list[Sample]:
    return [(app_labels(view.app), float(view.hold is not None)) for view in apps]


def _clusters(sessions: Sequence[Session], snapshot: Snapshot, now: datetime) -> list[Family]:
    server = ("server",)

    def each(name: str, text: str, value: dict[str, float]) -> Family:
        return _gauge(name, text, server, [((one,), number) for one, number in value.items()])

    objects = {one.connection.server: float(len(one.cache)) for one in sessions}
    kinds = {one.connection.server: float(one.cache.watched_kinds()) for one in sessions}
    ages = {one.connection.server: max(0.0, (now - one.cache.last_contact).total_seconds()) for one in sessions}
    up = {one.connection.server: float(one.cache.stale_since is None) for one in sessions}
    home = snapshot.cluster
    return [
        each("argocd_cluster_api_resource_objects", "Number of k8s resource objects in the cache.", objects),
        each("argocd_cluster_api_resources", "Number of monitored kubernetes API resources.", kinds),
        each("argocd_cluster_cache_age_seconds", "Seconds since the cluster was last heard of.", ages),
        each("argocd_cluster_connection_status", "The k8s cluster current connection status.", up),
        _gauge(
            "argocd_cluster_info",
            "Information about cluster.",
            ("server", "k8s_version", "name"),
            [((home.server, home.version, home.name), 1.0)],
        ),
    ]
