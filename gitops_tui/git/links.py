"""Whether symbolic links lead out of a directory: then its id does not say all of what is read there."""

from __future__ import annotations

from functools import lru_cache

from gitops_tui.git.objects import ObjectStore

_CACHED_TREES = 20_000
_DEEPEST = 200
"""Directories in one another; what is below is not looked at, and may be anything."""
_ANYWHERE = 1_000_000


class Links:
    """Looks at trees by their ids, at each one once. Thread-safe."""

    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects
        self._climb = lru_cache(_CACHED_TREES)(self._uncached_climb)

    def lead_out(self, tree: str) -> bool:
        """Whether any link below a tree may lead to something that is not below it."""
        return self._climb(tree, 0) > 0

    def _uncached_climb(self, tree: str, depth: int) -> int:
        """How many levels above itself the links below a tree lead at most."""
        if depth > _DEEPEST:
            return _ANYWHERE
        children = self._objects.children(tree)
        links = (_ups(self._objects.read(child.oid).content) for child in children if child.kind == "symlink")
        below = (self._climb(child.oid, depth + 1) - 1 for child in children if child.kind == "tree")
        return max((0, *links, *below))


def _ups(target: bytes) -> int:
    """How far up a link may lead; one that turns back on its way goes through what may be a link itself."""
    parts = [part for part in target.split(b"/") if part not in (b"", b".")]
    ups = next((number for number, part in enumerate(parts) if part != b".."), len(parts))
    return _ANYWHERE if target.startswith(b"/") or b".." in parts[ups:] else ups
