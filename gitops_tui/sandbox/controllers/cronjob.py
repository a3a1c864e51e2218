"""CronJobs: what became of their Jobs. No schedule runs here: Jobs come from ``kubectl create job --from``."""

from __future__ import annotations

from gitops_tui.model.resource import Object, metadata_of, name_of, namespace_of
from gitops_tui.sandbox.controllers.cluster import CRON_JOBS, JOBS, Cluster, controller_of, is_deleting
from gitops_tui.sandbox.controllers.events import Recorder
from gitops_tui.sandbox.controllers.job import finished_as
from gitops_tui.sandbox.controllers.loop import Key

_COMPONENT = "cronjob-controller"


class CronJobController:
    def __init__(self, cluster: Cluster, recorder: Recorder) -> None:
        self._cluster = cluster
        self._recorder = recorder

    def reconcile(self, key: Key) -> float | None:
        owner = self._cluster.find(*key)
        if owner is None or is_deleting(owner):
            return None
        uid = metadata_of(owner)["uid"]
        every = self._cluster.all(JOBS, namespace_of(owner))
        jobs = [job for job in every if (controller_of(job) or {}).get("uid") == uid]
        status = dict(owner.get("status") or {})
        known = {one.get("uid") for one in status.pop("active", None) or ()}
        for job in jobs:
            if metadata_of(job)["uid"] in known and finished_as(job):
                text = f"Saw completed job: {name_of(job)}, condition: {finished_as(job)}"
                self._recorder.say(owner, _COMPONENT, "SawCompletedJob", text)
        active = [_reference(job) for job in jobs if not finished_as(job) and not is_deleting(job)]
        ends = [str((job.get("status") or {}).get("completionTime") or "") for job in jobs]
        last = max([*ends, str(status.get("lastSuccessfulTime") or "")])
        status |= {**({"active": active} if active else {}), **({"lastSuccessfulTime": last} if last else {})}
        self._cluster.write_status(CRON_JOBS, owner, status)
        self._clean_up(owner, jobs)
        return None

    def _clean_up(self, owner: Object, jobs: list[Object]) -> None:
        """The histories' limits."""
        limits = (("Complete", "successfulJobsHistoryLimit", 3), ("Failed", "failedJobsHistoryLimit", 1))
        for ending, field, default in limits:
            limit = owner["spec"].get(field)
            done = sorted((job for job in jobs if finished_as(job) == ending), key=_started)
            for job in done[: max(0, len(done) - (default if limit is None else int(limit)))]:
                self._cluster.delete(JOBS, job)


def _started(job: Object) -> str:
    return str((job.get("status") or {}).get("startTime") or "")


def _reference(job: Object) -> Object:
    meta = metadata_of(job)
    return {
        "apiVersion": job["apiVersion"],
        "kind": job["kind"],
        "name": meta["name"],
        "namespace": meta["namespace"],
        "resourceVersion": meta["resourceVersion"],
        "uid": meta["uid"],
    }
