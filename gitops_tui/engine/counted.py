"""The counters' names: Argo CD's where it has them (``om/metrics.md``), ours under ``gitops_tui_``."""

from __future__ import annotations

from gitops_tui.engine.tally import Count
from gitops_tui.git.url import redact
from gitops_tui.model.application import Application
from gitops_tui.model.measure import Labels
from gitops_tui.model.repository import normalize_or_same

APP = ("namespace", "name", "project")

SYNCS = Count("argocd_app_sync_total", "Number of application syncs.", (*APP, "dest_server", "phase", "dry_run"))
SYNC_SECONDS = Count(
    "argocd_app_sync_duration_seconds_total", "Application sync performance in seconds total.", (*APP, "dest_server")
)
RECONCILE = Count(
    "argocd_app_reconcile",
    "Application reconciliation performance in seconds.",
    ("namespace", "dest_server"),
    (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0),
)
REQUESTS = Count(
    "argocd_app_k8s_request_total",
    "Number of kubernetes requests executed during application reconciliation.",
    (*APP, "server", "response_code", "verb", "resource_kind", "resource_namespace"),
)
"""A request is not told by the Application that it is made for: the first three are empty."""
CLUSTER_EVENTS = Count(
    "argocd_cluster_events_total", "Number of processes k8s resource events.", ("server", "group", "kind")
)
GIT_REQUESTS = Count("argocd_git_request_total", "Number of git requests.", ("repo", "request_type"))
GIT_SECONDS = Count(
    "argocd_git_request_duration_seconds",
    "Git requests duration seconds.",
    ("repo", "request_type"),
    (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 10.0, 20.0),
)
GIT_FAILURES = Count("argocd_git_fetch_fail_total", "Number of git fetch requests that failed.", ("repo",))

WEBHOOKS = Count("gitops_tui_webhooks_total", "Webhooks by provider and what became of them.", ("provider", "outcome"))
HEALS = Count(
    "gitops_tui_heals_total", "Heals that ended, by phase; by whom: automation or a person.", (*APP, "phase", "by")
)
KUBERNETES_EVENTS = Count(
    "gitops_tui_events_total", "Events about Applications: written, merged or dropped.", ("outcome",)
)


def app_labels(app: Application) -> Labels:
    """The values of `APP`."""
    return app.namespace, app.name, app.project


def dest_server(app: Application) -> str:
    """The server as the Application has it; the name where it names a cluster so."""
    return app.destination.server or app.destination.name


def repository_label(url: str) -> str:
    """As Argo CD writes it in labels; a password in the URL is nobody's business."""
    return redact(normalize_or_same(url))
