"""A person at the real control plane: applies as we do, and then changes things by hand with real clients."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import urllib3
from kubernetes import config

from gitops_tui.diff.compare import Difference, compare
from gitops_tui.diff.foreign import find_foreign, needs_pristine
from gitops_tui.diff.ownership import Managers
from gitops_tui.model.drift import FieldDrift
from gitops_tui.structured import builtin
from tests.control_plane import ControlPlane

Object = dict[str, Any]
OURS = "gitops-tui"


@dataclass
class Hand:
    """One namespace of the control plane."""

    cluster: ControlPlane
    namespace: str

    def kubectl(self, *words: str, body: Object | None = None) -> str:
        given = None if body is None else json.dumps(body)
        return self.cluster.kubectl("-n", self.namespace, *words, input=given)

    def apply(self, target: Object) -> None:
        words = ("apply", "--server-side", "--force-conflicts", f"--field-manager={OURS}", "-f", "-")
        self.kubectl(*words, body=target)

    def dry_run(self, target: Object) -> Object:
        words = ("apply", "--server-side", "--force-conflicts", f"--field-manager={OURS}", "--dry-run=server")
        return self._json(*words, "-o", "json", "--show-managed-fields", "-f", "-", body=target)

    def pristine(self, target: Object) -> Object:
        name = target["metadata"]["name"]
        metadata = {key: value for key, value in target["metadata"].items() if key != "name"}
        unnamed = {**target, "metadata": {**metadata, "generateName": f"{name}-"}}
        return self._json("create", "--dry-run=server", "-o", "json", "-f", "-", body=unnamed)

    def live(self, target: Object) -> Object:
        kind, name = target["kind"].lower(), target["metadata"]["name"]
        return self._json("get", kind, name, "-o", "json", "--show-managed-fields")

    def _json(self, *words: str, body: Object | None = None) -> Object:
        found: Object = json.loads(self.kubectl(*words, body=body))
        return found

    def patch_as(self, user_agent: str, path: str, patch: Object) -> None:
        """A merge patch by a program that sends this User-Agent."""
        api = config.new_client_from_config(str(self.cluster.kubeconfig))
        pool: urllib3.PoolManager = api.rest_client.pool_manager
        headers: dict[str, str] = {"Content-Type": "application/merge-patch+json", "User-Agent": user_agent}
        api.update_params_for_auth(headers, [], ["BearerToken"], "", "PATCH", None)
        answer = pool.request("PATCH", api.configuration.host + path, body=json.dumps(patch), headers=headers)
        pool.clear()
        assert answer.status == 200, answer.data

    def json_patch(self, target: Object, patch: list[Object], *, dry_run: bool) -> Object:
        words = ("patch", target["kind"].lower(), target["metadata"]["name"], "--type=json", "-p", json.dumps(patch))
        extra = ("--dry-run=server",) if dry_run else ()
        return self._json(*words, *extra, f"--field-manager={OURS}", "-o", "json", "--show-managed-fields")

    def compared(self, target: Object, *, confirmed: Object | None = None) -> Difference:
        schema = builtin.schemas().for_kind(target["apiVersion"], target["kind"])
        return compare(target, self.live(target), schema=schema, manager=OURS, confirmed=confirmed)

    def foreign(self, target: Object, *, after: timedelta = timedelta(days=14), **how: Any) -> tuple[FieldDrift, ...]:
        """What the rules find, ``after`` has passed; pristine is asked for only where it is needed."""
        schema = builtin.schemas().for_kind(target["apiVersion"], target["kind"])
        live, managers = self.live(target), Managers(OURS)
        if not needs_pristine(live, target, schema=schema, managers=managers):
            return ()
        now = datetime.now(UTC) + after
        base = self.pristine(target)
        return find_foreign(live, target, schema=schema, managers=managers, pristine=base, now=now, **how)


def deployment(name: str = "auth", **container: Any) -> Object:
    """Three pods of one container with one variable."""
    labels = {"app": name}
    one = {
        "name": "auth",
        "image": "registry.example/auth:1",
        "env": [{"name": "AUTH_MODE", "value": "oidc"}],
        "ports": [{"containerPort": 8080}],
        "resources": {"limits": {"cpu": "1000m", "memory": "1024Mi"}},
        **container,
    }
    template = {"metadata": {"labels": labels}, "spec": {"containers": [one]}}
    spec = {"replicas": 3, "selector": {"matchLabels": labels}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


def config_map(name: str = "settings", **data: str) -> Object:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data or {"app.conf": "a=1\n"}}


def service(name: str = "auth") -> Object:
    spec = {"selector": {"app": name}, "ports": [{"port": 80, "targetPort": 8080}], "type": "NodePort"}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}


def secret(name: str = "keys") -> Object:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": {"password": "s3cret-word"}}
