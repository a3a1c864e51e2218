"""The merge schema of each served kind: Kubernetes' published ones for built-in kinds, the CRD's for custom ones."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from gitops_tui.sandbox.registry import ResourceType
from gitops_tui.structured.schema import SchemaNode

if TYPE_CHECKING:
    from gitops_tui.structured.schema import Schemas


@lru_cache(maxsize=1)
def _built_in() -> Schemas:
    from gitops_tui.structured.builtin import schemas

    return schemas()


class SchemaBook:
    """Schemas by kind, compiled when first asked for."""

    def __init__(self) -> None:
        self._custom: dict[int, tuple[ResourceType, SchemaNode]] = {}

    def of(self, kind: ResourceType) -> SchemaNode | None:
        if kind.custom is None:
            return _built_in().for_kind(*_stored_kind(kind))
        found = self._custom.get(id(kind))
        if found is None or found[0] is not kind:
            node = SchemaNode.from_crd_schema(kind.custom.schema, has_status=kind.has_status)
            found = self._custom[id(kind)] = (kind, node)
        return found[1]


def _stored_kind(kind: ResourceType) -> tuple[str, str]:
    if kind.storage == kind.resource:
        return kind.api_version, kind.kind
    return "v1", kind.kind
