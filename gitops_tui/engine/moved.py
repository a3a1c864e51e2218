"""What moved between a plan and its confirmation: a plan is never applied in another state than it showed."""

from __future__ import annotations

from itertools import zip_longest

from gitops_tui.engine.comparison import ComparedObject, Comparison
from gitops_tui.model.application import AppKey
from gitops_tui.model.plan import Plan


def has_moved(plan: Plan, comparison: Comparison) -> str:
    """What moved since the plan was made, in words; empty where nothing did."""
    key = comparison.app.key
    planned = plan.revisions.get(key, ())
    if planned != comparison.commits:
        moved = [one for one in zip_longest(planned, comparison.commits, fillvalue="nothing") if one[0] != one[1]]
        return ", ".join(f"Git moved from {before[:7]} to {after[:7]}" for before, after in moved)
    for (app, resource), version in plan.resource_versions.items():
        one = comparison.find(resource) if app == key else None
        now = one.view.resource_version if one else ""
        if app == key and now != version:
            return f"{resource.short} changed in the cluster"
    unseen = next((one for one in comparison.objects if _is_pruned_unseen(plan, key, one)), None)
    return f"{unseen.key.short} would be deleted, too" if unseen is not None else ""


def _is_pruned_unseen(plan: Plan, app: AppKey, one: ComparedObject) -> bool:
    """A prune that nobody saw when saying yes: the object came, or left Git, after the plan was made."""
    chosen = plan.request.resources if plan.request is not None else ()
    if not plan.prune or one.target is not None or not one.is_managed or (chosen and one.key not in chosen):
        return False
    return not any(item.app == app and item.key == one.key for item in plan.items)
