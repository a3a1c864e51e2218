"""Objects as they were read last, found by key, kind, application, owner and uid. Its owner's lock protects it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import TypeVar

from gitops_tui.model.resource import GroupKind, Object, ResourceKey, metadata_of

T = TypeVar("T")


class HeldObjects:
    """``get`` and ``by_uid`` may be asked without the lock."""

    def __init__(self, index_of: Callable[[Object], str | None]) -> None:
        self._index_of = index_of
        self._objects: dict[ResourceKey, Object] = {}
        self._by_kind: dict[GroupKind, set[ResourceKey]] = defaultdict(set)
        self._by_index: dict[str, set[ResourceKey]] = defaultdict(set)
        self._indexed_as: dict[ResourceKey, str] = {}
        self._by_owner: dict[str, set[ResourceKey]] = defaultdict(set)
        self._by_uid: dict[str, ResourceKey] = {}

    def __len__(self) -> int:
        return len(self._objects)

    def get(self, key: ResourceKey) -> Object | None:
        return self._objects.get(key)

    def by_uid(self, uid: str) -> Object | None:
        key = self._by_uid.get(uid)
        return self._objects.get(key) if key else None

    def of_kind(self, kind: GroupKind) -> tuple[ResourceKey, ...]:
        return tuple(self._by_kind.get(kind, ()))

    def objects(self, kind: GroupKind) -> list[Object]:
        return [self._objects[key] for key in self._by_kind.get(kind, ())]

    def indexed(self, name: str) -> list[Object]:
        return [self._objects[key] for key in self._by_index.get(name, ())]

    def owned_by(self, uid: str) -> list[Object]:
        return [self._objects[key] for key in self._by_owner.get(uid, ())]

    def put(self, key: ResourceKey, obj: Object) -> bool:
        """Whether it is new or another version."""
        old = self._objects.get(key)
        metadata = metadata_of(obj)
        if old is not None:
            if metadata_of(old).get("resourceVersion") == metadata.get("resourceVersion"):
                return False
            self._unlink(key, old)
        self._objects[key] = obj
        self._by_kind[key.group_kind].add(key)
        self._index(key, obj)
        for reference in metadata.get("ownerReferences") or ():
            self._by_owner[str(reference.get("uid"))].add(key)
        self._by_uid[str(metadata.get("uid"))] = key
        return True

    def remove(self, key: ResourceKey) -> Object | None:
        old = self._objects.pop(key, None)
        if old is not None:
            self._unlink(key, old)
            _discard(self._by_kind, key.group_kind, key)
        return old

    def reindex(self) -> None:
        """``index_of`` gives other names by now."""
        self._by_index.clear()
        self._indexed_as.clear()
        for key, obj in self._objects.items():
            self._index(key, obj)

    def _index(self, key: ResourceKey, obj: Object) -> None:
        name = self._index_of(obj)
        if name is not None:
            self._by_index[name].add(key)
            self._indexed_as[key] = name

    def _unlink(self, key: ResourceKey, obj: Object) -> None:
        """By the name that it was given: by now ``index_of`` may give another."""
        metadata = metadata_of(obj)
        name = self._indexed_as.pop(key, None)
        if name is not None:
            _discard(self._by_index, name, key)
        for reference in metadata.get("ownerReferences") or ():
            _discard(self._by_owner, str(reference.get("uid")), key)
        self._by_uid.pop(str(metadata.get("uid")), None)


def _discard(index: dict[T, set[ResourceKey]], name: T, key: ResourceKey) -> None:
    keys = index.get(name)
    if keys is not None:
        keys.discard(key)
        if not keys:
            del index[name]
