"""What belongs to another object although no owner reference says so: it lives and dies with that one.

Labels are copied to such objects; tracked by label they would be taken for extras, and pruned. Source: Argo CD
gitops-engine ``pkg/cache/references.go``.
"""

from __future__ import annotations

import re

from gitops_tui.cluster.cache import ClusterCache
from gitops_tui.model.resource import Object, ResourceKey, key_of, metadata_of, name_of

TOKEN = "kubernetes.io/service-account-token"


def is_child(obj: Object, cache: ClusterCache) -> bool:
    """Owned by reference, Endpoints of a Service, the token of a ServiceAccount, or a claim of a StatefulSet."""
    if metadata_of(obj).get("ownerReferences"):
        return True
    key = key_of(obj)
    if (key.group, key.kind) == ("", "Endpoints"):
        return cache.get(ResourceKey("", "Service", key.namespace, key.name)) is not None
    if (key.group, key.kind) == ("", "Secret"):
        return obj.get("type") == TOKEN
    return (key.group, key.kind) == ("", "PersistentVolumeClaim") and _is_claimed(key, cache)


def _is_claimed(key: ResourceKey, cache: ClusterCache) -> bool:
    sets = (one for one in cache.objects("apps", "StatefulSet") if key_of(one).namespace == key.namespace)
    return any(
        re.fullmatch(rf"{re.escape(name_of(template))}-{re.escape(name_of(one))}-\d+", key.name)
        for one in sets
        for template in (one.get("spec") or {}).get("volumeClaimTemplates") or ()
    )
