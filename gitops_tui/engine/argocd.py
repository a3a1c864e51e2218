"""Whether Argo CD's own controller is alive for an Application: then ours keeps its hands off.

Three signs, any of which is enough: its Lease is renewed, its workload has ready replicas, or an Application's
``status.reconciledAt`` is recent and was written by somebody else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from gitops_tui.model.application import Application
from gitops_tui.model.operation import parse_time
from gitops_tui.model.resource import Object, labels_of, metadata_of, name_of, namespace_of

CONTROLLER = "argocd-application-controller"
RECENT = timedelta(minutes=6)
"""Argo CD touches ``reconciledAt`` at least every three minutes; twice that is dead."""


def controller_workload(workloads: Iterable[Object]) -> str:
    """``namespace/name`` of a ready application controller among StatefulSets and Deployments, or empty."""
    for obj in workloads:
        named = name_of(obj) == CONTROLLER or labels_of(obj).get("app.kubernetes.io/name") == CONTROLLER
        status = obj.get("status") or {}
        if named and (status.get("readyReplicas") or status.get("availableReplicas")):
            return f"{namespace_of(obj)}/{name_of(obj)}"
    return ""


def controller_lease(leases: Iterable[Object], now: datetime) -> str:
    """``namespace/name`` of a Lease that an application controller renewed within its duration, or empty."""
    for obj in leases:
        holder = str((obj.get("spec") or {}).get("holderIdentity", ""))
        if (CONTROLLER in name_of(obj) or CONTROLLER in holder) and was_renewed(obj, now):
            return f"{namespace_of(obj)}/{name_of(obj)}"
    return ""


def was_renewed(lease: Object, now: datetime) -> bool:
    """Whether a Lease was renewed lately, as far as two clocks can be compared: for whoever does not want it."""
    spec: Mapping[str, Any] = lease.get("spec") or {}
    renewed = parse_time(spec.get("renewTime"))
    patience = timedelta(seconds=max(60, 2 * int(spec.get("leaseDurationSeconds") or 0)))
    return renewed is not None and now - renewed < patience


def is_reconciled_by_another(app: Application, field_manager: str, now: datetime) -> bool:
    """Whether ``status.reconciledAt`` is recent and not ours, by managedFields."""
    status: Mapping[str, Any] = app.raw.get("status") or {}
    at = parse_time(status.get("reconciledAt"))
    if at is None or now - at > RECENT:
        return False
    writers = _writers_of_reconciled_at(app.raw)
    return bool(writers) and field_manager not in writers


def _writers_of_reconciled_at(obj: Object) -> set[str]:
    return {
        str(entry.get("manager", ""))
        for entry in metadata_of(obj).get("managedFields") or ()
        if "f:reconciledAt" in ((entry.get("fieldsV1") or {}).get("f:status") or {})
    }
