"""Job, CronJob and Argo Workflow (semantics 1.11)."""

from __future__ import annotations

from gitops_tui.health.field import conditions, spec, status, text
from gitops_tui.health.verdict import degraded, healthy, progressing, suspended, unknown
from gitops_tui.model.resource import Object
from gitops_tui.model.status import Health


def job(obj: Object) -> Health:
    """Which condition types are present decides; only of ``Suspended`` the status is looked at.

    So a Job that was suspended and runs again reads Healthy while it runs, as in Argo CD.
    """
    found = {text(one, "type"): one for one in conditions(obj)}
    if "Failed" in found:
        return degraded(text(found["Failed"], "message"))
    if "Suspended" in found and found["Suspended"].get("status") == "True":
        return suspended()
    ended = [one for one in conditions(obj) if one.get("type") in ("Complete", "Suspended")]
    return healthy(text(ended[-1], "message")) if ended else progressing()


def cron_job(obj: Object) -> Health:
    """A schedule that was missed cannot be told from the status, so it counts as healthy.

    The API server gives a CronJob that never ran an empty status: never scheduled, and not still waited for.
    """
    found = status(obj)
    if spec(obj).get("suspend") is True:
        return healthy("CronJob is suspended")
    scheduled, succeeded = text(found, "lastScheduleTime"), text(found, "lastSuccessfulTime")
    if not scheduled:
        is_seen = obj.get("status") is not None
        return healthy("CronJob has not been scheduled yet") if is_seen else progressing("Waiting for CronJob")
    if not succeeded:
        return healthy("The CronJob never completed successfully; it may not be healthy")
    if found.get("active"):
        return healthy("The job is running; its last execution may not have been successful")
    if succeeded < scheduled:
        return degraded("CronJob has not completed its last execution successfully")
    return healthy("CronJob has completed its last execution successfully")


def workflow(obj: Object) -> Health:
    phase, message = text(status(obj), "phase"), text(status(obj), "message")
    if phase in ("", "Pending", "Running"):
        return progressing(message)
    if phase == "Succeeded":
        return healthy(message)
    return degraded(message) if phase in ("Failed", "Error") else unknown(message)
