"""What the core publishes and the faces draw: immutable, numbered values, at most ten a second.

Objects in here are masked (Secret values never leave the core), strings are as they came from outside: the
face neutralises them (``tui.widgets.text.plain``). Times are aware datetimes in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from msgspec import Struct, field
from msgspec.structs import replace

from gitops_tui.model.application import AppKey, Application
from gitops_tui.model.commit import Commit
from gitops_tui.model.decision import Decision, Logged
from gitops_tui.model.drift import FieldDrift, is_changed_by_hand
from gitops_tui.model.operation import Condition, HistoryEntry, OperationState
from gitops_tui.model.resource import Object, ResourceKey
from gitops_tui.model.status import DriftKind, Health, HealthStatus, SyncPhase, SyncStatus

NOT_KNOWN = Health(HealthStatus.UNKNOWN, "")


class Mode(StrEnum):
    """What this instance does by itself."""

    OBSERVING = "observing"
    RECONCILING = "reconciling"
    READ_ONLY = "read-only"


class Hold(Struct, frozen=True):
    """A time-boxed pause of automation, seen by everybody. ``expires`` None: until released."""

    owner: str
    reason: str
    since: datetime
    expires: datetime | None = None

    def is_active(self, now: datetime) -> bool:
        return self.expires is None or now < self.expires


class Progress(Struct, frozen=True):
    """Where a running operation is. ``running`` says what it waits for: key and reason."""

    phase: SyncPhase | None = None
    wave: int = 0
    wave_number: int = 0
    waves: int = 0
    done: int = 0
    total: int = 0
    running: tuple[tuple[ResourceKey, str], ...] = ()
    message: str = ""
    since: datetime | None = None
    waits: tuple[Decision, ...] = ()
    """The same as decisions, each with since when."""


class ResourceView(Struct, frozen=True):
    """One managed object as compared. ``sync`` None: a hook or something that has no sync status."""

    key: ResourceKey
    version: str
    sync: SyncStatus | None
    health: Health | None
    exists: bool = True
    requires_pruning: bool = False
    requires_deletion_confirmation: bool = False
    """``Delete=confirm`` or ``Prune=confirm``: the deletion of the application waits for somebody's word."""
    is_hook: bool = False
    wave: int = 0
    drift: tuple[FieldDrift, ...] = ()
    message: str = ""
    is_restricted: bool = False
    """The kind may not be read: nothing is known of it, and nothing of it is pruned."""
    is_pending: bool = False
    """The kind was not read yet, or cannot be read now: the same, until it is. ``message`` says which."""
    is_failing: bool = False
    """Pending, and the API server answers with an error."""
    file: str = ""
    line: int = 0
    source: int = 0
    """Which of the application's sources holds ``file``, from 0."""
    resource_version: str = ""
    created_at: datetime | None = None
    why: tuple[Decision, ...] = ()
    """Why it is judged, pruned and healed as it is, beyond its fields."""

    @property
    def is_left_over(self) -> bool:
        """A sync with prune deletes it. Argo CD marks a hook that ran as well, and never prunes one."""
        return self.requires_pruning and not self.is_hook


class TroubleKind(StrEnum):
    """Why an application stands where it stands in the list; worst first, in this order."""

    DRIFTED = "drifted"
    DEGRADED = "degraded"
    FAILED = "failed"
    ERROR = "error"
    OUT_OF_SYNC = "out of sync"
    SYNCING = "syncing"
    PROGRESSING = "progressing"
    MISSING = "missing"
    UNKNOWN = "unknown"
    SUSPENDED = "suspended"
    NONE = "ok"


BROKEN = frozenset({TroubleKind.DEGRADED, TroubleKind.FAILED, TroubleKind.ERROR})
"""Of these something does not work; the others are not as Git says, or not yet."""


class Trouble(Struct, frozen=True):
    """The one thing to say about an application. ``what`` is a short sentence; ``since`` None where not known."""

    kind: TroubleKind = TroubleKind.NONE
    what: str = ""
    since: datetime | None = None


class Reported(Struct, frozen=True):
    """What whoever reconciles an Application (Argo CD) says of it in its ``status``, beside our own comparison."""

    sync: SyncStatus
    health: HealthStatus
    revision: str = ""
    revisions: tuple[str, ...] = ()
    """The same of each of several sources."""
    conditions: tuple[Condition, ...] = ()
    reconciled_at: datetime | None = None
    differences: tuple[str, ...] = ()
    """Where the two do not agree and why, a sentence each."""


class AppView(Struct, frozen=True):
    """One application as the core last saw it. ``uid`` is stable across re-sorts: the cursor sits on it."""

    uid: str
    app: Application
    cluster: str = ""
    sync: SyncStatus = SyncStatus.UNKNOWN
    health: Health = NOT_KNOWN
    trouble: Trouble = Trouble()
    revision: str = ""
    """The commit that ``targetRevision`` names now; of several sources that of the first."""
    commits: tuple[str, ...] = ()
    """The same of each source, as far as it is known."""
    commit: Commit | None = None
    path_commits: Mapping[tuple[int, str], str] = field(default_factory=dict)
    """By source, from 0, and revision: the newest commit of the source's path in it. Others than today's are asked for
    (`Core.path_commits`): each costs a look into Git."""
    deployed_revision: str = ""
    """The commit of the last recorded deployment, or empty."""
    is_at_deployed: bool = True
    """Git stands where it was deployed. If not, target differences that Git wrote are a commit that waits."""
    resources: tuple[ResourceView, ...] = ()
    operation: OperationState | None = None
    progress: Progress | None = None
    is_orphaned_operation: bool = False
    """The operation's lease ran out: it may be resumed or terminated. `operation_owner` says who ran it."""
    operation_owner: str = ""
    conditions: tuple[Condition, ...] = ()
    history: tuple[HistoryEntry, ...] = ()
    hold: Hold | None = None
    managed_by: str = ""
    """Empty: ours to reconcile. Else who does: ``Argo CD``."""
    reported: Reported | None = None
    """What that one says, where we compared it ourselves."""
    as_reported: bool = False
    """The comparison is what the Application's status reports, not ours (a source that is not rendered here)."""
    source_type: str = "Directory"
    orphans: int | None = None
    """How many objects in its namespace are nobody's; None: its project does not ask."""
    why: tuple[Decision, ...] = ()
    """Why it is as it is, and what comes next: complete, and worked out with each comparison."""
    log: tuple[Logged, ...] = ()
    """What was decided here, newest first; bounded, and nothing of what other instances decided."""
    compared_at: datetime | None = None
    is_loading: bool = False
    is_unread: bool = False
    """It is not known what Git says now."""
    is_invalid: bool = False
    """The Application itself is not valid: nothing of it is compared."""
    window: str = ""
    """What the project's sync windows say now: ``denied until 06:00 CET``; empty where none matters."""

    @property
    def key(self) -> AppKey:
        return self.app.key

    def own(self, revision: str, source: int = 0) -> str:
        """The commit of a source's own path that ``revision`` stands for, where that is known.

        On a branch with several applications the newest commit is rarely this one's: both name the same content here,
        and people are told one of them, the one whose subject and author they know.
        """
        if source == 0 and self.commit is not None and revision == self.revision:
            return self.commit.sha
        return self.path_commits.get((source, revision), revision)

    def own_of_each(self, revisions: Sequence[str]) -> tuple[str, ...]:
        """The same of a revision for each source."""
        return tuple(self.own(revision, source) for source, revision in enumerate(revisions))

    def in_own_words(self, decision: Decision) -> Decision:
        """The decision with the application's own commits, as `own` has them; documents keep what was decided."""
        found = decision.facts.get("revision")
        if not isinstance(found, str):
            return decision
        commits = " ".join(self.own_of_each(found.split(" ")))
        return replace(decision, facts={**decision.facts, "revision": commits})

    @property
    def drift(self) -> tuple[tuple[ResourceView, FieldDrift], ...]:
        """Target and foreign drift with its object; notes, and what a waiting commit changes, are not drift."""
        return tuple(
            (res, one)
            for res in self.resources
            for one in res.drift
            if is_changed_by_hand(one, is_at_deployed=self.is_at_deployed)
        )

    @property
    def is_drifted(self) -> bool:
        """Somebody changed the cluster by hand: foreign fields, or target drift at the deployed revision."""
        return self.trouble.kind is TroubleKind.DRIFTED or any(d.kind is DriftKind.FOREIGN for _, d in self.drift)


class ClusterView(Struct, frozen=True):
    """How the cluster is reached. ``stale_since`` None: what is shown is live."""

    name: str
    context: str = ""
    server: str = ""
    user: str = ""
    version: str = ""
    is_reachable: bool = True
    last_contact: datetime | None = None
    stale_since: datetime | None = None
    latency_s: float | None = None
    restricted: tuple[str, ...] = ()
    """Kinds that may not be read."""
    message: str = ""
    """Why it cannot be reached, with the way out; empty where it can."""
    is_production: bool = False
    colour: str = ""


class SourceView(Struct, frozen=True):
    """One repository: when it was last fetched with success, and what went wrong since."""

    url: str
    fetched_at: datetime | None = None
    error: str = ""
    progress: str = ""


class Problem(Struct, frozen=True):
    """Something that could not be read (an Application file, a setting). ``hint`` is the way out."""

    where: str
    message: str
    hint: str = ""


class JournalEntry(Struct, frozen=True):
    """One line of what happened while we watched, for the wall and the timeline."""

    at: datetime
    app: AppKey
    text: str
    kind: str = "info"


class Snapshot(Struct, frozen=True):
    """Everything a face draws. ``number`` grows by one with each; never mutated."""

    number: int
    at: datetime
    cluster: ClusterView
    apps: tuple[AppView, ...] = ()
    sources: tuple[SourceView, ...] = ()
    problems: tuple[Problem, ...] = ()
    journal: tuple[JournalEntry, ...] = ()
    mode: Mode = Mode.OBSERVING
    mode_reason: str = ""
    """Why the mode is what it is, where that needs saying: ``Argo CD reconciles here``."""
    is_loading: bool = False

    def find(self, key: AppKey) -> AppView | None:
        return next((app for app in self.apps if app.key == key), None)


# --- answers to questions ------------------------------------------------------------------------------------------


class ResourceDetail(Struct, frozen=True):
    """The three faces of one object, masked; None where there is none."""

    app: AppKey
    key: ResourceKey
    target: Object | None
    live: Object | None
    predicted: Object | None
    """What a heal would leave: the right side of a diff."""
    compared: Object | None = None
    """``live`` without the server's bookkeeping: the left side of a diff."""
    drift: tuple[FieldDrift, ...] = ()
    file: str = ""
    line: int = 0
    file_commit: Commit | None = None
    """The last commit that touched the file which declares the object."""
    field_commits: Mapping[str, Commit] = field(default_factory=dict)
    """By the field's text, the commit that wrote its line in Git; fields that could not be found are not in it."""


class CommitView(Struct, frozen=True):
    """One commit of an application's path. ``marks``: ``deployed``, ``target``, ``failed`` …, in words."""

    commit: Commit
    marks: tuple[str, ...] = ()
    entry: int | None = None
    """The newest entry of the history that deployed it: what a rollback goes back to."""
    source: str = ""
    """Whose commit it is, where the application has several sources: a path or a repository's name."""


class TreeNode(Struct, frozen=True):
    """One object and what it owns, down to pods."""

    key: ResourceKey
    health: Health | None
    sync: SyncStatus | None
    status: str = ""
    """In words: ``2/3 ready``, ``CrashLoopBackOff, 6 restarts``."""
    created_at: datetime | None = None
    containers: tuple[str, ...] = ()
    children: tuple[TreeNode, ...] = ()
    is_orphaned: bool = False
    """It lies in the application's namespace and is nobody's: its project asks to be told (``orphanedResources``)."""


class EventView(Struct, frozen=True):
    """One Kubernetes Event."""

    last_seen: datetime
    type: str
    reason: str
    message: str
    object: ResourceKey
    count: int = 1
    source: str = ""


class LogLine(Struct, frozen=True):
    """One line of one container."""

    pod: str
    container: str
    text: str
    at: str = ""
