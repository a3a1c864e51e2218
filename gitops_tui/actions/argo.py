"""Actions on Argo CD's Applications and Argo Rollouts."""

from __future__ import annotations

from datetime import datetime

from gitops_tui.actions.action import BuiltIn, always, mapping, moment, patched
from gitops_tui.model.action import Action, Parameters
from gitops_tui.model.resource import Object


def _automated(obj: Object) -> Object | None:
    found = ((obj.get("spec") or {}).get("syncPolicy") or {}).get("automated")
    return found if isinstance(found, dict) else None


def _is_automated(obj: Object) -> bool:
    """``automated`` is on unless it says ``enabled: false``."""
    automated = _automated(obj)
    return automated is not None and automated.get("enabled") is not False


def _offer_toggle(obj: Object) -> Action:
    label = "Disable Auto-Sync" if _is_automated(obj) else "Enable Auto-Sync"
    return Action("toggle-auto-sync", display_name=label)


def _toggle(obj: Object, _: Parameters, __: datetime) -> None:
    """Prune and self-heal stay as they were written."""
    is_on = _is_automated(obj)
    mapping(obj, "spec", "syncPolicy", "automated")["enabled"] = not is_on


def _status(obj: Object) -> Object:
    found = obj.get("status")
    return found if isinstance(found, dict) else {}


def _is_paused(obj: Object) -> bool:
    return (obj.get("spec") or {}).get("paused") is True or bool(_status(obj).get("pauseConditions"))


def _is_promoted(obj: Object) -> bool:
    status = _status(obj)
    return bool(status.get("stableRS")) and status.get("currentPodHash") == status.get("stableRS")


def _offer(name: str, reason: str) -> Action:
    return Action(name, disabled=bool(reason), reason=reason)


def _restart(obj: Object, _: Parameters, now: datetime) -> None:
    mapping(obj, "spec")["restartAt"] = moment(now)


def _pause(obj: Object, _: Parameters, __: datetime) -> None:
    mapping(obj, "spec")["paused"] = True


def _resume(obj: Object, _: Parameters, __: datetime) -> None:
    if (obj.get("spec") or {}).get("paused"):
        mapping(obj, "spec")["paused"] = False
    if _status(obj).get("pauseConditions") is not None:
        mapping(obj, "status").pop("pauseConditions")


def _abort(obj: Object, _: Parameters, __: datetime) -> None:
    mapping(obj, "status")["abort"] = True


def _retry(obj: Object, _: Parameters, __: datetime) -> None:
    mapping(obj, "status")["abort"] = False


def _promote_full(obj: Object, _: Parameters, __: datetime) -> None:
    mapping(obj, "status")["promoteFull"] = True


def _offer_abort(obj: Object) -> Action:
    reason = "it is promoted" if _is_promoted(obj) else "it is aborted already" if _status(obj).get("abort") else ""
    return _offer("abort", reason)


def _offer_retry(obj: Object) -> Action:
    return _offer("retry", "" if _status(obj).get("abort") else "it is not aborted")


def _offer_promote_full(obj: Object) -> Action:
    return _offer("promote-full", "it is promoted" if _is_promoted(obj) else "")


TOGGLE_AUTO_SYNC = BuiltIn("toggle-auto-sync", _offer_toggle, patched(_toggle))
ROLLOUT = (
    BuiltIn("restart", always("restart"), patched(_restart)),
    BuiltIn("pause", lambda obj: _offer("pause", "it is paused already" if _is_paused(obj) else ""), patched(_pause)),
    BuiltIn("resume", lambda obj: _offer("resume", "" if _is_paused(obj) else "it is not paused"), patched(_resume)),
    BuiltIn("abort", _offer_abort, patched(_abort)),
    BuiltIn(
        "retry", lambda obj: _offer("retry", "" if _status(obj).get("abort") else "it is not aborted"), patched(_retry)
    ),
    BuiltIn(
        "promote-full",
        lambda obj: _offer("promote-full", "it is promoted" if _is_promoted(obj) else ""),
        patched(_promote_full),
    ),
)
