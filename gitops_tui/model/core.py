"""What a face may ask of the core. The engine fulfils it; the cockpit's tests use a fake.

Nothing here blocks: questions are answered on threads of the core through futures (their exceptions are
`gitops_tui.errors.GitOpsError`), and everything that changes arrives as a new snapshot.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from datetime import timedelta
from typing import Protocol

from gitops_tui.model.action import Action
from gitops_tui.model.application import AppKey
from gitops_tui.model.plan import Approval, Outcome, Plan, SyncRequest
from gitops_tui.model.resource import ResourceKey
from gitops_tui.model.snapshot import CommitView, EventView, LogLine, ResourceDetail, Snapshot, TreeNode


class LogStream(Protocol):
    """Lines as they come, on a thread of the core; ``close`` is idempotent and does not block."""

    def close(self) -> None: ...


class Core(Protocol):
    """The reconcile core, seen from a face."""

    @property
    def is_read_only(self) -> bool: ...

    def snapshot(self) -> Snapshot:
        """The newest snapshot."""

    def subscribe(self, listener: Callable[[Snapshot], None]) -> Callable[[], None]:
        """Call ``listener`` (on a thread of the core) with each new snapshot; returns what ends that."""

    def refresh(self, app: AppKey | None, *, hard: bool = False) -> None:
        """Fetch and compare one application, or all (None), now."""

    # --- questions
    def detail(self, app: AppKey, key: ResourceKey) -> Future[ResourceDetail]: ...

    def commits(self, app: AppKey, *, limit: int = 50, skip: int = 0) -> Future[tuple[CommitView, ...]]: ...

    def path_commits(self, app: AppKey) -> Future[Mapping[tuple[int, str], str]]:
        """By source and revision, the commits of its own paths that the revisions told of an application stand for."""

    def commit_patch(self, app: AppKey, sha: str) -> Future[str]:
        """The commit as ``git show`` prints it, without colour."""

    def tree(self, app: AppKey) -> Future[tuple[TreeNode, ...]]: ...

    def events(self, app: AppKey, key: ResourceKey | None = None) -> Future[tuple[EventView, ...]]: ...

    def logs(
        self,
        app: AppKey,
        key: ResourceKey,
        on_lines: Callable[[Sequence[LogLine]], None],
        *,
        follow: bool = True,
        previous: bool = False,
        tail: int = 200,
    ) -> LogStream:
        """All pods and containers of a workload (or one pod)."""

    def actions(self, app: AppKey, key: ResourceKey) -> Future[tuple[Action, ...]]:
        """What can be done to one object: of the application, or owned by one of it."""

    # --- plans
    def plan_sync(self, apps: Sequence[AppKey], request: SyncRequest) -> Future[Plan]: ...

    def plan_heal(self, app: AppKey) -> Future[Plan]: ...

    def plan_rollback(
        self, app: AppKey, entry: int | None = None, *, prune: bool = False, dry_run: bool = False
    ) -> Future[Plan]:
        """To an entry of the history by its id, or the one before the last; the future raises where it is refused."""

    def plan_revert(self, app: AppKey, commits: Sequence[str]) -> Future[Plan]: ...

    def execute(self, plan: Plan, approval: Approval) -> Future[Outcome]:
        """Do what the plan says. The future ends when the operation has *started* (sync, heal) or been pushed
        (revert); its course arrives in snapshots. `StalePlanError` where what it was pinned to has moved."""

    def run_action(self, app: AppKey, key: ResourceKey, name: str, parameters: Mapping[str, str]) -> Future[Outcome]:
        """Run an action on one object; what it changed is in the outcome."""

    # --- operations
    def terminate(self, app: AppKey) -> Future[Outcome]: ...

    def resume(self, app: AppKey) -> Future[Outcome]:
        """Take over an orphaned operation and finish it."""

    def hold(self, app: AppKey, reason: str, duration: timedelta | None) -> Future[Outcome]: ...

    def release(self, app: AppKey) -> Future[Outcome]: ...

    def running_operations(self) -> tuple[AppKey, ...]:
        """Operations that this instance runs now: what quitting would orphan."""
