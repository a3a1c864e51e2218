"""Create, update, patch: what happens between a request's object and storage, in the API server's order.

decode -> what the endpoint may touch -> defaults -> managedFields -> admission -> validation -> store.
Every method holds the storage's lock from the read to the write; what it returns must not be mutated.
"""

from __future__ import annotations

import copy
import uuid
from collections.abc import Callable
from datetime import datetime

from gitops_tui.model.resource import Object, metadata_of, name_of, namespace_of
from gitops_tui.sandbox import admission, conversion, failure, structural, validate
from gitops_tui.sandbox.decode import decode
from gitops_tui.sandbox.defaults import apply_defaults
from gitops_tui.sandbox.options import WriteOptions
from gitops_tui.sandbox.ownership import Ownership
from gitops_tui.sandbox.patches import Patch, apply_patch
from gitops_tui.sandbox.registry import ResourceType
from gitops_tui.sandbox.scale import without_scale_time
from gitops_tui.sandbox.schemas import SchemaBook
from gitops_tui.sandbox.storage import Storage
from gitops_tui.sandbox.strategy import bump_generation, is_same, prepare_create, prepare_update

Clock = Callable[[], datetime]
Change = Callable[[Object], Object]


def stamp(moment: datetime) -> str:
    """RFC 3339 in whole seconds, as ``metav1.Time`` is written."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class Writer:
    def __init__(self, storage: Storage, schemas: SchemaBook, clock: Clock) -> None:
        self._storage = storage
        self._schemas = schemas
        self._clock = clock

    def live(self, kind: ResourceType, namespace: str, name: str) -> Object:
        """The object as ``kind`` serves it; raises `NotFound`."""
        found = self._storage.get(kind.storage, namespace, name)
        if found is None:
            raise failure.not_found(kind.resource, name)
        return conversion.to_served(kind, found.obj)

    # --- create
    def create(self, kind: ResourceType, namespace: str, obj: Object, options: WriteOptions) -> Object:
        """Raises `AlreadyExists`, `Invalid`, and what admission refuses."""
        if metadata_of(obj).get("resourceVersion"):
            raise failure.internal("resourceVersion should not be set on objects to be created")
        new = self._own_copy(kind, namespace, obj, options)
        self._name(new)
        with self._storage.lock:
            return self._create(kind, new, options, lambda ready: self._claim(kind, None, ready, options))

    def _create(self, kind: ResourceType, new: Object, options: WriteOptions, claim: Change) -> Object:
        namespace, name = namespace_of(new), name_of(new)
        if kind.is_namespaced:
            admission.require_namespace(self._storage, kind, namespace, name)
        there = self._storage.get(kind.storage, namespace, name)
        prepare_create(kind, new)
        self._fill(kind, new)
        new["metadata"]["uid"] = str(uuid.uuid4())
        new["metadata"]["creationTimestamp"] = stamp(self._clock())
        ready = claim(new)
        admission.admit_create(self._storage, kind, ready)
        self._refuse(kind, ready, validate.check_create(kind.resource, ready))
        if there is not None:
            is_terminating = bool(metadata_of(there.obj).get("deletionTimestamp"))
            raise failure.already_exists(kind.resource, name, is_terminating=is_terminating)
        return self._store(kind, ready, options)

    def _own_copy(self, kind: ResourceType, namespace: str, obj: Object, options: WriteOptions) -> Object:
        new = {**copy.deepcopy(obj), "kind": kind.kind, "apiVersion": kind.api_version}
        decode(kind, new, self._schemas.of(kind) if not conversion.is_converted(kind) else None, options)
        new = conversion.to_stored(kind, new)
        meta = new.setdefault("metadata", {})
        if kind.is_namespaced:
            meta["namespace"] = namespace
        else:
            meta.pop("namespace", None)
        return new

    @staticmethod
    def _name(new: Object) -> None:
        meta = new["metadata"]
        if not meta.get("name") and meta.get("generateName"):
            meta["name"] = f"{meta['generateName'][:58]}{admission.random_suffix()}"

    def _fill(self, kind: ResourceType, new: Object) -> None:
        if kind.custom is not None:
            structural.fill_defaults(new, kind.custom.schema)
            return
        apply_defaults(kind.storage, new)
        if kind.has_status:
            new.setdefault("status", {})

    def _refuse(self, kind: ResourceType, new: Object, causes: list[failure.Cause]) -> None:
        if kind.custom is not None:
            causes = [*causes, *structural.validate(new, kind.custom.schema)]
        if causes:
            raise failure.invalid(kind.group, kind.kind, name_of(new), causes)

    def _store(self, kind: ResourceType, new: Object, options: WriteOptions) -> Object:
        stored = new if options.is_dry_run else self._storage.put(kind.storage, new)
        return conversion.to_served(kind, stored)

    # --- update
    def update(
        self,
        kind: ResourceType,
        namespace: str,
        name: str,
        obj: Object,
        options: WriteOptions,
        subresource: str = "",
    ) -> Object:
        """Raises `Conflict` where ``obj`` carries an older resourceVersion."""
        version = metadata_of(obj).get("resourceVersion")
        if kind.custom is not None and not version:
            text = "must be specified for an update"
            raise failure.invalid(
                kind.group, kind.kind, name, [failure.invalid_value("metadata.resourceVersion", "0", text)]
            )
        with self._storage.lock:
            live = self.live(kind, namespace, name)
            return self._update(kind, live, obj, options, subresource)

    def _update(self, kind: ResourceType, live: Object, obj: Object, options: WriteOptions, subresource: str) -> Object:
        new = self._own_copy(kind, namespace_of(live), obj, options)
        self._check_identity(kind, live, new)
        live = conversion.to_stored(kind, live)
        return self._replace(kind, live, new, options, subresource, self._claim)

    def _check_identity(self, kind: ResourceType, live: Object, new: Object) -> None:
        name = name_of(live)
        version, uid = metadata_of(new).get("resourceVersion"), metadata_of(new).get("uid")
        if uid and uid != metadata_of(live)["uid"]:
            text = f"Precondition failed: UID in precondition: {uid}, UID in object meta: {metadata_of(live)['uid']}"
            raise failure.conflict(kind.resource, name, text)
        if version and version != metadata_of(live)["resourceVersion"]:
            raise failure.conflict(kind.resource, name)

    def _replace(
        self,
        kind: ResourceType,
        live: Object,
        new: Object,
        options: WriteOptions,
        subresource: str,
        claim: Callable[[ResourceType, Object | None, Object, WriteOptions, str], Object],
    ) -> Object:
        """Everything after the new object is known. ``live`` and ``new`` are in the stored version."""
        prepare_update(kind, live, new, subresource)
        if subresource != "status":
            self._fill(kind, new)
        ready = claim(kind, live, new, options, subresource)
        if subresource != "status":
            admission.admit_update(self._storage, kind, live, ready)
            bump_generation(kind, live, ready)
            self._refuse(kind, ready, validate.check_update(kind.resource, live, ready))
        ready["metadata"]["resourceVersion"] = metadata_of(live)["resourceVersion"]
        if is_same(live, ready):
            return conversion.to_served(kind, live)
        if is_finished(ready):
            return self._finish(kind, ready, options)
        return self._store(kind, ready, options)

    def _finish(self, kind: ResourceType, ready: Object, options: WriteOptions) -> Object:
        """The last finalizer went: the update is the deletion."""
        if not options.is_dry_run:
            self._storage.remove(kind.storage, namespace_of(ready), name_of(ready))
        return conversion.to_served(kind, ready)

    def _claim(
        self, kind: ResourceType, live: Object | None, new: Object, options: WriteOptions, subresource: str = ""
    ) -> Object:
        """``new`` with the managedFields of an Update by the options' manager."""
        told = {field: value for field, value in new.items() if value is not None}
        claimed = {**new, **self._ownership(kind, options).updated(live, told, subresource)}
        return without_scale_time(claimed) if subresource == "scale" else claimed

    def _ownership(self, kind: ResourceType, options: WriteOptions) -> Ownership:
        return Ownership(self._schemas.of(kind), options.manager, stamp(self._clock()), options.force)

    # --- patch
    def patch(
        self,
        kind: ResourceType,
        namespace: str,
        name: str,
        patch: Patch,
        options: WriteOptions,
        subresource: str = "",
    ) -> tuple[Object, bool]:
        """The object, and whether the patch (an apply) created it."""
        with self._storage.lock:
            if patch.is_apply:
                return self._apply(kind, namespace, name, patch, options, subresource)
            live = self.live(kind, namespace, name)
            patched = apply_patch(patch, live, self._schemas.of(kind), is_custom=kind.custom is not None)
            return self._update(kind, live, patched, options, subresource), False

    def _apply(
        self, kind: ResourceType, namespace: str, name: str, patch: Patch, options: WriteOptions, subresource: str
    ) -> tuple[Object, bool]:
        config = patch.configuration(kind.api_version, kind.kind, namespace if kind.is_namespaced else "", name)
        strict = WriteOptions(options.manager, field_validation=options.field_validation, warnings=options.warnings)
        if kind.custom is not None:
            decode(kind, config, None, strict)
        found = self._storage.get(kind.storage, namespace, name)
        if found is None and subresource:
            raise failure.not_found(kind.resource, name)
        ownership = self._ownership(kind, options)
        if found is None:
            applied = ownership.applied(None, config, subresource)
            applied["metadata"].pop("resourceVersion", None)
            return self._create(kind, applied, options, lambda ready: ready), True
        new = copy.deepcopy(ownership.applied(found.obj, config, subresource))
        self._check_identity(kind, found.obj, {"metadata": metadata_of(config)})
        return self._replace(kind, found.obj, new, options, subresource, lambda _k, _l, ready, _o, _s: ready), False


def is_finished(obj: Object) -> bool:
    """Whether nothing holds a deleted object back any more."""
    meta = metadata_of(obj)
    if not meta.get("deletionTimestamp") or meta.get("finalizers"):
        return False
    is_held = bool((obj.get("spec") or {}).get("finalizers")) if obj.get("kind") == "Namespace" else False
    return not is_held and not meta.get("deletionGracePeriodSeconds")
