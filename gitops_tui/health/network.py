"""Service, Ingress and APIService (semantics 1.11)."""

from __future__ import annotations

from gitops_tui.health.field import condition, fields, spec, status, text
from gitops_tui.health.verdict import healthy, progressing
from gitops_tui.model.resource import Object
from gitops_tui.model.status import Health


def service(obj: Object) -> Health:
    """Only a load balancer can be waited for: it has an address or not."""
    if spec(obj).get("type") != "LoadBalancer" or _has_address(obj):
        return healthy()
    return progressing()


def ingress(obj: Object) -> Health:
    return healthy() if _has_address(obj) else progressing()


def _has_address(obj: Object) -> bool:
    return bool(fields(status(obj), "loadBalancer").get("ingress"))


def api_service(obj: Object) -> Health:
    found = condition(obj, "Available")
    if found is None:
        return progressing("Waiting to be processed")
    message = f"{text(found, 'reason')}: {text(found, 'message')}"
    return healthy(message) if found.get("status") == "True" else progressing(message)
