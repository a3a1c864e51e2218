"""The container images that an object declares (Argo CD ``kube.GetResourceImages``)."""

from __future__ import annotations

from typing import Any

from gitops_tui.model.resource import Object

PATHS = (
    ("spec", "containers"),
    ("spec", "template", "spec", "containers"),
    ("spec", "jobTemplate", "spec", "template", "spec", "containers"),
)
"""A pod's own, those of a workload's template, those of a CronJob's; the first that is there counts."""


def images_of(obj: Object) -> tuple[str, ...]:
    """In the order in which the containers stand; those of init containers are not among them."""
    for path in PATHS:
        found: Any = obj
        for word in path:
            found = found.get(word) if isinstance(found, dict) else None
        if isinstance(found, list):
            images = (one.get("image") for one in found if isinstance(one, dict))
            return tuple(image for image in images if isinstance(image, str) and image)
    return ()
