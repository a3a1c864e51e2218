"""A dry run's answer without what a mutating webhook made of it (Argo CD's server-side diff; semantics 1.6)."""

from __future__ import annotations

from typing import Any

from gitops_tui.errors import Invalid
from gitops_tui.model.resource import Object, metadata_of
from gitops_tui.structured.fieldset import EMPTY, FieldSet
from gitops_tui.structured.managed import APPLY, without_managed_fields
from gitops_tui.structured.schema import SchemaNode
from gitops_tui.structured.typed import compare, fieldset_of, merge, remove_fields


def without_webhook_changes(predicted: Object, live: Object, *, manager: str, schema: SchemaNode | None) -> Object:
    """``predicted`` with the fields that ``manager`` applies neither now nor before as they are in ``live``.

    What the apply removes stays removed, and a default that takes the place of something removed stays. An answer
    without an entry of the manager is taken as it is: nothing tells whose changes are whose.
    """
    owned = _applied_by(predicted, manager)
    if not owned:
        return predicted
    owned = owned.union(_applied_by(live, manager))
    after, before = without_managed_fields(predicted), without_managed_fields(live)
    try:
        ours = remove_fields(after, fieldset_of(after, schema).difference(owned), schema)
        merged = merge(before, ours, schema)
        return remove_fields(merged, compare(before, after, schema).removed, schema)
    except Invalid:
        return predicted


def _applied_by(obj: Object, manager: str) -> FieldSet:
    for entry in metadata_of(obj).get("managedFields") or ():
        is_own = entry.get("manager") == manager and entry.get("operation") == APPLY and not entry.get("subresource")
        if is_own:
            return FieldSet.from_v1(_stored(entry.get("fieldsV1") or {}))
    return EMPTY


def _stored(fields: dict[str, Any]) -> dict[str, Any]:
    """The server moves a Secret's ``stringData`` into ``data``; who applied it still owns the former."""
    written = fields.get("f:stringData")
    return {**fields, "f:data": {**(fields.get("f:data") or {}), **written}} if written else fields
