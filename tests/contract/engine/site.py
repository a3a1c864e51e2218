"""A remote repository, its Applications and the engines over one API server: what the engine's contract plays with."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from msgspec.structs import replace

from gitops_tui.config import ReconcileSettings, Settings
from gitops_tui.engine.engine import Engine, EngineOptions
from gitops_tui.model.application import AppKey
from gitops_tui.model.operation import OperationState
from gitops_tui.model.plan import Approval, Outcome, Plan, SyncRequest
from gitops_tui.model.resource import ResourceKey
from gitops_tui.model.snapshot import AppView, ResourceView
from gitops_tui.model.status import OperationPhase, SyncStatus
from tests.contract.engine.objects import DEFINITION, URL, Object, application
from tests.contract.target import PATIENCE_S, Target, eventually

RECONCILE = ReconcileSettings(poll_s=3600, wave_delay_s=0.2, operation_lease_s=30, self_heal_backoff_s=0.5)


class Site:
    """Applications live in the test's namespace and deploy to it, as files or as objects of the cluster."""

    def __init__(self, target: Target, folder: Path, stack: ExitStack) -> None:
        self.target = target
        self.folder = folder
        self.remote = folder / "remote.git"
        self._clone = folder / "clone"
        self._stack = stack
        self.apps = folder / "applications"
        self.apps.mkdir()
        self.apps_are_objects = False
        _run(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(self.remote))
        _run(folder, "clone", "--quiet", str(self.remote), str(self._clone))

    @property
    def namespace(self) -> str:
        return self.target.namespace

    # --- Git
    def git(self, *words: str) -> str:
        return _run(self._clone, *words)

    def commit(self, subject: str, files: Mapping[str, Object | list[Object] | str | None]) -> str:
        """Write (None: remove) files, commit and push; the SHA. Objects become JSON, lists a ``List``."""
        for name, content in files.items():
            path = self._clone / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                path.unlink()
            elif isinstance(content, list):
                path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": content}))
            else:
                path.write_text(content if isinstance(content, str) else json.dumps(content))
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", subject)
        self.git("push", "--quiet", "origin", "HEAD")
        return self.git("rev-parse", "HEAD")

    def hook(self, name: str, script: str) -> None:
        """A hook of the remote."""
        path = self.remote / "hooks" / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    # --- Applications
    def define(self) -> None:
        """Install Argo CD's CustomResourceDefinition where it is not."""
        path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
        if self.target.call("GET", "/apis/argoproj.io/v1alpha1").code != 200:
            self.target.call("POST", path, DEFINITION)
        eventually(lambda: self.target.call("GET", "/apis/argoproj.io/v1alpha1/applications").code == 200)

    def application(self, name: str, *, in_cluster: bool = False, **spec: Any) -> AppKey:
        """Declare an Application, in a file or as an object of the cluster."""
        spec.setdefault("namespace", self.namespace)
        found = application(name, home=self.namespace, **spec)
        self.apps_are_objects = in_cluster
        if in_cluster:
            self.define()
            self.target.ok("POST", self._applications, found)
        else:
            (self.apps / f"{name}.json").write_text(json.dumps(found))
        return AppKey(self.namespace, name)

    @property
    def _applications(self) -> str:
        return "/apis/argoproj.io/v1alpha1/namespaces/{ns}/applications"

    def object(self, name: str) -> Object:
        """The Application as the cluster holds it."""
        return cast(Object, self.target.ok("GET", f"{self._applications}/{name}"))

    def patch(self, name: str, patch: Object) -> None:
        path = f"{self._applications}/{name}"
        self.target.ok("PATCH", path, patch, content_type="application/merge-patch+json")

    # --- the cluster
    def path(self, kind: str, name: str = "", namespace: str = "") -> str:
        roots = {
            "configmaps": "/api/v1",
            "secrets": "/api/v1",
            "deployments": "/apis/apps/v1",
            "jobs": "/apis/batch/v1",
        }
        found = f"{roots[kind]}/namespaces/{namespace or '{ns}'}/{kind}"
        return f"{found}/{name}" if name else found

    def data(self, name: str) -> dict[str, str] | None:
        """A ConfigMap's data; None where there is no such ConfigMap, or its deletion was accepted.

        What is deleted in the foreground stays until the garbage collector gets to it, and a sync's last wave does not
        wait for that.
        """
        answer = self.target.call("GET", self.path("configmaps", name))
        if answer.code != 200 or answer.body["metadata"].get("deletionTimestamp"):
            return None
        return cast("dict[str, str]", answer.body.get("data") or {})

    def set_data(self, name: str, **data: str | None) -> None:
        """Somebody changes a ConfigMap by hand."""
        self.target.kubectl("patch", "configmap", name, "--type=merge", "-p", json.dumps({"data": data}))

    def open_gate(self, name: str = "gate") -> None:
        """What waits for the Service goes on."""
        status = {"status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}}
        path = f"/api/v1/namespaces/{{ns}}/services/{name}/status"
        self.target.ok("PATCH", path, status, content_type="application/merge-patch+json")

    def variables(self, name: str) -> dict[str, str]:
        container = self.target.ok("GET", self.path("deployments", name))["spec"]["template"]["spec"]["containers"][0]
        return {one["name"]: one.get("value", "") for one in container.get("env") or ()}

    def config_maps(self) -> set[str]:
        """Those that stay (`data`), without what every namespace and an engine has."""
        items = self.target.ok("GET", self.path("configmaps"))["items"]
        staying = [one["metadata"] for one in items if not one["metadata"].get("deletionTimestamp")]
        names = {one["name"] for one in staying} - {"kube-root-ca.crt"}
        return {name for name in names if not name.startswith("gitops-tui-")}

    def state_maps(self) -> set[str]:
        """The ConfigMaps in which engines keep state."""
        items = self.target.ok("GET", self.path("configmaps"))["items"]
        return {name for one in items if (name := one["metadata"]["name"]).startswith("gitops-tui-")}

    # --- engines
    def settings(self, **reconcile: Any) -> Settings:
        return Settings(
            reconcile=replace(RECONCILE, **reconcile),
            repositories={URL: str(self.remote)},
            # What other tests left behind, in namespaces that are still going, is none of ours.
            installation_id=self.namespace,
            git_cache=self.folder / "git",
            schema_cache=self.folder / "openapi",
            saved_objects=self.folder / "deleted",
        )

    def engine(
        self,
        *,
        kubeconfig: Path | None = None,
        user: str = "admin",
        from_cluster: bool = False,
        ahead: timedelta = timedelta(0),
        settings: Settings | None = None,
        **options: Any,
    ) -> Running:
        """A started engine that has compared everything once. ``ahead``: its clock is that far in the future."""
        words = EngineOptions(
            kubeconfig=str(kubeconfig or self.target.kubeconfig(user)),
            namespace=self.namespace,
            apps=() if from_cluster else (str(self.apps),),
            **options,
        )
        engine = Engine(settings or self.settings(), words, lambda: datetime.now(UTC) + ahead)
        self._stack.callback(engine.stop)
        engine.connect()
        engine.start()
        assert engine.wait_compared(PATIENCE_S)
        return Running(self, engine)


class Running:
    """An engine that runs, and the questions that tests ask of it."""

    def __init__(self, site: Site, engine: Engine) -> None:
        self.site = site
        self.engine = engine

    def key(self, name: str) -> AppKey:
        return AppKey(self.site.namespace, name)

    def view(self, name: str) -> AppView:
        found = self.engine.snapshot().find(self.key(name))
        assert found is not None, f"no application {name}: {self.engine.snapshot().problems}"
        return found

    def resource(self, name: str, kind: str, resource: str) -> ResourceView:
        return next(one for one in self.view(name).resources if one.key.kind == kind and one.key.name == resource)

    def until(self, name: str, wanted: Callable[[AppView], Any], patience_s: float = PATIENCE_S) -> AppView:
        """The first view that is as wanted."""

        def look() -> AppView | None:
            view = self.engine.snapshot().find(self.key(name))
            return view if view is not None and wanted(view) else None

        return cast(AppView, eventually(look, patience_s))

    def refreshed(self, name: str) -> AppView:
        """Fetched and compared anew."""
        self.engine.refresh(self.key(name))
        assert self.engine.wait_compared(PATIENCE_S)
        return self.view(name)

    # --- plans
    def plan(self, name: str, **request: Any) -> Plan:
        return self.engine.plan_sync([self.key(name)], SyncRequest(**request)).result(PATIENCE_S)

    def heal_plan(self, name: str) -> Plan:
        return self.engine.plan_heal(self.key(name)).result(PATIENCE_S)

    def execute(self, plan: Plan, approval: Approval | None = None) -> Outcome:
        return self.engine.execute(plan, approval or Approval(typed=plan.must_type)).result(PATIENCE_S)

    def ended(self, name: str, outcome: Outcome) -> OperationState:
        """The operation that an outcome began here, when it has ended."""
        assert outcome.ok, outcome
        eventually(lambda: self.key(name) not in self.engine.running_operations())
        operation = self.refreshed(name).operation
        assert operation is not None and operation.phase.is_completed
        return operation

    def sync(self, name: str, **request: Any) -> OperationState:
        """Plan, confirm, wait for the end; it must succeed."""
        operation = self.ended(name, self.execute(self.plan(name, **request)))
        assert operation.phase is OperationPhase.SUCCEEDED, operation.message
        self.until(name, lambda view: view.sync is SyncStatus.SYNCED or request)
        return operation

    def heal(self, name: str, approval: Approval | None = None) -> OperationState:
        return self.ended(name, self.execute(self.heal_plan(name), approval))


def key(kind: str, namespace: str, name: str, group: str = "") -> ResourceKey:
    return ResourceKey(group, kind, namespace, name)


def _run(directory: Path, *words: str) -> str:
    done = subprocess.run(
        ("git", *words), cwd=directory, env=dict(os.environ), capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, f"git {' '.join(words)}: {done.stderr}"
    return done.stdout.strip()
