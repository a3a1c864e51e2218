"""Health by somebody's Lua script (semantics 1.11; Argo CD ``util/lua/lua.go``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from gitops_tui.health.verdict import progressing, unknown
from gitops_tui.model.resource import GroupKind, Object
from gitops_tui.model.script import Answer, KindScripts, RunScript, Script, of_kind
from gitops_tui.model.status import Health, HealthStatus
from gitops_tui.model.system import Customization

FILE = "health.lua"
MAX_MESSAGE = 1000
_STATUSES = {one.value: one for one in HealthStatus}


class HealthScripts(Struct, frozen=True):
    """``configured``: by ``resource.customizations``; ``shipped``: by a folder in Argo CD's layout."""

    configured: Mapping[str, Script] = field(default_factory=dict)
    shipped: Mapping[str, Script] = field(default_factory=dict)

    def find(self, kind: GroupKind) -> Script | None:
        """What is configured for the kind, by its name before by a wildcard, then what the folder has."""
        return of_kind(self.configured, kind) or of_kind(self.shipped, kind)


def health_scripts(customizations: Mapping[str, Customization], shipped: Mapping[str, KindScripts]) -> HealthScripts:
    """The folder's scripts always have the standard libraries, as Argo CD's own; configured ones where they say so."""
    configured = {
        key: Script(one.health_lua, one.use_open_libs, FILE) for key, one in customizations.items() if one.health_lua
    }
    return HealthScripts(configured, {key: one.health for key, one in shipped.items() if one.health is not None})


def judge(obj: Object, script: Script, run: RunScript) -> Health:
    return verdict(run(script, {"obj": obj}))


def verdict(answer: Answer) -> Health:
    """A script that fails, and one that names no status of Argo CD's, makes the object Unknown.

    One that says nothing (nil, or an empty table) has in Argo CD an empty status, which holds a wave and does not
    count in the application's health. Here it is Progressing: it holds the wave, and is seen to.
    """
    if answer.error:
        return unknown(_shortened(f"{FILE} failed: {answer.error}"))
    if answer.kind not in ("table", "nil"):
        return unknown(f"{FILE} returned a {answer.kind}; expected a table with status and message")
    if not answer.value:
        return progressing(f"{FILE} said no status")
    if not isinstance(answer.value, dict):
        return unknown(f"{FILE} returned a list; expected a table with status and message")
    status, message = _field(answer.value, "status"), _field(answer.value, "message")
    if not isinstance(status, str) or status not in _STATUSES:
        return unknown(_shortened(f"{FILE} returned an invalid health status: {status!r}"))
    if not isinstance(message, (str, type(None))):
        return unknown(f"{FILE} returned a message that is no text")
    return Health(_STATUSES[status], message or "")


def _field(found: Mapping[str, Any], name: str) -> Any:
    """Go reads JSON's names whatever their case, the exact one first."""
    return found.get(name, next((value for key, value in found.items() if key.lower() == name), None))


def _shortened(message: str) -> str:
    return message if len(message) <= MAX_MESSAGE else message[:MAX_MESSAGE] + "…"
