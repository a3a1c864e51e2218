"""Pods as they stand: running since long, or waiting for an image that nobody pushed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from itertools import count

from gitops_tui.model.resource import Object, labels_of, metadata_of, name_of, namespace_of
from gitops_tui.sandbox.admission import random_suffix
from gitops_tui.sandbox.world.furniture import NODES
from gitops_tui.sandbox.world.past import Past, condition, owned_by

KUBELET = "kubelet"
_STARTUP = timedelta(seconds=7)
"""From a pod's creation to its readiness, where it becomes ready at once."""


class Pods:
    """Makes the pods of an owner at the time that the clock shows."""

    def __init__(self, past: Past) -> None:
        self._past = past
        self._numbers = count()

    def make(
        self, owner: Object, template: Object, *, name: str = "", labels: Mapping[str, str] | None = None
    ) -> Object:
        """A pod of ``template`` on a node, with nothing started yet."""
        node = NODES[next(self._numbers) % len(NODES)]
        meta = {
            "name": name or f"{name_of(owner)}-{random_suffix()}",
            "generateName": f"{name_of(owner)}-",
            "namespace": namespace_of(owner),
            "labels": {**labels_of(template), **(labels or {})},
            "ownerReferences": owned_by(owner),
        }
        spec = {**template["spec"], "nodeName": node}
        return self._past.create({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec})

    def running(self, owner: Object, template: Object, **more: object) -> Object:
        """Ready a few seconds after its creation."""
        pod = self._make(owner, template, more)
        ready = self._past.stamp(max(self._past.ago - _STARTUP, timedelta(0)))
        states = [_container(pod, one, {"running": {"startedAt": ready}}) for one in pod["spec"]["containers"]]
        return self._write(pod, "Running", ready, "True", states)

    def unpullable(self, owner: Object, template: Object) -> Object:
        """Its image cannot be pulled."""
        pod = self.make(owner, template)
        states = [
            _waiting(one, "ImagePullBackOff", f'Back-off pulling image "{one["image"]}": {pull_error(one["image"])}')
            for one in pod["spec"]["containers"]
        ]
        return self._write(pod, "Pending", self._past.stamp(self._past.ago), "False", states)

    def completed(self, owner: Object, template: Object, ran: timedelta, labels: Mapping[str, str]) -> Object:
        """Ran to its end without an error in ``ran``."""
        pod = self.make(owner, template, labels=labels)
        start, end = self._past.stamp(self._past.ago), self._past.stamp(self._past.ago - ran)
        states = []
        for one in pod["spec"]["containers"]:
            ended = {"exitCode": 0, "reason": "Completed", "startedAt": start, "finishedAt": end}
            states.append({**_container(pod, one, {"terminated": ended}), "ready": False, "started": False})
        return self._write(pod, "Succeeded", end, "False", states, reason="PodCompleted")

    def _make(self, owner: Object, template: Object, more: Mapping[str, object]) -> Object:
        labels = more.get("labels")
        return self.make(
            owner, template, name=str(more.get("name") or ""), labels=labels if isinstance(labels, dict) else None
        )

    def _write(
        self, pod: Object, phase: str, ready: str, is_ready: str, states: list[Object], reason: str = ""
    ) -> Object:
        made = metadata_of(pod)["creationTimestamp"]
        why = reason or ("" if is_ready == "True" else "ContainersNotReady")
        address = _address(pod)
        conditions = [
            condition("PodReadyToStartContainers", made, status="False" if reason else "True"),
            condition("Initialized", made, reason=reason),
            condition("Ready", ready, status=is_ready, reason=why),
            condition("ContainersReady", ready, status=is_ready, reason=why),
            condition("PodScheduled", made),
        ]
        status = {
            "phase": phase,
            "conditions": conditions,
            "containerStatuses": states,
            "hostIP": _host(pod),
            "hostIPs": [{"ip": _host(pod)}],
            "podIP": address,
            "podIPs": [{"ip": address}],
            "startTime": made,
        }
        return self._past.status(pod, status, KUBELET)


def pull_error(image: str) -> str:
    return (
        f'ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image "{image}": '
        f'failed to resolve reference "{image}": {image}: not found'
    )


def _digest(*words: str) -> str:
    return hashlib.sha256("/".join(words).encode()).hexdigest()


def _container(pod: Object, container: Object, state: Object) -> Object:
    name, image = container["name"], container["image"]
    return {
        "name": name,
        "image": image,
        "imageID": f"{image.rpartition(':')[0]}@sha256:{_digest(image)}",
        "containerID": f"containerd://{_digest(metadata_of(pod)['uid'], name)}",
        "ready": True,
        "started": True,
        "restartCount": 0,
        "state": state,
        "lastState": {},
    }


def _waiting(container: Object, reason: str, message: str) -> Object:
    waiting = {"reason": reason, **({"message": message} if message else {})}
    return {
        "name": container["name"],
        "image": container["image"],
        "imageID": "",
        "ready": False,
        "started": False,
        "restartCount": 0,
        "state": {"waiting": waiting},
        "lastState": {},
    }


def _host(pod: Object) -> str:
    return f"192.0.2.{11 + NODES.index(pod['spec']['nodeName'])}"


def _address(pod: Object) -> str:
    number = int(_digest(metadata_of(pod)["uid"])[:4], 16)
    return f"10.244.{number >> 8}.{number & 0xFF}"
