"""The signs of a living Argo CD: its workload, its Lease, and a status that somebody else just wrote."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from gitops_tui.config import Settings
from gitops_tui.engine.argocd import controller_lease, controller_workload, is_reconciled_by_another
from gitops_tui.engine.authority import Authority
from gitops_tui.engine.record import Record
from gitops_tui.engine.session import Session
from gitops_tui.engine.status_writer import StatusWriter
from gitops_tui.model.application import Application, parse_application
from gitops_tui.model.reader import Origin
from gitops_tui.model.resource import Object
from gitops_tui.model.snapshot import AppView

NOW = datetime(2026, 11, 22, 2, 43, tzinfo=UTC)


def workload(name: str, ready: int) -> Object:
    return {"metadata": {"name": name, "namespace": "argocd"}, "status": {"readyReplicas": ready}}


def lease(renewed: timedelta, holder: str = "argocd-application-controller-0_x") -> Object:
    spec = {"holderIdentity": holder, "renewTime": (NOW - renewed).isoformat(), "leaseDurationSeconds": 15}
    return {"metadata": {"name": "controller", "namespace": "argocd"}, "spec": spec}


def application(*, reconciled: timedelta | None = None, writer: str = "", **annotations: str) -> Application:
    meta: dict[str, Any] = {"name": "auth", "namespace": "argocd", "annotations": annotations}
    if writer:
        meta["managedFields"] = [{"manager": writer, "fieldsV1": {"f:status": {"f:reconciledAt": {}}}}]
    status = {"reconciledAt": (NOW - reconciled).isoformat()} if reconciled is not None else {}
    spec = {
        "project": "default",
        "source": {"repoURL": "https://example.com/a", "path": "."},
        "destination": {"server": "https://kubernetes.default.svc", "namespace": "auth"},
    }
    raw = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": meta,
        "spec": spec,
        "status": status,
    }
    return parse_application(raw, origin=Origin(in_cluster=True))


def test_a_ready_controller_is_alive_and_one_without_replicas_is_not() -> None:
    assert controller_workload([workload("argocd-application-controller", 1)]) == "argocd/argocd-application-controller"
    assert not controller_workload([workload("argocd-application-controller", 0), workload("argocd-server", 1)])


def test_a_lease_lives_as_long_as_it_is_renewed() -> None:
    assert controller_lease([lease(timedelta(seconds=40))], NOW) == "argocd/controller"
    assert not controller_lease([lease(timedelta(minutes=3)), lease(timedelta(0), "gitops-tui-1")], NOW)


@pytest.mark.parametrize(
    ("reconciled", "writer", "is_another"),
    [
        (timedelta(minutes=2), "argocd-application-controller", True),
        (timedelta(minutes=2), "gitops-tui", False),
        (timedelta(minutes=20), "argocd-application-controller", False),
        (None, "argocd-application-controller", False),
    ],
)
def test_a_status_that_somebody_else_just_wrote(reconciled: timedelta | None, writer: str, is_another: bool) -> None:
    app = application(reconciled=reconciled, writer=writer)
    assert is_reconciled_by_another(app, "gitops-tui", NOW) is is_another


class Cluster:
    """A session with workloads in its cache, and a writer that notes what it is sent."""

    def __init__(self, *workloads: Object) -> None:
        self.sent: list[Object] = []
        self.cache = SimpleNamespace(objects=lambda _, kind: workloads if kind == "StatefulSet" else ())
        self.discovery = SimpleNamespace(find=lambda *_: object())
        self.writer = SimpleNamespace(merge_patch=lambda *call: self.sent.append(call[-1]) or {})

    def authority(self) -> Authority:
        found = Authority(Settings(), cast(Session, self), cast(Any, None), lambda: NOW, reconciles=True)
        found._leadership = cast(Any, SimpleNamespace(is_leading=True, leader="us"))
        return found

    def status_writer(self) -> StatusWriter:
        pool = SimpleNamespace(submit=lambda work: work())
        return StatusWriter(
            cast(Session, self),
            self.authority(),
            cast(Any, None),
            cast(Any, pool),
            "argocd",
            lambda _: None,
            lambda key: False,
            lambda key, operation: False,
            lambda: NOW,
        )


def test_what_argo_cd_reconciles_is_left_to_it() -> None:
    alone, beside = Cluster(), Cluster(workload("argocd-application-controller", 1))
    assert alone.authority().managed_by(application()) == ""
    assert beside.authority().managed_by(application()) == "Argo CD"
    record = Record(application(), managed_by="Argo CD")
    told = beside.authority().why_not(record, NOW)
    assert told is not None
    assert told.code == "not-alone"


def test_skip_reconcile_keeps_automation_away() -> None:
    skipped = application(**{"argocd.argoproj.io/skip-reconcile": "true"})
    told = Cluster().authority().why_not(Record(skipped), NOW)
    assert told is not None
    assert told.code == "skipped"
    assert Cluster().authority().why_not(Record(application()), NOW) is None


def test_a_refresh_is_taken_by_whom_it_concerns() -> None:
    asked = application(**{"argocd.argoproj.io/refresh": "hard"})
    alone, beside = Cluster(), Cluster(workload("argocd-application-controller", 1))
    writer = alone.status_writer()
    assert writer.takes_refresh(asked)
    assert not writer.takes_refresh(asked)
    assert alone.sent == []  # not before its status is there: somebody waits for that
    assert not beside.status_writer().takes_refresh(asked)
    assert beside.sent == []


def test_a_refresh_is_not_taken_off_before_a_status_that_is_about_to_be_written() -> None:
    """On a slow API server the status waits for the request before it."""
    asked = application(**{"argocd.argoproj.io/refresh": "hard"})
    cluster, puts = Cluster(), {}
    cluster.cache.get = lambda key: asked.raw
    writer = cluster.status_writer()
    writer._schedule = cast(Any, SimpleNamespace(put=lambda key, work, delay: puts.update({key: work})))
    assert writer.takes_refresh(asked)
    writer._in_flight.add(asked.key)
    writer.write_soon(Record(asked), AppView("1", asked))
    writer.refreshed(asked.key)
    puts.pop(("status", asked.key))()
    assert ("status", asked.key) in puts  # again, later
    writer._in_flight.clear()
    puts.pop(("refreshed", asked.key))()
    assert cluster.sent == []
    assert ("refreshed", asked.key) in puts
    writer._due.clear()
    puts.pop(("refreshed", asked.key))()
    assert cluster.sent == [{"metadata": {"annotations": {"argocd.argoproj.io/refresh": None}}}]
