"""Actions on Deployments, StatefulSets, DaemonSets and ReplicaSets."""

from __future__ import annotations

from datetime import datetime

from gitops_tui.actions.action import BuiltIn, always, mapping, moment, patched, whole_number
from gitops_tui.model.action import Action, ActionParameter, Parameters
from gitops_tui.model.resource import Object

RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"
REPLICAS = "replicas"


def _restart(obj: Object, _: Parameters, now: datetime) -> None:
    """As ``kubectl rollout restart``: another pod template, so new pods."""
    mapping(obj, "spec", "template", "metadata", "annotations")[RESTARTED_AT] = moment(now)


def _scale(obj: Object, parameters: Parameters, _: datetime) -> None:
    mapping(obj, "spec")["replicas"] = whole_number(parameters, REPLICAS)


def _offer_scale(obj: Object) -> Action:
    replicas = _spec(obj).get("replicas")
    return Action("scale", parameters=(ActionParameter(REPLICAS, "" if replicas is None else str(replicas)),))


def _pause(obj: Object, _: Parameters, __: datetime) -> None:
    mapping(obj, "spec")["paused"] = True


def _resume(obj: Object, _: Parameters, __: datetime) -> None:
    mapping(obj, "spec")["paused"] = False


def _offer_pause(obj: Object) -> Action:
    paused = _spec(obj).get("paused") is True
    return Action("pause", disabled=paused, reason="it is paused already" if paused else "")


def _offer_resume(obj: Object) -> Action:
    paused = _spec(obj).get("paused") is True
    return Action("resume", disabled=not paused, reason="" if paused else "it is not paused")


def _spec(obj: Object) -> Object:
    found = obj.get("spec")
    return found if isinstance(found, dict) else {}


RESTART = BuiltIn("restart", always("restart"), patched(_restart))
SCALE = BuiltIn("scale", _offer_scale, patched(_scale))
PAUSE = BuiltIn("pause", _offer_pause, patched(_pause))
RESUME = BuiltIn("resume", _offer_resume, patched(_resume))
