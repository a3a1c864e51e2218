"""One application compared: Git rendered, paired with the cluster, diffed, judged.

Only what changed is computed again: renderings are kept by tree, targets by rendering, and each object's verdict by its
target and the live resourceVersion. The server is asked for a dry run only where an object looks modified, and for
`pristine` only where somebody else's client owns a field (design: drift).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from gitops_tui.config import Settings
from gitops_tui.diff.compare import Difference, compare
from gitops_tui.diff.foreign import find_foreign, needs_pristine
from gitops_tui.diff.kept import kept_answers, told_apart
from gitops_tui.diff.ownership import Managers
from gitops_tui.diff.rules import Rules, rules_of, unusable
from gitops_tui.diff.undo import without_fields
from gitops_tui.engine.assessor import Assessor
from gitops_tui.engine.autoscaling import AUTOSCALERS, Workload, autoscaled_targets
from gitops_tui.engine.children import is_child
from gitops_tui.engine.confirm import Confirmed, Confirmer
from gitops_tui.engine.jqrunner import JqRunner
from gitops_tui.engine.pool import Pool
from gitops_tui.engine.projects import EVERYTHING, Permits
from gitops_tui.engine.readable import Readable, Unread
from gitops_tui.engine.session import Session
from gitops_tui.engine.sources import SourceAt
from gitops_tui.engine.system import System
from gitops_tui.engine.targets import Target, TargetSet
from gitops_tui.engine.why_object import IGNORE_EXTRANEOUS, Judgement, field_answers, object_answers
from gitops_tui.errors import IgnoreRuleError, StalePlanError
from gitops_tui.health.aggregate import APPLICATION, Judged, application_health
from gitops_tui.model.annotations import COMPARE_OPTIONS, IGNORE_HEALTHCHECK
from gitops_tui.model.application import AppKey, Application
from gitops_tui.model.drift import FieldDrift
from gitops_tui.model.operation import Condition, parse_time
from gitops_tui.model.resource import Object, ResourceKey, annotations_of, key_of, metadata_of, split_api_version
from gitops_tui.model.snapshot import ResourceView
from gitops_tui.model.status import ConditionType, DriftKind, Health, HealthStatus, SyncStatus
from gitops_tui.model.system import DEFAULT_SYSTEM, SystemSettings
from gitops_tui.structured.schema import SchemaNode
from gitops_tui.sync.csv import has
from gitops_tui.sync.hooks import is_hook, is_ignored, sync_wave
from gitops_tui.sync.tracking import app_of, is_self_referenced, normalize_tracking

INCLUDE_WEBHOOKS = "IncludeMutationWebhook=true"


@dataclass(frozen=True, slots=True)
class ComparedObject:
    """One object with its three faces; unmasked, so it never leaves the core as it is."""

    view: ResourceView
    target: Object | None
    live: Object | None
    """As the watch gave it."""
    shown_live: Object | None
    """Without the server's bookkeeping: the left side of a diff."""
    predicted: Object | None
    """What a heal leaves: the right side of a diff."""
    problems: tuple[str, ...] = ()
    """Ignore rules that did not work on it, in words."""

    @property
    def key(self) -> ResourceKey:
        return self.view.key

    @property
    def is_managed(self) -> bool:
        """Git has it, or had it: not a hook that ran, and not a copy that carries another object's tracking id."""
        return self.target is not None or (self.view.requires_pruning and not self.view.is_hook)


@dataclass(frozen=True, slots=True)
class Comparison:
    """An application as compared."""

    app: Application
    session: Session
    pins: tuple[SourceAt, ...]
    targets: TargetSet
    objects: tuple[ComparedObject, ...]
    sync: SyncStatus
    health: Health
    conditions: tuple[Condition, ...]
    at: datetime
    system: SystemSettings = DEFAULT_SYSTEM
    permits: Permits = EVERYTHING
    """What the project permits, as of this comparison."""

    @property
    def revision(self) -> str:
        return self.pins[0].sha if self.pins else ""

    def find(self, key: ResourceKey) -> ComparedObject | None:
        return next((one for one in self.objects if one.key == key), None)


@dataclass
class _Memo:
    """The last verdicts of one application, by object."""

    entries: dict[ResourceKey, tuple[tuple[object, ...], ComparedObject, Target | None]] = field(default_factory=dict)
    """The target is kept, so that its identity, which is in the stamp, is not given to another one."""
    edition: object = None
    """Of the health scripts: by others than these nothing was judged."""
    rules: Rules | None = None

    def knows(self, ask: _Ask) -> bool:
        """Where a rule did not work it is tried again."""
        found = self.entries.get(ask.key)
        return found is not None and found[0] == _stamp(ask) and not found[1].problems


@dataclass(frozen=True, slots=True)
class _Ask:
    """What one object is compared with."""

    key: ResourceKey
    target: Target | None
    live: Object | None
    is_autoscaled: bool
    is_deployed: bool
    unread: Unread | None
    """Why it may be there although nothing is held of it, or be in Git although it is not named."""


class Comparer:
    """Compares; keeps what it found out. Used by the reconcile thread, and by plans with a memo of their own."""

    def __init__(
        self,
        settings: Settings,
        system: System,
        pool: Pool,
        assess: Assessor | None = None,
        jq: JqRunner | None = None,
        permits_of: Callable[[Application], Permits] = lambda _: EVERYTHING,
    ) -> None:
        self._settings = settings
        self._permits_of = permits_of
        self._system = system
        self._jq = jq or JqRunner()
        self._pool = pool
        self._assess = assess or Assessor()
        self._memos: dict[AppKey, _Memo] = {}
        self._confirmers: dict[int, Confirmer] = {}
        self._managers = Managers(settings.field_manager, settings.persons, settings.deployers, settings.autoscalers)

    def forget(self, key: AppKey) -> None:
        self._memos.pop(key, None)

    def confirmer(self, session: Session) -> Confirmer:
        found = self._confirmers.get(id(session))
        if found is None:
            found = self._confirmers[id(session)] = Confirmer(session.dry_run, self._settings.field_manager)
        return found

    def compare(
        self,
        app: Application,
        session: Session,
        pins: tuple[SourceAt, ...],
        targets: TargetSet,
        now: datetime,
        *,
        is_deployed: bool = False,
        keep: bool = True,
    ) -> Comparison:
        """Compare every managed object. ``is_deployed``: these targets are what was applied last."""
        memo = self._memos.setdefault(app.key, _Memo()) if keep else _Memo()
        if memo.edition is not self._assess.edition:
            memo.entries.clear()
            memo.edition = self._assess.edition
        permits = self._permits_of(app)
        system = self._system.settings
        rules = self._usable_rules(app, system)
        if memo.rules != rules:
            memo.entries.clear()
            memo.rules = rules
        asks = list(self._asks(app, session, targets, permits, is_deployed))
        work = _Work(self, app, session, now, rules)
        fresh = [ask for ask in asks if not memo.knows(ask)]
        for ask, compared in zip(fresh, self._compared(work, fresh), strict=True):
            memo.entries[ask.key] = (_stamp(ask), compared, ask.target)
        objects = tuple(memo.entries[ask.key][1] for ask in asks)
        for gone in memo.entries.keys() - {ask.key for ask in asks}:
            del memo.entries[gone]
        conditions = tuple(self._conditions(app, targets, objects, now))
        sync = _sync_status(objects)
        shown = tuple(_judged_by_project(one, permits, session) for one in objects)
        return Comparison(
            app, session, pins, targets, shown, sync, _health(app, shown), conditions, now, system, permits
        )

    def _usable_rules(self, app: Application, system: SystemSettings) -> Rules:
        """Raises `IgnoreRuleError` for an expression that nobody can read: as in Argo CD nothing is compared then,
        since what was to be ignored would be undone.
        """
        self._jq.timeout_s = system.jq_timeout_s
        rules = rules_of(app.ignore_differences, system, self._jq.delete)
        problems = unusable(rules.ignores)
        if problems:
            raise IgnoreRuleError(
                f"ignoreDifferences: {'; '.join(problems)}",
                hint="Correct the expression in spec.ignoreDifferences, or in argocd-cm.",
            )
        return rules

    def _compared(self, work: _Work, asks: Sequence[_Ask]) -> list[ComparedObject]:
        """Locally first; then the server confirms, side by side, only what looks modified or foreign."""
        first = [work.local(ask) for ask in asks]
        unsure = [number for number, (_, needs_server) in enumerate(first) if needs_server]
        confirmed = self._pool.map(lambda number: work.confirmed(asks[number]), unsure)
        found = [compared for compared, _ in first]
        for number, compared in zip(unsure, confirmed, strict=True):
            found[number] = compared
        return found

    def _asks(
        self, app: Application, session: Session, targets: TargetSet, permits: Permits, is_deployed: bool
    ) -> Iterable[_Ask]:
        """Targets in Git's order, then what is tracked and no longer in Git (semantics 1.5, live set).

        What the project does not permit is as if it were not there.
        """
        cache, readable = session.cache, Readable(session)
        autoscaled: frozenset[Workload] = frozenset().union(
            *(autoscaled_targets(cache.objects(group, kind)) for group, kind in AUTOSCALERS)
        )
        seen = set()
        for target in targets.resources:
            seen.add(target.key)
            key = target.key
            live = cache.get(key) if permits.has_live(key) else None
            is_autoscaled = (key.kind, key.namespace, key.name) in autoscaled
            unread = readable.why_unread(key) if live is None else None
            yield _Ask(key, target, live, is_autoscaled, is_deployed, unread)
        tracked = ((key_of(obj), obj) for obj in cache.indexed(app_instance(app, targets)))
        extra = [(key, obj) for key, obj in tracked if key not in seen and not is_child(obj, cache)]
        extra = [
            one
            for one in extra
            if permits.has_live(one[0]) and not self._system.excludes(one[0].group_kind, session.names)
        ]
        for key, obj in sorted(extra, key=lambda one: one[0]):
            yield _Ask(key, None, obj, False, is_deployed, readable.why_unread(key))

    def _conditions(
        self, app: Application, targets: TargetSet, objects: Sequence[ComparedObject], now: datetime
    ) -> Iterable[Condition]:
        for condition in targets.conditions:
            yield replace(condition, last_transition_time=now)
        instance, tracking = app_instance(app, targets), self._system.tracking
        for one in objects:
            owner = app_of(one.live, tracking) if one.live is not None and one.target is not None else ""
            if owner not in ("", instance) and is_self_referenced(one.live or {}, None, tracking):
                message = f"{one.key.short} is part of applications {app.name} and {owner}"
                yield Condition(ConditionType.SHARED_RESOURCE_WARNING, message, now)
        restricted = sorted({str(one.key.group_kind) for one in objects if one.view.is_restricted})
        if restricted:
            message = f"{', '.join(restricted)} may not be read: nothing of it is judged or pruned"
            yield Condition(ConditionType.RESTRICTED_WARNING, message, now)
        failing = sorted({f"{one.key.group_kind} {one.view.message}" for one in objects if one.view.is_failing})
        if failing:
            yield Condition(ConditionType.COMPARISON_ERROR, f"Failed to load live state: {'; '.join(failing)}", now)
        for problem, keys in _by_problem(objects).items():
            yield Condition(ConditionType.IGNORE_DIFFERENCES_WARNING, f"{problem} ({_named(keys)})", now)


class _Work:
    """Compares single objects of one application. `confirmed` may run on any thread."""

    def __init__(self, comparer: Comparer, app: Application, session: Session, now: datetime, rules: Rules) -> None:
        self._settings = comparer._settings
        self._managers = comparer._managers
        self._assess = comparer._assess
        self._tracking = comparer._system.tracking
        self._rules = rules
        self._confirmer = comparer.confirmer(session)
        self._app = app
        self._session = session
        self._now = now

    def local(self, ask: _Ask) -> tuple[ComparedObject, bool]:
        """The verdict without asking the server, and whether it is worth asking."""
        schema = self._schema(ask)
        found = self._difference(ask, schema, None)
        compared = self._object(ask, found, (), "")
        if ask.target is None or ask.live is None:
            return compared, False
        return compared, found.modified or self._needs_pristine(ask, schema)

    def confirmed(self, ask: _Ask) -> ComparedObject:
        """With the server's dry run where the object looks modified, and with foreign fields."""
        schema = self._schema(ask)
        found = self._difference(ask, schema, None)
        answer = self._confirm(ask) if found.modified else Confirmed()
        if answer.object is not None:
            found = self._difference(ask, schema, answer.object)
        return self._object(ask, found, self._foreign(ask, schema), answer.refusal)

    def _confirm(self, ask: _Ask) -> Confirmed:
        resource = self._session.resource_for(ask.target.obj) if ask.target else None
        return self._confirmer.applied(resource, ask.target.obj) if resource and ask.target else Confirmed()

    def _difference(self, ask: _Ask, schema: SchemaNode | None, confirmed: Object | None) -> Difference:
        return compare(
            ask.target.obj if ask.target else None,
            self._as_tracked(ask, ask.live),
            schema=schema,
            manager=self._settings.field_manager,
            managers=self._managers,
            rules=self._rules,
            confirmed=self._as_tracked(ask, confirmed),
            include_webhooks=self._includes_webhooks(ask),
            autoscaled=ask.is_autoscaled,
            is_deployed=ask.is_deployed,
        )

    def _as_tracked(self, ask: _Ask, side: Object | None) -> Object | None:
        """A move from tracking by label to tracking by annotation is no difference."""
        if side is None or ask.target is None:
            return side
        return normalize_tracking(ask.target.obj, side, self._tracking)

    def _includes_webhooks(self, ask: _Ask) -> bool:
        target = ask.target.obj if ask.target else None
        return has(self._app.raw, COMPARE_OPTIONS, INCLUDE_WEBHOOKS) or has(target, COMPARE_OPTIONS, INCLUDE_WEBHOOKS)

    def _needs_pristine(self, ask: _Ask, schema: SchemaNode | None) -> bool:
        assert ask.live is not None and ask.target is not None
        return needs_pristine(
            ask.live, ask.target.obj, schema=schema, managers=self._managers, autoscaled=ask.is_autoscaled
        )

    def _foreign(self, ask: _Ask, schema: SchemaNode | None) -> tuple[FieldDrift, ...]:
        assert ask.live is not None and ask.target is not None
        if not self._needs_pristine(ask, schema):
            return ()
        resource = self._session.resource_for(ask.target.obj)
        pristine = self._confirmer.pristine(resource, ask.target.obj) if resource else None
        found = find_foreign(
            ask.live,
            ask.target.obj,
            schema=schema,
            managers=self._managers,
            pristine=pristine,
            now=self._now,
            rules=self._rules,
            ignored_variables=self._settings.ignored_variables,
            autoscaled=ask.is_autoscaled,
        )
        return told_apart(found, ask.live, ask.target.obj)

    def _schema(self, ask: _Ask) -> SchemaNode | None:
        obj = ask.target.obj if ask.target else ask.live or {}
        return self._session.schemas.for_kind(str(obj.get("apiVersion")), str(obj.get("kind")))

    def _object(self, ask: _Ask, found: Difference, foreign: tuple[FieldDrift, ...], refusal: str) -> ComparedObject:
        target = ask.target.obj if ask.target else None
        predicted = found.predicted
        if predicted is not None and found.live is not None and foreign:
            predicted = _healed(predicted, foreign)
        view = self._view(ask, found, (*found.fields, *foreign), refusal)
        return ComparedObject(view, target, ask.live, found.live, predicted, found.problems)

    def _view(self, ask: _Ask, found: Difference, drift: tuple[FieldDrift, ...], refusal: str) -> ResourceView:
        obj = ask.target.obj if ask.target else ask.live or {}
        unread = ask.unread
        is_restricted = unread is not None and unread.is_restricted
        metadata = metadata_of(ask.live or {})
        sync = SyncStatus.OUT_OF_SYNC if found.modified or ask.target is None else SyncStatus.SYNCED
        is_own = ask.target is not None or is_self_referenced(obj, None, self._tracking)
        is_left_out = ask.target is None and (is_hook(obj) or not is_own)
        health = self._assess(ask.live) if ask.live is not None else Health(HealthStatus.MISSING)
        target = ask.target.obj if ask.target else None
        judged = Judgement(ask.key, target, ask.live, health, is_own, is_restricted, refusal, found.problems)
        return ResourceView(
            key=ask.key,
            version=split_api_version(str(obj.get("apiVersion") or ""))[1],
            sync=SyncStatus.UNKNOWN if unread else None if is_left_out else sync,
            is_hook=ask.target is None and is_hook(obj),
            health=None if unread and ask.live is None else health,
            exists=ask.live is not None or unread is not None,
            requires_pruning=ask.target is None and is_own and unread is None,
            wave=sync_wave(obj),
            drift=drift,
            message=unread.reason if unread else refusal or "; ".join(found.problems),
            is_restricted=is_restricted,
            is_pending=unread is not None and not is_restricted,
            is_failing=unread is not None and unread.is_failing,
            file=ask.target.file if ask.target else "",
            line=ask.target.line if ask.target else 0,
            resource_version=str(metadata.get("resourceVersion") or ""),
            created_at=parse_time(metadata.get("creationTimestamp")),
            why=(
                *object_answers(judged, self._app),
                *kept_answers(drift, ask.live, target),
                *found.hidden,
                *field_answers(ask.key, drift),
            ),
        )


def _judged_by_project(one: ComparedObject, permits: Permits, session: Session) -> ComparedObject:
    """A kind that the project does not permit has no status of its own, however it compares (semantics 1.6)."""
    is_namespaced = session.is_namespaced(one.key.group, one.key.kind) is True
    if permits.has_kind(one.key, is_namespaced=is_namespaced):
        return one
    words = permits.why_not(one.key, is_namespaced=is_namespaced)
    return replace(one, view=replace(one.view, sync=SyncStatus.UNKNOWN, message=words))


def app_instance(app: Application, targets: TargetSet) -> str:
    """The name under which the application tracks its objects."""
    return targets.instance or app.name


def _stamp(ask: _Ask) -> tuple[object, ...]:
    """Equal stamps, equal verdicts: targets are compared by identity, since renderings are kept."""
    version = metadata_of(ask.live).get("resourceVersion") if ask.live is not None else None
    return id(ask.target), version, ask.is_autoscaled, ask.is_deployed, ask.unread


def _healed(predicted: Object, foreign: Iterable[FieldDrift]) -> Object:
    """``predicted`` without the foreign fields: what stands there when a person healed all of them."""
    undone = [replace(one, ticked=True, healable=True) for one in foreign if one.kind is DriftKind.FOREIGN]
    try:
        return without_fields(predicted, undone)
    except StalePlanError:
        return predicted


def _sync_status(objects: Iterable[ComparedObject]) -> SyncStatus:
    """Any object that counts OutOfSync makes the application so (semantics 1.6, last row)."""
    counted = [one.view.sync for one in objects if not _is_ignored_extra(one)]
    if SyncStatus.OUT_OF_SYNC in counted:
        return SyncStatus.OUT_OF_SYNC
    return SyncStatus.UNKNOWN if SyncStatus.UNKNOWN in counted else SyncStatus.SYNCED


def _is_ignored_extra(one: ComparedObject) -> bool:
    if one.target is not None:
        return False
    return has(one.live, COMPARE_OPTIONS, IGNORE_EXTRANEOUS)


def _by_problem(objects: Iterable[ComparedObject]) -> dict[str, list[ResourceKey]]:
    found: dict[str, list[ResourceKey]] = {}
    for one in objects:
        for problem in one.problems:
            found.setdefault(problem, []).append(one.key)
    return found


def _named(keys: Sequence[ResourceKey]) -> str:
    more = f" and {len(keys) - 1} more" if len(keys) > 1 else ""
    return f"{keys[0].short}{more}"


def _health(app: Application, objects: Iterable[ComparedObject]) -> Health:
    """An Application that is among its own objects does not count in its own health, as in Argo CD."""
    itself = ResourceKey(APPLICATION.group, APPLICATION.kind, app.namespace, app.name)
    return application_health(
        Judged(
            key=one.key,
            health=one.view.health,
            is_live=one.view.exists,
            is_left_out=not one.is_managed or is_ignored(one.target or one.live or {}),
            is_ignored=one.key == itself or annotations_of(one.live or {}).get(IGNORE_HEALTHCHECK) == "true",
        )
        for one in objects
    )
