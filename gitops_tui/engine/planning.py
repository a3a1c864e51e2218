"""Plans: what a sync or a heal would do to which object, asked of the API server before anybody says yes."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from itertools import count

from msgspec import Struct
from msgspec.structs import replace

from gitops_tui.diff.foreign import at_work_words, writer_at_work
from gitops_tui.diff.ownership import has_no_managers, takes_over
from gitops_tui.engine.commits import source_labels
from gitops_tui.engine.comparison import ComparedObject, Comparison
from gitops_tui.engine.confirm import Confirmer
from gitops_tui.engine.plan_order import hook_key, in_order
from gitops_tui.engine.pool import Pool
from gitops_tui.engine.restarts import with_restarts
from gitops_tui.engine.unvalidated import asked_for
from gitops_tui.errors import OperationError
from gitops_tui.model.application import AppKey
from gitops_tui.model.commit import Commit
from gitops_tui.model.drift import FieldDrift
from gitops_tui.model.plan import NO_REQUEST, Approval, ItemAction, Plan, PlanItem, PlanKind, SyncRequest
from gitops_tui.model.resource import Object, ResourceKey, key_of
from gitops_tui.model.status import DriftKind, SyncStatus
from gitops_tui.sync.brakes import prune_needs_typing
from gitops_tui.sync.hooks import sync_phases, sync_wave
from gitops_tui.sync.options import (
    is_missing_kind_skipped,
    is_pruning_disabled,
    is_replaced,
    migrated_managers,
    parse_options,
)

_numbers = count(1)


class Planner(Struct, frozen=True):
    """Makes plans from comparisons. Asks the server side by side, one dry run for each object that is written."""

    pool: Pool
    manager: str

    def sync(self, comparisons: Sequence[Comparison], request: SyncRequest, confirmers: Sequence[Confirmer]) -> Plan:
        """One plan for all applications, each object named."""
        items: list[PlanItem] = []
        seconds: list[float] = []
        for comparison, confirmer in zip(comparisons, confirmers, strict=True):
            wanted = self._sync_items(comparison, request)
            checked, took = (wanted, 0.0)
            if request.asks_server:
                checked, took = self._confirmed(comparison, confirmer, wanted)
            items += in_order(comparison, [*checked, *self._hook_items(comparison, request)])
            seconds.append(took)
        plan = self._plan(PlanKind.SYNC, comparisons, items, sum(seconds), request)
        return self._braked(plan, comparisons)

    def heal(self, comparison: Comparison, confirmer: Confirmer) -> Plan:
        """Target drift and foreign drift of one application, nothing else: no creation of what Git gained, no prune."""
        items = [item for one in comparison.objects if (item := self._heal_item(comparison, one)) is not None]
        checked, took = self._confirmed(comparison, confirmer, items)
        plan = self._plan(PlanKind.HEAL, [comparison], in_order(comparison, checked), took)
        return _with_care(plan, comparison)

    # --- items
    def _sync_items(self, comparison: Comparison, request: SyncRequest) -> list[PlanItem]:
        managed = [one for one in comparison.objects if one.is_managed]
        chosen = [one for one in managed if not request.resources or one.key in request.resources]
        return [self._sync_item(comparison, one, request) for one in chosen]

    def _sync_item(self, comparison: Comparison, one: ComparedObject, request: SyncRequest) -> PlanItem:
        app = comparison.app
        if one.target is None:
            return self._prune_item(comparison, one, request)
        fields = tuple(field for field in one.view.drift if field.kind is DriftKind.TARGET)
        refusal = _refused_by_project(comparison, one.target)
        item = PlanItem(app.key, one.key, ItemAction.UNCHANGED, fields, wave=one.view.wave, error=refusal)
        if one.live is None:
            return replace(item, action=ItemAction.CREATE, notes=_unread(one))
        if one.view.sync is not SyncStatus.OUT_OF_SYNC:
            return item
        planned = replace(
            item,
            action=ItemAction.CONFIGURE,
            is_replaced=_is_replaced(comparison, one, request),
            takes_over=self._taken_over(comparison, one.target, one.live),
            notes=_notes(one),
        )
        return with_restarts(planned, comparison, one)

    def _taken_over(self, comparison: Comparison, target: Object | None, live: Object) -> tuple[str, ...]:
        options = parse_options(comparison.app.sync_policy.sync_options)
        if not options.client_side_apply_migration:
            return ()
        return takes_over(live, self.manager, migrated_managers(comparison.app, target, options))

    def _prune_item(self, comparison: Comparison, one: ComparedObject, request: SyncRequest) -> PlanItem:
        options = parse_options(comparison.app.sync_policy.sync_options)
        item = PlanItem(comparison.app.key, one.key, ItemAction.PRUNE, wave=sync_wave(one.live or {}))
        if is_pruning_disabled(one.live or {}, options.prune):
            return replace(item, action=ItemAction.SKIP, notes=("Prune=false: it stays",))
        if not request.prune:
            return replace(item, action=ItemAction.SKIP, notes=("not in Git any more; it stays without prune",))
        return item

    def _hook_items(self, comparison: Comparison, request: SyncRequest) -> list[PlanItem]:
        if request.resources or request.strategy == "apply":
            return []
        return [
            PlanItem(
                comparison.app.key,
                hook_key(hook),
                ItemAction.HOOK,
                wave=sync_wave(hook),
                phase=phase.value,
                error=_refused_by_project(comparison, hook),
            )
            for hook in comparison.targets.hooks
            for phase in sync_phases(hook)
        ]

    def _heal_item(self, comparison: Comparison, one: ComparedObject) -> PlanItem | None:
        fields = tuple(field for field in one.view.drift if field.kind is not DriftKind.NOTE)
        if one.target is None or one.is_skipped or (one.live is None and one.view.exists):
            return None
        item = PlanItem(comparison.app.key, one.key, ItemAction.CONFIGURE, fields, wave=one.view.wave)
        if one.live is None:
            return replace(item, action=ItemAction.CREATE, notes=("gone from the cluster",))
        if not fields:
            return None
        planned = replace(item, takes_over=self._taken_over(comparison, one.target, one.live), notes=_notes(one))
        return with_restarts(planned, comparison, one)

    # --- asking the server
    def _confirmed(
        self, comparison: Comparison, confirmer: Confirmer, items: Sequence[PlanItem]
    ) -> tuple[list[PlanItem], float]:
        """Each written object's dry run: a refusal (admission, immutable field) stands in its item."""
        began = time.monotonic()
        asked = [item for item in items if item.action in (ItemAction.CREATE, ItemAction.CONFIGURE)]
        new_namespaces = _namespaces_made(comparison, items)
        answers = self.pool.map(lambda item: self._refusal(comparison, confirmer, item, new_namespaces), asked)
        refusals = {(item.key, item.action): answer for item, answer in zip(asked, answers, strict=True)}
        checked = [replace(item, error=item.error or refusals.get((item.key, item.action), "")) for item in items]
        return checked, time.monotonic() - began

    def _refusal(
        self, comparison: Comparison, confirmer: Confirmer, item: PlanItem, new_namespaces: frozenset[str]
    ) -> str:
        one = comparison.find(item.key)
        if one is None or one.target is None or item.key.namespace in new_namespaces:
            return ""
        resource = comparison.session.resource_for(one.target)
        options = parse_options(comparison.app.sync_policy.sync_options)
        if resource is None:
            may_come = _is_defined_here(one.target, comparison) or is_missing_kind_skipped(one.target, options)
            return "" if may_come else f"the cluster knows no kind {item.key.kind}"
        sent, validate = asked_for(one.target, comparison.session, options)
        return confirmer.applied(resource, sent, validate=validate).refusal

    # --- the whole
    def _plan(
        self,
        kind: PlanKind,
        comparisons: Sequence[Comparison],
        items: Sequence[PlanItem],
        seconds: float,
        request: SyncRequest = NO_REQUEST,
    ) -> Plan:
        first = comparisons[0]
        namespaces = {item.key.namespace for item in items if item.key.namespace}
        refused = [f"{item.key.short}: {item.error}" for item in items if item.error]
        return Plan(
            number=next(_numbers),
            kind=kind,
            apps=tuple(comparison.app.key for comparison in comparisons),
            cluster=first.session.name,
            namespaces=tuple(sorted(namespaces)) or (first.app.destination.namespace,),
            revisions={comparison.app.key: comparison.commits for comparison in comparisons},
            commits={comparison.app.key: _own_commits(comparison) for comparison in comparisons},
            sources={one.app.key: source_labels(one.pins) for one in comparisons if len(one.pins) > 1},
            items=tuple(items),
            made_at=max(comparison.at for comparison in comparisons),
            resource_versions=_versions(comparisons, items),
            prune=request.prune,
            dry_run=request.dry_run,
            confirmed_by_server_s=seconds if request.asks_server and _is_asked(items) and not refused else None,
            warnings=tuple(_warnings(comparisons, items)) + tuple(f"refused: {text}" for text in refused),
        )

    def _braked(self, plan: Plan, comparisons: Sequence[Comparison]) -> Plan:
        """Large or dangerous prunes need the application's name typed; those of several, how much goes in all."""
        braked: dict[str, str] = {}
        for comparison in comparisons:
            keys = [item.key for item in plan.prunes if item.app == comparison.app.key]
            managed = [one for one in comparison.objects if one.is_managed]
            reason = prune_needs_typing(keys, len(managed))
            if reason:
                braked[_name(comparison.app.key, plan.apps)] = reason
        if not braked:
            return plan
        if len(plan.apps) == 1:
            return replace(plan, must_type=comparisons[0].app.name, must_type_reason=braked[comparisons[0].app.name])
        told = tuple(f"{name} {reason}" for name, reason in braked.items())
        phrase = f"delete {len(plan.prunes)} object{'' if len(plan.prunes) == 1 else 's'}"
        return replace(
            plan,
            must_type=phrase,
            must_type_reason="; ".join(told),
            warnings=(*(f"brake: {one}" for one in told), *plan.warnings),
        )


def _name(key: AppKey, among: Sequence[AppKey]) -> str:
    """With its namespace where another one has the same name."""
    return key.name if sum(1 for one in among if one.name == key.name) == 1 else str(key)


def _is_asked(items: Sequence[PlanItem]) -> bool:
    return any(item.action in (ItemAction.CREATE, ItemAction.CONFIGURE) for item in items)


def _with_care(plan: Plan, comparison: Comparison) -> Plan:
    """A mitigation of an hour ago is the last thing to undo at night without a thought (design: drift)."""
    name = comparison.app.name
    drifts = [field for item in plan.items for field in item.fields]
    at_work = writer_at_work(drifts, comparison.at)
    if at_work is not None:
        return replace(plan, must_type=name, must_type_reason=at_work_words(at_work))
    unowned = [item.key.short for item in plan.items if _is_unowned(comparison, item.key)]
    if unowned:
        reason = f"nobody owns the fields of {', '.join(unowned)}: taking them over may delete what others wrote"
        return replace(plan, must_type=name, must_type_reason=reason)
    return plan


def _is_unowned(comparison: Comparison, key: ResourceKey) -> bool:
    one = comparison.find(key)
    return one is not None and one.live is not None and has_no_managers(one.live)


def _is_replaced(comparison: Comparison, one: ComparedObject, request: SyncRequest) -> bool:
    options = parse_options(comparison.app.sync_policy.sync_options)
    return is_replaced(one.target, one.live, request.replace or options.replace)


def _unread(one: ComparedObject) -> tuple[str, ...]:
    """What may be there already, and is applied all the same when somebody asks for it."""
    return (f"it may be there: {one.view.message}",) if one.view.is_restricted or one.view.is_pending else ()


def _notes(one: ComparedObject) -> tuple[str, ...]:
    """What a person should know: a ConfigMap restarts nothing, replicas are left to the autoscaler."""
    notes = [one.view.message] if one.view.message else []
    if one.key.kind in ("ConfigMap", "Secret") and one.view.drift:
        notes.append("restarts nothing: pods that run keep the old value until they are restarted")
    notes += [f"{field.label}: {field.reason}" for field in one.view.drift if field.reason and not field.healable]
    return tuple(dict.fromkeys(notes))


def _warnings(comparisons: Sequence[Comparison], items: Sequence[PlanItem]) -> Iterable[str]:
    for comparison in comparisons:
        for condition in comparison.conditions:
            yield f"{condition.type}: {condition.message}"
    left = [item for item in items if item.action is ItemAction.SKIP]
    if left:
        yield f"{len(left)} object{'' if len(left) == 1 else 's'} not in Git any more will stay"


def _versions(comparisons: Sequence[Comparison], items: Sequence[PlanItem]) -> dict[tuple[AppKey, ResourceKey], str]:
    """What the plan is pinned to: the resourceVersion of every object that it would write."""
    written = {(item.app, item.key) for item in items if item.action is not ItemAction.UNCHANGED}
    return {
        (comparison.app.key, one.key): one.view.resource_version
        for comparison in comparisons
        for one in comparison.objects
        if (comparison.app.key, one.key) in written
    }


def _refused_by_project(comparison: Comparison, obj: Object) -> str:
    """Why the project does not permit an object; what is refused there is refused before anything runs."""
    key = key_of(obj)
    is_namespaced = comparison.session.is_namespaced(key.group, key.kind)
    return "" if is_namespaced is None else comparison.permits.why_not(key, is_namespaced=is_namespaced)


def _own_commits(comparison: Comparison) -> tuple[Commit | None, ...]:
    return tuple(pin.last_commit() for pin in comparison.pins)


def _namespaces_made(comparison: Comparison, items: Sequence[PlanItem]) -> frozenset[str]:
    """Namespaces that this sync makes: what is in them cannot be asked for yet."""
    made = {item.key.name for item in items if item.key.kind == "Namespace" and item.action is ItemAction.CREATE}
    app = comparison.app
    namespace = ResourceKey("", "Namespace", "", app.destination.namespace)
    if app.has_sync_option("CreateNamespace=true") and comparison.session.cache.get(namespace) is None:
        made.add(app.destination.namespace)
    return frozenset(made)


def _is_defined_here(obj: Object, comparison: Comparison) -> bool:
    """Whether a CustomResourceDefinition of the same application defines the kind."""
    group = str(obj.get("apiVersion", "")).rpartition("/")[0]
    definitions = (one.target for one in comparison.objects if one.key.kind == "CustomResourceDefinition")
    return any(
        (spec := (one or {}).get("spec") or {}).get("group") == group
        and (spec.get("names") or {}).get("kind") == obj.get("kind")
        for one in definitions
    )


def fields_to_undo(
    plan: Plan, ticked: frozenset[tuple[ResourceKey, str]], unticked: frozenset[tuple[ResourceKey, str]]
) -> dict[ResourceKey, tuple[FieldDrift, ...]]:
    """The foreign fields of a plan as a person left them ticked, by object."""
    chosen: dict[ResourceKey, tuple[FieldDrift, ...]] = {}
    for item in plan.items:
        fields = []
        for field in item.fields:
            mark = (item.key, field.text)
            is_ticked = (field.ticked or mark in ticked) and mark not in unticked
            if field.kind is DriftKind.FOREIGN and field.healable and is_ticked:
                fields.append(replace(field, ticked=True))
        if fields:
            chosen[item.key] = tuple(fields)
    return chosen


def target_drift_keys(plan: Plan) -> tuple[ResourceKey, ...]:
    """The objects of a heal that are applied: those with target drift, and those that are gone."""
    return tuple(
        item.key
        for item in plan.items
        if item.action is ItemAction.CREATE or any(field.kind is DriftKind.TARGET for field in item.fields)
    )


def check_typed(plan: Plan, approval: Approval) -> None:
    """Raises `OperationError` where a person must type a name that nobody typed."""
    if not plan.must_type or plan.dry_run:
        return
    by_count = approval.prune_count is not None and len(plan.prunes) <= approval.prune_count
    if approval.typed != plan.must_type and not (by_count and plan.prunes):
        raise OperationError(
            f"{plan.must_type_reason}: '{plan.must_type}' must be typed",
            hint=f"Type '{plan.must_type}', or allow it in a script with --yes-prune {len(plan.prunes)}.",
        )
