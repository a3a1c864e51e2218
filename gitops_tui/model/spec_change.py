"""Changes to an Application's spec, as ``argocd app set`` names them, and the merge patch that makes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from gitops_tui.errors import ConfigError

Json = dict[str, Any]
AUTOMATED = ("automated", "automatic", "auto")
MANUAL = ("none", "manual", "")


class SpecChange(Struct, frozen=True):
    """What is named is changed; None leaves a field as it is, an empty text takes it off."""

    source: Mapping[str, Any] = field(default_factory=dict)
    """Fields of the source: ``repoURL``, ``path``, ``targetRevision``, ``directory`` (merged), …"""
    source_position: int = 0
    """Which of several sources, counted from 1."""
    destination: Mapping[str, str] = field(default_factory=dict)
    project: str | None = None
    history_limit: int | None = None
    policy: str | None = None
    """``automated`` or ``none``, with Argo CD's other words for both."""
    automated: Mapping[str, bool] = field(default_factory=dict)
    """``prune``, ``selfHeal``, ``allowEmpty``."""
    options: Sequence[str] = ()
    """Sync options to set; with ``!`` before it, one to take off."""
    retry_limit: int | None = None


def spec_patch(spec: Mapping[str, Any], change: SpecChange) -> Json:
    """The RFC 7386 patch of ``spec``; empty where nothing is asked for. Raises `ConfigError` for what cannot be."""
    patch: Json = {**_source(spec, change)}
    if change.destination:
        patch["destination"] = _destination(change.destination)
    if change.project is not None:
        patch["project"] = change.project
    if change.history_limit is not None:
        patch["revisionHistoryLimit"] = change.history_limit
    policy = _policy(spec.get("syncPolicy") or {}, change)
    return {**patch, "syncPolicy": policy} if policy else patch


def _source(spec: Mapping[str, Any], change: SpecChange) -> Json:
    if not change.source:
        return {}
    wanted = {key: value or None for key, value in change.source.items()}
    sources = list(spec.get("sources") or ())
    if not sources:
        return {"source": wanted}
    if not 1 <= change.source_position <= len(sources):
        raise ConfigError(
            f"it has {len(sources)} sources", hint=f"Name one of them with --source-position 1 to {len(sources)}."
        )
    at = change.source_position - 1
    sources[at] = _merged(sources[at], wanted)
    return {"sources": sources}


def _merged(before: Mapping[str, Any], patch: Mapping[str, Any]) -> Json:
    found = dict(before)
    for key, value in patch.items():
        if value is None:
            found.pop(key, None)
        else:
            found[key] = _merged(found.get(key) or {}, value) if isinstance(value, dict) else value
    return found


def _destination(wanted: Mapping[str, str]) -> Json:
    """A server takes the place of a name, and the other way round: there is exactly one of them."""
    other = {"server": "name", "name": "server"}
    dropped = {other[key]: None for key, value in wanted.items() if key in other and value}
    return {**dropped, **wanted}


def _policy(policy: Mapping[str, Any], change: SpecChange) -> Json:
    patch: Json = {}
    if change.options:
        patch["syncOptions"] = _options(policy.get("syncOptions") or (), change.options)
    if change.retry_limit is not None:
        patch["retry"] = {"limit": change.retry_limit} if change.retry_limit else None
    if change.policy is None and not change.automated:
        return patch
    return {**patch, "automated": _automated(policy.get("automated"), change)}


def _automated(before: Mapping[str, Any] | None, change: SpecChange) -> Json | None:
    if change.policy is not None and change.policy not in (*AUTOMATED, *MANUAL):
        raise ConfigError(f"--sync-policy {change.policy}: expected automated or none", hint="Say automated or none.")
    if change.policy in MANUAL:
        if change.automated:
            raise ConfigError("without automation there is nothing to prune or heal by itself", hint="Leave it out.")
        return None
    if change.policy is None and before is None:
        names = ", ".join(change.automated)
        raise ConfigError(f"{names}: it is not synced automatically", hint="Add --sync-policy automated.")
    return {**({"enabled": None} if change.policy else {}), **change.automated}


def _options(before: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """One value a name: a new one takes the place of the old one; ``!`` takes exactly that option off."""
    found = list(before)
    for option in wanted:
        if option.startswith("!"):
            found = [one for one in found if one != option[1:]]
            continue
        name, equals, value = option.partition("=")
        if not (name and equals and value):
            raise ConfigError(f"--sync-option {option}: expected NAME=VALUE", hint="For example Prune=false.")
        found = [one for one in found if not one.startswith(f"{name}=")] + [option]
    return found
