"""What the merge rules need of a type: its shape, what identifies list items, and who may own parts of it.

Compiled from OpenAPI v3 as kube-apiserver compiles its own (kube-openapi ``schemaconv``): a list is atomic unless
``x-kubernetes-list-type`` (or the older patch strategy) says otherwise, a map is granular unless
``x-kubernetes-map-type: atomic``, and what has no type may be anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from msgspec import Struct, field
from msgspec.structs import force_setattr, replace

from gitops_tui.structured.filled import FILLED

Json = dict[str, Any]
ListType = Literal["atomic", "set", "map"]
Scalar = Literal["", "string", "numeric", "boolean", "untyped"]

_REF_PREFIX = "#/components/schemas/"
_GVK = "x-kubernetes-group-version-kind"
_PRESERVE = "x-kubernetes-preserve-unknown-fields"
_QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
_RAW_EXTENSION = "io.k8s.apimachinery.pkg.runtime.RawExtension"


class PatchRule(Struct, frozen=True):
    """How a strategic merge patch treats one field: the merge key of its list and its strategies."""

    merge_key: str = ""
    strategies: frozenset[str] = frozenset()


class SchemaNode(Struct, frozen=True, eq=False):
    """One type. It may be several things at once: a type that OpenAPI leaves open is scalar, list and map.

    The mappings are filled while a schema is compiled and never after; nodes are shared and may form cycles.
    """

    scalar: Scalar = ""
    is_bytes: bool = False
    """The text is base64, which a built-in type reads and writes anew."""
    is_map: bool = False
    is_list: bool = False
    is_atomic: bool = False
    """The map is owned as a whole."""
    fields: Mapping[str, SchemaNode] = field(default_factory=dict)
    values: SchemaNode | None = None
    """The type of the keys that ``fields`` does not name; None where there may be none."""
    list_type: ListType = "atomic"
    keys: tuple[str, ...] = ()
    """What identifies an item of a list of type ``map``, in alphabetical order."""
    items: SchemaNode | None = None
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """Default by field, as published: of built-in types ``{}`` and zero values mean that Go always writes them."""
    filled: Mapping[str, Any] = field(default_factory=dict)
    """Default by field that only the server's code knows (`gitops_tui.structured.filled`)."""
    required: frozenset[str] = frozenset()
    patch: Mapping[str, PatchRule] = field(default_factory=dict)
    is_embedded: bool = False
    """Built from a CustomResourceDefinition: defaults are values, and there is no strategic merge patch."""
    has_status: bool = False
    """The kind has a ``/status`` subresource; only set on the root of a kind."""

    @property
    def is_free_form(self) -> bool:
        """A map without a field of its own that takes anything: its typing is deduced from the values."""
        return not self.fields and self.values is not None and self.values.scalar == "untyped"

    def child(self, name: str) -> SchemaNode | None:
        """The type of a field or map value; None where the schema knows no such field."""
        return self.fields.get(name) or self.values

    @classmethod
    def from_crd_schema(cls, schema: Json, *, has_status: bool = False) -> SchemaNode:
        """Compile ``spec.versions[*].schema.openAPIV3Schema``; the metadata that every object has is added."""
        properties = {**schema.get("properties", {}), "metadata": {"$ref": _REF_PREFIX + "metadata"}}
        for name in ("apiVersion", "kind"):
            properties.setdefault(name, {"type": "string"})
        compiler = _Compiler({"metadata": OBJECT_META})
        node = compiler.compile({**schema, "properties": properties}, preserve=False)
        return replace(node, is_embedded=True, has_status=has_status)


UNTYPED_SCALAR = SchemaNode(scalar="untyped")


def _open_node(*, atomic: bool, list_items: SchemaNode | None) -> SchemaNode:
    """A type that takes anything and whose map values are of the same type again."""
    node = SchemaNode(scalar="untyped", is_map=True, is_list=True, is_atomic=atomic, items=list_items)
    force_setattr(node, "values", node)
    if list_items is None:
        force_setattr(node, "items", node)
    return node


UNTYPED = _open_node(atomic=True, list_items=None)
"""Anything, owned as a whole (``RawExtension``, items of open lists)."""
DEDUCED = _open_node(atomic=False, list_items=UNTYPED)
"""What unknown kinds and preserved unknown fields are: maps granular, lists atomic."""

OBJECT_META: Json = {
    "type": "object",
    "properties": {
        "annotations": {"type": "object", "additionalProperties": {"type": "string"}},
        "creationTimestamp": {"type": "string", "format": "date-time"},
        "deletionGracePeriodSeconds": {"type": "integer"},
        "deletionTimestamp": {"type": "string", "format": "date-time"},
        "finalizers": {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"},
        "generateName": {"type": "string"},
        "generation": {"type": "integer"},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "managedFields": {"type": "array", "x-kubernetes-list-type": "atomic"},
        "name": {"type": "string"},
        "namespace": {"type": "string"},
        "ownerReferences": {
            "type": "array",
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["uid"],
            "items": {
                "type": "object",
                "x-kubernetes-map-type": "atomic",
                "properties": {
                    **{name: {"type": "string"} for name in ("apiVersion", "kind", "name", "uid")},
                    **{name: {"type": "boolean"} for name in ("blockOwnerDeletion", "controller")},
                },
            },
        },
        "resourceVersion": {"type": "string"},
        "selfLink": {"type": "string"},
        "uid": {"type": "string"},
    },
}
"""``ObjectMeta`` in the structural terms of a CRD, for schemas that do not spell it out."""


class Schemas:
    """Types by kind, compiled when first asked for. Built once from documents, safe to share."""

    def __init__(self, documents: Iterable[Json] = (), kinds: Mapping[tuple[str, str], SchemaNode] | None = None):
        self._components: dict[tuple[str, str], tuple[_Compiler, str, bool]] = {}
        self._compilers: list[_Compiler] = []
        self._nodes: dict[tuple[str, str], SchemaNode] = dict(kinds or {})
        for document in documents:
            self._add(document)

    @classmethod
    def from_openapi_v3(cls, documents: Iterable[Json]) -> Schemas:
        """From answers of ``/openapi/v3/api/v1`` and ``/openapi/v3/apis/<group>/<version>``."""
        return cls(documents)

    def with_kind(self, api_version: str, kind: str, node: SchemaNode) -> Schemas:
        """The same with one kind added or replaced; what is compiled already is shared."""
        other = Schemas(kinds={**self._nodes, (api_version, kind): node})
        other._components, other._compilers = self._components, self._compilers
        return other

    def for_kind(self, api_version: str, kind: str) -> SchemaNode | None:
        """The type of a kind; None where the documents do not tell, which the merge takes as deduced typing."""
        key = (api_version, kind)
        node = self._nodes.get(key)
        if node is None and key in self._components:
            compiler, name, has_status = self._components[key]
            node = self._nodes[key] = replace(compiler.named(name), has_status=has_status)
        return node

    def named(self, name: str) -> SchemaNode | None:
        """A type by its name in OpenAPI, as ``io.k8s.api.core.v1.PodSpec``; None where no document has it."""
        return next((one.named(name) for one in self._compilers if name in one), None)

    def __contains__(self, key: tuple[str, str]) -> bool:
        return key in self._nodes or key in self._components

    def _add(self, document: Json) -> None:
        components = document.get("components", {}).get("schemas", {})
        compiler = _Compiler(components)
        self._compilers.append(compiler)
        with_status = _kinds_with_status(document.get("paths", {}))
        for name, schema in components.items():
            kinds = schema.get(_GVK, ())
            if len(kinds) == 1:
                key = _kind_key(kinds[0])
                self._components[key] = (compiler, name, key in with_status)


def _kind_key(gvk: Json) -> tuple[str, str]:
    group, version = gvk.get("group", ""), gvk["version"]
    return (f"{group}/{version}" if group else version, gvk["kind"])


def _kinds_with_status(paths: Json) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for path, operations in paths.items():
        if path.endswith("/{name}/status"):
            found.update(_kind_key(op[_GVK]) for op in operations.values() if isinstance(op, dict) and _GVK in op)
    return found


class _Compiler:
    """One document's component schemas, compiled into shared nodes."""

    def __init__(self, components: Mapping[str, Json]) -> None:
        self._components = components
        self._named: dict[str, SchemaNode] = {_QUANTITY: UNTYPED_SCALAR, _RAW_EXTENSION: UNTYPED}
        self._pending: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return name in self._components

    def named(self, name: str) -> SchemaNode:
        node = self._named.get(name)
        if node is None:
            if name in self._pending or name not in self._components:
                return DEDUCED
            self._pending.add(name)
            node = self._build(self._components[name], preserve=False, name=name)
        return node

    def compile(self, schema: Json, *, preserve: bool) -> SchemaNode:
        """The type of a property, an item or a map value: a reference, or a schema in place."""
        name = _reference(schema)
        if not name:
            return self._build(schema, preserve=preserve)
        node = self.named(name)
        relation = schema.get("x-kubernetes-map-type")
        if relation and node.is_map:
            return replace(node, is_atomic=relation == "atomic")
        return node

    def _build(self, schema: Json, *, preserve: bool, name: str = "") -> SchemaNode:
        preserve = preserve or schema.get(_PRESERVE) is True
        kind = schema.get("type", "")
        if kind in ("string", "integer", "number", "boolean"):
            text_format = schema.get("format", "")
            node = SchemaNode(scalar=_scalar(kind, text_format), is_bytes=kind == "string" and text_format == "byte")
        else:
            node = self._container(schema, kind, preserve, name)
        if name:
            self._named[name] = node
        self._fill(node, schema, preserve)
        return node

    def _container(self, schema: Json, kind: str, preserve: bool, name: str) -> SchemaNode:
        is_map, is_list = kind in ("object", ""), kind in ("array", "")
        list_type, keys = _list_type(schema) if is_list else ("atomic", ())
        return SchemaNode(
            scalar="" if kind else "untyped",
            is_map=is_map,
            is_list=is_list,
            is_atomic=schema.get("x-kubernetes-map-type") == "atomic",
            values=self._values(schema, preserve) if is_map else None,
            list_type=list_type,
            keys=keys,
            items=self._items(schema, preserve) if is_list else None,
            filled=FILLED.get(name, {}),
            required=frozenset(schema.get("required", ())),
        )

    def _values(self, schema: Json, preserve: bool) -> SchemaNode | None:
        additional = schema.get("additionalProperties")
        if additional is None:
            return DEDUCED if preserve or not schema.get("properties") else None
        if isinstance(additional, dict):
            return self.compile(additional, preserve=preserve)
        return DEDUCED if additional else None

    def _items(self, schema: Json, preserve: bool) -> SchemaNode:
        items = schema.get("items")
        return self.compile(items, preserve=preserve) if isinstance(items, dict) else UNTYPED

    def _fill(self, node: SchemaNode, schema: Json, preserve: bool) -> None:
        """Add the fields last, so that a type may contain itself."""
        if not node.is_map:
            return
        fields, defaults, patch = node.fields, node.defaults, node.patch
        assert isinstance(fields, dict) and isinstance(defaults, dict) and isinstance(patch, dict)
        for name, member in schema.get("properties", {}).items():
            fields[name] = self.compile(member, preserve=preserve)
            if "default" in member:
                defaults[name] = member["default"]
            rule = _patch_rule(member)
            if rule:
                patch[name] = rule


def _reference(schema: Json) -> str:
    """The name that a schema refers to, also from inside a single ``allOf``; empty where it stands for itself."""
    reference = schema.get("$ref", "")
    if not reference and len(schema.get("allOf", ())) == 1:
        reference = schema["allOf"][0].get("$ref", "")
    return str(reference).rpartition("/")[2]


def _scalar(kind: str, text_format: str) -> Scalar:
    if kind == "boolean":
        return "boolean"
    if kind in ("integer", "number"):
        return "numeric"
    return "string" if text_format in ("", "byte") else "untyped"


def _list_type(schema: Json) -> tuple[ListType, tuple[str, ...]]:
    declared = schema.get("x-kubernetes-list-type")
    if declared == "map":
        return "map", tuple(sorted(schema.get("x-kubernetes-list-map-keys", ())))
    if declared is None and "merge" in schema.get("x-kubernetes-patch-strategy", "").split(","):
        key = schema.get("x-kubernetes-patch-merge-key")
        return ("map", (key,)) if key else ("set", ())
    return ("set" if declared == "set" else "atomic"), ()


def _patch_rule(schema: Json) -> PatchRule | None:
    strategy = schema.get("x-kubernetes-patch-strategy", "")
    key = schema.get("x-kubernetes-patch-merge-key", "")
    if not strategy and not key:
        return None
    return PatchRule(merge_key=key, strategies=frozenset(filter(None, strategy.split(","))))
