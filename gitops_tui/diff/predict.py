"""What the API server would hold after an apply, told without asking it (KEP-555; semantics 1.6).

An object with managedFields is predicted as server-side apply works, after the migration of what ``kubectl apply``
wrote. One without any, or one whose configuration does not fit its type, is predicted as ``kubectl apply`` would merge
it: from the last-applied annotation where there is one (docs/decisions: one-prediction).
"""

from __future__ import annotations

import json
from typing import Any

from gitops_tui.errors import Invalid
from gitops_tui.model.annotations import LAST_APPLIED
from gitops_tui.model.resource import Object, annotations_of, metadata_of
from gitops_tui.structured.apply import apply
from gitops_tui.structured.fieldset import EMPTY, FieldSet
from gitops_tui.structured.migrate import client_side_managers, migrate_client_side_apply
from gitops_tui.structured.prune import prune
from gitops_tui.structured.schema import SchemaNode
from gitops_tui.structured.typed import fieldset_of, merge


def predict(live: Object, target: Object, *, schema: SchemaNode | None, manager: str, time: str = "") -> Object:
    """The object after ``manager`` applied ``target`` by force; ``live`` itself where nothing would change."""
    if metadata_of(live).get("managedFields"):
        try:
            return apply(migrated(live, manager), target, manager=manager, schema=schema, force=True, time=time).object
        except Invalid:
            pass  # The server refuses this too: show what was meant, and let its dry run say why.
    return _merged(live, target, schema)


def migrated(live: Object, manager: str) -> Object:
    """``live`` with what was applied client-side owned by ``manager``, as the first apply makes it."""
    clients = client_side_managers(live)
    if not clients:
        return live
    entries = migrate_client_side_apply(live, from_managers=clients, to_manager=manager)
    return {**live, "metadata": {**metadata_of(live), "managedFields": entries}}


def _merged(live: Object, target: Object, schema: SchemaNode | None) -> Object:
    """The three-way merge: what the target sets, without what was applied last and is gone from the target."""
    try:
        merged = merge(live, target, schema)
        now = fieldset_of(target, schema)
        return prune(merged, _last_applied_fields(live, schema), now, [now], schema)
    except Invalid:
        return {**live, **target}


def last_applied(live: Object) -> Object | None:
    """kubectl's copy of what it applied; None where there is none that can be read."""
    text: Any = annotations_of(live).get(LAST_APPLIED)
    try:
        found = json.loads(text) if text else None
    except (ValueError, TypeError):
        return None
    return found if isinstance(found, dict) else None


def _last_applied_fields(live: Object, schema: SchemaNode | None) -> FieldSet:
    last = last_applied(live)
    if last is None:
        return EMPTY
    own = {name: value for name, value in metadata_of(last).items() if name in ("labels", "annotations") and value}
    try:
        return fieldset_of({**last, "metadata": own}, schema)
    except Invalid:
        return EMPTY
