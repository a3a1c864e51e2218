"""The real kubectl against the embedded and the real API server: what people type, and what they see."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.contract.target import Target, eventually

WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - name: web
        image: registry.example.com/web:1
        env: [{name: MODE, value: strict}]
        ports: [{containerPort: 8080}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: web}
data: {key: value}
"""


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    file = tmp_path / "web.yaml"
    file.write_text(WEB)
    return file


def get(target: Target, what: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(target.kubectl("get", what, "-o", "json", "--show-managed-fields"))
    return found


def env_of(deployment: dict[str, Any]) -> dict[str, str]:
    return {one["name"]: one["value"] for one in deployment["spec"]["template"]["spec"]["containers"][0].get("env", [])}


def managers(obj: dict[str, Any]) -> set[tuple[str, str]]:
    return {(e["manager"], e["operation"]) for e in obj["metadata"]["managedFields"]} - {
        ("kube-controller-manager", "Update")
    }


def test_apply_client_side(target: Target, manifest: Path) -> None:
    assert target.kubectl("apply", "-f", str(manifest)).splitlines() == [
        "deployment.apps/web created",
        "service/web created",
        "configmap/web created",
    ]
    assert target.kubectl("apply", "-f", str(manifest)).splitlines() == [
        "deployment.apps/web unchanged",
        "service/web unchanged",
        "configmap/web unchanged",
    ]
    manifest.write_text(WEB.replace("web:1", "web:2").replace("key: value", "other: value"))
    assert target.kubectl("apply", "-f", str(manifest)).splitlines() == [
        "deployment.apps/web configured",
        "service/web unchanged",
        "configmap/web configured",
    ]
    assert get(target, "configmap/web")["data"] == {"other": "value"}
    assert managers(get(target, "deployment/web")) == {("kubectl-client-side-apply", "Update")}


def test_apply_server_side_and_its_conflicts(target: Target, manifest: Path) -> None:
    applied = target.kubectl("apply", "--server-side", "-f", str(manifest))
    assert applied.splitlines()[0] == "deployment.apps/web serverside-applied"
    target.kubectl("set", "env", "deployment/web", "MODE=lax")
    refused = target.kubectl("apply", "--server-side", "-f", str(manifest), check=False)
    assert 'conflict with "kubectl-set" using apps/v1' in refused
    assert '.spec.template.spec.containers[name="web"].env[name="MODE"].value' in refused
    target.kubectl("apply", "--server-side", "--force-conflicts", "-f", str(manifest))
    assert env_of(get(target, "deployment/web")) == {"MODE": "strict"}


def test_client_side_objects_migrate_to_server_side_apply(target: Target, manifest: Path) -> None:
    target.kubectl("apply", "-f", str(manifest))
    target.kubectl("apply", "--server-side", "-f", str(manifest))
    assert ("kubectl", "Apply") in managers(get(target, "deployment/web"))
    assert ("kubectl-client-side-apply", "Update") not in managers(get(target, "deployment/web"))


def test_unknown_field_is_refused(target: Target) -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\nfoo: 1\n"
    assert 'unknown field "foo"' in target.kubectl("apply", "-f", "-", stdin=text, check=False)


def test_diff(target: Target, manifest: Path) -> None:
    target.kubectl("apply", "-f", str(manifest))
    assert target.kubectl("diff", "-f", str(manifest)) == ""
    manifest.write_text(WEB.replace("web:1", "web:2"))
    for options in ([], ["--server-side", "--force-conflicts"]):
        shown = target.kubectl("diff", *options, "-f", str(manifest), check=False)
        assert re.search(r"^-\s+.*image: registry.example.com/web:1$", shown, re.MULTILINE)
        assert re.search(r"^\+\s+.*image: registry.example.com/web:2$", shown, re.MULTILINE)
    assert get(target, "deployment/web")["spec"]["template"]["spec"]["containers"][0]["image"].endswith("web:1")


def test_edit(target: Target, manifest: Path, tmp_path: Path) -> None:
    target.kubectl("apply", "-f", str(manifest))
    editor = tmp_path / "editor.sh"
    editor.write_text("#!/bin/sh\nsed -i 's/value: strict/value: lax/' \"$1\"\n")
    editor.chmod(0o755)
    assert target.kubectl("edit", "deployment/web", KUBE_EDITOR=str(editor)).strip() == "deployment.apps/web edited"
    found = get(target, "deployment/web")
    assert env_of(found) == {"MODE": "lax"}
    assert ("kubectl-edit", "Update") in managers(found)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("strategic", '{"spec": {"template": {"spec": {"containers": [{"name": "web", "image": "x:2"}]}}}}'),
        ("merge", '{"spec": {"template": {"spec": {"containers": [{"name": "web", "image": "x:2"}]}}}}'),
        ("json", '[{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "x:2"}]'),
    ],
)
def test_patch(target: Target, manifest: Path, kind: str, text: str) -> None:
    target.kubectl("apply", "-f", str(manifest))
    assert (
        target.kubectl("patch", "deployment/web", "--type", kind, "-p", text).strip() == "deployment.apps/web patched"
    )
    found = get(target, "deployment/web")
    assert found["spec"]["template"]["spec"]["containers"][0]["image"] == "x:2"
    assert env_of(found) == ({} if kind == "merge" else {"MODE": "strict"})
    assert ("kubectl-patch", "Update") in managers(found)


def test_set_scale_label_annotate(target: Target, manifest: Path) -> None:
    target.kubectl("apply", "-f", str(manifest))
    target.kubectl("set", "image", "deployment/web", "web=x:2")
    target.kubectl("set", "env", "deployment/web", "DEBUG=true")
    target.kubectl("scale", "deployment/web", "--replicas=1")
    target.kubectl("label", "deployment/web", "team=a")
    target.kubectl("annotate", "deployment/web", "note=b")
    found = get(target, "deployment/web")
    assert found["spec"]["replicas"] == 1
    assert env_of(found) == {"MODE": "strict", "DEBUG": "true"}
    names = {name for name, _ in managers(found)}
    assert {"kubectl-set", "kubectl-label", "kubectl-annotate", "kubectl"} <= names


def test_get_in_its_forms(target: Target, manifest: Path) -> None:
    target.kubectl("apply", "-f", str(manifest))
    header, row = target.kubectl("get", "deployment", "web", "-o", "wide").splitlines()
    assert header.split() == [
        "NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE", "CONTAINERS", "IMAGES", "SELECTOR"
    ]  # fmt: skip
    assert row.split()[0] == "web"
    assert row.split()[-3:] == ["web", "registry.example.com/web:1", "app=web"]
    assert "kind: Deployment" in target.kubectl("get", "deployment", "web", "-o", "yaml")
    assert target.kubectl("get", "deploy,svc,cm", "-l", "app=web", "-o", "name") == "deployment.apps/web\n"
    assert {"deployment.apps/web", "service/web"} <= set(target.kubectl("get", "all", "-o", "name").split())
    assert target.kubectl("get", "svc", "web", "-o", "jsonpath={.spec.ports[0].targetPort}") == "8080"


def test_get_watch(target: Target, manifest: Path) -> None:
    target.kubectl("apply", "-f", str(manifest))
    with target.kubectl_running("get", "configmap", "web", "-w") as lines:
        assert next(lines).split()[:2] == ["NAME", "DATA"]
        assert next(lines).split()[:2] == ["web", "1"]
        target.kubectl("patch", "configmap", "web", "--type=merge", "-p", '{"data": {"more": "1"}}')
        assert next(lines).split()[:2] == ["web", "2"]


def test_create_and_delete(target: Target) -> None:
    """Typed commands speak protobuf."""
    target.kubectl("create", "configmap", "made", "--from-literal=a=b")
    target.kubectl("create", "secret", "generic", "made", "--from-literal=a=b")
    target.kubectl("create", "service", "clusterip", "made", "--tcp=80:8080")
    target.kubectl("create", "deployment", "made", "--image=x:1", "--replicas=0", "--port=80")
    target.kubectl("create", "job", "made", "--image=x:1", "--", "true")
    assert get(target, "configmap/made")["data"] == {"a": "b"}
    assert get(target, "secret/made")["data"] == {"a": "Yg=="}
    assert get(target, "service/made")["spec"]["ports"][0]["targetPort"] == 8080
    deployment = get(target, "deployment/made")
    assert deployment["spec"]["replicas"] == 0
    assert deployment["spec"]["template"]["spec"]["containers"][0]["ports"] == [
        {"containerPort": 80, "protocol": "TCP"}
    ]
    assert managers(deployment) == {("kubectl-create", "Update")}
    assert get(target, "job/made")["spec"]["template"]["spec"]["containers"][0]["command"] == ["true"]
    assert target.kubectl("delete", "configmap", "made").startswith('configmap "made" deleted')
    assert "NotFound" in target.kubectl("get", "configmap", "made", check=False)


def test_delete_waits_for_what_it_owns(target: Target, manifest: Path) -> None:
    target.require_controllers()
    target.kubectl("apply", "-f", str(manifest))
    target.kubectl("delete", "--cascade=foreground", "-f", str(manifest), "--timeout=60s")
    assert target.kubectl("get", "deployments,services,replicasets", "-o", "name") == ""


def test_explain_and_api_resources(target: Target) -> None:
    assert "replicas" in target.kubectl("explain", "deployment.spec")
    lines = target.kubectl("api-resources", "--api-group=apps").splitlines()
    assert lines[0].split() == ["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND"]
    assert ["deployments", "deploy", "apps/v1", "true", "Deployment"] in [line.split() for line in lines]


def test_auth(target: Target) -> None:
    assert target.kubectl("auth", "can-i", "create", "pods").strip() == "yes"
    assert target.kubectl("auth", "can-i", "create", "pods", user="viewer", check=False).strip() == "no"
    assert "viewer" in target.kubectl("auth", "whoami", user="viewer")
    refused = target.kubectl("get", "secrets", user="viewer", check=False)
    assert (
        'Error from server (Forbidden): secrets is forbidden: User "viewer" cannot list resource "secrets"' in refused
    )


# --- what needs controllers
def test_rollout(target: Target, manifest: Path) -> None:
    target.require_controllers()
    target.kubectl("apply", "-f", str(manifest))
    done = target.kubectl("rollout", "status", "deployment/web", "--timeout=60s")
    assert 'deployment "web" successfully rolled out' in done
    target.kubectl("rollout", "restart", "deployment/web")
    assert "successfully rolled out" in target.kubectl("rollout", "status", "deployment/web", "--timeout=60s")
    found = get(target, "deployment/web")
    assert "kubectl.kubernetes.io/restartedAt" in found["spec"]["template"]["metadata"]["annotations"]
    assert ("kubectl-rollout", "Update") in managers(found)
    history = target.kubectl("rollout", "history", "deployment/web")
    assert [line.split()[0] for line in history.splitlines()[2:4]] == ["1", "2"]
    target.kubectl("rollout", "undo", "deployment/web")
    undone = get(target, "deployment/web")["spec"]["template"]["metadata"].get("annotations") or {}
    assert "kubectl.kubernetes.io/restartedAt" not in undone


def test_describe(target: Target, manifest: Path) -> None:
    target.require_controllers()
    target.kubectl("apply", "-f", str(manifest))
    target.kubectl("rollout", "status", "deployment/web", "--timeout=60s")
    shown = target.kubectl("describe", "deployment/web")
    for words in (r"^Name:\s+web$", r"^Replicas:\s+2 desired \| 2 updated \| 2 total \| 2 available", r"MODE:\s+strict",
                  r"^NewReplicaSet:\s+web-\S+ \(2/2 replicas created\)$", r"ScalingReplicaSet"):  # fmt: skip
        assert re.search(words, shown, re.MULTILINE), words
    pods = target.kubectl("get", "pods", "-l", "app=web", "-o", "name").split()
    assert "Container ID" in target.kubectl("describe", pods[0])


def test_logs(target: Target, manifest: Path) -> None:
    target.require_controllers()
    target.kubectl("apply", "-f", str(manifest))
    target.kubectl("rollout", "status", "deployment/web", "--timeout=60s")
    assert eventually(lambda: target.kubectl("logs", "deployment/web", "--tail=3"))
    assert len(target.kubectl("logs", "-l", "app=web", "--tail=1").splitlines()) == 2
    refused = target.kubectl("logs", "deployment/web", "-c", "nope", check=False)
    assert "container nope is not valid" in refused
