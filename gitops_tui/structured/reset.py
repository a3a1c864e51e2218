"""Fields that a request may carry and that the server ignores: status in the main resource, the rest in ``/status``."""

from __future__ import annotations

from gitops_tui.structured.fieldset import EMPTY, FieldSet
from gitops_tui.structured.schema import SchemaNode
from gitops_tui.structured.skeleton import is_go_kind

_STATUS = FieldSet.of([("f:status",)])
_SPEC = FieldSet.of([("f:spec",)])
_CUSTOM = FieldSet.of([("f:metadata",), ("f:spec",)])

_STATUS_RESETS = {
    "Deployment": FieldSet.of([("f:spec",), ("f:metadata", "f:labels")]),
    "Pod": FieldSet.of([("f:spec",), ("f:metadata", "f:deletionTimestamp"), ("f:metadata", "f:ownerReferences")]),
    "CustomResourceDefinition": _CUSTOM,
}


def reset_fields(schema: SchemaNode | None, kind: str, subresource: str) -> FieldSet:
    """What nobody comes to own through this resource or subresource."""
    if schema is None:
        return EMPTY
    if not subresource:
        return _STATUS if schema.has_status else EMPTY
    if subresource != "status":
        return EMPTY
    if not is_go_kind(schema):
        return _CUSTOM
    return _STATUS_RESETS.get(kind, _SPEC)
