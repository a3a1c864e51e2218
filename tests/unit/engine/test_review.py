"""What must not happen, however odd the situation: rules that were broken once."""

from __future__ import annotations

import argparse
import threading
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import MagicMock

import pytest

from gitops_tui.cli.operations import _approve_revert
from gitops_tui.config import Settings
from gitops_tui.engine import reconciler as module
from gitops_tui.engine.deleting import Deleting
from gitops_tui.engine.executor import Executor
from gitops_tui.engine.feed import Loaded
from gitops_tui.engine.planning import has_moved
from gitops_tui.engine.pool import Pool
from gitops_tui.engine.prepare import Prepared
from gitops_tui.engine.reconciler import Parts, Reconciler
from gitops_tui.engine.record import Record
from gitops_tui.errors import Invalid, NotFound, OperationError
from gitops_tui.model.application import Application, Origin, parse_application
from gitops_tui.model.plan import Plan, PlanKind
from gitops_tui.model.resource import Object, ResourceKey, key_of
from gitops_tui.sync.tracking import Tracking


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


# --- deleting an Application with its objects


def left(objects: list[Any], marked: list[Object]) -> list[ResourceKey]:
    cache = SimpleNamespace(indexed=lambda instance: marked if instance == "web" else [])
    comparison = SimpleNamespace(
        app=application(),
        targets=SimpleNamespace(instance="web"),
        objects=objects,
        session=SimpleNamespace(cache=cache),
    )
    deleting = Deleting(*cast(Any, [None] * 6))
    return [key_of(obj) for obj in deleting._left(cast(Any, comparison))]


def test_an_object_that_git_names_but_nobody_adopted_is_not_deleted_with_the_application() -> None:
    ours, foreign, extra = config_map("ours"), config_map("foreign"), config_map("extra")
    objects = [compared(ours), compared(foreign), compared(extra, in_git=False, requires_pruning=True)]
    assert left(objects, [ours, extra]) == [key_of(ours), key_of(extra)]


def test_an_application_that_manages_itself_does_not_wait_for_its_own_end() -> None:
    itself = application().raw
    assert left([compared(itself)], [itself]) == []


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
    known = {
        "settings": Settings(),
        "schedule": now,
        "fetchers": now,
        "tracking": Tracking(),
        "namespace": "argocd",
        "polls_files": False,
        "clock": lambda: datetime.now(UTC),
        **parts,
    }
    everything = {name: known.get(name, MagicMock()) for name in Parts.__dataclass_fields__}
    return Reconciler(cast(Any, Parts(**everything))), now


def test_a_mistake_of_ours_is_shown_at_the_application_and_does_not_leave_it_loading(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = application()
    loop, now = reconciler(feed=SimpleNamespace(load=lambda: Loaded((app,))))
    monkeypatch.setattr(module, "prepare", lambda *asked: {}["odd"])
    loop._publish = lambda record: None  # type: ignore[method-assign]
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
    loop, _ = reconciler()
    record = Record(application())
    loop._may_discover = lambda now: False  # type: ignore[method-assign]
    loop._compare_prepared(record, prepared)
    assert record.targets is not None and record.targets.resources[0].key.namespace == "shop"
    known["ClusterIssuer"] = False
    loop._compare_prepared(record, prepared)
    assert record.targets.resources[0].key.namespace == ""
    before = record.targets
    loop._compare_prepared(record, prepared)
    assert record.targets is before


# --- plans


def plan(**more: Any) -> Plan:
    app = application()
    known = {"number": 1, "kind": PlanKind.SYNC, "apps": (app.key,), "cluster": "c", "namespaces": ("shop",)}
    known |= {"revisions": {app.key: "abc"}, "commits": {}, "items": (), "made_at": datetime.now(UTC)}
    return Plan(**cast(Any, {**known, "resource_versions": {}, **more}))


def test_a_plan_is_stale_when_it_would_delete_what_nobody_saw() -> None:
    one = compared(config_map("extra"), in_git=False, requires_pruning=True)
    one.is_managed = True
    comparison = cast(Any, SimpleNamespace(app=application(), revision="abc", objects=[one], find=lambda key: one))
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
            pool.submit(lambda: None).result(5)
            long = [pool.submit(lambda: release.wait(10)) for _ in range(3)]
            pool.submit(lambda: None).result(5)
            release.set()
            assert all(one.result(5) for one in long)
            release.clear()
    finally:
        release.set()
        pool.stop()
    assert pool.submit(lambda: None).cancelled()
