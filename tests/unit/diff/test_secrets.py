"""Values of Secrets: equal values look equal on every side, and nothing else can be told from what is shown."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from gitops_tui.diff.secrets import fingerprint, is_secret, mask_pair, mask_secret, shown
from gitops_tui.model.application import IgnoreDifference
from tests.unit.diff.world import (
    LAST_APPLIED,
    Object,
    applied,
    client_side_applied,
    compared,
    config_map,
    foreign,
    secret,
    sets,
    written,
)

EIGHT, TWELVE, SIXTEEN = "+" * 8, "+" * 12, "+" * 16
WORDS = ("first-word", "second-word", "third-word")


def coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def with_data(**texts: str) -> Object:
    data = {name: coded(text) for name, text in texts.items()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "keys"}, "data": data}


def tells_none(told: Any) -> bool:
    return not any(part in repr(told) for word in WORDS for part in (word, coded(word)))


def stored(obj: Object) -> Object:
    """As the server gives it back: ``stringData`` is only written."""
    strings = obj.pop("stringData", {})
    obj["data"] = {**obj.get("data", {}), **{name: coded(text) for name, text in strings.items()}}
    return obj


def test_equal_values_of_a_key_have_equal_masks_on_all_sides_and_each_other_value_four_more() -> None:
    sides = (
        with_data(a="first-word", b="first-word"),
        with_data(a="second-word", b="first-word"),
        with_data(a="first-word"),
    )
    masked = [one["data"] for one in mask_pair(*sides) if one]
    assert masked == [{"a": EIGHT, "b": EIGHT}, {"a": TWELVE, "b": EIGHT}, {"a": EIGHT}]
    assert mask_pair(with_data(a="first-word"), with_data(a="second-word"), with_data(a="third-word"))[2] == {
        **with_data(),
        "data": {"a": SIXTEEN},
    }


def test_string_data_has_the_mask_of_what_it_becomes() -> None:
    masked = mask_pair(secret(a="first-word"), with_data(a="first-word"), secret(a="second-word"))
    assert [one["data"]["a"] for one in masked if one] == [EIGHT, EIGHT, TWELVE]
    assert all("stringData" not in one for one in masked if one)


def test_kubectls_copy_is_masked_with_the_same_masks() -> None:
    live = stored(client_side_applied(secret(a="first-word")))
    target, after = mask_pair(secret(a="second-word"), live)
    assert target is not None
    assert after is not None
    assert target["data"] == {"a": EIGHT}
    assert after["data"] == {"a": TWELVE}
    copy = json.loads(after["metadata"]["annotations"][LAST_APPLIED])
    assert copy == {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "keys"}, "data": {"a": TWELVE}}
    assert list(copy) == sorted(copy), "as Go writes it"
    assert tells_none((target, after))


@pytest.mark.parametrize("text", ["{", "[]", '"first-word"', "first-word", '{"data": {"a": "first-word"}}'])
def test_a_copy_that_cannot_be_read_is_masked_as_a_whole(text: str) -> None:
    obj = with_data(a="first-word")
    obj["metadata"]["annotations"] = {LAST_APPLIED: text}
    assert mask_secret(obj)["metadata"]["annotations"] == {LAST_APPLIED: EIGHT}


def test_annotations_that_the_settings_name_are_masked_here_and_in_the_copy() -> None:
    target = with_data(a="first-word")
    target["metadata"]["annotations"] = {"token": "second-word", "plain": "seen"}
    live = client_side_applied(target)
    live["metadata"]["annotations"] |= {"token": "third-word", "plain": "seen"}
    ours, theirs = mask_pair(target, live, hidden_annotations=["token"])
    assert ours is not None
    assert theirs is not None
    assert ours["metadata"]["annotations"] == {"token": EIGHT, "plain": "seen"}
    assert theirs["metadata"]["annotations"]["token"] == TWELVE
    copy = json.loads(theirs["metadata"]["annotations"][LAST_APPLIED])
    assert copy["metadata"]["annotations"] == {"token": EIGHT, "plain": "seen"}
    assert tells_none((ours, theirs))
    (whole,) = mask_pair(live, hidden_annotations=[LAST_APPLIED])
    assert whole is not None
    assert whole["metadata"]["annotations"][LAST_APPLIED] == EIGHT
    both = mask_pair(client_side_applied(with_data(a="fourth-word")), live, hidden_annotations=[LAST_APPLIED])
    assert {one["metadata"]["annotations"][LAST_APPLIED] for one in both if one} == {EIGHT}, "it tells no difference"


def test_no_value_and_an_empty_one_have_one_mask() -> None:
    """Also beside a value that the server refuses, where nulls stay as they are."""
    odd: Object = {**with_data(), "data": {"a": None, "b": 1}}
    ours, theirs = mask_pair(odd, {**odd, "data": {"a": "", "b": 1}})
    assert ours == theirs == {**odd, "data": {"a": EIGHT, "b": EIGHT}}


def test_a_key_and_an_annotation_of_one_name_are_counted_apart() -> None:
    obj = with_data(token="first-word")
    obj["metadata"]["annotations"] = {"token": "second-word"}
    masked = mask_secret(obj, hidden_annotations=["token"])
    assert (masked["data"], masked["metadata"]["annotations"]) == ({"token": EIGHT}, {"token": EIGHT})


@pytest.mark.parametrize("data", ["first-word", ["first-word"], {"a": {"b": "first-word"}}, {"a": None}])
def test_data_that_makes_no_sense_is_masked_too(data: Any) -> None:
    masked = mask_secret({**with_data(), "data": data})
    assert tells_none(masked)
    assert EIGHT in repr(masked)


def test_what_is_no_secret_comes_back_as_it_is() -> None:
    other = {**with_data(a="first-word"), "apiVersion": "example.com/v1"}
    for one in (config_map(a="b"), other, None):
        assert mask_pair(one) == (one,)
        assert not is_secret(one)


def test_masking_changes_nothing_that_it_is_given() -> None:
    live = client_side_applied(secret(a="first-word"))
    before = json.dumps(live)
    mask_pair(live, secret(a="first-word"), hidden_annotations=["x"])
    assert json.dumps(live) == before


def test_a_fingerprint_says_which_values_are_equal_and_nothing_else() -> None:
    assert fingerprint("first-word") == fingerprint("first-word") != fingerprint("second-word")
    assert len(fingerprint("x" * 10_000)) == 8
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})


def test_of_a_field_only_what_is_secret_is_hidden() -> None:
    mark = f"secret {fingerprint('first-word')}"
    assert shown("first-word", ("data", "a"), secret=True) == mark
    assert shown("first-word", ("stringData", "a"), secret=True) == mark
    assert shown({"a": "first-word"}, ("data",), secret=True) == {"a": mark}
    assert shown("first-word", ("metadata", "annotations", LAST_APPLIED), secret=True) == mark
    assert shown("first-word", ("metadata", "annotations", "t"), secret=True, hidden_annotations=["t"]) == mark
    assert tells_none(shown(with_data(a="first-word"), (), secret=True))
    assert shown("Opaque", ("type",), secret=True) == "Opaque"
    assert shown("seen", ("metadata", "annotations", "t"), secret=True) == "seen"
    assert shown("seen", ("data", "a"), secret=False) == "seen"
    assert shown(None, ("data", "a"), secret=True) is None


def test_drift_tells_keys_and_never_values() -> None:
    target = secret(a="first-word", gone="third-word")
    live = written(stored(applied(target)), sets("data", {"a": coded("second-word"), "b": coded("third-word")}))
    found = compared(target, live)
    told = (found.fields, found.problems, foreign(live, target))
    assert {one.label for one in found.fields} == {"data key a", "data key gone"}
    assert [one.label for one in told[2]] == ["data key b"]
    assert tells_none(told)


def test_an_ignore_rule_that_fails_on_a_secret_does_not_tell_its_values() -> None:
    target = with_data(a="first-word")
    live = applied(with_data(a="second-word"))
    for expression in (".data.a[]", "error(.data.a)", ".data | error"):
        rule = IgnoreDifference("", "Secret", jq_path_expressions=(expression,))
        found = compared(target, live, ignores=[rule])
        assert found.problems == (f"ignoreDifferences: jq {expression}: it failed on this Secret",)
        assert tells_none((found.problems, found.fields))
