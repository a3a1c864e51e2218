"""Field sets: FieldsV1, and the laws of sets of paths."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops_tui.errors import Invalid
from gitops_tui.structured.fieldset import FieldSet, Path, insert, show

elements = st.sampled_from(["f:a", "f:b", 'k:{"name":"x"}', 'v:"s"', "i:3"])
paths = st.lists(st.lists(elements, min_size=1, max_size=3).map(tuple), max_size=8)
sets = paths.map(FieldSet.of)


def as_python(one: FieldSet) -> set[Path]:
    return set(one)


@given(paths)
def test_a_set_holds_the_paths_it_was_made_of(given_paths: list[Path]) -> None:
    made = FieldSet.of(given_paths)
    assert as_python(made) == set(given_paths)
    assert len(made) == len(set(given_paths))
    assert all(made.has(path) for path in given_paths)


@given(sets, sets)
def test_the_operations_are_those_of_sets_of_paths(a: FieldSet, b: FieldSet) -> None:
    assert as_python(a.union(b)) == as_python(a) | as_python(b)
    assert as_python(a.difference(b)) == as_python(a) - as_python(b)
    assert as_python(a.intersection(b)) == as_python(a) & as_python(b)
    below = {path for path in a if not any(path[: len(root)] == root for root in b)}
    assert as_python(a.recursive_difference(b)) == below


@given(sets, sets)
def test_equal_sets_are_equal_however_they_came_about(a: FieldSet, b: FieldSet) -> None:
    assert a.union(b) == b.union(a)
    assert a.difference(b).union(a.intersection(b)) == a
    assert FieldSet.from_v1(a.to_v1()) == a
    assert hash(FieldSet.of(reversed(list(a)))) == hash(a)


@given(sets, sets)
def test_operations_leave_their_operands_alone(a: FieldSet, b: FieldSet) -> None:
    before = (as_python(a), as_python(b))
    for one in (a.union(b), a.difference(b), a.intersection(b), a.recursive_difference(b)):
        one.to_v1()
    assert (as_python(a), as_python(b)) == before


@given(sets)
def test_leaves_have_nothing_below(a: FieldSet) -> None:
    expected = {path for path in a if not any(other != path and other[: len(path)] == path for other in a)}
    assert as_python(a.leaves()) == expected


def test_fields_are_written_in_the_servers_order() -> None:
    keys = ["f:z", "f:a", 'k:{"name":"b"}', 'k:{"name":"a"}', 'v:"x"', "v:10", "v:9", "v:true", "i:2", "i:10"]
    written = list(FieldSet.of([(key,) for key in keys]).to_v1())
    assert written == [
        "f:a",
        "f:z",
        'k:{"name":"a"}',
        'k:{"name":"b"}',
        "v:9",
        "v:10",
        'v:"x"',
        "v:true",
        "i:2",
        "i:10",
    ]


def test_a_member_with_members_below_has_a_dot() -> None:
    tree: dict[str, dict] = {}  # a tree of trees
    insert(tree, ("f:a", "f:b"))
    insert(tree, ("f:a",))
    insert(tree, ())
    assert FieldSet(tree).to_v1() == {"f:a": {".": {}, "f:b": {}}}


def test_what_other_writers_wrote_is_read_in_canonical_form() -> None:
    loose = {'k:{ "protocol": "TCP", "port": 80 }': {".": {}}, "x:later": {}}
    assert FieldSet.from_v1(loose).to_v1() == {'k:{"port":80,"protocol":"TCP"}': {}}


@pytest.mark.parametrize("broken", [{"k:{": {}}, {"fa": {}}, {"f:a": 1}, {"v:": {}}])
def test_what_is_no_fieldsv1_is_invalid(broken: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        FieldSet.from_v1(broken)


def test_a_path_reads_as_the_server_prints_it() -> None:
    path = ("f:spec", "f:ports", 'k:{"port":80,"protocol":"TCP"}', "f:tags", 'v:"a"', "i:2")
    assert show(path) == '.spec.ports[port=80,protocol="TCP"].tags[="a"][2]'
