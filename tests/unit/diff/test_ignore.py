"""``ignoreDifferences`` and ``RespectIgnoreDifferences`` (Argo CD "Diffing customization")."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_tui.diff.ignore import Ignoring, respected, rules_for, system_rules, without_trusted
from gitops_tui.model.application import IgnoreDifference
from gitops_tui.model.resource import ResourceKey
from tests.unit.diff.world import (
    Change,
    Object,
    adds_env,
    applied,
    compared,
    config_map,
    container_of,
    deployment,
    foreign,
    schema_of,
    service,
    sets,
    written,
)

KEY = ResourceKey("apps", "Deployment", "shop", "auth")


def rule(*pointers: str, jq: tuple[str, ...] = (), managers: tuple[str, ...] = ()) -> IgnoreDifference:
    return IgnoreDifference("apps", "Deployment", "", "", pointers, jq, managers)


def scaled(obj: Object) -> None:
    obj["spec"]["replicas"] = 5


def changed(*changes: Change, manager: str = "kubectl-edit") -> Object:
    def change(obj: Object) -> None:
        for one in changes:
            one(obj)

    return written(applied(deployment()), change, manager)


def left(live: Object, *rules: IgnoreDifference, target: Object | None = None) -> list[str]:
    return [one.label for one in compared(target or deployment(), live, ignores=rules).fields]


def image(name: str) -> Change:
    def change(obj: Object) -> None:
        container_of(obj)["image"] = name

    return change


# --- which objects ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule_of", "is_covered"),
    [
        (("apps", "Deployment"), True),
        (("*", "*"), True),
        (("a*", "{StatefulSet,Deployment}"), True),
        (("", "Deployment"), False),
        (("apps", "deployment"), False),
        (("apps", "Deployment", "auth"), True),
        (("apps", "Deployment", "a*"), False),
        (("apps", "Deployment", "auth", "shop"), True),
        (("apps", "Deployment", "", "other"), False),
    ],
)
def test_group_and_kind_are_globs_and_names_are_exact(rule_of: tuple[str, ...], is_covered: bool) -> None:
    found = rules_for(KEY, [IgnoreDifference(*rule_of, json_pointers=("/spec",))])
    assert bool(found) is is_covered


def test_all_rules_that_cover_an_object_are_joined() -> None:
    rules = [
        rule("/a"),
        rule("/a", "/b", jq=(".c",)),
        IgnoreDifference("", "Pod", json_pointers=("/d",)),
        rule(managers=("m",)),
    ]
    assert rules_for(KEY, rules) == Ignoring(("/a", "/b"), (".c",), ("m",))
    assert not rules_for(KEY, [])


def test_the_systems_rules_name_their_kinds_in_four_ways() -> None:
    body = {"jsonPointers": ["/a"], "jqPathExpressions": [".b"], "managedFieldsManagers": ["c"]}
    found = system_rules(dict.fromkeys(("apps/Deployment", "apps_Deployment", "Pod", "all", "*/*", "a/b/c"), body))
    assert [(one.group, one.kind) for one in found] == [
        ("apps", "Deployment"),
        ("apps", "Deployment"),
        ("", "Pod"),
        ("*", "*"),
        ("*", "*"),
    ]
    assert found[0] == rule("/a", jq=(".b",), managers=("c",))
    assert system_rules({"Pod": {}, "Service": "odd"}) == (IgnoreDifference("", "Pod"),)


# --- pointers --------------------------------------------------------------------------------------------------------


def test_a_pointer_takes_its_field_from_both_sides_and_nothing_else() -> None:
    live = changed(scaled, image("other:1"))
    assert left(live) == ["replicas", "image"]
    assert left(live, rule("/spec/replicas")) == ["image"]
    assert left(live, rule("/spec/replicas", "/spec/template/spec/containers/0/image")) == []
    found = compared(deployment(), live, ignores=[rule("/spec/replicas", "/spec/template")])
    assert (found.modified, found.problems) == (False, ())
    assert found.live == found.predicted
    assert "replicas" not in (found.live or {})["spec"]


def test_what_only_one_side_has_can_be_ignored() -> None:
    without = deployment()
    del without["spec"]["replicas"]
    assert left(applied(without)) == ["replicas"]
    assert left(applied(without), rule("/spec/replicas")) == []


def test_slashes_and_tildes_in_a_pointer_are_escaped() -> None:
    def note(obj: Object) -> None:
        obj["metadata"]["annotations"] = {"a/b": "1", "c~d": "1"}

    target = deployment()
    target["metadata"]["annotations"] = {"a/b": "2", "c~d": "2"}
    assert left(changed(note), target=target) == ["annotation a/b", "annotation c~d"]
    assert left(changed(note), rule("/metadata/annotations/a~1b"), target=target) == ["annotation c~d"]
    assert left(changed(note), rule("/metadata/annotations/c~0d"), target=target) == ["annotation a/b"]


@pytest.mark.parametrize(
    "pointer", ["/spec/nope", "/spec/nope/deeper", "/spec/template/spec/containers/7", "/spec/replicas/x"]
)
def test_a_pointer_to_nothing_is_fine(pointer: str) -> None:
    found = compared(deployment(), changed(scaled), ignores=[rule(pointer)])
    assert [one.label for one in found.fields] == ["replicas"]
    assert found.problems == ()


# --- rules that do not work ------------------------------------------------------------------------------------------

PROBLEMS = [
    (rule("spec/replicas"), "'spec/replicas' is no JSON pointer: it must begin with /"),
    (rule(jq=(".kind[]",)), 'jq .kind[]: Cannot iterate over string ("Deployment")'),
    (rule(jq=(".spec[",)), "jq .spec[: "),
    (rule(jq=(".",)), "jq .: del() must yield one object, it yielded none"),
    (rule(jq=("range(3)",)), "jq range(3): range is refused here: it could run for ever"),
    (rule(jq=("def f: f; f",)), "def is refused here"),
    (rule(jq=(".spec | until(false; .)",)), "until is refused here"),
    (rule(jq=("env.HOME",)), "env is refused here"),
    (rule(jq=("$ENV.HOME",)), "$ENV is refused here"),
    (rule(jq=("recurse(.)",)), "is refused here"),
    (rule(jq=("input",)), "input is refused here"),
]


@pytest.mark.parametrize(
    ("broken", "words"), PROBLEMS, ids=[str(one[0].jq_path_expressions or "pointer") for one in PROBLEMS]
)
def test_a_rule_that_does_not_work_is_skipped_and_told_once(broken: IgnoreDifference, words: str) -> None:
    works = rule("/spec/template")
    found = compared(deployment(), changed(scaled, image("other:1")), ignores=[broken, works])
    assert [one.label for one in found.fields] == ["replicas"]
    assert [words in one for one in found.problems].count(True) == 1
    assert all(one.startswith("ignoreDifferences: ") for one in found.problems)
    assert len(set(found.problems)) == len(found.problems)


def test_it_is_told_though_nothing_else_differs() -> None:
    live = applied(deployment())
    confirmed = written(live, sets("metadata.resourceVersion", "50"), "x")
    found = compared(deployment(), live, confirmed=confirmed, ignores=[rule("spec")])
    assert (found.modified, len(found.problems)) == (False, 1)


# --- jq --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pointer", "left_over"),
    [
        ("/a/-1", [1, 2]),
        (f"/a/{'9' * 5000}", [1, 2, 3]),
        ("/a/-3", [2, 3]),
        ("/a/01", [1, 3]),
        ("/a/+1", [1, 3]),
        *((odd, [1, 2, 3]) for odd in ("/a/-4", "/a/3", "/a/-", "/a/1.0", "/a/x", "/a/\u0661")),
    ],
)
def test_a_pointer_counts_items_as_a_json_patch_does(pointer: str, left_over: list[int]) -> None:
    assert Ignoring(json_pointers=(pointer,)).taken_from({"a": [1, 2, 3]})[0] == {"a": left_over}


@pytest.mark.parametrize(
    ("expression", "labels"),
    [
        (".spec.replicas", ["image"]),
        (".spec.replicas, .spec.template", []),
        ('.spec.template.spec.containers[] | select(.name == "auth") | .image', ["replicas"]),
        ('.spec.template.spec.containers[] | select(.name == "other") | .image', ["replicas", "image"]),
        (".spec.template.spec.containers[].image", ["replicas"]),
        (".spec.nope.deeper", ["replicas", "image"]),
        (".spec.template.spec.initContainers[]?", ["replicas", "image"]),
        ("empty", ["replicas", "image"]),
        ('.spec["replicas"]', ["image"]),
        ('.spec | select("while env" != "") | .replicas', ["image"]),
        (".spec.env, .spec.input", ["replicas", "image"]),
    ],
)
def test_jq_selects_what_is_ignored(expression: str, labels: list[str]) -> None:
    found = compared(deployment(), changed(scaled, image("other:1")), ignores=[rule(jq=(expression,))])
    assert [one.label for one in found.fields] == labels
    assert found.problems == ()


# --- managers --------------------------------------------------------------------------------------------------------


def test_what_a_trusted_manager_changed_is_ignored() -> None:
    live = written(changed(scaled, manager="an-operator"), image("other:1"))
    assert left(live, rule(managers=("an-operator",))) == ["image"]
    assert left(live, rule(managers=("an-operator", "kubectl-edit"))) == []
    assert left(live, rule(managers=("nobody",))) == ["replicas", "image"]


def test_what_it_added_or_removed_is_not() -> None:
    target = deployment(env=[{"name": "AUTH_MODE", "value": "oidc"}, {"name": "LEVEL", "value": "info"}])

    def removes(obj: Object) -> None:
        container_of(obj)["env"].pop()
        scaled(obj)

    live = written(applied(target), removes, "an-operator")
    assert left(live, rule(managers=("an-operator",)), target=target) == ["env LEVEL"]


def test_a_trusted_manager_does_not_make_a_broken_target_unreadable() -> None:
    twice = deployment(env=[{"name": "A", "value": "1"}, {"name": "A", "value": "2"}])
    assert compared(twice, applied(deployment()), ignores=[rule(managers=("an-operator",))]).modified


def test_where_an_object_is_not_of_its_type_no_manager_is_trusted() -> None:
    """Argo CD cannot compare the two as typed objects, and leaves both as they are."""
    live = changed(scaled, manager="an-operator")
    twice = deployment(env=[{"name": "A", "value": "1"}, {"name": "A", "value": "2"}])
    unknown, wrong = deployment(), deployment()
    unknown["spec"]["replica"] = 1
    wrong["spec"]["replicas"] = "two"
    for target in (twice, unknown, wrong):
        assert without_trusted(live, target, live, ("an-operator",), schema_of(live)) == (live, target)


def test_what_loses_its_last_field_to_a_trusted_manager_is_null() -> None:
    target, trusted = config_map(level="debug"), IgnoreDifference("", "*", managed_fields_managers=("an-operator",))
    live = written(applied(target), sets("data.level", "info"), "an-operator")
    ours, theirs = without_trusted(live, target, live, ("an-operator",), schema_of(live))
    assert (ours["data"], theirs["data"]) == (None, None)
    more = written(live, sets("data.other", "1"))
    for one in (live, more):
        assert respects(target, one, trusted) == config_map(level="info"), "what live has besides is none of Git's"


# --- foreign drift ---------------------------------------------------------------------------------------------------


def test_what_is_ignored_is_not_foreign_either() -> None:
    live = changed(adds_env("DEBUG"))
    selected = '.spec.template.spec.containers[].env[] | select(.name == "DEBUG")'
    for ignoring in (rule("/spec/template"), rule(jq=(selected,)), rule(managers=("kubectl-edit",))):
        assert foreign(live, deployment(), ignores=[ignoring]) == ()
    assert [one.label for one in foreign(live, deployment(), ignores=[rule("/spec/replicas")])] == ["env DEBUG"]


# --- RespectIgnoreDifferences ----------------------------------------------------------------------------------------


def respects(target: Object, live: Object, *rules: IgnoreDifference) -> Object:
    return respected(target, live, rules, schema_of(target))


def test_an_apply_leaves_what_is_ignored_as_it_is() -> None:
    live = changed(scaled, image("other:1"))
    target = deployment()
    found = respects(target, live, rule("/spec/replicas"))
    assert found["spec"]["replicas"] == 5
    assert container_of(found)["image"] == "registry.example/auth:1"
    assert target == deployment(), "what is given is not changed"
    assert not compared(found, written(live, image("registry.example/auth:1"))).modified


def test_without_a_rule_it_is_the_target_itself() -> None:
    target = deployment()
    assert respects(target, changed(scaled)) is target
    assert respects(target, changed(scaled), IgnoreDifference("", "Pod", json_pointers=("/spec",))) is target


def test_a_field_that_git_does_not_have_is_copied_too() -> None:
    target = deployment()
    del target["spec"]["replicas"]
    assert respects(target, changed(scaled), rule("/spec/replicas"))["spec"]["replicas"] == 5


def test_what_live_does_not_have_is_left_out_too() -> None:
    without = deployment()
    del without["spec"]["replicas"]
    assert respects(deployment(), applied(without), rule("/spec/replicas")) == without


def test_items_are_matched_by_their_names_and_not_by_their_places() -> None:
    target = deployment()
    proxy = {"name": "proxy", "image": "proxy:1"}
    target["spec"]["template"]["spec"]["containers"].insert(0, proxy)
    selected = '.spec.template.spec.containers[] | select(.name == "auth") | .image'
    found = respects(target, changed(image("other:1")), rule(jq=(selected,)))
    images = {one["name"]: one["image"] for one in found["spec"]["template"]["spec"]["containers"]}
    assert images == {"proxy": "proxy:1", "auth": "other:1"}


DEBUG = rule(jq=('.spec.template.spec.containers[].env[] | select(.name == "DEBUG")',))


def test_an_item_that_is_ignored_as_a_whole_is_kept_where_it_stands() -> None:
    live = changed(adds_env("DEBUG"))
    found = respects(deployment(), live, DEBUG)
    assert [one["name"] for one in container_of(found)["env"]] == ["AUTH_MODE", "DEBUG"]
    assert not compared(found, live).modified, "another order would roll the pods"


def test_what_git_adds_beside_it_is_there_too() -> None:
    target = deployment(env=[{"name": "AUTH_MODE", "value": "oidc"}, {"name": "LEVEL", "value": "info"}])
    found = respects(target, changed(adds_env("DEBUG")), DEBUG)
    assert [one["name"] for one in container_of(found)["env"]] == ["AUTH_MODE", "DEBUG", "LEVEL"]


def test_what_a_trusted_manager_changed_is_kept() -> None:
    live = written(changed(scaled, manager="an-operator"), image("other:1"))
    found = respects(deployment(), live, rule(managers=("an-operator",)))
    assert (found["spec"]["replicas"], container_of(found)["image"]) == (5, "registry.example/auth:1")


def test_a_port_is_the_same_with_and_without_the_default_protocol() -> None:
    target, live = service(), service(nodePort=30080)
    del target["spec"]["ports"][0]["protocol"]
    everywhere = IgnoreDifference("", "Service", json_pointers=("/spec/ports/0/nodePort",))
    assert respects(target, live, everywhere)["spec"]["ports"] == [{"port": 80, "nodePort": 30080}]


def test_what_is_ignored_is_copied_where_git_has_nothing_beside_it() -> None:
    live = changed(adds_env("DEBUG"), sets("metadata.labels", {"team": "a", "tier": "b"}))
    target = deployment()
    del container_of(target)["env"]
    found = respects(target, live, DEBUG, rule("/metadata/labels/team"))
    assert found["metadata"]["labels"] == {"team": "a"}
    assert container_of(found)["env"] == [{"name": "DEBUG", "value": "1"}]
    assert respects(target, live, rule("/metadata/labels/nobody"), DEBUG)["metadata"] == target["metadata"]


def test_values_of_a_set_are_merged_too() -> None:
    target, live = config_map(), config_map()
    target["metadata"]["finalizers"] = ["git/one"]
    live["metadata"]["finalizers"] = ["live/one", "live/two"]
    second = IgnoreDifference("", "ConfigMap", json_pointers=("/metadata/finalizers/1",))
    assert respects(target, live, second)["metadata"]["finalizers"] == ["live/two", "git/one"]


def test_status_is_never_copied() -> None:
    live = {**changed(scaled), "status": {"replicas": 5}}
    assert "status" not in respects(deployment(), live, rule("/status", "/spec/replicas"))


def test_a_rule_that_fails_copies_nothing() -> None:
    live: Any = changed(scaled)
    assert respects(deployment(), live, rule("spec/replicas"), rule(jq=(".spec.replicas[]",))) == deployment()
