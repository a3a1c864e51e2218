"""Undoing foreign drift: the exact JSON patch, what it costs, and what may be undone without a person."""

from __future__ import annotations

import copy
from typing import Any

import jsonpatch
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from gitops_tui.diff.foreign import needs_pristine
from gitops_tui.diff.ownership import Managers
from gitops_tui.diff.undo import (
    heals_itself,
    restart_words,
    restarted_pods,
    restarts_pods,
    undo_patch,
    without_fields,
    without_replicas,
)
from gitops_tui.errors import StalePlanError
from gitops_tui.model.drift import FieldDrift, Path, Writer, path_text
from gitops_tui.model.status import DriftKind, WriterClass
from tests.unit.diff.world import (
    NOW,
    OURS,
    Object,
    adds_env,
    ago,
    annotates,
    applied,
    compared,
    config_map,
    container_of,
    deployment,
    foreign,
    schema_of,
    secret,
    sets,
    written,
)

CONTAINER = "/spec/template/spec/containers/0"


def of(path: Path, **how: Any) -> FieldDrift:
    settings_: Object = {"kind": DriftKind.FOREIGN, "ticked": True, "healable": True, **how}
    return FieldDrift(path=path, text=path_text(path), label="", **settings_)


def env(name: str) -> Path:
    return ("spec", "template", "spec", "containers", (("name", "auth"),), "env", (("name", name),))


# --- the patch -------------------------------------------------------------------------------------------------------


def test_the_patch_removes_one_variable_and_tests_everything_on_the_way() -> None:
    live = written(applied(deployment()), adds_env("DEBUG"))
    assert undo_patch(live, foreign(live, deployment())) == [
        {"op": "test", "path": "/metadata/resourceVersion", "value": "42"},
        {"op": "test", "path": f"{CONTAINER}/name", "value": "auth"},
        {"op": "test", "path": f"{CONTAINER}/env/1", "value": {"name": "DEBUG", "value": "1"}},
        {"op": "remove", "path": f"{CONTAINER}/env/1"},
    ]


def test_later_items_are_removed_first_and_places_are_counted_as_numbers() -> None:
    names = [f"V{number}" for number in range(12)]
    live = written(applied(deployment()), adds_env(*names))
    patch = undo_patch(live, foreign(live, deployment()))
    assert [one["path"] for one in patch if one["op"] == "remove"] == [f"{CONTAINER}/env/{n}" for n in range(12, 0, -1)]
    assert container_of(jsonpatch.apply_patch(live, patch))["env"] == container_of(deployment())["env"]
    assert [one["op"] for one in patch] == ["test"] * 14 + ["remove"] * 12, "all tests before the first removal"


def test_names_with_slashes_and_tildes() -> None:
    live = written(applied(config_map()), lambda obj: obj["data"].update({"a/b~c": "x"}))
    patch = undo_patch(live, foreign(live, config_map()))
    assert patch[1:] == [
        {"op": "test", "path": "/data/a~1b~0c", "value": "x"},
        {"op": "remove", "path": "/data/a~1b~0c"},
    ]
    assert jsonpatch.apply_patch(live, patch)["data"] == config_map()["data"]


def test_an_item_of_a_set_is_tested_by_its_value() -> None:
    live = {**applied(config_map()), "list": ["a", "b"]}
    patch = undo_patch(live, [of(("list", (("", "b"),)))])
    assert patch[1:] == [{"op": "test", "path": "/list/1", "value": "b"}, {"op": "remove", "path": "/list/1"}]


def test_only_what_is_foreign_ticked_and_healable_is_in_it() -> None:
    live = written(applied(deployment()), adds_env("DEBUG", "TRACE"))
    found = foreign(live, deployment())
    kept = [replace(found[0], ticked=False), found[1]]
    assert [one["path"] for one in undo_patch(live, kept) if one["op"] == "remove"] == [f"{CONTAINER}/env/2"]
    for out in ({"ticked": False}, {"healable": False}, {"kind": DriftKind.NOTE}, {"kind": DriftKind.TARGET}):
        assert undo_patch(live, [of(env("DEBUG"), **out)]) == []
    assert undo_patch(live, []) == []
    assert without_fields(live, []) is live


def test_target_drift_and_notes_are_left_to_the_apply() -> None:
    live = written(applied(deployment()), sets("spec.replicas", 5))
    live = written(live, annotates("team", "a"))
    assert undo_patch(live, compared(deployment(), live).fields) == []
    assert undo_patch(live, foreign(live, deployment())) == []


@pytest.mark.parametrize(
    "path",
    [env("GONE"), ("data", "x"), ("spec", "template", "spec", "containers", (("name", "x"),), "env", (("name", "A"),))],
)
def test_a_field_that_is_gone_makes_the_plan_stale(path: Path) -> None:
    with pytest.raises(StalePlanError, match="a field of the plan is gone from the cluster"):
        undo_patch(applied(deployment()), [of(path)])


def moved(obj: Object) -> None:
    container_of(obj)["env"].reverse()


@pytest.mark.parametrize(
    "change",
    [
        sets("metadata.resourceVersion", "43"),
        lambda obj: container_of(obj)["env"][1].update(value="2"),
        lambda obj: container_of(obj).update(name="other"),
        lambda obj: container_of(obj)["env"].pop(),
        moved,
    ],
    ids=["another version", "another value", "another container", "gone", "moved"],
)
def test_on_an_object_that_moved_on_the_patch_is_a_conflict(change: Any) -> None:
    live = written(applied(deployment()), adds_env("DEBUG"))
    patch = undo_patch(live, foreign(live, deployment()))
    now = copy.deepcopy(live)
    change(now)
    with pytest.raises((jsonpatch.JsonPatchTestFailed, jsonpatch.JsonPatchConflict, jsonpatch.JsonPointerException)):
        jsonpatch.apply_patch(now, patch)


NAMES = st.lists(st.sampled_from(["A", "B", "C", "D", "E"]), min_size=1, max_size=5, unique=True)


@settings(max_examples=25, deadline=None)
@given(NAMES, NAMES, st.sets(st.integers(0, 9)), st.sets(st.sampled_from(["X", "Y"])))
def test_a_patch_removes_exactly_the_fields_of_the_plan(
    first: list[str], second: list[str], ticked: set[int], volumes: set[str]
) -> None:
    target = deployment()
    sidecar = {"name": "log", "image": "registry.example/log:1", "env": [{"name": "OWN", "value": "1"}]}
    target["spec"]["template"]["spec"]["containers"].append(sidecar)

    def change(obj: Object) -> None:
        pod = obj["spec"]["template"]["spec"]
        for container, names in zip(pod["containers"], (first, second), strict=True):
            container["env"] = [{"name": name, "value": "1"} for name in names] + container["env"]
        if volumes:
            pod["volumes"] = [{"name": name.lower(), "emptyDir": {}} for name in sorted(volumes)]

    live = written(applied(target), change)
    before = copy.deepcopy(live)
    found = foreign(live, target)
    assert len(found) == len(first) + len(second) + len(volumes)
    plan = [replace(one, ticked=at in ticked) for at, one in enumerate(found)]
    after = jsonpatch.apply_patch(live, undo_patch(live, plan))
    assert after == without_fields(live, plan)
    assert live == before
    left = {one.text for one in foreign(after, target)}
    assert left == {one.text for one in plan if not one.ticked}
    assert not compared(target, after).modified
    if all(one.ticked for one in plan) and not volumes:
        assert after["spec"] == applied(target)["spec"]


def test_what_was_undone_is_nobodys_business_any_more() -> None:
    live = written(applied(config_map()), lambda obj: obj["data"].update(debug="on"))
    undone = written(live, lambda obj: obj["data"].pop("debug"), OURS)
    assert not needs_pristine(undone, config_map(), schema=schema_of(undone), managers=Managers(OURS))


def test_a_secrets_patch_carries_the_values_that_a_server_compares() -> None:
    target = {**secret(), "data": {"a": "YQ=="}}
    target.pop("stringData")
    live = written(applied(target), lambda obj: obj["data"].update(b="Yg=="))
    plan = [replace(one, ticked=True) for one in foreign(live, target)]
    assert undo_patch(live, plan)[1] == {"op": "test", "path": "/data/b", "value": "Yg=="}


# --- by itself -------------------------------------------------------------------------------------------------------


def by(manager: str, klass: WriterClass = WriterClass.PERSON, **age: float) -> Writer:
    return Writer(manager, time=ago(**age) if age else "", klass=klass)


@pytest.mark.parametrize(
    ("writer", "heals"),
    [
        (by("kubectl-edit", days=1), True),
        (by("kubectl-set", minutes=60), True),
        (by("kubectl-edit", minutes=59), False),
        (by("kubectl-edit"), False),
        (by("kubectl-patch", days=1), False),
        (by("k9s", days=1), False),
        (by("helm", WriterClass.DEPLOYER, days=1), False),
        (by("manager", WriterClass.OTHER, days=1), False),
        (by("kubectl-edit", WriterClass.OTHER, days=1), False),
        (None, False),
    ],
)
def test_automation_undoes_editors_only_and_not_what_is_young(writer: Writer | None, heals: bool) -> None:
    assert heals_itself(of(env("A"), writer=writer), NOW) is heals


@pytest.mark.parametrize("how", [{"healable": False}, {"kind": DriftKind.NOTE}, {"kind": DriftKind.TARGET}])
def test_and_only_foreign_drift(how: Object) -> None:
    assert not heals_itself(of(env("A"), writer=by("kubectl-edit", days=1), **how), NOW)


def test_whether_it_heals_itself_does_not_depend_on_the_tick() -> None:
    assert heals_itself(of(env("A"), writer=by("kubectl-edit", minutes=90), ticked=False), NOW)


# --- what it costs ---------------------------------------------------------------------------------------------------


def workload(kind: str, **spec: Any) -> Object:
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "a", "image": "x:1"}]}}
    status = {"desiredNumberScheduled": 7}
    group = "batch/v1" if kind in ("Job", "CronJob") else "apps/v1"
    body = {"template": template, **spec}
    return {"apiVersion": group, "kind": kind, "metadata": {"name": "w"}, "spec": body, "status": status}


def with_image(obj: Object, image: str = "x:2") -> Object:
    after = copy.deepcopy(obj)
    container_of(after)["image"] = image
    return after


ONDELETE = {"updateStrategy": {"type": "OnDelete"}}


@pytest.mark.parametrize(
    ("obj", "pods"),
    [
        (workload("Deployment", replicas=3), 3),
        (workload("Deployment", replicas=0), 0),
        (workload("Deployment"), 1),
        (workload("StatefulSet", replicas=2), 2),
        (workload("DaemonSet"), 7),
        (workload("StatefulSet", replicas=2, **ONDELETE), None),
        (workload("DaemonSet", **ONDELETE), None),
        (workload("Job"), None),
    ],
)
def test_a_changed_template_restarts_the_pods(obj: Object, pods: int | None) -> None:
    assert restarted_pods(obj, with_image(obj)) == pods
    assert restarts_pods(obj, with_image(obj)) is (pods is not None)
    assert restarted_pods(obj, obj) is None


def test_what_is_outside_of_the_template_restarts_nothing() -> None:
    obj = workload("Deployment", replicas=3)
    scaled = {**obj, "spec": {**obj["spec"], "replicas": 5}}
    assert restarted_pods(obj, scaled) is None
    assert restarted_pods(obj, with_image(scaled)) == 5
    assert restarted_pods(config_map(), config_map(a="b")) is None


def test_the_same_template_written_otherwise_restarts_nothing() -> None:
    before, after = deployment(resources={"limits": {"cpu": "1000m"}}), deployment(resources={"limits": {"cpu": "1"}})
    assert not restarts_pods(before, after, schema_of(before))
    assert restarts_pods(before, deployment(resources={"limits": {"cpu": "2"}}), schema_of(before))


@pytest.mark.parametrize(
    ("pods", "words"),
    [
        (None, "Restarts no pods."),
        (1, "Restarts 1 pod."),
        (3, "Restarts 3 pods, one after another."),
    ],
)
def test_words(pods: int | None, words: str) -> None:
    assert restart_words(pods) == words


def test_replicas_are_left_out_of_an_apply_while_an_autoscaler_sets_them() -> None:
    target = deployment()
    assert "replicas" not in without_replicas(target)["spec"]
    assert target["spec"]["replicas"] == 3
    bare = without_replicas(target)
    assert without_replicas(bare) == bare
