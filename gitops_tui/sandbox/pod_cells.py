"""What ``kubectl get pods`` shows in its columns. Source: kubernetes/pkg/printers, printPod."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from gitops_tui.model.resource import Object, metadata_of
from gitops_tui.sandbox.duration import age

_NONE = "<none>"


def pod_cells(pod: Object, now: datetime) -> list[Any]:
    spec, status = pod.get("spec") or {}, pod.get("status") or {}
    ready = sum(
        1
        for one in status.get("containerStatuses") or ()
        if one.get("ready") and (one.get("state") or {}).get("running") is not None
    )
    restartable = [one for one in spec.get("initContainers") or () if one.get("restartPolicy") == "Always"]
    total = len(spec.get("containers") or ()) + len(restartable)
    return [
        metadata_of(pod).get("name"),
        f"{ready}/{total}",
        pod_status(pod),
        _restarts(status, now),
        age(metadata_of(pod).get("creationTimestamp"), now),
        status.get("podIP") or _NONE,
        spec.get("nodeName") or _NONE,
        status.get("nominatedNodeName") or _NONE,
        _gates(spec, status),
    ]


def _gates(spec: Object, status: Object) -> str:
    gates = [gate["conditionType"] for gate in spec.get("readinessGates") or ()]
    if not gates:
        return _NONE
    true = {one["type"] for one in status.get("conditions") or () if one.get("status") == "True"}
    return f"{sum(1 for gate in gates if gate in true)}/{len(gates)}"


def _restarts(status: Object, now: datetime) -> str:
    found = status.get("containerStatuses") or ()
    count = sum(int(one.get("restartCount") or 0) for one in found)
    ended = [((one.get("lastState") or {}).get("terminated") or {}).get("finishedAt") for one in found]
    last = max(filter(None, ended), default="")
    return f"{count} ({age(last, now)} ago)" if count and last else str(count)


def pod_status(pod: Object) -> str:
    """The one word that stands for a pod's state: ``Running``, ``CrashLoopBackOff``, ``Init:0/1`` …"""
    spec, status = pod.get("spec") or {}, pod.get("status") or {}
    found = str(status.get("reason") or status.get("phase") or "")
    if any(one.get("reason") == "SchedulingGated" for one in status.get("conditions") or ()):
        found = "SchedulingGated"
    if init := _init_status(spec, status):
        found = init
    else:
        found = _container_status(status, found)
    if metadata_of(pod).get("deletionTimestamp"):
        return "Unknown" if status.get("reason") == "NodeLost" else "Terminating"
    return found


def _init_status(spec: Object, status: Object) -> str:
    total = len(spec.get("initContainers") or ())
    for number, one in enumerate(status.get("initContainerStatuses") or ()):
        state = one.get("state") or {}
        ended, waiting = state.get("terminated"), state.get("waiting")
        if ended is not None and ended.get("exitCode") == 0:
            continue
        if ended is not None:
            return f"Init:{_ending(ended)}"
        if waiting is not None and waiting.get("reason") not in (None, "", "PodInitializing"):
            return f"Init:{waiting['reason']}"
        return f"Init:{number}/{total}"
    return ""


def _ending(terminated: Object) -> str:
    if terminated.get("reason"):
        return str(terminated["reason"])
    if terminated.get("signal"):
        return f"Signal:{terminated['signal']}"
    return f"ExitCode:{terminated.get('exitCode')}"


def _container_status(status: Object, found: str) -> str:
    has_running = False
    for one in reversed(status.get("containerStatuses") or ()):
        state = one.get("state") or {}
        if (state.get("waiting") or {}).get("reason"):
            found = state["waiting"]["reason"]
        elif state.get("terminated") is not None:
            found = _ending(state["terminated"])
        elif one.get("ready") and state.get("running") is not None:
            has_running = True
    if found == "Completed" and has_running:
        is_ready = any(c.get("type") == "Ready" and c.get("status") == "True" for c in status.get("conditions") or ())
        return "Running" if is_ready else "NotReady"
    return found


def container_names(pod_spec: Object) -> Iterator[str]:
    return (str(one.get("name")) for one in pod_spec.get("containers") or ())


def container_images(pod_spec: Object) -> Iterator[str]:
    return (str(one.get("image")) for one in pod_spec.get("containers") or ())
