"""Puts the engine's parts together, once the home cluster has answered; starts and stops them in order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from gitops_tui.actions.catalogue import Catalogue
from gitops_tui.config import Settings
from gitops_tui.engine.acting import Acting
from gitops_tui.engine.administration import Administration
from gitops_tui.engine.asked import Asked
from gitops_tui.engine.assessor import Assessor
from gitops_tui.engine.assignment import Surroundings
from gitops_tui.engine.audit import Audit
from gitops_tui.engine.authority import Authority
from gitops_tui.engine.automation import Automation
from gitops_tui.engine.board import Board
from gitops_tui.engine.compare import Comparer
from gitops_tui.engine.deleting import Deleting
from gitops_tui.engine.executing import Executing
from gitops_tui.engine.feed import ApplicationFeed, JoinedFeed, ObjectFeed, feed_for
from gitops_tui.engine.finalizers import HookFinalizers
from gitops_tui.engine.identity import Identity
from gitops_tui.engine.ignored_updates import IgnoredUpdates
from gitops_tui.engine.jqrunner import JqRunner
from gitops_tui.engine.operations import APPLICATION, Listeners, Operations
from gitops_tui.engine.parts import Parts
from gitops_tui.engine.planning import Planner
from gitops_tui.engine.pool import Pool
from gitops_tui.engine.projects import Projects
from gitops_tui.engine.pushes import Pushes
from gitops_tui.engine.reconciler import Reconciler
from gitops_tui.engine.requested import Requested
from gitops_tui.engine.reverting import Reverting
from gitops_tui.engine.saved import SavedObjects
from gitops_tui.engine.schedule import Schedule
from gitops_tui.engine.session import Clusters, Session
from gitops_tui.engine.shown import ClusterWatch
from gitops_tui.engine.sources import Sources
from gitops_tui.engine.starts import Starts
from gitops_tui.engine.status_writer import StatusWriter
from gitops_tui.engine.system import System
from gitops_tui.engine.tally import Tally
from gitops_tui.engine.witness import Witness
from gitops_tui.lua.folder import read_folder
from gitops_tui.lua.runner import Runner
from gitops_tui.model.application import AppKey
from gitops_tui.model.resource import GroupKind, Object, namespace_of

if TYPE_CHECKING:
    from gitops_tui.engine.engine import EngineOptions

FETCH_THREADS = 8
COMPARE_THREADS = 8
"""Apart from the operations': a throttled sync must not stall every comparison."""
STATUS_THREADS = 4
READY_S = 60.0
FLUSH_S = 2.0


class Assembly(Struct, frozen=True):
    """The running parts."""

    reconciler: Reconciler
    operations: Operations
    executing: Executing
    administration: Administration
    projects: Projects
    authority: Authority
    sources: Sources
    schedule: Schedule
    statuses: StatusWriter
    pools: tuple[Pool, ...]
    watch: ClusterWatch
    identity: Identity
    assess: Assessor
    acting: Acting
    scripts: Runner
    jq: JqRunner
    home: Session
    namespace: str
    pushes: Pushes
    witness: Witness

    def watch_home(self) -> None:
        self.watch.start()
        self.schedule.start()
        self.home.begin()

    def wait_applications(self) -> None:
        """Until the Applications of the cluster were listed."""
        self.home.cache.wait_synced(READY_S, GroupKind(*APPLICATION))

    def begin(self) -> None:
        self.reconciler.begin()
        self.authority.start(
            namespace=self.namespace, holder=self.identity.instance, changed=self.reconciler.compare_all_soon
        )

    def stop(self) -> None:
        self.watch.stop()
        self.operations.stop()
        self.schedule.stop()
        self.statuses.flush(FLUSH_S)
        self.authority.stop()
        for pool in self.pools:
            pool.stop()
        self.sources.close()
        self.scripts.close()
        self.jq.stop()


def assemble(
    settings: Settings,
    options: EngineOptions,
    clusters: Clusters,
    board: Board,
    clock: Callable[[], datetime],
    system: System,
    identity: Identity,
    tally: Tally,
) -> Assembly:
    home = clusters.home
    schedule = Schedule("reconciler")
    fetchers = Pool("fetch", FETCH_THREADS)
    requests = Pool("requests", settings.reconcile.apply_parallelism)
    statuses = Pool("status", STATUS_THREADS)
    scripts, jq = Runner(), JqRunner()
    shipped = read_folder(settings.customizations) if settings.customizations else {}
    assess = Assessor(lambda: system.settings.customizations, shipped=shipped, run=scripts.run)
    sources = Sources(settings, clock, board.put_source, tally, namespace=options.namespace)
    comparing = Pool("compare", COMPARE_THREADS)
    projects = Projects(home, clusters, namespace=options.namespace, globals_of=lambda: system.settings.global_projects)
    comparer = Comparer(settings, system, comparing, assess, jq, projects.permits)
    asked = Asked(comparer, sources, system, options.namespace, clock)
    authority = Authority(settings, home, board, clock, reconciles=options.reconcile)
    saved = SavedObjects(settings.saved_objects, clock)
    audit = Audit(home, statuses, tally, clock)
    witness = Witness(audit, tally)
    around = Surroundings(settings, identity, requests, saved, clock, system, assess, projects)
    starting = Pool("starts", settings.reconcile.operation_processors)
    starts = Starts(starting, settings.reconcile.operation_processors, lambda key: reconciler.decide_anew(key))

    def progressed(key: AppKey) -> None:
        run = operations.run_of(key)
        if run is None or run.is_resting:
            starts.over(key)
        reconciler.publish_soon(key)

    def ended(key: AppKey) -> None:
        starts.over(key)
        reconciler.decide_anew(key)

    operations = Operations(
        home,
        around,
        board,
        Listeners(progressed, ended, witness.began, witness.completed),
        namespace=options.namespace,
        again=lambda key, operation, commits: executing.again(key, operation, commits),
    )
    automation = Automation(
        settings,
        authority,
        operations,
        starts,
        board,
        clock,
        projects,
        asked.comparison,
    )
    requested = Requested(
        operations,
        authority,
        clock,
        asked.comparison,
        lambda keys: reconciler.refresh(keys, hard=False),
        lambda key: reconciler.is_preparing(key),
    )
    told = StatusWriter(
        home,
        authority,
        schedule,
        statuses,
        options.namespace,
        asked.without_targets,
        starts.is_due,
        operations.was_ours,
        clock,
    )
    reconciler = Reconciler(
        Parts(
            settings=settings,
            clusters=clusters,
            sources=sources,
            comparer=comparer,
            system=system,
            ignored_updates=IgnoredUpdates(system, assess, jq.delete),
            projects=projects,
            board=board,
            schedule=schedule,
            fetchers=fetchers,
            operations=operations,
            authority=authority,
            automation=automation,
            requested=requested,
            deleting=Deleting(
                clusters,
                authority,
                saved,
                (statuses, requests),
                board,
                clock,
                system,
                options.namespace,
                assess,
                projects.permits,
            ),
            finalizers=HookFinalizers(home, authority, statuses),
            statuses=told,
            feed=_feed(options, sources, home),
            witness=witness,
            namespace=options.namespace,
            polls_files=bool(options.apps),
            clock=clock,
        )
    )
    executing = Executing(
        reconciler=reconciler,
        operations=operations,
        projects=projects,
        comparer=comparer,
        asked=asked,
        planner=Planner(comparing, settings.field_manager),
        reverting=Reverting(identity, reconciler.readers_of_files),
        sources=sources,
        schedule=schedule,
        home=home,
        system=system,
        identity=identity,
        namespace=options.namespace,
        clock=clock,
        is_leading=lambda: authority.is_leading,
    )
    return Assembly(
        reconciler=reconciler,
        operations=operations,
        executing=executing,
        administration=Administration(
            home,
            lambda key: executing.record(key).app,
            lambda key: executing.comparison(executing.record(key)),
            saved,
            system,
            clock,
        ),
        projects=projects,
        authority=authority,
        sources=sources,
        schedule=schedule,
        statuses=told,
        pools=(fetchers, requests, comparing, statuses, starting),
        watch=ClusterWatch(home, settings, board, identity.kubernetes_user),
        identity=identity,
        assess=assess,
        acting=Acting(lambda: Catalogue(system.settings.customizations, shipped, scripts.run), clock),
        scripts=scripts,
        jq=jq,
        home=home,
        namespace=options.namespace,
        witness=witness,
        pushes=Pushes(lambda: [record.app for record in reconciler.records()], reconciler.refresh),
    )


def _feed(options: EngineOptions, sources: Sources, home: Session) -> ApplicationFeed:
    """From ``--apps``, else the Applications of the cluster."""
    if options.apps:
        return JoinedFeed([feed_for(text, sources.mirror, namespace=options.namespace) for text in options.apps])

    def objects() -> list[Object]:
        found = home.cache.objects(*APPLICATION)
        return [obj for obj in found if options.all_namespaces or namespace_of(obj) == options.namespace]

    return ObjectFeed(objects, lambda: home.why_not_readable(*APPLICATION))
