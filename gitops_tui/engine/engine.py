"""The reconcile core as faces see it: fulfils `gitops_tui.model.core.Core`, and what the command line asks besides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from gitops_tui.cluster.cache import Changes
from gitops_tui.cluster.opening import DRAWING_S
from gitops_tui.config import Settings
from gitops_tui.engine.administration import Administration
from gitops_tui.engine.assembly import Assembly, assemble
from gitops_tui.engine.board import Board
from gitops_tui.engine.commits import commits_of, path_commits, pin_with
from gitops_tui.engine.comparison import Comparison
from gitops_tui.engine.executing import Executing
from gitops_tui.engine.identity import Identity
from gitops_tui.engine.local import local_manifests
from gitops_tui.engine.logstream import Tail
from gitops_tui.engine.measures import measures
from gitops_tui.engine.operations import new_hold
from gitops_tui.engine.pool import Pool
from gitops_tui.engine.questions import (
    detail_of,
    events_of,
    logs_of,
    manifests_of,
    masked_detail,
    tree_of_app,
)
from gitops_tui.engine.record import Record
from gitops_tui.engine.session import Clusters
from gitops_tui.engine.shown import ClusterWatch
from gitops_tui.engine.sources import SourceAt
from gitops_tui.engine.startup import Startup
from gitops_tui.engine.system import System
from gitops_tui.engine.tally import Tally
from gitops_tui.engine.webhook_secrets import WebhookSecrets, webhook_secrets
from gitops_tui.errors import HeldError, NotFound, ReadOnlyError
from gitops_tui.model.action import Action
from gitops_tui.model.application import AppKey
from gitops_tui.model.measure import Family
from gitops_tui.model.own_commits import told_revisions
from gitops_tui.model.plan import NO_REQUEST, Approval, Outcome, Plan, SyncRequest
from gitops_tui.model.project import AppProject
from gitops_tui.model.resource import Object, ResourceKey
from gitops_tui.model.snapshot import (
    AppView,
    ClusterView,
    CommitView,
    EventView,
    LogLine,
    Mode,
    ResourceDetail,
    Snapshot,
    TreeNode,
)
from gitops_tui.sync.tracking import app_of, instance_name
from gitops_tui.webhook.push import Push

T = TypeVar("T")

QUESTION_THREADS = 4
READY_S = 60.0
ALIVE_S = 60.0


class EngineOptions(Struct, frozen=True):
    """What was asked for on the command line. ``apps`` empty: Applications come from the cluster.

    ``is_drawn``: somebody waits for the first picture; it goes before everything that can come after it.
    """

    kubeconfig: str | None = None
    context: str | None = None
    namespace: str = "argocd"
    all_namespaces: bool = False
    apps: tuple[str, ...] = ()
    read_only: bool = False
    reconcile: bool = False
    is_drawn: bool = False


def utc_now() -> datetime:
    return datetime.now(UTC)


class Engine:
    """`connect` (may ask for a log-in), `start`, questions and plans, `stop`. Thread-safe."""

    def __init__(self, settings: Settings, options: EngineOptions, clock: Callable[[], datetime] = utc_now) -> None:
        self._settings = settings
        self._options = options
        self._clock = clock
        self._system = System(settings, options.namespace)
        mode = Mode.READ_ONLY if options.read_only else Mode.OBSERVING
        self._board = Board(clock, ClusterView(options.context or "", is_reachable=False), mode)
        self._questions = Pool("questions", QUESTION_THREADS)
        self.tally = Tally()
        """What is counted, for a metrics endpoint."""
        self._clusters = Clusters(
            settings,
            kubeconfig=options.kubeconfig,
            context=options.context,
            read_only=options.read_only,
            owner_of=lambda obj: app_of(obj, self._system.tracking) or None,
            is_unwatched=self._system.is_unwatched,
            is_strict=lambda: self._system.settings.respect_rbac == "strict",
            on_change=self._changed,
            tally=self.tally,
            lead_s=DRAWING_S if options.is_drawn else 0.0,
        )
        self._startup = Startup(lambda: self._clusters.home, self._board, settings, self._system, self._parts, clock)

    def _parts(self, identity: Identity) -> Assembly:
        return assemble(
            self._settings,
            self._options,
            self._clusters,
            self._board,
            self._clock,
            self._system,
            identity,
            self.tally,
        )

    def _changed(self, cluster: str, changes: Changes) -> None:
        if self._startup.assembly is not None:
            self._startup.assembly.reconciler.cluster_changed(cluster, changes)

    # --- beginning and end
    def connect(self) -> None:
        """Open the home cluster's connection: exec plugins may ask for a log-in on the terminal."""
        self._board.put_cluster(ClusterWatch.first_view(self._clusters.home, self._settings))

    def start(self) -> None:
        """Begin to watch and compare, in the background."""
        if not self._board.snapshot().cluster.server:
            self.connect()
        self._board.start()
        self._startup.start()

    def stop(self) -> None:
        """End everything; what runs is left to its lease. Idempotent."""
        self._startup.stop()
        self._questions.stop()
        self._board.stop()
        self._clusters.close()
        if self._startup.join():
            self._clusters.close()

    def drain(self, timeout_s: float) -> bool:
        """Begin nothing new, and wait until what runs has ended."""
        assembly = self._need()
        assembly.reconciler.is_draining = True
        return assembly.operations.drain(timeout_s)

    def wait_compared(self, timeout_s: float) -> bool:
        """Until every application was compared once since the last refresh. Raises why the cluster cannot be used."""
        if not self._startup.wait(min(timeout_s, READY_S)):
            return False
        is_done = self._need().reconciler.wait_compared(timeout_s)
        self._board.current()
        return is_done

    # --- what is seen
    @property
    def is_read_only(self) -> bool:
        return self._options.read_only

    def snapshot(self) -> Snapshot:
        return self._board.snapshot()

    def subscribe(self, listener: Callable[[Snapshot], None]) -> Callable[[], None]:
        return self._board.subscribe(listener)

    def refresh(self, app: AppKey | None, *, hard: bool = False) -> None:
        if self._startup.assembly is not None:
            self._startup.assembly.reconciler.refresh(None if app is None else [app], hard=hard)
            if app is not None and not self._options.read_only:
                executing, key = self._startup.assembly.executing, app
                self._ask(lambda: executing.ask_refresh(key, hard=hard))

    def pushed(self, push: Push) -> tuple[AppKey, ...]:
        """A repository was pushed to: refresh the Applications that it concerns. Raises before `start` got so far."""
        return self._need().pushes.take(push)

    def measures(self) -> list[Family]:
        """What a metrics endpoint shows, as of now."""
        return measures(self.tally, self._board.snapshot(), self._clusters.sessions, self._clock())

    def is_alive(self) -> bool:
        """Whether the thread that runs the rules takes work: it does not where it is stuck or has died."""
        return self._startup.assembly is None or self._startup.assembly.schedule.is_alive(ALIVE_S)

    def webhook_secrets(self) -> WebhookSecrets:
        """The secrets of webhooks, looked up when they are asked for."""
        return webhook_secrets(self._settings, self._clusters, self._options.namespace)

    # --- questions
    def detail(self, app: AppKey, key: ResourceKey) -> Future[ResourceDetail]:
        return self._ask(lambda: detail_of(self._comparison(app), key))

    def commits(self, app: AppKey, *, limit: int = 50, skip: int = 0) -> Future[tuple[CommitView, ...]]:
        return self._ask(lambda: commits_of(self._pins(app), self._view(app), limit=limit, skip=skip))

    def path_commits(self, app: AppKey) -> Future[Mapping[tuple[int, str], str]]:
        return self._ask(lambda: path_commits(self._pins(app), told_revisions(self._view(app))))

    def commit_patch(self, app: AppKey, sha: str) -> Future[str]:
        return self._ask(lambda: pin_with(self._pins(app), [sha]).mirror.show(sha))

    def tree(self, app: AppKey) -> Future[tuple[TreeNode, ...]]:
        def tree() -> tuple[TreeNode, ...]:
            return tree_of_app(self._comparison(app), self._view(app), self._need().assess, self.orphans(app))

        return self._ask(tree)

    def events(self, app: AppKey, key: ResourceKey | None = None) -> Future[tuple[EventView, ...]]:
        return self._ask(lambda: events_of(self._comparison(app), key))

    def logs(
        self,
        app: AppKey,
        key: ResourceKey,
        on_lines: Callable[[Sequence[LogLine]], None],
        *,
        follow: bool = True,
        previous: bool = False,
        tail: int | None = 200,
        since_s: int | None = None,
        container: str = "",
    ) -> Tail:
        """``tail`` None: all there is."""
        return logs_of(
            self._comparison(app),
            key,
            on_lines,
            follow=follow,
            previous=previous,
            tail=tail,
            since_s=since_s,
            container=container,
        )

    def manifests(self, key: AppKey, *, source: str = "git", asked: SyncRequest = NO_REQUEST) -> Sequence[Object]:
        """``git``: what a sync would apply that is asked for so; ``live``: what the cluster has. Secrets are masked."""
        return manifests_of(self._asked(key, asked), source)

    def differences(
        self, key: AppKey, *, asked: SyncRequest = NO_REQUEST, local: Path | None = None
    ) -> tuple[ResourceDetail, ...]:
        """Every object with its three faces, masked; at the revisions that are asked for, or as a folder has it."""
        found = self._executing().locally(key, local) if local else self._asked(key, asked)
        hidden = found.system.sensitive_annotations
        return tuple(masked_detail(key, one, hidden_annotations=hidden) for one in found.objects)

    def local_manifests(self, key: AppKey, folder: Path) -> tuple[str, ...]:
        """A folder's objects as JSON, rendered as the application's source is; for `SyncRequest.manifests`."""
        return local_manifests(self._record(key).app, folder, instance_name(key, self._options.namespace))

    def projects(self) -> tuple[AppProject, ...]:
        """The projects that are defined, by name."""
        return self._need().projects.all()

    def orphans(self, key: AppKey) -> tuple[ResourceKey, ...]:
        """What lives in an application's namespace and is nobody's; empty where its project does not ask for it."""
        return self._record(key).orphans

    def _asked(self, key: AppKey, request: SyncRequest) -> Comparison:
        return self._comparison(key) if request == NO_REQUEST else self._executing().wanted(key, request)

    def actions(self, app: AppKey, key: ResourceKey) -> Future[tuple[Action, ...]]:
        return self._ask(lambda: self._need().acting.available(self._comparison(app), key))

    # --- plans
    def plan_sync(self, apps: Sequence[AppKey], request: SyncRequest) -> Future[Plan]:
        return self._ask(lambda: self._executing().plan_sync(apps, request))

    def plan_heal(self, app: AppKey) -> Future[Plan]:
        return self._ask(lambda: self._executing().plan_heal(app))

    def plan_rollback(
        self, app: AppKey, entry: int | None = None, *, prune: bool = False, dry_run: bool = False
    ) -> Future[Plan]:
        return self._ask(lambda: self._executing().plan_rollback(app, entry, prune=prune, dry_run=dry_run))

    def plan_revert(self, app: AppKey, commits: Sequence[str]) -> Future[Plan]:
        return self._ask(lambda: self._executing().plan_revert(app, commits))

    def execute(self, plan: Plan, approval: Approval) -> Future[Outcome]:
        return self._ask(lambda: self._writing().execute(plan, approval))

    def run_action(self, app: AppKey, key: ResourceKey, name: str, parameters: Mapping[str, str]) -> Future[Outcome]:
        def work() -> Outcome:
            assembly = self._need_writing()
            operator = assembly.identity.operator
            outcome = assembly.acting.perform(self._comparison(app), key, name, parameters, operator)
            self._board.note(app, f"{operator}: {outcome.text}", "action")
            assembly.witness.acted(self._record(app).app, operator, name, key)
            return outcome

        return self._ask(work)

    # --- operations
    def terminate(self, app: AppKey) -> Future[Outcome]:
        return self._ask(lambda: self._writing().terminate(app))

    def resume(self, app: AppKey) -> Future[Outcome]:
        return self._ask(lambda: self._writing().resume(app))

    def hold(self, app: AppKey, reason: str, duration: timedelta | None) -> Future[Outcome]:
        def work() -> Outcome:
            assembly, record = self._need_writing(), self._record(app)
            now = self._clock()
            standing = record.state.hold
            if standing is not None and standing.is_active(now) and standing.owner != assembly.identity.operator:
                raise HeldError(f"{standing.owner} holds it already: {standing.reason}", hint="Talk to them first.")
            assembly.operations.hold(record, new_hold(assembly.identity.operator, reason, duration, now))
            assembly.reconciler.publish_soon(app)
            return Outcome(True, f"{record.app.name} is held")

        return self._ask(work)

    def release(self, app: AppKey) -> Future[Outcome]:
        def work() -> Outcome:
            assembly, record = self._need_writing(), self._record(app)
            assembly.operations.hold(record, None)
            assembly.reconciler.compare_soon(app)
            return Outcome(True, f"{record.app.name} is released")

        return self._ask(work)

    def running_operations(self) -> tuple[AppKey, ...]:
        return self._startup.assembly.operations.running() if self._startup.assembly else ()

    @property
    def administration(self) -> Administration:
        """What is done to an Application itself or to single objects; each call waits for the server's answer."""
        return self._need().administration

    # --- inside
    def _ask(self, work: Callable[[], T]) -> Future[T]:
        return self._questions.submit(work)

    def _need(self) -> Assembly:
        return self._startup.need()

    def _need_writing(self) -> Assembly:
        if self._options.read_only:
            raise ReadOnlyError("read-only: nothing is written", hint="Start without --read-only to write.")
        return self._need()

    def _executing(self) -> Executing:
        return self._need().executing

    def _writing(self) -> Executing:
        return self._need_writing().executing

    def _record(self, key: AppKey) -> Record:
        record = self._need().reconciler.record(key)
        if record is None:
            raise NotFound(f"no application {key}")
        return record

    def _comparison(self, key: AppKey) -> Comparison:
        return self._executing().comparison(self._record(key))

    def _pins(self, key: AppKey) -> tuple[SourceAt, ...]:
        return self._executing().pins(self._record(key))

    def _view(self, key: AppKey) -> AppView:
        view = self._board.view(key)
        if view is None:
            raise NotFound(f"no application {key}")
        return view
