"""An application's objects with what they own, down to pods; pure over what the cache holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from msgspec.structs import replace

from gitops_tui.engine.headline import pod_words, ready_words
from gitops_tui.model.resource import Object, ResourceKey, key_of, metadata_of
from gitops_tui.model.snapshot import ResourceView, TreeNode
from gitops_tui.model.status import Health

MAX_DEPTH = 8
"""Owner references may form a circle; no real chain is this long."""

Children = Callable[[str], Sequence[Object]]
"""Gives the objects that the object with a uid owns."""

Assess = Callable[[Object], Health | None]


def tree_of(
    resources: Iterable[ResourceView],
    live: Callable[[ResourceKey], Object | None],
    children: Children,
    assess: Assess,
) -> tuple[TreeNode, ...]:
    """The managed objects in order, each with its descendants. An object that is not there has no children."""
    nodes = []
    for resource in resources:
        obj = live(resource.key)
        below = _below(obj, children, assess, 1) if obj is not None else ()
        status = resource.message or (_status_words(obj) if obj is not None else "missing")
        created = _created(obj) if obj is not None else None
        nodes.append(TreeNode(resource.key, resource.health, resource.sync, status, created, (), below))
    return tuple(nodes)


def orphan_nodes(
    orphans: Iterable[ResourceKey], live: Callable[[ResourceKey], Object | None], children: Children, assess: Assess
) -> tuple[TreeNode, ...]:
    """What is nobody's, each once: what an orphan owns stands under it."""
    found = [obj for key in orphans if (obj := live(key)) is not None]
    uids = {str(metadata_of(obj).get("uid", "")) for obj in found}
    roots = [obj for obj in found if not uids & _owners(obj)]
    return tuple(replace(_node(obj, children, assess, 1), is_orphaned=True) for obj in roots)


def _owners(obj: Object) -> set[str]:
    return {str(one.get("uid", "")) for one in metadata_of(obj).get("ownerReferences") or ()}


def descendants(obj: Object, children: Children, kind: str) -> list[Object]:
    """All objects of ``kind`` (empty: of any) below ``obj``, itself included."""
    found, queue, seen = [], [obj], set()
    while queue:
        one = queue.pop()
        uid = str(metadata_of(one).get("uid", ""))
        if uid in seen:
            continue
        seen.add(uid)
        if kind in ("", one.get("kind")):
            found.append(one)
        queue.extend(children(uid))
    return found


def containers_of(pod: Object) -> tuple[str, ...]:
    spec = pod.get("spec") or {}
    return tuple(str(one.get("name", "")) for word in ("initContainers", "containers") for one in spec.get(word) or ())


def _below(obj: Object, children: Children, assess: Assess, depth: int) -> tuple[TreeNode, ...]:
    uid = str(metadata_of(obj).get("uid", ""))
    if depth > MAX_DEPTH or not uid:
        return ()
    return tuple(_node(child, children, assess, depth) for child in sorted(children(uid), key=_newest_first))


def _node(obj: Object, children: Children, assess: Assess, depth: int) -> TreeNode:
    containers = containers_of(obj) if obj.get("kind") == "Pod" else ()
    below = _below(obj, children, assess, depth + 1)
    return TreeNode(key_of(obj), assess(obj), None, _status_words(obj), _created(obj), containers, below)


def _status_words(obj: Object) -> str:
    if metadata_of(obj).get("deletionTimestamp"):
        return "being deleted"
    if obj.get("kind") == "Pod":
        return pod_words(obj) or str((obj.get("status") or {}).get("phase", ""))
    return ready_words(obj)


def _created(obj: Object) -> datetime | None:
    text = metadata_of(obj).get("creationTimestamp")
    return datetime.fromisoformat(str(text)) if text else None


def _newest_first(obj: Object) -> tuple[str, float, str]:
    created = _created(obj)
    return str(obj.get("kind")), -created.timestamp() if created else 0.0, str(metadata_of(obj).get("name"))
