"""An object without the fields that its schema does not know: what the API server keeps where nobody validates.

A server-side apply of an unknown field is refused whatever ``fieldValidation`` says; a client-side apply drops it.
"""

from __future__ import annotations

from typing import Any

from gitops_tui.model.resource import Object
from gitops_tui.structured.schema import DEDUCED, SchemaNode
from gitops_tui.structured.value import shape_of


def declared(obj: Object, schema: SchemaNode | None) -> Object:
    """``obj`` itself where every field is known, or nothing is known of its type."""
    found: Object = obj if schema is None else _declared(obj, schema)
    return found


def _declared(value: Any, node: SchemaNode) -> Any:
    shape = shape_of(value, node)
    if shape == "map" and isinstance(value, dict):
        known = {name: child for name in value if (child := node.child(name)) is not None}
        kept = {name: _declared(value[name], child) for name, child in known.items()}
        is_same = len(kept) == len(value) and all(kept[name] is member for name, member in value.items())
        return value if is_same else kept
    if shape == "list" and isinstance(value, list):
        items = [_declared(item, node.items or DEDUCED) for item in value]
        return value if all(one is two for one, two in zip(items, value, strict=True)) else items
    return value
