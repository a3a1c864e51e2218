"""``argoproj.io/v1alpha1`` Application: what is wanted, from where, to where, and by which rules.

Parsed once, strictly for the fields that are known (`parse_application` names the wrong one), with the
whole document kept in ``raw`` so that nothing unknown is lost. Source: Argo CD's ``om/application.yaml``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from gitops_tui.errors import InvalidSpecError
from gitops_tui.model.reader import UNKNOWN_ORIGIN, Origin, Reader
from gitops_tui.model.resource import Object

API_VERSION = "argoproj.io/v1alpha1"
IN_CLUSTER_SERVER = "https://kubernetes.default.svc"
IN_CLUSTER_NAME = "in-cluster"


class AppKey(Struct, frozen=True, order=True):
    """Names one Application: the namespace of the Application object itself, and its name."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"

    @classmethod
    def parse(cls, text: str, default_namespace: str) -> AppKey:
        """``NAMESPACE/NAME``, or ``NAME`` in the default namespace."""
        namespace, slash, name = text.partition("/")
        return cls(namespace, name) if slash else cls(default_namespace, text)


class DirectorySource(Struct, frozen=True):
    """``spec.source.directory``; globs are gobwas globs on the path relative to the source's path."""

    recurse: bool = False
    include: str = ""
    exclude: str = ""
    jsonnet: Mapping[str, Any] | None = None
    disable_extension_filter: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Source:
    """One of ``spec.source`` / ``spec.sources``. ``target_revision`` ``""`` means HEAD."""

    repo_url: str
    target_revision: str = ""
    path: str = ""
    chart: str = ""
    ref: str = ""
    name: str = ""
    directory: DirectorySource | None = None
    helm: Mapping[str, Any] | None = None
    kustomize: Mapping[str, Any] | None = None
    plugin: Mapping[str, Any] | None = None
    raw: Mapping[str, Any] = dataclasses.field(default_factory=dict, compare=False)

    @property
    def is_only_reference(self) -> bool:
        """A ``ref`` without a path gives values to other sources and renders nothing."""
        return bool(self.ref) and not self.path


class Destination(Struct, frozen=True):
    """Exactly one of ``server`` and ``name`` is given; ``namespace`` is the default for namespaced objects."""

    server: str = ""
    name: str = ""
    namespace: str = ""


class Backoff(Struct, frozen=True):
    duration: str = "5s"
    factor: int = 2
    max_duration: str = "3m"


class Retry(Struct, frozen=True):
    """``limit`` < 0 retries without end; 0 never."""

    limit: int = 0
    backoff: Backoff = Backoff()
    refresh: bool = False


class Automated(Struct, frozen=True):
    """``enabled`` is true where the block is present and does not say otherwise."""

    enabled: bool = True
    prune: bool = False
    self_heal: bool = False
    allow_empty: bool = False


class SyncPolicy(Struct, frozen=True):
    automated: Automated | None = None
    sync_options: tuple[str, ...] = ()
    retry: Retry | None = None
    managed_namespace_metadata: Mapping[str, Mapping[str, str]] | None = None

    @property
    def is_automated(self) -> bool:
        return self.automated is not None and self.automated.enabled


NO_POLICY = SyncPolicy()


class IgnoreDifference(Struct, frozen=True):
    """One of ``spec.ignoreDifferences``: group and kind are globs, name and namespace exact or empty."""

    group: str = ""
    kind: str = ""
    name: str = ""
    namespace: str = ""
    json_pointers: tuple[str, ...] = ()
    jq_path_expressions: tuple[str, ...] = ()
    managed_fields_managers: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Application:
    """An Application as somebody wrote it; ``raw`` is the whole document, unknown fields and status included."""

    name: str
    namespace: str
    project: str
    sources: tuple[Source, ...]
    destination: Destination
    sync_policy: SyncPolicy = NO_POLICY
    ignore_differences: tuple[IgnoreDifference, ...] = ()
    revision_history_limit: int = 10
    info: tuple[tuple[str, str], ...] = ()
    annotations: Mapping[str, str] = dataclasses.field(default_factory=dict)
    labels: Mapping[str, str] = dataclasses.field(default_factory=dict)
    finalizers: tuple[str, ...] = ()
    deletion_timestamp: str = ""
    uid: str = ""
    resource_version: str = ""
    has_multiple_sources: bool = False
    origin: Origin = UNKNOWN_ORIGIN
    raw: Object = dataclasses.field(default_factory=dict, compare=False)
    defect: InvalidSpecError | None = dataclasses.field(default=None, compare=False)
    """Why its spec could not be read: then nothing but its names and what could be read is here."""

    @property
    def key(self) -> AppKey:
        return AppKey(self.namespace, self.name)

    @property
    def source(self) -> Source:
        """The first source: the one that an application with a single source has."""
        return self.sources[0]

    def has_sync_option(self, option: str) -> bool:
        """Whether ``option`` (``"CreateNamespace=true"``) stands in ``spec.syncPolicy.syncOptions``."""
        return option in self.sync_policy.sync_options


def parse_application(obj: Object, *, origin: Origin, default_namespace: str = "argocd") -> Application:
    """Read an Application document; raise `InvalidSpecError` naming file, document, path and what was expected."""
    read = Reader(origin)
    metadata = read.mapping(obj, "metadata", required=True)
    spec = read.mapping(obj, "spec", required=True)
    sources = read_sources(read, spec)
    name = read.text(metadata, "metadata.name", required=True)
    return Application(
        name=name,
        namespace=read.text(metadata, "metadata.namespace") or default_namespace,
        project=read.text(spec, "spec.project") or "default",
        sources=sources,
        destination=read_destination(read, spec),
        sync_policy=read_sync_policy(read, spec),
        ignore_differences=tuple(
            _ignore_difference(read, item, f"spec.ignoreDifferences[{number}]")
            for number, item in enumerate(read.mappings(spec, "spec.ignoreDifferences"))
        ),
        revision_history_limit=read.integer(spec, "spec.revisionHistoryLimit", 10),
        info=tuple((str(one.get("name", "")), str(one.get("value", ""))) for one in read.mappings(spec, "spec.info")),
        annotations=read.texts(metadata, "metadata.annotations"),
        labels=read.texts(metadata, "metadata.labels"),
        finalizers=read.text_list(metadata, "metadata.finalizers"),
        deletion_timestamp=read.text(metadata, "metadata.deletionTimestamp"),
        uid=read.text(metadata, "metadata.uid"),
        resource_version=read.text(metadata, "metadata.resourceVersion"),
        has_multiple_sources=bool(spec.get("sources")),
        origin=origin,
        raw=obj,
    )


def parse_source(obj: Mapping[str, Any], *, origin: Origin = UNKNOWN_ORIGIN, path: str = "spec.source") -> Source:
    """Read one source block, as in the spec, in history and in an operation."""
    return _source(Reader(origin), obj, path)


# --- reading, field by field -------------------------------------------------------------------------------------


def read_sources(read: Reader, spec: Mapping[str, Any]) -> tuple[Source, ...]:
    many = read.mappings(spec, "spec.sources")
    if many:
        return tuple(_source(read, one, f"spec.sources[{number}]") for number, one in enumerate(many))
    hydrator = read.optional_mapping(spec, "spec.sourceHydrator")
    if hydrator and "source" not in spec:
        return (_hydrated_source(read, hydrator),)
    return (_source(read, read.mapping(spec, "spec.source", required=True), "spec.source"),)


def _hydrated_source(read: Reader, hydrator: Mapping[str, Any]) -> Source:
    """``sourceHydrator`` is read as its sync source: where the rendered manifests are."""
    dry = read.mapping(hydrator, "spec.sourceHydrator.drySource", required=True)
    sync = read.mapping(hydrator, "spec.sourceHydrator.syncSource", required=True)
    return Source(
        repo_url=read.text(sync, "spec.sourceHydrator.syncSource.repoURL")
        or read.text(dry, "spec.sourceHydrator.drySource.repoURL", required=True),
        target_revision=read.text(sync, "spec.sourceHydrator.syncSource.targetBranch"),
        path=read.text(sync, "spec.sourceHydrator.syncSource.path"),
        raw=sync,
    )


def _source(read: Reader, obj: Mapping[str, Any], path: str) -> Source:
    directory = read.optional_mapping(obj, f"{path}.directory")
    return Source(
        repo_url=read.text(obj, f"{path}.repoURL", required=True),
        target_revision=read.text(obj, f"{path}.targetRevision"),
        path=read.text(obj, f"{path}.path"),
        chart=read.text(obj, f"{path}.chart"),
        ref=read.text(obj, f"{path}.ref"),
        name=read.text(obj, f"{path}.name"),
        directory=None
        if directory is None
        else DirectorySource(
            recurse=read.flag(directory, f"{path}.directory.recurse", False),
            include=read.text(directory, f"{path}.directory.include"),
            exclude=read.text(directory, f"{path}.directory.exclude"),
            jsonnet=read.optional_mapping(directory, f"{path}.directory.jsonnet"),
            disable_extension_filter=read.flag(directory, f"{path}.directory.disableExtensionFilter", False),
        ),
        helm=read.optional_mapping(obj, f"{path}.helm"),
        kustomize=read.optional_mapping(obj, f"{path}.kustomize"),
        plugin=read.optional_mapping(obj, f"{path}.plugin"),
        raw=obj,
    )


def read_destination(read: Reader, spec: Mapping[str, Any]) -> Destination:
    obj = read.mapping(spec, "spec.destination", required=True)
    found = Destination(
        server=read.text(obj, "spec.destination.server"),
        name=read.text(obj, "spec.destination.name"),
        namespace=read.text(obj, "spec.destination.namespace"),
    )
    if found.server and found.name:
        raise read.wrong("spec.destination", "has both server and name", "exactly one of them")
    if not found.server and not found.name:
        raise read.wrong("spec.destination", "has neither server nor name", "exactly one of them")
    return found


def read_sync_policy(read: Reader, spec: Mapping[str, Any]) -> SyncPolicy:
    policy = read.mapping(spec, "spec.syncPolicy")
    where = "spec.syncPolicy.automated"
    automated = read.optional_mapping(policy, where)
    metadata = read.optional_mapping(policy, "spec.syncPolicy.managedNamespaceMetadata")
    return SyncPolicy(
        automated=None
        if automated is None
        else Automated(
            enabled=read.flag(automated, f"{where}.enabled", True),
            prune=read.flag(automated, f"{where}.prune", False),
            self_heal=read.flag(automated, f"{where}.selfHeal", False),
            allow_empty=read.flag(automated, f"{where}.allowEmpty", False),
        ),
        sync_options=read.text_list(policy, "spec.syncPolicy.syncOptions"),
        retry=_retry(read, read.optional_mapping(policy, "spec.syncPolicy.retry"), "spec.syncPolicy.retry"),
        managed_namespace_metadata=None
        if metadata is None
        else {
            word: read.texts(metadata, f"spec.syncPolicy.managedNamespaceMetadata.{word}")
            for word in ("labels", "annotations")
        },
    )


def _retry(read: Reader, obj: Mapping[str, Any] | None, path: str) -> Retry | None:
    if obj is None:
        return None
    backoff = read.mapping(obj, f"{path}.backoff")
    return Retry(
        limit=read.integer(obj, f"{path}.limit", 0),
        backoff=Backoff(
            duration=str(backoff.get("duration") or "5s"),
            factor=read.integer(backoff, f"{path}.backoff.factor", 2),
            max_duration=str(backoff.get("maxDuration") or "3m"),
        ),
        refresh=read.flag(obj, f"{path}.refresh", False),
    )


def _ignore_difference(read: Reader, obj: Mapping[str, Any], path: str) -> IgnoreDifference:
    return IgnoreDifference(
        group=read.text(obj, f"{path}.group"),
        kind=read.text(obj, f"{path}.kind", required=True),
        name=read.text(obj, f"{path}.name"),
        namespace=read.text(obj, f"{path}.namespace"),
        json_pointers=read.text_list(obj, f"{path}.jsonPointers"),
        jq_path_expressions=read.text_list(obj, f"{path}.jqPathExpressions"),
        managed_fields_managers=read.text_list(obj, f"{path}.managedFieldsManagers"),
    )
