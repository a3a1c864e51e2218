"""Garbage collection by owner references: background, foreground, orphan. Source: KEP-1030 and the Kubernetes docs.

Runs on the housekeeper's thread; the store is its only state besides an index of who owns whom.
"""

from __future__ import annotations

from collections import defaultdict

from msgspec import Struct

from gitops_tui.errors import ApiError, NotFound
from gitops_tui.model.resource import Object, metadata_of, name_of, namespace_of
from gitops_tui.sandbox.deletion import FOREGROUND, ORPHAN
from gitops_tui.sandbox.selectors import owner_uids
from gitops_tui.sandbox.storage import Event
from gitops_tui.sandbox.store import CONTROLLER_MANAGER, Store


class Ref(Struct, frozen=True):
    """Where an object is."""

    resource: str
    namespace: str
    name: str


class GarbageCollector:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._dependents: dict[str, set[Ref]] = defaultdict(set)
        self._alive: dict[str, Ref] = {}
        for resource in store.storage.resources():
            for record in store.storage.all(resource)[0]:
                self._index(resource, record.obj)

    def _index(self, resource: str, obj: Object) -> None:
        ref = Ref(resource, namespace_of(obj), name_of(obj))
        self._alive[metadata_of(obj)["uid"]] = ref
        for uid in owner_uids(obj):
            self._dependents[uid].add(ref)

    def handle(self, event: Event) -> list[Ref]:
        """Take note of a change and do what follows from it; objects whose owner nobody knows (yet)."""
        obj = event.record.obj
        if event.type == "DELETED":
            self._on_deleted(event.resource, obj)
            return []
        self._index(event.resource, obj)
        if metadata_of(obj).get("deletionTimestamp"):
            self._on_deleting(Ref(event.resource, namespace_of(obj), name_of(obj)), obj)
        unknown = [uid for uid in owner_uids(obj) if uid not in self._alive]
        return [Ref(event.resource, namespace_of(obj), name_of(obj))] if unknown else []

    def check(self, ref: Ref) -> None:
        """Delete an object all of whose owners are gone; forget the owners that are."""
        try:
            obj = self._store.get(ref.resource, ref.namespace, ref.name)
        except NotFound:
            return
        owners = metadata_of(obj).get("ownerReferences") or []
        kept = [one for one in owners if one.get("uid") in self._alive]
        if not owners or len(kept) == len(owners):
            return
        if kept:
            self._patch(ref, {"metadata": {"ownerReferences": kept}})
        else:
            self._delete(ref, "Background")

    def _on_deleted(self, resource: str, obj: Object) -> None:
        uid = metadata_of(obj)["uid"]
        self._alive.pop(uid, None)
        ref = Ref(resource, namespace_of(obj), name_of(obj))
        for dependent in sorted(self._dependents.pop(uid, ()), key=str):
            self.check(dependent)
        for owner in owner_uids(obj):
            self._dependents[owner].discard(ref)
            self._release(owner)

    def _release(self, uid: str) -> None:
        """An owner may have waited for this dependent."""
        ref = self._alive.get(uid)
        if ref is None:
            return
        try:
            owner = self._store.get(ref.resource, ref.namespace, ref.name)
        except NotFound:
            return
        if FOREGROUND in (metadata_of(owner).get("finalizers") or ()):
            self._on_deleting(ref, owner)

    def _on_deleting(self, ref: Ref, obj: Object) -> None:
        finalizers = metadata_of(obj).get("finalizers") or ()
        if ORPHAN in finalizers:
            self._orphan(ref, obj)
        elif FOREGROUND in finalizers:
            self._delete_dependents(ref, obj)

    def _orphan(self, ref: Ref, obj: Object) -> None:
        uid = metadata_of(obj)["uid"]
        for dependent, found in self._dependents_of(uid):
            owners = [one for one in metadata_of(found).get("ownerReferences") or () if one.get("uid") != uid]
            self._patch(dependent, {"metadata": {"ownerReferences": owners or None}})
            self._dependents[uid].discard(dependent)
        self._drop_finalizer(ref, ORPHAN)

    def _delete_dependents(self, ref: Ref, obj: Object) -> None:
        """Dependents go first; those that block hold their owner until they are gone."""
        uid = metadata_of(obj)["uid"]
        is_blocked = False
        for dependent, found in self._dependents_of(uid):
            owners = metadata_of(found).get("ownerReferences") or ()
            is_blocked |= any(one.get("uid") == uid and one.get("blockOwnerDeletion") for one in owners)
            if not metadata_of(found).get("deletionTimestamp"):
                has_own = bool(self._dependents.get(metadata_of(found)["uid"]))
                self._delete(dependent, "Foreground" if has_own else "Background")
        if not is_blocked or not self._dependents_of(uid):
            self._drop_finalizer(ref, FOREGROUND)

    def _dependents_of(self, uid: str) -> list[tuple[Ref, Object]]:
        found = []
        for ref in sorted(self._dependents.get(uid, ()), key=str):
            try:
                obj = self._store.get(ref.resource, ref.namespace, ref.name)
            except NotFound:
                continue
            if uid in owner_uids(obj):
                found.append((ref, obj))
        return found

    # --- writes: whoever was faster is right
    def _delete(self, ref: Ref, propagation: str) -> None:
        try:
            self._store.delete(ref.resource, ref.namespace, ref.name, propagation, grace_s=30)
        except ApiError:
            pass

    def _patch(self, ref: Ref, changes: Object) -> None:
        try:
            self._store.patch(ref.resource, ref.namespace, ref.name, changes, CONTROLLER_MANAGER)
        except ApiError:
            pass

    def _drop_finalizer(self, ref: Ref, finalizer: str) -> None:
        drop_finalizer(self._store, ref, finalizer)


def drop_finalizer(store: Store, ref: Ref, finalizer: str) -> None:
    """Remove one finalizer where it is there."""
    with store.storage.lock:
        try:
            obj = store.get(ref.resource, ref.namespace, ref.name)
        except NotFound:
            return
        found = metadata_of(obj).get("finalizers") or []
        if finalizer in found:
            kept = [one for one in found if one != finalizer] or None
            store.patch(ref.resource, ref.namespace, ref.name, {"metadata": {"finalizers": kept}}, CONTROLLER_MANAGER)
