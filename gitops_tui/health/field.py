"""Reading live objects the way their Go types do: what is absent has the zero value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gitops_tui.model.resource import Object

Fields = Mapping[str, Any]


def fields(parent: Fields, *path: str) -> Fields:
    """The mapping at ``path``, or an empty one."""
    found: Any = parent
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def items(parent: Fields, name: str) -> list[Fields]:
    """The mappings of a list, or none."""
    found = parent.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def text(parent: Fields, name: str) -> str:
    found = parent.get(name)
    return found if isinstance(found, str) else ""


def count(parent: Fields, name: str) -> int:
    return maybe_count(parent, name) or 0


def maybe_count(parent: Fields, name: str) -> int | None:
    """A number, or None where the field is absent (a Go pointer)."""
    found = parent.get(name)
    return int(found) if isinstance(found, (int, float)) and not isinstance(found, bool) else None


def spec(obj: Object) -> Fields:
    return fields(obj, "spec")


def status(obj: Object) -> Fields:
    return fields(obj, "status")


def is_observed(obj: Object) -> bool:
    """The controller has seen the newest spec (``status.observedGeneration``)."""
    return count(fields(obj, "metadata"), "generation") <= count(status(obj), "observedGeneration")


def conditions(obj: Object) -> Iterator[Fields]:
    yield from items(status(obj), "conditions")


def condition(obj: Object, kind: str) -> Fields | None:
    """The first condition of that type."""
    return next((one for one in conditions(obj) if one.get("type") == kind), None)
