"""RFC 6901 JSON pointers. Nothing here changes what it is given.

Indices are read as Argo CD's JSON patches read them: with a sign and with leading zeros, and from the end where they
are negative.
"""

from __future__ import annotations

import re
from typing import Any

_ABSENT = object()
_INDEX = re.compile(r"[+-]?[0-9]{1,18}")


def tokens(pointer: str) -> tuple[str, ...]:
    """``"/a~1b/0" -> ("a/b", "0")``; raises ValueError where it does not begin with a slash."""
    if not pointer:
        return ()
    if not pointer.startswith("/"):
        raise ValueError(f"{pointer!r} is no JSON pointer: it must begin with /")
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer[1:].split("/"))


def escape(token: str) -> str:
    return token.replace("~", "~0").replace("/", "~1")


def get(obj: Any, pointer: str, default: Any = None) -> Any:
    """What stands there, or ``default``."""
    found = _find(obj, tokens(pointer))
    return default if found is _ABSENT else found


def has(obj: Any, pointer: str) -> bool:
    return _find(obj, tokens(pointer)) is not _ABSENT


def remove(obj: Any, pointer: str) -> Any:
    """A copy without what stands there; the object itself where nothing does."""
    path = tokens(pointer)
    if not path or _find(obj, path) is _ABSENT:
        return obj
    return _without(obj, path)


def put(obj: Any, pointer: str, value: Any) -> Any:
    """A copy with ``value`` there; mappings on the way are made."""
    return _with(obj, tokens(pointer), value)


def _find(obj: Any, path: tuple[str, ...]) -> Any:
    for token in path:
        if isinstance(obj, dict):
            obj = obj.get(token, _ABSENT)
        elif isinstance(obj, list):
            place = _place(obj, token)
            obj = _ABSENT if place is None else obj[place]
        else:
            return _ABSENT
        if obj is _ABSENT:
            return _ABSENT
    return obj


def _place(items: list[Any], token: str) -> int | None:
    """The index that a token names, from the front; None where it names none of the items."""
    if not _INDEX.fullmatch(token):
        return None
    index = int(token)
    return index % len(items) if -len(items) <= index < len(items) else None


def _without(obj: Any, path: tuple[str, ...]) -> Any:
    first, rest = path[0], path[1:]
    if isinstance(obj, list):
        place = _place(obj, first)
        assert place is not None, "`remove` looks first"
        below = [_without(obj[place], rest)] if rest else []
        return [*obj[:place], *below, *obj[place + 1 :]]
    if rest:
        return {**obj, first: _without(obj[first], rest)}
    return {key: value for key, value in obj.items() if key != first}


def _with(obj: Any, path: tuple[str, ...], value: Any) -> Any:
    if not path:
        return value
    first, rest = path[0], path[1:]
    if isinstance(obj, list):
        place = len(obj) if first == "-" else int(first)
        old = obj[place] if place < len(obj) else {}
        return [*obj[:place], _with(old, rest, value), *obj[place + 1 :]]
    mapping = obj if isinstance(obj, dict) else {}
    return {**mapping, first: _with(mapping.get(first, {}), rest, value)}
