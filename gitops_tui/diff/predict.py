"""What the API server would hold after an apply, told without asking it (KEP-555; semantics 1.6).

An object with managedFields is predicted as server-side apply works, after the migration of what ``kubectl apply``
wrote. One without any, or one whose configuration does not fit its type, is predicted as ``kubectl apply`` would merge
it: from the last-applied annotation where there is one (docs/decisions/server-side-apply.md).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import reduce
from typing import Any

from gitops_tui.errors import Invalid
from gitops_tui.model.annotations import LAST_APPLIED
from gitops_tui.model.resource import Object, annotations_of, metadata_of
from gitops_tui.structured import managed as managed_fields
from gitops_tui.structured.apply import apply
from gitops_tui.structured.fieldset import EMPTY, FieldSet
from gitops_tui.structured.managed import APPLY, UPDATE, Entry
from gitops_tui.structured.migrate import client_side_managers
from gitops_tui.structured.prune import prune
from gitops_tui.structured.schema import DEDUCED, SchemaNode
from gitops_tui.structured.typed import fieldset_of, merge


def predict(live: Object, target: Object, *, schema: SchemaNode | None, manager: str, time: str = "") -> Object:
    """The object after ``manager`` applied ``target`` by force; ``live`` itself where nothing would change."""
    if metadata_of(live).get("managedFields"):
        try:
            adopted = migrated(live, manager, schema)
            return apply(adopted, target, manager=manager, schema=schema, force=True, time=time).object
        except Invalid:
            pass  # The server refuses this too: show what was meant, and let its dry run say why.
    return _merged(live, target, schema)


def migrated(live: Object, manager: str, schema: SchemaNode | None) -> Object:
    """``live`` with what was applied client-side owned by ``manager``, as the first apply makes it.

    Of the client's entry only what was really applied: it owns the defaults of its time too, and those the server fills
    in again after an apply has dropped them.
    """
    clients = client_side_managers(live)
    if not clients:
        return live
    managed = managed_fields.of_object(live)
    ours = Entry(manager, APPLY, str(live.get("apiVersion")))
    before = managed.get(ours.identity, ours)
    kept = {key: one for key, one in managed.items() if not _is_client(one, clients)}
    joined = before.with_fields(before.fields.union(_applied_by_clients(live, clients, schema)))
    return managed_fields.with_managed_fields(live, {**kept, joined.identity: joined})


def without_dropped(confirmed: Object, live: Object, target: Object, schema: SchemaNode | None) -> Object:
    """A dry run's answer without what a client applied and the target no longer has.

    The server cannot know of the migration that goes before the real apply, and keeps these fields for their client.
    """
    clients = client_side_managers(live)
    if not clients:
        return confirmed
    now = fieldset_of(target, schema)
    others = [one.fields for one in managed_fields.of_object(live).values() if not _is_client(one, clients)]
    return prune(confirmed, _applied_by_clients(live, clients, schema), now, [now, *others], schema)


def _is_client(entry: Entry, clients: Sequence[str]) -> bool:
    return entry.operation == UPDATE and not entry.subresource and entry.manager in clients


def _applied_by_clients(live: Object, clients: Sequence[str], schema: SchemaNode | None) -> FieldSet:
    managed = managed_fields.of_object(live).values()
    owned = reduce(FieldSet.union, (one.fields for one in managed if _is_client(one, clients)), EMPTY)
    last = last_applied(live)
    return owned if last is None else owned.intersection(_fields_of(last, schema))


def _merged(live: Object, target: Object, schema: SchemaNode | None) -> Object:
    """The three-way merge: what the target sets, without what was applied last and is gone from the target."""
    last = last_applied(live)
    wanted: Object = _filled(target, live, last, schema or DEDUCED)
    try:
        now = fieldset_of(wanted, schema)
        return prune(merge(live, wanted, schema), _fields_of(last, schema), now, [now], schema)
    except Invalid:
        return {**live, **wanted}


def _filled(wanted: Any, live: Any, last: Any, node: SchemaNode | None) -> Any:
    """``wanted`` with what ``live`` has besides in items of lists that are otherwise replaced as a whole.

    That is where the server fills in defaults; what was applied last and is gone from the target is not kept.
    """
    if isinstance(wanted, dict) and isinstance(live, dict):
        old = last if isinstance(last, dict) else {}
        return {
            name: _filled(value, live.get(name), old.get(name), node.child(name) if node else None)
            for name, value in wanted.items()
        }
    is_replaced = node is None or (node.is_list and node.list_type == "atomic")
    if isinstance(wanted, list) and isinstance(live, list) and is_replaced:
        return [_with_defaults(one, *_beside(at, live, last)) for at, one in enumerate(wanted)]
    return wanted


def _beside(at: int, *lists: Any) -> list[Any]:
    return [one[at] if isinstance(one, list) and at < len(one) else None for one in lists]


def _with_defaults(wanted: Any, live: Any, last: Any) -> Any:
    if isinstance(wanted, list) and isinstance(live, list):
        return [_with_defaults(one, *_beside(at, live, last)) for at, one in enumerate(wanted)]
    if not isinstance(wanted, dict) or not isinstance(live, dict):
        return wanted
    old = last if isinstance(last, dict) else {}
    kept = {name: value for name, value in live.items() if name not in wanted and name not in old}
    return {**{name: _with_defaults(one, live.get(name), old.get(name)) for name, one in wanted.items()}, **kept}


def last_applied(live: Object) -> Object | None:
    """kubectl's copy of what it applied; None where there is none that can be read."""
    text: Any = annotations_of(live).get(LAST_APPLIED)
    try:
        found = json.loads(text) if text else None
    except (ValueError, TypeError):
        return None
    return found if isinstance(found, dict) else None


def _fields_of(last: Object | None, schema: SchemaNode | None) -> FieldSet:
    """What was applied last; of the metadata only labels and annotations."""
    if last is None:
        return EMPTY
    own = {name: value for name, value in metadata_of(last).items() if name in ("labels", "annotations") and value}
    try:
        return fieldset_of({**last, "metadata": own}, schema)
    except Invalid:
        return EMPTY
