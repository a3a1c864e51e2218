"""Actions by somebody's Lua scripts (Argo CD manual: Resource Actions; ``util/lua/lua.go``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from gitops_tui.actions.patch import restored
from gitops_tui.errors import ActionError, ManifestError
from gitops_tui.manifest.decode import decode
from gitops_tui.model.action import Action, ActionParameter, Impacted, ImpactedBy, Parameters
from gitops_tui.model.resource import Object
from gitops_tui.model.script import Answer, RunScript, Script
from gitops_tui.model.system import Customization

DISCOVERY, ACTION = "discovery.lua", "action.lua"


class Definitions(Struct, frozen=True):
    """``resource.customizations.actions.<group>_<kind>``; ``merges``: the built-in actions stay."""

    discovery: Script | None = None
    actions: Mapping[str, Script] = field(default_factory=dict)
    merges: bool = False


def definitions(customization: Customization, where: str) -> Definitions:
    """The YAML of a customisation; raises `ActionError` where it cannot be read."""
    try:
        documents = decode(customization.actions.encode(), file=where)
    except ManifestError as error:
        raise ActionError(str(error), hint="Correct it in argocd-cm, or in the settings.") from error
    found = documents[0].obj if documents else {}
    listed = found.get("definitions") or []
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise ActionError(f"{where}: definitions: expected a list of name and action.lua", hint="Correct it there.")
    libs = customization.use_open_libs
    discovery = found.get(DISCOVERY)
    return Definitions(
        Script(str(discovery), libs, DISCOVERY) if discovery else None,
        {str(one.get("name")): Script(str(one.get(ACTION) or ""), libs, ACTION) for one in listed},
        found.get("mergeBuiltinActions") is True,
    )


def discovered(obj: Object, script: Script, run: RunScript) -> tuple[Action, ...]:
    """What ``discovery.lua`` names; raises `ActionError`."""
    found = _table(run(script, {"obj": obj}), script)
    if not found:
        return ()
    if not isinstance(found, dict):
        raise ActionError(f"{script.name} returned a list; expected a table of actions by name")
    return tuple(_action(name, said) for name, said in sorted(found.items()))


def _action(name: str, said: Any) -> Action:
    """What is said of an action may be an empty table, or a list that says nothing."""
    said = said if isinstance(said, dict) else {}
    parameters = said.get("params") or []
    return Action(
        name=name,
        disabled=said.get("disabled") is True,
        display_name=str(said.get("displayName") or ""),
        parameters=tuple(
            ActionParameter(str(one.get("name") or ""), _text(one.get("default")))
            for one in (parameters if isinstance(parameters, list) else [])
            if isinstance(one, dict)
        ),
    )


def _text(value: Any) -> str:
    return "" if value is None or value == "nil" else str(value)


def performed(obj: Object, script: Script, parameters: Parameters, run: RunScript) -> tuple[Impacted, ...]:
    """What ``action.lua`` returned: the object as it is to be, or a list of objects to create and to patch.

    Raises `ActionError`. Only the source object can be patched, as in Argo CD.
    """
    found = _table(run(script, {"obj": obj, "actionParams": dict(parameters)}), script)
    if isinstance(found, dict):
        return (_impacted({"operation": ImpactedBy.PATCH.value, "resource": found}, obj, script),)
    return tuple(_impacted(one, obj, script) for one in found)


def _impacted(one: Any, obj: Object, script: Script) -> Impacted:
    resource = one.get("resource") if isinstance(one, dict) else None
    if not isinstance(resource, dict) or not resource.get("kind") or not resource.get("apiVersion"):
        raise ActionError(f"{script.name} returned something that is no object: expected operation and resource")
    operation = one.get("operation")
    if operation == ImpactedBy.CREATE.value:
        return Impacted(ImpactedBy.CREATE, resource)
    if operation != ImpactedBy.PATCH.value:
        raise ActionError(f"{script.name} asks for the operation {operation!r}; expected create or patch")
    after: Object = restored(resource, obj)
    if _identity(after) != _identity(obj):
        raise ActionError(f"{script.name} would patch another object than the one that it was given")
    return Impacted(ImpactedBy.PATCH, after)


def _identity(obj: Object) -> Sequence[Any]:
    metadata = obj.get("metadata") or {}
    return obj.get("apiVersion"), obj.get("kind"), metadata.get("namespace"), metadata.get("name")


def _table(answer: Answer, script: Script) -> Any:
    if answer.error:
        raise ActionError(f"{script.name} failed: {answer.error}"[:1000])
    if answer.kind != "table":
        raise ActionError(f"{script.name} returned a {answer.kind}; expected a table")
    return answer.value
