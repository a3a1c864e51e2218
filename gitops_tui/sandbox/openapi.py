"""OpenAPI v3 as kubectl reads it: patch strategies, list keys and supported query parameters, by group version."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from gitops_tui.model.resource import Object
from gitops_tui.sandbox.registry import Registry, ResourceType
from gitops_tui.structured import builtin
from gitops_tui.structured.schema import OBJECT_META

_PARAMETERS = ("dryRun", "fieldManager", "fieldValidation", "force")
_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"


class OpenApi:
    """Documents by name (``apis/apps/v1``), encoded once; those of custom resources follow the registry."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._built_in: dict[str, bytes] = {}
        self._custom: dict[str, tuple[tuple[ResourceType, ...], bytes]] = {}

    def index(self) -> Object:
        paths = {}
        for name in self._names():
            url = f"/openapi/v3/{name}?hash={self._digest(name)}"
            paths[name] = {"serverRelativeURL": url}
        return {"paths": paths}

    def document(self, name: str) -> bytes | None:
        """The JSON of one document; None where there is none of that name."""
        if name not in self._names():
            return None
        types = self._custom_types(name)
        if not types:
            return self._built_in_document(name)
        found = self._custom.get(name)
        if found is None or found[0] != types:
            found = self._custom[name] = (types, json.dumps(_custom_document(types)).encode())
        return found[1]

    def _names(self) -> list[str]:
        return list(dict.fromkeys(_document_name(one) for one in self._registry))

    def _custom_types(self, name: str) -> tuple[ResourceType, ...]:
        return tuple(one for one in self._registry if one.custom is not None and _document_name(one) == name)

    def _built_in_document(self, name: str) -> bytes:
        if name not in self._built_in:
            self._built_in[name] = json.dumps(builtin.document(name), separators=(",", ":")).encode()
        return self._built_in[name]

    def _digest(self, name: str) -> str:
        """Of a built-in document the version says enough; a custom one changes with its definition."""
        types = self._custom_types(name)
        content = self.document(name) if types else f"{builtin.version()} {name}".encode()
        return hashlib.sha256(content or b"").hexdigest().upper()


def _document_name(kind: ResourceType) -> str:
    return f"apis/{kind.api_version}" if kind.group else f"api/{kind.version}"


def _custom_document(types: tuple[ResourceType, ...]) -> Object:
    schemas: Object = {_META: OBJECT_META}
    paths: Object = {}
    for kind in types:
        schemas[_component(kind)] = _schema(kind)
        paths.update(_paths(kind))
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes CRD Swagger", "version": "v0.1.0"},
        "paths": paths,
        "components": {"schemas": schemas},
    }


def _component(kind: ResourceType) -> str:
    return ".".join([*reversed(kind.group.split(".")), kind.version, kind.kind])


def _gvk(kind: ResourceType) -> Object:
    return {"group": kind.group, "version": kind.version, "kind": kind.kind}


def _schema(kind: ResourceType) -> Object:
    declared: Object = kind.custom.schema if kind.custom else {}
    properties: dict[str, Any] = dict(declared.get("properties") or {})
    for name in ("apiVersion", "kind"):
        properties[name] = {"type": "string"}
    properties["metadata"] = {"allOf": [{"$ref": f"#/components/schemas/{_META}"}]}
    return {**declared, "type": "object", "properties": properties, "x-kubernetes-group-version-kind": [_gvk(kind)]}


def _paths(kind: ResourceType) -> Object:
    scope = "/namespaces/{namespace}" if kind.is_namespaced else ""
    root = f"/apis/{kind.api_version}{scope}/{kind.plural}/{{name}}"
    reference = {"schema": {"$ref": f"#/components/schemas/{_component(kind)}"}}
    types = ("application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json")
    patch = {
        "operationId": f"patch{kind.kind}",
        "parameters": [{"name": name, "in": "query", "schema": {"type": "string"}} for name in _PARAMETERS],
        "requestBody": {"content": {one: {"schema": {"type": "object"}} for one in types}},
        "responses": {"200": {"description": "OK", "content": {"application/json": reference}}},
        "x-kubernetes-action": "patch",
        "x-kubernetes-group-version-kind": _gvk(kind),
    }
    found = {root: {"patch": patch}}
    if kind.has_status:
        found[f"{root}/status"] = {"patch": patch}
    return found
