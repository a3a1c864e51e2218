"""What an object is and how it is named.

Objects stay the plain dictionaries that JSON gives, from the wire to the screen; nobody mutates one that
was handed over. ``target`` comes from Git, ``live`` from the cluster, ``predicted`` is what the API server
would hold after an apply.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from msgspec import Struct

Object: TypeAlias = dict[str, Any]
"""A Kubernetes object as JSON gives it."""


class GroupKind(Struct, frozen=True, order=True):
    """A kind without its version; the core group is ``""``."""

    group: str
    kind: str

    def __str__(self) -> str:
        return f"{self.group}/{self.kind}" if self.group else self.kind


class ResourceKey(Struct, frozen=True, order=True):
    """Names one object in one cluster; ``namespace`` is ``""`` for cluster-scoped kinds."""

    group: str
    kind: str
    namespace: str
    name: str

    @property
    def group_kind(self) -> GroupKind:
        return GroupKind(self.group, self.kind)

    @property
    def short(self) -> str:
        """``Kind/name``, as people say it."""
        return f"{self.kind}/{self.name}"

    def __str__(self) -> str:
        return f"{self.group}/{self.kind}/{self.namespace}/{self.name}"


def split_api_version(api_version: str) -> tuple[str, str]:
    """``"apps/v1" -> ("apps", "v1")``; ``"v1" -> ("", "v1")``."""
    group, slash, version = api_version.partition("/")
    return (group, version) if slash else ("", group)


def group_of(obj: Object) -> str:
    group, slash, _ = str(obj.get("apiVersion") or "").partition("/")
    return group if slash else ""


def metadata_of(obj: Object) -> Object:
    """The object's metadata, or an empty dictionary: never None."""
    found = obj.get("metadata")
    return found if isinstance(found, dict) else {}


def annotations_of(obj: Object) -> dict[str, str]:
    found = metadata_of(obj).get("annotations")
    return found if isinstance(found, dict) else {}


def labels_of(obj: Object) -> dict[str, str]:
    found = metadata_of(obj).get("labels")
    return found if isinstance(found, dict) else {}


def name_of(obj: Object) -> str:
    return str(metadata_of(obj).get("name") or "")


def namespace_of(obj: Object) -> str:
    return str(metadata_of(obj).get("namespace") or "")


def key_of(obj: Object) -> ResourceKey:
    """Asked a dozen times of each object in a comparison, so that it looks into the metadata once."""
    metadata = metadata_of(obj)
    namespace, name = str(metadata.get("namespace") or ""), str(metadata.get("name") or "")
    return ResourceKey(group_of(obj), str(obj.get("kind") or ""), namespace, name)
