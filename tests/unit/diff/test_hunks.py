"""What a diff viewer draws: hunks of YAML lines, pairs of lines, and what of a line changed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitops_tui.diff.hunks import DiffLine, changed_range, hunks, pair_lines, whole
from gitops_tui.manifest.decode import decode
from tests.unit.diff.world import Object, applied, compared, config_map, deployment, sets, written


def drawn(lines: Any) -> str:
    return "\n".join(f"{line.kind} {line.text}" for line in lines)


def only(before: Object | None, after: Object | None, **how: Any) -> Any:
    (hunk,) = hunks(before, after, **how)
    return hunk


def side(lines: Any, kinds: str) -> str:
    return "\n".join(line.text for line in lines if line.kind in kinds) + "\n"


def test_nothing_differs() -> None:
    assert hunks(deployment(), deployment()) == ()
    assert hunks(None, None) == ()
    assert {line.kind for line in whole(deployment(), deployment())} == {" "}


def test_minus_is_the_cluster_and_plus_is_what_it_would_be() -> None:
    hunk = only({"spec": {"replicas": 5}}, {"spec": {"replicas": 3}})
    assert drawn(hunk.lines) == "  spec:\n-   replicas: 5\n+   replicas: 3"
    assert (hunk.header, hunk.start, hunk.changed) == ("spec", 0, 2)


def test_a_side_that_is_not_there_is_empty() -> None:
    assert {line.kind for line in only(None, config_map()).lines} == {"+"}
    assert {line.kind for line in only(config_map(), None).lines} == {"-"}


def test_the_context_is_cut_and_runs_that_touch_are_one() -> None:
    before = {"spec": {f"k{number:02}": number for number in range(20)}}
    after = {"spec": {**before["spec"], "k05": "x", "k07": "x", "k18": "x"}}
    found = hunks(before, after, context=1)
    assert [(one.start, len(one.lines), one.changed) for one in found] == [(5, 7, 4), (20, 4, 2)]
    assert found[0].lines[0].text == "  k04: 4"
    assert len(hunks(before, after, context=20)) == 1
    assert [len(one.lines) for one in hunks(before, after, context=0)] == [2, 2, 2]


def test_items_stand_against_the_item_of_their_name() -> None:
    before = deployment(env=[{"name": "A", "value": "1"}, {"name": "B", "value": "2"}])
    after = deployment(env=[{"name": "NEW", "value": "0"}, {"name": "A", "value": "1"}, {"name": "B", "value": "3"}])
    found = hunks(before, after, context=0)
    changed = [line for one in found for line in one.lines]
    assert drawn(changed) == (
        '+         - name: NEW\n+           value: "0"\n-           value: "2"\n+           value: "3"'
    )
    assert [one.header for one in found] == [
        "spec.template.spec.containers[name=auth].env[name=NEW]",
        "spec.template.spec.containers[name=auth].env[name=B]",
    ]


def test_lines_of_a_long_text_stand_against_lines() -> None:
    before, after = config_map(**{"app.conf": "a=1\nb=2\nc=3\n"}), config_map(**{"app.conf": "a=1\nb=9\nc=3\n"})
    assert drawn(only(before, after, context=1).lines) == "      a=1\n-     b=2\n+     b=9\n      c=3"


def test_a_changed_end_of_a_text_changes_its_mark() -> None:
    before, after = config_map(a="x\ny\n"), config_map(a="x\ny")
    assert drawn(only(before, after, context=0).lines) == "-   a: |\n+   a: |-"


def test_lines_are_annotated_with_what_is_known_of_their_field() -> None:
    target = deployment()
    live = written(applied(target), sets("spec.replicas", 5))
    found = compared(target, live)
    hunk = only(found.live, found.predicted, annotate=found.fields)
    told = {(line.kind, line.drift.label) for line in hunk.lines if line.drift}
    assert told == {("-", "replicas"), ("+", "replicas")}
    assert [line.drift for line in whole(found.live, found.predicted) if line.drift] == []


def test_every_line_of_a_field_with_parts_is_annotated() -> None:
    target = deployment()
    target["spec"]["template"]["spec"]["volumes"] = [{"name": "v", "configMap": {"name": "c"}}]
    found = compared(target, applied(deployment()))
    lines = [line for hunk in hunks(found.live, found.predicted, annotate=found.fields) for line in hunk.lines]
    added = [line for line in lines if line.kind == "+"]
    assert len(added) > 2
    assert {line.drift.label for line in added if line.drift} == {"volume v"}


@pytest.mark.parametrize(
    ("key", "text"), [("app.conf", "app.conf"), ("a\n", '"a\\n"'), ("yes", '"yes"'), ("1", '"1"'), ("a b", '"a b"')]
)
def test_a_key_is_one_line_and_means_itself(key: str, text: str) -> None:
    (added,) = only({"data": {"z": "x"}}, {"data": {"z": "x", key: "y"}}, context=0).lines
    assert added.text == f'  {text}: "y"'


TEXT = st.text("ab: #-|'\"\n\t0xyn~é", max_size=8)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-9, 9), TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(VALUES, VALUES)
def test_each_side_is_the_yaml_of_its_object(before: Any, after: Any) -> None:
    """What is kept and removed reads back as the first object, what is kept and added as the second."""
    one, two = ({**config_map(), "spec": value} for value in (before, after))
    lines = whole(one, two)
    assert read(side(lines, " -")) == one
    assert read(side(lines, " +")) == two
    assert not hunks(one, one)


def read(text: str) -> Object:
    (found,) = decode(text)
    return found.obj


# --- side by side ----------------------------------------------------------------------------------------------------


def line(kind: Any, text: str) -> DiffLine:
    return DiffLine(kind, text)


def test_removals_stand_against_the_additions_that_follow() -> None:
    a, b, c, d, e = line(" ", "a"), line("-", "b"), line("-", "c"), line("+", "d"), line(" ", "e")
    assert pair_lines([a, b, c, d, e]) == ((a, a), (b, d), (c, None), (e, e))


def test_additions_alone_and_runs_one_after_another() -> None:
    plus, minus, more = line("+", "x"), line("-", "y"), line("+", "z")
    assert pair_lines([plus, minus, more]) == ((None, plus), (minus, more))
    assert pair_lines([minus]) == ((minus, None),)
    assert pair_lines([]) == ()


@pytest.mark.parametrize(
    ("before", "after", "ranges"),
    [
        ("value: legacy", "value: oidc", ((7, 13), (7, 11))),
        ("image: a:1", "image: a:2", ((9, 10), (9, 10))),
        ("aa", "aaa", ((2, 2), (2, 3))),
        ("aba", "aa", ((1, 2), (1, 1))),
        ("same", "same", ((4, 4), (4, 4))),
        ("", "new", ((0, 0), (0, 3))),
        ("", "", ((0, 0), (0, 0))),
    ],
)
def test_what_of_a_line_changed(before: str, after: str, ranges: Any) -> None:
    assert changed_range(before, after) == ranges


@settings(max_examples=60, deadline=None)
@given(st.text("ab", max_size=12), st.text("ab", max_size=12))
def test_around_what_changed_both_lines_are_the_same(before: str, after: str) -> None:
    (start, end), (from_, to) = changed_range(before, after)
    assert start == from_
    assert before[:start] + after[from_:to] + before[end:] == after
    assert start <= end <= len(before)
    assert from_ <= to <= len(after)
