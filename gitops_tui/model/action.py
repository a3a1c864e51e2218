"""Resource actions: what can be done to one object, and what one of them changes (semantics 1.13)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from gitops_tui.model.resource import Object


class ActionParameter(Struct, frozen=True):
    """``default``: what the object has now, or what discovery proposes."""

    name: str
    default: str = ""


class Action(Struct, frozen=True):
    """As discovery found it. ``reason``: why it is disabled, where that is known."""

    name: str
    disabled: bool = False
    reason: str = ""
    display_name: str = ""
    parameters: tuple[ActionParameter, ...] = ()

    @property
    def label(self) -> str:
        return self.display_name or self.name


class ImpactedBy(StrEnum):
    """What happens to an object of an action's result."""

    CREATE = "create"
    PATCH = "patch"


class Impacted(Struct, frozen=True):
    """One object of an action's result: a new one, or the source object as it is to be."""

    operation: ImpactedBy
    obj: Object


Parameters = Mapping[str, str]
"""What was given for an action's parameters, by name."""
