"""What a built-in action is: when it can be done, and what it makes of the object."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from datetime import datetime

from msgspec import Struct

from gitops_tui.errors import ActionError
from gitops_tui.model.action import Action, Impacted, ImpactedBy, Parameters
from gitops_tui.model.resource import Object

Offer = Callable[[Object], Action | None]
"""The action for an object as it is now; None where it makes no sense (Argo CD's discovery does not name it)."""
Perform = Callable[[Object, Parameters, datetime], tuple[Impacted, ...]]
"""What it changes, given parameters and the time; raises `ActionError`."""


class BuiltIn(Struct, frozen=True):
    name: str
    offer: Offer
    perform: Perform


def always(name: str) -> Offer:
    return lambda _: Action(name)


def patched(change: Callable[[Object, Parameters, datetime], None]) -> Perform:
    """An action that changes a copy of the object."""

    def perform(obj: Object, parameters: Parameters, now: datetime) -> tuple[Impacted, ...]:
        found = copy.deepcopy(obj)
        change(found, parameters, now)
        return (Impacted(ImpactedBy.PATCH, found),)

    return perform


def mapping(parent: Object, *names: str) -> Object:
    """The mapping at that place, made where there is none."""
    for name in names:
        found = parent.get(name)
        if not isinstance(found, dict):
            found = parent[name] = {}
        parent = found
    return parent


def moment(now: datetime) -> str:
    return now.strftime("%Y-%m-%dT%H:%M:%SZ")


def whole_number(parameters: Parameters, name: str) -> int:
    """A parameter that must be given, 0 or more."""
    text = parameters.get(name, "")
    if not text:
        raise ActionError(f"the parameter {name} is missing", hint=f"Give it: {name}=N.")
    if not (text.isascii() and text.isdecimal()) or int(text) > 2**31 - 1:
        raise ActionError(f"{name}: is {text!r}; expected a whole number, 0 or more", hint=f"Give it: {name}=N.")
    return int(text)


def known(parameters: Parameters, action: Action) -> Mapping[str, str]:
    """``parameters``, none besides those that the action has; raises `ActionError`."""
    names = [one.name for one in action.parameters]
    for name in parameters:
        if name not in names:
            known_names = ", ".join(names) or "none"
            raise ActionError(f"{action.name} has no parameter {name!r}", hint=f"Its parameters: {known_names}.")
    return parameters
