"""Which actions an object has: configured ones, else those of the folder, else the built-in ones.

A configured kind has its own actions only, unless it says ``mergeBuiltinActions: true``; then its own come first
(Argo CD ``util/lua/lua.go``: ``GetResourceActionDiscovery``, ``GetResourceAction``). A kind that the folder has is the
folder's altogether: its scripts are what Argo CD has built in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from gitops_tui.actions import builtin, custom
from gitops_tui.actions.builtin import kind_of
from gitops_tui.actions.custom import Definitions
from gitops_tui.errors import ActionError
from gitops_tui.model.action import Action, Impacted, Parameters
from gitops_tui.model.resource import Object
from gitops_tui.model.script import KindScripts, RunScript, of_kind
from gitops_tui.model.system import Customization


class Catalogue:
    """The actions of every kind, as the settings have them at this moment; a value, and cheap to make."""

    def __init__(
        self, customizations: Mapping[str, Customization], shipped: Mapping[str, KindScripts], run: RunScript
    ) -> None:
        self._customizations = customizations
        self._shipped = shipped
        self._run = run

    def available(self, obj: Object) -> tuple[Action, ...]:
        """By name; of two with the same name the configured one. Raises `ActionError` where a script does not work."""
        own = self._configured(obj)
        found = self._discovered(obj, own) if own is not None else ()
        return _by_name(found if own is not None and not own.merges else (*found, *self._usual(obj)))

    def perform(self, obj: Object, name: str, parameters: Parameters, now: datetime) -> tuple[Impacted, ...]:
        """What the action changes; raises `ActionError`. A disabled one of a script is run, as in Argo CD."""
        own = self._configured(obj)
        if own is not None and name in own.actions:
            return custom.performed(obj, own.actions[name], parameters, self._run)
        if own is None or own.merges:
            found = self._performed(obj, name, parameters, now)
            if found is not None:
                return found
        known = ", ".join(one.name for one in self.available(obj)) or "none"
        raise ActionError(f"{kind_of(obj)} has no action {name!r}", hint=f"Its actions now: {known}.")

    def _performed(self, obj: Object, name: str, parameters: Parameters, now: datetime) -> tuple[Impacted, ...] | None:
        shipped = self._folder(obj)
        if shipped is not None:
            script = shipped.actions.get(name)
            return custom.performed(obj, script, parameters, self._run) if script else None
        action = builtin.find(kind_of(obj), name)
        return builtin.performed(obj, action, parameters, now) if action else None

    def _usual(self, obj: Object) -> tuple[Action, ...]:
        shipped = self._folder(obj)
        if shipped is None:
            return builtin.offered(obj)
        return custom.discovered(obj, shipped.discovery, self._run) if shipped.discovery else ()

    def _discovered(self, obj: Object, own: Definitions) -> tuple[Action, ...]:
        return custom.discovered(obj, own.discovery, self._run) if own.discovery else ()

    def _folder(self, obj: Object) -> KindScripts | None:
        having = {key: one for key, one in self._shipped.items() if one.discovery or one.actions}
        return of_kind(having, kind_of(obj))

    def _configured(self, obj: Object) -> Definitions | None:
        """By the kind's own name only: wildcards are for health (Argo CD)."""
        kind = str(kind_of(obj))
        found = self._customizations.get(kind)
        return custom.definitions(found, f"actions of {kind}") if found is not None and found.actions else None


def _by_name(actions: Iterable[Action]) -> tuple[Action, ...]:
    found: dict[str, Action] = {}
    for one in actions:
        found.setdefault(one.name, one)
    return tuple(found.values())
