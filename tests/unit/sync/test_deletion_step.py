"""The course of a deletion, step by step, and as a whole against a stand-in for the cluster."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from gitops_tui.model.annotations import POST_DELETE_FINALIZER, PRE_DELETE_FINALIZER, RESOURCES_FINALIZER
from gitops_tui.model.catalogue import Code
from gitops_tui.model.resource import Object, ResourceKey, key_of
from gitops_tui.model.status import Health, HealthStatus
from gitops_tui.sync.deletion import deletion_finalizers, propagation_of, with_hook_finalizers
from gitops_tui.sync.deletion_step import Deletion, next_step
from gitops_tui.sync.hooks import sync_wave
from gitops_tui.sync.options import SyncOptions
from tests.unit.sync.world import job, obj

SINCE = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
PRE, POST = PRE_DELETE_FINALIZER, POST_DELETE_FINALIZER
ALL = (RESOURCES_FINALIZER, PRE, f"{PRE}/cleanup", POST, f"{POST}/cleanup")


def going(found: Object) -> Object:
    return {**found, "metadata": {**found["metadata"], "deletionTimestamp": "2026-11-28T12:00:01Z"}}


def of(*live: Object, held: tuple[str, ...] = (RESOURCES_FINALIZER,), **known: Any) -> Deletion:
    known.setdefault("health", lambda _: None)
    return Deletion(finalizers=held, since=SINCE, live=live, **known)


def names(objects: tuple[Object, ...]) -> list[str]:
    return [one["metadata"]["name"] for one in objects]


# --- objects ---------------------------------------------------------------------------------------------------------


def test_the_highest_wave_goes_first_and_the_finalizer_last() -> None:
    step = next_step(of(obj("a"), obj("b", wave=2), obj("c", wave=2)))
    assert (names(step.delete), step.propagation, step.release) == (["b", "c"], "Foreground", ())
    assert next_step(of()).release == (RESOURCES_FINALIZER,)


def test_nothing_is_deleted_while_anything_is_on_its_way() -> None:
    step = next_step(of(obj("a"), going(obj("kept", options="Delete=false"))))
    assert (step.delete, step.release) == ((), ())
    assert "ConfigMap/kept" in step.decision.sentence()


@pytest.mark.parametrize("kept", [obj("k", options="Delete=false"), obj("k", "CustomResourceDefinition")])
def test_what_stays_does_not_hold_the_application(kept: Object) -> None:
    kept["apiVersion"] = "apiextensions.k8s.io/v1" if kept["kind"] == "CustomResourceDefinition" else "v1"
    assert next_step(of(kept)).release == (RESOURCES_FINALIZER,)


def test_an_application_among_its_own_objects_does_not_wait_for_its_own_end() -> None:
    itself = obj("web", "Application", api="argoproj.io/v1alpha1")
    step = next_step(of(itself, own_key=key_of(itself)))
    assert step.release == (RESOURCES_FINALIZER,)


def test_one_object_that_asks_holds_all_until_somebody_says_yes() -> None:
    asking = of(obj("a"), obj("b", options="Delete=confirm"))
    step = next_step(asking)
    assert (step.decision.code, step.delete, step.release, step.error) == ("deletion-unconfirmed", (), (), "")
    assert names(next_step(replace(asking, is_confirmed=True)).delete) == ["a", "b"]
    assert next_step(of(obj("a"), options=SyncOptions(delete="confirm"))).delete == ()


@pytest.mark.parametrize(
    ("finalizers", "propagation"),
    [
        ((), ""),
        (("example.com/other",), ""),
        ((RESOURCES_FINALIZER,), "Foreground"),
        ((f"{RESOURCES_FINALIZER}/foreground",), "Foreground"),
        ((f"{RESOURCES_FINALIZER}/background",), "Background"),
        ((RESOURCES_FINALIZER, f"{RESOURCES_FINALIZER}/background"), "Background"),
    ],
)
def test_how_objects_are_deleted(finalizers: tuple[str, ...], propagation: str) -> None:
    assert propagation_of(finalizers) == propagation
    assert deletion_finalizers(finalizers) == tuple(one for one in finalizers if "argoproj" in one)


# --- hooks -----------------------------------------------------------------------------------------------------------


def health_of(**found: HealthStatus) -> Any:
    return lambda one: Health(found[one["metadata"]["name"]]) if one["metadata"]["name"] in found else None


def test_hooks_run_before_anything_is_deleted() -> None:
    deletion = of(obj("a"), held=ALL, hooks=(job("before", hook="PreDelete"), job("after", hook="PostDelete")))
    assert names(next_step(deletion).create) == ["before"]
    there = replace(deletion, live=(obj("a"), job("before", hook="PreDelete")))
    running = next_step(replace(there, health=health_of(before=HealthStatus.PROGRESSING)))
    assert (running.create, running.delete, running.release, running.error) == ((), (), (), "")
    assert next_step(replace(there, health=health_of(before=HealthStatus.HEALTHY))).release == (PRE,)


def test_helms_hooks_count_too_and_one_object_may_be_both() -> None:
    helm = obj("h")
    helm["metadata"]["annotations"] = {"helm.sh/hook": "pre-delete,post-delete"}
    assert names(next_step(of(held=ALL, hooks=(helm,))).create) == ["h"]
    assert with_hook_finalizers((), (helm,)) == (PRE, f"{PRE}/cleanup", POST, f"{POST}/cleanup")


def test_a_failed_hook_is_told_deleted_and_tried_again() -> None:
    hook = job("before", hook="PreDelete")
    failed = of(hook, held=(PRE,), hooks=(hook,), health=health_of(before=HealthStatus.DEGRADED))
    step = next_step(failed)
    assert step.error == "PreDelete hook(s) failed: Job/before"
    assert (names(step.delete), step.release) == (["before"], ())
    assert names(next_step(replace(failed, live=())).create) == ["before"]


def test_what_the_source_does_not_tell_is_waited_for_and_then_told() -> None:
    loading = next_step(of(held=(PRE,), hooks=None))
    assert (loading.error, loading.release) == ("", ())
    gone = next_step(of(obj("a"), held=(PRE, RESOURCES_FINALIZER), hooks=None, unknown_hooks="no such path"))
    assert "no such path" in gone.error
    assert (gone.delete, gone.release) == ((), ())
    assert names(next_step(of(obj("a"), hooks=None, unknown_hooks="no such path")).delete) == ["a"]


def test_a_generated_name_is_the_same_at_every_step() -> None:
    hook = job("", hook="PreDelete")
    hook["metadata"] = {"generateName": "clean-", "annotations": hook["metadata"]["annotations"], "namespace": "ns"}
    (made,) = next_step(of(held=(PRE,), hooks=(hook,))).create
    assert made["metadata"]["name"] == f"clean-predelete-{int(SINCE.timestamp())}"
    assert next_step(of(made, held=(PRE,), hooks=(hook,))).create == ()


@pytest.mark.parametrize(
    ("policy", "health", "goes"),
    [
        ("HookSucceeded", HealthStatus.HEALTHY, True),
        ("HookSucceeded", HealthStatus.DEGRADED, False),
        ("HookFailed", HealthStatus.DEGRADED, True),
        ("HookFailed", HealthStatus.HEALTHY, False),
        ("", HealthStatus.HEALTHY, False),
    ],
)
def test_what_is_cleared_away(policy: str, health: HealthStatus, goes: bool) -> None:
    hook = job("after", hook="PostDelete")
    if policy:
        hook["metadata"]["annotations"]["argocd.argoproj.io/hook-delete-policy"] = policy
    step = next_step(of(hook, held=(f"{POST}/cleanup",), health=health_of(after=health)))
    assert names(step.delete) == (["after"] if goes else [])
    assert step.release == (() if goes else (f"{POST}/cleanup",))


@pytest.mark.parametrize(
    ("before", "hooks", "after"),
    [
        ((), (), ()),
        (("x",), ("PreDelete",), ("x", PRE, f"{PRE}/cleanup")),
        (("x", PRE), ("PreDelete",), ("x", PRE, f"{PRE}/cleanup")),
        ((PRE, "x", f"{PRE}/cleanup"), (), ("x",)),
        ((PRE, f"{PRE}/cleanup"), ("PostDelete",), (POST, f"{POST}/cleanup")),
        (("x",), ("PreSync",), ("x",)),
    ],
)
def test_finalizers_follow_the_hooks_in_git(
    before: tuple[str, ...], hooks: tuple[str, ...], after: tuple[str, ...]
) -> None:
    assert with_hook_finalizers(before, [job("h", hook=kind) for kind in hooks]) == after


# --- the whole -------------------------------------------------------------------------------------------------------


def jobs_are(status: HealthStatus) -> Any:
    return lambda one: Health(status) if one["kind"] == "Job" else None


@given(
    waves=st.lists(st.integers(-2, 2), max_size=5),
    kinds=st.lists(st.sampled_from(["PreDelete", "PostDelete", "PreDelete,PostDelete"]), max_size=3),
    fails=st.integers(0, 2),
)
def test_every_deletion_ends_in_order(waves: list[int], kinds: list[str], fails: int) -> None:
    """Whatever there is: hooks before objects before hooks, waves from the highest, and no finalizer left."""
    objects = [obj(f"o{number}", wave=wave) for number, wave in enumerate(waves)]
    hooks = tuple(job(f"h{number}", hook=kind) for number, kind in enumerate(kinds))
    live: dict[ResourceKey, Object] = {key_of(one): one for one in objects}
    held, told, broken = with_hook_finalizers((RESOURCES_FINALIZER,), hooks), [], fails
    for _ in range(100):
        health = jobs_are(HealthStatus.DEGRADED if broken else HealthStatus.HEALTHY)
        step = next_step(Deletion(finalizers=held, since=SINCE, live=tuple(live.values()), hooks=hooks, health=health))
        broken -= bool(step.error and step.delete)
        told += [("make", one) for one in step.create] + [("delete", one) for one in step.delete]
        live |= {key_of(one): one for one in step.create}
        for one in step.delete:
            live.pop(key_of(one))
        held = tuple(one for one in held if one not in step.release)
        if not held:
            break
    assert not held
    deleted = [one["metadata"]["name"] for verb, one in told if verb == "delete" and one["kind"] != "Job"]
    assert sorted(deleted) == sorted(one["metadata"]["name"] for one in objects)
    order = {one["metadata"]["name"]: sync_wave(one) for one in objects}
    assert [order[name] for name in deleted] == sorted(order.values(), reverse=True)
    only_pre = {one["metadata"]["name"] for one, kind in zip(hooks, kinds, strict=True) if kind == "PreDelete"}
    first = next((n for n, (verb, one) in enumerate(told) if verb == "delete" and one["kind"] != "Job"), len(told))
    assert not any(verb == "make" and one["metadata"]["name"] in only_pre for verb, one in told[first:])


# --- every step says what it is -------------------------------------------------------------------------------------


def _hook(health: HealthStatus) -> Deletion:
    hook = job("a", hook="PreDelete")
    return of(hook, held=(PRE,), hooks=(hook,), health=health_of(a=health))


@pytest.mark.parametrize(
    ("deletion", "code"),
    [
        (of(obj("a")), Code.DELETING_OBJECTS),
        (of(going(obj("a"))), Code.DELETION_WAITS),
        (of(obj("a", options="Delete=confirm")), Code.DELETION_UNCONFIRMED),
        (of(), Code.DELETED),
        (of(held=(PRE,), hooks=None), Code.DELETION_SOURCE),
        (of(held=(PRE,), hooks=None, unknown_hooks="no such path"), Code.DELETION_HOOKS_UNKNOWN),
        (of(held=(PRE,), hooks=(job("a", hook="PreDelete"),)), Code.DELETION_HOOKS_BEGUN),
        (_hook(HealthStatus.PROGRESSING), Code.DELETION_HOOKS),
        (_hook(HealthStatus.DEGRADED), Code.DELETION_HOOK_FAILED),
        (_hook(HealthStatus.HEALTHY), Code.DELETION_HOOKS_DONE),
        (of(held=(f"{PRE}/cleanup",)), Code.DELETION_HOOKS_CLEARED),
    ],
)
def test_a_step_is_a_code_with_its_objects(deletion: Deletion, code: Code) -> None:
    step = next_step(deletion)
    assert step.decision.code is code
    named = [key.name for key in step.decision.objects]
    assert named in ([], ["a"]) and bool(named) is ("{objects}" in code.sentence.partition("[")[0])
