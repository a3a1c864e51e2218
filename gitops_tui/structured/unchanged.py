"""Whether an apply would change nothing: the cheap question that most objects answer with yes."""

from __future__ import annotations

from typing import Any

from gitops_tui.model.resource import Object
from gitops_tui.structured.fieldset import FieldSet
from gitops_tui.structured.managed import APPLY, STRIPPED
from gitops_tui.structured.reset import reset_fields
from gitops_tui.structured.schema import DEDUCED, SchemaNode
from gitops_tui.structured.typed import fieldset_of
from gitops_tui.structured.value import element_of, shape_of


def is_satisfied(live: Object, config: Object, schema: SchemaNode | None, manager: str) -> bool:
    """True only where applying ``config`` as ``manager`` would leave everything but a time as it is.

    Then ``live`` holds every value that ``config`` sets, and the manager owns just the fields that it sets. False
    says nothing: `apply` decides.
    """
    entry = _own_entry(live, config.get("apiVersion"), manager)
    if entry is None or not holds(live, config, schema):
        return False
    owned = fieldset_of(config, schema)
    ignored = reset_fields(schema, config.get("kind") or "", "")
    if ignored:
        owned = owned.recursive_difference(ignored)
    return owned.difference(STRIPPED) == FieldSet.from_v1(entry.get("fieldsV1") or {})


def _own_entry(live: Object, api_version: Any, manager: str) -> Object | None:
    for entry in (live.get("metadata") or {}).get("managedFields") or ():
        is_own = entry.get("manager") == manager and entry.get("operation") == APPLY and not entry.get("subresource")
        if is_own:
            found: Object = entry
            return found if entry.get("apiVersion") == api_version else None
    return None


def holds(live: Object, config: Object, schema: SchemaNode | None) -> bool:
    """Whether merging ``config`` into ``live`` surely gives ``live``; lists with repeated items are not surely so."""
    return _holds(live, config, schema or DEDUCED)


def _holds(live: Any, config: Any, node: SchemaNode) -> bool:
    kind = type(config)
    if kind is not type(live):
        return False
    if kind is dict and shape_of(config, node) == "map" and not node.is_atomic:
        return _map_holds(live, config, node)
    if kind is list and node.list_type != "atomic":
        return _list_holds(live, config, node)
    if kind is dict or kind is list:
        return bool(live == config) and _holds_exactly(live, config)
    return bool(live == config)


def _holds_exactly(live: Any, config: Any) -> bool:
    if type(live) is not type(config):
        return False
    if isinstance(live, dict):
        return all(_holds_exactly(value, config[name]) for name, value in live.items())
    return all(map(_holds_exactly, live, config)) if isinstance(live, list) else True


def _map_holds(live: Object, config: Object, node: SchemaNode) -> bool:
    fields, values = node.fields, node.values
    for name, value in config.items():
        child = fields.get(name) or values
        if child is None or name not in live or not _holds(live[name], value, child):
            return False
    return True


def _list_holds(live: list[Any], config: list[Any], node: SchemaNode) -> bool:
    """Every item is there, and those of ``config`` stand in its order."""
    if not config:
        return True
    child = node.items or DEDUCED
    found = {element_of(item, node): (place, item) for place, item in enumerate(live)}
    if len(found) != len(live):
        return False
    last = -1
    for item in config:
        place, ours = found.get(element_of(item, node), (-1, None))
        if place <= last or not _holds(ours, item, child):
            return False
        last = place
    return True
