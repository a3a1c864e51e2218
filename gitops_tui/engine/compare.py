"""One application compared: Git rendered, paired with the cluster, diffed (`compare_object`), judged (`verdict`).

Only what changed is computed again: renderings are kept by tree, targets by rendering, and each object's verdict by its
target and the live resourceVersion. The server is asked for a dry run only where an object looks modified, and for
`pristine` only where somebody else's client owns a field (design: drift).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from msgspec.structs import replace

from gitops_tui.config import Settings
from gitops_tui.diff.ownership import Managers
from gitops_tui.diff.rules import Rules, rules_of, unusable
from gitops_tui.engine.assessor import Assessor
from gitops_tui.engine.autoscaling import AUTOSCALERS, Workload, autoscaled_targets
from gitops_tui.engine.children import is_child
from gitops_tui.engine.compare_object import Ask, ObjectComparer
from gitops_tui.engine.comparison import ComparedObject, Comparison, app_instance
from gitops_tui.engine.confirm import Confirmer
from gitops_tui.engine.jqrunner import JqRunner
from gitops_tui.engine.pool import Pool
from gitops_tui.engine.projects import EVERYTHING, Permits
from gitops_tui.engine.readable import Readable
from gitops_tui.engine.session import Session
from gitops_tui.engine.sources import SourceAt
from gitops_tui.engine.system import System
from gitops_tui.engine.targets import Target, TargetSet
from gitops_tui.engine.verdict import conditions_of, health_of, judged_by_project, sync_status, without_verdict
from gitops_tui.errors import IgnoreRuleError
from gitops_tui.model.application import AppKey, Application
from gitops_tui.model.resource import ResourceKey, key_of, metadata_of
from gitops_tui.model.system import SystemSettings
from gitops_tui.sync.hooks import sync_wave
from gitops_tui.sync.managed_namespace import managed_namespace


@dataclass
class _Memo:
    """The last verdicts of one application, by object, and all of them as one."""

    entries: dict[ResourceKey, tuple[tuple[object, ...], ComparedObject, Target | None]] = field(default_factory=dict)
    """The target is kept, so that its identity, which is in the stamp, is not given to another one."""
    edition: object = None
    """Of the health scripts: by others than these nothing was judged."""
    rules: Rules | None = None
    last: Comparison | None = None

    def judged_by(self, edition: object, rules: Rules) -> None:
        """Nothing counts that was judged by other health scripts, or compared by other rules."""
        if edition is not self.edition or rules != self.rules:
            self.entries.clear()
            self.edition, self.rules, self.last = edition, rules, None

    def knows(self, ask: Ask) -> bool:
        """Where a rule did not work it is tried again."""
        found = self.entries.get(ask.key)
        return found is not None and found[0] == _stamp(ask) and not found[1].problems

    def kept(self, target: Target | None, key: ResourceKey) -> Target | None:
        """The target of before where this one is equal: stamps know it by identity."""
        known = self.entries.get(key)
        return known[2] if known is not None and known[2] == target else target

    def same(
        self, session: Session, targets: TargetSet, permits: Permits, system: SystemSettings, number: int
    ) -> Comparison | None:
        """The last comparison, where it was of the same things: all of ``number`` objects are known."""
        last = self.last
        if last is None or number != len(last.objects) or last.session is not session:
            return None
        is_same = last.targets is targets and last.permits is permits and last.system is system
        return last if is_same else None


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
        """Compare every managed object. ``is_deployed``: these targets are what was applied last.

        With an ignore rule that nobody can read all of it is Unknown, and refused as the basis of an operation.
        """
        permits, system = self._permits_of(app), self._system.settings
        rules = self._rules(app, system)
        memo = self._memos.setdefault(app.key, _Memo()) if keep else _Memo()
        memo.judged_by(self._assess.edition, rules)
        asks = list(self._asks(app, session, targets, permits, is_deployed, memo))
        work = self._work(app, session, rules, now)
        fresh = [ask for ask in asks if not memo.knows(ask)]
        same = None if fresh else memo.same(session, targets, permits, system, len(asks))
        if same is not None:  # something below an object moved, or nothing that counts
            memo.last = replace(same, app=app, pins=pins, at=now)
            return memo.last
        for ask, compared in zip(fresh, self._compared(work, fresh), strict=True):
            memo.entries[ask.key] = (_stamp(ask), compared, ask.target)
        objects = tuple(memo.entries[ask.key][1] for ask in asks)
        for gone in memo.entries.keys() - {ask.key for ask in asks}:
            del memo.entries[gone]
        conditions = tuple(conditions_of(app, targets, objects, self._system.tracking, now))
        sync = sync_status(objects)
        shown = tuple(judged_by_project(one, permits, session) for one in objects)
        found = Comparison(
            app, session, pins, targets, shown, sync, health_of(app, shown), conditions, now, system, permits
        )
        problems = unusable(rules.ignores)
        memo.last = without_verdict(found, _unreadable(problems)) if problems else found
        return memo.last

    def _work(self, app: Application, session: Session, rules: Rules, now: datetime) -> ObjectComparer:
        return ObjectComparer(
            app,
            session,
            settings=self._settings,
            managers=self._managers,
            assess=self._assess,
            tracking=self._system.tracking,
            rules=rules,
            confirmer=self.confirmer(session),
            now=now,
        )

    def _rules(self, app: Application, system: SystemSettings) -> Rules:
        self._jq.timeout_s = system.jq_timeout_s
        return rules_of(app.ignore_differences, system, self._jq.delete)

    def _compared(self, work: ObjectComparer, asks: Sequence[Ask]) -> list[ComparedObject]:
        """Locally first; then the server confirms, side by side, only what looks modified or foreign."""
        first = [work.local(ask) for ask in asks]
        unsure = [number for number, (_, needs_server) in enumerate(first) if needs_server]
        confirmed = self._pool.map(lambda number: work.confirmed(asks[number]), unsure)
        found = [compared for compared, _ in first]
        for number, compared in zip(unsure, confirmed, strict=True):
            found[number] = compared
        return found

    def _asks(
        self,
        app: Application,
        session: Session,
        targets: TargetSet,
        permits: Permits,
        is_deployed: bool,
        memo: _Memo,
    ) -> Iterable[Ask]:
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
            yield Ask(key, target, live, is_autoscaled, is_deployed, unread, target.wave)
        tracked = ((key_of(obj), obj) for obj in cache.indexed(app_instance(app, targets)))
        extra = [(key, obj) for key, obj in tracked if key not in seen and not is_child(obj, cache)]
        extra = [
            one
            for one in extra
            if permits.has_live(one[0]) and not self._system.excludes(one[0].group_kind, session.names)
        ]
        waves = {key_of(hook): sync_wave(hook) for hook in targets.hooks}
        for key, obj in sorted(extra, key=lambda one: one[0]):
            undeclared, unread = memo.kept(_undeclared(app, key), key), readable.why_unread(key)
            yield Ask(key, undeclared, obj, False, is_deployed, unread, waves.get(key, 0))


def _unreadable(problems: Sequence[str]) -> IgnoreRuleError:
    return IgnoreRuleError(
        f"ignoreDifferences: {'; '.join(problems)}",
        hint="Correct the expression in spec.ignoreDifferences, or in argocd-cm.",
    )


def _undeclared(app: Application, key: ResourceKey) -> Target | None:
    """What stands for an object that Git does not name: the destination namespace with managed metadata stays."""
    target = managed_namespace(app, key)
    return None if target is None else Target(key, target)


def _stamp(ask: Ask) -> tuple[object, ...]:
    """Equal stamps, equal verdicts: targets are compared by identity, since renderings are kept."""
    version = metadata_of(ask.live).get("resourceVersion") if ask.live is not None else None
    return id(ask.target), version, ask.is_autoscaled, ask.is_deployed, ask.unread, ask.wave
