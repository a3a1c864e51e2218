"""Quantities as the API server writes them back: ``1000m`` is ``1``."""

from __future__ import annotations

from gitops_tui.manifest.quantity import canonical
from gitops_tui.model.resource import Object
from gitops_tui.sandbox.failure import bad_request

_PATTERN = r"^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$"


def normalize(amounts: Object | None) -> None:
    """Rewrite the values of a resource list, in place. Raises `Invalid` (400) for what is no quantity."""
    for name, value in (amounts or {}).items():
        try:
            (amounts or {})[name] = canonical(value)
        except ValueError as error:
            raise bad_request(f"quantities must match the regular expression '{_PATTERN}'") from error


def normalize_requirements(resources: Object | None) -> None:
    """``limits`` and ``requests``, in place."""
    for field in ("limits", "requests"):
        normalize((resources or {}).get(field))
