"""The status that a kubelet reports for a pod, as a function of what each container does."""

from __future__ import annotations

import hashlib

from msgspec import Struct, field

from gitops_tui.model.resource import Object, metadata_of
from gitops_tui.sandbox.controllers.containers import reference


class Doing(Struct):
    """What one container does: ``state`` and ``last`` are its ``state`` and ``lastState``."""

    state: Object = field(default_factory=dict)
    last: Object = field(default_factory=dict)
    restarts: int = 0
    is_ready: bool = False
    failures: int = 0
    """Pulls that failed, or ends with an error."""

    @property
    def is_running(self) -> bool:
        return "running" in self.state


def waiting(reason: str, message: str = "") -> Object:
    return {"waiting": {"reason": reason, **({"message": message} if message else {})}}


def terminated(code: int, started: str, finished: str) -> Object:
    reason = "Error" if code else "Completed"
    return {"terminated": {"exitCode": code, "reason": reason, "startedAt": started, "finishedAt": finished}}


def address_of(uid: str) -> str:
    """The pod's address: made from its uid, so that a restart keeps it."""
    first, second = hashlib.sha256(uid.encode()).digest()[:2]
    return f"10.244.{first}.{max(2, min(second, 254))}"


def container_status(container: Object, doing: Doing, uid: str) -> Object:
    name, image = str(container["name"]), str(container.get("image") or "")
    was_started = doing.is_running or "terminated" in doing.state or bool(doing.last)
    status: Object = {
        "name": name,
        "image": reference(image) if was_started else image,
        "imageID": "",
        "ready": doing.is_ready,
        "started": doing.is_running,
        "restartCount": doing.restarts,
        "state": doing.state,
        "lastState": doing.last,
    }
    if was_started:
        digest = hashlib.sha256(image.encode()).hexdigest()
        made = hashlib.sha256(f"{uid}/{name}/{doing.restarts}".encode()).hexdigest()
        repository = reference(image).partition("@")[0]
        head, _, tail = repository.rpartition("/")
        status["imageID"] = f"{head}/{tail.partition(':')[0]}@sha256:{digest}"
        status["containerID"] = f"containerd://{made}"
    return status


def pod_status(pod: Object, doings: dict[str, Doing], phase: str, now: str) -> Object:
    """The whole status; conditions keep their time while they stay the same."""
    spec, old, uid = pod["spec"], pod.get("status") or {}, metadata_of(pod)["uid"]
    status = {
        **{name: old[name] for name in ("qosClass", "startTime") if old.get(name)},
        "observedGeneration": int(metadata_of(pod).get("generation") or 1),
        "phase": phase,
        "hostIP": "127.0.0.1",
        "hostIPs": [{"ip": "127.0.0.1"}],
        "conditions": _conditions(pod, doings, phase, now),
        "containerStatuses": [container_status(one, doings[one["name"]], uid) for one in spec["containers"]],
    }
    status.setdefault("startTime", now)
    if inits := spec.get("initContainers"):
        status["initContainerStatuses"] = [container_status(one, doings[one["name"]], uid) for one in inits]
    if any(doing.state.keys() & {"running", "terminated"} or doing.last for doing in doings.values()):
        address = old.get("podIP") or address_of(uid)
        status |= {"podIP": address, "podIPs": [{"ip": address}]}
    return status


def _conditions(pod: Object, doings: dict[str, Doing], phase: str, now: str) -> list[Object]:
    spec, old = pod["spec"], (pod.get("status") or {}).get("conditions") or []
    lazy = [one["name"] for one in spec["containers"] if not doings[one["name"]].is_ready]
    blocked = [one["name"] for one in spec.get("initContainers") or () if not doings[one["name"]].is_ready]
    unready = "ContainersNotReady", f"containers with unready status: [{' '.join(lazy)}]"
    done = "PodCompleted", ""
    why = done if phase == "Succeeded" else ("PodFailed", "") if phase == "Failed" else unready
    uninitialized = "ContainersNotInitialized", f"containers with incomplete status: [{' '.join(blocked)}]"
    has_run = any(doing.state.keys() & {"running", "terminated"} or doing.last for doing in doings.values())
    has_sandbox = has_run and phase not in ("Succeeded", "Failed")
    wanted = [
        ("PodReadyToStartContainers", has_sandbox, ("", "")),
        ("Initialized", not blocked, uninitialized),
        ("Ready", not lazy and not blocked, why),
        ("ContainersReady", not lazy and not blocked, why),
        ("PodScheduled", True, ("", "")),
    ]
    observed = int(metadata_of(pod).get("generation") or 1)
    return [_condition(old, name, is_true, reason, now, observed) for name, is_true, reason in wanted]


def _condition(old: list[Object], name: str, is_true: bool, why: tuple[str, str], now: str, observed: int) -> Object:
    status = "True" if is_true else "False"
    before = next((one for one in old if one["type"] == name), None)
    since = before["lastTransitionTime"] if before and before["status"] == status else now
    found = {
        "type": name,
        "status": status,
        "lastProbeTime": None,
        "lastTransitionTime": since,
        "observedGeneration": observed,
    }
    if not is_true and why[0]:
        found |= {"reason": why[0], **({"message": why[1]} if why[1] else {})}
    return found
