"""What would be done, before anything is done.

A plan is pinned to a commit and to the resourceVersions that it read; when either moves it is made anew and
never applied anyway (`gitops_tui.errors.StalePlanError`).
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from datetime import datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct, field

from gitops_tui.model.application import AppKey
from gitops_tui.model.commit import Commit
from gitops_tui.model.drift import FieldDrift
from gitops_tui.model.resource import ResourceKey
from gitops_tui.model.status import DriftKind

POD_TEMPLATE = ("spec", "template")


class PlanKind(StrEnum):
    SYNC = "sync"
    HEAL = "heal"
    REVERT = "revert"
    ROLLBACK = "rollback"


class ItemAction(StrEnum):
    """What happens to one object; Flux's and kubectl's words."""

    CREATE = "create"
    CONFIGURE = "configure"
    UNCHANGED = "unchanged"
    PRUNE = "prune"
    SKIP = "skip"
    HOOK = "hook"


class PlanItem(Struct, frozen=True):
    """One object in a plan. ``fields`` with ``ticked`` are what a heal undoes; ``error`` is the dry run's refusal."""

    app: AppKey
    key: ResourceKey
    action: ItemAction
    fields: tuple[FieldDrift, ...] = ()
    wave: int = 0
    phase: str = "Sync"
    restarts_pods: int | None = None
    """How many pods this restarts at most, with every field undone; None: none of them."""
    is_replaced: bool = False
    """Written anew instead of applied: what others added goes, too."""
    takes_over: tuple[str, ...] = ()
    """Field managers whose fields become ours."""
    notes: tuple[str, ...] = ()
    error: str = ""

    def restarted(self, ticked: Set[tuple[ResourceKey, str]] | None = None) -> int:
        """How many pods this restarts with these fields undone (object and path text); None: those that are ticked.

        What somebody added to a pod template restarts nothing while it stays.
        """
        if self.restarts_pods is None:
            return 0
        undone = [one for one in self.fields if one.kind is not DriftKind.FOREIGN or self._is_ticked(one, ticked)]
        is_all = self.is_replaced or not self.fields
        is_rolled = is_all or any(one.path[:2] == POD_TEMPLATE[: len(one.path)] for one in undone)
        return self.restarts_pods if is_rolled else 0

    def _is_ticked(self, field: FieldDrift, ticked: Set[tuple[ResourceKey, str]] | None) -> bool:
        return field.ticked if ticked is None else (self.key, field.text) in ticked


class SyncRequest(Struct, frozen=True):
    """What a person asked for. Empty ``resources``: everything. ``revision`` empty: the target revision."""

    revision: str = ""
    revisions: tuple[str, ...] = ()
    """The same for each source of several; empty among them: the target revision of that one."""
    prune: bool = False
    dry_run: bool = False
    force: bool = False
    replace: bool = False
    server_side: bool = True
    apply_out_of_sync_only: bool = False
    strategy: str = "hook"
    resources: tuple[ResourceKey, ...] = ()
    retry: Mapping[str, Any] | None = None
    """``operation.retry``: limit, backoff, refresh; None: once."""
    manifests: tuple[str, ...] = ()
    """Objects as JSON that are deployed instead of what Git holds (``--local``); then there is no ``revision``."""
    rollback_to: int | None = None
    """The entry of the history whose source and revision are deployed again."""
    asks_server: bool = True
    """Whether the plan is confirmed by the server's dry run; not worth it where nobody reads the plan."""


NO_REQUEST = SyncRequest()
"""Everything, as Git's target revision has it."""


class RevertPart(Struct, frozen=True):
    """The commits that a revert undoes and what it makes."""

    commits: tuple[Commit, ...]
    branch: str
    base: str
    new_commit: str
    message: str
    files: tuple[str, ...]
    patch: str
    repository: str = ""
    """Where it is pushed to; empty where all sources of the application are of one repository."""
    also_affects: tuple[AppKey, ...] = ()
    """Other applications that read the same files."""
    author: str = ""
    """``Name <email>``, empty where git's configuration has none and it must be asked for."""


class Plan(Struct, frozen=True):
    """Shown whole before it is confirmed. ``blockers`` not empty: it cannot be executed, and they say why."""

    number: int
    kind: PlanKind
    apps: tuple[AppKey, ...]
    cluster: str
    namespaces: tuple[str, ...]
    revisions: Mapping[AppKey, tuple[str, ...]]
    """The commit of each source."""
    commits: Mapping[AppKey, tuple[Commit | None, ...]]
    """The newest commit of each source's path, which people know; None where it is not known."""
    items: tuple[PlanItem, ...]
    made_at: datetime
    resource_versions: Mapping[tuple[AppKey, ResourceKey], str] = field(default_factory=dict)
    prune: bool = False
    dry_run: bool = False
    confirmed_by_server_s: float | None = None
    """How long the server's dry run took; None: it was not asked."""
    warnings: tuple[str, ...] = ()
    blockers: tuple[str, ...] = ()
    must_type: str = ""
    """What must be typed to go on: an application's name; where a prune of several is braked, ``delete N objects`` with
    the number of all. Empty: a plain confirmation."""
    must_type_reason: str = ""
    revert: RevertPart | None = None
    sources: Mapping[AppKey, tuple[str, ...]] = field(default_factory=dict)
    """What tells the sources of an application apart, where it has several: paths or repositories' names."""
    asks_argocd: bool = False
    """The operation is handed to Argo CD through ``.operation``."""
    request: SyncRequest | None = None
    """What a sync was asked to do; None for other plans."""

    @property
    def changes(self) -> tuple[PlanItem, ...]:
        return tuple(item for item in self.items if item.action not in (ItemAction.UNCHANGED, ItemAction.SKIP))

    @property
    def prunes(self) -> tuple[PlanItem, ...]:
        return tuple(item for item in self.items if item.action is ItemAction.PRUNE)

    @property
    def restarted_pods(self) -> int:
        """With what is ticked when it is first shown."""
        return self.restarted()

    def restarted(self, ticked: Set[tuple[ResourceKey, str]] | None = None) -> int:
        return sum(item.restarted(ticked) for item in self.items)


class Approval(Struct, frozen=True):
    """A person's yes: what was typed, which fields stay ticked (by path text), and who the Git author is."""

    typed: str = ""
    prune_count: int | None = None
    """``--yes-prune N`` of scripts: the number of objects that may be pruned without typing a name."""
    unticked: frozenset[tuple[ResourceKey, str]] = frozenset()
    ticked: frozenset[tuple[ResourceKey, str]] = frozenset()
    author: str = ""
    as_branch: str = ""
    """Push a revert as this branch instead of the tracked one."""
    then_sync: bool = True
    """Sync a revert once it is pushed, as its plan shows."""


class Outcome(Struct, frozen=True):
    """What came of executing a plan."""

    ok: bool
    text: str
    hint: str = ""
    link: str = ""
    """What the remote printed for a pull request, where a revert went to a branch of its own."""
    commit: str = ""
    is_on_own_branch: bool = False
    """A revert waits for somebody to merge its branch."""
    started_at: datetime | None = None
    """When the operation began, in whole seconds: tells it from those before."""
