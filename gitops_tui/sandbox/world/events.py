"""Events and log lines that somebody would find now: an API server forgets events after an hour."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from gitops_tui.model.resource import Object, metadata_of, name_of, namespace_of
from gitops_tui.sandbox.world.past import Past
from gitops_tui.sandbox.world.pods import pull_error


def _event(
    past: Past,
    obj: Object,
    component: str,
    reason: str,
    message: str,
    *,
    first: timedelta,
    last: timedelta | None = None,
    count: int = 1,
    is_warning: bool = False,
) -> None:
    meta = metadata_of(obj)
    digest = hashlib.sha256(f"{meta['uid']}{reason}{message}".encode()).hexdigest()[:16]
    about = {"apiVersion": obj["apiVersion"], "kind": obj["kind"]}
    past.store.seed(
        {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {
                "name": f"{name_of(obj)}.{digest}",
                "namespace": namespace_of(obj),
                "creationTimestamp": past.stamp(first),
            },
            "involvedObject": {**about, **{field: meta[field] for field in ("name", "namespace", "uid")}},
            "reason": reason,
            "message": message,
            "type": "Warning" if is_warning else "Normal",
            "count": count,
            "firstTimestamp": past.stamp(first),
            "lastTimestamp": past.stamp(first if last is None else last),
            "source": {"component": component},
            "reportingComponent": component,
            "reportingInstance": "",
        }
    )


def add_events(past: Past) -> None:
    """Of whatever happened within the last hour."""
    for pod in past.store.list("pods"):
        age = past.age(pod)
        if age > timedelta(hours=1):
            continue
        if _is_waiting(pod, "ImagePullBackOff"):
            _add_pull_failures(past, pod, age)
        else:
            _add_start(past, pod, age)
    for one in past.store.list("deployments.apps"):
        for found in (one.get("status") or {}).get("conditions") or ():
            if found.get("reason") == "ReplicaSetUpdated":
                _add_rollout(past, one)


def _is_waiting(pod: Object, reason: str) -> bool:
    states = pod["status"].get("containerStatuses") or ()
    return any((one["state"].get("waiting") or {}).get("reason") == reason for one in states)


def _add_pull_failures(past: Past, pod: Object, age: timedelta) -> None:
    image = pod["spec"]["containers"][0]["image"]
    pulls = 5 + int(age / timedelta(minutes=5))
    last = timedelta(seconds=41)
    _event(past, pod, "kubelet", "Pulling", f'Pulling image "{image}"', first=age, last=last * 4, count=pulls)
    for text in (f'Failed to pull image "{image}": {pull_error(image)}', "Error: ErrImagePull"):
        _event(past, pod, "kubelet", "Failed", text, first=age, last=last * 4, count=pulls, is_warning=True)
    message = f'Back-off pulling image "{image}"'
    count = int(age / timedelta(seconds=13))
    _event(past, pod, "kubelet", "BackOff", message, first=age, last=last, count=count, is_warning=True)


def _add_start(past: Past, pod: Object, age: timedelta) -> None:
    node, image = pod["spec"]["nodeName"], pod["spec"]["containers"][0]["image"]
    name = pod["spec"]["containers"][0]["name"]
    where = f"Successfully assigned {namespace_of(pod)}/{name_of(pod)} to {node}"
    _event(past, pod, "default-scheduler", "Scheduled", where, first=age)
    _event(past, pod, "kubelet", "Pulling", f'Pulling image "{image}"', first=age)
    if pod["status"]["phase"] == "Running":
        started = max(age - timedelta(seconds=5), timedelta(0))
        _event(past, pod, "kubelet", "Started", f"Started container {name}", first=started)


def _add_rollout(past: Past, deployment: Object) -> None:
    for one in past.store.list("replicasets.apps", namespace_of(deployment), deployment["spec"]["selector"]):
        if (age := past.age(one)) < timedelta(hours=1):
            text = f"Scaled up replica set {name_of(one)} from 0 to 1"
            _event(past, deployment, "deployment-controller", "ScalingReplicaSet", text, first=age)


# --- logs
_LINES: dict[str, tuple[str, ...]] = {
    "auth-service": (
        'level=info msg="listening" port=8080',
        'level=warn msg="AUTH_MODE=legacy: tokens are checked against the old user table"',
        'level=debug msg="DEBUG=1: requests are logged with their headers"',
        'level=error msg="token rejected" reason="unknown issuer https://id.example.com"',
        'level=error msg="token rejected" reason="unknown issuer https://id.example.com"',
    ),
}
_PLAIN = ('level=info msg="listening" port=8080', 'level=info msg="GET /healthz 200"')


def add_logs(past: Past) -> None:
    """A few lines for every pod that runs."""
    for pod in past.store.list("pods"):
        if pod["status"].get("phase") != "Running":
            continue
        app = metadata_of(pod)["labels"].get("app", "")
        lines = _LINES.get(app, _PLAIN)
        for number, line in enumerate(lines):
            ago = past.age(pod) if number == 0 else timedelta(seconds=20) * (len(lines) - number)
            for container in pod["spec"]["containers"]:
                past.store.logs.append(
                    namespace_of(pod), name_of(pod), container["name"], line, at=past.at(min(ago, past.age(pod)))
                )
