"""The kinds that are served: built in (from the data file) and by CustomResourceDefinitions.

Readers take no lock: a change replaces the whole table.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files

from msgspec import Struct

from gitops_tui.model.resource import Object, split_api_version

CUSTOM_VERBS = ("delete", "deletecollection", "get", "list", "patch", "create", "update", "watch")


class Column(Struct, frozen=True):
    """A column of ``kubectl get``; ``priority`` above 0 shows with ``-o wide`` only; ``path`` is a CRD's JSONPath."""

    name: str
    type: str = "string"
    format: str = ""
    priority: int = 0
    path: str = ""


class Subresource(Struct, frozen=True):
    """``status``, ``scale`` …; ``of`` is the apiVersion of its kind where that is another one (``autoscaling/v1``)."""

    name: str
    kind: str
    of: str
    verbs: tuple[str, ...]


class CustomVersion(Struct, frozen=True):
    """What a CRD says of one version: its structural schema, and where ``scale`` finds its numbers."""

    schema: Object
    scale: Object | None = None


class ResourceType(Struct, frozen=True):
    """One served kind in one version."""

    group: str
    version: str
    plural: str
    singular: str
    kind: str
    is_namespaced: bool
    verbs: tuple[str, ...]
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    subresources: tuple[Subresource, ...] = ()
    columns: tuple[Column, ...] = ()
    custom: CustomVersion | None = None
    list_kind: str = ""

    @property
    def resource(self) -> str:
        """``deployments.apps``, ``pods``: how messages and `Store` name it."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def storage(self) -> str:
        """Where its objects are kept; both Event kinds are one."""
        return "events" if self.resource == "events.events.k8s.io" else self.resource

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def is_stored(self) -> bool:
        """False for questions such as SelfSubjectAccessReview, which are only answered."""
        return "get" in self.verbs

    def subresource(self, name: str) -> Subresource | None:
        return next((one for one in self.subresources if one.name == name), None)

    @property
    def has_status(self) -> bool:
        return self.subresource("status") is not None


@cache
def built_in_types() -> tuple[ResourceType, ...]:
    text = files("gitops_tui.sandbox").joinpath("data/resources.json").read_text(encoding="utf-8")
    return tuple(_built_in(raw) for raw in json.loads(text))


def _built_in(raw: Object) -> ResourceType:
    return ResourceType(
        group=raw["group"],
        version=raw["version"],
        plural=raw["plural"],
        singular=raw["singular"],
        kind=raw["kind"],
        is_namespaced=raw["namespaced"],
        verbs=tuple(raw["verbs"]),
        short_names=tuple(raw["shortNames"]),
        categories=tuple(raw["categories"]),
        subresources=tuple(
            Subresource(one["name"], one["kind"], one["of"], tuple(one["verbs"])) for one in raw["subresources"]
        ),
        columns=tuple(Column(*column) for column in raw.get("columns", ())),
        list_kind=f"{raw['kind']}List",
    )


def custom_types(crd: Object) -> list[ResourceType]:
    """The served versions of a CustomResourceDefinition, the stored one first."""
    versions = sorted(crd["spec"]["versions"], key=lambda version: not version.get("storage"))
    return [_custom(crd["spec"], version) for version in versions if version.get("served")]


def _custom(spec: Object, version: Object) -> ResourceType:
    names = spec["names"]
    declared = version.get("subresources") or {}
    return ResourceType(
        group=spec["group"],
        version=version["name"],
        plural=names["plural"],
        singular=names.get("singular") or names["kind"].lower(),
        kind=names["kind"],
        is_namespaced=spec["scope"] == "Namespaced",
        verbs=CUSTOM_VERBS,
        short_names=tuple(names.get("shortNames") or ()),
        categories=tuple(names.get("categories") or ()),
        subresources=_custom_subresources(names["kind"], declared),
        columns=_custom_columns(version),
        custom=CustomVersion((version.get("schema") or {}).get("openAPIV3Schema") or {}, declared.get("scale")),
        list_kind=names.get("listKind") or f"{names['kind']}List",
    )


def _custom_subresources(kind: str, declared: Object) -> tuple[Subresource, ...]:
    verbs = ("get", "patch", "update")
    found = []
    if "status" in declared:
        found.append(Subresource("status", kind, "", verbs))
    if "scale" in declared:
        found.append(Subresource("scale", "Scale", "autoscaling/v1", verbs))
    return tuple(found)


def _custom_columns(version: Object) -> tuple[Column, ...]:
    name = Column("Name", "string", "name")
    declared: Sequence[Object] = version.get("additionalPrinterColumns") or ()
    if not declared:
        return (name, Column("Age", "date", "", 0, ".metadata.creationTimestamp"))
    return (
        name,
        *(
            Column(one["name"], one["type"], one.get("format", ""), one.get("priority", 0), one["jsonPath"])
            for one in declared
        ),
    )


class Registry:
    """All served kinds. Thread-safe."""

    def __init__(self) -> None:
        self._types = {self._key(one): one for one in built_in_types()}

    @staticmethod
    def _key(one: ResourceType) -> tuple[str, str, str]:
        return one.group, one.version, one.plural

    def __iter__(self) -> Iterator[ResourceType]:
        return iter(tuple(self._types.values()))

    def find(self, group: str, version: str, plural: str) -> ResourceType | None:
        return self._types.get((group, version, plural))

    def by_resource(self, resource: str) -> ResourceType | None:
        """The preferred version of ``deployments.apps``."""
        plural, _, group = resource.partition(".")
        return next((one for one in self if one.plural == plural and one.group == group), None)

    def by_kind(self, api_version: str, kind: str) -> ResourceType | None:
        """The kind in that version, else in the group's first."""
        group, version = split_api_version(api_version)
        found = [one for one in self if one.group == group and one.kind == kind]
        return next((one for one in found if one.version == version), found[0] if found else None)

    def serve(self, types: Sequence[ResourceType]) -> None:
        """Serve these versions of one custom resource, and no others of it."""
        if types:
            self.withdraw(types[0].group, types[0].plural, keep={self._key(one): one for one in types})

    def withdraw(self, group: str, plural: str, keep: dict[tuple[str, str, str], ResourceType] | None = None) -> None:
        kept = {key: one for key, one in self._types.items() if (key[0], key[2]) != (group, plural)}
        self._types = {**kept, **(keep or {})}
