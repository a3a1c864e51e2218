"""Write `gitops_tui/structured/data/kubernetes-<version>.json.gz`: the built-in types, as kube-apiserver has them.

    kubectl proxy --port 8001 &
    python scripts/build_schemas.py http://127.0.0.1:8001

Reads every ``/openapi/v3`` document of a kube-apiserver that serves no custom resources of interest (kinds outside
``k8s.io`` and the unqualified groups are left out) and keeps what merging and ``kubectl apply`` need: types without
their descriptions, and of the paths the kind and the parameters and media types of PATCH. The result is the same for
the same server version, byte for byte.
"""

from __future__ import annotations

import gzip
import json
import sys
import urllib.request
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent.parent / "gitops_tui" / "structured" / "data"
GVK = "x-kubernetes-group-version-kind"


def fetch(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return json.load(answer)


def is_built_in(path: str) -> bool:
    """``api/v1`` and ``apis/<group>/<version>`` of groups that Kubernetes owns."""
    parts = path.split("/")
    if path == "api/v1":
        return True
    return parts[0] == "apis" and len(parts) == 3 and ("." not in parts[1] or parts[1].endswith(".k8s.io"))


def trimmed(schema: Any, *, is_properties: bool = False) -> Any:
    """A schema without prose; a property may well be called ``description``."""
    if isinstance(schema, list):
        return [trimmed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: trimmed(value, is_properties=name == "properties" and not is_properties)
        for name, value in schema.items()
        if is_properties or name != "description"
    }


def patchable(paths: dict[str, Any]) -> dict[str, Any]:
    """Of each path the PATCH operation: the kind, the names of its parameters, its media types."""
    found = {}
    for path, operations in sorted(paths.items()):
        patch = operations.get("patch")
        if patch and GVK in patch and "requestBody" in patch:
            names = [one["name"] for one in (*operations.get("parameters", ()), *patch.get("parameters", ()))]
            found[path] = {"kind": patch[GVK], "parameters": names, "types": sorted(patch["requestBody"]["content"])}
    return found


def main() -> None:
    server = sys.argv[1].rstrip("/")
    version = fetch(f"{server}/version")["gitVersion"].removeprefix("v")
    schemas: dict[str, Any] = {}
    documents: dict[str, Any] = {}
    for path, where in sorted(fetch(f"{server}/openapi/v3")["paths"].items()):
        if is_built_in(path):
            document = fetch(server + where["serverRelativeURL"])
            own = {name: trimmed(one) for name, one in document["components"]["schemas"].items()}
            schemas.update(own)
            documents[path] = {"schemas": sorted(own), "paths": patchable(document["paths"])}
    content = {"version": version, "documents": documents, "schemas": dict(sorted(schemas.items()))}
    target = DATA / f"kubernetes-{version.rpartition('.')[0]}.json.gz"
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(gzip.compress(json.dumps(content, separators=(",", ":")).encode(), mtime=0))
    print(f"{target}: Kubernetes {version}, {len(schemas)} types, {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
