"""Where server-side apply and Argo CD's client-side default part: a field that left Git and that somebody else owns.

The three-way merge removes what was applied last and is gone from Git, whoever wrote it since. A server-side apply
gives up its own claim only, and the field stays with the other owner (KEP-555; docs/compatibility.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gitops_tui.diff.path import find
from gitops_tui.diff.predict import last_applied
from gitops_tui.model.drift import FieldDrift
from gitops_tui.model.resource import Object
from gitops_tui.model.status import DriftKind
from gitops_tui.structured.value import MISSING

CODE = "kept-by-another-owner"
"""Stable, for whoever logs why."""


def told_apart(foreign: Sequence[FieldDrift], live: Object, target: Object) -> tuple[FieldDrift, ...]:
    """``foreign`` with the reason where ``kubectl apply`` or Argo CD would remove what our apply leaves."""
    before = last_applied(live)
    if before is None:
        return tuple(foreign)
    return tuple(_told(one, before, target) for one in foreign)


def _told(drift: FieldDrift, before: Object, target: Object) -> FieldDrift:
    is_dropped = find(before, drift.path) is not MISSING and find(target, drift.path) is MISSING
    if not is_dropped or drift.kind is DriftKind.TARGET:
        return drift
    owner = drift.writer.manager if drift.writer and drift.writer.manager else "somebody else"
    words = f"it left Git, but {owner} owns it by now: server-side apply keeps it, a client-side apply would remove it"
    return replace(drift, reason=f"{drift.reason}; {words}" if drift.reason else words)
