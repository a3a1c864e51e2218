"""The types that are compiled into Kubernetes 1.37, for when no server can be asked.

``data/kubernetes-1.37.json.gz`` is what a real kube-apiserver 1.37 publishes under ``/openapi/v3``, without prose;
``scripts/build_schemas.py`` made it and makes the next one. Read when first needed.
"""

from __future__ import annotations

import gzip
from functools import cache
from importlib import resources
from typing import Any

import msgspec

from gitops_tui.structured.schema import Json, Schemas

_FILE = "kubernetes-1.37.json.gz"
_GVK = "x-kubernetes-group-version-kind"


@cache
def schemas() -> Schemas:
    """The types of every built-in kind."""
    data = _data()
    paths = {path: operations for name in data["documents"] for path, operations in _paths(name).items()}
    return Schemas.from_openapi_v3([{"components": {"schemas": data["schemas"]}, "paths": paths}])


def version() -> str:
    """The version of the server that the types come from, like ``1.37.0``."""
    return str(_data()["version"])


def documents() -> tuple[str, ...]:
    """The names under ``/openapi/v3``: ``api/v1``, ``apis/apps/v1`` …"""
    return tuple(_data()["documents"])


@cache
def document(name: str) -> Json:
    """One OpenAPI v3 document as `documents` names it, enough of it for ``kubectl apply``, which reads patch
    strategies from the types and supported parameters from the paths. Raise KeyError for an unknown name.
    """
    data = _data()
    own = data["documents"][name]["schemas"]
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": f"v{data['version']}"},
        "paths": _paths(name),
        "components": {"schemas": {one: data["schemas"][one] for one in own}},
    }


def _paths(name: str) -> Json:
    return {path: {"patch": _patch_operation(patch)} for path, patch in _data()["documents"][name]["paths"].items()}


def _patch_operation(patch: Json) -> Json:
    return {
        "parameters": [{"name": name, "in": "query", "schema": {"type": "string"}} for name in patch["parameters"]],
        "requestBody": {"content": {media: {"schema": {"type": "object"}} for media in patch["types"]}},
        "responses": {"200": {"description": "OK"}},
        "x-kubernetes-action": "patch",
        _GVK: patch["kind"],
    }


@cache
def _data() -> dict[str, Any]:
    packed = resources.files("gitops_tui.structured").joinpath("data", _FILE).read_bytes()
    content: dict[str, Any] = msgspec.json.decode(gzip.decompress(packed))
    return content
