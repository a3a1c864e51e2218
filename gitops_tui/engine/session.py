"""One cluster as the engine holds it: connection, reader, cache, schemas and, where writing is allowed, a writer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from gitops_tui.cluster.cache import Changes, ClusterCache
from gitops_tui.cluster.client import Reader
from gitops_tui.cluster.connection import Connection, OnRequest
from gitops_tui.cluster.discovery import ApiResource, Discovery
from gitops_tui.cluster.kubeconfig import ContextInfo
from gitops_tui.cluster.opening import Opening
from gitops_tui.cluster.request import RequestInfo
from gitops_tui.cluster.schema import SchemaCache
from gitops_tui.cluster.strict import StrictReader
from gitops_tui.cluster.writer import DryRun, Writer
from gitops_tui.config import Settings
from gitops_tui.engine.counted import REQUESTS
from gitops_tui.engine.tally import Tally
from gitops_tui.errors import ClusterUnreachable, InvalidSpecError
from gitops_tui.model.application import IN_CLUSTER_NAME, IN_CLUSTER_SERVER, Destination
from gitops_tui.model.resource import GroupKind, Object
from gitops_tui.model.system import DEFAULT_FILTERS

LATE_S = 5.0


@dataclass(frozen=True, slots=True)
class Session:
    """Everything one cluster is asked through. ``writer`` None: read-only, by construction."""

    connection: Connection
    reader: Reader
    discovery: Discovery
    cache: ClusterCache
    schemas: SchemaCache
    dry_run: DryRun
    writer: Writer | None
    names: tuple[str, ...] = ()
    """What ``clusters`` in filters of kinds may call it: its URL, and its names in the kubeconfig."""
    beginning: threading.Lock = field(default_factory=threading.Lock, compare=False)
    was_listed: threading.Event = field(default_factory=threading.Event, compare=False)
    opening: Opening = field(default_factory=Opening, compare=False)

    def begin(self) -> None:
        """Watch everything that can be watched; what is watched already goes on."""
        with self.beginning:
            self.cache.ensure(self.cache.watchable())

    def ready(self, timeout_s: float) -> None:
        """Watch everything, and wait until it was listed; not for long for kinds that came since. `ClusterError`."""
        self.begin()
        if self.was_listed.is_set():
            self.cache.wait_synced(LATE_S)
            return
        self._wait_listed(timeout_s)
        self.was_listed.set()

    def _wait_listed(self, timeout_s: float) -> None:
        if not self.cache.wait_synced(timeout_s):
            raise ClusterUnreachable(
                f"{self.name} did not list everything within {timeout_s:.0f} s {self.cache.message}".rstrip(),
                hint="Run gitops-tui doctor to see what does not answer.",
            )

    def why_not_readable(self, group: str, kind: str) -> str:
        """Why objects of a kind cannot be read here, in words; empty where they can."""
        if self.discovery.find(group, kind) is None:
            return f"{self.name} has no {kind} resource ({group})"
        state = self.cache.state(group, kind)
        tellings = {"loading": "have not been listed yet", "failing": "could not be listed"}
        if state.word in tellings and not self.cache.objects(group, kind):  # else they are shown as they were
            return f"{kind}s {tellings[state.word]}: {state.error}".removesuffix(": ")
        return f"{kind}s may not be listed: {state.error}" if state.word == "restricted" else ""

    def filters_changed(self) -> None:
        """Other kinds are excluded by now."""
        self.cache.leave_excluded()
        self.begin()

    def watch_in(self, namespace: str, timeout_s: float) -> None:
        """Where a kind may not be listed everywhere, watch it in this namespace, and wait for it."""
        restricted = set(self.cache.restricted())
        kinds = [
            one
            for one in self.cache.watchable()
            if one.namespaced and str(GroupKind(one.group, one.kind)) in restricted
        ]
        if kinds and namespace:
            self.cache.ensure(kinds, (namespace,))
            self._wait_listed(timeout_s)

    @property
    def name(self) -> str:
        return self.connection.context or self.connection.cluster_name

    def close(self) -> None:
        self.cache.stop()
        self.connection.close()

    def learn_kinds(self) -> None:
        """Read discovery anew and watch what came: a CustomResourceDefinition is served now."""
        self.discovery.refresh()
        self.schemas.forget()
        self.cache.ensure(self.cache.watchable())

    def resource_for(self, obj: Object) -> ApiResource | None:
        group, _, version = str(obj.get("apiVersion", "")).rpartition("/")
        return self.discovery.find(group, str(obj.get("kind", "")), version)

    def is_namespaced(self, group: str, kind: str) -> bool | None:
        """None where the cluster does not know the kind."""
        found = self.discovery.find(group, kind)
        return found.namespaced if found else None


def counting(tally: Tally, server: str) -> OnRequest:
    """Counts each answer of a server."""

    def asked(info: RequestInfo, status: int) -> None:
        tally.add(REQUESTS, "", "", "", server, str(status), info.verb, info.kind, info.namespace)

    return asked


def named_context(wanted: str, known: Sequence[ContextInfo]) -> ContextInfo | None:
    """The context that a destination means: by its own name, else by its cluster's name or server.

    Contexts of one cluster and one user are one. Raises `InvalidSpecError` where several are left: whose rights count
    is nothing to guess.
    """
    named = [one for one in known if one.name == wanted]
    by_cluster = [one for one in known if wanted == one.cluster or wanted.rstrip("/") == one.server.rstrip("/")]
    found = named or by_cluster
    if len({(one.server.rstrip("/"), one.user) for one in found}) > 1:
        names = ", ".join(f"{one.name} (user {one.user})" for one in found)
        raise InvalidSpecError(
            f"{wanted!r} is the cluster of several contexts: {names}",
            path="spec.destination",
            expected="a cluster that one context names",
            hint=f"Say which one is meant: clusters: {{{wanted!r}: {found[0].name}}} in the settings.",
        )
    return found[0] if found else None


OnChange = Callable[[str, Changes], None]


class Clusters:
    """The clusters that destinations name, opened when first needed. The home cluster is the chosen context."""

    def __init__(
        self,
        settings: Settings,
        *,
        kubeconfig: str | None,
        context: str | None,
        read_only: bool,
        owner_of: Callable[[Object], str | None],
        on_change: OnChange,
        is_unwatched: Callable[[GroupKind, Sequence[str]], bool] = DEFAULT_FILTERS.excludes,
        is_strict: Callable[[], bool] = lambda: False,
        tally: Tally | None = None,
        lead_s: float = 0.0,
    ) -> None:
        """``lead_s``: how long the streams wait for the screen that shows the first comparison (`Opening`)."""
        self._settings = settings
        self._kubeconfig = kubeconfig
        self._context = context
        self._read_only = read_only
        self._owner_of = owner_of
        self._on_change = on_change
        self._is_unwatched = is_unwatched
        self._is_strict = is_strict
        self._tally = tally
        self._lead_s = lead_s
        self._lock = threading.Lock()
        self._sessions: dict[str, Session] = {}
        self._home: Session | None = None

    @property
    def home(self) -> Session:
        """The cluster of the chosen context; raises `ConfigError` or `ClusterError` where there is none."""
        if self._home is None:
            self._home = self._open(self._context, IN_CLUSTER_SERVER, IN_CLUSTER_NAME)
        return self._home

    @property
    def sessions(self) -> tuple[Session, ...]:
        return tuple(dict.fromkeys([*([self._home] if self._home else []), *self._sessions.values()]))

    def resolve(self, destination: Destination) -> Session:
        """The cluster a destination names; raises `InvalidSpecError` where the kubeconfig has no such cluster."""
        if destination.server == IN_CLUSTER_SERVER or destination.name == IN_CLUSTER_NAME:
            return self.home
        wanted = destination.server or destination.name
        if not wanted:
            raise InvalidSpecError("names no cluster", path="spec.destination", expected="a server or a name")
        context = self._settings.clusters.get(wanted) or self._context_of(wanted)
        if context is None:
            raise InvalidSpecError(
                f"no cluster {wanted!r} in the kubeconfig",
                path="spec.destination",
                expected="a server or name among the kubeconfig's clusters and contexts",
                hint=f"Add it to the kubeconfig, or map it: clusters: {{{wanted!r}: CONTEXT}} in the settings.",
            )
        if context == self.home.connection.context:
            return self.home
        with self._lock:
            if context not in self._sessions:
                self._sessions[context] = self._open(context)
            return self._sessions[context]

    def follow(self) -> None:
        """All that was listed is compared, and shown: let the streams begin that wait for it. Idempotent."""
        for session in self.sessions:
            session.opening.over()

    def close(self) -> None:
        for session in self.sessions:
            session.close()

    def _context_of(self, wanted: str) -> str | None:
        home = self.home.connection
        if wanted.rstrip("/") == home.server.rstrip("/") or wanted in (home.context, home.cluster_name):
            return home.context
        found = named_context(wanted, Connection.contexts(self._kubeconfig))
        return found.name if found is not None else None

    def _open(self, context: str | None, *also: str) -> Session:
        connection = Connection.open(self._kubeconfig, context)
        names = tuple(filter(None, (connection.server, connection.cluster_name, connection.context, *also)))
        if self._tally is not None:
            connection.on_request = counting(self._tally, connection.server)
        reader = Reader(connection)
        discovery = Discovery(reader)
        name, opening = connection.context or connection.cluster_name, Opening(lead_s=self._lead_s)
        cache = ClusterCache(
            StrictReader(connection, self._is_strict),
            discovery,
            on_change=lambda changes: self._on_change(name, changes),
            index_of=self._owner_of,
            is_excluded=lambda kind: self._is_unwatched(kind, names),
            opening=opening,
        )
        return Session(
            connection=connection,
            reader=reader,
            discovery=discovery,
            cache=cache,
            schemas=SchemaCache(reader, self._settings.schema_cache),
            dry_run=DryRun(connection, manager=self._settings.field_manager),
            writer=None if self._read_only else Writer(connection, manager=self._settings.field_manager),
            names=names,
            opening=opening,
        )
