"""A kubelet of make-believe containers: pods are scheduled, start, get ready, end, crash and go.

It moves only pods that nobody started yet and those that it started itself: a pod that was there before, running or
broken, stays as it is. What a container does is told by its image and command (`containers`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct, field

from gitops_tui.model.resource import Object, metadata_of, name_of, namespace_of
from gitops_tui.sandbox.controllers.cluster import PODS, Cluster, controller_of, is_deleting
from gitops_tui.sandbox.controllers.containers import (
    CRASH,
    NO_IMAGE,
    back_off_s,
    duration_of,
    fate_of,
    pull_error,
    spoken,
)
from gitops_tui.sandbox.controllers.events import Recorder
from gitops_tui.sandbox.controllers.loop import Key
from gitops_tui.sandbox.controllers.podstate import is_finished, is_ready, phase_of
from gitops_tui.sandbox.controllers.podstatus import Doing, pod_status, terminated, waiting
from gitops_tui.sandbox.controllers.scheduler import Scheduler

START_S, RUN_S, CRASH_S, PULL_S, DELETE_S = 1.0, 2.0, 1.0, 2.0, 0.6
"""Until it runs; until a Job's pod ends; until a crash; from a failed pull to the back-off; until a deleted pod is
gone."""

_STARTING = ("ContainerCreating", "PodInitializing")
_Step = Callable[[Object, "_Run"], float | None]


class _Run(Struct):
    """One pod that this kubelet moves: its next step and when (on the clock) that is due."""

    uid: str
    next: _Step
    due: float
    doings: dict[str, Doing] = field(default_factory=dict)
    subject: str = ""
    """The name of the container that fails."""


class Kubelet:
    """``clock`` is the loop's."""

    def __init__(self, cluster: Cluster, recorder: Recorder, clock: Callable[[], float]) -> None:
        self._cluster = cluster
        self._recorder = recorder
        self._clock = clock
        self._scheduler = Scheduler(cluster, recorder)
        self._runs: dict[tuple[str, str], _Run] = {}

    def reconcile(self, key: Key) -> float | None:
        pod, where = self._cluster.find(*key), key[1:]
        run = self._runs.get((where[0], where[1]))
        if pod is None:
            self._runs.pop((where[0], where[1]), None)
            return None
        if run is not None and run.uid != metadata_of(pod)["uid"]:
            run = None
        if is_deleting(pod):
            run = run if run is not None and run.next == self._end else self._begin_end(pod)
        elif not pod["spec"].get("nodeName"):
            return None if self._scheduler.schedule(pod) else 10.0
        elif run is None:
            run = self._adopt(pod)
        return self._step(pod, run) if run is not None else None

    def _step(self, pod: Object, run: _Run) -> float | None:
        """Take the next step if it is due; the seconds until the one after it."""
        self._runs[namespace_of(pod), name_of(pod)] = run
        if run.due <= self._clock():
            delay = run.next(pod, run)
            run.due = self._clock() + delay if delay is not None else float("inf")
        return run.due - self._clock() if run.due < float("inf") else None

    def _adopt(self, pod: Object) -> _Run | None:
        """A run for a pod that nobody started yet, or that another kubelet left half-way: there was a restart."""
        status, uid, now = pod.get("status") or {}, metadata_of(pod)["uid"], self._clock()
        doings = _doings(status)
        if phase_of(pod) in ("", "Pending") and all(_reason(doing) in _STARTING for doing in doings.values()):
            return _Run(uid, self._create, now)
        is_whole = all(one["name"] in doings for one in _containers(pod))
        is_running = is_whole and all(doings[one["name"]].is_running for one in pod["spec"]["containers"])
        if phase_of(pod) != "Running" or not is_running:
            return None
        if _is_to_end(pod):
            return _Run(uid, self._wait_for_end, now, doings)
        if not is_ready(pod) and (delay := duration_of(pod)) is not None:
            return _Run(uid, self._get_ready, now + delay, doings)
        return None

    def _write(self, pod: Object, run: _Run, phase: str) -> None:
        status = pod_status(pod, run.doings, phase, self._cluster.stamp())
        self._cluster.write_status(PODS, pod, status, manager="kubelet")

    def _say(self, pod: Object, reason: str, message: str, container: Object, level: str = "Normal") -> None:
        name = container["name"]
        path = f"spec.{'initContainers' if _is_init(pod, name) else 'containers'}{{{name}}}"
        host = str(pod["spec"].get("nodeName") or "")
        self._recorder.say(pod, "kubelet", reason, message, level=level, field_path=path, host=host)

    # --- starting
    def _create(self, pod: Object, run: _Run) -> float | None:
        inits = pod["spec"].get("initContainers") or ()
        reason = "PodInitializing" if inits else "ContainerCreating"
        run.doings = {one["name"]: Doing(waiting(reason)) for one in _containers(pod)}
        self._write(pod, run, "Pending")
        run.next = self._start
        return START_S

    def _start(self, pod: Object, run: _Run) -> float | None:
        """Init containers are over, containers run; or the one that cannot be pulled holds the pod up."""
        run.subject = ""
        for container in _containers(pod):
            name = container["name"]
            doing, fate = run.doings[name], fate_of(container)
            if fate == NO_IMAGE:
                run.subject = name
                if _is_init(pod, name):
                    break
            elif not doing.is_ready:
                self._launch(pod, container, doing)
                if _is_init(pod, name) and fate == CRASH:
                    run.subject, run.next = name, self._crash
                    self._write(pod, run, "Pending")
                    return CRASH_S
                self._ready(container, doing, is_init=_is_init(pod, name))
        return self._fail_pull(pod, run) if run.subject else self._settle(pod, run)

    def _ready(self, container: Object, doing: Doing, *, is_init: bool) -> None:
        doing.is_ready = True
        if is_init and container.get("restartPolicy") != "Always":
            now = self._cluster.stamp()
            doing.state = terminated(0, now, now)

    def _launch(self, pod: Object, container: Object, doing: Doing) -> None:
        image = str(container.get("image") or "")
        if container.get("imagePullPolicy") == "Always":
            self._say(pod, "Pulling", f'Pulling image "{image}"', container)
            self._say(pod, "Pulled", f'Successfully pulled image "{image}"', container)
        else:
            self._say(pod, "Pulled", f'Container image "{image}" already present on machine', container)
        self._say(pod, "Created", f"Container created: {container['name']}", container)
        self._say(pod, "Started", f"Container started: {container['name']}", container)
        doing.state = {"running": {"startedAt": self._cluster.stamp()}}
        self._log(pod, container, f"{container['name']}: started {image}")

    def _log(self, pod: Object, container: Object, line: str) -> None:
        self._cluster.store.append_log(namespace_of(pod), name_of(pod), container["name"], line)

    def _settle(self, pod: Object, run: _Run) -> float | None:
        """Everything runs: ready at once or after the annotation's time, unless something is going to crash."""
        crashing = next((one["name"] for one in pod["spec"]["containers"] if fate_of(one) == CRASH), "")
        delay = duration_of(pod)
        if crashing:
            run.subject, run.next = crashing, self._crash
            run.doings[crashing].is_ready = _is_to_end(pod)
            self._write(pod, run, "Running")
            return delay if delay is not None and _is_to_end(pod) else CRASH_S
        if delay is not None and not _is_to_end(pod) and delay > START_S:
            for container in pod["spec"]["containers"]:
                run.doings[container["name"]].is_ready = False
            self._write(pod, run, "Running")
            run.next = self._get_ready
            return delay - START_S
        self._write(pod, run, "Running")
        return self._wait_for_end(pod, run)

    def _get_ready(self, pod: Object, run: _Run) -> float | None:
        for doing in run.doings.values():
            doing.is_ready = True
        self._write(pod, run, "Running")
        return None

    def _wait_for_end(self, pod: Object, run: _Run) -> float | None:
        if not _is_to_end(pod):
            return None
        run.next = self._complete
        found = duration_of(pod)
        return RUN_S if found is None else found

    def _complete(self, pod: Object, run: _Run) -> float | None:
        for container in pod["spec"]["containers"]:
            self._finish(run.doings[container["name"]], 0)
            self._log(pod, container, f"{container['name']}: done")
        self._write(pod, run, "Succeeded")
        return None

    def _finish(self, doing: Doing, code: int) -> None:
        started = doing.state.get("running", {}).get("startedAt") or self._cluster.stamp()
        doing.state, doing.is_ready = terminated(code, started, self._cluster.stamp()), False

    # --- images that cannot be pulled
    def _fail_pull(self, pod: Object, run: _Run) -> float | None:
        missing = self._unpulled(pod, run)
        if not missing:
            # Somebody put an image there that exists.
            return self._start(pod, run)
        for container in missing:
            image, doing = str(container["image"]), run.doings[container["name"]]
            error = pull_error(image)
            doing.failures += 1
            doing.state = waiting("ErrImagePull", error)
            self._say(pod, "Pulling", f'Pulling image "{image}"', container)
            self._say(pod, "Failed", f'Failed to pull image "{image}": {error}', container, "Warning")
            self._say(pod, "Failed", "Error: ErrImagePull", container, "Warning")
        self._write(pod, run, "Pending")
        run.next = self._back_off_pull
        return PULL_S

    def _unpulled(self, pod: Object, run: _Run) -> list[Object]:
        if _is_init(pod, run.subject):
            found = [_container(pod, run.subject)]
        else:
            found = pod["spec"]["containers"]
        return [one for one in found if fate_of(one) == NO_IMAGE]

    def _back_off_pull(self, pod: Object, run: _Run) -> float | None:
        failures = 1
        for container in self._unpulled(pod, run):
            image, doing = str(container["image"]), run.doings[container["name"]]
            text = f'Back-off pulling image "{image}"'
            doing.state = waiting("ImagePullBackOff", f"{text}: ErrImagePull: {pull_error(image)}")
            failures = doing.failures
            self._say(pod, "BackOff", text, container)
            self._say(pod, "Failed", "Error: ImagePullBackOff", container, "Warning")
        self._write(pod, run, "Pending")
        run.next = self._fail_pull
        return back_off_s(failures)

    # --- containers that end with an error
    def _crash(self, pod: Object, run: _Run) -> float | None:
        container, doing = _container(pod, run.subject), run.doings[run.subject]
        self._log(pod, container, f"{container['name']}: exiting with status 1")
        self._finish(doing, 1)
        doing.failures += 1
        if pod["spec"].get("restartPolicy") == "Never":
            for other in run.doings.values():
                if other.is_running:
                    self._finish(other, 0)
            self._write(pod, run, "Failed")
            return None
        doing.last = doing.state
        phase = "Pending" if _is_init(pod, run.subject) else "Running"
        run.next = self._restart
        if doing.failures == 1:
            self._write(pod, run, phase)
            return 0.2
        delay = back_off_s(doing.failures - 1)
        which = f"{name_of(pod)}_{namespace_of(pod)}({run.uid})"
        text = f"back-off {spoken(delay)} restarting failed container={container['name']} pod={which}"
        doing.state = waiting("CrashLoopBackOff", text)
        text = f"Back-off restarting failed container {container['name']} in pod {which}"
        self._say(pod, "BackOff", text, container, "Warning")
        self._write(pod, run, phase)
        return delay

    def _restart(self, pod: Object, run: _Run) -> float | None:
        container, doing = _container(pod, run.subject), run.doings[run.subject]
        self._cluster.store.logs.restart(namespace_of(pod), name_of(pod), container["name"])
        doing.restarts += 1
        self._launch(pod, container, doing)
        self._write(pod, run, "Pending" if _is_init(pod, run.subject) else "Running")
        run.next = self._crash
        return CRASH_S

    # --- ending
    def _begin_end(self, pod: Object) -> _Run | None:
        meta = metadata_of(pod)
        if not meta.get("deletionGracePeriodSeconds"):
            # Only its finalizers hold it.
            return None
        for one in (pod.get("status") or {}).get("containerStatuses") or ():
            container = next((c for c in pod["spec"]["containers"] if c["name"] == one["name"]), None)
            if "running" in (one.get("state") or {}) and container:
                self._say(pod, "Killing", f"Stopping container {one['name']}", container)
        return _Run(meta["uid"], self._end, self._clock() + (0.0 if is_finished(pod) else DELETE_S))

    def _end(self, pod: Object, run: _Run) -> float | None:  # noqa: ARG002 - a step's signature
        self._cluster.delete(PODS, pod)
        return None


def _containers(pod: Object) -> Iterator[Object]:
    """Init containers first."""
    yield from pod["spec"].get("initContainers") or ()
    yield from pod["spec"]["containers"]


def _container(pod: Object, name: str) -> Object:
    return next(one for one in _containers(pod) if one["name"] == name)


def _is_init(pod: Object, name: str) -> bool:
    return any(one["name"] == name for one in pod["spec"].get("initContainers") or ())


def _is_to_end(pod: Object) -> bool:
    """Whether its containers do something and end, instead of serving: a Job's."""
    return (controller_of(pod) or {}).get("kind") == "Job" or pod["spec"].get("restartPolicy") != "Always"


def _reason(doing: Doing) -> str:
    return str((doing.state.get("waiting") or {}).get("reason") or "")


def _doings(status: Object) -> dict[str, Doing]:
    """What a status says that the containers do."""
    found = [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]
    return {
        one["name"]: Doing(one["state"], one.get("lastState") or {}, one["restartCount"], is_ready=one["ready"])
        for one in found
    }
