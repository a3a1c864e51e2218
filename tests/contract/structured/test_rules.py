"""Single rules of ownership, each against the real API server."""

from __future__ import annotations

import copy
import uuid
from typing import Any

import pytest

from gitops_tui.errors import Invalid
from gitops_tui.model.annotations import LAST_APPLIED
from gitops_tui.structured import builtin
from gitops_tui.structured.apply import apply
from gitops_tui.structured.managed import without_managed_fields
from gitops_tui.structured.migrate import client_side_managers, migrate_client_side_apply
from gitops_tui.structured.schema import SchemaNode
from gitops_tui.structured.skeleton import with_structs
from gitops_tui.structured.update import update_managed_fields
from tests.contract.structured.server import (
    APPLY,
    MERGE,
    NOW,
    STRATEGIC,
    Object,
    Server,
    Twin,
    content_of,
    managed_of,
    timeless,
)
from tests.contract.structured.widget import definition
from tests.control_plane import ControlPlane

pytestmark = pytest.mark.control_plane

POD_SPEC: Object = {
    "containers": [
        {
            "name": "c",
            "image": "i",
            "ports": [{"containerPort": 53}, {"containerPort": 53, "protocol": "UDP"}],
            "env": [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
            "envFrom": [{"configMapRef": {"name": "x"}}],
            "volumeMounts": [{"name": "v", "mountPath": "/v"}],
            "resources": {"requests": {"cpu": "1"}},
            "readinessProbe": {"httpGet": {"port": "http"}},
            "lifecycle": {"preStop": {"exec": {"command": ["true"]}}},
        }
    ],
    "volumes": [{"name": "v", "projected": {"sources": [{"configMap": {"name": "x"}}]}}],
    "tolerations": [{"key": "a", "operator": "Exists"}],
    "affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}},
    "topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway"}],
    # No scheduler knows the name: one that binds the pod between two questions changes what may be written.
    "schedulerName": "nobody",
}
TEMPLATE: Object = {"metadata": {"labels": {"a": "b"}}, "spec": POD_SPEC}
SELECTOR: Object = {"matchLabels": {"a": "b"}}
JOB_TEMPLATE: Object = {"spec": {**POD_SPEC, "restartPolicy": "Never"}}
HPA: Object = {
    "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "x"},
    "maxReplicas": 3,
    "metrics": [
        {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}}
    ],
}
INGRESS_PATH: Object = {
    "path": "/",
    "pathType": "Prefix",
    "backend": {"service": {"name": "s", "port": {"number": 80}}},
}
KINDS: list[tuple[str, str, str, Object]] = [
    ("v1", "ConfigMap", "configmaps", {"data": {"a": "b"}, "metadata": {"finalizers": ["a.example/b"]}}),
    ("v1", "Secret", "secrets", {"data": {"a": "aGk="}, "type": "Opaque"}),
    ("v1", "Service", "services", {"spec": {"ports": [{"port": 80}], "selector": {"a": "b"}}}),
    ("v1", "Pod", "pods", {"spec": POD_SPEC}),
    ("v1", "ServiceAccount", "serviceaccounts", {"imagePullSecrets": [{"name": "a"}]}),
    ("v1", "ResourceQuota", "resourcequotas", {"spec": {"hard": {"pods": "1"}}}),
    ("v1", "LimitRange", "limitranges", {"spec": {"limits": [{"type": "Container", "max": {"cpu": "1"}}]}}),
    (
        "v1",
        "PersistentVolumeClaim",
        "persistentvolumeclaims",
        {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}},
    ),
    ("apps/v1", "Deployment", "deployments", {"spec": {"selector": SELECTOR, "template": TEMPLATE}}),
    (
        "apps/v1",
        "StatefulSet",
        "statefulsets",
        {
            "spec": {
                "selector": SELECTOR,
                "template": TEMPLATE,
                "serviceName": "s",
                "volumeClaimTemplates": [
                    {
                        "metadata": {"name": "d"},
                        "spec": {
                            "accessModes": ["ReadWriteOnce"],
                            "resources": {"requests": {"storage": "1Gi"}},
                        },
                    }
                ],
            }
        },
    ),
    ("apps/v1", "DaemonSet", "daemonsets", {"spec": {"selector": SELECTOR, "template": TEMPLATE}}),
    ("batch/v1", "Job", "jobs", {"spec": {"template": JOB_TEMPLATE}}),
    (
        "batch/v1",
        "CronJob",
        "cronjobs",
        {"spec": {"schedule": "* * * * *", "jobTemplate": {"spec": {"template": JOB_TEMPLATE}}}},
    ),
    ("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", {"spec": HPA}),
    ("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets", {"spec": {"minAvailable": 1, "selector": SELECTOR}}),
    (
        "networking.k8s.io/v1",
        "Ingress",
        "ingresses",
        {"spec": {"rules": [{"host": "h", "http": {"paths": [INGRESS_PATH]}}]}},
    ),
    (
        "networking.k8s.io/v1",
        "NetworkPolicy",
        "networkpolicies",
        {"spec": {"podSelector": {}, "ingress": [{"from": [{"podSelector": SELECTOR}]}]}},
    ),
    (
        "rbac.authorization.k8s.io/v1",
        "Role",
        "roles",
        {"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]},
    ),
    (
        "rbac.authorization.k8s.io/v1",
        "RoleBinding",
        "rolebindings",
        {
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "r"},
            "subjects": [{"kind": "User", "name": "ana"}],
        },
    ),
    ("coordination.k8s.io/v1", "Lease", "leases", {"spec": {"holderIdentity": "x"}}),
    (
        "discovery.k8s.io/v1",
        "EndpointSlice",
        "endpointslices",
        {"addressType": "IPv4", "endpoints": [{"addresses": ["1.2.3.4"]}], "ports": [{"name": "p", "port": 1}]},
    ),
]


WRITTEN_LATER: dict[str, list[str]] = {
    "Service": ["spec.clusterIP", "spec.clusterIPs", "spec.ipFamilies", "spec.ipFamilyPolicy"],
    "PersistentVolumeClaim": ["metadata.finalizers"],
    "Job": ["metadata.labels", "spec.selector", "spec.template.metadata.labels"],
    "Pod": [
        *("spec.priority", "spec.preemptionPolicy", "spec.serviceAccount", "spec.serviceAccountName"),
        *("spec.tolerations.1", "spec.volumes.1", "spec.containers.0.volumeMounts.1"),
    ],
}
"""What admission and the registry fill in after ownership is written down, so that nobody owns it."""


def requested_of(obj: Object) -> Object:
    """The object as it was when its fields were tracked: defaulted, and nothing more."""
    out = copy.deepcopy(obj)
    for path in sorted(WRITTEN_LATER.get(obj["kind"], []), reverse=True):
        *parents, last = path.split(".")
        at: Any = out
        for name in parents:
            at = at[int(name)] if isinstance(at, list) else at.get(name, {})
        if isinstance(at, list):
            del at[int(last) :]
        else:
            at.pop(last, None)
    return out


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_nulls(one) for name, one in value.items() if one is not None}
    return [without_nulls(one) for one in value] if isinstance(value, list) else value


def twin_of(server: Server, space: str, kind: tuple[str, str, str, Object]) -> Twin:
    api_version, name, plural, _ = kind
    unique = f"t{uuid.uuid4().hex[:10]}"
    return Twin(server, builtin.schemas(), space, plural, api_version, name, unique)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind[1])
def test_a_create_is_tracked_and_applied_as_the_server_does(
    server: Server, space: str, kind: tuple[str, str, str, Object]
) -> None:
    twin = twin_of(server, space, kind)
    status, real = server.call("POST", twin.path(), twin.object(kind[3]), fieldManager="ana", dryRun="All")
    assert status == 201, real
    requested = requested_of(without_managed_fields(real))
    ours = update_managed_fields(None, requested, manager="ana", schema=twin.schema, time=NOW)
    assert timeless(managed_of(ours)) == timeless(managed_of(real))
    assert without_nulls(with_structs(real, twin.schema)) == without_nulls(real)
    _, applied = server.call("PATCH", twin.path(twin.name), twin.object(kind[3]), APPLY, fieldManager="b", dryRun="All")
    ours = apply(None, twin.object(kind[3]), manager="b", schema=twin.schema, force=False, time=NOW).object
    assert timeless(managed_of(ours)) == timeless(managed_of(applied))


@pytest.mark.parametrize(
    "kind", [one for one in KINDS if builtin.schemas().for_kind(*one[:2]).has_status], ids=lambda k: k[1]
)  # every kind above is built in
def test_status_is_reset_where_it_does_not_belong(
    server: Server, space: str, kind: tuple[str, str, str, Object]
) -> None:
    twin = twin_of(server, space, kind)
    assert server.call("POST", twin.path(), twin.object(kind[3]), fieldManager="ana")[0] == 201
    conditions = {"conditions": []} if "conditions" in status_fields(twin.schema) else {}
    body = {**kind[3], "status": conditions, "metadata": {"labels": {"x": "y"}, "annotations": {"x": "y"}}}
    twin.apply(body, "ben", force=True)
    twin.apply(body, "carl", force=True, subresource="status")
    patch = {"metadata": {"labels": {"x": "z"}, "annotations": {"x": "z"}}}
    twin.patch(patch, "dora", STRATEGIC, subresource="status")


def status_fields(schema: SchemaNode) -> set[str]:
    return set(schema.fields["status"].fields)


def test_status_of_custom_resources(server: Server, space: str, widgets: str) -> None:
    schemas = server.schemas(f"apis/{widgets}/v1")
    twin = Twin(server, schemas, space, "widgets", f"{widgets}/v1", "Widget", "status")
    body = {"spec": {"size": 1}, "status": {"a": {"b": [1]}}, "metadata": {"labels": {"x": "y"}}}
    twin.create(body, "ana")
    twin.apply(body, "ben", subresource="status")
    twin.patch({"status": {"a": {"c": 1}}, "spec": {"size": 2}}, "carl", subresource="status")
    twin.apply({"spec": {"size": 1}}, "ben")


def test_an_untracked_object_belongs_to_before_first_apply(server: Server, space: str) -> None:
    twin = twin_of(server, space, KINDS[8])
    twin.create(KINDS[8][3], "ana")
    live = twin.live() or {}
    reset = {**live, "metadata": {**live["metadata"], "managedFields": [{}]}}
    assert not managed_of(update_managed_fields(live, reset, manager="ana", schema=twin.schema, time=NOW))
    server.call("PATCH", twin.path(twin.name), {"metadata": {"managedFields": [{}]}}, MERGE)
    assert not managed_of(twin.live() or {})
    twin.patch({"spec": {"replicas": 2}}, "ben")
    assert not managed_of(twin.live() or {})
    assert twin.apply({"spec": {"replicas": 3}}, "carl") is None
    written = twin.apply({"spec": {"replicas": 3}}, "carl", force=True)
    assert written and {one["manager"] for one in managed_of(written)} == {"before-first-apply", "carl"}


def test_old_updates_are_merged_beyond_ten(server: Server, space: str) -> None:
    twin = twin_of(server, space, KINDS[0])
    twin.apply({"data": {"k": "v"}}, "ana")
    for number in range(13):
        twin.patch({"data": {f"n{number:02}": "x"}}, f"m{number:02}")


def test_a_kubectl_apply_takes_back_what_its_client_side_apply_wrote(
    server: Server, space: str, control_plane: ControlPlane
) -> None:
    twin = twin_of(server, space, KINDS[0])
    manifest = str(twin.object({"data": {"a": "1", "b": "2"}})).replace("'", '"')
    control_plane.kubectl("apply", "-f", "-", input=manifest)
    assert client_side_managers(twin.live() or {}) == ("kubectl-client-side-apply",)
    twin.patch({"data": {"b": "3"}}, "ben")
    assert twin.apply({"data": {"a": "9", "b": "9"}}, "kubectl") is None
    assert twin.apply({"data": {"a": "9"}}, "kubectl")


LAST_APPLIED_FIELDS: Object = {"f:metadata": {"f:annotations": {f"f:{LAST_APPLIED}": {}}}}
"""What kubectl, before it migrates, applies under a name of its own to keep its annotation."""


def test_migration_is_kubectls(server: Server, space: str, control_plane: ControlPlane) -> None:
    twin = twin_of(server, space, KINDS[0])
    manifest = str(twin.object({"data": {"a": "1", "b": "2"}})).replace("'", '"')
    control_plane.kubectl("apply", "-f", "-", input=manifest)
    live = twin.live() or {}
    ours = migrate_client_side_apply(live, from_managers=client_side_managers(live), to_manager="kubectl")
    ours.append({**ours[0], "manager": "kubectl-last-applied", "fieldsV1": LAST_APPLIED_FIELDS})
    after = apply(
        {**live, "metadata": {**live["metadata"], "managedFields": ours}},
        twin.object({"data": {"a": "1"}}),
        manager="kubectl",
        schema=twin.schema,
        force=False,
        time=NOW,
    )
    shorter = str(twin.object({"data": {"a": "1"}})).replace("'", '"')
    control_plane.kubectl("apply", "--server-side", "-f", "-", input=shorter)
    real = twin.live() or {}
    assert timeless(managed_of(after.object)) == timeless(managed_of(real))
    assert content_of(after.object) == content_of(real)


REFUSED: list[tuple[str, Object]] = [
    ("unknown field", {"spec": {"replica": 1}}),
    ("wrong type", {"spec": {"paused": "yes"}}),
    ("item twice", {"spec": {"template": {"spec": {"containers": [{"name": "c"}, {"name": "c"}]}}}}),
    ("managedFields", {"metadata": {"managedFields": []}}),
]


@pytest.mark.parametrize(("why", "body"), REFUSED, ids=[why for why, _ in REFUSED])
def test_what_the_server_refuses_to_apply_is_invalid(server: Server, space: str, why: str, body: Object) -> None:
    twin = twin_of(server, space, KINDS[8])
    live = twin.create(KINDS[8][3], "ana")
    path = twin.path(twin.name)
    status, answer = server.call("PATCH", path, twin.object(body), APPLY, fieldManager="b", dryRun="All")
    with pytest.raises(Invalid) as refused:
        apply(live, twin.object(body), manager="b", schema=twin.schema, force=False, time=NOW)
    assert refused.value.code == status, answer


def test_a_custom_schema_is_the_same_from_its_definition_and_from_openapi(server: Server, widgets: str) -> None:
    published = server.schemas(f"apis/{widgets}/v1").for_kind(f"{widgets}/v1", "Widget")
    crd = definition(widgets)["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    assert published is not None
    ours = SchemaNode.from_crd_schema(crd, has_status=True)
    assert ours.has_status and published.has_status
    for name in ("apiVersion", "spec", "status"):
        assert outline(ours.child(name)) == outline(published.child(name))


def outline(node: SchemaNode | None, depth: int = 6) -> Any:
    """What merging sees of a type, down to a depth."""
    if node is None or not depth:
        return None
    return (
        node.scalar,
        node.is_map and node.is_atomic,
        node.list_type,
        node.keys,
        {name: outline(child, depth - 1) for name, child in node.fields.items()},
        outline(node.values, depth - 1),
        outline(node.items, depth - 1),
    )


def test_a_scale_belongs_to_the_scale_subresource(server: Server, space: str) -> None:
    twin = twin_of(server, space, KINDS[8])
    live = twin.create({"spec": {**KINDS[8][3]["spec"], "paused": True}}, "ana")
    _, scaled = server.call(
        "PATCH", twin.path(twin.name, "scale"), {"spec": {"replicas": 3}}, MERGE, fieldManager="kubectl"
    )
    assert scaled["spec"]["replicas"] == 3
    real = twin.live() or {}
    new = {**live, "spec": {**live["spec"], "replicas": 3}}
    ours = update_managed_fields(live, new, manager="kubectl", schema=twin.schema, time=NOW, subresource="scale")
    writers = {one["manager"]: one for one in timeless(managed_of(real))}
    assert all(writers[one["manager"]] == one for one in timeless(managed_of(ours)))
