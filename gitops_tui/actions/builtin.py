"""The actions that are always there, by kind (Argo CD manual: Built-in Actions)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from gitops_tui.actions import argo, batch, workloads
from gitops_tui.actions.action import BuiltIn, known
from gitops_tui.model.action import Action, Impacted, Parameters
from gitops_tui.model.resource import GroupKind, Object, group_of

BUILT_IN: Mapping[GroupKind, tuple[BuiltIn, ...]] = {
    GroupKind("apps", "Deployment"): (workloads.RESTART, workloads.PAUSE, workloads.RESUME, workloads.SCALE),
    GroupKind("apps", "StatefulSet"): (workloads.RESTART, workloads.SCALE),
    GroupKind("apps", "DaemonSet"): (workloads.RESTART,),
    GroupKind("apps", "ReplicaSet"): (workloads.SCALE,),
    GroupKind("batch", "CronJob"): (batch.CREATE_JOB, batch.SUSPEND_CRON, batch.RESUME_CRON),
    GroupKind("batch", "Job"): (batch.SUSPEND_JOB, batch.RESUME_JOB, batch.TERMINATE_JOB),
    GroupKind("argoproj.io", "Application"): (argo.TOGGLE_AUTO_SYNC,),
    GroupKind("argoproj.io", "Rollout"): argo.ROLLOUT,
}


def kind_of(obj: Object) -> GroupKind:
    return GroupKind(group_of(obj), str(obj.get("kind") or ""))


def offered(obj: Object) -> tuple[Action, ...]:
    found = (one.offer(obj) for one in BUILT_IN.get(kind_of(obj), ()))
    return tuple(action for action in found if action is not None)


def find(kind: GroupKind, name: str) -> BuiltIn | None:
    return next((one for one in BUILT_IN.get(kind, ()) if one.name == name), None)


def performed(obj: Object, action: BuiltIn, parameters: Parameters, now: datetime) -> tuple[Impacted, ...]:
    """What the action changes: nothing where it makes no sense now, as with a pause of what is paused.

    Raises `ActionError`.
    """
    offer = action.offer(obj)
    if offer is None or offer.disabled:
        return ()
    return action.perform(obj, known(parameters, offer), now)
