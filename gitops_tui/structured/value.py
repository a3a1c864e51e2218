"""Values against their type: what a value is taken for, when two are the same, and what names an item of a list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal

from gitops_tui.errors import Invalid
from gitops_tui.model.resource import Object
from gitops_tui.structured.fieldset import Path, key_element, show, value_element
from gitops_tui.structured.schema import SchemaNode

Shape = Literal["map", "list", "scalar"]


class Missing:
    """The type of `MISSING`: no value at all, which is not the same as null."""


MISSING: Final = Missing()


def shape_of(value: Any, node: SchemaNode) -> Shape:
    """What a type takes a value for; null and what does not fit are taken for the first thing that the type can be."""
    if isinstance(value, dict):
        if node.is_map:
            return "map"
    elif isinstance(value, list):
        if node.is_list:
            return "list"
    elif value is not None and node.scalar:
        return "scalar"
    if node.is_map:
        return "map"
    return "scalar" if node.scalar else "list"


def same(a: Any, b: Any) -> bool:
    """Equality of JSON: ``1`` is ``1.0`` and is not ``true``."""
    return a is b or (a == b and _same_types(a, b))


def _same_types(a: Any, b: Any) -> bool:
    if isinstance(a, dict):
        return all(_same_types(value, b[key]) for key, value in a.items())
    if isinstance(a, list):
        return all(map(_same_types, a, b))
    return isinstance(a, bool) is isinstance(b, bool)


def without_fields(value: Any, is_nothing: Callable[[Any], bool]) -> Any:
    """A copy without the fields, at any depth, whose value is taken for nothing; items of lists stay."""
    if isinstance(value, dict):
        return {key: without_fields(one, is_nothing) for key, one in value.items() if not is_nothing(one)}
    return [without_fields(one, is_nothing) for one in value] if isinstance(value, list) else value


def element_of(item: Any, node: SchemaNode) -> str:
    """The path element of an item of a list of type ``map`` or ``set``. Raise `Invalid` where it has none."""
    if not node.keys:
        if item is None or isinstance(item, dict | list):
            raise Invalid(f"a set holds {item!r}, which is no scalar")
        return value_element(item)
    if not isinstance(item, dict):
        raise Invalid(f"a list with keys {list(node.keys)} holds {item!r}, which is no object")
    try:
        return key_element(node.keys, *[item[name] for name in node.keys])
    except (KeyError, TypeError):
        return _element_with_defaults(item, node)


def _element_with_defaults(item: Object, node: SchemaNode) -> str:
    """A key that is left out has the schema's default, or stands for itself: no key is a key, too."""
    defaults = node.items.defaults if node.items else {}
    keys = {name: item.get(name, defaults.get(name)) for name in node.keys}
    keys = {name: value for name, value in keys.items() if name in item or value is not None}
    if not keys:
        raise Invalid(f"an item of a list omits all of its keys {list(node.keys)}")
    return key_element(tuple(keys), *keys.values())


def invalid_at(path: Path, message: str) -> Invalid:
    """The error for one place in an object. The server answers 500, as it does for what its types do not allow."""
    where = show(path)
    text = f"{where}: {message}" if where else message
    return Invalid(text, code=500, reason="InternalError", causes=((where, message),))
