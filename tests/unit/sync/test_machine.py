"""A sync, stepped against a cluster of plain objects."""

from __future__ import annotations

import pytest

from gitops_tui.model.catalogue import Code
from gitops_tui.model.operation import ResourceResult
from gitops_tui.model.resource import key_of, metadata_of
from gitops_tui.model.status import OperationPhase, ResultCode, SyncPhase
from tests.unit.sync.world import (
    DEGRADED,
    NAMESPACE,
    PROGRESSING,
    World,
    deployment,
    job,
    obj,
    outcomes,
    resumed,
    settings,
)

RUNNING, SUCCEEDED, FAILED, ERROR = (
    OperationPhase.RUNNING,
    OperationPhase.SUCCEEDED,
    OperationPhase.FAILED,
    OperationPhase.ERROR,
)


# --- waves -----------------------------------------------------------------------------------------------------------


def test_one_wave_succeeds_right_after_the_apply_whatever_the_health() -> None:
    world = World([deployment("web"), obj("settings")], health={"web": PROGRESSING})
    state = world.step(settings())
    assert (state.phase, state.message) == (SUCCEEDED, "successfully synced (all tasks run)")
    assert world.done == ["(apply settings)", "(apply web)", "apply settings", "apply web"]
    assert outcomes(state) == {"web": ("Synced", "Running"), "settings": ("Synced", "Running")}
    assert state.wait_s == 0


def test_a_wave_waits_for_the_health_of_the_one_before() -> None:
    world = World([deployment("db", wave=-1), deployment("web")], health={"db": PROGRESSING})
    chosen = settings()
    state = world.step(chosen)
    assert (state.phase, state.message) == (RUNNING, "waiting for healthy state of apps/Deployment/db")
    assert state.wait_s == chosen.wave_delay_s
    state = world.step(chosen, state)
    assert world.writes == ["apply db"] and state.wait_s == 0
    assert state.progress.running == ((key_of(world.targets[0]), "is coming up"),)
    (wait,) = state.progress.waits
    assert (wait.code, wait.sentence()) == (Code.WAVE_WAITS, "Wave -1 waits for Deployment/db: is coming up")
    assert (state.progress.wave, state.progress.wave_number, state.progress.waves) == (-1, 1, 2)
    del world.health["db"]
    state = world.step(chosen, state)
    assert state.phase is SUCCEEDED and world.writes == ["apply db", "apply web"]
    assert outcomes(state)["db"] == ("Synced", "Succeeded")


def test_a_degraded_wave_fails_the_sync() -> None:
    world = World([deployment("db", wave=-1), deployment("web")], health={"db": DEGRADED})
    state = world.sync(settings())
    assert state.phase is FAILED and "broke down" in state.message
    assert outcomes(state) == {"db": ("Synced", "Failed")}


def test_objects_without_health_hold_no_wave() -> None:
    world = World([obj("a", wave=0), obj("b", wave=1), obj("c", wave=2)])
    assert world.sync(settings()).phase is SUCCEEDED
    assert world.writes == ["apply a", "apply b", "apply c"]


def test_what_vanished_while_it_was_waited_for_fails_the_sync() -> None:
    world = World([deployment("db", wave=-1), deployment("web")], health={"db": PROGRESSING})
    state = world.step(settings())
    world.live.clear()
    state = world.step(settings(), state)
    assert outcomes(state) == {"db": ("SyncFailed", "Error")}
    state = world.step(settings(), state)
    assert state.phase is FAILED and "apps/Deployment/db is missing" in state.message


def test_a_completed_operation_stays_as_it_is() -> None:
    world = World([obj("a")])
    state = world.step(settings())
    assert world.step(settings(), state) is state


# --- what may not be done --------------------------------------------------------------------------------------------


def test_one_kind_that_is_unknown_stops_all() -> None:
    world = World([obj("a"), obj("w", "Widget", api="example.com/v1")], unknown={"Widget"})
    state = world.step(settings())
    assert (state.phase, world.done) == (FAILED, [])
    assert state.message == "one or more synchronization tasks are not valid: no such kind"
    assert outcomes(state) == {"w": ("SyncFailed", None)}


def test_what_the_project_forbids_stops_all() -> None:
    state = World([obj("a"), obj("b")], forbidden={"b"}).step(settings())
    assert outcomes(state) == {"b": ("SyncFailed", None)} and "not permitted" in state.message


def _crd(kind: str) -> dict[str, object]:
    spec = {"group": "example.com", "names": {"kind": kind}}
    return obj("crd", "CustomResourceDefinition", api="apiextensions.k8s.io/v1", namespace="", spec=spec)


def test_an_unknown_kind_passes_where_its_definition_is_in_the_same_sync() -> None:
    world = World([obj("w", "Widget", api="example.com/v1"), _crd("Widget")], unknown={"Widget"})
    assert world.step(settings()).phase is SUCCEEDED
    assert world.done == ["(apply crd)", "apply crd", "apply w"]


@pytest.mark.parametrize(
    ("application", "own"),
    [("SkipDryRunOnMissingResource=true", ""), ("Validate=true", "SkipDryRunOnMissingResource=true")],
)
def test_an_unknown_kind_passes_where_an_option_says_so(application: str, own: str) -> None:
    world = World([obj("w", "Widget", api="example.com/v1", options=own)], unknown={"Widget"})
    assert world.step(settings(application)).phase is SUCCEEDED
    assert world.done == ["apply w"]


def test_a_definition_of_another_kind_helps_nobody() -> None:
    world = World([obj("w", "Widget", api="example.com/v1"), _crd("Gadget")], unknown={"Widget"})
    assert world.step(settings()).phase is FAILED


def test_a_failing_dry_run_applies_nothing() -> None:
    world = World([obj("a"), obj("b")], refuses_dry={"b": "spec.x: Invalid"})
    state = world.step(settings())
    assert (state.phase, world.writes) == (FAILED, [])
    assert outcomes(state) == {"b": ("SyncFailed", "Failed")}


def test_a_failing_kind_does_not_stop_the_later_kinds_of_its_wave() -> None:
    world = World([obj("a"), deployment("web"), obj("later", wave=1)], refuses={"a": "refused"})
    state = world.sync(settings())
    assert world.writes == ["apply a", "apply web"]
    assert state.phase is FAILED and "refused" in state.message
    assert outcomes(state) == {"a": ("SyncFailed", "Failed"), "web": ("Synced", "Succeeded")}


def test_one_kind_is_applied_at_once_and_kinds_one_after_the_other() -> None:
    world = World([obj("b"), deployment("web"), obj("a")])
    world.step(settings())
    assert world.batches == [["a", "b"], ["web"], ["a", "b"], ["web"]]


def test_a_sync_of_one_wave_fails_without_waiting_for_health() -> None:
    world = World([obj("a"), deployment("web")], (), {"web": PROGRESSING}, {"a": "refused"})
    state = world.step(settings(), world.step(settings()))
    assert state.phase is FAILED and "refused" in state.message


def test_what_was_applied_beside_a_failure_is_waited_for() -> None:
    world = World([obj("a"), deployment("web"), obj("later", wave=1)], (), {"web": PROGRESSING}, {"a": "refused"})
    state = world.step(settings())
    assert (state.phase, state.message) == (RUNNING, "waiting for healthy state of apps/Deployment/web")
    state = world.step(settings(), state)
    assert state.phase is RUNNING
    world.health.clear()
    assert world.step(settings(), state).phase is FAILED


# --- prune -----------------------------------------------------------------------------------------------------------


def test_without_prune_what_is_extra_is_left_and_said() -> None:
    world = World([obj("a")], [obj("old")])
    state = world.step(settings())
    assert state.phase is SUCCEEDED and "old" in world.lives_named()
    assert outcomes(state)["old"] == ("PruneSkipped", "Succeeded")
    assert {one.key.name: one.message for one in state.results}["old"] == "ignored (requires pruning)"


@pytest.mark.parametrize(
    ("application", "own", "is_left"),
    [
        ("", "Prune=false", True),
        ("Prune=false", "", True),
        ("Prune=false", "Prune=true", False),
        ("", "", False),
    ],
)
def test_prune_options(application: str, own: str, is_left: bool) -> None:
    world = World((), [obj("old", options=own)])
    assert world.step(settings(*filter(None, [application]), prune=True)).phase is SUCCEEDED
    assert ("old" in world.lives_named()) is is_left


def test_pruning_goes_in_the_reverse_of_the_waves() -> None:
    world = World((), [obj("first", wave=-1), obj("second", wave=0), obj("third", wave=3)])
    assert world.sync(settings(prune=True)).phase is SUCCEEDED
    assert world.writes == ["prune third", "prune second", "prune first"]


@pytest.mark.parametrize(("application", "own"), [("PruneLast=true", ""), ("", "PruneLast=true")])
def test_prune_last_comes_after_all_waves_are_healthy(application: str, own: str) -> None:
    world = World([obj("a"), deployment("web", wave=2)], [obj("old", options=own)], health={"web": PROGRESSING})
    chosen = settings(*filter(None, [application]), prune=True)
    state = world.step(chosen, world.step(chosen, world.step(chosen)))
    assert state.phase is RUNNING and "prune old" not in world.writes
    world.health.clear()
    assert world.step(chosen, state).phase is SUCCEEDED
    assert world.writes[-1] == "prune old"


@pytest.mark.parametrize(("application", "own"), [("Prune=confirm", ""), ("", "Prune=confirm")])
def test_a_prune_that_needs_a_yes_holds_its_whole_wave(application: str, own: str) -> None:
    world = World([obj("a")], [obj("old", options=own)])
    chosen = settings(*filter(None, [application]), prune=True)
    state = world.step(chosen)
    assert state.message == "waiting for pruning confirmation of /ConfigMap/old" and not world.writes
    assert [(one.code, one.objects) for one in state.progress.waits] == [
        (Code.CONFIRMATION_WAITS, (key_of(obj("old")),))
    ]
    state = world.step(chosen, state)
    assert state.phase is RUNNING and not world.writes
    world.is_confirmed = True
    assert world.step(chosen, state).phase is SUCCEEDED
    assert world.writes == ["prune old", "apply a"]


def test_an_operation_that_prunes_nothing_asks_for_no_yes() -> None:
    world = World([obj("a")], [obj("old", options="Prune=confirm")])
    assert world.step(settings()).phase is SUCCEEDED


def test_a_failed_prune_stops_its_wave() -> None:
    world = World([obj("a")], [obj("old")], refuses={"old": "denied"})
    state = world.step(settings(prune=True))
    assert state.phase is FAILED and world.writes == ["prune old"]
    assert outcomes(state) == {"old": ("SyncFailed", "Failed")}


def test_what_goes_slowly_is_waited_for_and_deleted_once() -> None:
    world = World([obj("a", wave=1)], [obj("old")], prunes_slowly=True)
    state = world.step(settings(prune=True))
    state = world.step(settings(prune=True), state)
    assert (state.phase, state.message) == (RUNNING, "waiting for deletion of /ConfigMap/old")
    assert [(one.code, one.objects) for one in state.progress.waits] == [(Code.PRUNE_WAITS, (key_of(obj("old")),))]
    world.live.clear()
    assert world.step(settings(prune=True), state).phase is SUCCEEDED
    assert world.writes == ["prune old", "apply a"]


def test_what_is_going_already_is_not_deleted_again() -> None:
    going = obj("old")
    going["metadata"]["deletionTimestamp"] = "2026-11-24T11:59:00Z"
    world = World((), [going])
    state = world.step(settings(prune=True))
    assert world.writes == [] and outcomes(state) == {"old": ("Pruned", "Succeeded")}


# --- the whole operation ---------------------------------------------------------------------------------------------


def test_a_dry_run_stores_nothing_and_says_everything() -> None:
    targets = [obj("a"), deployment("web", wave=1), job("h", hook="PreSync")]
    world = World(targets, [obj("old"), targets[2]])
    state = world.step(settings(prune=True, dry_run=True))
    assert state.phase is SUCCEEDED and world.writes == []
    assert outcomes(state) == {
        "a": ("Synced", "Succeeded"),
        "web": ("Synced", "Succeeded"),
        "h": ("Synced", "Succeeded"),
        "old": ("Pruned", "Succeeded"),
    }


def test_the_namespace_is_made_before_the_rest_is_asked_for() -> None:
    world = World([obj("a")])
    state = world.sync(settings("CreateNamespace=true"))
    assert state.phase is SUCCEEDED
    assert world.done == [f"apply {NAMESPACE}", "(apply a)", "apply a"]
    result = next(one for one in state.results if one.key.kind == "Namespace")
    assert (result.key.namespace, result.sync_phase, result.status) == ("", SyncPhase.PRE_SYNC, ResultCode.SYNCED)


def test_a_namespace_that_cannot_be_made_ends_it() -> None:
    world = World([obj("a")], refuses={NAMESPACE: "forbidden"})
    state = world.step(settings("CreateNamespace=true"))
    assert state.phase is FAILED and "forbidden" in state.message and world.done == [f"apply {NAMESPACE}"]


def test_a_namespace_that_is_there_is_left_alone() -> None:
    world = World([obj("a")], [obj(NAMESPACE, "Namespace", namespace="")])
    assert world.step(settings("CreateNamespace=true")).phase is SUCCEEDED
    assert world.writes == ["apply a"]


def test_gits_own_namespace_wins() -> None:
    world = World([obj("a"), obj(NAMESPACE, "Namespace", namespace="")])
    assert world.sync(settings("CreateNamespace=true")).phase is SUCCEEDED
    assert world.writes == [f"apply {NAMESPACE}", "apply a"]


def test_managed_namespace_metadata_is_applied_to_a_namespace_that_is_there() -> None:
    metadata = {"labels": {"team": "shop"}, "annotations": {"note": "x"}}
    world = World([obj("a")], [obj(NAMESPACE, "Namespace", namespace="")])
    state = world.sync(settings("CreateNamespace=true", namespace_metadata=metadata))
    assert state.phase is SUCCEEDED and world.writes == [f"apply {NAMESPACE}", "apply a"]
    made = next(one for key, one in world.live.items() if key.kind == "Namespace")
    assert metadata_of(made)["labels"] == {"team": "shop"}
    assert metadata_of(made)["annotations"] == {
        "note": "x",
        "argocd.argoproj.io/sync-options": "ServerSideApply=true",
    }


def test_apply_out_of_sync_only_leaves_the_unmodified_out_and_runs_hooks() -> None:
    same, changed, new = obj("same"), obj("changed"), obj("new")
    modified = {key_of(same): False, key_of(changed): True}
    world = World([same, changed, new, job("h", hook="PreSync")], [same, changed], modified=modified)
    assert world.sync(settings("ApplyOutOfSyncOnly=true")).phase is SUCCEEDED
    assert {one for one in world.writes if one.startswith("apply")} == {"apply changed", "apply new", "apply h"}


def test_apply_out_of_sync_only_applies_what_was_deleted_since_the_comparison() -> None:
    gone = obj("gone")
    world = World([gone], modified={key_of(gone): False})
    assert world.sync(settings("ApplyOutOfSyncOnly=true")).phase is SUCCEEDED
    assert world.writes == ["apply gone"]


def test_a_selective_sync_touches_what_it_names_and_runs_no_hooks() -> None:
    world = World([obj("a"), obj("b"), job("h", hook="PreSync")], [obj("old")])
    chosen = settings(resources=(key_of(obj("a")),), prune=True)
    assert world.sync(chosen).phase is SUCCEEDED
    assert world.writes == ["apply a"]


def test_nothing_to_do_succeeds() -> None:
    state = World().step(settings())
    assert (state.phase, state.message) == (SUCCEEDED, "successfully synced (no more tasks)")


def test_options_of_an_object_reach_its_actions() -> None:
    seen = {}
    world = World([obj("a", options="Replace=true,Force=true,Validate=false"), obj("b")])
    answer = world.answer

    def noting(action: object) -> object:
        seen[action.task.key.name] = (action.replace, action.force, action.validate)
        return answer(action)

    world.answer = noting
    world.step(settings("PrunePropagationPolicy=background"))
    assert seen == {"a": (True, True, False), "b": (False, False, True)}


# --- going on --------------------------------------------------------------------------------------------------------


def test_an_operation_goes_on_from_its_recorded_results() -> None:
    world = World([deployment("db", wave=-1), deployment("web")], health={"db": PROGRESSING})
    state = world.step(settings())
    world.health.clear()
    stored = tuple(ResourceResult.from_json(one.to_json()) for one in state.results)
    assert stored == state.results
    state = world.step(settings(), resumed(state))
    assert state.phase is SUCCEEDED
    assert world.done.count("(apply web)") == 1 and world.writes == ["apply db", "apply web"]


def test_termination_deletes_running_hooks_and_keeps_what_was_applied() -> None:
    world = World([obj("a", wave=-1), job("h", hook="Sync")], health={"h": PROGRESSING})
    state = world.step(settings(), world.step(settings()))
    assert "h" in world.lives_named()
    state = world.terminate(settings(), state)
    assert (state.phase, state.message) == (FAILED, "Operation terminated")
    assert world.lives_named() == {"a"}
    assert outcomes(state)["h"] == ("Synced", "Failed")


def test_termination_records_a_hook_that_ended_meanwhile_as_what_it_was() -> None:
    world = World([obj("a"), job("h", hook="PreSync")], health={"h": PROGRESSING})
    state = world.step(settings())
    world.health.clear()
    state = world.terminate(settings(), state)
    assert state.phase is FAILED and outcomes(state)["h"] == ("Synced", "Succeeded")
    assert metadata_of(world.live[key_of(world.targets[1])])["finalizers"] == []


def test_termination_that_cannot_delete_a_hook_is_an_error() -> None:
    world = World([obj("a"), job("h", hook="PreSync")], health={"h": PROGRESSING})
    state = world.step(settings())
    world.refuses["h"] = "denied"
    state = world.terminate(settings(), state)
    assert (state.phase, state.message) == (ERROR, "Operation termination had errors")
    assert "denied" in next(one.message for one in state.results if one.key.name == "h")


def test_termination_of_a_hook_that_is_gone_is_fine() -> None:
    world = World([obj("a"), job("h", hook="PreSync")], health={"h": PROGRESSING})
    state = world.step(settings())
    world.live.clear()
    state = world.terminate(settings(), state)
    assert state.phase is FAILED and outcomes(state)["h"] == ("Synced", "Succeeded")
