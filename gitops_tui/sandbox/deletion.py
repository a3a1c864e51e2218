"""Deleting: preconditions, grace, finalizers and the three propagation policies (the waiting is `garbage`'s)."""

from __future__ import annotations

from datetime import timedelta

from gitops_tui.model.resource import Object, metadata_of, name_of, namespace_of
from gitops_tui.sandbox import failure
from gitops_tui.sandbox.failure import success
from gitops_tui.sandbox.options import DeleteOptions
from gitops_tui.sandbox.registry import ResourceType
from gitops_tui.sandbox.storage import Storage
from gitops_tui.sandbox.strategy import has_generation
from gitops_tui.sandbox.writing import Clock, is_finished, stamp

FOREGROUND, ORPHAN = "foregroundDeletion", "orphan"
_FINALIZER = {"Foreground": FOREGROUND, "Orphan": ORPHAN}
_ORPHAN_BY_DEFAULT = {"jobs.batch", "replicationcontrollers"}
_ANSWERS_OBJECT = {
    "pods",
    "services",
    "serviceaccounts",
    "persistentvolumeclaims",
    "persistentvolumes",
    "resourcequotas",
}
"""Kinds whose deletion answers the object instead of a Status, for compatibility."""


class Deleter:
    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock

    def delete(self, kind: ResourceType, namespace: str, name: str, options: DeleteOptions) -> tuple[Object, bool]:
        """What to answer, and whether the object is gone (else it is waiting). Raises `NotFound`, `Conflict`."""
        with self._storage.lock:
            found = self._storage.get(kind.storage, namespace, name)
            if found is None:
                raise failure.not_found(kind.resource, name)
            live = found.obj
            _check_preconditions(kind, live, options)
            doomed = self._marked(kind, live, options)
            if not is_finished(doomed):
                return self._wait(kind, live, doomed, options), False
            if not options.is_dry_run:
                self._remove(kind, live, doomed)
        if kind.resource in _ANSWERS_OBJECT:
            return doomed, True
        return success(kind.resource, name, metadata_of(live)["uid"]), True

    def _wait(self, kind: ResourceType, live: Object, doomed: Object, options: DeleteOptions) -> Object:
        if options.is_dry_run or doomed == live:
            return doomed
        return self._storage.put(kind.storage, doomed)

    def _remove(self, kind: ResourceType, live: Object, doomed: Object) -> None:
        self._storage.remove(kind.storage, namespace_of(live), name_of(doomed))

    def _marked(self, kind: ResourceType, live: Object, options: DeleteOptions) -> Object:
        """``live`` as it is once its deletion was asked for."""
        meta = dict(metadata_of(live))
        meta["finalizers"] = _finalizers(kind, meta, options)
        if not meta["finalizers"]:
            del meta["finalizers"]
        grace = _grace(kind, live, options)
        is_first = not meta.get("deletionTimestamp")
        if is_first or grace < int(meta.get("deletionGracePeriodSeconds") or 0):
            self._set_deadline(kind, meta, grace, is_first=is_first)
        doomed = {**live, "metadata": meta}
        if kind.resource == "namespaces":
            meta.pop("deletionGracePeriodSeconds", None)
            doomed["status"] = {**(live.get("status") or {}), "phase": "Terminating"}
        return doomed

    def _set_deadline(self, kind: ResourceType, meta: Object, grace: int, *, is_first: bool) -> None:
        meta["deletionTimestamp"] = stamp(self._clock() + timedelta(seconds=grace))
        meta["deletionGracePeriodSeconds"] = grace
        if is_first and has_generation(kind) and meta.get("generation"):
            meta["generation"] += 1


def _check_preconditions(kind: ResourceType, live: Object, options: DeleteOptions) -> None:
    meta = metadata_of(live)
    if options.uid and options.uid != meta["uid"]:
        text = f"the UID in the precondition ({options.uid}) does not match the UID in record ({meta['uid']})"
        why = f"{text}. The object might have been deleted and then recreated"
    elif options.version and options.version != meta["resourceVersion"]:
        text = (
            f"the ResourceVersion in the precondition ({options.version}) does not match the ResourceVersion in record"
        )
        why = f"{text} ({meta['resourceVersion']}). The object might have been modified"
    else:
        return
    error = failure.conflict(kind.kind, name_of(live), why)
    error.details = failure.details(name_of(live), kind.group, kind.kind)
    raise error


def _finalizers(kind: ResourceType, meta: Object, options: DeleteOptions) -> list[str]:
    """A policy that is asked for replaces the one that the finalizers say; the kind's default adds to none."""
    found = list(meta.get("finalizers") or ())
    policy = options.propagation
    if not policy:
        if FOREGROUND in found or ORPHAN in found or kind.resource not in _ORPHAN_BY_DEFAULT:
            return found
        policy = "Orphan"
    kept = [one for one in found if one not in (FOREGROUND, ORPHAN)]
    wanted = _FINALIZER.get(policy)
    return [*kept, wanted] if wanted else kept


def _grace(kind: ResourceType, live: Object, options: DeleteOptions) -> int:
    """Seconds for the kubelet: only pods on a node that still run have any."""
    if kind.resource != "pods":
        return 0
    is_running = (live.get("status") or {}).get("phase") not in ("Succeeded", "Failed")
    if not live["spec"].get("nodeName") or not is_running:
        return 0
    if options.grace_s is not None:
        return options.grace_s
    return int(live["spec"].get("terminationGracePeriodSeconds") or 30)
