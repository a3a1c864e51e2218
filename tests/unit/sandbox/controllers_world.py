"""A store with controllers whose time is the test's, and the objects that the tests put there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from gitops_tui.sandbox.controllers import Controllers
from gitops_tui.sandbox.store import Store

DEPLOYMENTS, REPLICA_SETS, STATEFUL_SETS = "deployments.apps", "replicasets.apps", "statefulsets.apps"
DAEMON_SETS, JOBS = "daemonsets.apps", "jobs.batch"
WORKLOADS = (DEPLOYMENTS, REPLICA_SETS, STATEFUL_SETS, DAEMON_SETS, JOBS, "pods", "cronjobs.batch")


class World:
    """A store with controllers; time passes only in `run` and `run_for`."""

    def __init__(self, store: Store | None = None, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.store = store or Store(now=self.now)
        self.store.now = self.now
        if store is None:
            self.store.create("namespaces", {"metadata": {"name": "ns"}})
        self.controllers = Controllers(self.store, lambda: self.seconds)

    def now(self) -> datetime:
        return datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def run_for(self, seconds: float) -> None:
        end, loop = self.seconds + seconds, self.controllers.loop
        loop.drain()
        while (at := loop.next_timer()) is not None and at <= end:
            self.seconds = max(self.seconds, at)
            loop.drain()
        self.seconds = end

    def until(self, question: Callable[[], Any], patience_s: float = 60) -> Any:
        """The first true answer, asked after every step of the clock."""
        end, loop = self.seconds + patience_s, self.controllers.loop
        loop.drain()
        while not (found := question()):
            at = loop.next_timer()
            assert at is not None, "nothing will happen any more"
            assert at <= end, f"not within {patience_s} s"
            self.seconds = max(self.seconds, at)
            loop.drain()
        return found

    def create(self, resource: str, obj: dict[str, Any]) -> dict[str, Any]:
        meta = {"namespace": "ns", **obj["metadata"]}
        return self.store.create(resource, {**obj, "metadata": meta}, "kubectl")

    def get(self, resource: str, name: str) -> dict[str, Any]:
        return self.store.get(resource, "ns", name)

    def patch(self, resource: str, name: str, changes: dict[str, Any]) -> None:
        self.store.patch(resource, "ns", name, changes, "kubectl")

    def names(self, resource: str) -> list[str]:
        return [one["metadata"]["name"] for one in self.store.list(resource, "ns")]

    def events(self, kind: str = "") -> list[tuple[str, str]]:
        found = [one for one in self.store.list("events") if not kind or one["involvedObject"]["kind"] == kind]
        return [(one["reason"], one["message"]) for one in found]


def template(app: str = "web", image: str = "nginx:1", **spec: Any) -> dict[str, Any]:
    return {"metadata": {"labels": {"app": app}}, "spec": {"containers": [{"name": "c", "image": image}], **spec}}


def deployment(name: str = "web", **spec: Any) -> dict[str, Any]:
    base = {"replicas": 3, "selector": {"matchLabels": {"app": name}}, "template": template(name)}
    return {"metadata": {"name": name}, "spec": {**base, **spec}}


def stateful_set(**spec: Any) -> dict[str, Any]:
    base = {"replicas": 3, "serviceName": "db", "selector": {"matchLabels": {"app": "db"}}, "template": template("db")}
    return {"metadata": {"name": "db"}, "spec": {**base, **spec}}


def job(name: str = "task", command: str = "true", **spec: Any) -> dict[str, Any]:
    container = {"name": "c", "image": "busybox:1", "command": ["sh", "-c", command]}
    return {
        "metadata": {"name": name},
        "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [container]}}, **spec},
    }


def condition(obj: dict[str, Any], kind: str) -> dict[str, Any]:
    found = (obj.get("status") or {}).get("conditions") or ()
    return next((one for one in found if one["type"] == kind), {})


def image_of(image: str) -> dict[str, Any]:
    return {"spec": {"template": {"spec": {"containers": [{"name": "c", "image": image}]}}}}


def daemon_spec() -> dict[str, Any]:
    return {"selector": {"matchLabels": {"app": "agent"}}, "template": template("agent")}


def pod_spec(image: str) -> dict[str, Any]:
    return {"spec": {"containers": [{"name": "c", "image": image}]}}
