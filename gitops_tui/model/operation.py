"""Operations: what was asked for, how far it is, what became of each object; in Argo CD's status shape.

Reading is tolerant (what is absent or odd gets its default), writing is exact, so that ``kubectl get applications``,
Argo CD's own tools and dashboards read what we write. Source: Argo CD ``types.go`` (semantics 1.2, 1.7, 1.10, 1.13).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from msgspec import Struct, field

from gitops_tui.model.resource import ResourceKey
from gitops_tui.model.status import OperationPhase, ResultCode, SyncPhase

T = TypeVar("T")

Json = dict[str, Any]


def stamp(at: datetime) -> str:
    """RFC 3339 with whole seconds, as ``metav1.Time`` writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_time(value: object) -> datetime | None:
    """An aware datetime, or None where there is none or it cannot be read."""
    try:
        found = datetime.fromisoformat(str(value)) if value else None
    except ValueError:
        return None
    return found.replace(tzinfo=found.tzinfo or UTC) if found else None


def _without_empty(found: Mapping[str, Any]) -> Json:
    """Go's ``omitempty``: no None, "", False, 0, empty list or mapping."""
    return {key: value for key, value in found.items() if value not in (None, "", False, 0, [], {})}


class InitiatedBy(Struct, frozen=True):
    username: str = ""
    automated: bool = False

    def to_json(self) -> Json:
        return _without_empty({"username": self.username, "automated": self.automated})

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> InitiatedBy:
        return cls(str(found.get("username") or ""), bool(found.get("automated")))


class Operation(Struct, frozen=True):
    """A sync that was asked for. Empty ``resources``: everything. ``strategy``: ``apply``, ``hook`` or empty (hook)."""

    revision: str = ""
    revisions: tuple[str, ...] = ()
    prune: bool = False
    dry_run: bool = False
    strategy: str = ""
    force: bool = False
    resources: tuple[ResourceKey, ...] = ()
    sync_options: tuple[str, ...] = ()
    self_heal_attempts: int = 0
    initiated_by: InitiatedBy = InitiatedBy()
    retry: Mapping[str, Any] | None = None
    source: Mapping[str, Any] | None = None
    sources: tuple[Mapping[str, Any], ...] = ()
    manifests: tuple[str, ...] = ()
    """Objects as JSON to be applied instead of what the sources hold (``argocd app sync --local``)."""
    info: tuple[tuple[str, str], ...] = ()

    @property
    def skips_hooks(self) -> bool:
        """The apply strategy and a selective sync run no hooks."""
        return self.strategy == "apply" or bool(self.resources)

    def to_json(self) -> Json:
        sync = _without_empty(
            {
                "revision": self.revision,
                "revisions": list(self.revisions),
                "prune": self.prune,
                "dryRun": self.dry_run,
                "syncStrategy": self._strategy_json(),
                "resources": [resource_to_json(key) for key in self.resources],
                "syncOptions": list(self.sync_options),
                "autoHealAttemptsCount": self.self_heal_attempts,
                "source": self.source,
                "sources": list(self.sources),
                "manifests": list(self.manifests),
            }
        )
        info = _without_empty({"info": [{"name": name, "value": value} for name, value in self.info]})
        # Structs of Go are written even where they are empty.
        return {"sync": sync, "initiatedBy": self.initiated_by.to_json(), "retry": dict(self.retry or {}), **info}

    def _strategy_json(self) -> Json | None:
        if not self.strategy:
            return None
        inner = {"force": True} if self.force else {}
        return {self.strategy: inner}

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Operation:
        sync: Mapping[str, Any] = found.get("sync") or {}
        strategy: Mapping[str, Any] = sync.get("syncStrategy") or {}
        name = next((one for one in ("apply", "hook") if strategy.get(one) is not None), "")
        return cls(
            revision=str(sync.get("revision") or ""),
            revisions=tuple(map(str, sync.get("revisions") or ())),
            prune=bool(sync.get("prune")),
            dry_run=bool(sync.get("dryRun")),
            strategy=name,
            force=bool((strategy.get(name) or {}).get("force")) if name else False,
            resources=tuple(resource_from_json(one) for one in sync.get("resources") or ()),
            sync_options=tuple(map(str, sync.get("syncOptions") or ())),
            self_heal_attempts=int(sync.get("autoHealAttemptsCount") or 0),
            initiated_by=InitiatedBy.from_json(found.get("initiatedBy") or {}),
            retry=found.get("retry") or None,
            source=sync.get("source"),
            sources=tuple(sync.get("sources") or ()),
            manifests=tuple(map(str, sync.get("manifests") or ())),
            info=tuple((str(one.get("name", "")), str(one.get("value", ""))) for one in found.get("info") or ()),
        )


def resource_to_json(key: ResourceKey) -> Json:
    """As in ``operation.sync.resources``."""
    rest = _without_empty({"group": key.group, "namespace": key.namespace})
    return {**rest, "kind": key.kind, "name": key.name}


def resource_from_json(found: Mapping[str, Any]) -> ResourceKey:
    words = (str(found.get(word) or "") for word in ("group", "kind", "namespace", "name"))
    return ResourceKey(*words)


class ResourceResult(Struct, frozen=True):
    """What became of one object: an entry of ``operationState.syncResult.resources``."""

    key: ResourceKey
    version: str = ""
    status: ResultCode | None = None
    message: str = ""
    hook_type: str = ""
    hook_phase: OperationPhase | None = None
    sync_phase: SyncPhase | None = None
    images: tuple[str, ...] = ()
    """The container images of the object that was applied."""

    def to_json(self) -> Json:
        rest = _without_empty(
            {
                "images": list(self.images),
                "status": self.status and self.status.value,
                "message": self.message,
                "hookType": self.hook_type,
                "hookPhase": self.hook_phase and self.hook_phase.value,
                "syncPhase": self.sync_phase and self.sync_phase.value,
            }
        )
        key = self.key
        names = {
            "group": key.group,
            "version": self.version,
            "kind": key.kind,
            "namespace": key.namespace,
            "name": key.name,
        }
        return {**names, **rest}

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> ResourceResult:
        return cls(
            key=resource_from_json(found),
            version=str(found.get("version") or ""),
            status=_maybe(ResultCode, found.get("status")),
            message=str(found.get("message") or ""),
            hook_type=str(found.get("hookType") or ""),
            hook_phase=_maybe(OperationPhase, found.get("hookPhase")),
            sync_phase=_maybe(SyncPhase, found.get("syncPhase")),
            images=tuple(map(str, found.get("images") or ())),
        )


def _maybe(kind: type[Any], value: object) -> Any:
    try:
        return kind(value) if value else None
    except ValueError:
        return None


def _each(several: tuple[T, ...], one: T | None) -> tuple[T, ...]:
    """Argo CD writes what there is of each source in a field of its own where there are several."""
    return several or ((one,) if one else ())


class SyncResult(Struct, frozen=True):
    """What a sync did so far: from this an operation can be resumed."""

    revision: str = ""
    revisions: tuple[str, ...] = ()
    source: Mapping[str, Any] | None = None
    sources: tuple[Mapping[str, Any], ...] = ()
    resources: tuple[ResourceResult, ...] = ()
    managed_namespace_metadata: Mapping[str, Mapping[str, str]] | None = None

    @property
    def commits(self) -> tuple[str, ...]:
        """The commit of each source; empty where none was chosen."""
        return _each(self.revisions, self.revision)

    def to_json(self) -> Json:
        found: Json = {"resources": [one.to_json() for one in self.resources], "revision": self.revision}
        if self.managed_namespace_metadata is not None:
            found["managedNamespaceMetadata"] = dict(self.managed_namespace_metadata)
        if self.revisions:
            found["revisions"] = list(self.revisions)
        if self.sources:
            found["sources"] = list(self.sources)
        if self.source is not None:
            found["source"] = dict(self.source)
        return found

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> SyncResult:
        return cls(
            revision=str(found.get("revision") or ""),
            revisions=tuple(map(str, found.get("revisions") or ())),
            source=found.get("source"),
            sources=tuple(found.get("sources") or ()),
            resources=tuple(ResourceResult.from_json(one) for one in found.get("resources") or ()),
            managed_namespace_metadata=found.get("managedNamespaceMetadata"),
        )


class OperationState(Struct, frozen=True):
    """The last operation, or the one that runs. Waiting for a retry: Running with ``finished_at``."""

    operation: Operation
    phase: OperationPhase
    message: str = ""
    started_at: datetime | None = None
    finished_at: datetime | None = None
    retry_count: int = 0
    sync_result: SyncResult | None = None

    def to_json(self) -> Json:
        rest = _without_empty(
            {
                "message": self.message,
                "startedAt": self.started_at and stamp(self.started_at),
                "finishedAt": self.finished_at and stamp(self.finished_at),
                "retryCount": self.retry_count,
                "syncResult": self.sync_result and self.sync_result.to_json(),
            }
        )
        return {"operation": self.operation.to_json(), "phase": self.phase.value, **rest}

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> OperationState:
        result = found.get("syncResult")
        return cls(
            operation=Operation.from_json(found.get("operation") or {}),
            phase=_maybe(OperationPhase, found.get("phase")) or OperationPhase.ERROR,
            message=str(found.get("message") or ""),
            started_at=parse_time(found.get("startedAt")),
            finished_at=parse_time(found.get("finishedAt")),
            retry_count=int(found.get("retryCount") or 0),
            sync_result=SyncResult.from_json(result) if isinstance(result, dict) else None,
        )


class HistoryEntry(Struct, frozen=True):
    """One recorded deployment (``status.history``)."""

    id: int
    revision: str = ""
    revisions: tuple[str, ...] = ()
    deployed_at: datetime | None = None
    deploy_started_at: datetime | None = None
    source: Mapping[str, Any] | None = None
    sources: tuple[Mapping[str, Any], ...] = ()
    initiated_by: InitiatedBy = field(default_factory=InitiatedBy)

    @property
    def commits(self) -> tuple[str, ...]:
        """The commit of each source; empty where it was of none."""
        return _each(self.revisions, self.revision)

    @property
    def all_sources(self) -> tuple[Mapping[str, Any], ...]:
        """Each source as it was then; empty where none was recorded."""
        return _each(self.sources, self.source)

    def to_json(self) -> Json:
        found: Json = {
            "id": self.id,
            "revision": self.revision,
            "deployedAt": self.deployed_at and stamp(self.deployed_at),
            "deployStartedAt": self.deploy_started_at and stamp(self.deploy_started_at),
            "source": self.source,
            "revisions": list(self.revisions),
            "sources": list(self.sources),
        }
        kept = {key: value for key, value in found.items() if value not in (None, "", [])}
        return {**kept, "initiatedBy": self.initiated_by.to_json()}

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> HistoryEntry:
        return cls(
            id=int(found.get("id") or 0),
            revision=str(found.get("revision") or ""),
            revisions=tuple(map(str, found.get("revisions") or ())),
            deployed_at=parse_time(found.get("deployedAt")),
            deploy_started_at=parse_time(found.get("deployStartedAt")),
            source=found.get("source"),
            sources=tuple(found.get("sources") or ()),
            initiated_by=InitiatedBy.from_json(found.get("initiatedBy") or {}),
        )


class Condition(Struct, frozen=True):
    """One of ``status.conditions``; ``type`` is a `ConditionType` value, or one that we do not know."""

    type: str
    message: str
    last_transition_time: datetime | None = None

    def to_json(self) -> Json:
        found = {"type": self.type, "message": self.message}
        at = self.last_transition_time
        return {**found, "lastTransitionTime": stamp(at)} if at else found

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Condition:
        at = parse_time(found.get("lastTransitionTime"))
        return cls(str(found.get("type") or ""), str(found.get("message") or ""), at)
