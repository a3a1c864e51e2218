"""``resource.customizations`` of ``argocd-cm``: the keys ``resource.customizations.<what>.<group_kind>``, and the one
document that older installations have. Where both speak of the same, the key wins, as in Argo CD.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from gitops_tui.errors import ManifestError
from gitops_tui.manifest.argocd_values import WrongValue, boolean, mapping, mappings, parsed, text, texts
from gitops_tui.model.system import EVERY_KIND, Customization, FieldRules

COMBINED = "resource.customizations"
PREFIX = f"{COMBINED}."
_FIELDS = {
    "health": "health_lua",
    "useOpenLibs": "use_open_libs",
    "actions": "actions",
    "ignoreDifferences": "ignore_differences",
    "ignoreResourceUpdates": "ignore_resource_updates",
    "knownTypeFields": "known_type_fields",
}
_COMBINED_NAMES = {"health.lua": "health", "health.lua.useOpenLibs": "useOpenLibs"}
"""How the document calls what the keys call otherwise."""

Wrong = Callable[[str, Exception], None]
"""Takes the key and what is wrong with its value."""


def read(data: Mapping[str, Any], wrong: Wrong) -> dict[str, Customization]:
    """By ``group/Kind``, ``Kind`` or ``*/*``; what cannot be read is told to ``wrong`` and left out."""
    found = _combined(data.get(COMBINED), wrong)
    for key in sorted(one for one in data if one.startswith(PREFIX)):
        what, dot, named = key.removeprefix(PREFIX).partition(".")
        if not dot:
            continue  # Argo CD passes over keys that name no kind
        try:
            kind = _kind(named)
            found[kind] = _with(found.get(kind, Customization()), what, data[key])
        except (WrongValue, ManifestError) as error:
            wrong(key, error)
    return found


def _combined(value: Any, wrong: Wrong) -> dict[str, Customization]:
    try:
        bodies = mapping(parsed(value), "group/Kind to its customizations")
    except (WrongValue, ManifestError) as error:
        wrong(COMBINED, error)
        return {}
    found: dict[str, Customization] = {}
    for kind, body in bodies.items():
        customization = Customization()
        for name, one in (body if isinstance(body, dict) else {}).items():
            what = _COMBINED_NAMES.get(name) or str(name)
            try:
                customization = _with(customization, what, one)
            except (WrongValue, ManifestError) as error:
                wrong(f"{COMBINED}: {kind}.{name}", error)
        found[str(kind)] = customization
    return found


def _kind(named: str) -> str:
    """``group_Kind -> group/Kind``, ``all -> */*``."""
    group, underscore, kind = named.partition("_")
    if not named or "_" in kind:
        raise WrongValue("names no kind; expected resource.customizations.<what>.<group>_<Kind>")
    if underscore:
        return f"{group}/{kind}"
    return EVERY_KIND if named == "all" else named


def _with(before: Customization, what: str, value: Any) -> Customization:
    if what not in _FIELDS:
        raise WrongValue(f"{what} is no customization; expected one of {', '.join(_FIELDS)}")
    return replace(before, **{_FIELDS[what]: _READERS[what](value)})


def _rules(value: Any) -> FieldRules:
    body = mapping(parsed(value), "jsonPointers, jqPathExpressions, managedFieldsManagers")
    names = ("jsonPointers", "jqPathExpressions", "managedFieldsManagers")
    return FieldRules(*(texts(body.get(name), name) for name in names))


def _known_types(value: Any) -> dict[str, str]:
    found = mappings(parsed(value), "a list of field and type")
    return {text(one.get("field")): text(one.get("type")) for one in found}


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "health": text,
    "useOpenLibs": boolean,
    "actions": text,
    "ignoreDifferences": _rules,
    "ignoreResourceUpdates": _rules,
    "knownTypeFields": _known_types,
}
