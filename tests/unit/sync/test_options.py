"""Sync options to the letter: of the application as they stand in its list, of an object trimmed entry by entry."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_tui.model.annotations import SYNC_OPTIONS
from gitops_tui.sync.options import (
    SyncOptions,
    has_option,
    is_pruning_disabled,
    needs_prune_confirmation,
    parse_options,
)


def saying(options: str) -> dict[str, Any]:
    return {"metadata": {"name": "a", "annotations": {SYNC_OPTIONS: options}}}


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ((), SyncOptions()),
        (("Prune=confirm", "Prune=false"), SyncOptions(prune="confirm")),
        (("PruneLast=true", "Validate=false"), SyncOptions(prune_last=True, validate=False)),
        ((" PruneLast=true", "PruneLast=true ", "prunelast=true", "PruneLast = true", "PruneLast=True"), SyncOptions()),
        (("Validate=False", "Replace=yes", "Nobody=knows", ""), SyncOptions()),
    ],
)
def test_an_option_of_the_application_is_spelled_to_the_letter(options: tuple[str, ...], found: SyncOptions) -> None:
    assert parse_options(options) == found


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ((), "Foreground"),
        (("orphan",), "Orphan"),
        (("Orphan",), "Foreground"),
        (("foreground", "background"), "Background"),
        (("orphan", "foreground"), "Foreground"),
        (("orphan", "sideways"), "Orphan"),
    ],
)
def test_of_several_propagation_policies_one_counts_wherever_it_stands(words: tuple[str, ...], found: str) -> None:
    assert parse_options(f"PrunePropagationPolicy={word}" for word in words).propagation == found


@pytest.mark.parametrize(
    ("options", "is_disabled"),
    [
        (" Prune=false , Validate=false", True),
        ("Validate=false,\n  Prune=false", True),
        ("Prune=true, Prune=false", False),
        ("Prune= false", False),
        ("Prune =false", False),
        ("prune=false", False),
        ("Prune=False", False),
    ],
)
def test_whole_entries_of_an_object_are_trimmed(options: str, is_disabled: bool) -> None:
    assert is_pruning_disabled(saying(options)) is is_disabled


def test_a_value_that_nobody_knows_still_beats_the_applications() -> None:
    assert not is_pruning_disabled(saying("Prune= false"), "false")
    assert not needs_prune_confirmation(saying("Prune="), "confirm")
    assert is_pruning_disabled(saying("Prune"), "false") and not has_option(saying("Prune"), "Prune=false")
