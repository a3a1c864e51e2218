"""Fields that left Git and belong to somebody else by now."""

from __future__ import annotations

import copy

from gitops_tui.diff.kept import kept_answers, told_apart
from gitops_tui.model.catalogue import Code
from tests.unit.diff.world import client_side_applied, compared, deployment, foreign, written


def scaled(obj: dict[str, object]) -> None:
    obj["spec"]["replicas"] = 5


def test_what_left_git_and_belongs_to_another_says_so() -> None:
    live = written(client_side_applied(deployment()), scaled, "kubectl-edit")
    target = copy.deepcopy(deployment())
    del target["spec"]["replicas"]
    assert not compared(target, live).modified
    (found,) = told_apart(foreign(live, target), live, target)
    assert found.text == "spec.replicas"
    assert "it left Git, but kubectl-edit owns it by now" in found.reason
    (answer,) = kept_answers((found,), live, target)
    assert (answer.code, answer.facts) == (
        Code.KEPT_BY_ANOTHER_OWNER,
        {"fields": ("replicas",), "writer": "kubectl-edit"},
    )
    assert kept_answers((found,), live, deployment()) == kept_answers((found,), None, target) == ()


def test_what_never_was_in_git_and_what_still_is_there_say_nothing_of_it() -> None:
    def added(obj: dict[str, object]) -> None:
        obj["spec"]["paused"] = True

    live = written(client_side_applied(deployment()), added, "kubectl-edit")
    found = told_apart(foreign(live, deployment()), live, deployment())
    assert all("left Git" not in one.reason for one in found)


def test_without_a_copy_of_what_was_applied_nothing_is_known() -> None:
    live = written(client_side_applied(deployment()), scaled, "kubectl-edit")
    del live["metadata"]["annotations"]
    drifts = foreign(live, {**deployment(), "spec": {}})
    assert told_apart(drifts, live, {**deployment(), "spec": {}}) == drifts
