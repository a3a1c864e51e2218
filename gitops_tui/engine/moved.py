"""What moved between a plan and its confirmation: a plan is never applied in another state than it showed."""

from __future__ import annotations

from itertools import zip_longest

from gitops_tui.engine.comparison import ComparedObject, Comparison
from gitops_tui.engine.view import have_content_of
from gitops_tui.model.application import AppKey
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
    for one in comparison.objects:
        if _is_pruned_unseen(plan, key, one):
            return f"{one.key.short} would be deleted, too"
        if _is_written_unseen(plan, key, one):
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


def _is_pruned_unseen(plan: Plan, app: AppKey, one: ComparedObject) -> bool:
    """A prune that nobody saw when saying yes: the object came, or left Git, after the plan was made."""
    if not plan.prune or one.target is not None or not one.is_managed or not _is_meant(plan, one):
        return False
    return not any(item.app == app and item.key == one.key for item in plan.items)


def _is_written_unseen(plan: Plan, app: AppKey, one: ComparedObject) -> bool:
    """The plan said that it stays as it is; it was changed or deleted meanwhile, and a sync applies all objects."""
    if plan.kind is PlanKind.HEAL or one.target is None or not one.is_managed or not _is_meant(plan, one):
        return False
    if one.live is not None and one.view.sync is not SyncStatus.OUT_OF_SYNC:
        return False
    return any(item.app == app and item.key == one.key and item.action is ItemAction.UNCHANGED for item in plan.items)


def _is_meant(plan: Plan, one: ComparedObject) -> bool:
    chosen = plan.request.resources if plan.request is not None else ()
    return not chosen or one.key in chosen
