"""``metadata.managedFields``: who set which fields, through which verb, at which version (KEP-555).

Identity of an entry: manager, operation and subresource, and of updates the apiVersion too.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from gitops_tui.errors import Invalid
from gitops_tui.model.resource import Object
from gitops_tui.structured.fieldset import EMPTY, FieldSet, Tree
from gitops_tui.structured.schema import DEDUCED, SchemaNode

APPLY = "Apply"
UPDATE = "Update"
MAX_UPDATE_MANAGERS = 10
"""Entries of updates that are kept apart; the oldest beyond that are merged into ``ancient-changes``."""
ANCIENT_CHANGES = "ancient-changes"
BEFORE_FIRST_APPLY = "before-first-apply"

Identity: TypeAlias = tuple[str, str, str, str]
Managed: TypeAlias = "dict[Identity, Entry]"


class Entry(Struct, frozen=True):
    """One entry of managedFields. ``time`` is RFC 3339 in UTC, empty where there is none."""

    manager: str
    operation: str
    api_version: str
    subresource: str = ""
    time: str = ""
    fields: FieldSet = EMPTY

    @property
    def identity(self) -> Identity:
        version = "" if self.operation == APPLY else self.api_version
        return (self.manager, self.operation, version, self.subresource)

    def with_fields(self, fields: FieldSet) -> Entry:
        return replace(self, fields=fields)


STRIPPED = FieldSet.of(
    [
        ("f:apiVersion",),
        ("f:kind",),
        ("f:metadata",),
        *(
            ("f:metadata", f"f:{name}")
            for name in (
                "name",
                "namespace",
                "creationTimestamp",
                "selfLink",
                "uid",
                "clusterName",
                "generation",
                "managedFields",
                "resourceVersion",
            )
        ),
    ]
)
"""What no manager ever owns."""


def decode(entries: Iterable[Any]) -> Managed:
    """Read managedFields. Raise `Invalid` for an entry that the API server would refuse."""
    managed: Managed = {}
    for raw in entries:
        entry = _decode_entry(raw)
        managed[entry.identity] = entry
    return managed


def _decode_entry(raw: Any) -> Entry:
    if not isinstance(raw, dict) or raw.get("operation") not in (APPLY, UPDATE):
        raise Invalid("managedFields: operation must be `Apply` or `Update`")
    if not raw.get("apiVersion"):
        raise Invalid("managedFields: apiVersion must not be empty")
    if raw.get("fieldsType") != "FieldsV1":
        raise Invalid("managedFields: fieldsType must be `FieldsV1`")
    return Entry(
        manager=raw.get("manager") or "",
        operation=raw["operation"],
        api_version=raw["apiVersion"],
        subresource=raw.get("subresource") or "",
        time=raw.get("time") or "",
        fields=FieldSet.from_v1(raw.get("fieldsV1") or {}),
    )


def encode(managed: Managed) -> list[Object]:
    """Write managedFields in the server's order: applies first, then by time, manager, version and subresource."""
    ordered = sorted(
        managed.values(),
        key=lambda one: (one.operation, one.time, one.manager, one.api_version, one.subresource),
    )
    return [_encode_entry(entry) for entry in ordered]


def _encode_entry(entry: Entry) -> Object:
    raw = {
        "manager": entry.manager,
        "operation": entry.operation,
        "apiVersion": entry.api_version,
        "time": entry.time,
        "fieldsType": "FieldsV1",
        "fieldsV1": entry.fields.to_v1(),
        "subresource": entry.subresource,
    }
    return {name: value for name, value in raw.items() if value or name == "fieldsV1"}


def of_object(obj: Object) -> Managed:
    return decode((obj.get("metadata") or {}).get("managedFields") or ())


def without_managed_fields(obj: Object) -> Object:
    metadata = obj.get("metadata") or {}
    if "managedFields" not in metadata:
        return obj
    return {**obj, "metadata": {name: value for name, value in metadata.items() if name != "managedFields"}}


def with_managed_fields(obj: Object, managed: Managed) -> Object:
    """``obj`` with these entries in its metadata; with none, without the field."""
    bare = without_managed_fields(obj)
    entries = encode(managed)
    if not entries:
        return bare
    return {**bare, "metadata": {**(bare.get("metadata") or {}), "managedFields": entries}}


def stripped(managed: Managed, identity: Identity) -> Managed:
    """Take from one manager what no manager owns; drop the entry when nothing is left."""
    entry = managed.get(identity)
    if entry is None:
        return managed
    fields = entry.fields.difference(STRIPPED)
    rest = {key: one for key, one in managed.items() if key != identity}
    return {**rest, identity: entry.with_fields(fields)} if fields else rest


def capped(managed: Managed) -> Managed:
    """Merge the oldest updates of one version into one entry until at most `MAX_UPDATE_MANAGERS` are left."""
    updates = [key for key, entry in managed.items() if entry.operation == UPDATE]
    excess = len(updates) - MAX_UPDATE_MANAGERS
    if excess <= 0:
        return managed
    out, first_of = dict(managed), dict[str, Identity]()
    for key in sorted(updates, key=lambda one: (managed[one].time, one)):
        if excess <= 0:
            break
        entry = out[key]
        first = first_of.setdefault(entry.api_version, key)
        if first == key:
            continue
        bucket = Entry(ANCIENT_CHANGES, UPDATE, entry.api_version)
        if bucket.identity not in out:
            out[bucket.identity] = replace(out.pop(first), manager=ANCIENT_CHANGES, subresource="")
        merged = out[bucket.identity].fields.union(entry.fields)
        if key != bucket.identity:
            del out[key]
        out[bucket.identity] = replace(bucket, time=entry.time, fields=merged)
        excess -= 1
    return out


def reconciled(managed: Managed, schema: SchemaNode | None) -> Managed:
    """Follow a schema that made something atomic since: who owned parts of it owns the whole."""
    node = schema or DEDUCED
    return {key: entry.with_fields(FieldSet(_reconcile(entry.fields.tree, node))) for key, entry in managed.items()}


def _reconcile(tree: Tree, node: SchemaNode) -> Tree:
    """The same tree with everything below an atomic type left out."""
    if node.is_free_form or not (node.is_map or node.is_list):
        return tree
    out: Tree | None = None
    for element, below in tree.items():
        child = _child(node, element) if below else None
        if child is None:
            continue
        left = {} if _is_atomic(child) else _reconcile(below, child)
        if left is not below:
            out = dict(tree) if out is None else out
            out[element] = left
    return tree if out is None else out


def _child(node: SchemaNode, element: str) -> SchemaNode | None:
    if not node.is_map:
        return node.items
    return node.child(element[2:]) if element[0] == "f" else node.values


def _is_atomic(node: SchemaNode) -> bool:
    if node.is_map:
        return node.is_atomic and not node.is_free_form
    return node.is_list and node.list_type == "atomic"
