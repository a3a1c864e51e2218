"""The destination namespace whose labels and annotations an Application manages (``managedNamespaceMetadata``).

Nothing in Git declares it. Source: Argo CD ``controller/state.go`` (``isManagedNamespace``) and ``types.go``
(``HasChangedManagedNamespaceMetadata``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitops_tui.model.application import Application
from gitops_tui.model.operation import OperationState
from gitops_tui.model.resource import Object, ResourceKey
from gitops_tui.sync.tasklist import namespace_object
from gitops_tui.sync.tasks import NAMESPACE

Metadata = Mapping[str, Mapping[str, str]]


def managed_namespace(app: Application, key: ResourceKey) -> Object | None:
    """What a namespace that is tracked and not in Git is compared with, so that it is not pruned; None where it is
    not the destination's or its metadata is not managed.
    """
    metadata = app.sync_policy.managed_namespace_metadata
    if metadata is None or key.group_kind != NAMESPACE or key.name != app.destination.namespace:
        return None
    return namespace_object(key.name, metadata)


def metadata_json(metadata: Metadata | None) -> dict[str, Any] | None:
    """As ``status.operationState.syncResult.managedNamespaceMetadata`` keeps it: what is empty is left out."""
    if metadata is None:
        return None
    return {part: dict(values) for part, values in metadata.items() if values}


def is_metadata_pending(app: Application, operation: OperationState | None) -> bool:
    """Whether the metadata is not that of the last sync: the application is OutOfSync until the next one."""
    wanted = metadata_json(app.sync_policy.managed_namespace_metadata)
    result = operation.sync_result if operation else None
    return wanted is not None and result is not None and metadata_json(result.managed_namespace_metadata) != wanted
