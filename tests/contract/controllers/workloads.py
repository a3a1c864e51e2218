"""Workloads to create, and what the contract asks of them."""

from __future__ import annotations

from typing import Any

from tests.contract.target import Target, eventually

DEPLOYMENT = "/apis/apps/v1/namespaces/{ns}/deployments/web"


def pod_template(image: str = "nginx:1", **spec: Any) -> dict[str, Any]:
    containers = [{"name": "c", "image": image, **spec.pop("container", {})}]
    return {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": containers, **spec}}


def workload(kind: str, name: str = "web", **spec: Any) -> dict[str, Any]:
    base: dict[str, Any] = {"selector": {"matchLabels": {"app": "web"}}, "template": pod_template()}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name}, "spec": {**base, **spec}}


def create(target: Target, obj: dict[str, Any]) -> dict[str, Any]:
    group = obj["apiVersion"]
    return dict(target.ok("POST", f"/apis/{group}/namespaces/{{ns}}/{obj['kind'].lower()}s", obj))


def items(target: Target, path: str) -> list[dict[str, Any]]:
    return list(target.ok("GET", path)["items"])


def replica_sets(target: Target) -> list[dict[str, Any]]:
    return items(target, "/apis/apps/v1/namespaces/{ns}/replicasets")


def pods(target: Target) -> list[dict[str, Any]]:
    return items(target, "/api/v1/namespaces/{ns}/pods")


def conditions(obj: dict[str, Any]) -> dict[str, tuple[str, str, str]]:
    found = (obj.get("status") or {}).get("conditions") or ()
    return {one["type"]: (one["status"], one.get("reason", ""), one.get("message", "")) for one in found}


def counts(obj: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in obj["status"].items() if key != "conditions"}


def settled(target: Target, path: str = DEPLOYMENT) -> dict[str, Any]:
    """The Deployment once its rollout is over and no pod of it is on its way out."""

    def look() -> dict[str, Any] | None:
        found = dict(target.ok("GET", path))
        status, generation = found["status"], found["metadata"]["generation"]
        is_seen = status.get("observedGeneration") == generation and not status.get("terminatingReplicas")
        is_over = conditions(found).get("Progressing", ("", "", ""))[1] == "NewReplicaSetAvailable"
        wanted = found["spec"]["replicas"]
        is_whole = status.get("updatedReplicas", 0) == status.get("availableReplicas", 0) == wanted
        return found if is_seen and is_over and is_whole and status.get("replicas", 0) == wanted else None

    return dict(eventually(look))
