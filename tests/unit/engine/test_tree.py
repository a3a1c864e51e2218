"""The tree of an application: what is nobody's stands in it, once and marked."""

from __future__ import annotations

from typing import Any

from gitops_tui.cli.trees import tree_lines
from gitops_tui.engine.tree import orphan_nodes
from gitops_tui.model.resource import Object, ResourceKey, key_of, metadata_of


def made(kind: str, name: str, owner: str = "") -> Object:
    metadata: dict[str, Any] = {"name": name, "namespace": "shop", "uid": f"{kind}-{name}"}
    if owner:
        metadata["ownerReferences"] = [{"uid": owner}]
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata}


LIVE = [made("ConfigMap", "left"), made("Thing", "web"), made("Pod", "web-1", "Thing-web")]


def children(uid: str) -> list[Object]:
    return [one for one in LIVE if any(ref["uid"] == uid for ref in metadata_of(one).get("ownerReferences") or ())]


def test_orphans_stand_at_the_top_with_what_they_own_below() -> None:
    live = {key_of(one): one for one in LIVE}
    gone = ResourceKey("", "ConfigMap", "shop", "gone")
    nodes = orphan_nodes([*live, gone], live.get, children, lambda _obj: None)
    assert [(node.key.short, node.is_orphaned) for node in nodes] == [("ConfigMap/left", True), ("Thing/web", True)]
    assert [(node.key.short, node.is_orphaned) for node in nodes[1].children] == [("Pod/web-1", False)]
    assert [("Orphaned" in line) for line in tree_lines(nodes)] == [True, True, False]
