"""PersistentVolumeClaim (semantics 1.11)."""

from __future__ import annotations

from gitops_tui.health.field import status, text
from gitops_tui.model.resource import Object
from gitops_tui.model.status import Health, HealthStatus

_CLAIM_PHASES = {
    "Bound": HealthStatus.HEALTHY,
    "Pending": HealthStatus.PROGRESSING,
    "Lost": HealthStatus.DEGRADED,
}


def persistent_volume_claim(obj: Object) -> Health:
    return Health(_CLAIM_PHASES.get(text(status(obj), "phase"), HealthStatus.UNKNOWN))
