"""Plans: what brakes them, what they are pinned to, and which fields they undo."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from msgspec.structs import replace

from gitops_tui.engine.comparison import ComparedObject, Comparison
from gitops_tui.engine.confirm import Confirmed, Confirmer
from gitops_tui.engine.moved import has_moved
from gitops_tui.engine.planning import Planner, fields_to_undo, target_drift_keys
from gitops_tui.engine.pool import Pool
from gitops_tui.engine.session import Session
from gitops_tui.engine.targets import TargetSet
from gitops_tui.model.application import parse_application
from gitops_tui.model.drift import FieldDrift, Writer
from gitops_tui.model.plan import ItemAction, Plan, PlanItem, SyncRequest
from gitops_tui.model.reader import Origin
from gitops_tui.model.resource import Object, ResourceKey, key_of
from gitops_tui.model.snapshot import ResourceView
from gitops_tui.model.status import DriftKind, Health, HealthStatus, SyncStatus, WriterClass

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
RAW = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Application",
    "metadata": {"name": "web", "namespace": "argocd"},
    "spec": {"project": "p", "source": {"repoURL": "r"}, "destination": {"name": "in-cluster", "namespace": "shop"}},
}
APP = parse_application(RAW, origin=Origin())


class FakeConfirmer:
    """``refuses`` by name."""

    def __init__(self, **refuses: str) -> None:
        self.refuses = refuses
        self.asked: list[str] = []

    def applied(self, resource: object, target: Object, *, validate: bool = True) -> Confirmed:
        name = target["metadata"]["name"]
        self.asked.append(name)
        return Confirmed(refusal=self.refuses.get(name, ""))


SESSION = cast(
    Session,
    SimpleNamespace(
        name="kind",
        resource_for=lambda obj: obj["kind"],
        is_namespaced=lambda group, kind: kind not in ("Namespace", "CustomResourceDefinition", "PersistentVolume"),
        cache=SimpleNamespace(get=lambda key: None),
    ),
)


def obj(name: str, kind: str = "ConfigMap", **metadata: Any) -> Object:
    api = {"StatefulSet": "apps/v1", "CustomResourceDefinition": "apiextensions.k8s.io/v1"}.get(kind, "v1")
    where = {} if kind in ("Namespace", "PersistentVolume", "CustomResourceDefinition") else {"namespace": "shop"}
    managed = [{"manager": "gitops-tui", "operation": "Apply"}]
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, "managedFields": managed, **where, **metadata}}


def compared(
    found: Object,
    *,
    is_target: bool = True,
    is_live: bool = True,
    drift: tuple[FieldDrift, ...] = (),
    version: str = "1",
) -> ComparedObject:
    is_modified = not is_live or not is_target or any(one.kind is DriftKind.TARGET for one in drift)
    view = ResourceView(
        key_of(found),
        "v1",
        SyncStatus.OUT_OF_SYNC if is_modified else SyncStatus.SYNCED,
        Health(HealthStatus.HEALTHY),
        exists=is_live,
        requires_pruning=not is_target,
        drift=drift,
        resource_version=version if is_live else "",
    )
    live = found if is_live else None
    return ComparedObject(view, found if is_target else None, live, live, found)


def comparison(*objects: ComparedObject, **policy: Any) -> Comparison:
    raw = {**RAW, "spec": {**cast("dict[str, Any]", RAW["spec"]), "syncPolicy": policy}}
    app = parse_application(raw, origin=Origin())
    source = SimpleNamespace(path="web", is_only_reference=False)
    pin = cast(Any, SimpleNamespace(sha="a" * 40, last_commit=lambda: None, source=source))
    health = Health(HealthStatus.HEALTHY)
    return Comparison(app, SESSION, (pin,), TargetSet(()), objects, SyncStatus.OUT_OF_SYNC, health, (), NOW)


def sync_plan(*found: Comparison, confirmer: FakeConfirmer | None = None, **request: Any) -> Plan:
    pool = Pool("test", 2)
    try:
        confirmers = [cast(Confirmer, confirmer or FakeConfirmer())] * len(found)
        return Planner(pool, "gitops-tui").sync(found, SyncRequest(**request), confirmers)
    finally:
        pool.stop()


def heal_plan(found: Comparison) -> Plan:
    pool = Pool("test", 2)
    try:
        return Planner(pool, "gitops-tui").heal(found, cast(Confirmer, FakeConfirmer()))
    finally:
        pool.stop()


def kept(number: int) -> list[ComparedObject]:
    return [compared(obj(f"kept-{one}")) for one in range(number)]


def lost(number: int) -> list[ComparedObject]:
    return [compared(obj(f"lost-{one}"), is_target=False) for one in range(number)]


def actions(plan: Plan) -> dict[str, ItemAction]:
    return {item.key.name: item.action for item in plan.items}


# --- what happens to which object


def test_each_object_gets_its_action() -> None:
    drift = FieldDrift(("data", "a"), "data.a", "data key a", DriftKind.TARGET)
    found = comparison(
        compared(obj("new"), is_live=False),
        compared(obj("changed"), drift=(drift,)),
        compared(obj("same")),
        compared(obj("lost"), is_target=False),
    )
    confirmer = FakeConfirmer(changed="no, said the webhook")
    plan = sync_plan(found, confirmer=confirmer)
    assert actions(plan) == {
        "new": ItemAction.CREATE, "changed": ItemAction.CONFIGURE,
        "same": ItemAction.UNCHANGED, "lost": ItemAction.SKIP,
    }  # fmt: skip
    assert sorted(confirmer.asked) == ["changed", "new"], "only what is written"
    assert [item.error for item in plan.items if item.error] == ["no, said the webhook"]
    assert "1 object not in Git any more will stay" in plan.warnings
    assert plan.confirmed_by_server_s is None


def test_prune_false_stays_even_where_prune_was_asked_for() -> None:
    note = {"argocd.argoproj.io/sync-options": "Prune=false"}
    found = comparison(*kept(9), compared(obj("lost", annotations=note), is_target=False))
    (item,) = [one for one in sync_plan(found, prune=True).items if one.key.name == "lost"]
    assert (item.action, item.notes) == (ItemAction.SKIP, ("Prune=false: it stays",))
    whole = comparison(*kept(9), *lost(1), syncOptions=["Prune=false"])
    assert actions(sync_plan(whole, prune=True))["lost-0"] is ItemAction.SKIP


def test_only_what_was_chosen_is_in_the_plan() -> None:
    found = comparison(*kept(2), *lost(2))
    chosen = (ResourceKey("", "ConfigMap", "shop", "lost-1"),)
    assert list(actions(sync_plan(found, prune=True, resources=chosen))) == ["lost-1"]


# --- brakes


@pytest.mark.parametrize(
    ("pruned", "stay", "reason"),
    [
        (1, 9, ""),
        (1, 4, ""),
        (2, 8, ""),
        (1, 3, "deletes 1 of 4 objects"),
        (5, 95, ""),
        (6, 94, "deletes 6 objects"),
    ],
)
def test_a_prune_by_number(pruned: int, stay: int, reason: str) -> None:
    plan = sync_plan(comparison(*kept(stay), *lost(pruned)), prune=True)
    assert plan.must_type_reason == reason
    assert plan.must_type == ("web" if reason else "")
    assert sync_plan(comparison(*kept(stay), *lost(pruned))).must_type == "", "nothing is deleted"


@pytest.mark.parametrize(
    "kind", ["Namespace", "PersistentVolume", "PersistentVolumeClaim", "CustomResourceDefinition", "StatefulSet"]
)
def test_one_precious_object_is_enough(kind: str) -> None:
    plan = sync_plan(comparison(*kept(50), compared(obj("dear", kind), is_target=False)), prune=True)
    assert (plan.must_type, plan.must_type_reason) == ("web", f"deletes {kind}/dear")


def other(*objects: ComparedObject, name: str = "api", namespace: str = "argocd") -> Comparison:
    raw = {**RAW, "metadata": {"name": name, "namespace": namespace}}
    return replace(comparison(*objects), app=parse_application(raw, origin=Origin()))


def test_brakes_of_several_applications_are_one_phrase_that_counts_everything() -> None:
    dear = compared(obj("dear", "Namespace"), is_target=False)
    plan = sync_plan(
        comparison(*kept(4), *lost(2)), other(*kept(50), dear), other(*kept(50), *lost(1), name="calm"), prune=True
    )
    assert plan.must_type == "delete 4 objects", "those of the calm one too"
    assert plan.must_type_reason == "web deletes 2 of 6 objects; api deletes Namespace/dear"
    assert plan.warnings[:2] == ("brake: web deletes 2 of 6 objects", "brake: api deletes Namespace/dear")


def test_one_brake_among_several_applications_counts_everything_too() -> None:
    plan = sync_plan(comparison(*kept(50)), other(*kept(4), *lost(2), name="web", namespace="team"), prune=True)
    assert (plan.must_type, plan.must_type_reason) == ("delete 2 objects", "team/web deletes 2 of 6 objects")
    assert sync_plan(comparison(*kept(50)), other(*kept(50), *lost(1)), prune=True).must_type == ""


# --- heals


def foreign(name: str = "b", *, ticked: bool = True, age: timedelta = timedelta(days=14), healable: bool = True) -> Any:
    writer = Writer("kubectl-edit", time=(NOW - age).isoformat(), klass=WriterClass.PERSON)
    text = f"data.{name}"
    return FieldDrift(("data", name), text, f"data key {name}", DriftKind.FOREIGN, "x", None, writer, ticked, healable)


TARGET = FieldDrift(("data", "a"), "data.a", "data key a", DriftKind.TARGET, ticked=True, healable=True)
NOTE = FieldDrift(("metadata", "labels", "x"), "metadata.labels.x", "label x", DriftKind.NOTE)


def test_a_heal_holds_drift_and_nothing_else() -> None:
    found = comparison(
        compared(obj("drifted"), drift=(TARGET, foreign(), NOTE)),
        compared(obj("noted"), drift=(NOTE,)),
        compared(obj("gone"), is_live=False),
        compared(obj("lost"), is_target=False),
        compared(obj("same")),
    )
    plan = heal_plan(found)
    assert actions(plan) == {"drifted": ItemAction.CONFIGURE, "gone": ItemAction.CREATE}
    assert [field.text for field in plan.items[0].fields] == ["data.a", "data.b"]
    assert [key.name for key in target_drift_keys(plan)] == ["drifted", "gone"]
    assert plan.must_type == ""


TEMPLATE = ("spec", "template", "spec", "containers", "env")


@pytest.mark.parametrize(
    ("path", "kind", "ticked", "is_replaced", "pods"),
    [
        (("spec", "replicas"), DriftKind.TARGET, True, False, 0),
        (("spec", "replicas"), DriftKind.TARGET, True, True, 3),
        (TEMPLATE, DriftKind.TARGET, False, False, 3),
        (TEMPLATE, DriftKind.FOREIGN, True, False, 3),
        (TEMPLATE, DriftKind.FOREIGN, False, False, 0),
    ],
)
def test_only_what_is_undone_restarts_pods(
    path: tuple[str, ...], kind: DriftKind, ticked: bool, is_replaced: bool, pods: int
) -> None:
    field = FieldDrift(path, ".".join(path), "field", kind, ticked=ticked, healable=True)
    key = ResourceKey("apps", "Deployment", "shop", "web")
    item = PlanItem(APP.key, key, ItemAction.CONFIGURE, (field,), restarts_pods=3, is_replaced=is_replaced)
    assert item.restarted() == pods
    assert item.restarted({(key, field.text)}) == (3 if kind is DriftKind.FOREIGN else pods)
    assert item.restarted(set()) == (0 if kind is DriftKind.FOREIGN else pods)
    assert replace(item, restarts_pods=None).restarted() == 0


def test_a_sync_says_what_it_replaces() -> None:
    found = comparison(compared(obj("drifted"), drift=(TARGET,)))
    assert [item.is_replaced for item in sync_plan(found).items] == [False]
    assert [item.is_replaced for item in sync_plan(found, replace=True).items] == [True]


def test_what_is_young_needs_the_name() -> None:
    drift = replace(foreign(ticked=False, age=timedelta(minutes=12)), reason="somebody may be at work on this")
    plan = heal_plan(comparison(compared(obj("drifted"), drift=(drift,))))
    assert plan.must_type == "web"
    assert plan.must_type_reason == "somebody may be at work on this (kubectl-edit, in the last 2 h)"


def test_an_object_that_nobody_owns_needs_the_name() -> None:
    plan = heal_plan(comparison(compared(obj("drifted", managedFields=[]), drift=(TARGET,))))
    assert plan.must_type == "web" and "nobody owns the fields of ConfigMap/drifted" in plan.must_type_reason


def test_fields_are_undone_as_they_were_left_ticked() -> None:
    fields = (TARGET, foreign("on"), foreign("off", ticked=False), foreign("never", healable=False))
    plan = heal_plan(comparison(compared(obj("drifted"), drift=fields)))
    key = plan.items[0].key

    def undone(ticked: set[str] = frozenset(), unticked: set[str] = frozenset()) -> list[str]:
        marks = [frozenset((key, text) for text in one) for one in (ticked, unticked)]
        found = fields_to_undo(plan, marks[0], marks[1])
        assert all(one.ticked for fields in found.values() for one in fields)
        return [one.text for fields in found.values() for one in fields]

    assert undone() == ["data.on"]
    assert undone(ticked={"data.off", "data.never"}) == ["data.on", "data.off"]
    assert undone(unticked={"data.on"}) == []
    assert undone(ticked={"data.on"}, unticked={"data.on"}) == []


# --- what a plan is pinned to


def test_a_plan_holds_while_nothing_of_it_moves() -> None:
    one, two = compared(obj("drifted"), drift=(TARGET,)), compared(obj("same"))
    plan = sync_plan(comparison(one, two))
    assert has_moved(plan, comparison(one, two)) == ""
    assert has_moved(plan, comparison(one, compared(obj("same"), version="2"))) == "", "it is not written"


def test_a_plan_is_stale_when_an_object_or_git_moved() -> None:
    one, gone = compared(obj("drifted"), drift=(TARGET,)), compared(obj("new"), is_live=False)
    plan = sync_plan(comparison(one, gone))
    moved = compared(obj("drifted"), drift=(TARGET,), version="2")
    assert has_moved(plan, comparison(moved, gone)) == "ConfigMap/drifted changed in the cluster"
    assert has_moved(plan, comparison(one, compared(obj("new")))) == "ConfigMap/new changed in the cluster"
    assert has_moved(plan, comparison(gone)) == "ConfigMap/drifted changed in the cluster"
    assert has_moved(plan, at_newer(comparison(one, gone), "other")) == "Git moved from aaaaaaa to bbbbbbb"


def at_newer(found: Comparison, content: str, *, is_only_reference: bool = False) -> Comparison:
    """The branch moved; ``content`` is what it holds below the application's path, which was ``same``."""
    source = SimpleNamespace(path="web", is_only_reference=is_only_reference)
    mirror = SimpleNamespace(content_id=lambda revision, path: "same")
    pin = SimpleNamespace(sha="b" * 40, last_commit=lambda: None, source=source, content=content, mirror=mirror)
    return replace(found, pins=(cast(Any, pin),))


def test_a_commit_of_another_application_does_not_make_a_plan_stale() -> None:
    one = compared(obj("drifted"), drift=(TARGET,))
    plan = sync_plan(comparison(one))
    assert has_moved(plan, at_newer(comparison(one), "same")) == ""
    referred = at_newer(comparison(one), "same", is_only_reference=True)
    assert has_moved(plan, referred) == "Git moved from aaaaaaa to bbbbbbb", "which of its files count is not known"


def test_a_plan_is_stale_when_it_would_write_what_it_said_stays() -> None:
    one, two = compared(obj("drifted"), drift=(TARGET,)), compared(obj("same"))
    plan = sync_plan(comparison(one, two))
    changed, deleted = compared(obj("same"), drift=(TARGET,), version="2"), compared(obj("same"), is_live=False)
    for now in (changed, deleted):
        assert has_moved(plan, comparison(one, now)) == "ConfigMap/same would be written, too"
    chosen = sync_plan(comparison(one, two), resources=(one.key,))
    assert has_moved(replace(chosen, request=SyncRequest(resources=(one.key,))), comparison(one, changed)) == ""
    healing = heal_plan(comparison(one, two))
    assert has_moved(healing, comparison(one, changed)) == "", "a heal applies what it names"


def test_hooks_are_named_with_their_phases() -> None:
    notes = {"argocd.argoproj.io/hook": "PreSync,PostSync"}
    found = replace(comparison(*kept(1)), targets=TargetSet((), hooks=(obj("check", annotations=notes),)))
    hooks = [(item.key.name, item.phase) for item in sync_plan(found).items if item.action is ItemAction.HOOK]
    assert hooks == [("check", "PreSync"), ("check", "PostSync")]
    assert not [one for one in sync_plan(found, strategy="apply").items if one.action is ItemAction.HOOK]


def test_a_hook_that_is_named_when_it_is_made_is_called_by_its_prefix() -> None:
    hook = obj("check", annotations={"argocd.argoproj.io/hook": "PreSync"}, generateName="migrate-")
    del hook["metadata"]["name"]
    found = replace(comparison(*kept(1)), targets=TargetSet((), hooks=(hook,)))
    assert [item.key.name for item in sync_plan(found).items if item.action is ItemAction.HOOK] == ["migrate-*"]


# --- in which order


def waved(name: str, kind: str, wave: str, **more: Any) -> ComparedObject:
    return compared(
        obj(name, kind, annotations={"argocd.argoproj.io/sync-wave": wave, **more.pop("notes", {})}), **more
    )


def test_a_plan_is_in_the_order_in_which_it_is_applied() -> None:
    """Waves, then kinds; what is pruned in the reverse of its waves; PruneLast and PostSync at the end."""
    last = {"argocd.argoproj.io/sync-options": "PruneLast=true"}
    found = comparison(
        compared(obj("web", "StatefulSet"), is_live=False),
        compared(obj("settings"), is_live=False),
        waved("late", "ConfigMap", "2", is_live=False),
        waved("old-early", "ConfigMap", "-1", is_target=False),
        waved("old-late", "ConfigMap", "1", is_target=False),
        waved("old-last", "ConfigMap", "0", is_target=False, notes=last),
        waved("early", "Service", "-1", is_live=False),
    )
    hook = {"argocd.argoproj.io/hook": "PreSync,PostSync"}
    hooked = replace(found, targets=TargetSet((), hooks=(obj("migrate", "Job", annotations=hook),)))
    assert [(one.key.name, one.phase, one.wave) for one in sync_plan(hooked, prune=True).items] == [
        ("migrate", "PreSync", 0),
        ("old-late", "Sync", -1),
        ("early", "Sync", -1),
        ("settings", "Sync", 0),
        ("web", "Sync", 0),
        ("old-early", "Sync", 1),
        ("late", "Sync", 2),
        ("old-last", "Sync", 3),
        ("migrate", "PostSync", 0),
    ]


def test_a_namespace_is_planned_before_what_needs_it() -> None:
    found = comparison(
        waved("app", "ConfigMap", "-2", is_live=False), compared(obj("shop", "Namespace"), is_live=False)
    )
    assert [(one.key.name, one.wave) for one in sync_plan(found).items] == [("shop", -2), ("app", -2)]
