"""Undoing foreign drift on the real API server: first as a dry run, which must change something, then for real."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from gitops_tui.diff.undo import restarts_pods, undo_patch, without_fields
from gitops_tui.structured import builtin
from tests.contract.diff.hand import Hand, Object, config_map, deployment


def settle(hand: Hand) -> None:
    """Wait for the rollout: until then its controller writes status, and every write is another resourceVersion."""
    hand.kubectl("rollout", "status", "deploy/auth", "--timeout=60s")


def env_of(obj: Object) -> dict[str, str]:
    (container,) = obj["spec"]["template"]["spec"]["containers"]
    return {one["name"]: one["value"] for one in container["env"]}


@pytest.mark.control_plane
def test_exactly_the_ticked_variables_are_removed(hand: Hand) -> None:
    target = deployment()
    hand.apply(target)
    hand.kubectl("set", "env", "deploy/auth", "DEBUG=1", "TRACE=2", "KEEP=3")
    settle(hand)
    live = hand.live(target)
    found = hand.foreign(target)
    assert {one.label for one in found if one.ticked} == {"env DEBUG", "env TRACE", "env KEEP"}
    plan = [replace(one, ticked=one.label != "env KEEP") for one in found]
    patch = undo_patch(live, plan)
    tried = hand.json_patch(target, patch, dry_run=True)
    assert env_of(tried) == {"AUTH_MODE": "oidc", "KEEP": "3"}
    assert env_of(hand.live(target)) == env_of(live), "a dry run writes nothing"
    assert restarts_pods(live, tried, builtin.schemas().for_kind("apps/v1", "Deployment"))
    hand.json_patch(target, patch, dry_run=False)
    assert [one.label for one in hand.foreign(target)] == ["env KEEP"]
    assert not hand.compared(target).modified


@pytest.mark.control_plane
def test_a_changed_default_goes_back_to_the_default(hand: Hand) -> None:
    target = deployment()
    hand.apply(target)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KUBE_EDITOR", "sed -i s/terminationGracePeriodSeconds:.*/terminationGracePeriodSeconds:\\ 60/")
        hand.kubectl("edit", "deployment", "auth")
    settle(hand)
    (found,) = hand.foreign(target)
    assert (found.live, found.target, found.ticked, found.healable) == (60, 30, False, True)
    hand.json_patch(target, undo_patch(hand.live(target), [replace(found, ticked=True)]), dry_run=False)
    assert hand.live(target)["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] == 30
    assert hand.foreign(target) == ()


@pytest.mark.control_plane
def test_a_plan_that_is_not_of_this_object_any_more_is_a_conflict(hand: Hand) -> None:
    target = deployment()
    hand.apply(target)
    hand.kubectl("set", "env", "deploy/auth", "DEBUG=1")
    stale = undo_patch(hand.live(target), hand.foreign(target))
    hand.kubectl("set", "env", "deploy/auth", "DEBUG=2")
    with pytest.raises(AssertionError, match="the server rejected our request"):
        hand.json_patch(target, stale, dry_run=False)
    assert env_of(hand.live(target))["DEBUG"] == "2"


@pytest.mark.control_plane
def test_a_key_of_a_config_map_is_removed_and_restarts_nothing(hand: Hand) -> None:
    target = config_map()
    hand.apply(target)
    hand.kubectl(
        "patch", "configmap", "settings", "--field-manager=kubectl-edit", "-p", json.dumps({"data": {"a.b-c": "1"}})
    )
    live = hand.live(target)
    (found,) = hand.foreign(target)
    assert found.ticked
    after = hand.json_patch(target, undo_patch(live, [found]), dry_run=False)
    assert after["data"] == target["data"]
    assert without_fields(live, [found])["data"] == target["data"]
    assert not restarts_pods(live, after)
