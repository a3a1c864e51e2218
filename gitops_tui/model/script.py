"""Lua scripts that customise a kind, and what a script answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from msgspec import Struct, field

from gitops_tui.model.glob import match
from gitops_tui.model.resource import GroupKind

T = TypeVar("T")


class Script(Struct, frozen=True):
    """``name`` is what error messages call it; ``open_libs``: Lua's standard libraries are there (semantics 1.11)."""

    text: str
    open_libs: bool = False
    name: str = "script"


class Answer(Struct, frozen=True):
    """``kind``: the Lua type of the result, ``value``: the result as JSON. With ``error`` there is none."""

    kind: str = "nil"
    value: Any = None
    error: str = ""
    is_runaway: bool = False
    """It had to be ended from outside."""


RunScript = Callable[[Script, Mapping[str, Any]], Answer]
"""Runs a script with some globals. It never raises for what the script does."""


class KindScripts(Struct, frozen=True):
    """The scripts of one kind; an action's name -> its script."""

    health: Script | None = None
    discovery: Script | None = None
    actions: Mapping[str, Script] = field(default_factory=dict)


def of_kind(found: Mapping[str, T], kind: GroupKind) -> T | None:
    """The entry ``group/Kind`` (``Kind`` in the core group), else the first, by name, whose globs match.

    Where several globs match, Argo CD takes any; here it is always the same one.
    """
    if str(kind) in found:
        return found[str(kind)]
    return next((found[key] for key in sorted(found) if "*" in key and match(key, str(kind))), None)
