"""What moved between a plan and its confirmation: a plan is never applied in another state than it showed."""

from __future__ import annotations

from itertools import zip_longest

from gitops_tui.engine.comparison import ComparedObject, Comparison
from gitops_tui.engine.view import have_content_of
from gitops_tui.model.plan import ItemAction, Plan, PlanKind
from gitops_tui.model.status import SyncStatus


def has_moved(plan: Plan, comparison: Comparison) -> str:
    """What moved since the plan was made, in words; empty where nothing did."""
    key = comparison.app.key
    planned = plan.revisions.get(key, ())
    if not _holds_the_same(comparison, planned):
        moved = [one for one in zip_longest(planned, comparison.commits, fillvalue="nothing") if one[0] != one[1]]
        return ", ".join(f"Git moved from {before[:7]} to {after[:7]}" for before, after in moved)
    for (app, resource), version in plan.resource_versions.items():
        one = comparison.find(resource) if app == key else None
        now = one.view.resource_version if one else ""
        if app == key and now != version:
            return f"{resource.short} changed in the cluster"
    actions = [(item.key, item.action) for item in plan.items if item.app == key]
    known, unchanged = {one for one, _ in actions}, {one for one, what in actions if what is ItemAction.UNCHANGED}
    for one in comparison.objects:
        if one.key not in known and _is_pruned(plan, one):
            return f"{one.key.short} would be deleted, too"
        if one.key in unchanged and _is_written(plan, one):
            return f"{one.key.short} would be written, too"
    return ""


def _holds_the_same(comparison: Comparison, planned: tuple[str, ...]) -> bool:
    """A branch moves with every commit of other applications: what counts is what lies below the sources' paths."""
    if planned == comparison.commits:
        return True
    # Of a source that is only referred to (``ref``) it is not known here which files count.
    return have_content_of(comparison.pins, planned) and all(
        pin.sha == sha for pin, sha in zip(comparison.pins, planned, strict=True) if pin.source.is_only_reference
    )


def _is_pruned(plan: Plan, one: ComparedObject) -> bool:
    """Of what the plan does not know: it came, or left Git, after the plan was made, and nobody saw that."""
    return plan.prune and one.target is None and one.is_managed and _is_meant(plan, one)


def _is_written(plan: Plan, one: ComparedObject) -> bool:
    """Of what the plan leaves as it is: it was changed or deleted meanwhile, and a sync applies all objects."""
    if plan.kind is PlanKind.HEAL or one.target is None or not one.is_managed or not _is_meant(plan, one):
        return False
    return one.live is None or one.view.sync is SyncStatus.OUT_OF_SYNC


def _is_meant(plan: Plan, one: ComparedObject) -> bool:
    chosen = plan.request.resources if plan.request is not None else ()
    return not chosen or one.key in chosen
