"""The store as the controllers see it: lists by namespace without copies, writes only where something differs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from gitops_tui.errors import NotFound
from gitops_tui.model.resource import Object, labels_of, metadata_of, name_of, namespace_of
from gitops_tui.sandbox.selectors import matches_selector
from gitops_tui.sandbox.storage import Event
from gitops_tui.sandbox.store import CONTROLLER_MANAGER, Store
from gitops_tui.sandbox.writing import stamp

DEPLOYMENTS, REPLICA_SETS, STATEFUL_SETS = "deployments.apps", "replicasets.apps", "statefulsets.apps"
DAEMON_SETS, REVISIONS = "daemonsets.apps", "controllerrevisions.apps"
JOBS, CRON_JOBS = "jobs.batch", "cronjobs.batch"
PODS, NODES, CLAIMS, VOLUMES = "pods", "nodes", "persistentvolumeclaims", "persistentvolumes"
SERVICES, INGRESSES = "services", "ingresses.networking.k8s.io"

RESOURCE_OF = {
    "Deployment": DEPLOYMENTS,
    "ReplicaSet": REPLICA_SETS,
    "StatefulSet": STATEFUL_SETS,
    "DaemonSet": DAEMON_SETS,
    "Job": JOBS,
    "CronJob": CRON_JOBS,
}
"""The kinds that own what they made."""
_OUTSIDE_S = 2.0
_CACHED = (*RESOURCE_OF.values(), REVISIONS, PODS, NODES, CLAIMS, VOLUMES, SERVICES, INGRESSES)


def controller_of(obj: Object) -> Object | None:
    """The owner reference that controls ``obj``."""
    return next((one for one in metadata_of(obj).get("ownerReferences") or () if one.get("controller")), None)


def owner_reference(owner: Object) -> Object:
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": name_of(owner),
        "uid": metadata_of(owner)["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def claims_of(pod: Object) -> list[str]:
    """The names of the PersistentVolumeClaims that ``pod`` mounts."""
    sources = [one.get("persistentVolumeClaim") for one in pod["spec"].get("volumes") or ()]
    return [str(source["claimName"]) for source in sources if source]


def is_deleting(obj: Object) -> bool:
    return bool(metadata_of(obj).get("deletionTimestamp"))


def generation_of(obj: Object) -> int:
    return int(metadata_of(obj).get("generation") or 0)


def count(obj: Object, field: str) -> int:
    """A number of ``status``; 0 where there is none."""
    return int((obj.get("status") or {}).get(field) or 0)


def replicas_of(obj: Object) -> int:
    """``spec.replicas``, whose default is 1."""
    found = obj["spec"].get("replicas")
    return 1 if found is None else int(found)


def _settled(value: Any) -> Any:
    """``value`` without what means the same when it is left out: null, 0, empty."""
    if isinstance(value, dict):
        return {key: _settled(inner) for key, inner in value.items() if inner or inner is False}
    return [_settled(inner) for inner in value] if isinstance(value, list) else value


def differs(old: Any, new: Any) -> bool:
    """Whether a status says something else; a 0 that is not written is a 0."""
    return bool(_settled(old or {}) != _settled(new or {}))


class Cluster:
    """Thread-safe. Objects are shared and must not be mutated."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._objects: dict[tuple[str, str], dict[str, Object]] = defaultdict(dict)
        self._listeners: list[Callable[[Event], None]] = []
        with store.storage.lock:
            for resource in _CACHED:
                for record in store.storage.all(resource)[0]:
                    self._objects[resource, namespace_of(record.obj)][name_of(record.obj)] = record.obj
            self._end = store.storage.listen(self._note)

    def listen(self, listener: Callable[[Event], None]) -> None:
        """Call ``listener`` after each change of a kind that matters here is known, under the storage's lock."""
        self._listeners.append(listener)

    def close(self) -> None:
        self._end()

    def _note(self, event: Event) -> None:
        if event.resource not in _CACHED:
            return
        obj = event.record.obj
        known = self._objects[event.resource, namespace_of(obj)]
        if event.type == "DELETED":
            known.pop(name_of(obj), None)
        else:
            known[name_of(obj)] = obj
        for listener in self._listeners:
            listener(event)

    # --- time
    def now(self) -> datetime:
        return self.store.now()

    def stamp(self) -> str:
        return stamp(self.store.now())

    def seconds_since(self, timestamp: str) -> float:
        """Seconds that passed since ``timestamp`` (RFC 3339)."""
        return (self.store.now() - datetime.fromisoformat(timestamp.replace("Z", "+00:00"))).total_seconds()

    def is_fresh(self, obj: Object) -> bool:
        """Whether ``obj`` was made a second ago or two: what comes from outside the cluster takes that long."""
        return self.seconds_since(str(metadata_of(obj)["creationTimestamp"])) < _OUTSIDE_S

    # --- reading
    def find(self, resource: str, namespace: str, name: str) -> Object | None:
        # No lock, so no `[]` either: that would add a key while another thread may be counting them.
        return self._objects.get((resource, namespace), {}).get(name)

    def all(self, resource: str, namespace: str = "") -> list[Object]:
        """The objects of a namespace (of a cluster-scoped kind: all) in the order of their names."""
        with self.store.storage.lock:
            return [obj for _, obj in sorted(self._objects[resource, namespace].items())]

    def everywhere(self, resource: str) -> list[Object]:
        """The objects of all namespaces."""
        with self.store.storage.lock:
            return [obj for (kind, _), known in self._objects.items() if kind == resource for obj in known.values()]

    def keys(self, resources: Iterable[str]) -> list[tuple[str, str, str]]:
        """(resource, namespace, name) of everything of these kinds."""
        return [(kind, namespace_of(obj), name_of(obj)) for kind in resources for obj in self.everywhere(kind)]

    def owned(self, resource: str, owner: Object) -> list[Object]:
        """What ``owner`` controls, after it adopted what its selector matches and nobody controls."""
        uid, selector = metadata_of(owner)["uid"], owner["spec"].get("selector")
        found = []
        for obj in self.all(resource, namespace_of(owner)):
            controller = controller_of(obj)
            if controller is None and not is_deleting(owner) and self._is_orphan_of(selector, obj):
                obj = self._adopt(resource, owner, obj)
                controller = controller_of(obj)
            if controller is not None and controller.get("uid") == uid:
                found.append(obj)
        return found

    @staticmethod
    def _is_orphan_of(selector: Object | None, obj: Object) -> bool:
        is_idle = is_deleting(obj) or (obj.get("status") or {}).get("phase") in ("Succeeded", "Failed")
        return bool(selector) and not is_idle and matches_selector(selector, labels_of(obj))

    def _adopt(self, resource: str, owner: Object, obj: Object) -> Object:
        owners = [*(metadata_of(obj).get("ownerReferences") or ()), owner_reference(owner)]
        changes = {"metadata": {"ownerReferences": owners, "uid": metadata_of(obj)["uid"]}}
        return self.store.patch(resource, namespace_of(obj), name_of(obj), changes)

    # --- writing
    def write_status(
        self,
        resource: str,
        obj: Object,
        status: Object,
        *,
        annotations: dict[str, str] | None = None,
        manager: str = CONTROLLER_MANAGER,
    ) -> Object:
        """``obj`` with ``status`` (and more annotations), written only where that differs. Raises `Conflict`."""
        meta = metadata_of(obj)
        added = {k: v for k, v in (annotations or {}).items() if (meta.get("annotations") or {}).get(k) != v}
        if not added and not differs(obj.get("status"), status):
            return obj
        if added:
            meta = {**meta, "annotations": {**(meta.get("annotations") or {}), **added}}
        return self.store.update(resource, {**obj, "metadata": meta, "status": status}, manager, "status")

    def delete(self, resource: str, obj: Object, grace_s: int = 0) -> bool:
        """False where it was gone already."""
        try:
            self.store.delete(resource, namespace_of(obj), name_of(obj), grace_s=grace_s)
        except NotFound:
            return False
        return True
