"""The smallest merge patch that makes one object of another, and objects as Lua gives them back."""

from __future__ import annotations

from typing import Any

from gitops_tui.model.resource import Object


def merge_patch_between(before: Object, after: Object) -> Object:
    """RFC 7386: null removes; lists are replaced as a whole. Empty: nothing changed."""
    patch: Object = {name: None for name in before if name not in after}
    for name, value in after.items():
        old = before.get(name)
        if isinstance(value, dict) and isinstance(old, dict):
            below = merge_patch_between(old, value)
            if below:
                patch[name] = below
        elif name not in before or not _is_same(old, value):
            patch[name] = value
    return patch


def restored(after: Any, before: Any) -> Any:
    """``after``, as Lua gave it back, with what Lua cannot say taken from ``before``, the object that it was given.

    Lua has one empty table for ``{}`` and ``[]``, no null, and doubles for numbers (Argo CD ``cleanReturnedObj``).
    """
    if after == [] and isinstance(before, dict):
        return {}
    if isinstance(after, dict) and isinstance(before, dict):
        kept = {name: None for name, value in before.items() if value is None and name not in after}
        return {**kept, **{name: restored(value, before.get(name)) for name, value in after.items()}}
    if isinstance(after, list) and isinstance(before, list):
        given = [one for one in before if one is not None]
        found = [restored(value, given[number] if number < len(given) else None) for number, value in enumerate(after)]
        return before if found == given else found
    return before if _is_number(after) and _is_number(before) and float(after) == float(before) else after


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_same(one: Any, other: Any) -> bool:
    return one == other and isinstance(one, bool) is isinstance(other, bool)
