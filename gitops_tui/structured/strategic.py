"""Strategic merge patch as the API server applies it (Kubernetes: "Strategic Merge Patch", apimachinery).

Which lists merge and by what key is told by ``x-kubernetes-patch-strategy`` and ``x-kubernetes-patch-merge-key`` of the
field. Directives: ``$patch: replace|delete``, ``$deleteFromPrimitiveList/<field>``, ``$setElementOrder/<field>`` and
``$retainKeys``. Nulls remove; a null for what is not there is dropped.
"""

from __future__ import annotations

from typing import Any

from gitops_tui.errors import Invalid
from gitops_tui.model.resource import Object
from gitops_tui.structured.order import in_order
from gitops_tui.structured.schema import PatchRule, SchemaNode
from gitops_tui.structured.skeleton import is_go_kind
from gitops_tui.structured.value import without_fields

DIRECTIVE = "$patch"
DELETE_FROM = "$deleteFromPrimitiveList/"
ELEMENT_ORDER = "$setElementOrder/"
RETAIN_KEYS = "$retainKeys"

_NO_RULE = PatchRule()


def strategic_merge(original: Object, patch: Object, schema: SchemaNode | None) -> Object:
    """``original`` with ``patch``. Raise `Invalid` for a patch that the server refuses, and with code 415 for kinds
    that have no strategic merge patch: custom resources.
    """
    if schema is None or not is_go_kind(schema):
        message = "the body of the request was in an unknown format - strategic merge patch is for built-in kinds"
        raise Invalid(message, code=415, reason="UnsupportedMediaType")
    return _merge_map(original, patch, schema)


def _bad_patch(message: str) -> Invalid:
    return Invalid(message, code=400, reason="BadRequest")


def _merge_map(original: Object, patch: Object, node: SchemaNode | None) -> Object:
    if DIRECTIVE in patch:
        return _directed(patch)
    patch = dict(patch)
    out = _retained(original, patch)
    for key in [key for key in patch if key.startswith(ELEMENT_ORDER)]:
        _merge_ordered(out, patch, key.removeprefix(ELEMENT_ORDER), patch.pop(key), node)
    for key, value in patch.items():
        if key.startswith(DELETE_FROM):
            _delete_from(out, key.removeprefix(DELETE_FROM), value)
        else:
            _merge_field(out, key, value, node)
    return out


def _directed(patch: Object) -> Object:
    directive = patch[DIRECTIVE]
    if directive == "replace":
        return {key: value for key, value in patch.items() if key != DIRECTIVE}
    if directive == "delete":
        return {}
    raise _bad_patch(f"unknown patch type: {directive}")


def _retained(original: Object, patch: Object) -> Object:
    """A copy of ``original`` with only the keys of ``$retainKeys``, which is taken from ``patch``."""
    if RETAIN_KEYS not in patch:
        return dict(original)
    keys = patch.pop(RETAIN_KEYS)
    set_by_patch = {key for key, value in patch.items() if value is not None and not _is_list_directive(key)}
    if not isinstance(keys, list) or not set_by_patch <= set(keys):
        raise _bad_patch("$retainKeys must list every key that the patch sets")
    return {key: value for key, value in original.items() if key in keys}


def _is_list_directive(key: str) -> bool:
    return key.startswith((DELETE_FROM, ELEMENT_ORDER))


def _merge_field(out: Object, key: str, value: Any, node: SchemaNode | None) -> None:
    if value is None:
        out.pop(key, None)
        return
    before = out.get(key)
    rule, child = _rule(node, key), node.child(key) if node else None
    if isinstance(before, dict) and isinstance(value, dict):
        out[key] = value if "replace" in rule.strategies else _merge_map(before, value, child)
    elif isinstance(before, list) and isinstance(value, list):
        out[key] = _merge_list(before, value, rule, child) if "merge" in rule.strategies else value
    else:
        _set(out, key, value if type(before) is type(value) else without_fields(value, lambda one: one is None))


def _rule(node: SchemaNode | None, key: str) -> PatchRule:
    return node.patch.get(key, _NO_RULE) if node else _NO_RULE


def _set(out: Object, key: str, value: Any) -> None:
    kept = _without_directives(value)
    if kept is _DROPPED:
        out.pop(key, None)
    else:
        out[key] = kept


_DROPPED = object()


def _without_directives(value: Any) -> Any:
    """A patch's value as a value: what carries ``$patch`` is left out."""
    if isinstance(value, dict):
        if DIRECTIVE in value:
            return _DROPPED
        kept = {key: _without_directives(one) for key, one in value.items()}
        return {key: one for key, one in kept.items() if one is not _DROPPED}
    if isinstance(value, list):
        return [one for one in map(_without_directives, value) if one is not _DROPPED]
    return value


def _delete_from(out: Object, key: str, values: Any) -> None:
    before = out.get(key)
    if isinstance(before, list) and isinstance(values, list):
        out[key] = [one for one in before if one not in values]
    elif values is None:
        out.pop(key, None)


def _merge_ordered(out: Object, patch: Object, key: str, order: Any, node: SchemaNode | None) -> None:
    """Merge a list that comes with its order, and put it into that order; takes the list out of ``patch``."""
    before, given = out.get(key), patch.get(key)
    if not isinstance(order, list) or not isinstance(before or [], list) or not isinstance(given or [], list):
        raise _bad_patch(f"invalid patch format of setElementOrder list for {key}")
    rule = _rule(node, key)
    _check_order(given or [], order, rule.merge_key)
    if key not in out and key not in patch:
        return
    patch.pop(key, None)
    merged = before or []
    if given is not None:
        child = node.child(key) if node else None
        is_merging = key in out and "merge" in rule.strategies
        merged = _merge_list(merged, given, rule, child) if is_merging else _without_directives(given)
    out[key] = in_order(merged, order, before or [], rule.merge_key)


def _check_order(given: list[Any], order: list[Any], merge_key: str) -> None:
    """The items of the patch must stand in the order list, in the same order."""
    if not order:
        return
    rest = iter([_identity(one, merge_key) for one in order])
    wanted = [one for one in given if not (isinstance(one, dict) and DIRECTIVE in one)]
    if not all(_identity(one, merge_key) in rest for one in wanted):
        raise _bad_patch(f"the order in patch list {given} doesn't match {ELEMENT_ORDER} list {order}")


def _identity(item: Any, merge_key: str) -> Any:
    if not merge_key:
        return item
    if not isinstance(item, dict) or merge_key not in item:
        raise _bad_patch(f"map: {item} does not contain declared merge key: {merge_key}")
    return item[merge_key]


def _merge_list(before: list[Any], given: list[Any], rule: PatchRule, child: SchemaNode | None) -> list[Any]:
    if not isinstance((before or given or [None])[0], dict):
        merged = list(before)
        merged.extend(one for number, one in enumerate(given) if one not in before and one not in given[:number])
        return in_order(merged, given, before, "")
    if not rule.merge_key:
        raise _bad_patch("cannot merge lists without merge key")
    items = child.items if child else None
    kept, plain = _after_directives(before, given, rule.merge_key)
    merged = _merge_items(kept, plain, rule.merge_key, items)
    return in_order(merged, plain, kept, rule.merge_key)


def _after_directives(before: list[Any], given: list[Any], merge_key: str) -> tuple[list[Any], list[Any]]:
    """What is left of the list after the deletions, and the items of the patch that are no directives."""
    plain, is_replaced = [], False
    for item in given:
        directive = item.get(DIRECTIVE)
        if DIRECTIVE not in item:
            plain.append(item)
        elif directive == "delete":
            gone = _identity(item, merge_key)
            before = [one for one in before if one.get(merge_key) != gone]
        elif directive == "replace":
            is_replaced = True
        else:
            raise _bad_patch(f"unknown patch type: {directive} in {item}")
    return (plain, []) if is_replaced else (before, plain)


def _merge_items(before: list[Any], given: list[Any], merge_key: str, node: SchemaNode | None) -> list[Any]:
    out = list(before)
    for item in given:
        identity = _identity(item, merge_key)
        place = next((i for i, one in enumerate(out) if one.get(merge_key) == identity), -1)
        if place < 0:
            out.append(item)
        else:
            out[place] = _merge_map(out[place], item, node)
    return out
