"""What is not deleted without a person's yes."""

from __future__ import annotations

import pytest

from gitops_tui.model.resource import ResourceKey
from gitops_tui.sync.brakes import automatic_prune_needs_approval, prune_needs_typing, wipes_everything


def keys(count: int, kind: str = "ConfigMap", group: str = "") -> list[ResourceKey]:
    return [ResourceKey(group, kind, "shop", f"n{number}") for number in range(count)]


@pytest.mark.parametrize(
    ("group", "kind"),
    [
        ("", "Namespace"),
        ("", "PersistentVolume"),
        ("", "PersistentVolumeClaim"),
        ("apiextensions.k8s.io", "CustomResourceDefinition"),
    ],
)
def test_what_takes_other_things_with_it_is_asked_for_both_ways(group: str, kind: str) -> None:
    one = keys(1, kind, group)
    assert kind in prune_needs_typing(one, 100) and kind in automatic_prune_needs_approval(one, 100)


def test_a_stateful_set_is_asked_for_by_hand_only() -> None:
    one = keys(1, "StatefulSet", "apps")
    assert prune_needs_typing(one, 100) and not automatic_prune_needs_approval(one, 100)


def test_another_groups_kind_of_the_same_name_is_not_precious() -> None:
    assert not prune_needs_typing(keys(1, "Namespace", "example.com"), 100)


@pytest.mark.parametrize(
    ("count", "size", "asks"),
    [(0, 0, False), (0, 10, False), (5, 100, False), (6, 100, True), (2, 10, False), (3, 10, True)],
)
def test_many_by_hand(count: int, size: int, asks: bool) -> None:
    assert bool(prune_needs_typing(keys(count), size)) is asks


@pytest.mark.parametrize(
    ("count", "size", "asks"), [(0, 0, False), (20, 20, False), (21, 41, True), (21, 42, False), (300, 1000, False)]
)
def test_many_by_automation(count: int, size: int, asks: bool) -> None:
    assert bool(automatic_prune_needs_approval(keys(count), size)) is asks


def test_only_the_first_three_are_named() -> None:
    words = prune_needs_typing(keys(5, "Namespace"), 5)
    assert words.endswith("and 2 more") and "n2" in words and "n3" not in words


@pytest.mark.parametrize(("prunes", "size", "wipes"), [(0, 0, True), (0, 3, False), (2, 3, False), (3, 3, True)])
def test_wiping_everything(prunes: int, size: int, wipes: bool) -> None:
    assert wipes_everything(prunes, size) is wipes
