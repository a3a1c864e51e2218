"""Manifests that the engine's contract deploys."""

from __future__ import annotations

from typing import Any

from gitops_tui.model.application import API_VERSION, IN_CLUSTER_SERVER

Object = dict[str, Any]
URL = "https://git.example.com/shop/manifests"

_OPEN: Object = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
DEFINITION: Object = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "applications.argoproj.io"},
    "spec": {
        "group": "argoproj.io",
        "names": {
            "kind": "Application",
            "listKind": "ApplicationList",
            "plural": "applications",
            "singular": "application",
        },
        "scope": "Namespaced",
        "versions": [
            {
                "name": "v1alpha1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {"spec": _OPEN, "status": _OPEN, "operation": _OPEN},
                    }
                },
            }
        ],
    },
}
"""Argo CD's Application, open where its own definition goes deep; like it without a status subresource."""


def config_map(name: str, *, annotations: dict[str, str] | None = None, **data: str) -> Object:
    metadata = {"name": name, **({"annotations": annotations} if annotations else {})}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data or {"key": "value"}}


def secret(name: str, **data: str) -> Object:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": data}


def deployment(name: str, *, replicas: int = 1, image: str = "registry.example/auth:1", **env: str) -> Object:
    labels = {"app": name}
    variables = [{"name": key, "value": value} for key, value in env.items()]
    template = {
        "metadata": {"labels": labels},
        "spec": {"containers": [{"name": "main", "image": image, "env": variables}]},
    }
    spec = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


def gate(name: str = "gate", *, wave: int = 0) -> Object:
    """A Service that is Progressing until somebody gives it an address (`Site.open_gate`): a wave waits for it."""
    metadata = {"name": name, "annotations": {"argocd.argoproj.io/sync-wave": str(wave)}}
    spec = {"type": "LoadBalancer", "loadBalancerClass": "tests.example.com/gate", "ports": [{"port": 80}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}


def in_wave(wave: int, name: str, **data: str) -> Object:
    return config_map(name, annotations={"argocd.argoproj.io/sync-wave": str(wave)}, **data)


def hook(phase: str, name: str, *, policy: str = "") -> Object:
    """A ConfigMap as a hook: it is done as soon as it is there."""
    notes = {"argocd.argoproj.io/hook": phase}
    return config_map(name, annotations=notes | ({"argocd.argoproj.io/hook-delete-policy": policy} if policy else {}))


def job(name: str, *, hook: str = "", annotations: dict[str, str] | None = None) -> Object:
    notes = {**({"argocd.argoproj.io/hook": hook} if hook else {}), **(annotations or {})}
    pod = {"restartPolicy": "Never", "containers": [{"name": "main", "image": "registry.example/task:1"}]}
    metadata = {"name": name, "annotations": notes}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": {"template": {"spec": pod}}}


def application(name: str, *, home: str, namespace: str, path: str = "", revision: str = "main", **spec: Any) -> Object:
    """``home`` is the Application's own namespace, ``namespace`` its destination."""
    return {
        "apiVersion": API_VERSION,
        "kind": "Application",
        "metadata": {"name": name, "namespace": home},
        "spec": {
            "project": "default",
            "source": {"repoURL": URL, "targetRevision": revision, "path": path or f"apps/{name}"},
            "destination": {"server": IN_CLUSTER_SERVER, "namespace": namespace},
            **spec,
        },
    }


def automated(*, prune: bool = False, heal: bool = False, empty: bool = False, **more: Any) -> Object:
    """The ``syncPolicy`` of an Application that syncs by itself."""
    return {"syncPolicy": {"automated": {"prune": prune, "selfHeal": heal, "allowEmpty": empty}, **more}}
