"""Which kinds a cluster serves. Source: aggregated discovery (KEP-3352), else the legacy documents."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from gitops_tui.errors import ClusterUnreachable, GitOpsError, NotFound

if TYPE_CHECKING:
    from gitops_tui.cluster.client import Reader

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"


class ApiResource(Struct, frozen=True):
    """One kind as it is served in one version; ``group`` is ``""`` for the core."""

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool
    verbs: frozenset[str] = frozenset()
    short_names: tuple[str, ...] = ()

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def root(self) -> str:
        return f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"

    def path(self, namespace: str = "", name: str = "", subresource: str = "") -> str:
        """The URL path of the collection, of an object, or of a subresource of it."""
        place = f"{self.root}/namespaces/{namespace}" if self.namespaced and namespace else self.root
        return "/".join(part for part in (f"{place}/{self.plural}", name, subresource) if part)

    @property
    def is_watchable(self) -> bool:
        return {"list", "watch"} <= self.verbs


class Discovery:
    """Read at first use and on `refresh`; thread-safe. A group that does not answer is a value, not an error."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._lock = threading.Lock()
        self._resources: tuple[ApiResource, ...] | None = None
        self._preferred: dict[tuple[str, str], ApiResource] = {}
        self._served: dict[tuple[str, str, str], ApiResource] = {}
        self.failed_groups: tuple[str, ...] = ()

    def resources(self) -> tuple[ApiResource, ...]:
        """Every kind in its preferred version."""
        if self._resources is None:
            with self._lock:
                if self._resources is None:
                    self._load()
        return tuple(self._preferred.values())

    def find(self, group: str, kind: str, version: str | None = None) -> ApiResource | None:
        """A kind in one version, or in the one that the server prefers."""
        self.resources()
        if version:
            return self._served.get((group, version, kind))
        return self._preferred.get((group, kind))

    def refresh(self) -> None:
        with self._lock:
            self._load()

    def _load(self) -> None:
        found: list[ApiResource] = []
        failed: list[str] = []
        for root in ("/api", "/apis"):
            answer = self._reader.raw_json(root, accept=AGGREGATED)
            if answer.get("kind") == "APIGroupDiscoveryList":
                found += _aggregated(answer, failed)
            else:
                found += self._legacy(root, answer, failed)
        preferred: dict[tuple[str, str], ApiResource] = {}
        for one in found:
            preferred.setdefault((one.group, one.kind), one)
        self._preferred = preferred  # at once: others read while a refresh is under way
        self._served = {(one.group, one.version, one.kind): one for one in found}
        self.failed_groups = tuple(failed)
        self._resources = tuple(found)

    def _legacy(self, root: str, answer: Mapping[str, Any], failed: list[str]) -> Iterable[ApiResource]:
        versions = (
            [("", version) for version in answer.get("versions") or ()]
            if root == "/api"
            else [pair for group in answer.get("groups") or () for pair in _group_versions(group)]
        )
        for group, version in versions:
            path = f"/apis/{group}/{version}" if group else f"/api/{version}"
            try:
                listed = self._reader.raw_json(path)
            except ClusterUnreachable:
                raise
            except NotFound:
                continue
            except GitOpsError:
                failed.append(f"{group}/{version}")
                continue
            yield from _legacy_resources(group, version, listed)


def _group_versions(group: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The preferred version first."""
    preferred = (group.get("preferredVersion") or {}).get("version")
    versions = [str(one["version"]) for one in group.get("versions") or ()]
    return [(str(group["name"]), one) for one in sorted(versions, key=lambda one: one != preferred)]


def _legacy_resources(group: str, version: str, listed: Mapping[str, Any]) -> Iterable[ApiResource]:
    for one in listed.get("resources") or ():
        if "/" not in one["name"]:
            yield ApiResource(
                group, version, one["kind"], one["name"], bool(one.get("namespaced")),
                frozenset(one.get("verbs") or ()), tuple(one.get("shortNames") or ()),
            )  # fmt: skip


def _aggregated(answer: Mapping[str, Any], failed: list[str]) -> Iterable[ApiResource]:
    for item in answer.get("items") or ():
        group = str((item.get("metadata") or {}).get("name") or "")
        for version in item.get("versions") or ():
            if version.get("freshness") == "Stale":
                failed.append(f"{group}/{version.get('version')}")
            for one in version.get("resources") or ():
                kind = one.get("responseKind") or {}
                yield ApiResource(
                    group, str(version["version"]), str(kind.get("kind", "")), str(one["resource"]),
                    one.get("scope") == "Namespaced", frozenset(one.get("verbs") or ()),
                    tuple(one.get("shortNames") or ()),
                )  # fmt: skip
