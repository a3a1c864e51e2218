"""What kube-apiserver fills in where it is left out, inside values that are owned as a whole.

OpenAPI does not publish these defaults: they are code (``SetDefaults_*`` in ``pkg/apis/*/v1/defaults.go``, 1.37). In a
granular value a default is a field of its own that nobody owns; in an atomic one it makes the whole value differ from
what was applied, although an apply would change nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from gitops_tui.structured.schema import SchemaNode

_CORE: Final = "io.k8s.api.core.v1."

FILLED: Final[Mapping[str, Mapping[str, Any]]] = {
    f"{_CORE}ObjectFieldSelector": {"apiVersion": "v1"},
    f"{_CORE}ResourceFieldSelector": {"divisor": "0"},
    f"{_CORE}ServiceAccountTokenProjection": {"expirationSeconds": 3600},
    f"{_CORE}PersistentVolumeClaim": {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "status": {"phase": "Pending"},
    },
    f"{_CORE}PersistentVolumeClaimSpec": {"volumeMode": "Filesystem"},
    "io.k8s.api.networking.v1.NetworkPolicyPort": {"protocol": "TCP"},
    "io.k8s.api.batch.v1.PodFailurePolicyOnPodConditionsPattern": {"status": "True"},
}
"""By the name of the type in OpenAPI."""


def filled(value: Any, node: SchemaNode | None) -> Any:
    """``value`` with these defaults, at any depth; shares what it does not change."""
    if node is None:
        return value
    if isinstance(value, list):
        return [filled(item, node.items) for item in value]
    if not isinstance(value, dict):
        return value
    return {**node.filled, **{name: filled(member, node.child(name)) for name, member in value.items()}}
