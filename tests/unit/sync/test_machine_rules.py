"""Rules of one step that show only in a corner: what vanishes meanwhile, selections, waves of numbers that are none."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_tui.model.annotations import HELM_HOOK, HELM_HOOK_DELETE_POLICY, HELM_HOOK_WEIGHT, HOOK, SYNC_WAVE
from gitops_tui.model.resource import ResourceKey
from gitops_tui.model.status import HookDeletePolicy as Policy
from gitops_tui.model.status import OperationPhase, ResultCode
from gitops_tui.sync.hooks import delete_policies, is_hook, is_skipped, sync_phases, sync_wave
from tests.unit.sync.world import DEGRADED, PROGRESSING, World, deployment, job, obj, outcomes, settings

CRD_API = "apiextensions.k8s.io/v1"
SUCCEEDED, FAILED, RUNNING = OperationPhase.SUCCEEDED, OperationPhase.FAILED, OperationPhase.RUNNING


def noted(**annotations: str) -> dict[str, Any]:
    keys = {
        "hook": HOOK,
        "wave": SYNC_WAVE,
        "helm": HELM_HOOK,
        "weight": HELM_HOOK_WEIGHT,
        "helm_policy": HELM_HOOK_DELETE_POLICY,
        "policy": "argocd.argoproj.io/hook-delete-policy",
    }
    return {
        "kind": "Job",
        "metadata": {"name": "a", "annotations": {keys[one]: annotations[one] for one in annotations}},
    }


def definition(**words: Any) -> dict[str, Any]:
    spec = {"group": "example.com", "names": {"kind": "Widget"}}
    return obj("widgets", "CustomResourceDefinition", api=CRD_API, namespace="", spec=spec, **words)


def widget(name: str = "first", **words: Any) -> dict[str, Any]:
    return obj(name, "Widget", api="example.com/v1", **words)


# --- annotations -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("annotations", "wave"),
    [
        ({"wave": "-5"}, -5),
        ({"wave": "+5"}, 5),
        ({"wave": "007"}, 7),
        ({"wave": " 5"}, 0),
        ({"wave": "5.0"}, 0),
        ({"wave": "1_000"}, 0),
        ({"wave": "\u0665"}, 0),
        ({"wave": ""}, 0),
        ({"wave": "9223372036854775807"}, 9223372036854775807),
        ({"wave": "9223372036854775808", "weight": "3"}, 3),
        ({"wave": "9" * 5000}, 0),
        ({"wave": "x", "weight": "-2"}, -2),
        ({"wave": "0", "weight": "4"}, 0),
        ({"weight": "x"}, 0),
    ],
)
def test_waves_are_whole_numbers_of_64_bits_or_helms_weight(annotations: dict[str, str], wave: int) -> None:
    assert sync_wave(noted(**annotations)) == wave


@pytest.mark.parametrize(
    ("annotations", "found"),
    [
        ({"hook": "Skip"}, (False, True, ())),
        ({"hook": "Skip,Skip"}, (False, True, ())),
        ({"hook": "Skip,PreSync"}, (True, False, ("PreSync",))),
        ({"hook": "Skip,nothing"}, (False, True, ())),
        ({"hook": "nothing"}, (True, False, ())),
        ({"hook": ""}, (True, False, ())),
        ({"hook": "nothing", "helm": "post-install"}, (True, False, ("PostSync",))),
        ({"hook": "PreSync", "helm": "post-install"}, (True, False, ("PreSync",))),
        ({"hook": " PreSync , PostSync,PreSync"}, (True, False, ("PreSync", "PostSync"))),
        ({"helm": "pre-install,pre-upgrade"}, (True, False, ("PreSync",))),
        ({"helm": "test"}, (True, False, ())),
        ({"helm": "crd-install"}, (False, False, ("Sync",))),
        ({"hook": "PreDelete"}, (True, False, ())),
        ({}, (False, False, ("Sync",))),
    ],
)
def test_types_of_hooks(annotations: dict[str, str], found: tuple[object, ...]) -> None:
    one = noted(**annotations)
    assert (is_hook(one), is_skipped(one), tuple(str(phase) for phase in sync_phases(one))) == found


@pytest.mark.parametrize(
    ("annotations", "found"),
    [
        ({}, {Policy.BEFORE_HOOK_CREATION}),
        ({"policy": "HookFailed"}, {Policy.HOOK_FAILED}),
        ({"policy": "nothing"}, {Policy.BEFORE_HOOK_CREATION}),
        ({"policy": "HookFailed", "helm_policy": "hook-succeeded"}, {Policy.HOOK_FAILED, Policy.HOOK_SUCCEEDED}),
        ({"policy": "HookSucceeded, HookFailed"}, {Policy.HOOK_FAILED, Policy.HOOK_SUCCEEDED}),
        ({"helm_policy": "before-hook-creation,hook-failed"}, {Policy.BEFORE_HOOK_CREATION, Policy.HOOK_FAILED}),
        ({"policy": "nothing", "helm_policy": "hook-succeeded"}, {Policy.HOOK_SUCCEEDED}),
    ],
)
def test_helms_delete_policies_are_added(annotations: dict[str, str], found: set[Policy]) -> None:
    assert set(delete_policies(noted(hook="PreSync", **annotations))) == found


# --- what is gone meanwhile ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("vanished", "second"), [({"old"}, "apply old"), (set(), "")])
def test_an_old_hook_that_is_gone_already_is_made_in_the_same_step(vanished: set[str], second: str) -> None:
    old = job("old", hook="PreSync")
    world = World([old], lives=[old], vanished=vanished)
    state = world.step(settings())
    assert world.writes == ["delete hook old", *([second] if second else [])]
    assert state.phase is RUNNING


def test_one_old_hook_of_two_that_is_gone_is_made_with_the_other_in_the_next_step() -> None:
    hooks = [job("one", hook="PreSync"), job("two", hook="PreSync")]
    world = World(hooks, lives=hooks, vanished={"one"})
    state = world.step(settings())
    assert world.writes == ["delete hook one", "delete hook two"]
    world.step(settings(), state)
    assert world.writes[2:] == ["apply one", "apply two"]


# --- the namespace ---------------------------------------------------------------------------------------------------


def test_waves_wait_for_the_namespace_that_was_made() -> None:
    world = World([obj("a"), obj("b", wave=1)])
    chosen = settings("CreateNamespace=true")
    state = world.step(chosen)
    assert world.writes == ["apply shop"] and state.phase is RUNNING
    assert "Namespace/shop" in state.message
    world.step(chosen, state)
    assert world.writes == ["apply shop", "apply a"]


def test_gits_own_namespace_is_made_before_the_rest_is_asked_for() -> None:
    own = obj("shop", "Namespace", namespace="")
    world = World([obj("a"), own], refuses_dry={"a": "is not valid"})
    state = world.sync(settings())
    assert world.done == ["apply shop", "(apply a)"]
    assert (state.phase, "dry run" in state.message) == (FAILED, True)


def test_gits_own_namespace_wins_where_a_selection_leaves_it_out() -> None:
    own = obj("shop", "Namespace", namespace="")
    world = World([obj("a"), own])
    world.sync(settings("CreateNamespace=true", resources=(ResourceKey("", "ConfigMap", "shop", "a"),)))
    assert world.writes == ["apply a"]


# --- kinds that the API server does not know -------------------------------------------------------------------------


def test_a_definition_that_a_selection_leaves_out_still_says_that_the_kind_comes() -> None:
    world = World([definition(), widget()], unknown={"Widget"})
    state = world.sync(settings(resources=(ResourceKey("example.com", "Widget", "shop", "first"),)))
    assert world.done == ["apply first"] and state.phase is SUCCEEDED


@pytest.mark.parametrize(("option", "phase"), [("SkipDryRunOnMissingResource=true", SUCCEEDED), ("", FAILED)])
def test_what_is_pruned_may_be_of_an_unknown_kind_where_the_application_says_so(
    option: str, phase: OperationPhase
) -> None:
    world = World([], lives=[widget()], unknown={"Widget"})
    assert world.sync(settings(*([option] if option else []), prune=True)).phase is phase


def test_a_definition_moves_before_its_object_also_into_another_phase() -> None:
    world = World([definition(wave=3), widget(hook="PreSync", wave=-1), obj("a")], unknown=set())
    world.sync(settings())
    assert world.writes[:3] == ["apply widgets", "apply first", "release hook first"]
    assert world.writes[-1] == "apply a"


# --- failures --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("phase", ["PreSync", "Sync", "PostSync"])
@pytest.mark.parametrize("refused", [True, False])
def test_sync_fail_hooks_run_after_a_failure_in_any_phase(phase: str, refused: bool) -> None:
    targets = [job("bad", hook=phase), deployment("app"), job("sorry", hook="SyncFail", policy="HookFailed")]
    world = World(targets, health={"bad": DEGRADED}, refuses={"bad": "no"} if refused else {})
    state = world.sync(settings())
    assert state.phase is FAILED
    assert outcomes(state)["sorry"] == (ResultCode.SYNCED, SUCCEEDED)
    assert outcomes(state)["bad"][1] is FAILED
    assert ("apply app" in world.writes) is (phase != "PreSync")
    assert "sorry" not in world.lives_named()


def test_a_prune_that_fails_last_fails_what_is_healthy() -> None:
    targets = [deployment("app", wave=2), job("after", hook="PostSync")]
    world = World(targets, lives=[obj("old")], refuses={"old": "not permitted"})
    state = world.sync(settings("PruneLast=true", prune=True))
    assert world.writes == ["apply app", "prune old"]
    assert state.phase is FAILED and "not permitted" in state.message
    assert outcomes(state)["app"] == (ResultCode.SYNCED, SUCCEEDED)


# --- termination -----------------------------------------------------------------------------------------------------


def running(names: str, **fields: Any) -> tuple[World, Any]:
    """Hooks that run, one step after their begin."""
    world = World(
        [job(one, hook="Sync", policy=policy) for one, policy in zip(names, ("", "HookFailed"), strict=False)]
    )
    world.health = dict.fromkeys(names, PROGRESSING)
    state = world.step(settings())
    for name, value in fields.items():
        setattr(world, name, value)
    world.done.clear()
    return world, state


def test_hooks_are_terminated_each_for_itself() -> None:
    world, state = running("ab")
    world.refuses = {"a": "not permitted"}
    ended = world.terminate(settings(), state)
    assert (ended.phase, ended.message) == (OperationPhase.ERROR, "Operation termination had errors")
    assert outcomes(ended)["a"][1] is OperationPhase.ERROR
    assert outcomes(ended)["b"] == (ResultCode.SYNCED, FAILED)
    assert world.lives_named() == {"a"}


@pytest.mark.parametrize(("health", "phase"), [(DEGRADED, FAILED), (None, SUCCEEDED)])
def test_a_hook_that_ended_meanwhile_goes_where_its_policy_says_so(health: Any, phase: OperationPhase) -> None:
    world, state = running("ab")
    world.health = {"a": health, "b": health} if health else {}
    ended = world.terminate(settings(), state)
    assert (ended.phase, ended.message) == (FAILED, "Operation terminated")
    assert {one: outcomes(ended)[one][1] for one in "ab"} == {"a": phase, "b": phase}
    assert world.lives_named() == {"a"}
