"""What ``kubectl get`` shows in each column of each kind. Source: kubernetes/pkg/printers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from gitops_tui.model.resource import Object, labels_of, metadata_of, name_of
from gitops_tui.sandbox.duration import age, human, parse
from gitops_tui.sandbox.pod_cells import container_images, container_names, pod_cells
from gitops_tui.sandbox.selectors import selector_text

Cells = Callable[[Object, datetime], list[Any]]
NONE, UNSET, UNKNOWN = "<none>", "<unset>", "<unknown>"


def created(obj: Object, now: datetime) -> str:
    return age(metadata_of(obj).get("creationTimestamp"), now)


def _spec(obj: Object) -> Object:
    return obj.get("spec") or {}


def _status(obj: Object) -> Object:
    return obj.get("status") or {}


def _count(found: Object, field: str) -> int:
    return int(found.get(field) or 0)


def _containers(pod_spec: Object) -> list[str]:
    return [",".join(container_names(pod_spec)), ",".join(container_images(pod_spec))]


def _template(spec: Object) -> Object:
    return (spec.get("template") or {}).get("spec") or {}


def name_and_age(obj: Object, now: datetime) -> list[Any]:
    return [name_of(obj), created(obj, now)]


def _created_at(obj: Object, _now: datetime) -> list[Any]:
    return [name_of(obj), metadata_of(obj).get("creationTimestamp")]


# --- workloads
def _deployment(obj: Object, now: datetime) -> list[Any]:
    spec, status = _spec(obj), _status(obj)
    return [
        name_of(obj),
        f"{_count(status, 'readyReplicas')}/{_count(spec, 'replicas')}",
        _count(status, "updatedReplicas"),
        _count(status, "availableReplicas"),
        created(obj, now),
        *_containers(_template(spec)),
        selector_text(spec.get("selector")),
    ]


def _replica_set(obj: Object, now: datetime) -> list[Any]:
    spec, status = _spec(obj), _status(obj)
    selector = spec.get("selector") or {}
    if obj.get("kind") == "ReplicationController":
        selector = {"matchLabels": selector}
    return [
        name_of(obj),
        _count(spec, "replicas"),
        _count(status, "replicas"),
        _count(status, "readyReplicas"),
        created(obj, now),
        *_containers(_template(spec)),
        selector_text(selector),
    ]


def _stateful_set(obj: Object, now: datetime) -> list[Any]:
    spec, status = _spec(obj), _status(obj)
    ready = f"{_count(status, 'readyReplicas')}/{_count(spec, 'replicas')}"
    return [name_of(obj), ready, created(obj, now), *_containers(_template(spec))]


def _daemon_set(obj: Object, now: datetime) -> list[Any]:
    spec, status = _spec(obj), _status(obj)
    nodes = _template(spec).get("nodeSelector") or {}
    fields = (
        "desiredNumberScheduled",
        "currentNumberScheduled",
        "numberReady",
        "updatedNumberScheduled",
        "numberAvailable",
    )
    return [
        name_of(obj),
        *(_count(status, field) for field in fields),
        ",".join(f"{key}={value}" for key, value in sorted(nodes.items())) or NONE,
        created(obj, now),
        *_containers(_template(spec)),
        selector_text(spec.get("selector")),
    ]


def _job_state(status: Object, spec: Object) -> str:
    true = {one["type"] for one in status.get("conditions") or () if one.get("status") == "True"}
    for condition, word in (("Complete", "Complete"), ("Failed", "Failed"), ("Suspended", "Suspended")):
        if condition in true:
            return word
    if "FailureTarget" in true:
        return "FailureTarget"
    if "SuccessCriteriaMet" in true:
        return "SuccessCriteriaMet"
    return "Suspended" if spec.get("suspend") else "Running"


def _job(obj: Object, now: datetime) -> list[Any]:
    spec, status = _spec(obj), _status(obj)
    wanted = spec.get("completions")
    if wanted is None:
        parallelism = _count(spec, "parallelism")
        shown = f"1 of {parallelism}" if parallelism > 1 else "1"
    else:
        shown = str(wanted)
    took = ""
    if status.get("startTime"):
        end = parse(status["completionTime"]) if status.get("completionTime") else now
        took = human(int((end - parse(status["startTime"])).total_seconds()))
    return [
        name_of(obj),
        _job_state(status, spec),
        f"{_count(status, 'succeeded')}/{shown}",
        took,
        created(obj, now),
        *_containers(_template(spec)),
        selector_text(spec.get("selector")),
    ]


def _cron_job(obj: Object, now: datetime) -> list[Any]:
    spec, status = _spec(obj), _status(obj)
    job = (spec.get("jobTemplate") or {}).get("spec") or {}
    last = status.get("lastScheduleTime")
    return [
        name_of(obj),
        spec.get("schedule"),
        spec.get("timeZone") or NONE,
        str(bool(spec.get("suspend"))),
        len(status.get("active") or ()),
        age(last, now) if last else NONE,
        created(obj, now),
        *_containers(_template(job)),
        selector_text(job.get("selector")),
    ]


# --- network
def _service(obj: Object, now: datetime) -> list[Any]:
    spec = _spec(obj)
    selector = spec.get("selector") or {}
    return [
        name_of(obj),
        spec.get("type"),
        spec.get("clusterIP") or NONE,
        _external_address(obj),
        _service_ports(spec),
        created(obj, now),
        ",".join(f"{key}={value}" for key, value in sorted(selector.items())) or NONE,
    ]


def _external_address(service: Object) -> str:
    spec = _spec(service)
    given = list(spec.get("externalIPs") or ())
    if spec.get("type") == "ExternalName":
        return str(spec.get("externalName"))
    if spec.get("type") == "LoadBalancer":
        ingress = (_status(service).get("loadBalancer") or {}).get("ingress") or ()
        found = [str(one.get("ip") or one.get("hostname")) for one in ingress]
        return ",".join(found + given) or "<pending>"
    return ",".join(given) or NONE


def _service_ports(spec: Object) -> str:
    shown = []
    for port in spec.get("ports") or ():
        node = f":{port['nodePort']}" if port.get("nodePort") else ""
        shown.append(f"{port.get('port')}{node}/{port.get('protocol')}")
    return ",".join(shown) or NONE


def _ingress(obj: Object, now: datetime) -> list[Any]:
    spec = _spec(obj)
    hosts = [rule.get("host") or "*" for rule in spec.get("rules") or ()]
    shown = ",".join(hosts[:3]) + (f" + {len(hosts) - 3} more..." if len(hosts) > 3 else "")
    found = (_status(obj).get("loadBalancer") or {}).get("ingress") or ()
    return [
        name_of(obj),
        spec.get("ingressClassName")
        or (metadata_of(obj).get("annotations") or {}).get("kubernetes.io/ingress.class")
        or NONE,
        shown or "*",
        ",".join(str(one.get("ip") or one.get("hostname")) for one in found),
        "80, 443" if spec.get("tls") else "80",
        created(obj, now),
    ]


def _ingress_class(obj: Object, now: datetime) -> list[Any]:
    parameters = _spec(obj).get("parameters")
    shown = NONE
    if parameters:
        group = f".{parameters['apiGroup']}" if parameters.get("apiGroup") else ""
        shown = f"{parameters['kind']}{group}/{parameters['name']}"
    return [name_of(obj), _spec(obj).get("controller"), shown, created(obj, now)]


def _network_policy(obj: Object, now: datetime) -> list[Any]:
    return [name_of(obj), selector_text(_spec(obj).get("podSelector")), created(obj, now)]


def _endpoints(obj: Object, now: datetime) -> list[Any]:
    found = []
    for subset in obj.get("subsets") or ():
        for address in subset.get("addresses") or ():
            ports = subset.get("ports") or ()
            found += [f"{address['ip']}:{port['port']}" for port in ports] or [address["ip"]]
    return [name_of(obj), _first_three(found), created(obj, now)]


def _first_three(found: list[str]) -> str:
    if not found:
        return NONE
    return ",".join(found[:3]) + (f" + {len(found) - 3} more..." if len(found) > 3 else "")


def _endpoint_slice(obj: Object, now: datetime) -> list[Any]:
    ports = [str(port.get("port") or "*") for port in obj.get("ports") or ()]
    addresses = [address for one in obj.get("endpoints") or () for address in one.get("addresses") or ()]
    return [
        name_of(obj),
        obj.get("addressType"),
        _first_three(ports) if ports else UNSET,
        _first_three(addresses) if addresses else UNSET,
        created(obj, now),
    ]


# --- configuration, storage, the cluster
def _config_map(obj: Object, now: datetime) -> list[Any]:
    return [name_of(obj), len(obj.get("data") or ()) + len(obj.get("binaryData") or ()), created(obj, now)]


def _secret(obj: Object, now: datetime) -> list[Any]:
    return [name_of(obj), obj.get("type"), len(obj.get("data") or ()), created(obj, now)]


_MODES = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}


def _modes(spec: Object) -> str:
    return ",".join(_MODES.get(mode, mode) for mode in spec.get("accessModes") or ())


def _phase(obj: Object) -> str:
    return "Terminating" if metadata_of(obj).get("deletionTimestamp") else str(_status(obj).get("phase") or "")


def _claim(obj: Object, now: datetime) -> list[Any]:
    spec, status = _spec(obj), _status(obj)
    is_bound = bool(spec.get("volumeName"))
    return [
        name_of(obj),
        _phase(obj),
        spec.get("volumeName") or "",
        (status.get("capacity") or {}).get("storage", "") if is_bound else "",
        _modes(status) if is_bound else "",
        spec.get("storageClassName") or "",
        spec.get("volumeAttributesClassName") or UNSET,
        created(obj, now),
        spec.get("volumeMode") or "Filesystem",
    ]


def _volume(obj: Object, now: datetime) -> list[Any]:
    spec = _spec(obj)
    claim = spec.get("claimRef") or {}
    return [
        name_of(obj),
        (spec.get("capacity") or {}).get("storage", ""),
        _modes(spec),
        spec.get("persistentVolumeReclaimPolicy"),
        _phase(obj),
        f"{claim.get('namespace')}/{claim.get('name')}" if claim else "",
        spec.get("storageClassName") or "",
        spec.get("volumeAttributesClassName") or UNSET,
        _status(obj).get("reason") or "",
        created(obj, now),
        spec.get("volumeMode") or "Filesystem",
    ]


def _storage_class(obj: Object, now: datetime) -> list[Any]:
    is_default = (metadata_of(obj).get("annotations") or {}).get(
        "storageclass.kubernetes.io/is-default-class"
    ) == "true"
    return [
        f"{name_of(obj)} (default)" if is_default else name_of(obj),
        obj.get("provisioner"),
        obj.get("reclaimPolicy"),
        obj.get("volumeBindingMode"),
        bool(obj.get("allowVolumeExpansion")),
        created(obj, now),
    ]


def _namespace(obj: Object, now: datetime) -> list[Any]:
    return [name_of(obj), _status(obj).get("phase"), created(obj, now)]


def _node(obj: Object, now: datetime) -> list[Any]:
    status, spec = _status(obj), _spec(obj)
    info, prefix = status.get("nodeInfo") or {}, "node-role.kubernetes.io/"
    ready = next((one for one in status.get("conditions") or () if one.get("type") == "Ready"), None)
    state = "Unknown" if ready is None else "Ready" if ready.get("status") == "True" else "NotReady"
    roles = sorted(key.removeprefix(prefix) for key in labels_of(obj) if key.startswith(prefix))
    addresses = {one["type"]: one["address"] for one in status.get("addresses") or ()}
    return [
        name_of(obj),
        f"{state},SchedulingDisabled" if spec.get("unschedulable") else state,
        ",".join(roles) or NONE,
        created(obj, now),
        info.get("kubeletVersion") or "",
        addresses.get("InternalIP", NONE),
        addresses.get("ExternalIP", NONE),
        info.get("osImage") or UNKNOWN,
        info.get("kernelVersion") or UNKNOWN,
        info.get("containerRuntimeVersion") or UNKNOWN,
    ]


def _event(obj: Object, now: datetime) -> list[Any]:
    series = obj.get("series") or {}
    involved = obj.get("involvedObject") or {}
    first = obj.get("firstTimestamp") or obj.get("eventTime")
    last = series.get("lastObservedTime") or obj.get("lastTimestamp") or first
    source = obj.get("source") or {}
    name = f"{str(involved.get('kind') or '').lower()}/{involved.get('name') or ''}"
    return [
        age(last, now),
        obj.get("type") or "",
        obj.get("reason") or "",
        name,
        involved.get("fieldPath") or "",
        ", ".join(filter(None, (source.get("component") or obj.get("reportingComponent"), source.get("host")))),
        str(obj.get("message") or "").strip(),
        age(first, now),
        str(series.get("count") or obj.get("count") or 1),
        name_of(obj),
    ]


def _quota(obj: Object, now: datetime) -> list[Any]:
    hard, used = _status(obj).get("hard") or {}, _status(obj).get("used") or {}
    requests = [f"{key}: {used.get(key, '0')}/{hard[key]}" for key in sorted(hard) if not key.startswith("limits")]
    limits = [f"{key}: {used.get(key, '0')}/{hard[key]}" for key in sorted(hard) if key.startswith("limits")]
    return [name_of(obj), ", ".join(requests), ", ".join(limits), created(obj, now)]


# --- the rest
def _autoscaler(obj: Object, now: datetime) -> list[Any]:
    spec, status = _spec(obj), _status(obj)
    target = spec.get("scaleTargetRef") or {}
    return [
        name_of(obj),
        f"{target.get('kind')}/{target.get('name')}",
        ", ".join(_metric(spec, status)) or NONE,
        str(spec.get("minReplicas", UNSET)),
        spec.get("maxReplicas"),
        _count(status, "currentReplicas"),
        created(obj, now),
    ]


def _metric(spec: Object, status: Object) -> list[str]:
    current = {
        (one.get("resource") or {}).get("name"): ((one.get("resource") or {}).get("current") or {}).get(
            "averageUtilization"
        )
        for one in status.get("currentMetrics") or ()
    }
    found = []
    for metric in spec.get("metrics") or ():
        resource = metric.get("resource") or {}
        wanted = (resource.get("target") or {}).get("averageUtilization")
        if wanted is not None:
            now = current.get(resource.get("name"))
            found.append(f"{resource['name']}: {UNKNOWN if now is None else f'{now}%'}/{wanted}%")
    return found


def _budget(obj: Object, now: datetime) -> list[Any]:
    spec = _spec(obj)
    limits = [
        str(spec[field]) if spec.get(field) is not None else "N/A" for field in ("minAvailable", "maxUnavailable")
    ]
    return [name_of(obj), *limits, _count(_status(obj), "disruptionsAllowed"), created(obj, now)]


def _binding(obj: Object, now: datetime) -> list[Any]:
    subjects = obj.get("subjects") or ()
    by_kind = {
        kind: ", ".join(
            f"{one['namespace']}/{one['name']}" if one.get("namespace") else one["name"]
            for one in subjects
            if one.get("kind") == kind
        )
        for kind in ("User", "Group", "ServiceAccount")
    }
    role = obj.get("roleRef") or {}
    return [name_of(obj), f"{role.get('kind')}/{role.get('name')}", created(obj, now), *by_kind.values()]


def _lease(obj: Object, now: datetime) -> list[Any]:
    return [name_of(obj), _spec(obj).get("holderIdentity") or "", created(obj, now)]


def _crd(obj: Object, _now: datetime) -> list[Any]:
    spec, names = _spec(obj), _spec(obj).get("names") or {}
    established = [one for one in _status(obj).get("conditions") or () if one.get("type") == "Established"]
    return [
        name_of(obj),
        spec.get("scope"),
        ",".join(one["name"] for one in spec.get("versions") or ()),
        metadata_of(obj).get("creationTimestamp"),
        spec.get("group"),
        names.get("kind"),
        ",".join(names.get("shortNames") or ()),
        bool(established) and established[0].get("status") == "True",
    ]


def _api_service(obj: Object, now: datetime) -> list[Any]:
    service = _spec(obj).get("service")
    available: Object = next(
        (one for one in _status(obj).get("conditions") or () if one.get("type") == "Available"), {}
    )
    state = str(available.get("status") or "Unknown")
    if available.get("reason") and state != "True":
        state = f"{state} ({available['reason']})"
    shown = f"{service['namespace']}/{service['name']}" if service else "Local"
    return [name_of(obj), shown, state, created(obj, now)]


def _webhooks(obj: Object, now: datetime) -> list[Any]:
    return [name_of(obj), len(obj.get("webhooks") or ()), created(obj, now)]


def _revision(obj: Object, now: datetime) -> list[Any]:
    owners = metadata_of(obj).get("ownerReferences") or ()
    owner = next((f"{_kind_text(one)}/{one['name']}" for one in owners if one.get("controller")), NONE)
    return [name_of(obj), owner, obj.get("revision"), created(obj, now)]


def _kind_text(owner: Object) -> str:
    group, slash, _ = str(owner.get("apiVersion")).partition("/")
    kind = str(owner["kind"]).lower()
    return f"{kind}.{group}" if slash else kind


def _priority_class(obj: Object, now: datetime) -> list[Any]:
    return [
        name_of(obj),
        obj.get("value"),
        bool(obj.get("globalDefault")),
        created(obj, now),
        obj.get("preemptionPolicy"),
    ]


CELLS: dict[str, Cells] = {
    "pods": pod_cells,
    "deployments.apps": _deployment,
    "replicasets.apps": _replica_set,
    "replicationcontrollers": _replica_set,
    "statefulsets.apps": _stateful_set,
    "daemonsets.apps": _daemon_set,
    "controllerrevisions.apps": _revision,
    "jobs.batch": _job,
    "cronjobs.batch": _cron_job,
    "services": _service,
    "ingresses.networking.k8s.io": _ingress,
    "ingressclasses.networking.k8s.io": _ingress_class,
    "networkpolicies.networking.k8s.io": _network_policy,
    "endpoints": _endpoints,
    "endpointslices.discovery.k8s.io": _endpoint_slice,
    "configmaps": _config_map,
    "secrets": _secret,
    "persistentvolumeclaims": _claim,
    "persistentvolumes": _volume,
    "storageclasses.storage.k8s.io": _storage_class,
    "namespaces": _namespace,
    "nodes": _node,
    "events": _event,
    "resourcequotas": _quota,
    "limitranges": _created_at,
    "roles.rbac.authorization.k8s.io": _created_at,
    "clusterroles.rbac.authorization.k8s.io": _created_at,
    "rolebindings.rbac.authorization.k8s.io": _binding,
    "clusterrolebindings.rbac.authorization.k8s.io": _binding,
    "horizontalpodautoscalers.autoscaling": _autoscaler,
    "poddisruptionbudgets.policy": _budget,
    "leases.coordination.k8s.io": _lease,
    "customresourcedefinitions.apiextensions.k8s.io": _crd,
    "apiservices.apiregistration.k8s.io": _api_service,
    "mutatingwebhookconfigurations.admissionregistration.k8s.io": _webhooks,
    "validatingwebhookconfigurations.admissionregistration.k8s.io": _webhooks,
    "priorityclasses.scheduling.k8s.io": _priority_class,
}
"""Kinds without an entry show their name and age."""
