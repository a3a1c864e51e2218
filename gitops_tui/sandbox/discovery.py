"""What the server says of itself: versions, groups and resources, in both forms of discovery."""

from __future__ import annotations

import base64
import hashlib
from itertools import groupby
from typing import Any

from gitops_tui.model.resource import Object
from gitops_tui.sandbox.registry import Registry, ResourceType, Subresource

VERSION: Object = {
    "major": "1",
    "minor": "37",
    "emulationMajor": "1",
    "emulationMinor": "37",
    "minCompatibilityMajor": "1",
    "minCompatibilityMinor": "36",
    "gitVersion": "v1.37.2+gitops-tui-sandbox",
    "gitCommit": "",
    "gitTreeState": "clean",
    "buildDate": "2026-01-01T00:00:00Z",
    "goVersion": "",
    "compiler": "",
    "platform": "linux/amd64",
}


def groups(registry: Registry) -> list[str]:
    """The named groups, in the order in which they came."""
    return list(dict.fromkeys(one.group for one in registry if one.group))


def versions(registry: Registry, group: str) -> list[str]:
    return list(dict.fromkeys(one.version for one in registry if one.group == group))


def core_versions(address: str) -> Object:
    client = {"clientCIDR": "0.0.0.0/0", "serverAddress": address}
    return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": [client]}


def group_list(registry: Registry) -> Object:
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [_group(registry, name) for name in groups(registry)]}


def group(registry: Registry, name: str) -> Object | None:
    if name not in groups(registry):
        return None
    return {"kind": "APIGroup", "apiVersion": "v1", **_group(registry, name)}


def _group(registry: Registry, name: str) -> Object:
    found = [{"groupVersion": f"{name}/{version}", "version": version} for version in versions(registry, name)]
    return {"name": name, "versions": found, "preferredVersion": found[0]}


def resource_list(registry: Registry, group_name: str, version: str) -> Object | None:
    """The APIResourceList of one group and version; None where it is not served."""
    types = [one for one in registry if (one.group, one.version) == (group_name, version)]
    if not types:
        return None
    resources = [entry for one in types for entry in _legacy_entries(one)]
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": types[0].api_version,
        "resources": resources,
    }


def _legacy_entries(kind: ResourceType) -> list[Object]:
    main: Object = {
        "name": kind.plural,
        "singularName": kind.singular,
        "namespaced": kind.is_namespaced,
        "kind": kind.kind,
        "verbs": list(kind.verbs),
        **_names(kind),
    }
    if kind.is_stored:
        digest = hashlib.sha256(f"{kind.group}/{kind.version}/{kind.kind}".encode()).digest()
        main["storageVersionHash"] = base64.b64encode(digest[:8]).decode()
    return [main, *(_legacy_subresource(kind, one) for one in kind.subresources)]


def _names(kind: ResourceType) -> Object:
    found: Object = {}
    if kind.short_names:
        found["shortNames"] = list(kind.short_names)
    if kind.categories:
        found["categories"] = list(kind.categories)
    return found


def _legacy_subresource(kind: ResourceType, one: Subresource) -> Object:
    found: Object = {"name": f"{kind.plural}/{one.name}", "singularName": "", "namespaced": kind.is_namespaced}
    if one.of:
        found["group"], _, found["version"] = one.of.rpartition("/")
    return {**found, "kind": one.kind, "verbs": list(one.verbs)}


def aggregated(registry: Registry, *, is_core: bool) -> Object:
    """The APIGroupDiscoveryList (v2) of ``/api`` or ``/apis``."""
    items: list[Any] = []
    for name in [""] if is_core else groups(registry):
        kinds = sorted((one for one in registry if one.group == name), key=lambda one: one.version)
        by_version = {version: list(found) for version, found in groupby(kinds, key=lambda one: one.version)}
        shown = [_version(version, by_version[version]) for version in versions(registry, name)]
        items.append({"metadata": {"name": name} if name else {}, "versions": shown})
    return {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items}


def _version(version: str, kinds: list[ResourceType]) -> Object:
    resources = [_resource(one) for one in sorted(kinds, key=lambda one: one.plural)]
    return {"version": version, "resources": resources, "freshness": "Current"}


def _resource(kind: ResourceType) -> Object:
    is_custom = kind.custom is not None
    found: Object = {
        "resource": kind.plural,
        "responseKind": _response(kind.group if is_custom else "", kind.version if is_custom else "", kind.kind),
        "scope": "Namespaced" if kind.is_namespaced else "Cluster",
        "singularResource": kind.singular,
        "verbs": list(kind.verbs),
        **_names(kind),
    }
    if kind.subresources:
        found["subresources"] = [_aggregated_subresource(kind, one) for one in kind.subresources]
    return found


def _aggregated_subresource(kind: ResourceType, one: Subresource) -> Object:
    group_name, _, version = one.of.rpartition("/")
    if not one.of and kind.custom is not None:
        group_name, version = kind.group, kind.version
    return {
        "subresource": one.name,
        "responseKind": _response(group_name, version, one.kind),
        "verbs": list(one.verbs),
    }


def _response(group_name: str, version: str, kind: str) -> Object:
    return {"group": group_name, "version": version, "kind": kind}


def root_paths(registry: Registry) -> Object:
    named = [path for name in groups(registry) for path in [f"/apis/{name}", *_version_paths(registry, name)]]
    own = ["/api", "/api/v1", "/apis", *sorted(named), "/healthz", "/livez", "/openapi/v3", "/readyz", "/version"]
    return {"paths": own}


def _version_paths(registry: Registry, name: str) -> list[str]:
    return [f"/apis/{name}/{version}" for version in versions(registry, name)]
