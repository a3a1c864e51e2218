"""What a person does to an Application itself, or to one of its objects, apart from syncing it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from gitops_tui.cluster.discovery import ApiResource
from gitops_tui.engine.children import is_child
from gitops_tui.engine.comparison import ComparedObject, Comparison
from gitops_tui.engine.operations import APPLICATION
from gitops_tui.engine.saved import SavedObjects
from gitops_tui.engine.session import Session
from gitops_tui.engine.system import System
from gitops_tui.errors import InvalidSpecError, NotFound, OperationError, ReadOnlyError
from gitops_tui.model.annotations import DELETION_APPROVED, PRUNE_APPROVED, RESOURCES_FINALIZER
from gitops_tui.model.application import AppKey, Application, parse_application
from gitops_tui.model.operation import Condition, stamp
from gitops_tui.model.plan import Outcome
from gitops_tui.model.resource import Object, ResourceKey, key_of, metadata_of, name_of, namespace_of
from gitops_tui.model.spec_change import SpecChange, spec_patch
from gitops_tui.model.status import ConditionType
from gitops_tui.sync.deletion import PROPAGATION
from gitops_tui.sync.orphans import is_never_orphaned
from gitops_tui.sync.tracking import app_of

PROPAGATIONS = {"foreground": RESOURCES_FINALIZER, "background": f"{RESOURCES_FINALIZER}/background"}
PATCH_TYPES = ("merge", "json")


def approve_prune(home: Session, comparison: Comparison, standing: Sequence[Condition]) -> None:
    """A person pruned by hand: the guard of automation has its answer for these commits."""
    app = comparison.app
    resource = home.discovery.find(*APPLICATION)
    is_guarded = any(one.type == ConditionType.PRUNE_APPROVAL_NEEDED.value for one in standing)
    if is_guarded and resource is not None and home.writer is not None and app.origin.in_cluster:
        patch: Object = {"metadata": {"annotations": {PRUNE_APPROVED: " ".join(comparison.commits)}}}
        home.writer.merge_patch(resource, app.namespace, app.name, patch)


class Administration(Struct, frozen=True):
    """Each method is one request, or two, and returns with the server's answer."""

    home: Session
    application: Callable[[AppKey], Application]
    comparison: Callable[[AppKey], Comparison]
    saved: SavedObjects
    system: System
    clock: Callable[[], datetime]

    # --- the Application
    def delete(self, key: AppKey, *, cascade: bool, propagation: str) -> Outcome:
        """With ``cascade`` a finalizer has whoever reconciles delete the objects first, else they stay."""
        app = self.application(key)
        resource = self._resource(app, "Delete it there: its objects stay")
        wanted = [one for one in app.finalizers if one not in PROPAGATION]
        if cascade:
            wanted.append(PROPAGATIONS[propagation])
        if tuple(wanted) != app.finalizers:
            self._patch(app, resource, {"metadata": {"finalizers": wanted}})
        assert self.home.writer is not None
        self.home.writer.delete(resource, app.namespace, app.name, propagation="Background", uid=app.uid)
        how = "with its objects" if cascade else "and its objects stay"
        return Outcome(True, f"{app.name} is being deleted, {how}")

    def change(self, key: AppKey, change: SpecChange) -> Outcome:
        app = self.application(key)
        resource = self._resource(app, "Change it there")
        patch = spec_patch(app.raw.get("spec") or {}, change)
        if not patch:
            raise OperationError("nothing is to be changed", hint="Name a field, such as --revision or --sync-policy.")
        found = self._patch(app, resource, {"spec": patch})
        try:
            parse_application(found, origin=app.origin)
        except InvalidSpecError as error:
            return Outcome(True, f"{app.name} is changed, and cannot be used so: {error}", hint=error.hint)
        return Outcome(True, f"{app.name} is changed")

    def confirm_deletion(self, key: AppKey) -> Outcome:
        """What waits for a person's yes to a prune or a deletion goes on."""
        app = self.application(key)
        resource = self._resource(app, "Nothing there waits for a confirmation")
        self._patch(app, resource, {"metadata": {"annotations": {DELETION_APPROVED: stamp(self.clock())}}})
        return Outcome(True, f"the deletions of {app.name} are confirmed")

    def _resource(self, app: Application, way_out: str) -> ApiResource:
        found = self.home.discovery.find(*APPLICATION)
        if not app.origin.in_cluster or found is None:
            raise OperationError(f"{app.name} is declared in {app.origin}, not in the cluster", hint=f"{way_out}.")
        if self.home.writer is None:
            raise ReadOnlyError("read-only: nothing is written", hint="Start without --read-only to write.")
        return found

    def _patch(self, app: Application, resource: ApiResource, patch: Object) -> Object:
        assert self.home.writer is not None
        version = {"resourceVersion": app.resource_version} if "finalizers" in patch.get("metadata", {}) else {}
        whole = {**patch, "metadata": {**patch.get("metadata", {}), **version}} if version else patch
        return self.home.writer.merge_patch(resource, app.namespace, app.name, whole)

    # --- its objects
    def patch_object(self, app: AppKey, key: ResourceKey, patch: Any, patch_type: str) -> Outcome:
        """``patch_type``: ``merge`` or ``json``."""
        comparison = self.comparison(app)
        one, resource = self._live(comparison, key)
        writer = comparison.session.writer
        assert one.live is not None and writer is not None
        send = writer.json_patch if patch_type == "json" else writer.merge_patch
        send(resource, namespace_of(one.live), name_of(one.live), patch)
        return Outcome(True, f"{one.key.short} is patched")

    def delete_object(self, app: AppKey, key: ResourceKey, *, force: bool, orphan: bool) -> Outcome:
        """Saved first. ``force``: at once and without its children's end, ``orphan``: its children stay."""
        comparison = self.comparison(app)
        one, resource = self._live(comparison, key)
        writer = comparison.session.writer
        assert one.live is not None and writer is not None
        self.saved.save(comparison.app.key, one.live)
        propagation = "Orphan" if orphan else "Background" if force else "Foreground"
        uid = str(metadata_of(one.live).get("uid") or "")
        grace_s = 0 if force else None
        writer.delete(
            resource, namespace_of(one.live), name_of(one.live), propagation=propagation, uid=uid, grace_s=grace_s
        )
        return Outcome(True, f"{one.key.short} is deleted")

    def _live(self, comparison: Comparison, key: ResourceKey) -> tuple[ComparedObject, ApiResource]:
        """Only what belongs to the application, and is there, can be asked for."""
        one = next((found for found in comparison.objects if found.key == key and found.live is not None), None)
        resource = comparison.session.resource_for(one.live) if one is not None and one.live is not None else None
        if one is None or resource is None:
            raise NotFound(f"{key.short} is no object of {comparison.app.name}", hint="List them with app resources.")
        if comparison.session.writer is None:
            raise ReadOnlyError("read-only: nothing is written", hint="Start without --read-only to write.")
        return one, resource

    def orphans(self, app: AppKey) -> Sequence[ResourceKey]:
        """What lies in the destination namespace, belongs to no application and to no other object."""
        comparison = self.comparison(app)
        cache, namespace = comparison.session.cache, comparison.app.destination.namespace
        known = {one.key for one in comparison.objects}
        kinds = [one for one in cache.watchable() if one.namespaced]
        objects = (obj for one in kinds for obj in cache.objects(one.group, one.kind))
        here = (obj for obj in objects if namespace_of(obj) == namespace and key_of(obj) not in known)
        found = {key_of(obj) for obj in here if not is_child(obj, cache) and not app_of(obj, self.system.tracking)}
        return sorted(key for key in found if not is_never_orphaned(key))
