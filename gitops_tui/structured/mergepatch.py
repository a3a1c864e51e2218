"""JSON merge patch, RFC 7386."""

from __future__ import annotations

from typing import Any

from gitops_tui.model.resource import Object


def merge_patch(target: Any, patch: Any) -> Any:
    """``target`` with ``patch``: null removes, objects merge, everything else replaces."""
    if not isinstance(patch, dict):
        return patch
    out: Object = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            out.pop(name, None)
        else:
            out[name] = merge_patch(out.get(name), value)
    return out
