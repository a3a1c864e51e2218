"""What always goes before two objects are compared (Argo CD ``Normalize``; semantics 1.6).

The server's own bookkeeping and ``status`` are left out, and values are written as a built-in type gives them back from
storage: canonical quantities and base64, no empty optional fields, ``stringData`` in ``data``. Normalising twice
changes nothing.
"""

from __future__ import annotations

import base64
from types import UnionType
from typing import Any, Final

from gitops_tui.manifest import quantity
from gitops_tui.model.annotations import LAST_APPLIED
from gitops_tui.model.resource import Object, group_of
from gitops_tui.structured.schema import UNTYPED_SCALAR, SchemaNode
from gitops_tui.structured.skeleton import is_go_kind

BOOKKEEPING: Final = frozenset(
    {
        "managedFields",
        "resourceVersion",
        "generation",
        "uid",
        "creationTimestamp",
        "selfLink",
        "deletionGracePeriodSeconds",
    }
)
"""Metadata that only the server writes."""

RBAC: Final = "rbac.authorization.k8s.io"

_NEVER_POINTERS: Final = """
    action allocationMode audience certificateChainPath chapAuthDiscovery chapAuthSession clusterIP clusterScope
    component concurrencyPolicy containerID credentialBundlePath datasetName datasetUUID description directory
    dnsPolicy effect externalID externalName externalTrafficPolicy failureThreshold fieldPath globalDefault group
    hardwareAddress healthCheckNodePort host hostIP hostIPC hostNetwork hostPID hostPort image imagePullPolicy
    initialDelaySeconds interfaceName ip iscsiInterface key keyPath keyring level loadBalancerIP medium message
    messageExpression minReadySeconds nodePort note number operator paused periodSeconds
    persistentVolumeReclaimPolicy podCIDR podManagementPolicy pool prefix priorityClassName protectionDomain
    providerID publishNotReadyAddresses pullPolicy reference reportingController reportingInstance request role
    schedulerName scheme secretFile secretName serviceAccount serviceAccountName sessionAffinity signal sizeBytes
    sslEnabled stdin stdinOnce storageMode storagePolicyID storagePolicyName storagePool subPath subPathExpr
    subdomain successThreshold targetContainerName tenant terminationMessagePath terminationMessagePolicy tty
    unschedulable user username volumeName volumeNamespace whenDeleted whenScaled workingDir
"""
_HARMLESS_POINTERS: Final = """
    fsType hostname namespace nodeName partition path protocol readOnly restartPolicy storageClassName
    timeoutSeconds type value
"""
ZERO_IS_ABSENT: Final = frozenset(f"{_NEVER_POINTERS} {_HARMLESS_POINTERS}".split())
"""Optional fields of built-in types whose zero value Go does not write: ``false``, ``0`` and ``""`` get lost.

OpenAPI does not tell them from optional pointers, whose zero is kept. These are the scalars with ``omitempty`` in
``k8s.io/api`` 0.34: those that are a pointer in no type, and those whose zero means nothing where they are one. What is
missing here is settled by the dry run.
"""


def normalize(
    obj: Object, schema: SchemaNode | None, *, ignore_aggregated_roles: bool = False, ignore_status: bool = True
) -> Object:
    """``obj`` as it is compared. Shares what it does not change."""
    tidy = without_bookkeeping(obj, ignore_status=ignore_status)
    return canonical(tidy, schema, ignore_aggregated_roles=ignore_aggregated_roles)


def without_bookkeeping(obj: Object, *, ignore_status: bool = True) -> Object:
    """Without ``status``, the server's metadata, and kubectl's copy of what it applied."""
    out = {name: value for name, value in obj.items() if name != "status" or not ignore_status}
    metadata = obj.get("metadata")
    if isinstance(metadata, dict):
        out["metadata"] = _own_metadata(metadata)
    return out


def _own_metadata(metadata: Object) -> Object:
    kept = {name: value for name, value in metadata.items() if name not in BOOKKEEPING}
    for name in ("annotations", "labels"):
        members = kept.get(name)
        if isinstance(members, dict) and LAST_APPLIED in members:
            members = kept[name] = {key: value for key, value in members.items() if key != LAST_APPLIED}
        if name in kept and not members:
            del kept[name]
    return kept


def canonical(obj: Object, schema: SchemaNode | None, *, ignore_aggregated_roles: bool = False) -> Object:
    """The values as the server stores them. Custom resources keep theirs: their quantities are plain text."""
    out = of_kind(obj)
    if out.get("kind") in ("Role", "ClusterRole") and group_of(out) == RBAC:
        out = _role(out, ignore_aggregated_roles)
    if schema is None or not is_go_kind(schema):
        return without_nulls(out)
    typed: Object = typed_value(out, schema)
    return typed if "status" in obj else {name: value for name, value in typed.items() if name != "status"}


def without_nulls(obj: Object) -> Object:
    """A custom resource without the nulls of its mappings: the API server drops them, and a JSON merge patch has no way
    to say them. Lists are left as they are.
    """
    if not any(value is None or isinstance(value, dict) for value in obj.values()):
        return obj
    return {
        name: without_nulls(value) if isinstance(value, dict) else value
        for name, value in obj.items()
        if value is not None
    }


def of_kind(obj: Object) -> Object:
    """An object with what one kind alone may write in more than one way written in one."""
    kind, group = obj.get("kind"), group_of(obj)
    return normalize_secret(obj) if kind == "Secret" and not group else in_order(obj)


def in_order(obj: Object) -> Object:
    """Endpoints have no order: theirs is put before anything is merged by place."""
    return _endpoints(obj) if obj.get("kind") == "Endpoints" and not group_of(obj) else obj


ZEROS: Final = (0, "", False)
"""Published as a default of a built-in type they say that Go writes the field always."""


class _Misfit(Exception):
    """A value is not of its type."""


def typed_value(value: Any, node: SchemaNode | None, *, fills: bool = True) -> Any:
    """A part of an object as its built-in type gives it back: canonical quantities, empty structs, no lost zeros.

    What does not fit the type stays as it is, all of it. ``fills``: with what storage adds, empty structs and defaults,
    and fields that the type does not know are kept; without it nothing is added, and such a field is no fit either
    (Argo CD ``remarshal``).
    """
    try:
        return _typed(value, node, fills)
    except _Misfit:
        return value


def _typed(value: Any, node: SchemaNode | None, fills: bool) -> Any:
    if node is None or value is None:
        return value
    if isinstance(value, dict):
        if not node.is_map:
            raise _Misfit
        return _typed_map(value, node, fills)
    if isinstance(value, list):
        if node.items is None:
            raise _Misfit
        return [_typed(item, node.items, fills) for item in value]
    return _quantity(value) if node is UNTYPED_SCALAR else _scalar(value, node)


_SCALARS: Final[dict[str, type | UnionType]] = {
    "string": str,
    "numeric": int | float,
    "boolean": bool,
    "untyped": object,
}


def _scalar(value: Any, node: SchemaNode) -> Any:
    kind = _SCALARS.get(node.scalar)
    is_odd = isinstance(value, bool) and node.scalar == "numeric"
    if kind is None or is_odd or not isinstance(value, kind):
        raise _Misfit
    return _bytes(value) if node.is_bytes else value


def _bytes(value: Any) -> str:
    """Base64 as Go writes it; it reads line breaks too, with which people fold a long value in YAML."""
    if not isinstance(value, str):
        raise _Misfit
    try:
        content = base64.b64decode(value.replace("\r", "").replace("\n", ""), validate=True)
    except ValueError as error:
        raise _Misfit from error
    return base64.b64encode(content).decode()


def _typed_map(value: Object, node: SchemaNode, fills: bool) -> Object:
    out: Object = {}
    for name, member in value.items():
        field = node.fields.get(name)
        if field is None and node.values is None and not fills:
            raise _Misfit
        kept = _typed(member, field or node.values, fills)
        if field is None or not _is_omitted(name, kept, field, node):
            out[name] = kept
    return _filled(out, node) if fills else out


def _filled(value: Object, node: SchemaNode) -> Object:
    out = dict(value)
    for name, default in node.defaults.items():
        if default == {} and name not in out and node.fields[name].fields:
            out[name] = _filled({}, node.fields[name])
        elif default in ZEROS and name not in out:
            out[name] = default
    return {**node.filled, **out}


def _is_omitted(name: str, value: Any, field: SchemaNode, node: SchemaNode) -> bool:
    """Whether Go's ``omitempty`` drops the value: nulls, empty lists and plain maps, and zeros that are no pointers."""
    if value is None:
        return True
    if name in node.required:
        return False
    if isinstance(value, list):
        return not value
    if isinstance(value, dict):
        return not value and not field.fields and not field.scalar and name not in node.defaults
    return not value and name in ZERO_IS_ABSENT


def _quantity(value: Any) -> str | int | float:
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        raise _Misfit
    try:
        return quantity.canonical(value)
    except ValueError as error:
        raise _Misfit from error


# --- kinds with rules of their own -----------------------------------------------------------------------------------


def normalize_secret(secret: Object) -> Object:
    """``stringData`` in ``data``, where it wins, and values as a Secret's type writes them: nulls empty, base64 anew.

    A value that is no text goes there as it is: the server refuses it, and a difference says so.
    """
    out = _with_strings_in_data(secret)
    data = out.get("data")
    if not isinstance(data, dict):
        return out
    try:
        kept = {key: "" if value is None else _bytes(value) for key, value in data.items()}
    except _Misfit:
        return out
    return out if kept == data else {**out, "data": kept}


def _with_strings_in_data(secret: Object) -> Object:
    strings, data = secret.get("stringData"), secret.get("data")
    if not isinstance(strings, dict):
        return secret
    out = {name: value for name, value in secret.items() if name != "stringData"}
    if strings:
        encoded = {key: _encoded(value) for key, value in strings.items()}
        out["data"] = {**(data if isinstance(data, dict) else {}), **encoded}
    return out


def _encoded(value: Any) -> Any:
    return base64.b64encode(value.encode()).decode() if isinstance(value, str) else value


def _role(role: Object, ignore_aggregated: bool) -> Object:
    """Empty rules are no rules; those of an aggregated role are the cluster's to fill in."""
    is_aggregated = isinstance(role.get("aggregationRule"), dict)
    if role.get("rules") and not (is_aggregated and ignore_aggregated):
        return role
    return {name: value for name, value in role.items() if name != "rules"} if "rules" in role else role


def _endpoints(endpoints: Object) -> Object:
    """Subsets, addresses and ports in a fixed order, with the default protocol."""
    subsets = endpoints.get("subsets")
    if not isinstance(subsets, list):
        return endpoints
    tidy = [_subset(one) if isinstance(one, dict) else one for one in subsets]
    return {**endpoints, "subsets": sorted(tidy, key=repr)}


def _subset(subset: Object) -> Object:
    out = dict(subset)
    for name in ("addresses", "notReadyAddresses"):
        if isinstance(out.get(name), list):
            out[name] = sorted(out[name], key=lambda one: (str(one.get("ip")), repr(one)))
    if isinstance(out.get("ports"), list):
        ports = [{"protocol": "TCP", **port} for port in out["ports"]]
        out["ports"] = sorted(ports, key=lambda one: (str(one.get("name")), str(one.get("port")), str(one["protocol"])))
    return out
