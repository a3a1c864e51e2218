"""Carries out the actions of a sync on one cluster: apply, replace, delete; each object saved before it goes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from gitops_tui.cluster.discovery import ApiResource
from gitops_tui.cluster.writer import Requests, Writer
from gitops_tui.config import APP_NAME
from gitops_tui.diff.ignore import respected
from gitops_tui.diff.ownership import takes_over
from gitops_tui.diff.undo import without_replicas
from gitops_tui.engine.autoscaling import AUTOSCALERS, autoscaled_targets
from gitops_tui.engine.overlay import Overlay
from gitops_tui.engine.patience import despite_conflicts, patiently
from gitops_tui.engine.pool import Pool
from gitops_tui.engine.saved import SavedObjects, restorable
from gitops_tui.engine.scrub import scrubbed
from gitops_tui.engine.session import Session
from gitops_tui.engine.unvalidated import as_sent
from gitops_tui.errors import (
    ApiError,
    ClusterError,
    Conflict,
    GitOpsError,
    Invalid,
    NotFound,
    OperationError,
)
from gitops_tui.logs import logger
from gitops_tui.model.annotations import HOOK_FINALIZER
from gitops_tui.model.application import Application, IgnoreDifference
from gitops_tui.model.resource import Object, ResourceKey, key_of, metadata_of, name_of, namespace_of
from gitops_tui.structured.migrate import migrate_client_side_apply
from gitops_tui.sync.machine import Action, Answer, Verb
from gitops_tui.sync.options import SyncOptions, migrated_managers
from gitops_tui.sync.settings import NO_OPTIONS
from gitops_tui.sync.tasks import CRD, NAMESPACE
from gitops_tui.sync.tracking import DEFAULT_TRACKING, Tracking, app_of

GONE_S = 60.0
"""How long an object that is made anew may take to go."""
ESTABLISHED_S = 3.0
"""How long a new CustomResourceDefinition is waited for (Argo CD: the same)."""
GENERATED = "gitops-tui-dry-run-"
ATTEMPTS = 5
"""How often managed fields of an object that moves meanwhile are read again."""


@dataclass(frozen=True, slots=True)
class Executor:
    """Acts for one application. `run` may take as long as the slowest request of a batch."""

    app: Application
    session: Session
    writer: Writer
    overlay: Overlay
    saved: SavedObjects
    pool: Pool
    namespaces_made: frozenset[str] = frozenset()
    """Namespaces that this sync makes: nothing in them can be asked for before."""
    ignores: tuple[IgnoreDifference, ...] = ()
    """What ``RespectIgnoreDifferences`` leaves: the rules of the application and of the system."""
    tracking: Tracking = DEFAULT_TRACKING
    manager: str = APP_NAME
    """The field manager under which everything is applied."""
    options: SyncOptions = NO_OPTIONS
    """Of these: ``ClientSideApplyMigration``, what client-side apply owns is taken over before the first apply."""
    is_only_dry_run: bool = False
    """The operation as a whole stores nothing."""
    abandoned: threading.Event = field(default_factory=threading.Event, compare=False)
    """Set when the operation is left to others: nothing more is asked for then."""

    def run(self, actions: Sequence[Action]) -> list[Answer]:
        """Side by side; an answer for each, in order."""
        return self.pool.map(self._safely, actions)

    def _safely(self, action: Action) -> Answer:
        """Raises once the operation was abandoned: somebody else may run it by now, and a failure is none of its."""
        self._go_on()
        try:
            return self._do(action)
        except GitOpsError as error:
            self._go_on()
            return Answer(False, scrubbed(str(error), action.task.obj))

    def _go_on(self) -> None:
        if self.abandoned.is_set():
            raise OperationError(f"the operation of {self.app.name} is left to whoever resumes it")

    def _do(self, action: Action) -> Answer:
        if action.verb is Verb.APPLY:
            return self._dry_run(action) if action.dry_run else self._apply(action)
        if action.verb is Verb.RELEASE_HOOK:
            return self._release(action)
        return self._delete(action)

    # --- apply
    def _apply(self, action: Action) -> Answer:
        resource = self._resource(action)
        target = self._target(action)
        before = self.overlay.live(key_of(target))
        found, words = patiently(lambda: self._written(action, resource, target, before), self.abandoned)
        self.overlay.wrote(found)
        if action.task.key.group_kind == CRD:
            self._establish(resource, found)
        return Answer(True, f"{_kind_words(resource)}/{name_of(found)} {words}")

    def _written(
        self, action: Action, resource: ApiResource, target: Object, before: Object | None
    ) -> tuple[Object, str]:
        if not name_of(target):
            return self.writer.create(resource, target, validate=action.validate), "created"
        if action.replace:
            return self._replaced(resource, target, before, action)
        try:
            if before is not None and self.options.client_side_apply_migration:
                self._migrate(resource, before, migrated_managers(self.app, target, self.options))
            found = self.writer.apply(resource, target, force=True, validate=action.validate)
        except (Conflict, Invalid) as error:
            is_unreadable = error.code == 400  # no deletion makes that right
            if not action.force or before is None or is_unreadable:
                raise
            return self._recreated(resource, target, before, action)
        return found, _applied_words(before, found)

    def _migrate(self, resource: ApiResource, live: Object, also: tuple[str, ...]) -> None:
        """What ``kubectl apply`` wrote becomes ours first, so that a field which left Git goes and does not stay.

        As kubectl does it before a server-side apply; an object that moves meanwhile is read again.
        """
        for _ in range(ATTEMPTS):
            managers = takes_over(live, self.manager, also)
            if not managers:
                return
            entries = migrate_client_side_apply(live, from_managers=managers, to_manager=self.manager)
            patch = [
                {"op": "replace", "path": "/metadata/managedFields", "value": entries},
                {"op": "replace", "path": "/metadata/resourceVersion", "value": metadata_of(live)["resourceVersion"]},
            ]
            try:
                self.overlay.wrote(self.writer.json_patch(resource, namespace_of(live), name_of(live), patch))
                return
            except Conflict:
                live = self.session.reader.get(resource, namespace_of(live), name_of(live))

    def _replaced(
        self, resource: ApiResource, target: Object, before: Object | None, action: Action
    ) -> tuple[Object, str]:
        """As ``kubectl replace``: the object as it is now is overwritten, and made anew with ``Force=true``.

        Namespaces and definitions are only ever overwritten: with them goes all that is in them.
        """
        if before is None:
            return self.writer.create(resource, target, validate=action.validate), "created"
        if action.force and action.task.key.group_kind not in (CRD, NAMESPACE):
            return self._recreated(resource, target, before, action)
        try:
            return self._on_fresh(
                resource, before, lambda fresh: self._overwritten(resource, target, fresh)
            ), "replaced"
        except NotFound:
            return self.writer.create(resource, target, validate=action.validate), "created"

    def _overwritten(self, resource: ApiResource, target: Object, fresh: Object) -> Object:
        metadata = {**metadata_of(target), "resourceVersion": metadata_of(fresh).get("resourceVersion")}
        return self.writer.replace(resource, {**target, "metadata": metadata})

    def _on_fresh(self, resource: ApiResource, known: Object, write: Callable[[Object], Object]) -> Object:
        """Write on the object as it is now; read again where it moves meanwhile."""
        return despite_conflicts(
            lambda: write(self.session.reader.get(resource, namespace_of(known), name_of(known))), self.abandoned
        )

    def _recreated(self, resource: ApiResource, target: Object, before: Object, action: Action) -> tuple[Object, str]:
        """``Force=true``: the object is deleted, waited for and created anew; restored where that fails."""
        self.saved.save(self.app.key, before)
        uid = str(metadata_of(before).get("uid") or "")
        self.writer.delete(resource, namespace_of(before), name_of(before), propagation=action.propagation, uid=uid)
        deadline = time.monotonic() + GONE_S
        while time.monotonic() < deadline:
            try:
                self.session.reader.get(resource, namespace_of(before), name_of(before))
            except NotFound:
                break
            time.sleep(0.1)
        try:
            found = self.writer.apply(resource, target, force=True, validate=action.validate)
        except ApiError:
            self._restore(resource, before)
            raise
        return found, "deleted and created anew"

    def _restore(self, resource: ApiResource, before: Object) -> None:
        """The new object is refused: the old one is better than none (kubectl does the same)."""
        try:
            self.overlay.wrote(self.writer.create(resource, restorable(before), validate=False))
        except ClusterError as error:
            logger(__name__).error("%s is not restored: %s", key_of(before), error)

    def _target(self, action: Action) -> Object:
        """The object as it is sent: without replicas that an autoscaler sets, with live values that are ignored."""
        target = action.task.target
        assert target is not None
        target = as_sent(target, self.session, validate=action.validate)
        live = action.task.live
        if live is None:
            return target
        key = key_of(target)
        cache = self.session.cache
        scaled = (autoscaled_targets(cache.objects(group, kind)) for group, kind in AUTOSCALERS)
        if any((key.kind, key.namespace, key.name) in workloads for workloads in scaled):
            target = without_replicas(target)
        if self.options.respect_ignore_differences:
            schema = self.session.schemas.for_kind(str(target.get("apiVersion")), str(target.get("kind")))
            target = respected(target, live, self.ignores, schema)
        return target

    def _establish(self, resource: ApiResource, found: Object) -> None:
        """Wait until a definition is served, then learn its kinds; what does not come shows at its objects."""
        deadline = time.monotonic() + ESTABLISHED_S
        while time.monotonic() < deadline:
            conditions = (found.get("status") or {}).get("conditions") or ()
            if any(one.get("type") == "Established" and one.get("status") == "True" for one in conditions):
                break
            time.sleep(0.1)
            found = self.session.reader.get(resource, "", name_of(found))
        self.session.learn_kinds()

    # --- dry run
    def _dry_run(self, action: Action) -> Answer:
        """Before a sync nothing is asked: Argo CD's dry run is kubectl's on the client, and kubectl leaves fields and
        types to a server that validates them.

        What the server refuses shows in the plan (`planning`) and as this object's own failure, so that the others are
        applied. An operation that is a dry run as a whole asks the server.
        """
        if not self.is_only_dry_run:
            return Answer(True)
        target = self._target(action)
        if action.task.key.group_kind != NAMESPACE and namespace_of(target) in self.namespaces_made:
            return Answer(True, "its namespace is made by this sync")
        resource = self._resource(action)
        requests: Requests = self.session.dry_run
        if not name_of(target) or action.force or action.task.deletes_before_creation:
            metadata = {name: value for name, value in metadata_of(target).items() if name != "name"}
            anew = {**target, "metadata": {**metadata, "generateName": GENERATED}}
            patiently(lambda: requests.create(resource, anew, validate=action.validate), self.abandoned)
        else:
            validate = action.validate
            patiently(lambda: requests.apply(resource, target, force=True, validate=validate), self.abandoned)
        return Answer(True, f"{_kind_words(resource)}/{name_of(target)} applied (dry run)")

    # --- delete
    def _delete(self, action: Action) -> Answer:
        live = action.task.live
        assert live is not None
        if action.task.is_being_deleted:
            return Answer(True, "is being deleted")
        resource = self._resource(action)
        uid = str(metadata_of(live).get("uid") or "")
        if action.verb is Verb.PRUNE and self._is_adopted(resource, live):
            return Answer(False, "another application has it now")
        self.saved.save(self.app.key, live)
        try:
            patiently(
                lambda: self.writer.delete(
                    resource, namespace_of(live), name_of(live), propagation=action.propagation, uid=uid
                ),
                self.abandoned,
            )
        except NotFound:
            self.overlay.deleted(live)
            return Answer(True, "is gone", is_gone=True)
        except Conflict as error:
            return Answer(False, f"{error}: another object has its name now")
        self.overlay.deleted(live)
        return Answer(True, "pruned")

    def _is_adopted(self, resource: ApiResource, live: Object) -> bool:
        """Whether the object carries another mark than when it was compared: a long operation may come late."""
        try:
            fresh = self.session.reader.get(resource, namespace_of(live), name_of(live))
        except NotFound:
            return False
        return app_of(fresh, self.tracking) != app_of(live, self.tracking)

    def _release(self, action: Action) -> Answer:
        """Take our finalizer off a hook, leaving those of others."""
        live = action.task.live
        assert live is not None
        resource = self._resource(action)
        try:
            found = self._on_fresh(resource, live, lambda fresh: self._freed(resource, fresh))
        except NotFound:
            return Answer(True, "is gone")
        self.overlay.wrote(found)
        return Answer(True)

    def _freed(self, resource: ApiResource, fresh: Object) -> Object:
        finalizers = [one for one in metadata_of(fresh).get("finalizers") or () if one != HOOK_FINALIZER]
        patch = {"metadata": {"finalizers": finalizers, "resourceVersion": metadata_of(fresh).get("resourceVersion")}}
        return self.writer.merge_patch(resource, namespace_of(fresh), name_of(fresh), patch)

    def _resource(self, action: Action) -> ApiResource:
        found = self.session.resource_for(action.task.obj)
        if found is None:
            key = action.task.key
            raise NotFound(
                f"the cluster knows no kind {key.kind} in {action.task.obj.get('apiVersion')}",
                hint="Install its CustomResourceDefinition first, or put it into an earlier wave.",
            )
        return found


def _kind_words(resource: ApiResource) -> str:
    return f"{resource.kind.lower()}.{resource.group}" if resource.group else resource.kind.lower()


def _applied_words(before: Object | None, after: Object) -> str:
    if before is None:
        return "created"
    same = metadata_of(before).get("resourceVersion") == metadata_of(after).get("resourceVersion")
    return "unchanged" if same else "configured"


def namespaces_made(targets: Sequence[Object], live: Callable[[ResourceKey], Object | None]) -> frozenset[str]:
    """Namespaces among the targets that are not there yet."""
    names = [name_of(obj) for obj in targets if key_of(obj).group_kind == NAMESPACE]
    return frozenset(name for name in names if live(ResourceKey("", "Namespace", "", name)) is None)
