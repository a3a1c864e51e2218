"""The type of an object in a case; of API versions that are gone, that of the one that is served."""

from __future__ import annotations

from gitops_tui.model.resource import Object, split_api_version
from gitops_tui.structured import builtin
from gitops_tui.structured.schema import SchemaNode

SERVED = ("v1", "v2", "v1beta1")


def schema_of(obj: Object | None) -> SchemaNode | None:
    if not obj or not obj.get("apiVersion"):
        return None
    kind, api_version = obj["kind"], obj["apiVersion"]
    group, _ = split_api_version(api_version)
    schemas = builtin.schemas()
    versions = (api_version, *(f"{group}/{version}" if group else version for version in SERVED))
    return next((node for one in versions if (node := schemas.for_kind(one, kind)) is not None), None)
