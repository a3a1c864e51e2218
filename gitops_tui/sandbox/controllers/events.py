"""Events as client-go's recorder writes them: the same thing again counts up instead of being said twice."""

from __future__ import annotations

import time
from collections import OrderedDict

from gitops_tui.errors import ApiError, NotFound
from gitops_tui.model.resource import Object, metadata_of, name_of, namespace_of
from gitops_tui.sandbox.store import CONTROLLER_MANAGER, Store
from gitops_tui.sandbox.writing import stamp

_REMEMBERED = 4096


class Recorder:
    """``component`` is who says it: ``deployment-controller``, ``kubelet`` …"""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: OrderedDict[tuple[str, ...], tuple[str, int]] = OrderedDict()

    def say(
        self,
        obj: Object,
        component: str,
        reason: str,
        message: str,
        *,
        level: str = "Normal",
        field_path: str = "",
        host: str = "",
    ) -> None:
        """Never fails: an event that cannot be stored (its namespace is ending) is lost."""
        key = (metadata_of(obj)["uid"], component, reason, message, level, field_path)
        try:
            if not self._count_up(key, namespace_of(obj)):
                self._create(key, obj, host)
        except ApiError:
            return
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)

    def _count_up(self, key: tuple[str, ...], namespace: str) -> bool:
        name, seen = self._known.get(key, ("", 0))
        if not name:
            return False
        changes = {"count": seen + 1, "lastTimestamp": stamp(self._store.now())}
        try:
            self._store.patch("events", namespace or "default", name, changes, _manager(key[1]))
        except NotFound:
            return False
        self._known[key] = (name, seen + 1)
        return True

    def _create(self, key: tuple[str, ...], obj: Object, host: str) -> None:
        _, component, reason, message, kind, field_path = key
        moment, meta = stamp(self._store.now()), metadata_of(obj)
        involved = {
            "apiVersion": obj["apiVersion"],
            "kind": obj["kind"],
            "name": name_of(obj),
            "namespace": meta.get("namespace"),
            "uid": meta["uid"],
            "resourceVersion": meta.get("resourceVersion"),
            "fieldPath": field_path,
        }
        name = f"{name_of(obj)}.{time.time_ns():x}"
        event = {
            "metadata": {"name": name, "namespace": namespace_of(obj) or "default"},
            "involvedObject": {field: value for field, value in involved.items() if value},
            "reason": reason,
            "message": message,
            "type": kind,
            "count": 1,
            "firstTimestamp": moment,
            "lastTimestamp": moment,
            "source": {"component": component, **({"host": host} if host else {})},
            "reportingComponent": component,
            "reportingInstance": host,
        }
        self._store.create("events", event, _manager(component))
        self._known[key] = (name, 1)

    def scheduled(self, pod: Object, node: str) -> None:
        """The scheduler writes events of the newer kind: a time in microseconds and no count."""
        event = {
            "metadata": {"name": f"{name_of(pod)}.{time.time_ns():x}", "namespace": namespace_of(pod)},
            "involvedObject": {
                "apiVersion": "v1",
                "kind": "Pod",
                "name": name_of(pod),
                "namespace": namespace_of(pod),
                "uid": metadata_of(pod)["uid"],
                "resourceVersion": metadata_of(pod)["resourceVersion"],
            },
            "action": "Binding",
            "reason": "Scheduled",
            "message": f"Successfully assigned {namespace_of(pod)}/{name_of(pod)} to {node}",
            "type": "Normal",
            "eventTime": self._store.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "reportingComponent": "default-scheduler",
            "reportingInstance": "default-scheduler-sandbox",
        }
        try:
            self._store.create("events", event, "kube-scheduler")
        except ApiError:
            return


def _manager(component: str) -> str:
    return component if component in ("kubelet", "kube-scheduler") else CONTROLLER_MANAGER
