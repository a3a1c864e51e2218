"""A dry run's answer with what mutating webhooks made of it taken out (``IncludeMutationWebhook``)."""

from __future__ import annotations

import copy
from typing import Any

from gitops_tui.diff.webhook import without_webhook_changes
from gitops_tui.model.catalogue import Code
from tests.unit.diff.world import (
    OURS,
    Change,
    Object,
    adds_env,
    annotates,
    applied,
    compared,
    config_map,
    container_of,
    deployment,
    schema_of,
    sets,
    written,
)


def answered(live: Object, target: Object, *mutations: Change) -> Object:
    """A dry run's answer: our apply of ``target``, and then what webhooks do to it, which leaves no owner."""
    answer = copy.deepcopy(applied(target, live))
    for mutate in mutations:
        mutate(answer)
    return answer


def labels(target: Object, live: Object, answer: Object, **how: Any) -> list[str]:
    return [one.label for one in compared(target, live, confirmed=answer, **how).fields]


def sidecar(obj: Object) -> None:
    obj["spec"]["template"]["spec"]["containers"].append({"name": "mesh", "image": "registry.example/mesh:2"})


def test_what_webhooks_add_and_change_is_left_out_unless_it_is_asked_for() -> None:
    live = applied(deployment())
    answer = answered(live, deployment(), sidecar, annotates("mesh", "on"), sets("spec.paused", True))
    assert labels(deployment(), live, answer) == []
    found = compared(deployment(), live, confirmed=answer)
    assert not found.modified
    assert [(one.code, set(one.facts["fields"])) for one in found.hidden] == [
        (Code.BY_WEBHOOK, {"annotation mesh", "container mesh", "paused"})
    ]
    assert set(labels(deployment(), live, answer, include_webhooks=True)) == {
        "annotation mesh",
        "container mesh",
        "paused",
    }


def test_our_own_change_stays() -> None:
    target = deployment(image="registry.example/auth:2")
    live = applied(deployment())
    assert labels(target, live, answered(live, target, sidecar, adds_env("MESH"))) == ["image"]


def test_what_our_apply_removes_stays_removed() -> None:
    live = applied(config_map(a="1", b="2"))
    target = config_map(a="1")
    assert labels(target, live, answered(live, target, annotates("mesh", "on"))) == ["data key b"]


def test_what_others_set_stays_as_it_is_in_live() -> None:
    live = written(applied(deployment()), adds_env("DEBUG"))
    answer = answered(live, deployment(), lambda obj: container_of(obj)["env"][1].update(value="2"))
    assert labels(deployment(), live, answer) == []
    assert labels(deployment(), live, answer, include_webhooks=True) == ["env DEBUG"]


def test_a_webhook_that_changes_what_we_apply_is_told() -> None:
    live = applied(deployment())
    answer = answered(live, deployment(), lambda obj: container_of(obj).update(image="mirror.example/auth:1"))
    assert labels(deployment(), live, answer) == ["image"]


def test_an_answer_without_our_entry_is_taken_as_it_is() -> None:
    live = applied(deployment())
    answer = answered(live, deployment(), sidecar)
    answer["metadata"]["managedFields"] = []
    assert without_webhook_changes(answer, live, manager=OURS, schema=schema_of(live)) is answer


def test_nothing_that_is_given_is_changed() -> None:
    live = applied(deployment())
    answer = answered(live, deployment(), sidecar)
    before = copy.deepcopy((live, answer))
    without_webhook_changes(answer, live, manager=OURS, schema=schema_of(live))
    assert (live, answer) == before
