"""Paths into objects: from managedFields' words to people's words, and to where a live object has them."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, Final

from gitops_tui.model.drift import Path, PathElement
from gitops_tui.structured.fieldset import Path as FieldPath
from gitops_tui.structured.value import MISSING

SET_ITEM: Final = ""
"""The key under which the path of a set's item carries its value: ``(("", "a-finalizer"),)``."""


@lru_cache(maxsize=8192)
def _element(text: str) -> PathElement:
    kind, rest = text[0], text[2:]
    if kind == "f":
        return rest
    if kind == "i":
        return int(rest)
    value = json.loads(rest)
    return ((SET_ITEM, value),) if kind == "v" else tuple(value.items())


def from_fields(path: FieldPath) -> Path:
    """``("f:spec", 'k:{"name":"a"}') -> ("spec", (("name", "a"),))``."""
    return tuple(_element(one) for one in path)


def find(obj: Any, path: Path) -> Any:
    """What stands at ``path``; `MISSING` where nothing does."""
    found = obj
    for element in path:
        place = _place(found, element)
        if place is None:
            return MISSING
        found = found[place]
    return found


def tokens(obj: Any, path: Path) -> tuple[str, ...] | None:
    """``path`` as the tokens of a JSON pointer into this very object, items by index; None where it leads nowhere."""
    found, out = obj, []
    for element in path:
        place = _place(found, element)
        if place is None:
            return None
        out.append(str(place))
        found = found[place]
    return tuple(out)


def _place(container: Any, element: PathElement) -> str | int | None:
    if isinstance(element, str):
        return element if isinstance(container, dict) and element in container else None
    if not isinstance(container, list):
        return None
    if isinstance(element, int):
        return element if element < len(container) else None
    return next((at for at, item in enumerate(container) if _is_item(item, element)), None)


def _is_item(item: Any, keys: tuple[tuple[str, Any], ...]) -> bool:
    if keys and keys[0][0] == SET_ITEM:
        return bool(item == keys[0][1])
    return isinstance(item, dict) and all(item.get(name) == value for name, value in keys)


def is_below(path: Path, parent: Path) -> bool:
    """Whether ``path`` is ``parent`` or inside of it."""
    return path[: len(parent)] == parent
