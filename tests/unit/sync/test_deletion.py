"""The order of a cascaded deletion, and what holds it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops_tui.model.annotations import HELM_RESOURCE_POLICY
from gitops_tui.model.status import HookType
from gitops_tui.sync.deletion import holds_deletion, is_delete_hook, is_deleted_with, next_deletions
from gitops_tui.sync.hooks import sync_wave
from gitops_tui.sync.options import SyncOptions
from tests.unit.sync.world import job, obj


@given(st.lists(st.integers(-3, 3)))
def test_all_go_wave_by_wave_from_the_highest(waves: list[int]) -> None:
    left = [obj(f"o{number}", wave=wave) for number, wave in enumerate(waves)]
    gone = []
    while left:
        batch = next_deletions(left)
        assert len({sync_wave(one) for one in batch}) == 1
        gone += [sync_wave(one) for one in batch]
        left = [one for one in left if one not in batch]
    assert gone == sorted(waves, reverse=True)


def test_nothing_left() -> None:
    assert next_deletions(()) == ()


@pytest.mark.parametrize(
    ("own", "options", "goes"),
    [
        ("", SyncOptions(), True),
        ("Delete=false", SyncOptions(), False),
        ("", SyncOptions(delete="false"), False),
        ("Delete=true", SyncOptions(delete="false"), True),
        ("Prune=false", SyncOptions(), True),
    ],
)
def test_what_stays(own: str, options: SyncOptions, goes: bool) -> None:
    assert is_deleted_with(obj("a", options=own), options) is goes


def test_definitions_and_what_helm_keeps_stay() -> None:
    assert not is_deleted_with(obj("c", "CustomResourceDefinition", api="apiextensions.k8s.io/v1"), SyncOptions())
    kept = obj("k")
    kept["metadata"]["annotations"] = {HELM_RESOURCE_POLICY: "keep"}
    assert not is_deleted_with(kept, SyncOptions())


@pytest.mark.parametrize(
    ("own", "options", "holds"),
    [
        ("", SyncOptions(), False),
        ("Delete=confirm", SyncOptions(), True),
        ("Prune=confirm", SyncOptions(), True),
        ("", SyncOptions(prune="confirm"), True),
        ("Delete=true", SyncOptions(delete="confirm"), False),
        ("Delete=true", SyncOptions(delete="confirm", prune="confirm"), True),
    ],
)
def test_what_waits_for_a_yes(own: str, options: SyncOptions, holds: bool) -> None:
    assert holds_deletion(obj("a", options=own), options) is holds


def test_delete_hooks() -> None:
    both = job("h", hook="PreDelete, PostDelete")
    assert is_delete_hook(both, HookType.PRE_DELETE) and is_delete_hook(both, HookType.POST_DELETE)
    assert not is_delete_hook(job("h", hook="PreSync"), HookType.PRE_SYNC)
    helm = obj("h")
    helm["metadata"]["annotations"] = {"helm.sh/hook": "post-install,post-delete"}
    assert is_delete_hook(helm, HookType.POST_DELETE) and not is_delete_hook(helm, HookType.PRE_DELETE)
