"""States, with Argo CD's own strings as values."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class SyncStatus(StrEnum):
    SYNCED = "Synced"
    OUT_OF_SYNC = "OutOfSync"
    UNKNOWN = "Unknown"


class HealthStatus(StrEnum):
    """Good to bad in the order in which they stand."""

    HEALTHY = "Healthy"
    SUSPENDED = "Suspended"
    PROGRESSING = "Progressing"
    MISSING = "Missing"
    DEGRADED = "Degraded"
    UNKNOWN = "Unknown"

    @property
    def badness(self) -> int:
        """0 (Healthy) to 5 (Unknown)."""
        return _BADNESS[self]


_BADNESS = {status: number for number, status in enumerate(HealthStatus)}


class OperationPhase(StrEnum):
    RUNNING = "Running"
    TERMINATING = "Terminating"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    """What was asked for failed."""
    ERROR = "Error"
    """The reconciler failed."""

    @property
    def is_completed(self) -> bool:
        return self in (OperationPhase.SUCCEEDED, OperationPhase.FAILED, OperationPhase.ERROR)


class ResultCode(StrEnum):
    """What became of one object in a sync."""

    SYNCED = "Synced"
    SYNC_FAILED = "SyncFailed"
    PRUNED = "Pruned"
    PRUNE_SKIPPED = "PruneSkipped"


class SyncPhase(StrEnum):
    """The phases of a sync, in the order in which they run; the two delete phases run apart."""

    PRE_SYNC = "PreSync"
    SYNC = "Sync"
    POST_SYNC = "PostSync"
    SYNC_FAIL = "SyncFail"
    PRE_DELETE = "PreDelete"
    POST_DELETE = "PostDelete"


class HookType(StrEnum):
    PRE_SYNC = "PreSync"
    SYNC = "Sync"
    POST_SYNC = "PostSync"
    SYNC_FAIL = "SyncFail"
    SKIP = "Skip"
    PRE_DELETE = "PreDelete"
    POST_DELETE = "PostDelete"


class HookDeletePolicy(StrEnum):
    HOOK_SUCCEEDED = "HookSucceeded"
    HOOK_FAILED = "HookFailed"
    BEFORE_HOOK_CREATION = "BeforeHookCreation"


class ConditionType(StrEnum):
    """Argo CD's condition types; the last four are ours."""

    DELETION_ERROR = "DeletionError"
    INVALID_SPEC_ERROR = "InvalidSpecError"
    COMPARISON_ERROR = "ComparisonError"
    SYNC_ERROR = "SyncError"
    UNKNOWN_ERROR = "UnknownError"
    SHARED_RESOURCE_WARNING = "SharedResourceWarning"
    REPEATED_RESOURCE_WARNING = "RepeatedResourceWarning"
    EXCLUDED_RESOURCE_WARNING = "ExcludedResourceWarning"
    ORPHANED_RESOURCE_WARNING = "OrphanedResourceWarning"
    PRUNE_APPROVAL_NEEDED = "PruneApprovalNeeded"
    """Automation holds a guarded prune back until a person approves."""
    FIGHT_WARNING = "FightWarning"
    """The same field is undone again and again."""
    IGNORE_DIFFERENCES_WARNING = "IgnoreDifferencesWarning"
    """An ignore rule did not work on some object, or took too long: it was compared without that rule."""
    RESTRICTED_WARNING = "RestrictedWarning"
    """A managed kind may not be read, so nothing of it is judged or pruned."""


class DriftKind(StrEnum):
    """Why a field is spoken of (design: drift)."""

    TARGET = "target"
    """Git sets the field and the cluster holds something else: counts as OutOfSync."""
    FOREIGN = "foreign"
    """Git does not set the field; a person or a deployer put it there: Drifted, still Synced."""
    NOTE = "note"
    """Worth knowing, never drift: labels, replicas that Git leaves out, restarts, autoscalers, unknown writers."""


class WriterClass(StrEnum):
    """Who a field manager stands for. managedFields name a client, never a person."""

    GIT = "git"
    CLUSTER = "cluster"
    AUTOSCALER = "autoscaler"
    PERSON = "person"
    DEPLOYER = "deployer"
    OTHER = "other"
    UNKNOWN = "unknown"
    """The field has no owner: removed, or changed by a webhook."""


class Health(Struct, frozen=True):
    """One judgement with its reason in words (may be empty)."""

    status: HealthStatus
    message: str = ""
