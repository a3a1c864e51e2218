"""What a control plane does behind the API even without workloads: garbage, namespaces, definitions, claims.

One thread takes every change in turn. Without it objects are stored and served, and nothing follows from anything.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Thread

from gitops_tui.errors import AlreadyExists, ApiError, NotFound
from gitops_tui.model.resource import Object, metadata_of, name_of, namespace_of
from gitops_tui.sandbox.admission import root_certificate, service_account
from gitops_tui.sandbox.garbage import GarbageCollector, Ref, drop_finalizer
from gitops_tui.sandbox.storage import Event
from gitops_tui.sandbox.store import CRDS, Store
from gitops_tui.sandbox.writing import stamp

_CRD_FINALIZER = "customresourcecleanup.apiextensions.k8s.io"
_CLAIM_FINALIZER = "kubernetes.io/pvc-protection"
_VOLUME_FINALIZER = "kubernetes.io/pv-protection"
_PATIENCE_S = 1.0
"""How long an owner may follow its dependent before the dependent counts as left behind."""

log = logging.getLogger(__name__)


class Housekeeper:
    """``certificate`` is what ``kube-root-ca.crt`` holds in every namespace."""

    def __init__(self, store: Store, certificate: str = "") -> None:
        self._store = store
        self._certificate = certificate
        self._queue: SimpleQueue[Event | None] = SimpleQueue()
        self._suspects: list[tuple[float, Ref]] = []
        self._end = store.storage.listen(self._queue.put)
        self._garbage = GarbageCollector(store)
        self._handlers: dict[str, Callable[[Event], None]] = {
            "namespaces": self._on_namespace,
            "pods": self._on_pod,
            "persistentvolumeclaims": self._on_claim,
            "persistentvolumes": self._on_volume,
            CRDS: self._on_definition,
        }
        self._thread = Thread(target=self._run, name="sandbox-housekeeping", daemon=True)

    def start(self) -> None:
        for record in self._store.storage.all("namespaces")[0]:
            self._furnish(name_of(record.obj))
        self._thread.start()

    def stop(self) -> None:
        self._end()
        self._queue.put(None)
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while True:
            try:
                event = self._queue.get(timeout=_PATIENCE_S / 2 if self._suspects else None)
            except Empty:
                self._check_suspects()
                continue
            if event is None:
                return
            try:
                self._handle(event)
            except ApiError as error:
                # Somebody else changed the object first: their change comes as an event of its own.
                log.debug("housekeeping of %s: %s", event.resource, error)

    def _handle(self, event: Event) -> None:
        self._suspects += [(time.monotonic() + _PATIENCE_S, ref) for ref in self._garbage.handle(event)]
        if handler := self._handlers.get(event.resource):
            handler(event)
        if event.type == "DELETED" and namespace_of(event.record.obj):
            self._try_end_namespace(namespace_of(event.record.obj))
        self._check_suspects()

    def _check_suspects(self) -> None:
        now = time.monotonic()
        due = [ref for at, ref in self._suspects if at <= now]
        self._suspects = [(at, ref) for at, ref in self._suspects if at > now]
        for ref in due:
            self._garbage.check(ref)

    # --- namespaces
    def _on_namespace(self, event: Event) -> None:
        name = name_of(event.record.obj)
        if event.type == "ADDED":
            self._furnish(name)
        elif event.type == "MODIFIED" and metadata_of(event.record.obj).get("deletionTimestamp"):
            self._empty(name)
            self._try_end_namespace(name)

    def _furnish(self, namespace: str) -> None:
        """What every namespace holds."""
        for resource, obj in (
            ("serviceaccounts", service_account(namespace)),
            ("configmaps", root_certificate(namespace, self._certificate)),
        ):
            try:
                self._store.create(resource, obj)
            except (AlreadyExists, ApiError):
                continue

    def _contents(self, namespace: str) -> list[Ref]:
        storage = self._store.storage
        return [
            Ref(resource, namespace, name_of(record.obj))
            for resource in storage.resources()
            for record in storage.all(resource, namespace)[0]
        ]

    def _empty(self, namespace: str) -> None:
        for ref in self._contents(namespace):
            try:
                self._store.delete(ref.resource, ref.namespace, ref.name, "Background", grace_s=30)
            except NotFound:
                continue

    def _try_end_namespace(self, name: str) -> None:
        found = self._store.storage.get("namespaces", "", name)
        if found is None or not metadata_of(found.obj).get("deletionTimestamp") or self._contents(name):
            return
        freed = {**found.obj, "spec": {**found.obj.get("spec", {}), "finalizers": []}}
        self._store.update("namespaces", freed, subresource="finalize")

    # --- definitions of custom resources
    def _on_definition(self, event: Event) -> None:
        obj = event.record.obj
        if event.type == "DELETED":
            return
        if metadata_of(obj).get("deletionTimestamp"):
            self._end_definition(obj)
        elif not _is_established(obj):
            self._establish(obj)

    def _establish(self, crd: Object) -> None:
        moment = stamp(self._store.now())
        names = crd["spec"]["names"]
        conditions = [
            _condition("NamesAccepted", "NoConflicts", "no conflicts found", moment),
            _condition("Established", "InitialNamesAccepted", "the initial names have been accepted", moment),
        ]
        status = {**(crd.get("status") or {}), "acceptedNames": names, "conditions": conditions}
        name = name_of(crd)
        self._store.patch_status(CRDS, "", name, status, "kube-apiserver")
        finalizers = [*(metadata_of(crd).get("finalizers") or ()), _CRD_FINALIZER]
        self._store.patch(CRDS, "", name, {"metadata": {"finalizers": finalizers}}, "kube-apiserver")

    def _end_definition(self, crd: Object) -> None:
        """Its objects go first."""
        resource = f"{crd['spec']['names']['plural']}.{crd['spec']['group']}"
        for record in self._store.storage.all(resource)[0]:
            self._store.delete(resource, namespace_of(record.obj), name_of(record.obj))
        drop_finalizer(self._store, Ref(CRDS, "", name_of(crd)), _CRD_FINALIZER)

    # --- what pods use
    def _on_pod(self, event: Event) -> None:
        if event.type != "DELETED":
            return
        for record in self._store.storage.all("persistentvolumeclaims", namespace_of(event.record.obj))[0]:
            if metadata_of(record.obj).get("deletionTimestamp"):
                self._free_claim(record.obj)

    def _on_claim(self, event: Event) -> None:
        if event.type != "DELETED" and metadata_of(event.record.obj).get("deletionTimestamp"):
            self._free_claim(event.record.obj)

    def _free_claim(self, claim: Object) -> None:
        namespace, name = namespace_of(claim), name_of(claim)
        pods = (record.obj for record in self._store.storage.all("pods", namespace)[0])
        if not any(name in _claims(pod) for pod in pods):
            drop_finalizer(self._store, Ref("persistentvolumeclaims", namespace, name), _CLAIM_FINALIZER)

    def _on_volume(self, event: Event) -> None:
        obj = event.record.obj
        if event.type == "DELETED" or not metadata_of(obj).get("deletionTimestamp"):
            return
        if (obj.get("status") or {}).get("phase") != "Bound":
            drop_finalizer(self._store, Ref("persistentvolumes", "", name_of(obj)), _VOLUME_FINALIZER)


def _claims(pod: Object) -> set[str]:
    volumes = (pod.get("spec") or {}).get("volumes") or ()
    return {(volume.get("persistentVolumeClaim") or {}).get("claimName", "") for volume in volumes}


def _is_established(crd: Object) -> bool:
    conditions = (crd.get("status") or {}).get("conditions") or ()
    return any(one.get("type") == "Established" and one.get("status") == "True" for one in conditions)


def _condition(name: str, reason: str, message: str, moment: str) -> Object:
    return {"type": name, "status": "True", "lastTransitionTime": moment, "reason": reason, "message": message}
