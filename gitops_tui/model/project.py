"""``argoproj.io/v1alpha1`` AppProject: what its applications may use, where they may go, and when they may sync.

Parsed strictly for the fields that are known, as an Application is, with the whole document kept in ``raw``. Read and
kept, but without effect here: ``signatureKeys`` and ``sourceIntegrity`` (commits are taken as they are),
``roles`` (the API server's RBAC is the only one), ``destinationServiceAccounts`` (nobody is impersonated).
Source: Argo CD's ``om/project-specification.md``, ``types.go``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from gitops_tui.model.application import Destination
from gitops_tui.model.reader import UNKNOWN_ORIGIN, Origin, Reader
from gitops_tui.model.resource import Object

DEFAULT_PROJECT = "default"
WITHOUT_NAME = ("group", "kind")
"""The lists of namespaced kinds are about whole kinds: a name in them is not read, and must not narrow a denial."""


class KindRule(Struct, frozen=True):
    """An entry of a resource list: globs of Go's ``filepath.Match``. Without a ``name`` every object of the kind."""

    group: str
    kind: str
    name: str = ""


class SyncWindow(Struct, frozen=True):
    """An entry of ``spec.syncWindows``, as it is written: nothing in it is checked yet (``sync.windows``)."""

    kind: str
    schedule: str
    duration: str
    applications: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()
    manual_sync: bool = False
    time_zone: str = ""
    and_operator: bool = False
    sync_overrun: bool = False
    description: str = ""


class OrphanedResources(Struct, frozen=True):
    """``spec.orphanedResources``: its presence asks for orphans to be looked for, ``warn`` for a condition."""

    warn: bool = False
    ignore: tuple[KindRule, ...] = ()


class Role(Struct, frozen=True):
    name: str
    policies: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


class ServiceAccountRule(Struct, frozen=True):
    """An entry of ``spec.destinationServiceAccounts``."""

    server: str
    namespace: str
    default_service_account: str


@dataclasses.dataclass(frozen=True, slots=True)
class AppProject:
    """A project. ``namespace_whitelist`` None: every namespaced kind; empty: none of them."""

    name: str
    namespace: str = ""
    description: str = ""
    labels: Mapping[str, str] = dataclasses.field(default_factory=dict)
    source_repos: tuple[str, ...] = ()
    destinations: tuple[Destination, ...] = ()
    source_namespaces: tuple[str, ...] = ()
    cluster_whitelist: tuple[KindRule, ...] = ()
    cluster_blacklist: tuple[KindRule, ...] = ()
    namespace_whitelist: tuple[KindRule, ...] | None = None
    namespace_blacklist: tuple[KindRule, ...] = ()
    permits_only_scoped_clusters: bool = False
    orphaned_resources: OrphanedResources | None = None
    sync_windows: tuple[SyncWindow, ...] = ()
    roles: tuple[Role, ...] = ()
    service_accounts: tuple[ServiceAccountRule, ...] = ()
    origin: Origin = UNKNOWN_ORIGIN
    raw: Object = dataclasses.field(default_factory=dict, compare=False)


ANYTHING = KindRule("*", "*")
EVERYTHING_PERMITTED = AppProject(
    DEFAULT_PROJECT,
    source_repos=("*",),
    destinations=(Destination(server="*", namespace="*"),),
    cluster_whitelist=(ANYTHING,),
)
"""What ``default`` is where nobody defines it: Argo CD makes it so at its installation."""


def parse_project(obj: Object, *, origin: Origin, default_namespace: str = "argocd") -> AppProject:
    """Read an AppProject document; raise `InvalidSpecError` naming file, document, path and what was expected."""
    read = Reader(origin)
    metadata = read.mapping(obj, "metadata", required=True)
    spec = read.mapping(obj, "spec")
    return AppProject(
        name=read.text(metadata, "metadata.name", required=True),
        namespace=read.text(metadata, "metadata.namespace") or default_namespace,
        description=read.text(spec, "spec.description"),
        labels=read.texts(metadata, "metadata.labels"),
        source_repos=read.text_list(spec, "spec.sourceRepos"),
        destinations=_destinations(read, spec),
        source_namespaces=read.text_list(spec, "spec.sourceNamespaces"),
        cluster_whitelist=_kinds(read, spec, "spec.clusterResourceWhitelist"),
        cluster_blacklist=_kinds(read, spec, "spec.clusterResourceBlacklist"),
        namespace_whitelist=_kinds(read, spec, "spec.namespaceResourceWhitelist", WITHOUT_NAME)
        if spec.get("namespaceResourceWhitelist") is not None
        else None,
        namespace_blacklist=_kinds(read, spec, "spec.namespaceResourceBlacklist", WITHOUT_NAME),
        permits_only_scoped_clusters=read.flag(spec, "spec.permitOnlyProjectScopedClusters", False),
        orphaned_resources=_orphaned_resources(read, spec),
        sync_windows=parse_windows(spec, read),
        roles=_roles(read, spec),
        service_accounts=_service_accounts(read, spec),
        origin=origin,
        raw=obj,
    )


def parse_windows(spec: Mapping[str, Any], read: Reader | None = None) -> tuple[SyncWindow, ...]:
    """The windows of a project's ``spec``; a null among them is none, as in Argo CD."""
    read = read or Reader(UNKNOWN_ORIGIN)
    where = "spec.syncWindows"
    listed = spec.get("syncWindows")
    if isinstance(listed, list):
        spec = {**spec, "syncWindows": [one for one in listed if one is not None]}
    return tuple(_window(read, one, f"{where}[{number}]") for number, one in enumerate(read.mappings(spec, where)))


def _window(read: Reader, one: Mapping[str, Any], path: str) -> SyncWindow:
    return SyncWindow(
        kind=read.text(one, f"{path}.kind"),
        schedule=read.text(one, f"{path}.schedule"),
        duration=read.text(one, f"{path}.duration"),
        applications=read.text_list(one, f"{path}.applications"),
        namespaces=read.text_list(one, f"{path}.namespaces"),
        clusters=read.text_list(one, f"{path}.clusters"),
        manual_sync=read.flag(one, f"{path}.manualSync", False),
        time_zone=read.text(one, f"{path}.timeZone"),
        and_operator=read.flag(one, f"{path}.andOperator", False),
        sync_overrun=read.flag(one, f"{path}.syncOverrun", False),
        description=read.text(one, f"{path}.description"),
    )


def _destinations(read: Reader, spec: Mapping[str, Any]) -> tuple[Destination, ...]:
    where = "spec.destinations"
    return tuple(
        Destination(*(read.text(one, f"{where}[{number}].{word}") for word in ("server", "name", "namespace")))
        for number, one in enumerate(read.mappings(spec, where))
    )


def _kinds(
    read: Reader, spec: Mapping[str, Any], path: str, words: Sequence[str] = ("group", "kind", "name")
) -> tuple[KindRule, ...]:
    return tuple(
        KindRule(*(read.text(one, f"{path}[{number}].{word}") for word in words))
        for number, one in enumerate(read.mappings(spec, path))
    )


def _orphaned_resources(read: Reader, spec: Mapping[str, Any]) -> OrphanedResources | None:
    where = "spec.orphanedResources"
    found = read.optional_mapping(spec, where)
    if found is None:
        return None
    return OrphanedResources(read.flag(found, f"{where}.warn", False), _kinds(read, found, f"{where}.ignore"))


def _roles(read: Reader, spec: Mapping[str, Any]) -> tuple[Role, ...]:
    where = "spec.roles"
    return tuple(
        Role(
            read.text(one, f"{where}[{number}].name"),
            read.text_list(one, f"{where}[{number}].policies"),
            read.text_list(one, f"{where}[{number}].groups"),
        )
        for number, one in enumerate(read.mappings(spec, where))
    )


def _service_accounts(read: Reader, spec: Mapping[str, Any]) -> tuple[ServiceAccountRule, ...]:
    where = "spec.destinationServiceAccounts"
    words = ("server", "namespace", "defaultServiceAccount")
    return tuple(
        ServiceAccountRule(*(read.text(one, f"{where}[{number}].{word}") for word in words))
        for number, one in enumerate(read.mappings(spec, where))
    )
