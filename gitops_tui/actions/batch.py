"""Actions on CronJobs and Jobs."""

from __future__ import annotations

import copy
from datetime import datetime

from gitops_tui.actions.action import BuiltIn, mapping, moment, patched
from gitops_tui.model.action import Action, Impacted, ImpactedBy, Parameters
from gitops_tui.model.resource import Object, metadata_of, name_of

MAX_NAME = 63
_ENDS = ("Complete", "Failed", "FailureTarget", "SuccessCriteriaMet")


def _create_job(obj: Object, _: Parameters, now: datetime) -> tuple[Impacted, ...]:
    """As ``kubectl create job --from``: the template's Job, owned by the CronJob."""
    template = copy.deepcopy((obj.get("spec") or {}).get("jobTemplate") or {})
    metadata = metadata_of(obj)
    stamp = now.strftime("-%Y%m%d%H%M%S")
    owner = {
        "apiVersion": obj.get("apiVersion"), "kind": obj.get("kind"), "name": name_of(obj), "uid": metadata.get("uid"),
    }  # fmt: skip
    job = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            **(template.get("metadata") or {}),
            "name": name_of(obj)[: MAX_NAME - len(stamp)] + stamp,
            "namespace": metadata.get("namespace"),
            "ownerReferences": [owner],
        },
        "spec": template.get("spec") or {},
    }
    return (Impacted(ImpactedBy.CREATE, job),)


def _suspended(obj: Object) -> bool:
    return (obj.get("spec") or {}).get("suspend") is True


def _suspend(obj: Object, _: Parameters, __: datetime) -> None:
    mapping(obj, "spec")["suspend"] = True


def _resume(obj: Object, _: Parameters, __: datetime) -> None:
    mapping(obj, "spec")["suspend"] = False


def _is_over(obj: Object) -> bool:
    conditions = (obj.get("status") or {}).get("conditions") or []
    return any(one.get("type") in _ENDS and one.get("status") == "True" for one in conditions if isinstance(one, dict))


def _terminate(obj: Object, _: Parameters, now: datetime) -> None:
    """The condition with which the Job's controller fails a Job: its pods are ended, and it stays to be looked at."""
    conditions = mapping(obj, "status").setdefault("conditions", [])
    at = moment(now)
    conditions.append(
        {
            "type": "FailureTarget",
            "status": "True",
            "reason": "ManuallyTerminated",
            "message": "The Job was terminated by an action",
            "lastProbeTime": at,
            "lastTransitionTime": at,
        }
    )


def _offer_suspend_job(obj: Object) -> Action | None:
    return None if _is_over(obj) or _suspended(obj) else Action("suspend")


def _offer_resume_job(obj: Object) -> Action | None:
    return Action("resume") if _suspended(obj) and not _is_over(obj) else None


def _offer_terminate(obj: Object) -> Action | None:
    return None if _is_over(obj) or obj.get("status") is None else Action("terminate")


CREATE_JOB = BuiltIn("create-job", lambda _: Action("create-job", display_name="Create Job"), _create_job)
SUSPEND_CRON = BuiltIn("suspend", lambda obj: None if _suspended(obj) else Action("suspend"), patched(_suspend))
RESUME_CRON = BuiltIn("resume", lambda obj: Action("resume") if _suspended(obj) else None, patched(_resume))
SUSPEND_JOB = BuiltIn("suspend", _offer_suspend_job, patched(_suspend))
RESUME_JOB = BuiltIn("resume", _offer_resume_job, patched(_resume))
TERMINATE_JOB = BuiltIn("terminate", _offer_terminate, patched(_terminate))
