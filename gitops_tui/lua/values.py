"""JSON values to Lua and back, as Argo CD passes them (``util/lua/lua.go`` ``decodeValue``, gopher-json)."""

from __future__ import annotations

from typing import Any

MAX_DEPTH = 100
EXACT = 2**53
"""Up to here a whole number is the same in Lua, whose numbers are doubles."""


class NotJsonError(ValueError):
    """A Lua value that is none of JSON's."""


def to_lua(lua: Any, value: Any) -> Any:
    """Plain Lua values, deeply: no Python object gets into Lua. null is absent, lists begin at 1."""
    if isinstance(value, dict):
        table = lua.table()
        for key, item in value.items():
            if item is not None:
                table[_bytes(str(key))] = to_lua(lua, item)
        return table
    if isinstance(value, list):
        return lua.table(*(to_lua(lua, item) for item in value if item is not None))
    if isinstance(value, str):
        return _bytes(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > EXACT:
        return float(value)
    return value


def from_lua(lua_type: Any, value: Any, depth: int = 0) -> Any:
    """What a script returned; an empty table is an empty list, since Lua knows no difference. Raises `NotJsonError`."""
    kind = lua_type(value)
    if kind == "table":
        if depth > MAX_DEPTH:
            raise NotJsonError(f"tables are nested more than {MAX_DEPTH} deep")
        return _from_table(lua_type, value, depth + 1)
    if kind is not None:
        raise NotJsonError(f"a {kind} is no value of JSON")
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, float):
        return _number(value)
    return value


def _from_table(lua_type: Any, table: Any, depth: int) -> Any:
    items = {key: from_lua(lua_type, value, depth) for key, value in table.items()}
    if all(isinstance(key, bytes) for key in items) and items:
        return {key.decode("utf-8", "replace"): value for key, value in items.items()}
    numbers = range(1, len(items) + 1)
    if any(number not in items for number in numbers):
        raise NotJsonError("a table has neither only names nor the numbers from 1 on as its keys")
    return [items[number] for number in numbers]


def _number(value: float) -> float | int:
    if value != value or value in (float("inf"), float("-inf")):
        raise NotJsonError(f"{value} is no number of JSON")
    return int(value) if value.is_integer() and abs(value) <= EXACT else value


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
