"""The annotation that client-side apply keeps, as far as server-side apply by ``kubectl`` minds it."""

from __future__ import annotations

import json
from typing import Any

from gitops_tui.errors import Invalid
from gitops_tui.model.annotations import LAST_APPLIED
from gitops_tui.model.resource import Object
from gitops_tui.structured import managed as managed_fields
from gitops_tui.structured.conflict import FieldConflict
from gitops_tui.structured.fieldset import EMPTY, FieldSet, go_json, sorted_keys
from gitops_tui.structured.schema import SchemaNode
from gitops_tui.structured.typed import compare, fieldset_of, validate

KUBECTL = "kubectl"
"""The only manager for which the server looks at the annotation."""


def not_excused(
    conflicts: tuple[FieldConflict, ...], live: Object, schema: SchemaNode | None
) -> tuple[FieldConflict, ...]:
    """The conflicts over fields that are not still as client-side apply left them."""
    excused = _still_as_applied(live, schema)
    return tuple(one for one in conflicts if not excused.has(one.elements))


def refreshed(obj: Object, config: Object) -> Object:
    """``obj`` with the annotation telling of ``config``, where it has the annotation; else ``obj`` itself."""
    annotations = _annotations(obj)
    if not annotations.get(LAST_APPLIED):
        return obj
    text = _encoded(config)
    if annotations[LAST_APPLIED] == text:
        return obj
    return {**obj, "metadata": {**obj["metadata"], "annotations": {**annotations, LAST_APPLIED: text}}}


def _still_as_applied(live: Object, schema: SchemaNode | None) -> FieldSet:
    applied = _decoded(_annotations(live).get(LAST_APPLIED) or "")
    if applied is None or applied.get("apiVersion") != live.get("apiVersion"):
        return EMPTY
    bare = managed_fields.without_managed_fields(live)
    try:
        validate(applied, schema)
        change = compare(applied, bare, schema)
    except Invalid:
        return EMPTY
    return fieldset_of(applied, schema).difference(change.modified).difference(change.removed)


def _decoded(text: str) -> Object | None:
    try:
        value: Any = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _annotations(obj: Object) -> Object:
    found: Object = (obj.get("metadata") or {}).get("annotations") or {}
    return found


def _encoded(config: Object) -> str:
    """The configuration as Go writes it: keys sorted, one line."""
    metadata = dict(config.get("metadata") or {})
    if metadata.get("annotations") is not None:
        metadata["annotations"] = {key: value for key, value in metadata["annotations"].items() if key != LAST_APPLIED}
    return go_json(sorted_keys({**config, "metadata": metadata})) + "\n"
