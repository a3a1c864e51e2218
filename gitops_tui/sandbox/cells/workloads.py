"""Cells of workloads."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from gitops_tui.model.resource import Object, name_of
from gitops_tui.sandbox.cells.common import (
    NONE,
    containers_of,
    count_of,
    created,
    spec_of,
    status_of,
    template_of,
)
from gitops_tui.sandbox.duration import age, human, parse
from gitops_tui.sandbox.selectors import selector_text


def deployment(obj: Object, now: datetime) -> list[Any]:
    spec, status = spec_of(obj), status_of(obj)
    return [
        name_of(obj),
        f"{count_of(status, 'readyReplicas')}/{count_of(spec, 'replicas')}",
        count_of(status, "updatedReplicas"),
        count_of(status, "availableReplicas"),
        created(obj, now),
        *containers_of(template_of(spec)),
        selector_text(spec.get("selector")),
    ]


def replica_set(obj: Object, now: datetime) -> list[Any]:
    spec, status = spec_of(obj), status_of(obj)
    selector = spec.get("selector") or {}
    if obj.get("kind") == "ReplicationController":
        selector = {"matchLabels": selector}
    return [
        name_of(obj),
        count_of(spec, "replicas"),
        count_of(status, "replicas"),
        count_of(status, "readyReplicas"),
        created(obj, now),
        *containers_of(template_of(spec)),
        selector_text(selector),
    ]


def stateful_set(obj: Object, now: datetime) -> list[Any]:
    spec, status = spec_of(obj), status_of(obj)
    ready = f"{count_of(status, 'readyReplicas')}/{count_of(spec, 'replicas')}"
    return [name_of(obj), ready, created(obj, now), *containers_of(template_of(spec))]


def daemon_set(obj: Object, now: datetime) -> list[Any]:
    spec, status = spec_of(obj), status_of(obj)
    nodes = template_of(spec).get("nodeSelector") or {}
    fields = (
        "desiredNumberScheduled",
        "currentNumberScheduled",
        "numberReady",
        "updatedNumberScheduled",
        "numberAvailable",
    )
    return [
        name_of(obj),
        *(count_of(status, field) for field in fields),
        ",".join(f"{key}={value}" for key, value in sorted(nodes.items())) or NONE,
        created(obj, now),
        *containers_of(template_of(spec)),
        selector_text(spec.get("selector")),
    ]


def _job_state(status: Object, spec: Object) -> str:
    true = {one["type"] for one in status.get("conditions") or () if one.get("status") == "True"}
    for condition, word in (("Complete", "Complete"), ("Failed", "Failed"), ("Suspended", "Suspended")):
        if condition in true:
            return word
    if "FailureTarget" in true:
        return "FailureTarget"
    if "SuccessCriteriaMet" in true:
        return "SuccessCriteriaMet"
    return "Suspended" if spec.get("suspend") else "Running"


def job(obj: Object, now: datetime) -> list[Any]:
    spec, status = spec_of(obj), status_of(obj)
    wanted = spec.get("completions")
    if wanted is None:
        parallelism = count_of(spec, "parallelism")
        shown = f"1 of {parallelism}" if parallelism > 1 else "1"
    else:
        shown = str(wanted)
    took = ""
    if status.get("startTime"):
        end = parse(status["completionTime"]) if status.get("completionTime") else now
        took = human(int((end - parse(status["startTime"])).total_seconds()))
    return [
        name_of(obj),
        _job_state(status, spec),
        f"{count_of(status, 'succeeded')}/{shown}",
        took,
        created(obj, now),
        *containers_of(template_of(spec)),
        selector_text(spec.get("selector")),
    ]


def cron_job(obj: Object, now: datetime) -> list[Any]:
    spec, status = spec_of(obj), status_of(obj)
    job = (spec.get("jobTemplate") or {}).get("spec") or {}
    last = status.get("lastScheduleTime")
    return [
        name_of(obj),
        spec.get("schedule"),
        spec.get("timeZone") or NONE,
        str(bool(spec.get("suspend"))),
        len(status.get("active") or ()),
        age(last, now) if last else NONE,
        created(obj, now),
        *containers_of(template_of(job)),
        selector_text(job.get("selector")),
    ]
