"""What undoes foreign drift: a JSON patch that removes exactly the fields of a plan, and refuses anything else.

Every removal is guarded by a ``test`` of the resourceVersion, of the key of each list item on the way and of the old
value: where the object moved on, the server answers with a conflict and a new plan is made (design: drift, "Undoing").
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from gitops_tui.diff.foreign import age_of
from gitops_tui.diff.managers import TICKED
from gitops_tui.diff.normalize import canonical
from gitops_tui.diff.path import SET_ITEM, find, tokens
from gitops_tui.diff.places import WORKLOADS
from gitops_tui.errors import StalePlanError
from gitops_tui.manifest import pointer
from gitops_tui.model.drift import FieldDrift, Path
from gitops_tui.model.resource import Object, key_of, metadata_of
from gitops_tui.model.status import DriftKind, WriterClass
from gitops_tui.structured.schema import SchemaNode
from gitops_tui.structured.value import same

AUTOMATIC_AGE: Final = timedelta(hours=1)
"""Automation leaves younger changes alone, even where the Application asks for healing."""


def undo_patch(live: Object, drifts: Iterable[FieldDrift]) -> list[Object]:
    """RFC 6902 operations that remove the ticked foreign fields from this very ``live``; empty: nothing to undo.

    Target drift and notes are not in it: the ordinary apply undoes the first, nothing the second. Raise
    `StalePlanError` where ``live`` does not have a field any more.
    """
    paths = [one.path for one in drifts if one.kind is DriftKind.FOREIGN and one.ticked and one.healable]
    if not paths:
        return []
    places = sorted({_place(live, path): path for path in paths}.items(), key=_by_index, reverse=True)
    tests = [_test(("metadata", "resourceVersion"), metadata_of(live).get("resourceVersion"))]
    for place, path in reversed(places):
        tests += [one for one in (*_key_tests(live, path), _test(place, find(live, path))) if one not in tests]
    return tests + [{"op": "remove", "path": _pointer(place)} for place, _ in places]


def _place(live: Object, path: Path) -> tuple[str, ...]:
    place = tokens(live, path)
    if place is None:
        raise StalePlanError("a field of the plan is gone from the cluster", resource=key_of(live).short)
    return place


def _by_index(entry: tuple[tuple[str, ...], Path]) -> list[tuple[int, str]]:
    """Later items first, so that removing one does not move another that is still to be removed."""
    return [(int(token), "") if token.isdecimal() else (-1, token) for token in entry[0]]


def _key_tests(live: Object, path: Path) -> list[Object]:
    """That each list item on the way is still the one that is meant."""
    out = []
    for length, element in enumerate(path, start=1):
        place = tokens(live, path[:length])
        if place is None or not isinstance(element, tuple) or length == len(path):
            continue
        out += [_test((*place, name) if name != SET_ITEM else place, value) for name, value in element]
    return out


def _test(place: Sequence[str], value: Any) -> Object:
    return {"op": "test", "path": _pointer(place), "value": value}


def _pointer(place: Sequence[str]) -> str:
    return "".join("/" + pointer.escape(token) for token in place)


def without_fields(live: Object, drifts: Iterable[FieldDrift]) -> Object:
    """``live`` as the patch leaves it before the server fills in defaults."""
    out = live
    for operation in undo_patch(live, drifts):
        if operation["op"] == "remove":
            out = pointer.remove(out, operation["path"])
    return out


def heals_itself(drift: FieldDrift, now: datetime) -> bool:
    """Whether automation may undo it where the Application asks for that: by a person's editor, and not just now."""
    writer = drift.writer
    if drift.kind is not DriftKind.FOREIGN or not drift.healable or writer is None:
        return False
    is_edit = writer.klass is WriterClass.PERSON and writer.manager in TICKED
    return is_edit and bool(writer.time) and age_of(writer, now) >= AUTOMATIC_AGE


def without_replicas(target: Object) -> Object:
    """``target`` for an apply while an autoscaler sets the replicas: their number is left out."""
    left: Object = pointer.remove(target, "/spec/replicas")
    return left


# --- what it costs ---------------------------------------------------------------------------------------------------


def restarts_pods(live: Object, after: Object, schema: SchemaNode | None = None) -> bool:
    """Whether a workload rolls its pods: its template changes. A Job's and a CronJob's running pods go on."""
    if live.get("kind") not in WORKLOADS - {"Pod", "Job", "CronJob"}:
        return False
    before, then = (_template(canonical(one, schema)) for one in (live, after))
    strategy = (after.get("spec") or {}).get("updateStrategy") or {}
    return not same(before, then) and strategy.get("type") != "OnDelete"


def restarted_pods(live: Object, after: Object, schema: SchemaNode | None = None) -> int | None:
    """How many pods a change restarts; None: none. A DaemonSet has as many as it has nodes."""
    if not restarts_pods(live, after, schema):
        return None
    status, spec = live.get("status") or {}, after.get("spec") or {}
    if live.get("kind") == "DaemonSet":
        return int(status.get("desiredNumberScheduled") or 0)
    return int(spec.get("replicas", 1))


def restart_words(pods: int | None) -> str:
    """``Restarts 3 pods, one after another.``"""
    if pods is None:
        return "Restarts no pods."
    return f"Restarts {pods} pod{'' if pods == 1 else 's, one after another'}."


def _template(obj: Object) -> Any:
    return (obj.get("spec") or {}).get("template")
