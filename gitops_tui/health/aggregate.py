"""The health of an application from its managed objects (semantics 1.11, Argo CD ``controller/health.go``)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from gitops_tui.model.resource import GroupKind, ResourceKey
from gitops_tui.model.status import Health, HealthStatus

APPLICATION = GroupKind("argoproj.io", "Application")


class Judged(Struct, frozen=True):
    """One managed object as aggregation sees it. ``health`` None: its kind has no rule.

    ``is_left_out``: a hook, an ignored or ``Skip`` object: it does not even count as a resource of the application.
    ``is_ignored``: it counts as a resource, but its health does not (``ignore-healthcheck``, the application itself).
    """

    key: ResourceKey
    health: Health | None = None
    is_live: bool = True
    is_left_out: bool = False
    is_ignored: bool = False


def application_health(resources: Iterable[Judged]) -> Health:
    """The worst of what counts. What is missing only counts when nothing at all is live; the message names causes."""
    counted = [one for one in resources if not one.is_left_out]
    if counted and not any(one.is_live for one in counted):
        return Health(HealthStatus.MISSING)
    judged = [one for one in counted if _counts(one)]
    worst = max((_status(one) for one in judged), key=lambda status: status.badness, default=HealthStatus.HEALTHY)
    if worst is HealthStatus.HEALTHY:
        return Health(worst)
    return Health(worst, _causes([one.key for one in judged if _status(one) is worst]))


def _counts(one: Judged) -> bool:
    if not one.is_live or one.is_ignored or one.health is None:
        return False
    is_child = one.key.group_kind == APPLICATION
    return not (is_child and one.health.status in (HealthStatus.MISSING, HealthStatus.UNKNOWN))


def _status(one: Judged) -> HealthStatus:
    return one.health.status if one.health else HealthStatus.HEALTHY


def _causes(keys: Sequence[ResourceKey]) -> str:
    return "Caused by " + ", ".join(f"{key.group_kind}:{key.namespace}/{key.name}" for key in keys)
