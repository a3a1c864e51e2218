"""What an apply removes: fields that the manager applied last time, does not apply now, and nobody else owns."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

from gitops_tui.model.resource import Object
from gitops_tui.structured.fieldset import EMPTY, SELF, FieldSet, Tree, is_member
from gitops_tui.structured.schema import DEDUCED, SchemaNode
from gitops_tui.structured.typed import fieldset_of, remove_fields


def prune(
    merged: Object, last: FieldSet, now: FieldSet, owned: Iterable[FieldSet], schema: SchemaNode | None
) -> Object:
    """``merged`` without what of ``last`` is in none of ``owned`` (the sets of all managers, ``now`` among them).

    What hangs below a removed field goes with it, unless somebody owns it.
    """
    if not last.difference(now):
        return merged
    last_named = _with_named_fields(last, schema)
    everything = _with_named_fields(fieldset_of(merged, schema), schema)
    without_last = remove_fields(merged, last_named, schema)
    kept = _named_fields_of(without_last, schema).union(
        _with_named_fields(reduce(FieldSet.union, owned, EMPTY), schema)
    )
    with_owned = remove_fields(merged, everything.difference(kept), schema)
    gone = everything.difference(_named_fields_of(with_owned, schema)).intersection(last_named)
    return remove_fields(merged, gone, schema)


def _named_fields_of(obj: Object, schema: SchemaNode | None) -> FieldSet:
    return _with_named_fields(fieldset_of(obj, schema), schema)


def _with_named_fields(fields: FieldSet, schema: SchemaNode | None) -> FieldSet:
    """Add the fields that the schema names and of which only something below is a member."""
    return FieldSet(_named(fields.tree, schema or DEDUCED))


def _named(tree: Tree, node: SchemaNode | None) -> Tree:
    out: Tree = {}
    for element, below in tree.items():
        if element == SELF:
            continue
        is_named = node is not None and element[0] == "f" and element[2:] in node.fields
        inner = _named(below, _child(node, element)) if below else {}
        if inner and (is_named or is_member(below)):
            inner[SELF] = {}
        out[element] = inner
    return out


def _child(node: SchemaNode | None, element: str) -> SchemaNode | None:
    if node is None:
        return None
    if element[0] == "f":
        return node.child(element[2:])
    return node.items if element[0] == "k" else None
