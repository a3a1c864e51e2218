"""Who owns what after a create, an update or a patch (the server's field manager for everything but apply)."""

from __future__ import annotations

from msgspec.structs import replace

from gitops_tui.errors import Invalid
from gitops_tui.model.resource import Object
from gitops_tui.structured import managed as managed_fields
from gitops_tui.structured.compare import Comparison, compare
from gitops_tui.structured.fieldset import EMPTY, FieldSet
from gitops_tui.structured.managed import UPDATE, Entry, Managed
from gitops_tui.structured.reset import reset_fields
from gitops_tui.structured.schema import SchemaNode
from gitops_tui.structured.skeleton import empty_of

_SELF = ("", "current-operation", "", "")


def update_managed_fields(
    live: Object | None,
    new: Object,
    *,
    manager: str,
    operation: str = UPDATE,
    schema: SchemaNode | None,
    time: str,
    subresource: str = "",
) -> Object:
    """``new`` with the managedFields that a write by ``manager`` gives it. ``live`` is None for a create.

    What changed against ``live`` becomes the manager's and nobody else's. An object that is not tracked yet stays
    so. managedFields inside ``new`` count where they can be read; an empty list resets them.
    """
    before = _entries_to_start_from(live, new, subresource)
    bare = managed_fields.without_managed_fields(new)
    if not before and live is not None:
        return bare
    old = managed_fields.without_managed_fields(live) if live else empty_of(schema, new["apiVersion"], new["kind"])
    entry = Entry(manager or "unknown", operation, new["apiVersion"], subresource, time)
    after = track(old, bare, before, entry, schema)
    return managed_fields.with_managed_fields(bare, managed_fields.capped(after))


def track(old: Object, new: Object, managed: Managed, entry: Entry, schema: SchemaNode | None) -> Managed:
    """Move what changed from ``old`` to ``new`` into ``entry``; its time only moves when there is something."""
    ignored = reset_fields(schema, new["kind"], entry.subresource)
    change = compare(old, new, schema).without(ignored)
    after = disowned(managed_fields.reconciled(managed, schema), change, keep=_SELF)
    own = change.modified.union(change.added).recursive_difference(ignored).difference(managed_fields.STRIPPED)
    if own:
        previous = after.get(entry.identity)
        after[entry.identity] = replace(entry, fields=own.union(previous.fields if previous else EMPTY))
    return after


def disowned(managed: Managed, change: Comparison, *, keep: managed_fields.Identity) -> Managed:
    """Everybody but ``keep`` loses what was changed, added or removed; empty entries go."""
    touched = change.modified.union(change.added).union(change.removed)
    out: Managed = {}
    for key, entry in managed.items():
        left = entry if key == keep else entry.with_fields(_minus(entry.fields, touched))
        if left.fields:
            out[key] = left
    return out


def _minus(fields: FieldSet, touched: FieldSet) -> FieldSet:
    return fields.difference(touched) if touched else fields


def _entries_to_start_from(live: Object | None, new: Object, subresource: str) -> Managed:
    """The entries of the request where it has any (never through a subresource), else those of the live object."""
    given = (new.get("metadata") or {}).get("managedFields")
    if not subresource and given is not None:
        if given in ([], [{}]):
            return {}
        entries = _decoded(given)
        if entries:
            return entries
    return _decoded((live or {}).get("metadata", {}).get("managedFields") or [])


def _decoded(entries: list[Object]) -> Managed:
    try:
        return managed_fields.decode(entries)
    except Invalid:
        return {}
