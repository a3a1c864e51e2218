"""What the API server refuses about each kind: the mistakes that people make, not every rule there is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

from gitops_tui.model.resource import Object, labels_of, metadata_of
from gitops_tui.sandbox.failure import (
    Cause,
    forbidden_value,
    invalid_value,
    required,
    unsupported_value,
)
from gitops_tui.sandbox.names import check_container_name, check_labels, check_metadata
from gitops_tui.sandbox.selectors import matches_selector

Rule = Callable[[Object], Iterator[Cause]]
UpdateRule = Callable[[Object, Object], Iterator[Cause]]


def go_json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def check_create(resource: str, obj: Object) -> list[Cause]:
    """What is wrong with ``obj``; empty where it is valid."""
    found = list(check_metadata(resource, obj))
    if rule := _RULES.get(resource):
        found += rule(obj)
    return found


def check_update(resource: str, live: Object, new: Object) -> list[Cause]:
    """What is wrong with the step from ``live`` to ``new``."""
    found = list(check_labels(labels_of(new), "metadata.labels"))
    if metadata_of(live).get("deletionTimestamp"):
        found += _check_finalizers(live, new)
    if rule := _RULES.get(resource):
        found += rule(new)
    if update_rule := _UPDATE_RULES.get(resource):
        found += update_rule(live, new)
    return found


def _check_finalizers(live: Object, new: Object) -> Iterator[Cause]:
    before = set(metadata_of(live).get("finalizers") or ())
    added = [one for one in metadata_of(new).get("finalizers") or () if one not in before]
    if added:
        shown = ", ".join(json.dumps(one) for one in added)
        text = (
            f"no new finalizers can be added if the object is being deleted, found new finalizers []string{{{shown}}}"
        )
        yield forbidden_value("metadata.finalizers", text)


# --- workloads
def _check_containers(spec: Object, path: str) -> Iterator[Cause]:
    if not spec.get("containers"):
        yield required(f"{path}.containers")
    seen: set[str] = set()
    for number, container in enumerate(spec.get("containers") or ()):
        at = f"{path}.containers[{number}]"
        name = str(container.get("name") or "")
        yield from check_container_name(name, f"{at}.name")
        if name in seen:
            yield Cause("FieldValueDuplicate", f"Duplicate value: {json.dumps(name)}", f"{at}.name")
        seen.add(name)
        if not container.get("image"):
            yield required(f"{at}.image")
        yield from _check_mounts(spec, container, at)


def _check_mounts(spec: Object, container: Object, at: str) -> Iterator[Cause]:
    volumes = {volume.get("name") for volume in spec.get("volumes") or ()}
    for number, mount in enumerate(container.get("volumeMounts") or ()):
        if mount.get("name") not in volumes:
            yield Cause(
                "FieldValueNotFound",
                f"Not found: {json.dumps(mount.get('name'))}",
                f"{at}.volumeMounts[{number}].name",
            )


def _pod(obj: Object) -> Iterator[Cause]:
    return _check_containers(obj.get("spec") or {}, "spec")


def _check_count(spec: Object, field: str) -> Iterator[Cause]:
    if isinstance(spec.get(field), int) and spec[field] < 0:
        yield invalid_value(f"spec.{field}", str(spec[field]), "must be greater than or equal to 0")


def _workload(obj: Object) -> Iterator[Cause]:
    spec = obj["spec"]
    yield from _check_count(spec, "replicas")
    selector, template = spec.get("selector"), spec["template"]
    if not selector:
        yield required("spec.selector")
    elif not (selector.get("matchLabels") or selector.get("matchExpressions")):
        yield invalid_value("spec.selector", go_json(selector), "empty selector is invalid for deployment")
    if selector and not matches_selector(selector, labels_of(template)):
        shown = go_json(labels_of(template)) if labels_of(template) else "null"
        yield invalid_value("spec.template.metadata.labels", shown, "`selector` does not match template `labels`")
    yield from check_labels(labels_of(template), "spec.template.labels")
    yield from _check_containers(_with_claims(spec), "spec.template.spec")
    if template["spec"].get("restartPolicy") != "Always":
        policy = go_json(template["spec"].get("restartPolicy"))
        yield unsupported_value("spec.template.spec.restartPolicy", policy, ["Always"])


def _with_claims(spec: Object) -> Object:
    """The pods' spec; a StatefulSet's claims are volumes of its pods."""
    pod: Object = spec["template"]["spec"]
    claims = [{"name": metadata_of(one).get("name")} for one in spec.get("volumeClaimTemplates") or ()]
    return {**pod, "volumes": [*(pod.get("volumes") or ()), *claims]}


def _job_template(spec: Object, path: str) -> Iterator[Cause]:
    yield from _check_containers(spec["template"]["spec"], f"{path}.template.spec")
    policy = spec["template"]["spec"].get("restartPolicy")
    if policy not in ("Never", "OnFailure"):
        shown = go_json(policy)
        at = f"{path}.template.spec.restartPolicy"
        if policy in (None, "", "Always"):
            shown = go_json(policy or "Always")
        yield (
            Cause("FieldValueRequired", 'Required value: valid values: "OnFailure", "Never"', at)
            if not policy
            else (unsupported_value(at, shown, ["OnFailure", "Never"]))
        )


def _job(obj: Object) -> Iterator[Cause]:
    yield from _check_count(obj["spec"], "parallelism")
    yield from _check_count(obj["spec"], "completions")
    yield from _job_template(obj["spec"], "spec")


def _cron_job(obj: Object) -> Iterator[Cause]:
    schedule = obj["spec"].get("schedule")
    if not schedule:
        yield required("spec.schedule")
    elif not schedule.startswith("@") and len(schedule.split()) != 5:
        text = f"expected exactly 5 fields, found {len(schedule.split())}: [{schedule}]"
        yield invalid_value("spec.schedule", json.dumps(schedule), text)
    yield from _job_template(obj["spec"]["jobTemplate"]["spec"], "spec.jobTemplate.spec")


# --- the rest
_SERVICE_TYPES = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]


def _service(obj: Object) -> Iterator[Cause]:
    spec = obj["spec"]
    if spec["type"] not in _SERVICE_TYPES:
        yield unsupported_value("spec.type", json.dumps(spec["type"]), _SERVICE_TYPES)
    is_headless = spec.get("clusterIP") == "None" or spec["type"] == "ExternalName"
    if not spec.get("ports") and not is_headless:
        yield required("spec.ports")
    for number, port in enumerate(spec.get("ports") or ()):
        at = f"spec.ports[{number}]"
        if len(spec["ports"]) > 1 and not port.get("name"):
            yield required(f"{at}.name")
        if not 1 <= int(port.get("port") or 0) <= 65535:
            yield invalid_value(f"{at}.port", str(port.get("port") or 0), "must be between 1 and 65535, inclusive")
        node_port = port.get("nodePort")
        if node_port and not 30000 <= node_port <= 32767:
            yield invalid_value(
                f"{at}.nodePort", str(node_port), "provided port is not in the valid range. "
                "The range of valid ports is 30000-32767"
            )  # fmt: skip


_DATA_KEY = re.compile(r"[-._a-zA-Z0-9]+")
_DATA_KEY_TEXT = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  "
    "or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
)


def _data(obj: Object) -> Iterator[Cause]:
    for key in sorted({**(obj.get("data") or {}), **(obj.get("binaryData") or {})}):
        if not _DATA_KEY.fullmatch(key):
            yield invalid_value(f"data[{key}]", json.dumps(key), _DATA_KEY_TEXT)


def _claim(obj: Object) -> Iterator[Cause]:
    spec = obj["spec"]
    if not spec.get("accessModes"):
        yield required("spec.accessModes", "at least 1 access mode is required")
    if not ((spec.get("resources") or {}).get("requests") or {}).get("storage"):
        yield required("spec.resources[storage]")


def _crd(obj: Object) -> Iterator[Cause]:
    spec = obj["spec"]
    name = f"{spec['names'].get('plural')}.{spec.get('group')}"
    if metadata_of(obj).get("name") != name:
        text = 'must be spec.names.plural+"."+spec.group'
        yield invalid_value("metadata.name", json.dumps(metadata_of(obj).get("name")), text)
    if sum(1 for one in spec.get("versions") or () if one.get("storage")) != 1:
        text = "must have exactly one version marked as storage version"
        yield invalid_value("spec.versions", go_json(spec.get("versions")), text)


def _role_binding(obj: Object) -> Iterator[Cause]:
    if not (obj.get("roleRef") or {}).get("name"):
        yield required("roleRef.name")


def _autoscaler(obj: Object) -> Iterator[Cause]:
    spec = obj["spec"]
    if int(spec.get("maxReplicas") or 0) < 1:
        yield invalid_value("spec.maxReplicas", str(spec.get("maxReplicas") or 0), "must be greater than 0")
    elif int(spec["maxReplicas"]) < int(spec["minReplicas"]):
        text = "must be greater than or equal to `minReplicas`"
        yield invalid_value("spec.maxReplicas", str(spec["maxReplicas"]), text)


# --- updates
def _immutable(value: object, path: str) -> Cause:
    return invalid_value(path, go_json(value), "field is immutable")


def _fixed_selector(live: Object, new: Object) -> Iterator[Cause]:
    if live["spec"].get("selector") != new["spec"].get("selector"):
        yield _immutable(new["spec"].get("selector"), "spec.selector")


_SET_MUTABLE = ("replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit",
                "persistentVolumeClaimRetentionPolicy", "minReadySeconds")  # fmt: skip


def _fixed_stateful_set(live: Object, new: Object) -> Iterator[Cause]:
    fields = (set(live["spec"]) | set(new["spec"])) - set(_SET_MUTABLE)
    if any(live["spec"].get(field) != new["spec"].get(field) for field in fields):
        names = "', '".join(("replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit",
                             "persistentVolumeClaimRetentionPolicy"))  # fmt: skip
        yield forbidden_value(
            "spec", f"updates to statefulset spec for fields other than '{names}' and 'minReadySeconds' are forbidden"
        )


def _fixed_job(live: Object, new: Object) -> Iterator[Cause]:
    for field in ("completions", "selector", "template"):
        is_suspended = live["spec"].get("suspend") and field == "template"
        if live["spec"].get(field) != new["spec"].get(field) and not is_suspended:
            yield _immutable(new["spec"].get(field), f"spec.{field}")


def _fixed_data(live: Object, new: Object) -> Iterator[Cause]:
    if live.get("immutable"):
        for field in ("data", "binaryData"):
            if live.get(field) != new.get(field):
                yield forbidden_value(field, "field is immutable when `immutable` is set")
        if not new.get("immutable"):
            yield forbidden_value("immutable", "field is immutable when `immutable` is set")


def _fixed_secret(live: Object, new: Object) -> Iterator[Cause]:
    if live.get("type") != new.get("type"):
        yield _immutable(new.get("type"), "type")
    yield from _fixed_data(live, new)


def _fixed_service(live: Object, new: Object) -> Iterator[Cause]:
    before, after = live["spec"], new["spec"]
    if before.get("clusterIP") and after.get("clusterIP") != before["clusterIP"] and after["type"] != "ExternalName":
        text = "may not change once set"
        yield invalid_value("spec.clusterIPs[0]", go_json([after.get("clusterIP")]), text)


def _fixed_claim(live: Object, new: Object) -> Iterator[Cause]:
    fields = (set(live["spec"]) | set(new["spec"])) - {"resources", "volumeName", "volumeAttributesClassName"}
    if any(live["spec"].get(field) != new["spec"].get(field) for field in fields):
        yield forbidden_value(
            "spec",
            "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims",
        )


def _fixed_role(live: Object, new: Object) -> Iterator[Cause]:
    if live.get("roleRef") != new.get("roleRef"):
        yield invalid_value("roleRef", go_json(new.get("roleRef")), "cannot change roleRef")


_POD_MUTABLE = ("activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds", "schedulingGates", "nodeName")


def _fixed_pod(live: Object, new: Object) -> Iterator[Cause]:
    if _fixed_part(live["spec"]) != _fixed_part(new["spec"]):
        yield forbidden_value(
            "spec",
            "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
            "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
            "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
        )


def _fixed_part(spec: Object) -> Object:
    kept = {field: value for field, value in spec.items() if field not in _POD_MUTABLE}
    for field in ("containers", "initContainers"):
        kept[field] = [{k: v for k, v in one.items() if k != "image"} for one in spec.get(field) or ()]
    return kept


_RULES: dict[str, Rule] = {
    "pods": _pod,
    "deployments.apps": _workload,
    "replicasets.apps": _workload,
    "statefulsets.apps": _workload,
    "daemonsets.apps": _workload,
    "jobs.batch": _job,
    "cronjobs.batch": _cron_job,
    "services": _service,
    "configmaps": _data,
    "secrets": _data,
    "persistentvolumeclaims": _claim,
    "horizontalpodautoscalers.autoscaling": _autoscaler,
    "customresourcedefinitions.apiextensions.k8s.io": _crd,
    "rolebindings.rbac.authorization.k8s.io": _role_binding,
    "clusterrolebindings.rbac.authorization.k8s.io": _role_binding,
}
_UPDATE_RULES: dict[str, UpdateRule] = {
    "pods": _fixed_pod,
    "deployments.apps": _fixed_selector,
    "replicasets.apps": _fixed_selector,
    "daemonsets.apps": _fixed_selector,
    "statefulsets.apps": _fixed_stateful_set,
    "jobs.batch": _fixed_job,
    "configmaps": _fixed_data,
    "secrets": _fixed_secret,
    "services": _fixed_service,
    "persistentvolumeclaims": _fixed_claim,
    "rolebindings.rbac.authorization.k8s.io": _fixed_role,
    "clusterrolebindings.rbac.authorization.k8s.io": _fixed_role,
}
