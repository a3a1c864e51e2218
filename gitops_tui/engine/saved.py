"""Every object that is deleted is saved first, whole, readable only by whoever ran this (Secrets are in clear)."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from gitops_tui.errors import OperationError
from gitops_tui.manifest.encode import to_yaml
from gitops_tui.model.application import AppKey
from gitops_tui.model.resource import Object, key_of

SERVER_FIELDS = ("uid", "resourceVersion", "creationTimestamp", "deletionTimestamp", "generation", "managedFields",
                 "deletionGracePeriodSeconds", "selfLink")  # fmt: skip


class SavedObjects:
    """A folder an application; a file an object, named by time, kind and name, ready for ``kubectl create -f``."""

    def __init__(self, folder: Path, clock: Callable[[], datetime]) -> None:
        self._folder = folder
        self._clock = clock

    def save(self, app: AppKey, obj: Object) -> Path:
        """Write ``obj`` durably before it is deleted; `OperationError` where that fails: then nothing is deleted."""
        key = key_of(obj)
        at = self._clock().astimezone(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        name = _safe(f"{at}-{key.kind}-{key.namespace}-{key.name}") + ".yaml"
        path = self._folder / _safe(f"{app.namespace}_{app.name}") / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(to_yaml(restorable(obj)))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise OperationError(
                f"{key.short} cannot be saved before it is deleted: {error.strerror}",
                hint=f"Make room in {self._folder}, or make it writable.",
                resource=str(key),
            ) from error
        return path


def restorable(obj: Object) -> Object:
    """The object as it can be created again: without what the server sets."""
    metadata = {key: value for key, value in (obj.get("metadata") or {}).items() if key not in SERVER_FIELDS}
    return {**{key: value for key, value in obj.items() if key != "status"}, "metadata": metadata}


def _safe(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "_", text)[:200]
