"""Write `gitops_tui/sandbox/data/resources.json`: what the embedded API server serves, as a real one describes it.

    kubectl proxy --port 8001 &
    python scripts/sandbox_resources.py http://127.0.0.1:8001

Names, short names, categories, verbs and the columns that ``kubectl get`` prints come from a real kube-apiserver's
aggregated discovery and Table answers, so that nobody types them.
"""

from __future__ import annotations

import json
import sys
import urllib.request
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parent.parent / "gitops_tui" / "sandbox" / "data" / "resources.json"
AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"

VERSIONS = (
    "/v1",
    "admissionregistration.k8s.io/v1",
    "apiextensions.k8s.io/v1",
    "apiregistration.k8s.io/v1",
    "apps/v1",
    "authentication.k8s.io/v1",
    "authorization.k8s.io/v1",
    "autoscaling/v2",
    "batch/v1",
    "coordination.k8s.io/v1",
    "discovery.k8s.io/v1",
    "events.k8s.io/v1",
    "networking.k8s.io/v1",
    "policy/v1",
    "rbac.authorization.k8s.io/v1",
    "scheduling.k8s.io/v1",
    "storage.k8s.io/v1",
)
LEFT_OUT = {
    "bindings",
    "componentstatuses",
    "podtemplates",
    "tokenreviews",
    "localsubjectaccessreviews",
    "subjectaccessreviews",
    "mutatingadmissionpolicies",
    "mutatingadmissionpolicybindings",
    "validatingadmissionpolicies",
    "validatingadmissionpolicybindings",
    "ipaddresses",
    "servicecidrs",
    "volumeattributesclasses",
    "csistoragecapacities",
    "csidrivers",
    "csinodes",
    "volumeattachments",
}
SUBRESOURCES = {"status", "scale", "log", "eviction", "finalize"}


def fetch(base: str, path: str, accept: str) -> Any:
    request = urllib.request.Request(base + path, headers={"Accept": accept})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def subresource(raw: dict[str, Any]) -> dict[str, Any]:
    kind = raw["responseKind"]
    of = f"{kind['group']}/{kind['version']}" if kind["version"] else ""
    return {"name": raw["subresource"], "kind": kind["kind"], "of": of, "verbs": raw["verbs"]}


def columns(base: str, group: str, version: str, plural: str) -> list[list[Any]]:
    root = f"/apis/{group}/{version}" if group else f"/api/{version}"
    table = fetch(base, f"{root}/{plural}?limit=1", TABLE)
    return [[c["name"], c["type"], c["format"], c["priority"]] for c in table["columnDefinitions"]]


def entry(base: str, group: str, version: str, raw: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "group": group,
        "version": version,
        "plural": raw["resource"],
        "singular": raw["singularResource"],
        "kind": raw["responseKind"]["kind"],
        "namespaced": raw["scope"] == "Namespaced",
        "verbs": raw["verbs"],
        "shortNames": raw.get("shortNames", []),
        "categories": raw.get("categories", []),
        "subresources": [subresource(s) for s in raw.get("subresources", []) if s["subresource"] in SUBRESOURCES],
    }
    if "list" in raw["verbs"]:
        found["columns"] = columns(base, group, version, raw["resource"])
    return found


def main() -> None:
    base = sys.argv[1]
    found = []
    for root in ("/api", "/apis"):
        for group in fetch(base, root, AGGREGATED)["items"]:
            name = group["metadata"].get("name", "")
            for version in group["versions"]:
                if f"{name}/{version['version']}" in VERSIONS:
                    resources = [r for r in version["resources"] if r["resource"] not in LEFT_OUT]
                    found += [entry(base, name, version["version"], r) for r in resources]
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(one, separators=(",", ":")) for one in found)
    TARGET.write_text(f"[\n{lines}\n]\n")
    print(f"{len(found)} resources, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
