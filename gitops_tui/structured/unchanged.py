"""Whether an apply would change nothing: the cheap question that most objects answer with yes.

One walk over the configuration, the live object and the raw ``fieldsV1`` of the manager's entry. It builds no field
sets, and it gives up (False) wherever the answer is not plain.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from gitops_tui.model.resource import Object
from gitops_tui.structured.fieldset import SELF, Tree
from gitops_tui.structured.filled import filled
from gitops_tui.structured.managed import APPLY, STRIPPED
from gitops_tui.structured.schema import DEDUCED, SchemaNode
from gitops_tui.structured.value import element_of, same

_PLAIN = frozenset((str, int, bool, float))
_STRIPPED_METADATA = frozenset(element[2:] for element in STRIPPED.tree["f:metadata"] if element != SELF)

Pairs: TypeAlias = "list[tuple[str, Any, Any]]"


def is_satisfied(live: Object, config: Object, schema: SchemaNode | None, manager: str) -> bool:
    """True only where applying ``config`` as ``manager`` would leave everything but a time as it is.

    Then ``live`` holds every value that ``config`` sets, and the manager owns just the fields that it sets. False
    says nothing: `apply.apply` decides.
    """
    if config.get("apiVersion") != live.get("apiVersion") or config.get("kind") != live.get("kind"):
        return False
    owned = _owned_by(live, config["apiVersion"], manager)
    node = schema or DEDUCED
    metadata = node.child("metadata")
    if owned is None or metadata is None:
        return False
    own_metadata = {
        name: value for name, value in (config.get("metadata") or {}).items() if name not in _STRIPPED_METADATA
    }
    skipped = ("apiVersion", "kind", "metadata", "status") if node.has_status else ("apiVersion", "kind", "metadata")
    body = {name: value for name, value in config.items() if name not in skipped}
    rest = {element: tree for element, tree in owned.items() if element != "f:metadata"}
    return _map_holds(live["metadata"], own_metadata, metadata, owned.get("f:metadata", {})) and _map_holds(
        live, body, node, rest
    )


def _owned_by(live: Object, api_version: Any, manager: str) -> Tree | None:
    for entry in live["metadata"].get("managedFields") or ():
        is_own = entry.get("manager") == manager and entry.get("operation") == APPLY and not entry.get("subresource")
        if is_own and entry.get("apiVersion") == api_version:
            owned: Tree = entry.get("fieldsV1") or {}
            return owned
    return None


def _map_holds(live: Object, config: Object, node: SchemaNode, owned: Tree) -> bool:
    """Whether the live map has each field of ``config`` and ``owned`` names these fields and no others."""
    count = 1 if SELF in owned else 0
    fields = node.fields
    for name, value in config.items():
        below = owned.get("f:" + name)
        child = fields.get(name)
        if below is None or name not in live or (child is None and node.values is None):
            return False
        ours = live[name]
        if type(value) in _PLAIN:
            if below or ours != value or type(ours) is not type(value):
                return False
        elif not _holds(ours, value, child or node.values or DEDUCED, below, is_member=child is None):
            return False
        count += 1
    return count == len(owned)


def _holds(live: Any, config: Any, node: SchemaNode, owned: Tree, *, is_member: bool) -> bool:
    """The same for one value; ``is_member`` says that its own path belongs to the set as well."""
    if type(live) is not type(config) or config is None or config == []:
        return False
    if not config and not node.is_atomic:
        return node.is_map and not owned
    if isinstance(config, dict) and node.is_map and not node.is_atomic:
        return (SELF in owned) is is_member and _map_holds(live, config, node, owned)
    if isinstance(config, list) and node.is_list and node.list_type != "atomic":
        return (SELF in owned) is is_member and _list_holds(live, config, node, owned)
    return not owned and (same(live, config) or same(filled(live, node), filled(config, node)))


def _list_holds(live: list[Any], config: list[Any], node: SchemaNode, owned: Tree) -> bool:
    pairs = _paired(live, config, node)
    if pairs is None or len(pairs) != len(owned) - (SELF in owned):
        return False
    child = node.items or DEDUCED
    for element, ours, item in pairs:
        below = owned.get(element)
        if below is None:
            return False
        if type(item) in _PLAIN:
            if below:
                return False
        elif not (below and _holds(ours, item, child, below, is_member=True)):
            return False
    return True


def _paired(live: list[Any], config: list[Any], node: SchemaNode) -> Pairs | None:
    """Each item of ``config`` with its own in ``live``; None where one is missing, doubled, or out of order."""
    places = {element_of(item, node): place for place, item in enumerate(live)}
    elements = [element_of(item, node) for item in config]
    found = [places.get(element, -1) for element in elements]
    is_ordered = all(a < b for a, b in zip([-1, *found], found, strict=False))
    if not is_ordered or len(places) != len(live):
        return None
    return [(element, live[place], item) for element, place, item in zip(elements, found, config, strict=True)]
