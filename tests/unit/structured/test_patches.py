"""The two merge patches, by the documents that define them."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from gitops_tui.errors import Invalid
from gitops_tui.structured import builtin
from gitops_tui.structured.mergepatch import merge_patch
from gitops_tui.structured.schema import SchemaNode
from gitops_tui.structured.strategic import strategic_merge

Object = dict[str, Any]

RFC_7386: list[tuple[Any, Any, Any]] = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


@pytest.mark.parametrize(("target", "patch", "expected"), RFC_7386)
def test_the_examples_of_rfc_7386(target: Any, patch: Any, expected: Any) -> None:
    before = copy.deepcopy(target)
    assert merge_patch(target, patch) == expected
    assert target == before


POD = builtin.schemas().for_kind("v1", "Pod")
DEPLOYMENT = builtin.schemas().for_kind("apps/v1", "Deployment")


def pod(*containers: Object, **more: Any) -> Object:
    return {"spec": {"containers": list(containers), **more}}


A: Object = {"name": "a", "image": "1"}
B: Object = {"name": "b", "image": "1"}
C: Object = {"name": "c", "image": "1"}

STRATEGIC: list[tuple[str, Object, Object, Object]] = [
    ("items merge by key", pod(A, B), pod({"name": "b", "tty": True}), pod(A, {**B, "tty": True})),
    ("new items come first", pod(A), pod(B), pod(B, A)),
    ("an item is deleted", pod(A, B), pod({"name": "a", "$patch": "delete"}), pod(B)),
    ("a list is replaced", pod(A, B), pod(C, {"$patch": "replace"}), pod(C)),
    ("a list is put in order", pod(A, B), {"spec": {"$setElementOrder/containers": [B, A]}}, pod(B, A)),
    (
        "a new item stands where the order says",
        pod(A, B),
        {"spec": {"$setElementOrder/containers": [{"name": "c"}, {"name": "a"}], "containers": [C]}},
        pod(C, A, B),
    ),
    (
        "a map is replaced",
        {"metadata": {"labels": {"a": "1"}}},
        {"metadata": {"labels": {"b": "2", "$patch": "replace"}}},
        {"metadata": {"labels": {"b": "2"}}},
    ),
    (
        "a map is emptied",
        {"metadata": {"labels": {"a": "1"}}},
        {"metadata": {"labels": {"$patch": "delete"}}},
        {"metadata": {"labels": {}}},
    ),
    (
        "null removes",
        {"metadata": {"labels": {"a": "1", "b": "2"}}},
        {"metadata": {"labels": {"a": None}}},
        {"metadata": {"labels": {"b": "2"}}},
    ),
    (
        "null for nothing is dropped",
        {},
        {"metadata": {"labels": {"a": None, "b": "2"}}},
        {"metadata": {"labels": {"b": "2"}}},
    ),
    (
        "atomic lists are replaced",
        pod({**A, "args": ["x"]}),
        pod({"name": "a", "args": ["y"]}),
        pod({**A, "args": ["y"]}),
    ),
    (
        "primitives merge",
        {"metadata": {"finalizers": ["a"]}},
        {"metadata": {"finalizers": ["b", "a"]}},
        {"metadata": {"finalizers": ["b", "a"]}},
    ),
    (
        "primitives are deleted",
        {"metadata": {"finalizers": ["a", "b"]}},
        {"metadata": {"$deleteFromPrimitiveList/finalizers": ["a"]}},
        {"metadata": {"finalizers": ["b"]}},
    ),
    (
        "only the retained keys stay",
        {"spec": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}},
        {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}},
        {"spec": {"strategy": {"type": "Recreate"}}},
    ),
    (
        "a volume that becomes another kind of volume",
        pod(A, volumes=[{"name": "v", "emptyDir": {}}]),
        {"spec": {"volumes": [{"name": "v", "$retainKeys": ["name", "secret"], "secret": {"secretName": "s"}}]}},
        pod(A, volumes=[{"name": "v", "secret": {"secretName": "s"}}]),
    ),
]


def schema_of(original: Object) -> SchemaNode | None:
    return DEPLOYMENT if "strategy" in original.get("spec", {}) else POD


@pytest.mark.parametrize(("why", "original", "patch", "expected"), STRATEGIC, ids=[row[0] for row in STRATEGIC])
def test_a_strategic_merge_patch(why: str, original: Object, patch: Object, expected: Object) -> None:
    before = copy.deepcopy((original, patch))
    assert strategic_merge(original, patch, schema_of(original)) == expected
    assert (original, patch) == before


BROKEN: list[tuple[str, Object]] = [
    ("no merge key", pod({"image": "2"})),
    ("unknown directive", {"spec": {"$patch": "merge-it"}}),
    ("unknown directive in an item", pod({"name": "a", "$patch": "merge"})),
    ("order and list differ", {"spec": {"$setElementOrder/containers": [B], "containers": [C]}}),
    ("a key that is not retained", {"spec": {"$retainKeys": ["hostname"], "subdomain": "x"}}),
]


@pytest.mark.parametrize(("why", "patch"), BROKEN, ids=[row[0] for row in BROKEN])
def test_a_broken_strategic_merge_patch_is_invalid(why: str, patch: Object) -> None:
    with pytest.raises(Invalid):
        strategic_merge(pod(A, B), patch, POD)


def test_custom_resources_have_no_strategic_merge_patch() -> None:
    for schema in (None, SchemaNode.from_crd_schema({"type": "object"})):
        with pytest.raises(Invalid) as refused:
            strategic_merge({}, {}, schema)
        assert refused.value.code == 415
