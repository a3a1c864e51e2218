"""What a project permits: sources, destinations, kinds, and the namespaces of its applications (semantics 1.12).

Answers as Argo CD's ``app_project_types.go`` and ``util/argo``'s ``ValidatePermissions``. A leading ``!`` denies; a
denial wins over every entry that permits. One difference on purpose: two source URLs that are no URLs are the same
only where they are spelled the same, while Argo CD takes all of them for one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from msgspec import Struct

from gitops_tui.errors import InvalidSpecError
from gitops_tui.model import filepath
from gitops_tui.model.application import Destination
from gitops_tui.model.glob import match
from gitops_tui.model.project import AppProject, KindRule
from gitops_tui.model.repository import normalize
from gitops_tui.model.resource import GroupKind, ResourceKey

DENIAL = "!"


class DestinationCluster(Struct, frozen=True):
    """The cluster that a destination names: what could be found out of server and name."""

    server: str = ""
    name: str = ""


Resolve = Callable[[Destination], DestinationCluster]
"""Finds the cluster of a destination; raises `InvalidSpecError` where there is none."""


def glob_matches(pattern: str, text: str, separators: str = "", *, with_denial: bool = True) -> bool:
    """A glob; ``!glob`` matches what the glob does not."""
    if with_denial and pattern.startswith(DENIAL):
        return not match(pattern[1:], text, separators)
    return pattern == "*" or match(pattern, text, separators)


# --- sources ---------------------------------------------------------------------------------------------------------


def is_source_permitted(project: AppProject, repo_url: str) -> bool:
    """Whether an entry of ``sourceRepos`` matches and no denial does. ``*`` stays within one name of a path."""
    is_any = False
    for entry in project.source_repos:
        is_denial = entry.startswith(DENIAL)
        pattern, source = _spellings(entry.removeprefix(DENIAL), repo_url)
        is_match = glob_matches(f"{DENIAL if is_denial else ''}{pattern}", source, "/")
        if is_denial and not is_match:
            return False
        is_any = is_any or is_match
    return is_any


def _spellings(pattern: str, url: str) -> tuple[str, str]:
    """What of an entry is matched with what of a URL. An entry that is no URL (``https://{a,b}.com/*``) is empty."""
    spellings = normalize(pattern), normalize(url)
    return spellings if any(spellings) else (pattern.strip().lower(), url.strip().lower())


# --- destinations ----------------------------------------------------------------------------------------------------


def is_destination_permitted(
    project: AppProject,
    cluster: DestinationCluster,
    namespace: str,
    scoped: Collection[DestinationCluster] = (),
) -> bool:
    """Whether a namespace of a cluster may be deployed to.

    ``scoped``: the clusters that belong to this project alone (Argo CD's cluster Secrets with ``project``); only they
    are permitted where the project says ``permitOnlyProjectScopedClusters``.
    """
    if not _is_destination_matched(project.destinations, cluster, namespace):
        return False
    if not project.permits_only_scoped_clusters:
        return True
    return any(one.name == cluster.name or one.server == cluster.server for one in scoped)


def _is_destination_matched(entries: Iterable[Destination], cluster: DestinationCluster, namespace: str) -> bool:
    answers = [_matches(entry, cluster, namespace) for entry in entries]
    return any(answers) and None not in answers


def _matches(entry: Destination, cluster: DestinationCluster, namespace: str) -> bool | None:
    """Whether an entry permits the destination; None where it denies it."""
    by_name = bool(cluster.name) and glob_matches(entry.name, cluster.name)
    by_server = bool(cluster.server) and glob_matches(entry.server, cluster.server)
    in_namespace = glob_matches(entry.namespace, namespace)
    if (by_name or by_server) and in_namespace:
        return True
    denies_name = not by_name and entry.name.startswith(DENIAL)
    denies_server = not by_server and entry.server.startswith(DENIAL) and in_namespace
    denies_namespace = not in_namespace and entry.namespace.startswith(DENIAL) and by_server
    return None if denies_name or denies_server or denies_namespace else False


# --- kinds -----------------------------------------------------------------------------------------------------------


def is_kind_permitted(project: AppProject, kind: GroupKind, name: str, *, is_namespaced: bool) -> bool:
    """Cluster-scoped kinds need an entry that permits them; namespaced ones only where there is a list."""
    if is_namespaced:
        permitted = project.namespace_whitelist
        is_listed = permitted is None or _is_in(kind, "", permitted)
        return is_listed and not _is_in(kind, "", project.namespace_blacklist)
    return _is_in(kind, name, project.cluster_whitelist) and not _is_in(kind, name, project.cluster_blacklist)


def _is_in(kind: GroupKind, name: str, rules: Iterable[KindRule]) -> bool:
    """``name`` "" where the list knows no names."""
    return any(
        filepath.matches(rule.kind, kind.kind)
        and filepath.matches(rule.group, kind.group)
        and (not rule.name or filepath.matches(rule.name, name))
        for rule in rules
    )


def is_live_permitted(
    project: AppProject, key: ResourceKey, cluster: DestinationCluster, scoped: Collection[DestinationCluster] = ()
) -> bool:
    """Whether an object of the cluster may be managed: its kind and, where it is in one, its namespace."""
    if not is_kind_permitted(project, key.group_kind, key.name, is_namespaced=bool(key.namespace)):
        return False
    return not key.namespace or is_destination_permitted(project, cluster, key.namespace, scoped)


def why_not_permitted(
    project: AppProject,
    key: ResourceKey,
    cluster: DestinationCluster,
    *,
    is_namespaced: bool,
    scoped: Collection[DestinationCluster] = (),
) -> str:
    """Why a sync may not touch an object, in Argo CD's words; empty where it may."""
    if not is_kind_permitted(project, key.group_kind, key.name, is_namespaced=is_namespaced):
        return f"resource {key.group}:{key.kind} is not permitted in project {project.name}"
    if is_namespaced and not is_destination_permitted(project, cluster, key.namespace, scoped):
        return f"namespace {key.namespace} is not permitted in project '{project.name}'"
    return ""


# --- applications ----------------------------------------------------------------------------------------------------


def is_namespace_permitted(project: AppProject, app_namespace: str, home_namespace: str) -> bool:
    """Whether an Application in a namespace may be of the project; in the controller's own it always may.

    Entries of ``sourceNamespaces`` are globs, or regular expressions between slashes.
    """
    if app_namespace in ("", home_namespace):
        return True
    return any(matches_entry(one, app_namespace) for one in project.source_namespaces)


def matches_entry(entry: str, text: str) -> bool:
    """A glob, which may be a regular expression between slashes as well."""
    if len(entry) > 1 and entry.startswith("/") and entry.endswith("/") and _finds(entry[1:-1], text):
        return True
    return match(entry, text)


def _finds(expression: str, text: str) -> bool:
    try:
        return re.search(expression, text) is not None
    except re.error:
        return False


def spec_violations(
    spec: Mapping[str, Any],
    project: AppProject,
    resolve: Resolve,
    scoped: Collection[DestinationCluster] = (),
) -> tuple[str, ...]:
    """What is wrong with an Application's spec, by itself or by its project's rules: messages of InvalidSpecError."""
    incomplete, sources = _sources(spec, project.name)
    name = str(spec.get("project") or "")
    found = [
        f"{what} repo {url} is not permitted in project '{of_project if of_project is not None else name}'"
        for what, url, of_project in sources
        if not is_source_permitted(project, url)
    ]
    rest = incomplete or _destination_violations(spec, name, project, resolve, scoped)
    return (*found, *rest)


def _destination_violations(
    spec: Mapping[str, Any],
    name: str,
    project: AppProject,
    resolve: Resolve,
    scoped: Collection[DestinationCluster],
) -> tuple[str, ...]:
    asked: Mapping[str, Any] = spec.get("destination") or {}
    destination = Destination(*(str(asked.get(word) or "") for word in ("server", "name", "namespace")))
    try:
        cluster = resolve(destination)
    except InvalidSpecError as error:
        return (error.message,)
    if not cluster.server:
        return ("Destination server missing from app spec",)
    if is_destination_permitted(project, cluster, destination.namespace, scoped):
        return ()
    return (
        f"application destination server '{cluster.name if destination.name else cluster.server}' and namespace "
        f"'{destination.namespace}' do not match any of the allowed destinations in project '{name}'",
    )


_Named = tuple[str, str, str | None]
"""Which repository, in words; its URL; the project's name where it is not the spec's."""


def _sources(spec: Mapping[str, Any], project: str) -> tuple[tuple[str, ...], list[_Named]]:
    """What is missing, and the repositories to ask the project about: those before the source that misses it."""
    hydrator = spec.get("sourceHydrator")
    if isinstance(hydrator, Mapping):
        return _hydrated(hydrator, project)
    many: Sequence[Mapping[str, Any]] = spec.get("sources") or ()
    named: list[_Named] = []
    for source in many or (spec.get("source") or {},):
        missing = _missing(source, has_many=bool(many))
        if missing:
            return (missing,), named
        named.append(("application", str(source["repoURL"]), None))
    return (), named


def _missing(source: Mapping[str, Any], *, has_many: bool) -> str:
    place = source.get("path") or source.get("chart") or (has_many and source.get("ref"))
    if not source.get("repoURL") or not place:
        if has_many:
            return (
                "spec.source.repoURL and either source.path, source.chart, or source.ref are required "
                f"for source {dict(source)}"
            )
        return "spec.source.repoURL and either spec.source.path or spec.source.chart are required"
    if source.get("chart") and not source.get("targetRevision"):
        return "spec.source.targetRevision is required if the manifest source is a helm chart"
    return ""


def _hydrated(hydrator: Mapping[str, Any], project: str) -> tuple[tuple[str, ...], list[_Named]]:
    """The dry source, and the repository that the hydrated manifests are read from where it is another."""
    dry: Mapping[str, Any] = hydrator.get("drySource") or {}
    sync: Mapping[str, Any] = hydrator.get("syncSource") or {}
    where = "spec.sourceHydrator"
    missing = []
    if not dry.get("repoURL"):
        missing.append(f"{where}.drySource.repoURL is required")
    if not sync.get("targetBranch"):
        missing.append(f"{where}.syncSource.targetBranch is required")
    to = hydrator.get("hydrateTo")
    if isinstance(to, Mapping) and not to.get("targetBranch"):
        missing.append(f"when {where}.hydrateTo is set, {where}.hydrateTo.targetBranch is required")
    if missing:
        return tuple(missing), []
    named: list[_Named] = [("application", str(dry["repoURL"]), None)]
    if sync.get("repoURL"):
        named.append(("sync source", str(sync["repoURL"]), project))
    return (), named


# --- global projects -------------------------------------------------------------------------------------------------


def merged(project: AppProject, other: AppProject) -> AppProject:
    """A project together with a global one (``globalProjects`` of argocd-cm): what either permits or denies."""
    namespaced = project.namespace_whitelist
    if other.namespace_whitelist:
        namespaced = (*(namespaced or ()), *other.namespace_whitelist)
    return replace(
        project,
        cluster_whitelist=project.cluster_whitelist + other.cluster_whitelist,
        cluster_blacklist=project.cluster_blacklist + other.cluster_blacklist,
        namespace_whitelist=namespaced,
        namespace_blacklist=project.namespace_blacklist + other.namespace_blacklist,
        sync_windows=project.sync_windows + other.sync_windows,
        source_repos=project.source_repos + other.source_repos,
        destinations=project.destinations + other.destinations,
        service_accounts=project.service_accounts + other.service_accounts,
    )
