"""A store whose clock is set back: what is written through it happened that long ago."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from gitops_tui.config import APP_NAME
from gitops_tui.model.resource import GroupKind, Object, metadata_of, name_of, namespace_of
from gitops_tui.sandbox.options import WriteOptions
from gitops_tui.sandbox.patches import APPLY, STRATEGIC, Patch
from gitops_tui.sandbox.registry import ResourceType
from gitops_tui.sandbox.store import CONTROLLER_MANAGER, Store
from gitops_tui.sandbox.writing import stamp

FIELD_MANAGER = APP_NAME
"""Who applies in the demo: the product itself, under its default name."""
NOW = timedelta(0)


class Past:
    """``store`` must have been made with this one's `now` as its clock."""

    def __init__(self, base: datetime | None = None) -> None:
        self.base = (base or datetime.now(UTC)).replace(microsecond=0)
        self._ago = NOW
        self.store = Store(now=self.now)

    def now(self) -> datetime:
        return self.base - self._ago

    def at(self, ago: timedelta) -> datetime:
        return self.base - ago

    def stamp(self, ago: timedelta) -> str:
        return stamp(self.at(ago))

    @property
    def ago(self) -> timedelta:
        """How far the clock is set back now."""
        return self._ago

    def age(self, obj: Object) -> timedelta:
        """Since when ``obj`` is there."""
        return self.base - datetime.fromisoformat(metadata_of(obj)["creationTimestamp"])

    def go(self, ago: timedelta) -> None:
        """Set the clock; never into the future."""
        self._ago = max(ago, NOW)

    def kind_of(self, obj: Object) -> ResourceType:
        found = self.store.registry.by_kind(str(obj["apiVersion"]), str(obj["kind"]))
        if found is None:
            raise KeyError(f"{obj['apiVersion']} {obj['kind']} is not served")
        return found

    def is_namespaced(self, kind: GroupKind) -> bool | None:
        found = next((one for one in self.store.registry if (one.group, one.kind) == (kind.group, kind.kind)), None)
        return found.is_namespaced if found else None

    # --- writes at the time that the clock shows
    def apply(self, obj: Object, manager: str = FIELD_MANAGER) -> Object:
        """Server-side apply, by force, as the product does."""
        kind = self.kind_of(obj)
        patch = Patch(APPLY, json.dumps(obj).encode())
        options = WriteOptions(manager, force=True)
        return self.store.writer.patch(kind, namespace_of(obj), name_of(obj), patch, options)[0]

    def edit(self, resource: str, namespace: str, name: str, patch: Mapping[str, object], manager: str) -> Object:
        """A strategic merge patch, as ``kubectl`` sends it. Custom kinds take none."""
        kind, body = self.store.kind(resource), Patch(STRATEGIC, json.dumps(patch).encode())
        return self.store.writer.patch(kind, namespace, name, body, WriteOptions(manager))[0]

    def status(self, obj: Object, status: Mapping[str, object], manager: str = CONTROLLER_MANAGER) -> Object:
        """``obj`` with these fields of its status, the others as they were."""
        kind = self.kind_of(obj)
        live = self.store.get(kind.resource, namespace_of(obj), name_of(obj))
        whole = {**(live.get("status") or {}), **status}
        return self.store.patch_status(kind.resource, namespace_of(obj), name_of(obj), whole, manager)

    def create(self, obj: Object, manager: str = CONTROLLER_MANAGER) -> Object:
        return self.store.create(self.kind_of(obj).resource, obj, manager)


def owned_by(owner: Object) -> list[Object]:
    """The owner references of what ``owner`` controls."""
    reference = {field: owner[field] for field in ("apiVersion", "kind")}
    meta = metadata_of(owner)
    return [{**reference, "name": meta["name"], "uid": meta["uid"], "controller": True, "blockOwnerDeletion": True}]


def condition(name: str, moment: str, *, status: str = "True", reason: str = "", message: str = "") -> Object:
    found = {"type": name, "status": status, "lastTransitionTime": moment}
    return {**found, **({"reason": reason} if reason else {}), **({"message": message} if message else {})}
