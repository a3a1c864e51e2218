"""What must not happen, however odd the situation: rules that were broken once."""

from __future__ import annotations

import argparse
import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import MagicMock

import pytest
from msgspec.structs import replace

from gitops_tui.cli.operations import _approve_revert
from gitops_tui.config import Settings
from gitops_tui.engine import preparing as module
from gitops_tui.engine.assignment import check_left
from gitops_tui.engine.authority import Authority
from gitops_tui.engine.children import is_child
from gitops_tui.engine.compare_record import RecordComparer
from gitops_tui.engine.confirm import Confirmer
from gitops_tui.engine.executor import Executor
from gitops_tui.engine.feed import Loaded
from gitops_tui.engine.leadership import Leadership
from gitops_tui.engine.ledger import Ledger, TakenOver
from gitops_tui.engine.moved import has_moved
from gitops_tui.engine.operation import OperationRun
from gitops_tui.engine.parts import Parts
from gitops_tui.engine.pool import Pool
from gitops_tui.engine.prepare import Prepared
from gitops_tui.engine.reconciler import Reconciler
from gitops_tui.engine.record import Record
from gitops_tui.engine.scrub import scrubbed
from gitops_tui.engine.state import AppState, OperationLease, hold_from_json
from gitops_tui.engine.system import System
from gitops_tui.engine.view import is_orphaned
from gitops_tui.errors import ClusterUnreachable, Forbidden, InProgressError, Invalid, NotFound, OperationError
from gitops_tui.model.application import Application, parse_application
from gitops_tui.model.operation import InitiatedBy, Operation, OperationState
from gitops_tui.model.plan import Plan, PlanKind
from gitops_tui.model.reader import Origin
from gitops_tui.model.resource import Object, key_of
from gitops_tui.model.snapshot import Hold
from gitops_tui.model.status import OperationPhase
from tests.unit.engine.known_projects import no_projects


def application(name: str = "web", namespace: str = "argocd", *, in_cluster: bool = True) -> Application:
    raw = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name, "namespace": namespace, "uid": f"uid-{name}"},
        "spec": {
            "project": "default",
            "source": {"repoURL": "https://example.com/r.git", "path": "."},
            "destination": {"server": "https://kubernetes.default.svc", "namespace": "shop"},
        },
    }
    return parse_application(raw, origin=Origin(in_cluster=in_cluster))


def config_map(name: str) -> Object:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "shop", "uid": name}}


def compared(live: Object, *, in_git: bool = True, requires_pruning: bool = False) -> Any:
    view = SimpleNamespace(requires_pruning=requires_pruning)
    return SimpleNamespace(key=key_of(live), live=live, target=live if in_git else None, view=view)


# --- the loop


class Now:
    """A schedule that keeps what is due, and a pool that works at once."""

    def __init__(self) -> None:
        self.kept: list[Any] = []

    def put(self, key: Any, work: Any, delay_s: float = 0.0) -> None:
        if not delay_s:
            self.kept.append((key, work))

    def submit(self, work: Any) -> None:
        work()

    def work(self) -> None:
        while self.kept:
            self.kept.pop(0)[1]()


def reconciler(**parts: Any) -> tuple[Reconciler, Now]:
    now = Now()
    return Reconciler(parts_of(schedule=now, fetchers=now, **parts)), now


def parts_of(**parts: Any) -> Parts:
    known = {
        "settings": Settings(),
        "system": System(Settings(), "argocd"),
        "namespace": "argocd",
        "polls_files": False,
        "projects": no_projects(),
        "clock": lambda: datetime.now(UTC),
        "deleting": SimpleNamespace(is_due=lambda record: False, forget=lambda key: None),
        **parts,
    }
    everything = {name: known.get(name, MagicMock()) for name in Parts.__struct_fields__}
    return Parts(**cast(Any, everything))


def test_a_mistake_of_ours_is_shown_at_the_application_and_does_not_leave_it_loading(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = application()
    loop, now = reconciler(feed=SimpleNamespace(load=lambda: Loaded((app,))))
    monkeypatch.setattr(module, "prepare", lambda *asked, **more: {}["odd"])
    loop._publishing = MagicMock()
    loop.begin()
    now.work()
    record = loop.record(app.key)
    assert record is not None and "internal error: KeyError" in str(record.error)
    assert loop.wait_compared(0)


def test_targets_of_a_kind_that_was_unknown_are_read_again_once_it_is_known() -> None:
    """Else a cluster-scoped object is looked for in a namespace, and its real one is taken for an extra: pruned."""
    known: dict[str, bool] = {}
    session = MagicMock()
    session.is_namespaced = lambda group, kind: known.get(kind)
    issuer = {"apiVersion": "cert-manager.io/v1", "kind": "ClusterIssuer", "metadata": {"name": "acme"}}
    rendered = SimpleNamespace(objects=(SimpleNamespace(obj=issuer, file="a.yaml", line=1),))
    prepared = Prepared(session, (), cast(Any, (rendered,)), "Directory", datetime.now(UTC))
    comparer = RecordComparer(parts_of(), MagicMock(), lambda key: None, lambda: ())
    record = Record(application())
    comparer._may_discover = lambda now: False
    comparer.compare(record, prepared)
    assert record.targets is not None and record.targets.resources[0].key.namespace == "shop"
    known["ClusterIssuer"] = False
    comparer.compare(record, prepared)
    assert record.targets.resources[0].key.namespace == ""
    before = record.targets
    comparer.compare(record, prepared)
    assert record.targets is before


# --- plans


def plan(**more: Any) -> Plan:
    app = application()
    known = {"number": 1, "kind": PlanKind.SYNC, "apps": (app.key,), "cluster": "c", "namespaces": ("shop",)}
    known |= {"revisions": {app.key: ("abc",)}, "commits": {}, "items": (), "made_at": datetime.now(UTC)}
    return Plan(**cast(Any, {**known, "resource_versions": {}, **more}))


def test_a_plan_is_stale_when_it_would_delete_what_nobody_saw() -> None:
    one = compared(config_map("extra"), in_git=False, requires_pruning=True)
    one.is_managed = True
    comparison = cast(Any, SimpleNamespace(app=application(), commits=("abc",), objects=[one], find=lambda key: one))
    assert "ConfigMap/extra would be deleted" in has_moved(plan(prune=True), comparison)
    assert has_moved(plan(prune=False), comparison) == ""


def test_yes_to_a_revert_is_no_yes_to_a_dangerous_prune() -> None:
    dangerous = plan(must_type="web", must_type_reason="deletes Namespace/shop", kind=PlanKind.REVERT)
    asked = {"dry_run": False, "author": "A <a@example.com>", "yes": True, "branch": "", "yes_prune": None}
    with pytest.raises(OperationError, match="a person must agree"):
        _approve_revert(dangerous, argparse.Namespace(**asked, sync=True))
    assert _approve_revert(dangerous, argparse.Namespace(**asked, sync=False)) is not None


# --- carrying out


def forced(code: int) -> tuple[MagicMock, Any]:
    """An executor whose applies are all refused, and what it does to an object with ``Force=true``."""
    writer, session = MagicMock(), MagicMock()
    writer.apply.side_effect = Invalid("refused", code=code)
    session.reader.get.side_effect = NotFound("gone", code=404)
    executor = Executor(application(), session, writer, MagicMock(), MagicMock(), Pool("none", 1))
    action = SimpleNamespace(replace=False, force=True, validate=True, propagation="Foreground")
    obj = config_map("settings")
    with pytest.raises(Invalid):
        executor._written(cast(Any, action), MagicMock(), obj, obj)
    return writer, obj


def test_an_object_that_cannot_be_created_anew_is_restored() -> None:
    writer, obj = forced(422)
    assert writer.delete.call_args.kwargs["uid"] == "settings"
    assert key_of(writer.create.call_args.args[1]) == key_of(obj)


def test_force_deletes_nothing_for_a_manifest_that_the_server_cannot_read() -> None:
    writer, _ = forced(400)
    writer.delete.assert_not_called()


def test_a_job_does_not_wait_behind_a_long_one_while_the_pool_may_grow() -> None:
    pool, release = Pool("growing", 8), threading.Event()
    try:
        for _ in range(20):
            pool.submit(lambda: None).result(60)
            long = [pool.submit(lambda: release.wait(10)) for _ in range(3)]
            pool.submit(lambda: None).result(60)
            release.set()
            assert all(one.result(60) for one in long)
            release.clear()
    finally:
        release.set()
        pool.stop()
    assert pool.submit(lambda: None).cancelled()


# --- operations that others may have taken over


NOW = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)


def state(holder: str, version: str, *, expires: timedelta, hold: Hold | None = None) -> AppState:
    operation = OperationState(Operation(initiated_by=InitiatedBy(automated=True)), OperationPhase.RUNNING, "")
    lease = OperationLease(holder, "ana", NOW + expires)
    return AppState({}, operation, lease=lease, resource_version=version, hold=hold)


def ledger(found: AppState, *, held_until: datetime) -> tuple[Ledger, MagicMock]:
    """One that wrote version 5 last; ``found`` is what stands in the cluster."""
    store, identity = MagicMock(), SimpleNamespace(instance="us", operator="ana")
    store.read.return_value = found
    store.write.side_effect = lambda app, before, after, pinned: after
    around = cast(Any, SimpleNamespace(clock=lambda: NOW, identity=identity, settings=Settings()))
    one = Ledger(application(), store, around, threading.Event())
    one._held_until, one._kept = held_until, state("us", "5", expires=timedelta())
    return one, store


def run(found: AppState) -> OperationRun:
    """A run whose lease holds."""
    one = OperationRun.__new__(OperationRun)
    one.app, one._ledger = application(), ledger(found, held_until=NOW + timedelta(hours=1))[0]
    one._abandoned = threading.Event()
    one._around = cast(Any, SimpleNamespace(clock=lambda: NOW, settings=Settings()))
    assert found.operation is not None
    one.state = found.operation
    return one


def test_an_operation_whose_lease_ran_out_stops_where_somebody_else_has_it() -> None:
    found = state("them", "9", expires=timedelta(seconds=20))
    one, store = ledger(found, held_until=NOW)
    assert found.operation is not None
    with pytest.raises(TakenOver):
        one.reclaim(found.operation)
    store.write.assert_not_called()


def test_a_lease_that_ran_out_is_taken_again_only_if_nothing_was_written_since() -> None:
    found = state("us", "7", expires=timedelta(seconds=-5))
    one, store = ledger(found, held_until=NOW)
    assert found.operation is not None
    one.reclaim(found.operation)
    assert store.write.call_args.kwargs == {"pinned": True}
    assert store.write.call_args.args[1].resource_version == "7"
    assert one._held_until > NOW
    one.reclaim(found.operation)
    assert store.write.call_count == 1


def test_a_running_operation_is_not_resumed_by_a_second_one() -> None:
    with pytest.raises(InProgressError):
        check_left(state("them", "9", expires=timedelta(seconds=20)), NOW)
    check_left(state("them", "9", expires=timedelta(seconds=-1)), NOW)


def test_automation_does_not_try_again_while_the_application_is_held() -> None:
    hold = Hold("ana", "incident", NOW)
    assert run(state("us", "7", expires=timedelta(), hold=hold))._is_held()
    assert not run(state("us", "7", expires=timedelta()))._is_held()


def test_an_operation_that_cannot_even_be_ended_does_not_count_as_running() -> None:
    one = run(state("us", "7", expires=timedelta()))
    ended: list[OperationRun] = []
    one._on_end = ended.append
    one._gone = threading.Event()
    one._course = lambda: {}["odd"]
    one._finish = lambda phase, message: {}["odder"]
    one._run()
    assert ended == [one] and one.wait(0)


# --- who holds the wheel


def authority(live: Object | None) -> Authority:
    workload = {"metadata": {"name": "argocd-application-controller", "namespace": "argocd"}}
    session = MagicMock()
    session.cache.objects = lambda group, kind: [{**workload, "status": {"readyReplicas": 1}}]
    session.cache.get = lambda key: live
    return Authority(Settings(), session, MagicMock(), lambda: NOW, reconciles=True)


def test_a_file_that_declares_an_application_of_a_living_argo_cd_is_argo_cds() -> None:
    declared = application(in_cluster=False)
    assert authority(application().raw).managed_by(declared) == "Argo CD"
    assert authority(None).managed_by(declared) == ""


def test_a_request_that_fails_does_not_make_argo_cd_vanish() -> None:
    one = authority(None)
    one._namespace, one._argocd_lease = "argocd", "argocd/argocd-application-controller"
    cast(Any, one._session.reader).get.side_effect = ClusterUnreachable("no answer")
    assert one._lease_of_argocd() == "argocd/argocd-application-controller"


def test_a_slow_renewal_does_not_make_us_lead_longer_than_the_lease_says() -> None:
    times = iter(NOW + timedelta(seconds=10 * number) for number in range(9))
    reader, writer = MagicMock(), MagicMock()
    reader.get.return_value = {"metadata": {"resourceVersion": "1"}, "spec": {"holderIdentity": "us"}}
    leadership = Leadership(reader, writer, MagicMock(), namespace="argocd", holder="us", clock=lambda: next(times))
    leadership._take(reader.get.return_value)
    written = datetime.fromisoformat(writer.merge_patch.call_args.args[3]["spec"]["renewTime"])
    assert leadership._leads_until is not None and leadership._leads_until - written <= timedelta(seconds=15)


def test_what_argo_cd_left_running_when_it_was_taken_away_can_be_ended() -> None:
    left_behind = state("", "7", expires=timedelta())
    record = Record(application(), state=replace(left_behind, lease=None))
    assert is_orphaned(record, NOW)
    record.managed_by = "Argo CD"
    assert not is_orphaned(record, NOW)


# --- what the server says


def test_a_quota_is_a_refusal_that_a_person_sees_and_no_missing_permission() -> None:
    dry_run, resource = MagicMock(), MagicMock()
    words = 'configmaps "a" is forbidden: exceeded quota: compute'
    dry_run.apply.side_effect = Forbidden(words, code=403)
    confirmer = Confirmer(dry_run, "gitops-tui")
    assert [confirmer.applied(resource, config_map("a")).refusal for _ in range(2)] == [words, words]
    denied = 'configmaps "a" is forbidden: User "ci" cannot patch resource "configmaps" in API group ""'
    dry_run.apply.side_effect = Forbidden(denied, code=403)
    assert [confirmer.applied(resource, config_map("a")).refusal for _ in range(2)] == ["", ""]
    assert dry_run.apply.call_count == 3


def test_an_outage_is_not_remembered_as_what_git_alone_would_give() -> None:
    dry_run = MagicMock()
    dry_run.create.side_effect = [ClusterUnreachable("no answer"), config_map("a"), config_map("b")]
    confirmer = Confirmer(dry_run, "gitops-tui")
    found = [confirmer.pristine(MagicMock(), config_map("a")) for _ in range(3)]
    assert found == [None, config_map("a"), config_map("a")]


# --- what others made


def test_what_copies_labels_is_no_extra() -> None:
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "shop"}}
    data = {"metadata": {"name": "data"}}
    database = {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "db", "namespace": "shop"}}
    cache = MagicMock()
    cache.get = lambda key: service if key == key_of(service) else None
    cache.objects = lambda group, kind: [{**database, "spec": {"volumeClaimTemplates": [data]}}]

    def made(kind: str, name: str, **more: Any) -> bool:
        return is_child(
            {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": "shop"}, **more}, cache
        )

    assert made("Endpoints", "web") and not made("Endpoints", "by-hand")
    assert made("PersistentVolumeClaim", "data-db-0") and not made("PersistentVolumeClaim", "data-db-old")
    assert made("Secret", "t", type="kubernetes.io/service-account-token") and not made("Secret", "s", type="Opaque")


def test_a_message_does_not_repeat_a_value_of_a_secret() -> None:
    """What Kubernetes says of an unquoted number in ``stringData``."""
    secret = {"apiVersion": "v1", "kind": "Secret", "stringData": {"pin": 48151623}, "data": {"key": "aHVudGVyMg=="}}
    said = ".stringData.pin: expected string, got &value.valueUnstructured{Value:48151623}; hunter2 aHVudGVyMg=="
    shown = scrubbed(said, secret)
    assert "48151623" not in shown and "hunter2" not in shown and "aHVudGVyMg" not in shown
    assert scrubbed(said, {**secret, "kind": "ConfigMap"}) == said


def test_a_hold_that_was_written_by_hand_without_a_zone_can_be_compared() -> None:
    naive = hold_from_json('{"since": "2026-05-04T03:00:00", "expires": "2026-05-04T03:01:00"}')
    assert naive is not None and not naive.is_active(NOW)
