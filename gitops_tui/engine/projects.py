"""The projects of the Applications: where they come from, and what they say about one Application.

Files name them as they name Applications; else they are objects of the home cluster, in the namespace of ``-n``. Asked
from any thread.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from msgspec import Struct, field

from gitops_tui.engine.session import Clusters, Session
from gitops_tui.errors import GitOpsError, InvalidSpecError
from gitops_tui.model.application import IN_CLUSTER_NAME, IN_CLUSTER_SERVER, Application, Destination
from gitops_tui.model.project import DEFAULT_PROJECT, EVERYTHING_PERMITTED, AppProject, SyncWindow, parse_project
from gitops_tui.model.reader import Origin
from gitops_tui.model.resource import GroupKind, ResourceKey, metadata_of, namespace_of
from gitops_tui.model.snapshot import Problem
from gitops_tui.model.system import GlobalProject
from gitops_tui.sync.global_projects import with_globals
from gitops_tui.sync.permissions import (
    DestinationCluster,
    is_kind_permitted,
    is_live_permitted,
    is_namespace_permitted,
    spec_violations,
    why_not_permitted,
)
from gitops_tui.sync.project_check import problems
from gitops_tui.sync.window_words import next_look, state_line
from gitops_tui.sync.windows import BLOCKED, Verdict, decide, has_unknown_zone, matching

PROJECT = ("argoproj.io", "AppProject")
READY_S = 60.0


@dataclasses.dataclass(frozen=True, slots=True)
class Permits:
    """What its project lets an application manage in its cluster."""

    project: AppProject
    cluster: DestinationCluster = DestinationCluster()  # noqa: RUF009 - frozen
    _live: dict[ResourceKey, bool] = dataclasses.field(default_factory=dict, compare=False, repr=False)
    _kinds: dict[tuple[ResourceKey, bool], bool] = dataclasses.field(default_factory=dict, compare=False, repr=False)
    """Answers that were given: the same objects are asked about with every comparison."""

    def has_live(self, key: ResourceKey) -> bool:
        """Whether a live object may be compared, changed and pruned."""
        found = self._live.get(key)
        if found is None:
            found = self._live[key] = is_live_permitted(self.project, key, self.cluster)
        return found

    def has_kind(self, key: ResourceKey, *, is_namespaced: bool) -> bool:
        found = self._kinds.get((key, is_namespaced))
        if found is None:
            found = is_kind_permitted(self.project, key.group_kind, key.name, is_namespaced=is_namespaced)
            self._kinds[key, is_namespaced] = found
        return found

    def why_not(self, key: ResourceKey, *, is_namespaced: bool) -> str:
        """Why a sync may not touch an object; empty where it may."""
        return why_not_permitted(self.project, key, self.cluster, is_namespaced=is_namespaced)


EVERYTHING = Permits(EVERYTHING_PERMITTED, DestinationCluster(IN_CLUSTER_SERVER, IN_CLUSTER_NAME))


class _Answers(Struct):
    """What follows from one edition of the projects; ``kept``: what the edition knows by identity."""

    edition: object
    kept: object = None
    projects: dict[str, AppProject] = field(default_factory=dict)
    permits: dict[tuple[str, Destination], Permits] = field(default_factory=dict)


class Projects:
    """Remembers what files declare; reads what the cluster holds."""

    def __init__(
        self,
        home: Session,
        clusters: Clusters,
        *,
        namespace: str,
        globals_of: Callable[[], Sequence[GlobalProject]] = tuple,
    ) -> None:
        """``globals_of``: ``globalProjects`` as the system has them now."""
        self._globals_of = globals_of
        self._home = home
        self._clusters = clusters
        self._namespace = namespace
        self._lock = threading.Lock()
        self._declared: dict[str, AppProject] = {}
        self._read: dict[tuple[str, str], AppProject | Problem] = {}
        self._answers = _Answers(None)

    def declare(self, projects: Iterable[AppProject]) -> bool:
        """What the files hold now; whether it is something else than before."""
        found = {one.name: one for one in projects}
        with self._lock:
            is_new = found != self._declared
            if is_new:
                self._declared = found
        return is_new

    def all(self) -> tuple[AppProject, ...]:
        """Sorted by name; a declared one goes before one of the cluster."""
        found = {one.name: one for one in self._of_cluster() if isinstance(one, AppProject)}
        return tuple(one for _, one in sorted({**found, **self._declared}.items()))

    def problems(self) -> tuple[Problem, ...]:
        """Projects that cannot be read, and what Argo CD's API would refuse in the others."""
        found = [one for one in self._of_cluster() if isinstance(one, Problem)]
        for project in self.all():
            where = f"AppProject {project.name} ({project.origin})"
            zones = [one.time_zone for one in project.sync_windows if has_unknown_zone(one)]
            words = [*problems(project), *(f"there is no time zone {zone!r}: it counts as UTC" for zone in zones)]
            found += [Problem(where, word, "Correct the AppProject.") for word in words]
        state = self._home.cache.state(*PROJECT)
        if state.word == "restricted":
            found.append(Problem("AppProjects", f"may not be listed: {state.error}", "Nothing of them is enforced."))
        return tuple(found)

    def named(self, name: str) -> AppProject:
        """With what its global projects add. Raises `InvalidSpecError` where there is none.

        ``default`` permits everything where nobody defines it. So does any name where projects are unknown: neither
        files nor the cluster can hold any, or they may not be read.
        """
        answers = self._answers_now()
        if name not in answers.projects:
            answers.projects[name] = self._named(name)
        return answers.projects[name]

    def _named(self, name: str) -> AppProject:
        known = {one.name: one for one in self.all()}
        if name in known:
            return with_globals(known[name], self._globals_of(), known)
        is_known = bool(self._declared) or self._home.discovery.find(*PROJECT) is not None
        is_restricted = self._home.cache.state(*PROJECT).word == "restricted"
        if name == DEFAULT_PROJECT or not is_known or is_restricted:
            return dataclasses.replace(EVERYTHING_PERMITTED, name=name, source_namespaces=("*",))
        raise InvalidSpecError(
            f"Application referencing project {name} which does not exist",
            hint=f"Define the AppProject {name}, or correct spec.project.",
        )

    def check(self, app: Application) -> None:
        """Raises `InvalidSpecError` where the Application may not be what it is. May wait for the cluster."""
        if app.defect is not None:
            raise app.defect
        if self._home.discovery.find(*PROJECT) is not None:
            self._home.cache.wait_synced(READY_S, GroupKind(*PROJECT))
        project = self.named(app.project)
        if not is_namespace_permitted(project, app.namespace, self._namespace):
            raise InvalidSpecError(
                f"application '{app.name}' in namespace '{app.namespace}' is not allowed to use project {project.name}",
                hint="Name the namespace in the project's sourceNamespaces.",
            )
        spec = {**(app.raw.get("spec") or {}), "project": app.project}
        found = spec_violations(spec, project, lambda destination: cluster_of(destination, self._clusters))
        if found:
            raise InvalidSpecError(
                "; ".join(found), hint=f"Let project {project.name} permit it, or change the Application."
            )

    def permits(self, app: Application) -> Permits:
        """For the objects of an Application that `check` let pass; one whose project is gone meanwhile has none."""
        answers, asked = self._answers_now(), (app.project, app.destination)
        if asked not in answers.permits:
            try:
                answers.permits[asked] = Permits(self.named(app.project), cluster_of(app.destination, self._clusters))
            except GitOpsError:
                return Permits(AppProject(app.project))
        return answers.permits[asked]

    def windows(self, app: Application) -> tuple[SyncWindow, ...]:
        """The windows that apply to an Application. Raises `InvalidSpecError` where there is no such project."""
        return matching(self.named(app.project).sync_windows, app)

    def verdict(
        self, app: Application, now: datetime, *, is_manual: bool, started_at: datetime | None = None
    ) -> Verdict:
        """Whether the windows let a sync begin or go on.

        Raises `InvalidSpecError` for one that cannot be read, and where there is no such project.
        """
        return decide(self.windows(app), now, is_manual=is_manual, started_at=started_at)

    def blocked(self, app: Application, now: datetime, *, is_manual: bool, started_at: datetime | None = None) -> str:
        """What an operation that waits for a window says, in Argo CD's words; empty where it may go on.

        Raises `InvalidSpecError` where its project is gone: that opens no window, and ends the operation.
        """
        windows = self.windows(app)
        try:
            is_allowed = decide(windows, now, is_manual=is_manual, started_at=started_at).is_allowed
        except InvalidSpecError as error:
            return f"{BLOCKED}: invalid sync windows: {error.message}"
        return "" if is_allowed else BLOCKED

    def line(self, app: Application, now: datetime) -> str:
        """What the windows say now, for a screen."""
        try:
            return state_line(self.windows(app), now)
        except InvalidSpecError as error:
            return f"cannot be read: {error.message}"

    def next_look(self, app: Application, now: datetime) -> float | None:
        """Seconds until a window opens or closes; None where there is none, or that is not in sight."""
        try:
            return next_look(self.windows(app), now)
        except InvalidSpecError:
            return None

    def _answers_now(self) -> _Answers:
        """What was found out since a project, or what decides about them, was another one."""
        home, declared, more = self._home, self._declared, self._globals_of()
        of_cluster = tuple(metadata_of(obj).get("resourceVersion") for obj in home.cache.objects(*PROJECT))
        state = home.cache.state(*PROJECT).word, home.discovery.find(*PROJECT) is not None
        edition = id(declared), id(more), of_cluster, state
        if self._answers.edition != edition:
            self._answers = _Answers(edition, (declared, more))
        return self._answers

    def _of_cluster(self) -> Sequence[AppProject | Problem]:
        read: dict[tuple[str, str], AppProject | Problem] = {}
        for obj in self._home.cache.objects(*PROJECT):
            if namespace_of(obj) != self._namespace:
                continue
            metadata = metadata_of(obj)
            stamp = (str(metadata.get("uid")), str(metadata.get("resourceVersion")))
            known = self._read.get(stamp)
            if known is None:
                try:
                    known = parse_project(obj, origin=Origin(in_cluster=True))
                except InvalidSpecError as error:
                    known = Problem(f"AppProject {metadata.get('name')}", str(error), error.hint)
            read[stamp] = known
        self._read = read
        return list(read.values())


def cluster_of(destination: Destination, clusters: Clusters) -> DestinationCluster:
    """A destination's cluster by server and by name; raises `InvalidSpecError` where it names none."""
    if not destination.server and not destination.name:
        return DestinationCluster()
    if destination.server and destination.name:
        raise InvalidSpecError(
            f"application destination can't have both name and server defined: {destination.name} {destination.server}"
        )
    if destination.server == IN_CLUSTER_SERVER or destination.name == IN_CLUSTER_NAME:
        return DestinationCluster(IN_CLUSTER_SERVER, IN_CLUSTER_NAME)
    connection = clusters.resolve(destination).connection
    return DestinationCluster(destination.server or connection.server, destination.name or connection.context)
