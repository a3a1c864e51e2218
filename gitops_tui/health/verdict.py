"""Short names for the judgements, so that a rule reads like its row in the table."""

from __future__ import annotations

from gitops_tui.model.status import Health, HealthStatus


def healthy(message: str = "") -> Health:
    return Health(HealthStatus.HEALTHY, message)


def suspended(message: str = "") -> Health:
    return Health(HealthStatus.SUSPENDED, message)


def progressing(message: str = "") -> Health:
    return Health(HealthStatus.PROGRESSING, message)


def degraded(message: str = "") -> Health:
    return Health(HealthStatus.DEGRADED, message)


def unknown(message: str = "") -> Health:
    return Health(HealthStatus.UNKNOWN, message)
