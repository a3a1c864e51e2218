"""Hooks and the SyncFail phase in whole syncs, with plain objects."""

from __future__ import annotations

import pytest

from gitops_tui.model.annotations import HOOK_FINALIZER
from gitops_tui.model.catalogue import Code
from gitops_tui.model.resource import key_of, metadata_of
from gitops_tui.model.status import OperationPhase, SyncPhase
from tests.unit.sync.world import (
    DEGRADED,
    PROGRESSING,
    World,
    job,
    obj,
    outcomes,
    settings,
)

RUNNING, SUCCEEDED, FAILED, ERROR = (
    OperationPhase.RUNNING,
    OperationPhase.SUCCEEDED,
    OperationPhase.FAILED,
    OperationPhase.ERROR,
)


# --- hooks -----------------------------------------------------------------------------------------------------------


def test_hooks_run_around_the_sync_and_are_waited_for() -> None:
    hooks = [job("before", hook="PreSync"), job("after", hook="PostSync")]
    world = World([obj("a"), *hooks], health={"before": PROGRESSING})
    state = world.step(settings())
    assert state.message == "waiting for completion of hook batch/Job/before" and world.writes == ["apply before"]
    world.health.clear()
    state = world.sync(settings(), lambda _: None)
    assert state.phase is SUCCEEDED
    result = next(one for one in state.results if one.key.name == "after")
    assert (result.hook_type, result.hook_phase, result.sync_phase) == ("PostSync", SUCCEEDED, SyncPhase.POST_SYNC)


def test_a_lone_hook_is_waited_for_though_it_is_the_only_wave() -> None:
    world = World([job("h", hook="Sync")], health={"h": PROGRESSING})
    assert world.step(settings()).phase is RUNNING


def test_a_hook_has_a_finalizer_while_it_runs_and_none_after() -> None:
    world = World([job("h", hook="PreSync", policy="HookFailed"), obj("a")], health={"h": PROGRESSING})
    state = world.step(settings())
    key = key_of(world.targets[0])
    assert metadata_of(world.live[key])["finalizers"] == [HOOK_FINALIZER]
    world.health.clear()
    assert world.step(settings(), state).phase is SUCCEEDED
    assert metadata_of(world.live[key])["finalizers"] == []


def test_a_hook_is_freed_once_before_it_is_deleted() -> None:
    world = World([job("h", hook="PreSync", policy="HookSucceeded"), obj("a")])
    assert world.sync(settings()).phase is SUCCEEDED
    assert world.writes == ["apply h", "release hook h", "apply a", "delete hook h"]


def test_a_hook_in_two_phases_runs_twice() -> None:
    world = World([job("h", hook="PreSync,PostSync"), obj("a")])
    state = world.sync(settings())
    assert world.writes.count("apply h") == 2
    assert {one.sync_phase for one in state.results if one.key.name == "h"} == {SyncPhase.PRE_SYNC, SyncPhase.POST_SYNC}


@pytest.mark.parametrize(
    ("policy", "fails", "is_left"),
    [
        ("HookSucceeded", False, False),
        ("HookSucceeded", True, True),
        ("HookFailed", False, True),
        ("HookFailed", True, False),
        ("HookSucceeded,HookFailed", True, False),
        ("BeforeHookCreation", False, True),
        ("", True, True),
    ],
)
def test_delete_policies_at_the_end(policy: str, fails: bool, is_left: bool) -> None:
    hooks = [job("first", hook="PreSync", policy=policy), job("last", hook="PostSync", policy="HookFailed")]
    world = World([obj("a"), *hooks], health={"last": DEGRADED} if fails else {})
    assert world.sync(settings()).phase is (FAILED if fails else SUCCEEDED)
    assert ("first" in world.lives_named()) is is_left


def test_hooks_are_deleted_each_for_itself() -> None:
    """One of a phase that never came and that cannot be freed keeps no other from going."""
    hooks = [job("fails", hook="PreSync", policy="HookFailed"), job("later", hook="PostSync", policy="HookFailed")]
    old = {**hooks[1], "metadata": {**metadata_of(hooks[1]), "finalizers": [HOOK_FINALIZER]}}
    world = World([obj("a"), *hooks], [old], health={"fails": DEGRADED}, refuses={"later": "no"})
    state = world.step(settings(), world.step(settings()))
    assert state.phase is FAILED and world.lives_named() == {"later"}
    assert outcomes(state)["later"][1] is ERROR


@pytest.mark.parametrize("policy", ["", "BeforeHookCreation"])
def test_the_hook_of_an_earlier_sync_goes_before_it_is_made_anew(policy: str) -> None:
    hook = job("h", hook="PreSync", policy=policy)
    old = {**hook, "metadata": {**metadata_of(hook), "uid": "old", "finalizers": [HOOK_FINALIZER]}}
    world = World([hook, obj("a")], [old])
    state = world.step(settings())
    assert world.writes == ["release hook h", "delete hook h"]
    assert state.message == "waiting for deletion of batch/Job/h"
    assert world.sync(settings()).phase is SUCCEEDED


def test_an_old_hook_that_cannot_be_deleted_fails_the_sync() -> None:
    hook = job("h", hook="PreSync")
    world = World([hook, obj("a")], [hook], refuses={"h": "no"})
    state = world.step(settings())
    assert state.phase is FAILED and outcomes(state)["h"][1] is ERROR


def test_a_generated_name_is_the_same_at_every_step_and_differs_between_phases() -> None:
    hook = job("", hook="PreSync,PostSync")
    hook["metadata"]["generateName"] = "mig-"
    world = World([hook, obj("a")])
    world.sync(settings())
    names = {name for name in world.lives_named() if name.startswith("mig-")}
    assert names == {"mig-abcdef0-presync-1795521600", "mig-abcdef0-postsync-1795521600"}


def test_hooks_are_skipped_where_the_operation_says_so() -> None:
    world = World([job("h", hook="PreSync"), obj("a")])
    assert world.sync(settings(skip_hooks=True)).phase is SUCCEEDED
    assert world.writes == ["apply a"]


# --- SyncFail --------------------------------------------------------------------------------------------------------


def test_sync_fail_hooks_run_only_after_a_failure() -> None:
    world = World([obj("a"), job("rescue", hook="SyncFail")])
    assert world.sync(settings()).phase is SUCCEEDED
    assert "apply rescue" not in world.writes


def test_a_failed_apply_runs_the_sync_fail_hooks_to_their_end() -> None:
    world = World([obj("a"), job("rescue", hook="SyncFail")], (), {"rescue": PROGRESSING}, {"a": "refused"})
    state = world.step(settings())
    assert state.phase is RUNNING and state.message == "waiting for completion of hook batch/Job/rescue"
    state = world.step(settings(), state)
    assert state.phase is RUNNING
    world.health.clear()
    state = world.step(settings(), state)
    assert state.phase is FAILED and "refused" in state.message
    assert world.writes.count("apply rescue") == 1
    assert outcomes(state)["rescue"] == ("Synced", "Succeeded")


def test_a_failed_hook_runs_the_sync_fail_hooks() -> None:
    world = World([obj("a"), job("h", hook="PreSync"), job("rescue", hook="SyncFail")], health={"h": DEGRADED})
    state = world.sync(settings())
    assert state.phase is FAILED and world.writes[:2] == ["apply h", "release hook h"]
    assert outcomes(state) == {"h": ("Synced", "Failed"), "rescue": ("Synced", "Succeeded")}


def test_a_sync_fail_hook_that_cannot_be_applied_is_named() -> None:
    world = World([obj("a"), job("rescue", hook="SyncFail")], refuses={"a": "refused", "rescue": "no quota"})
    state = world.sync(settings())
    assert state.phase is FAILED and "refused" in state.message and "no quota" in state.message


def test_a_hook_that_is_waited_for_says_its_phase() -> None:
    world = World([obj("a"), job("h", hook="PreSync")], health={"h": PROGRESSING})
    chosen = settings()
    state = world.step(chosen, world.step(chosen))
    (wait,) = state.progress.waits
    assert (wait.code, wait.facts["hook"], [key.name for key in wait.objects]) == (Code.HOOK_WAITS, "PreSync", ["h"])
