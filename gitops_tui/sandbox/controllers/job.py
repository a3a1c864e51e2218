"""Jobs: pods until enough of them succeeded or too many failed.

Simpler than the real controller in one point: pods carry no tracking finalizer, so ``uncountedTerminatedPods`` is
always empty.
"""

from __future__ import annotations

from msgspec import Struct

from gitops_tui.model.resource import Object, annotations_of, name_of, namespace_of
from gitops_tui.sandbox.controllers.cluster import JOBS, PODS, Cluster, count, is_deleting
from gitops_tui.sandbox.controllers.containers import back_off_s
from gitops_tui.sandbox.controllers.events import Recorder
from gitops_tui.sandbox.controllers.loop import Key
from gitops_tui.sandbox.controllers.podstate import condition_of, is_active, is_finished, is_ready, phase_of
from gitops_tui.sandbox.controllers.templates import pod_of

_COMPONENT = "job-controller"
_INDEX = "batch.kubernetes.io/job-completion-index"
_REACHED = "Reached expected number of succeeded pods"
_TOO_MANY = "Job has reached the specified backoff limit"
_TOO_LATE = "Job was active longer than specified deadline"


def finished_as(job: Object) -> str:
    """``Complete``, ``Failed`` or ``""``."""
    return next(
        (name for name in ("Complete", "Failed") if (condition_of(job, name) or {}).get("status") == "True"), ""
    )


class _Tally(Struct, frozen=True):
    """A Job's pods, and the counts that outlive pods that somebody deleted."""

    job: Object
    pods: list[Object]

    @property
    def active(self) -> list[Object]:
        return [pod for pod in self.pods if is_active(pod)]

    @property
    def succeeded(self) -> int:
        done = sum(1 for pod in self.pods if phase_of(pod) == "Succeeded")
        return max(done, count(self.job, "succeeded"))

    @property
    def failed(self) -> int:
        return max(sum(1 for pod in self.pods if phase_of(pod) == "Failed"), count(self.job, "failed"))

    @property
    def leaving(self) -> list[Object]:
        return [pod for pod in self.pods if is_deleting(pod) and not is_finished(pod)]

    @property
    def failures(self) -> int:
        """What counts against ``backoffLimit``: failed pods, and restarts in place."""
        restarts = sum(
            int(one.get("restartCount") or 0)
            for pod in self.active
            if pod["spec"].get("restartPolicy") == "OnFailure"
            for one in (pod.get("status") or {}).get("containerStatuses") or ()
        )
        return self.failed + restarts

    @property
    def indexes(self) -> list[int]:
        """Of an Indexed Job: what succeeded."""
        done = {int(annotations_of(pod).get(_INDEX, -1)) for pod in self.pods if phase_of(pod) == "Succeeded"}
        return sorted(done - {-1})


class JobController:
    def __init__(self, cluster: Cluster, recorder: Recorder) -> None:
        self._cluster = cluster
        self._recorder = recorder

    def reconcile(self, key: Key) -> float | None:
        job = self._cluster.find(*key)
        if job is None or not (job.get("spec") or {}).get("selector") or is_deleting(job):
            return None
        if finished_as(job):
            return self._expire(job)
        if job["spec"].get("suspend"):
            self._suspend(job)
            return None
        job = self._begin(job)
        tally = self._tally(job)
        verdict = self._verdict(tally)
        if verdict is not None:
            self._end(tally, *verdict)
            return None
        delay = self._fill(tally)
        job = self._report(self._tally(job), list((job.get("status") or {}).get("conditions") or ()))
        left = self._seconds_left(job)
        return min((one for one in (delay, left) if one is not None), default=None)

    def _tally(self, job: Object) -> _Tally:
        return _Tally(job, self._cluster.owned(PODS, job))

    def _expire(self, job: Object) -> float | None:
        """``ttlSecondsAfterFinished``."""
        limit, ended = job["spec"].get("ttlSecondsAfterFinished"), condition_of(job, finished_as(job))
        if limit is None or ended is None:
            return None
        left = int(limit) - self._cluster.seconds_since(ended["lastTransitionTime"])
        if left > 0:
            return float(left)
        self._cluster.delete(JOBS, job)
        return None

    def _suspend(self, job: Object) -> None:
        tally = self._tally(job)
        for pod in tally.active:
            self._delete(job, pod)
        conditions = list((job.get("status") or {}).get("conditions") or ())
        if (condition_of(job, "Suspended") or {}).get("status") != "True":
            rest = [one for one in conditions if one["type"] != "Suspended"]
            conditions = [*rest, self._condition("Suspended", "JobSuspended", "Job suspended")]
            self._recorder.say(job, _COMPONENT, "Suspended", "Job suspended")
        status = {k: v for k, v in (job.get("status") or {}).items() if k not in ("startTime", "active", "ready")}
        self._cluster.write_status(JOBS, job, {**status, "conditions": conditions})

    def _begin(self, job: Object) -> Object:
        status = job.get("status") or {}
        conditions = list(status.get("conditions") or ())
        if (condition_of(job, "Suspended") or {}).get("status") == "True":
            resumed = {**self._condition("Suspended", "JobResumed", "Job resumed"), "status": "False"}
            conditions = [*(one for one in conditions if one["type"] != "Suspended"), resumed]
            self._recorder.say(job, _COMPONENT, "Resumed", "Job resumed")
        elif status.get("startTime"):
            return job
        new = {**status, "startTime": status.get("startTime") or self._cluster.stamp()}
        return self._cluster.write_status(JOBS, job, {**new, **({"conditions": conditions} if conditions else {})})

    def _seconds_left(self, job: Object) -> float | None:
        limit, started = job["spec"].get("activeDeadlineSeconds"), (job.get("status") or {}).get("startTime")
        if limit is None or not started:
            return None
        return max(0.0, int(limit) - self._cluster.seconds_since(started))

    # --- the end
    def _verdict(self, tally: _Tally) -> tuple[str, str, str] | None:
        """(condition, reason, message) of a Job that is over."""
        spec = tally.job["spec"]
        for first, last in (("FailureTarget", "Failed"), ("SuccessCriteriaMet", "Complete")):
            # Decided before; only pods that had to go were waited for.
            if found := condition_of(tally.job, first):
                return last, str(found["reason"]), str(found["message"])
        limit = spec.get("backoffLimit")
        if tally.failures > (6 if limit is None else int(limit)):
            return "Failed", "BackoffLimitExceeded", _TOO_MANY
        if self._seconds_left(tally.job) == 0:
            return "Failed", "DeadlineExceeded", _TOO_LATE
        wanted = spec.get("completions")
        if wanted is None and tally.succeeded and not tally.active:
            return "Complete", "CompletionsReached", _REACHED
        if wanted is not None and tally.succeeded >= int(wanted):
            return "Complete", "CompletionsReached", _REACHED
        return None

    def _end(self, tally: _Tally, name: str, reason: str, message: str) -> None:
        for pod in tally.active:
            self._delete(tally.job, pod)
        first = "SuccessCriteriaMet" if name == "Complete" else "FailureTarget"
        kept = [one for one in (tally.job.get("status") or {}).get("conditions") or () if one["type"] == "Suspended"]
        before = condition_of(tally.job, first) or self._condition(first, reason, message)
        conditions = [*kept, before, self._condition(name, reason, message)]
        tally = self._tally(tally.job)
        if tally.leaving:
            # The last condition waits for the last pod.
            self._report(tally, conditions[:-1])
            return
        self._report(tally, conditions, is_over=name == "Complete")
        if name == "Complete":
            self._recorder.say(tally.job, _COMPONENT, "Completed", "Job completed")
        else:
            self._recorder.say(tally.job, _COMPONENT, reason, message, level="Warning")

    def _condition(self, name: str, reason: str, message: str) -> Object:
        now = self._cluster.stamp()
        return {
            "type": name,
            "status": "True",
            "lastProbeTime": now,
            "lastTransitionTime": now,
            "reason": reason,
            "message": message,
        }

    # --- pods
    def _fill(self, tally: _Tally) -> float | None:
        """Start what may run now; the seconds to wait after a failure."""
        spec, active = tally.job["spec"], tally.active
        wanted, most = spec.get("completions"), spec.get("parallelism")
        room = 1 if most is None else int(most)
        if wanted is not None:
            room = min(room, int(wanted) - tally.succeeded)
        elif tally.succeeded:
            room = len(active)
        for pod in active[room:] if room >= 0 else ():
            self._delete(tally.job, pod)
        missing = room - len(active) - len(tally.leaving)
        if missing <= 0:
            return None
        if delay := self._back_off(tally):
            return delay
        free = self._free_indexes(tally)
        for number in range(missing):
            self._create(tally.job, free[number] if free else None)
        return None

    def _back_off(self, tally: _Tally) -> float:
        """Ten seconds after the first failure, twice that after each further one."""
        failed = [pod for pod in tally.pods if phase_of(pod) == "Failed"]
        ends = [
            str(state["terminated"]["finishedAt"])
            for pod in failed
            for one in (pod.get("status") or {}).get("containerStatuses") or ()
            if "terminated" in (state := one.get("state") or {})
        ]
        if not ends:
            return 0.0
        return max(0.0, back_off_s(len(failed)) - self._cluster.seconds_since(max(ends)))

    @staticmethod
    def _free_indexes(tally: _Tally) -> list[int]:
        spec = tally.job["spec"]
        if spec.get("completionMode") != "Indexed":
            return []
        taken = {int(annotations_of(pod).get(_INDEX, -1)) for pod in tally.active} | set(tally.indexes)
        return [number for number in range(int(spec.get("completions") or 0)) if number not in taken]

    def _create(self, job: Object, index: int | None) -> None:
        pod = pod_of(job, job["spec"]["template"])
        if index is not None:
            pod["metadata"]["generateName"] = f"{name_of(job)}-{index}-"
            pod["metadata"]["annotations"] = {**annotations_of(pod), _INDEX: str(index)}
            pod["metadata"]["labels"][_INDEX] = str(index)
            pod["spec"]["hostname"] = f"{name_of(job)}-{index}"
        made = self._cluster.store.create(PODS, pod)
        self._recorder.say(job, _COMPONENT, "SuccessfulCreate", f"Created pod: {name_of(made)}")

    def _delete(self, job: Object, pod: Object) -> None:
        grace = pod["spec"].get("terminationGracePeriodSeconds")
        if self._cluster.delete(PODS, pod, 30 if grace is None else int(grace)):
            self._recorder.say(job, _COMPONENT, "SuccessfulDelete", f"Deleted pod: {name_of(pod)}")

    # --- the status
    def _report(self, tally: _Tally, conditions: list[Object], *, is_over: bool = False) -> Object:
        job = self._cluster.find(JOBS, namespace_of(tally.job), name_of(tally.job)) or tally.job
        old = job.get("status") or {}
        is_failed = any(one["type"] in ("Failed", "FailureTarget") for one in conditions)
        failed = sum(1 for pod in tally.pods if phase_of(pod) == "Failed") + (len(tally.leaving) if is_failed else 0)
        numbers = {
            "active": len(tally.active),
            "succeeded": tally.succeeded,
            "failed": max(failed, tally.failed),
        }
        status: Object = {field: value for field, value in numbers.items() if value}
        status |= {
            "startTime": old.get("startTime"),
            "ready": sum(1 for pod in tally.active if is_ready(pod)),
            "terminating": len(tally.leaving),
            "uncountedTerminatedPods": {},
        }
        if conditions:
            status["conditions"] = conditions
        if is_over:
            status["completionTime"] = self._cluster.stamp()
        if tally.indexes:
            status["completedIndexes"] = _ranges(tally.indexes)
        return self._cluster.write_status(JOBS, job, status)


def _ranges(numbers: list[int]) -> str:
    """``0-2,5``."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and parts[-1][-1] == number - 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ",".join(str(part[0]) if len(part) == 1 else f"{part[0]}-{part[-1]}" for part in parts)
