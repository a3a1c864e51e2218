"""Which pods a plan restarts, and which of them stay because they run with what the plan makes already."""

from __future__ import annotations

from msgspec.structs import replace

from gitops_tui.diff.replica_sets import running_pods
from gitops_tui.diff.undo import restarted_pods
from gitops_tui.engine.comparison import ComparedObject, Comparison
from gitops_tui.model.plan import PlanItem
from gitops_tui.model.resource import metadata_of
from gitops_tui.model.status import DriftKind


def with_restarts(item: PlanItem, comparison: Comparison, one: ComparedObject) -> PlanItem:
    """The item with its restarts. A rollout half way has pods of the template that a revert goes back to: they stay."""
    if one.live is None or one.shown_live is None or one.predicted is None:
        return item
    pods = restarted_pods({**one.shown_live, "status": one.live.get("status")}, one.predicted)
    if not pods or one.key.kind != "Deployment" or not _is_template_sure(item, one):
        return replace(item, restarts_pods=pods)
    owned = comparison.session.cache.children(str(metadata_of(one.live).get("uid", "")))
    stay, end = running_pods(one.predicted, [child for child in owned if child.get("kind") == "ReplicaSet"])
    if not stay:
        return replace(item, restarts_pods=pods)
    return replace(item, restarts_pods=pods - stay if pods > stay else None, notes=(*item.notes, _words(stay, end)))


def _is_template_sure(item: PlanItem, one: ComparedObject) -> bool:
    """What somebody added to the template may stay or go with what is ticked; a replacement drops what others added."""
    return not item.is_replaced and not any(field.kind is DriftKind.FOREIGN for field in one.view.drift)


def _words(stay: int, end: int) -> str:
    """``2 pods run with this template already and stay; 1 pod of another ends``"""
    kept = "1 pod runs with this template already and stays"
    if stay > 1:
        kept = f"{stay} pods run with this template already and stay"
    if not end:
        return kept
    return f"{kept}; {'1 pod of another ends' if end == 1 else f'{end} pods of others end'}"
