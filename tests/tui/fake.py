"""A core that answers at once from `tests.tui.world` and remembers what it was asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

from msgspec.structs import replace

from gitops_tui.model.action import Action
from gitops_tui.model.application import AppKey
from gitops_tui.model.plan import Approval, ItemAction, Outcome, Plan, PlanItem, PlanKind, RevertPart, SyncRequest
from gitops_tui.model.resource import ResourceKey
from gitops_tui.model.snapshot import CommitView, EventView, LogLine, ResourceDetail, Snapshot, TreeNode
from tests.tui import world

T = TypeVar("T")


def done(value: T) -> Future[T]:
    future: Future[T] = Future()
    future.set_result(value)
    return future


def failed(error: Exception) -> Future[Any]:
    future: Future[Any] = Future()
    future.set_exception(error)
    return future


@dataclass
class Stream:
    is_closed: bool = False

    def close(self) -> None:
        self.is_closed = True


@dataclass
class FakeCore:
    """Everything that was asked for is in ``calls``; `publish` is what the core's threads do."""

    newest: Snapshot = field(default_factory=world.snapshot)
    read_only: bool = False
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    running: tuple[AppKey, ...] = ()
    plan: Plan | None = None
    errors: list[Exception] = field(default_factory=list)
    outcome: Outcome = field(default_factory=lambda: Outcome(ok=True, text="Healing auth-service"))
    commits_shown: tuple[CommitView, ...] = world.COMMITS
    path_commits_shown: dict[tuple[int, str], str] = field(default_factory=dict)
    tree_shown: tuple[TreeNode, ...] = field(default_factory=world.tree)
    events_shown: tuple[EventView, ...] = field(default_factory=world.events)
    actions_shown: tuple[Action, ...] = world.ACTIONS
    log: Sequence[LogLine] = world.LOG
    streams: list[Stream] = field(default_factory=list)
    patch: str = "commit 3f2c1ab\n\n    raise token ttl\n\ndiff --git a/x b/x\n@@ -1 +1 @@\n-  ttl: 60\n+  ttl: 3600\n"

    def __post_init__(self) -> None:
        self._listeners: list[Callable[[Snapshot], None]] = []
        self._plans = 0

    @property
    def is_read_only(self) -> bool:
        return self.read_only

    def snapshot(self) -> Snapshot:
        return self.newest

    def subscribe(self, listener: Callable[[Snapshot], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def publish(self, snapshot: Snapshot) -> None:
        self.newest = replace(snapshot, number=self.newest.number + 1)
        for listener in self._listeners:
            listener(self.newest)

    def asked(self, name: str) -> list[tuple[Any, ...]]:
        return [call[1:] for call in self.calls if call[0] == name]

    def refresh(self, app: AppKey | None, *, hard: bool = False) -> None:
        self.calls.append(("refresh", app, hard))

    # --- questions

    def detail(self, app: AppKey, key: ResourceKey) -> Future[ResourceDetail]:
        self.calls.append(("detail", app, key))
        return done(world.detail(app, key))

    def commits(self, app: AppKey, *, limit: int = 50, skip: int = 0) -> Future[tuple[CommitView, ...]]:
        return done(self.commits_shown)

    def path_commits(self, app: AppKey) -> Future[Mapping[tuple[int, str], str]]:
        return done(self.path_commits_shown)

    def commit_patch(self, app: AppKey, sha: str) -> Future[str]:
        self.calls.append(("commit_patch", app, sha))
        return done(self.patch)

    def tree(self, app: AppKey) -> Future[tuple[TreeNode, ...]]:
        self.calls.append(("tree", app))
        return done(self.tree_shown)

    def events(self, app: AppKey, key: ResourceKey | None = None) -> Future[tuple[EventView, ...]]:
        self.calls.append(("events", app, key))
        return done(self.events_shown)

    def logs(
        self,
        app: AppKey,
        key: ResourceKey,
        on_lines: Callable[[Sequence[LogLine]], None],
        *,
        follow: bool = True,
        previous: bool = False,
        tail: int = 200,
    ) -> Stream:
        self.calls.append(("logs", app, key, previous))
        self.on_lines = on_lines
        on_lines(self.log)
        self.streams.append(Stream())
        return self.streams[-1]

    def actions(self, app: AppKey, key: ResourceKey) -> Future[tuple[Action, ...]]:
        self.calls.append(("actions", app, key))
        return failed(self.errors.pop(0)) if self.errors else done(self.actions_shown)

    # --- plans

    def _made(self, kind: PlanKind, apps: Sequence[AppKey], items: tuple[PlanItem, ...], **more: Any) -> Future[Plan]:
        self._plans += 1
        if self.plan is not None:
            return done(replace(self.plan, number=self._plans))
        plan = Plan(
            number=self._plans,
            kind=kind,
            apps=tuple(apps),
            cluster="prod-eu",
            namespaces=("auth",),
            revisions=dict.fromkeys(apps, (world.RAISE_TTL.sha,)),
            commits=dict.fromkeys(apps, (world.RAISE_TTL,)),
            items=items,
            made_at=world.NOW,
            confirmed_by_server_s=0.018,
            **more,
        )
        return done(plan)

    def plan_sync(self, apps: Sequence[AppKey], request: SyncRequest) -> Future[Plan]:
        self.calls.append(("plan_sync", tuple(apps), request))
        items = tuple(
            PlanItem(app, world.AUTH_DEPLOYMENT, ItemAction.CONFIGURE, (world.AUTH_MODE,), restarts_pods=3)
            for app in apps
        )
        return self._made(PlanKind.SYNC, apps, items)

    def plan_heal(self, app: AppKey) -> Future[Plan]:
        self.calls.append(("plan_heal", app))
        return self._made(PlanKind.HEAL, (app,), (heal_item(app),))

    def plan_rollback(
        self, app: AppKey, entry: int | None = None, *, prune: bool = False, dry_run: bool = False
    ) -> Future[Plan]:
        self.calls.append(("plan_rollback", app, entry, prune))
        return self._made(PlanKind.ROLLBACK, (app,), (heal_item(app),))

    def plan_revert(self, app: AppKey, commits: Sequence[str]) -> Future[Plan]:
        self.calls.append(("plan_revert", app, tuple(commits)))
        part = RevertPart(
            commits=(world.RAISE_TTL,),
            branch="main",
            base=world.RAISE_TTL.sha,
            new_commit="f" * 40,
            message='Revert "raise token ttl"',
            files=("apps/auth-service/deployment.yaml",),
            patch="--- a/apps/auth-service/deployment.yaml\n+++ b/apps/auth-service/deployment.yaml\n"
            '@@ -21,3 +21,3 @@\n         - name: TOKEN_TTL\n-          value: "3600"\n+          value: "60"\n',
            also_affects=(AppKey("argocd", "gateway"),),
        )
        return self._made(PlanKind.REVERT, (app,), (heal_item(app),), revert=part)

    def execute(self, plan: Plan, approval: Approval) -> Future[Outcome]:
        self.calls.append(("execute", plan, approval))
        return failed(self.errors.pop(0)) if self.errors else done(self.outcome)

    def run_action(self, app: AppKey, key: ResourceKey, name: str, parameters: Mapping[str, str]) -> Future[Outcome]:
        self.calls.append(("run_action", app, key, name, dict(parameters)))
        return failed(self.errors.pop(0)) if self.errors else done(Outcome(ok=True, text=f"{name} on {key.short}"))

    # --- operations

    def terminate(self, app: AppKey) -> Future[Outcome]:
        self.calls.append(("terminate", app))
        return done(Outcome(ok=True, text="Terminating"))

    def resume(self, app: AppKey) -> Future[Outcome]:
        self.calls.append(("resume", app))
        return done(Outcome(ok=True, text="Resumed"))

    def hold(self, app: AppKey, reason: str, duration: timedelta | None) -> Future[Outcome]:
        self.calls.append(("hold", app, reason, duration))
        return done(Outcome(ok=True, text="On hold"))

    def release(self, app: AppKey) -> Future[Outcome]:
        self.calls.append(("release", app))
        return done(Outcome(ok=True, text="Released"))

    def running_operations(self) -> tuple[AppKey, ...]:
        return self.running


def heal_item(app: AppKey) -> PlanItem:
    return PlanItem(app, world.AUTH_DEPLOYMENT, ItemAction.CONFIGURE, (world.AUTH_MODE, world.DEBUG), restarts_pods=3)
