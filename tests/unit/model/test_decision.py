"""Decisions: sentences from facts, documents, and the log that is bounded and collapses repeats."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops_tui.model.catalogue import Code
from gitops_tui.model.decision import Decision, DecisionLog, needs
from gitops_tui.model.facts import FACTS, Form
from gitops_tui.model.resource import ResourceKey

NOW = datetime(2026, 11, 24, 12, 0, 0, 123456, tzinfo=UTC)
API = ResourceKey("apps", "Deployment", "shop", "api")
SHA = "0123456789abcdef0123456789abcdef01234567"
EXAMPLES: dict[Form, Any] = {
    Form.TEXT: "Text {objects} [x]",
    Form.NUMBER: 3,
    Form.SECONDS: 41.0,
    Form.TIME: NOW,
    Form.REVISION: SHA,
    Form.LIST: ("env A", "env B", "env C", "env D"),
}


def example(code: Code, *, only_needed: bool = False) -> Decision:
    needed, known = needs(code)
    names = needed - {"objects"} if only_needed else known
    return Decision(code, {name: EXAMPLES[FACTS[name][0]] for name in names}, (API,))


@pytest.mark.parametrize("code", Code)
def test_every_sentence_renders_with_its_facts(code: Code) -> None:
    for decision in (example(code), example(code, only_needed=True)):
        for text in (decision.sentence(NOW), decision.sentence()):
            assert text and text[0] == text[0].upper() and not text.endswith((".", ":", " ")), text
            assert "{" not in text.replace("Text {objects} [x]", ""), text
        document = json.loads(json.dumps(decision.to_json()))
        assert document["code"] == code.value and document["message"] == decision.sentence()


@pytest.mark.parametrize("code", Code)
def test_every_name_in_a_sentence_is_a_fact_that_is_explained(code: Code) -> None:
    needed, known = needs(code)
    assert needed - {"objects"} <= known <= FACTS.keys()
    assert set(code.also) <= FACTS.keys()
    assert code.value == code.name.lower().replace("_", "-")
    assert not code.hint.endswith(".") and code.hint[:1] == code.hint[:1].lower()


def test_a_sentence_like_the_issue_asks_for_it() -> None:
    failed_at = datetime(2026, 11, 24, 14, 2, tzinfo=UTC)
    found = Decision(Code.FAILED_BEFORE, {"revision": SHA, "failed_at": failed_at, "message": ""})
    text = "Not auto-syncing: revision 0123456 failed at 14:02 and the same revision is not retried"
    assert found.sentence(NOW) == text
    assert found.code.hint == "push a new commit, or sync by hand"


def test_times_are_told_in_the_zone_of_who_asks_and_exact_in_documents() -> None:
    found = Decision(Code.FAILED_BEFORE, {"revision": "r1", "failed_at": NOW})
    assert "at 17:30 and" in found.sentence(NOW.astimezone(timezone(timedelta(hours=5, minutes=30))))
    assert "at 2026-11-24 12:00 and" in found.sentence(NOW + timedelta(days=1))
    assert "at 2026-11-24T12:00:00Z and" in found.sentence()
    assert found.to_json()["facts"]["failed_at"] == "2026-11-24T12:00:00Z"


def test_what_is_timed_is_told_as_a_span() -> None:
    comes = Decision(Code.BACKING_OFF, {"attempts": 2, "revision": "r1"}, next_at=NOW + timedelta(seconds=41))
    assert comes.timing(NOW) == "in 41 s"
    assert comes.timing(NOW + timedelta(seconds=60)) == "now"
    stands = Decision(Code.HELD, {"owner": "Ana"}, since=NOW)
    assert stands.timing(NOW + timedelta(seconds=41)) == "41 s"
    assert Decision(Code.OBSERVING).timing(NOW) == ""


def test_a_sentence_with_a_hole_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="owner"):
        Decision(Code.NOT_ALONE)
    with pytest.raises(ValueError, match="rule"):
        Decision(Code.OBSERVING, {"rule": "x"})
    with pytest.raises(ValueError, match="objects"):
        Decision(Code.MISSING)


def test_text_from_outside_is_no_template() -> None:
    found = Decision(Code.HELD, {"owner": "{reason}", "reason": "{owner} [x] {0.__class__}"})
    assert found.sentence(NOW) == "On hold by {reason}: {owner} [x] {0.__class__}"


# --- the log ---------------------------------------------------------------------------------------------------------

DECISIONS = st.sampled_from(
    [Decision(Code.OBSERVING), Decision(Code.AUTOMATION_OFF), Decision(Code.MISSING, objects=(API,))]
)


@given(st.lists(DECISIONS, max_size=60), st.integers(1, 10))
def test_the_log_is_bounded_and_collapses_repeats(made: list[Decision], length: int) -> None:
    log = DecisionLog(length)
    for number, decision in enumerate(made):
        log.add(decision, NOW + timedelta(seconds=number))
    entries = list(log)
    assert len(entries) == len(log) <= length
    assert all(one.decision != other.decision for one, other in pairwise(entries))
    assert sum(one.count for one in entries) <= len(made)
    assert all(one.at <= one.last_at and (one.count > 1) == (one.at < one.last_at) for one in entries)
    assert [one.last_at for one in entries] == sorted((one.last_at for one in entries), reverse=True)
    if made:
        assert entries[0].decision == made[-1] and entries[0].last_at == NOW + timedelta(seconds=len(made) - 1)


def test_a_repeat_with_another_time_is_the_same_decision() -> None:
    log = DecisionLog()
    facts = {"attempts": 2, "revision": "r1"}
    for number in range(3):
        log.add(Decision(Code.BACKING_OFF, facts, next_at=NOW + timedelta(seconds=number)), NOW)
    (entry,) = log
    assert entry.count == 3 and entry.decision.next_at == NOW + timedelta(seconds=2)
    log.add(Decision(Code.BACKING_OFF, {**facts, "attempts": 3}), NOW)
    assert len(log) == 2
