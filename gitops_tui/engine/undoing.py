"""Removes foreign fields that were chosen in a plan, before the sync machine applies anything (design: drift)."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from functools import partial

from gitops_tui.diff.undo import undo_patch
from gitops_tui.engine.assignment import Assignment
from gitops_tui.engine.executor import Executor
from gitops_tui.engine.patience import patiently
from gitops_tui.errors import StalePlanError
from gitops_tui.model.drift import FieldDrift
from gitops_tui.model.operation import ResourceResult
from gitops_tui.model.resource import Object, ResourceKey
from gitops_tui.model.status import OperationPhase, ResultCode, SyncPhase


def undo_foreign(assignment: Assignment, executor: Executor, abandoned: threading.Event) -> Iterator[ResourceResult]:
    """Exactly the fields of the plan, each object asked for first; a moved object stops the whole heal.

    Gives what became of the objects that no apply reports later, each as soon as it is done.
    """
    patches = [_undo_of(executor, key, fields) for key, fields in assignment.undo.items()]
    session = assignment.comparison.session
    for key, live, patch in patches:
        resource = session.resource_for(live)
        if resource is not None:
            patiently(partial(session.dry_run.json_patch, resource, key.namespace, key.name, patch), abandoned)
    for key, live, patch in patches:
        resource = session.resource_for(live)
        if resource is None:
            continue
        found = executor.writer.json_patch(resource, key.namespace, key.name, patch)
        executor.overlay.wrote(found)
        if key not in assignment.operation.resources:  # else the apply that follows reports this object
            yield _undone(key, found, assignment.undo[key])


def _undo_of(
    executor: Executor, key: ResourceKey, fields: tuple[FieldDrift, ...]
) -> tuple[ResourceKey, Object, list[Object]]:
    live = executor.overlay.live(key)
    if live is None:
        raise StalePlanError(f"{key.short} is gone from the cluster")
    return key, live, undo_patch(live, fields)


def _undone(key: ResourceKey, obj: Object, fields: Sequence[FieldDrift]) -> ResourceResult:
    labels = ", ".join(one.label for one in fields)
    version = str(obj.get("apiVersion", "")).rpartition("/")[2]
    return ResourceResult(
        key, version, ResultCode.SYNCED, f"removed {labels}", "", OperationPhase.SUCCEEDED, SyncPhase.SYNC
    )
