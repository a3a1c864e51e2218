"""What only the API server knows: what an apply really gives, and what Git alone would give (`pristine`).

Both are dry runs. `pristine` is kept by the target's content: it does not depend on what is live.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading

from msgspec import Struct

from gitops_tui.cluster.discovery import ApiResource
from gitops_tui.cluster.writer import DryRun
from gitops_tui.engine.scrub import scrubbed
from gitops_tui.errors import ApiError, ClusterError, Forbidden, TooManyRequests
from gitops_tui.logs import logger
from gitops_tui.model.resource import Object, metadata_of

PRISTINE_KEPT = 2048
NAME = "gitops-tui-pristine-"
_OF_RBAC = re.compile(r'User ".*" cannot ')


class Confirmed(Struct, frozen=True):
    """The server's answer: an object, or why it refuses (which a person must see), or neither (it was not asked)."""

    object: Object | None = None
    refusal: str = ""


class Confirmer:
    """Asks one cluster. Thread-safe. Where dry runs are forbidden it says so once and is not asked again."""

    def __init__(self, dry_run: DryRun, manager: str) -> None:
        self._dry_run = dry_run
        self._manager = manager
        self._lock = threading.Lock()
        self._pristine: dict[str, Object | None] = {}
        self._forbidden: set[ApiResource] = set()

    def applied(self, resource: ApiResource, target: Object, *, validate: bool = True) -> Confirmed:
        """What the server would hold after our apply of ``target``; ``validate`` as in `Requests.apply`."""
        if resource in self._forbidden:
            return Confirmed()
        try:
            return Confirmed(self._dry_run.apply(resource, target, manager=self._manager, validate=validate))
        except Forbidden as error:
            if not _OF_RBAC.search(
                error.message
            ):  # admission refuses with the same code: quotas, pod security, webhooks
                return Confirmed(refusal=error.message)
            self._forbidden.add(resource)
            return Confirmed()
        except TooManyRequests:
            return Confirmed()
        except ApiError as error:
            return Confirmed(refusal=scrubbed(error.message, target))
        except ClusterError as error:
            logger(__name__).info("not confirmed: %s", error)
            return Confirmed()

    def pristine(self, resource: ApiResource, target: Object) -> Object | None:
        """What creating ``target`` gives, with defaults and webhooks; None where it cannot be asked for."""
        key = hashlib.sha256(json.dumps(target, sort_keys=True, default=str).encode()).hexdigest()
        with self._lock:
            if key in self._pristine:
                return self._pristine[key]
        found = self._create(resource, target)
        if found is None:
            return None  # an outage is no answer that may be kept
        with self._lock:
            if len(self._pristine) >= PRISTINE_KEPT:
                self._pristine.pop(next(iter(self._pristine)))
            self._pristine[key] = found
        return found

    def _create(self, resource: ApiResource, target: Object) -> Object | None:
        """Under a generated name: the object's own is taken."""
        kept = {name: value for name, value in metadata_of(target).items() if name != "name"}
        copy = {**target, "metadata": {**kept, "generateName": NAME}}
        try:
            return self._dry_run.create(resource, copy, validate=False)
        except ClusterError as error:
            logger(__name__).info("no pristine %s: %s", resource.kind, error)
            return None
