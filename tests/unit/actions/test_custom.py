"""Actions by Lua: which script counts, what its answer means, and what Lua cannot say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from gitops_tui.actions.catalogue import Catalogue
from gitops_tui.actions.patch import merge_patch_between, restored
from gitops_tui.errors import ActionError
from gitops_tui.lua.runner import Runner
from gitops_tui.model.action import Action, ActionParameter, ImpactedBy
from gitops_tui.model.resource import Object
from gitops_tui.model.script import KindScripts, Script
from gitops_tui.model.system import Customization

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
WIDGET: Object = {
    "apiVersion": "example.com/v1",
    "kind": "Widget",
    "metadata": {"name": "one", "namespace": "here", "labels": {}, "finalizers": []},
    "spec": {"size": 3, "big": 2**60 + 1, "empty": {}, "none": None, "parts": [{"name": "a", "options": {}}, None]},
}
ACTIONS = """
discovery.lua: |
  actions = {}
  actions["polish"] = {["disabled"] = obj.spec.size > 5}
  actions["resize"] = {displayName = "Make it larger", iconClass = "fa",
                       params = {{name = "size", default = tostring(obj.spec.size)}, {name = "color"}}}
  actions["odd"] = {}
  return actions
definitions:
- name: polish
  action.lua: |
    obj.spec.polished = true
    obj.metadata.annotations = {}
    obj.metadata.annotations["at"] = os.date("!%Y", 0)
    return obj
- name: resize
  action.lua: |
    if actionParams["size"] == nil then error("size is missing", 0) end
    obj.spec.size = tonumber(actionParams["size"])
    return obj
- name: copy
  action.lua: |
    local made = {apiVersion = "v1", kind = "ConfigMap", metadata = {name = "copy", namespace = "here"}, data = {a = "b"}}
    obj.spec.copied = true
    return {{operation = "create", resource = made}, {operation = "patch", resource = obj}}
- name: nothing
  action.lua: return {}
- name: wrong
  action.lua: return 3
- name: unknown
  action.lua: return {{operation = "delete", resource = obj}}
- name: other
  action.lua: |
    obj.metadata.name = "two"
    return obj
- name: broken
  action.lua: return obj.status.phase
"""  # noqa: E501 - scripts as they are written


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    found = Runner()
    yield found
    found.close()


def catalogue(runner: Runner, actions: str = ACTIONS, **shipped: KindScripts) -> Catalogue:
    settings = {"example.com/Widget": Customization(actions=actions)} if actions else {}
    return Catalogue(settings, shipped, runner.run)


def test_discovery_names_the_actions(runner: Runner) -> None:
    assert catalogue(runner).available(WIDGET) == (
        Action("odd"),
        Action("polish"),
        Action("resize", False, "", "Make it larger", (ActionParameter("size", "3"), ActionParameter("color"))),
    )
    large = {**WIDGET, "spec": {"size": 9}}
    assert next(one for one in catalogue(runner).available(large) if one.name == "polish").disabled


def patch(runner: Runner, name: str, **parameters: str) -> Object:
    (impacted,) = catalogue(runner).perform(WIDGET, name, parameters, NOW)
    assert impacted.operation is ImpactedBy.PATCH
    return merge_patch_between(WIDGET, impacted.obj)


def test_an_action_changes_what_it_says_and_nothing_else(runner: Runner) -> None:
    assert patch(runner, "polish") == {"spec": {"polished": True}, "metadata": {"annotations": {"at": "1970"}}}
    assert patch(runner, "resize", size="7") == {"spec": {"size": 7}}


def test_an_action_creates_and_patches(runner: Runner) -> None:
    created, patched = catalogue(runner).perform(WIDGET, "copy", {}, NOW)
    assert created.operation is ImpactedBy.CREATE and created.obj["data"] == {"a": "b"}
    assert merge_patch_between(WIDGET, patched.obj) == {"spec": {"copied": True}}


def test_an_empty_list_changes_nothing(runner: Runner) -> None:
    assert catalogue(runner).perform(WIDGET, "nothing", {}, NOW) == ()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("wrong", "returned a number"),
        ("unknown", "'delete'"),
        ("other", "another object"),
        ("broken", "status"),
        ("resize", "size is missing"),
        ("none", "no action 'none'"),
    ],
)
def test_what_does_not_work_says_how(runner: Runner, name: str, words: str) -> None:
    with pytest.raises(ActionError, match=words):
        catalogue(runner).perform(WIDGET, name, {}, NOW)


@pytest.mark.parametrize(
    ("actions", "words"),
    [
        ("discovery.lua: return 1", "returned a number"),
        ("discovery.lua: return {'a'}", "a list"),
        ("discovery.lua: return obj.x.y", "discovery.lua failed"),
        ("definitions: 3", "definitions"),
        ("discovery.lua: [", "actions of example.com/Widget"),
    ],
)
def test_discovery_that_does_not_work_says_how(runner: Runner, actions: str, words: str) -> None:
    with pytest.raises(ActionError, match=words):
        catalogue(runner, actions).available(WIDGET)


RESTARTABLE: Object = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {}}
OWN = "discovery.lua: return {restart = {displayName = 'Ours'}, more = {}}\ndefinitions: [{name: more, action.lua: x = 1 return obj}]\n"  # noqa: E501 - a document


def names(found: Catalogue) -> list[str]:
    return [one.label for one in found.available(RESTARTABLE)]


def test_configured_actions_replace_the_built_in_ones_unless_they_merge(runner: Runner) -> None:
    def of(actions: str, key: str = "apps/Deployment") -> Catalogue:
        return Catalogue({key: Customization(actions=actions)}, {}, runner.run)

    assert names(of(OWN)) == ["more", "Ours"]
    with pytest.raises(ActionError, match="no action 'pause'"):
        of(OWN).perform(RESTARTABLE, "pause", {}, NOW)
    merged = of(OWN + "mergeBuiltinActions: true\n")
    assert names(merged) == ["more", "Ours", "pause", "resume", "scale"]
    assert merged.perform(RESTARTABLE, "pause", {}, NOW)[0].obj["spec"] == {"paused": True}
    assert names(of(OWN, "apps/*")) == ["restart", "pause", "resume", "scale"]
    assert names(of("")) == ["restart", "pause", "resume", "scale"]


def test_a_kind_of_the_folder_is_the_folders(runner: Runner) -> None:
    shipped = KindScripts(
        discovery=Script("return {shipped = {}}", True, "discovery.lua"),
        actions={"shipped": Script("obj.spec.by = string.upper('folder') return obj", True, "action.lua")},
    )
    found = Catalogue({}, {"apps/Deployment": shipped, "*.com/*": KindScripts(health=Script("h"))}, runner.run)
    assert names(found) == ["shipped"]
    assert found.perform(RESTARTABLE, "shipped", {}, NOW)[0].obj["spec"] == {"by": "FOLDER"}
    with pytest.raises(ActionError):
        found.perform(RESTARTABLE, "pause", {}, NOW)
    assert found.available(WIDGET) == ()


@pytest.mark.parametrize(
    ("after", "before", "expected"),
    [
        ([], {}, {}),
        ([], [], []),
        ([], None, []),
        ({"a": []}, {"a": {}, "b": None}, {"a": {}, "b": None}),
        ({"a": 1}, {"a": 1, "b": 2}, {"a": 1}),
        ([1], [1, None], [1, None]),
        ([{"a": []}, {"b": []}], [{"a": {}}], [{"a": {}}, {"b": []}]),
        (2**60, 2**60 + 1, 2**60 + 1),
        (3, 3.0, 3.0),
        (True, 1, True),
    ],
)
def test_what_lua_cannot_say_is_taken_from_the_object(after: Any, before: Any, expected: Any) -> None:
    found = restored(after, before)
    assert found == expected and type(found) is type(expected)


@pytest.mark.parametrize(
    ("before", "after", "patch"),
    [
        ({"a": 1}, {"a": 1}, {}),
        ({"a": 1}, {"a": True}, {"a": True}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1}}, {"a": {"c": None}}),
        ({"a": [1, 2]}, {"a": [2]}, {"a": [2]}),
        ({"a": {"b": 1}}, {"a": 3}, {"a": 3}),
        ({}, {"a": {"b": 1}}, {"a": {"b": 1}}),
        ({"a": {}}, {"a": {}}, {}),
    ],
)
def test_the_smallest_merge_patch(before: Object, after: Object, patch: Object) -> None:
    assert merge_patch_between(before, after) == patch
