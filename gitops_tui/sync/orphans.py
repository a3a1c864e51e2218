"""Orphaned resources: what lives in an application's namespace and is no application's (semantics 1.12).

Source: Argo CD ``controller/appcontroller.go``, isKnownOrphanedResourceExclusion and getResourceTree.
"""

from __future__ import annotations

from gitops_tui.model.glob import match
from gitops_tui.model.operation import Condition
from gitops_tui.model.project import KindRule, OrphanedResources
from gitops_tui.model.resource import ResourceKey
from gitops_tui.model.status import ConditionType

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


def is_ignored(key: ResourceKey, settings: OrphanedResources) -> bool:
    """Whether the project's ``ignore`` names the object; kind and name may be left out, no group is the core group."""
    return any(_matches(rule, key) for rule in settings.ignore)


def _matches(rule: KindRule, key: ResourceKey) -> bool:
    is_kind = not rule.kind or match(rule.kind, key.kind)
    return is_kind and match(rule.group, key.group) and (not rule.name or match(rule.name, key.name))


def warning(count: int, settings: OrphanedResources) -> Condition | None:
    """The condition of an application with orphans, where its project asks to be warned."""
    if not count or not settings.warn:
        return None
    message = f"Application has {count} orphaned resources"
    return Condition(ConditionType.ORPHANED_RESOURCE_WARNING.value, message)
