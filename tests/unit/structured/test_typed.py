"""Field sets of objects, merging and comparing, by the rules of structured-merge-diff (KEP-555)."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_tui.errors import Invalid
from gitops_tui.structured.declared import declared
from gitops_tui.structured.fieldset import FieldSet, show
from gitops_tui.structured.schema import SchemaNode
from gitops_tui.structured.typed import compare, extract, fieldset_of, merge, remove_fields, validate

Object = dict[str, Any]

TEXT = {"type": "string"}
LISTENERS = {
    "type": "array",
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["protocol", "port"],
    "items": {
        "type": "object",
        "properties": {"port": {"type": "integer"}, "protocol": {**TEXT, "default": "TCP"}, "name": TEXT},
    },
}
SPEC = SchemaNode.from_crd_schema(
    {
        "type": "object",
        "properties": {
            "text": TEXT,
            "number": {"type": "integer"},
            "map": {"type": "object", "additionalProperties": TEXT},
            "whole": {"type": "object", "x-kubernetes-map-type": "atomic", "additionalProperties": TEXT},
            "struct": {"type": "object", "properties": {"a": TEXT, "b": TEXT}},
            "set": {"type": "array", "x-kubernetes-list-type": "set", "items": TEXT},
            "steps": {"type": "array", "items": TEXT},
            "listeners": LISTENERS,
            "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        },
    }
)


def paths(fields: FieldSet) -> set[str]:
    return {show(path) for path in fields}


FIELDS: list[tuple[str, Object, set[str]]] = [
    ("leaves of named fields", {"struct": {"a": "x"}}, {".struct.a"}),
    ("keys of a map", {"map": {"a": "x"}}, {".map.a"}),
    ("an empty map is a leaf", {"map": {}}, {".map"}),
    ("an empty granular list is nothing", {"set": []}, set()),
    ("an empty atomic list is a leaf", {"steps": []}, {".steps"}),
    ("null is a leaf", {"struct": None}, {".struct"}),
    ("an atomic map as a whole", {"whole": {"a": "x"}}, {".whole"}),
    ("the values of a set", {"set": ["b", "a"]}, {'.set[="a"]', '.set[="b"]'}),
    (
        "an item by its keys, with their defaults",
        {"listeners": [{"port": 1, "name": "x"}]},
        {
            '.listeners[port=1,protocol="TCP"]',
            '.listeners[port=1,protocol="TCP"].port',
            '.listeners[port=1,protocol="TCP"].name',
        },
    ),
    ("unknown fields by name", {"free": {"a": {"b": [1]}}}, {".free.a", ".free.a.b"}),
    ("doubled items without their content", {"set": ["a", "a"]}, {'.set[="a"]'}),
]


@pytest.mark.parametrize(("why", "obj", "expected"), FIELDS, ids=[row[0] for row in FIELDS])
def test_the_fields_of_an_object(why: str, obj: Object, expected: set[str]) -> None:
    assert paths(fieldset_of(obj, SPEC)) == expected


def test_without_a_schema_maps_are_granular_and_lists_atomic() -> None:
    obj = {"spec": {"list": [{"name": "a"}], "map": {"x": 1}}}
    assert paths(fieldset_of(obj, None)) == {".spec", ".spec.list", ".spec.map", ".spec.map.x"}


def item(port: int, **more: str) -> Object:
    return {"port": port, **more}


MERGES: list[tuple[str, Object, Object, Object]] = [
    ("fields", {"text": "a", "number": 1}, {"text": "b"}, {"text": "b", "number": 1}),
    ("maps by key", {"map": {"a": "1"}}, {"map": {"b": "2"}}, {"map": {"a": "1", "b": "2"}}),
    ("atomic maps as a whole", {"whole": {"a": "1"}}, {"whole": {"b": "2"}}, {"whole": {"b": "2"}}),
    ("atomic lists as a whole", {"steps": ["a"]}, {"steps": ["b"]}, {"steps": ["b"]}),
    ("an empty map changes nothing", {"map": {"a": "1"}}, {"map": {}}, {"map": {"a": "1"}}),
    ("nor does null", {"map": {"a": "1"}}, {"map": None}, {"map": {"a": "1"}}),
    ("null replaces a scalar", {"text": "a"}, {"text": None}, {"text": None}),
    ("new set values where they stand", {"set": ["b", "d"]}, {"set": ["a", "b", "c"]}, {"set": ["a", "b", "d", "c"]}),
    ("shared items in the new order", {"set": ["a", "x", "b"]}, {"set": ["b", "a"]}, {"set": ["x", "b", "a"]}),
    (
        "items by key, whatever default is left out",
        {"listeners": [item(1, protocol="TCP", name="old")]},
        {"listeners": [item(1, name="new"), item(1, protocol="UDP")]},
        {"listeners": [item(1, protocol="TCP", name="new"), item(1, protocol="UDP")]},
    ),
    ("another shape replaces", {"free": {"a": [1]}}, {"free": {"a": {"b": 1}}}, {"free": {"a": {"b": 1}}}),
]


@pytest.mark.parametrize(("why", "live", "config", "expected"), MERGES, ids=[row[0] for row in MERGES])
def test_a_merge(why: str, live: Object, config: Object, expected: Object) -> None:
    assert merge(live, config, SPEC) == expected


def test_a_merge_that_changes_nothing_gives_the_same_object() -> None:
    live = {"map": {"a": "1", "b": "2"}, "listeners": [item(1, protocol="TCP"), item(2)], "set": ["a", "b"]}
    assert merge(live, {"map": {"a": "1"}, "listeners": [item(2)], "set": ["b"]}, SPEC) is live


def test_a_merge_refuses_items_twice() -> None:
    with pytest.raises(Invalid, match="duplicate"):
        merge({"set": ["a"]}, {"set": ["b", "b"]}, SPEC)


COMPARISONS: list[tuple[str, Object, Object, tuple[set[str], set[str], set[str]]]] = [
    ("a leaf", {"text": "a"}, {"text": "b"}, (set(), {".text"}, set())),
    ("a new struct", {}, {"struct": {"a": "x"}}, ({".struct", ".struct.a"}, set(), set())),
    ("a key gone", {"map": {"a": "1", "b": "2"}}, {"map": {"a": "1"}}, (set(), set(), {".map.b"})),
    ("an atomic whole", {"whole": {"a": "1"}}, {"whole": {"b": "1"}}, (set(), {".whole"}, set())),
    ("the order of a set is nothing", {"set": ["a", "b"]}, {"set": ["b", "a"]}, (set(), set(), set())),
    ("true is not one", {"free": {"a": True}}, {"free": {"a": 1}}, (set(), {".free.a"}, set())),
    ("one is one", {"free": {"a": 1}}, {"free": {"a": 1.0}}, (set(), set(), set())),
    ("null became a map", {"struct": None}, {"struct": {"a": "x"}}, ({".struct.a"}, set(), set())),
    ("doubles that changed", {"set": ["a"]}, {"set": ["a", "a"]}, ({'.set[="a"]'}, set(), {'.set[="a"]'})),
]


@pytest.mark.parametrize(("why", "a", "b", "expected"), COMPARISONS, ids=[row[0] for row in COMPARISONS])
def test_a_comparison(why: str, a: Object, b: Object, expected: tuple[set[str], set[str], set[str]]) -> None:
    found = compare(a, b, SPEC)
    assert (paths(found.added), paths(found.modified), paths(found.removed)) == expected
    assert found.is_same is (expected == (set(), set(), set()))


def test_removing_keeps_what_is_not_named() -> None:
    obj = {"map": {"a": "1", "b": "2"}, "listeners": [item(1, name="x"), item(2)], "set": ["a"]}
    gone = fieldset_of({"map": {"a": ""}, "set": ["a"]}, SPEC).union(
        FieldSet.of([("f:listeners", 'k:{"port":2,"protocol":"TCP"}')])
    )
    assert remove_fields(obj, gone, SPEC) == {"map": {"b": "2"}, "listeners": [item(1, name="x")], "set": None}
    assert obj["set"] == ["a"]


def test_extracting_takes_what_is_named_with_the_keys_of_items() -> None:
    obj = {"map": {"a": "1", "b": "2"}, "listeners": [item(1, name="x"), item(2)]}
    wanted = FieldSet.of([("f:map", "f:b"), ("f:listeners", 'k:{"port":1,"protocol":"TCP"}', "f:name")])
    assert extract(obj, wanted, SPEC) == {"map": {"b": "2"}, "listeners": [item(1, name="x")]}


INVALID: list[tuple[str, Object]] = [
    (".other", {"other": 1}),
    (".text", {"text": 1}),
    (".number", {"number": True}),
    (".map", {"map": []}),
    (".steps", {"steps": {}}),
    (".set", {"set": ["a", "a"]}),
    (".set", {"set": [{}]}),
    (".listeners", {"listeners": ["x"]}),
]


@pytest.mark.parametrize(("where", "obj"), INVALID)
def test_what_is_not_of_its_type_is_invalid_and_says_where(where: str, obj: Object) -> None:
    with pytest.raises(Invalid) as refused:
        validate(obj, SPEC)
    assert refused.value.causes[0][0] == where


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"text": "a", "nonsense": 1}, {"text": "a"}),
        ({"struct": {"a": "x", "c": "y"}}, {"struct": {"a": "x"}}),
        ({"listeners": [{"port": 1, "odd": {}}, {"port": 2}]}, {"listeners": [{"port": 1}, {"port": 2}]}),
        ({"map": {"any": "key"}, "free": {"any": {"thing": 1}}, "whole": {"a": "b"}}, None),
        ({"struct": None, "set": ["a"], "number": 1}, None),
    ],
)
def test_fields_that_the_schema_does_not_know_are_left_out(given: Object, kept: Object | None) -> None:
    found = declared(given, SPEC)
    assert found == (given if kept is None else kept)
    assert (found is given) is (kept is None), "what is whole is not copied"
    assert declared(given, None) is given
