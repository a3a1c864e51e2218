"""From client-side to server-side apply: what ``kubectl apply`` wrote becomes the apply manager's.

As kubectl does it before its first server-side apply (client-go ``csaupgrade``): the entry of the client-side manager
is joined into the apply entry, so that a field which leaves the configuration later is removed and not orphaned.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gitops_tui.model.annotations import LAST_APPLIED
from gitops_tui.model.resource import Object
from gitops_tui.structured.fieldset import FieldSet
from gitops_tui.structured.managed import APPLY, UPDATE

KUBECTL_CLIENT_SIDE = "kubectl-client-side-apply"

_LAST_APPLIED_PATH = ("f:metadata", "f:annotations", "f:" + LAST_APPLIED)


def client_side_managers(live: Object) -> tuple[str, ...]:
    """Who wrote ``live`` by client-side apply: kubectl's own name, and whoever owns the last-applied annotation."""
    found = {
        entry["manager"]
        for entry in _entries(live)
        if _is_update(entry) and (entry["manager"] == KUBECTL_CLIENT_SIDE or _fields(entry).has(_LAST_APPLIED_PATH))
    }
    return tuple(sorted(found))


def migrate_client_side_apply(live: Object, *, from_managers: Iterable[str], to_manager: str) -> list[Any]:
    """The managedFields of ``live`` with the updates of ``from_managers`` joined into the apply of ``to_manager``.

    Only an update of the same apiVersion is joined; all updates of these managers go. Times stay. Entries that do
    not change are the same objects.
    """
    entries = _entries(live)
    for manager in from_managers:
        entries = _migrated(entries, manager, to_manager)
    return entries


def _migrated(entries: list[Any], manager: str, to_manager: str) -> list[Any]:
    place = _first(entries, to_manager, APPLY)
    if place is None:
        place = _first(entries, manager, UPDATE)
        if place is None:
            return entries
    target = {**entries[place], "operation": APPLY, "manager": to_manager}
    source = _first(entries, manager, UPDATE, api_version=target["apiVersion"])
    fields = _fields(target)
    if source is not None:
        fields = fields.union(_fields(entries[source]))
    target["fieldsV1"] = fields.difference(FieldSet.of([_LAST_APPLIED_PATH])).to_v1()
    out = [*entries[:place], target, *entries[place + 1 :]]
    return [one for one in out if one is target or not (_is_update(one) and one.get("manager") == manager)]


def _first(entries: list[Any], manager: str, operation: str, *, api_version: str = "") -> int | None:
    for number, entry in enumerate(entries):
        is_of_manager = entry.get("manager") == manager and entry.get("operation") == operation
        if is_of_manager and not entry.get("subresource") and api_version in ("", entry.get("apiVersion")):
            return number
    return None


def _is_update(entry: Any) -> bool:
    return entry.get("operation") == UPDATE and not entry.get("subresource")


def _entries(live: Object) -> list[Any]:
    return list((live.get("metadata") or {}).get("managedFields") or ())


def _fields(entry: Any) -> FieldSet:
    return FieldSet.from_v1(entry.get("fieldsV1") or {})
