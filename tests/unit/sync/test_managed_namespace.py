"""The destination namespace whose metadata an Application manages."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from gitops_tui.model.application import Application, parse_application
from gitops_tui.model.operation import Operation, OperationState, SyncResult
from gitops_tui.model.reader import Origin
from gitops_tui.model.resource import ResourceKey
from gitops_tui.model.status import OperationPhase
from gitops_tui.sync.managed_namespace import is_metadata_pending, managed_namespace, metadata_json

SHOP = ResourceKey("", "Namespace", "", "shop")


def app(metadata: Any) -> Application:
    spec = {
        "project": "default",
        "source": {"repoURL": "https://git.example.com/shop.git", "path": "."},
        "destination": {"server": "https://kubernetes.default.svc", "namespace": "shop"},
        "syncPolicy": {} if metadata is None else {"managedNamespaceMetadata": metadata},
    }
    return parse_application({"metadata": {"name": "shop"}, "spec": spec}, origin=Origin())


@pytest.mark.parametrize(
    ("wanted", "synced", "is_pending"),
    [
        (None, {"labels": {"team": "blue"}}, False),
        ({}, None, True),
        ({}, {}, False),
        ({"labels": {"team": "blue"}}, {}, True),
        ({"labels": {"team": "blue"}}, {"labels": {"team": "blue"}}, False),
        ({"labels": {"team": "blue"}, "annotations": {}}, {"labels": {"team": "blue"}}, False),
        ({"labels": {"team": "red"}}, {"labels": {"team": "blue"}}, True),
    ],
)
def test_metadata_that_was_not_synced_is_pending(wanted: Any, synced: Any, is_pending: bool) -> None:
    """Argo CD ``HasChangedManagedNamespaceMetadata``."""
    result = SyncResult.from_json(SyncResult(managed_namespace_metadata=synced).to_json())
    last = OperationState(Operation(), OperationPhase.SUCCEEDED, sync_result=result)
    assert is_metadata_pending(app(wanted), last) is is_pending
    assert not is_metadata_pending(app(wanted), replace(last, sync_result=None))
    assert not is_metadata_pending(app(wanted), None)


def test_the_tracked_destination_namespace_is_compared_with_its_metadata() -> None:
    found = managed_namespace(app({"labels": {"team": "blue"}}), SHOP)
    assert found is not None
    assert found["metadata"]["labels"] == {"team": "blue"}
    assert managed_namespace(app({}), replace(SHOP, name="other")) is None
    assert managed_namespace(app({}), replace(SHOP, kind="ConfigMap")) is None
    assert managed_namespace(app(None), SHOP) is None, "it is pruned as anything that left Git"
    assert metadata_json(None) is None
