"""Where server-side apply and Argo CD's client-side default part: a field that left Git and that somebody else owns.

The three-way merge removes what was applied last and is gone from Git, whoever wrote it since. A server-side apply
gives up its own claim only, and the field stays with the other owner (KEP-555; docs/compatibility.md).
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from gitops_tui.diff.path import find
from gitops_tui.diff.predict import last_applied
from gitops_tui.model.catalogue import Code
from gitops_tui.model.decision import Decision
from gitops_tui.model.drift import FieldDrift
from gitops_tui.model.resource import Object, key_of
from gitops_tui.model.status import DriftKind
from gitops_tui.structured.value import MISSING


def told_apart(foreign: Sequence[FieldDrift], live: Object, target: Object) -> tuple[FieldDrift, ...]:
    """``foreign`` with the reason where ``kubectl apply`` or Argo CD would remove what our apply leaves."""
    before = last_applied(live)
    if before is None:
        return tuple(foreign)
    return tuple(_told(one, before, target) for one in foreign)


def kept_answers(drifts: Sequence[FieldDrift], live: Object | None, target: Object | None) -> tuple[Decision, ...]:
    """A decision for each field with which this and Argo CD's default part."""
    before = last_applied(live) if live is not None else None
    if live is None or target is None or before is None:
        return ()
    kept = [one for one in drifts if _is_dropped(one, before, target)]
    return tuple(
        Decision(Code.KEPT_BY_ANOTHER_OWNER, {"fields": (one.label,), "writer": _owner(one)}, (key_of(live),))
        for one in kept
    )


def _is_dropped(drift: FieldDrift, before: Object, target: Object) -> bool:
    is_gone = find(before, drift.path) is not MISSING and find(target, drift.path) is MISSING
    return is_gone and drift.kind is not DriftKind.TARGET


def _owner(drift: FieldDrift) -> str:
    return drift.writer.manager if drift.writer and drift.writer.manager else "somebody else"


def _told(drift: FieldDrift, before: Object, target: Object) -> FieldDrift:
    if not _is_dropped(drift, before, target):
        return drift
    words = (
        f"it left Git, but {_owner(drift)} owns it by now: server-side apply keeps it, "
        "a client-side apply would remove it"
    )
    return replace(drift, reason=f"{drift.reason}; {words}" if drift.reason else words)
