"""Runs one script in a Lua state of its own. Used in the child process only: a runaway script runs away here."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from gitops_tui.lua.values import NotJsonError, from_lua, to_lua

VERSIONS = ("lua51", "lua52", "lua53", "lua54", "lua55")
"""Argo CD's gopher-lua is Lua 5.1. LuaJIT is none of them: there lupa cannot bound memory."""
MAX_MEMORY = 64 * 1024 * 1024
"""Bytes of one Lua state: a thousand times what a large object takes."""
BINARY = "\x1b"
_DUMPED = """
local code, name = ...
local chunk, message = (loadstring or load)(code, name)
if not chunk then return nil, message end
return string.dump(chunk)
"""


class ScriptError(Exception):
    """The script failed; the message says how."""


class Machine:
    """Compiles a script once; every run has a fresh state, so that none leaves anything to another."""

    def __init__(self) -> None:
        self._lupa = _lupa()
        self._sandbox = Path(__file__).with_name("sandbox.lua").read_bytes()
        self._compiler = self._state().compile(_DUMPED.encode())
        self._compiled: dict[str, bytes] = {}

    def run(self, script: str, name: str, open_libs: bool, values: dict[str, Any]) -> tuple[str, Any]:
        """The Lua type of the result, and the result. Raises `ScriptError`."""
        try:
            return self._run(self._code(script, name), open_libs, values)
        except self._lupa.LuaMemoryError as error:
            raise ScriptError(f"not enough memory: a script has {MAX_MEMORY // 1024 // 1024} MiB") from error
        except self._lupa.LuaError as error:
            raise ScriptError(str(error).partition("\n")[0] or "an error without a message") from error
        except (NotJsonError, RecursionError, MemoryError) as error:
            raise ScriptError(str(error) or type(error).__name__) from error

    def _run(self, code: bytes, open_libs: bool, values: dict[str, Any]) -> tuple[str, Any]:
        lua = self._state()
        found = lua.execute(self._sandbox)(code, open_libs, to_lua(lua, values))
        if isinstance(found, tuple):
            found = found[0] if found else None
        return self._type(found), from_lua(self._lupa.lua_type, found) if self._type(found) != "function" else None

    def _code(self, script: str, name: str) -> bytes:
        """Only text is compiled: crafted bytecode would break out of any sandbox."""
        if script.startswith(BINARY):
            raise ScriptError("is compiled; only text is run")
        found = self._compiled.get(script)
        if found is None:
            found = self._compiler(script.encode("utf-8", "surrogatepass"), f"={name}".encode())
            if isinstance(found, tuple):
                raise ScriptError(found[1].decode("utf-8", "replace"))
            self._compiled[script] = found
        return found

    def _state(self) -> Any:
        return self._lupa.LuaRuntime(
            encoding=None, register_eval=False, register_builtins=False, max_memory=MAX_MEMORY, attribute_filter=_denied
        )

    def _type(self, value: Any) -> str:
        found = self._lupa.lua_type(value)
        if found is not None:
            return str(found)
        names = {type(None): "nil", bool: "boolean", bytes: "string", int: "number", float: "number"}
        return names.get(type(value), "userdata")


def _denied(_obj: Any, name: Any, _is_setting: bool) -> Any:
    """No Python object ever gets into Lua; were there one, nothing of it could be reached."""
    raise AttributeError(name)


def _lupa() -> Any:
    for version in VERSIONS:
        try:
            return importlib.import_module(f"lupa.{version}")
        except ImportError:
            continue
    raise ImportError("lupa has no Lua of its own here")
