"""What every namespace has by itself and nobody misses (semantics 1.12, "orphans").

Source: Argo CD ``controller/appcontroller.go``, isKnownOrphanedResourceExclusion.
"""

from __future__ import annotations

from gitops_tui.model.resource import ResourceKey

BY_ITSELF = (("ServiceAccount", "default"), ("Service", "kubernetes"), ("ConfigMap", "kube-root-ca.crt"))
STATE_PREFIX = "gitops-tui-"
"""Our own state, where Applications come from files (`gitops_tui.engine.state`)."""


def is_never_orphaned(key: ResourceKey) -> bool:
    """Whether an object that no application has is still none that somebody left behind; Applications are none."""
    if key.group == "argoproj.io":
        return True
    if key.group:
        return False
    if (key.kind, key.name) in BY_ITSELF:
        return key.kind != "Service" or key.namespace == "default"
    return key.kind == "ConfigMap" and key.name.startswith(STATE_PREFIX)
