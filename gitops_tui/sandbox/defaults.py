"""What the API server fills in in each kind. Source: the API reference's "Defaults to", confirmed by the contract
suite on a real server. Custom resources get the ``default`` of their schema (`structural`).
"""

from __future__ import annotations

import base64

from gitops_tui.model.resource import Object
from gitops_tui.sandbox.amounts import normalize
from gitops_tui.sandbox.pod_defaults import containers, default_pod_spec
from gitops_tui.sandbox.workload_defaults import WORKLOADS, Defaulter, child_of, spec_of


def apply_defaults(resource: str, obj: Object) -> None:
    """Fill ``obj`` in, in place: the caller owns it."""
    if found := _DEFAULTERS.get(resource):
        found(obj)


def _pod(obj: Object) -> None:
    spec = spec_of(obj)
    default_pod_spec(spec)
    spec.setdefault("enableServiceLinks", True)
    for container in containers(spec):
        _requests_from_limits(container)


def _requests_from_limits(container: Object) -> None:
    limits = container["resources"].get("limits") or {}
    if limits:
        container["resources"]["requests"] = {**limits, **(container["resources"].get("requests") or {})}


def _service(obj: Object) -> None:
    spec = spec_of(obj)
    spec.setdefault("sessionAffinity", "None")
    spec.setdefault("type", "ClusterIP")
    if spec["sessionAffinity"] == "ClientIP":
        child_of(child_of(spec, "sessionAffinityConfig"), "clientIP").setdefault("timeoutSeconds", 10800)
    if spec["type"] != "ExternalName":
        spec.setdefault("internalTrafficPolicy", "Cluster")
    if spec["type"] in ("NodePort", "LoadBalancer"):
        spec.setdefault("externalTrafficPolicy", "Cluster")
    if spec["type"] == "LoadBalancer":
        spec.setdefault("allocateLoadBalancerNodePorts", True)
    for port in spec.get("ports") or ():
        port.setdefault("protocol", "TCP")
        if port.get("targetPort") in (None, 0, ""):
            port["targetPort"] = port["port"]
    obj.setdefault("status", {}).setdefault("loadBalancer", {})


def _secret(obj: Object) -> None:
    obj.setdefault("type", "Opaque")
    written = obj.pop("stringData", None) or {}
    if written:
        encoded = {key: base64.b64encode(str(value).encode()).decode() for key, value in written.items()}
        obj["data"] = {**(obj.get("data") or {}), **encoded}


def _volume(obj: Object) -> None:
    spec = spec_of(obj)
    normalize(spec.get("capacity"))
    spec.setdefault("volumeMode", "Filesystem")
    spec.setdefault("persistentVolumeReclaimPolicy", "Retain")
    if spec.get("hostPath") is not None:
        spec["hostPath"].setdefault("type", "")
    obj.setdefault("status", {}).setdefault("phase", "Pending")


def _namespace(obj: Object) -> None:
    labels = obj["metadata"].setdefault("labels", {})
    name = obj["metadata"].get("name")
    if name:
        labels["kubernetes.io/metadata.name"] = name
    obj.setdefault("status", {}).setdefault("phase", "Active")


def _event(obj: Object) -> None:
    obj.setdefault("source", {})
    for stamp in ("firstTimestamp", "lastTimestamp", "eventTime"):
        obj.setdefault(stamp, None)
    obj.setdefault("reportingComponent", "")
    obj.setdefault("reportingInstance", "")


_CPU_METRIC = {
    "type": "Resource",
    "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}},
}
_EVERY = 15


def _autoscaler(obj: Object) -> None:
    spec = spec_of(obj)
    spec.setdefault("minReplicas", 1)
    if not spec.get("metrics"):
        spec["metrics"] = [_CPU_METRIC]
    if spec.get("behavior") is not None:
        up = spec["behavior"].setdefault("scaleUp", {})
        down = spec["behavior"].setdefault("scaleDown", {})
        up.setdefault("stabilizationWindowSeconds", 0)
        _scaling(up, {"type": "Pods", "value": 4, "periodSeconds": _EVERY}, _percent())
        _scaling(down, _percent())
    status = obj.setdefault("status", {})
    status.setdefault("desiredReplicas", 0)
    status.setdefault("currentMetrics", None)


def _percent() -> Object:
    return {"type": "Percent", "value": 100, "periodSeconds": _EVERY}


def _scaling(rules: Object, *policies: Object) -> None:
    rules.setdefault("selectPolicy", "Max")
    if not rules.get("policies"):
        rules["policies"] = list(policies)


def _ingress(obj: Object) -> None:
    for rule in spec_of(obj).get("rules") or ():
        for path in (rule.get("http") or {}).get("paths") or ():
            path.setdefault("pathType", "ImplementationSpecific")
    obj.setdefault("status", {}).setdefault("loadBalancer", {})


def _network_policy(obj: Object) -> None:
    spec = spec_of(obj)
    if not spec.get("policyTypes"):
        spec["policyTypes"] = ["Ingress"] + (["Egress"] if spec.get("egress") else [])
    for rule in [*(spec.get("ingress") or ()), *(spec.get("egress") or ())]:
        for port in rule.get("ports") or ():
            port.setdefault("protocol", "TCP")


def _disruption_budget(obj: Object) -> None:
    status = obj.setdefault("status", {})
    for count in ("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"):
        status.setdefault(count, 0)


def _role_binding(obj: Object) -> None:
    obj["roleRef"].setdefault("apiGroup", "rbac.authorization.k8s.io")
    for subject in obj.get("subjects") or ():
        is_account = subject.get("kind") == "ServiceAccount"
        if not is_account:
            subject.setdefault("apiGroup", "rbac.authorization.k8s.io")


def _role(obj: Object) -> None:
    obj["rules"] = obj.get("rules") or None


def _storage_class(obj: Object) -> None:
    obj.setdefault("reclaimPolicy", "Delete")
    obj.setdefault("volumeBindingMode", "Immediate")


def _endpoints(obj: Object) -> None:
    for subset in obj.get("subsets") or ():
        for port in subset.get("ports") or ():
            port.setdefault("protocol", "TCP")


def _endpoint_slice(obj: Object) -> None:
    for port in obj.get("ports") or ():
        port.setdefault("name", "")
        port.setdefault("protocol", "TCP")
    for endpoint in obj.get("endpoints") or ():
        endpoint.setdefault("conditions", {})


def _priority_class(obj: Object) -> None:
    obj.setdefault("preemptionPolicy", "PreemptLowerPriority")


def _api_service(obj: Object) -> None:
    service = spec_of(obj).get("service")
    if service is not None:
        service.setdefault("port", 443)
    obj.setdefault("status", {})


def _webhooks(obj: Object) -> None:
    is_mutating = obj.get("kind") == "MutatingWebhookConfiguration"
    for hook in obj.get("webhooks") or ():
        hook.setdefault("failurePolicy", "Fail")
        hook.setdefault("matchPolicy", "Equivalent")
        hook.setdefault("namespaceSelector", {})
        hook.setdefault("objectSelector", {})
        hook.setdefault("timeoutSeconds", 10)
        if is_mutating:
            hook.setdefault("reinvocationPolicy", "Never")
        if (service := hook["clientConfig"].get("service")) is not None:
            service.setdefault("port", 443)
        for rule in hook.get("rules") or ():
            rule.setdefault("scope", "*")


def _crd(obj: Object) -> None:
    spec = spec_of(obj)
    names = spec.setdefault("names", {})
    if names.get("kind"):
        names.setdefault("singular", str(names["kind"]).lower())
        names.setdefault("listKind", f"{names['kind']}List")
    spec.setdefault("conversion", {}).setdefault("strategy", "None")
    status = obj.setdefault("status", {})
    status.setdefault("conditions", None)
    status.setdefault("acceptedNames", {"plural": "", "kind": ""})
    stored = [one["name"] for one in spec.get("versions") or () if one.get("storage")]
    status.setdefault("storedVersions", stored)


def _limit_range(obj: Object) -> None:
    for limit in spec_of(obj).get("limits") or ():
        if limit.get("type") == "Container" and limit.get("max"):
            limit["default"] = {**limit["max"], **(limit.get("default") or {})}
        if limit.get("type") == "Container" and limit.get("default"):
            limit["defaultRequest"] = {
                **limit["default"],
                **(limit.get("min") or {}),
                **(limit.get("defaultRequest") or {}),
            }


def _node(obj: Object) -> None:
    spec_of(obj)
    status = obj.setdefault("status", {})
    status.setdefault("daemonEndpoints", {"kubeletEndpoint": {"Port": 0}})
    info = status.setdefault("nodeInfo", {})
    for field in ("machineID", "systemUUID", "bootID", "kernelVersion", "osImage", "containerRuntimeVersion",
                  "kubeletVersion", "kubeProxyVersion", "operatingSystem", "architecture"):  # fmt: skip
        info.setdefault(field, "")


def _quota(obj: Object) -> None:
    normalize(spec_of(obj).get("hard"))


_DEFAULTERS: dict[str, Defaulter] = {
    "pods": _pod,
    "services": _service,
    "secrets": _secret,
    "namespaces": _namespace,
    "nodes": _node,
    "events": _event,
    "endpoints": _endpoints,
    "limitranges": _limit_range,
    "resourcequotas": _quota,
    "persistentvolumes": _volume,
    **WORKLOADS,
    "horizontalpodautoscalers.autoscaling": _autoscaler,
    "ingresses.networking.k8s.io": _ingress,
    "networkpolicies.networking.k8s.io": _network_policy,
    "poddisruptionbudgets.policy": _disruption_budget,
    "roles.rbac.authorization.k8s.io": _role,
    "clusterroles.rbac.authorization.k8s.io": _role,
    "rolebindings.rbac.authorization.k8s.io": _role_binding,
    "clusterrolebindings.rbac.authorization.k8s.io": _role_binding,
    "storageclasses.storage.k8s.io": _storage_class,
    "endpointslices.discovery.k8s.io": _endpoint_slice,
    "priorityclasses.scheduling.k8s.io": _priority_class,
    "apiservices.apiregistration.k8s.io": _api_service,
    "mutatingwebhookconfigurations.admissionregistration.k8s.io": _webhooks,
    "validatingwebhookconfigurations.admissionregistration.k8s.io": _webhooks,
    "customresourcedefinitions.apiextensions.k8s.io": _crd,
}
