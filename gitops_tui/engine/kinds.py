"""Kinds that come and go while we watch: a CustomResourceDefinition or an aggregated API, by whoever it is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from gitops_tui.cluster.cache import Change, Changes
from gitops_tui.engine.pool import Pool
from gitops_tui.engine.schedule import Schedule
from gitops_tui.engine.session import Session
from gitops_tui.errors import GitOpsError
from gitops_tui.logs import logger
from gitops_tui.model.resource import Object, metadata_of

DEFINITION = ("apiextensions.k8s.io", "CustomResourceDefinition")
SERVICE = ("apiregistration.k8s.io", "APIService")
SOON_S = 0.2
AGAIN_S = 1.0
TRIES = 20
"""An established definition is served, and discovered, a moment later; one that never is, is not waited for."""

GroupVersionKind = tuple[str, str, str]


class Kinds:
    """Reads discovery anew when it no longer says what is served. Any thread may tell it of changes."""

    def __init__(self, schedule: Schedule, pool: Pool, learned: Callable[[Session], None]) -> None:
        self._schedule = schedule
        self._pool = pool
        self._learned = learned

    def noticed(self, session: Session, changes: Changes) -> None:
        if any(_changes_kinds(session, change) for change in changes):
            self._learn_soon(session, 0, SOON_S)

    def _learn_soon(self, session: Session, tries: int, delay_s: float) -> None:
        """Definitions come in flocks: one reading of discovery is enough for all of them."""

        def begin() -> None:
            self._pool.submit(lambda: self._learn(session, tries))

        self._schedule.put(("kinds", session.name), begin, delay_s)

    def _learn(self, session: Session, tries: int) -> None:
        try:
            session.learn_kinds()
            is_done = not any(_unserved(session, one) for one in session.cache.objects(*DEFINITION))
        except GitOpsError as error:
            logger(__name__).info("kinds of %s were not read: %s", session.name, error)
            is_done = False
        self._learned(session)
        if not is_done and tries < TRIES:
            self._learn_soon(session, tries + 1, AGAIN_S)


def is_established(session: Session, group: str, kind: str) -> bool:
    """Whether an established CustomResourceDefinition defines the kind: it is served, or will be in a moment."""
    definitions = (one for one in session.cache.objects(*DEFINITION) if _holds(one, "Established"))
    return any((group, kind) == (found[0], found[2]) for one in definitions for found in _defined(one))


def _changes_kinds(session: Session, change: Change) -> bool:
    """Whether discovery, or the published types, are older than this change."""
    obj = change.new if change.new is not None else change.old
    if obj is None or (change.key.group, change.key.kind) not in (DEFINITION, SERVICE):
        return False
    if change.key.kind == SERVICE[1]:
        return _is_aggregated(obj) and _is_available(change.new) is not _is_served(session, obj)
    if change.new is None:
        return any(session.discovery.find(group, kind, version) for group, version, kind in _defined(obj))
    is_other = change.old is not None and _generation(change.old) != _generation(change.new)
    return is_other or _unserved(session, change.new)


def _unserved(session: Session, definition: Object) -> bool:
    """Whether the API server serves what discovery, as it was read, does not name."""
    if not _holds(definition, "Established"):
        return False
    return any(session.discovery.find(group, kind, version) is None for group, version, kind in _defined(definition))


def _defined(definition: Object) -> Iterator[GroupVersionKind]:
    spec: dict[str, Any] = definition.get("spec") or {}
    kind = str((spec.get("names") or {}).get("kind") or "")
    for version in spec.get("versions") or ():
        if version.get("served"):
            yield str(spec.get("group") or ""), str(version.get("name") or ""), kind


def _is_aggregated(service: Object) -> bool:
    """An API that another server answers for; the others are the API server's own."""
    return bool((service.get("spec") or {}).get("service"))


def _is_available(service: Object | None) -> bool:
    return service is not None and _holds(service, "Available")


def _is_served(session: Session, service: Object) -> bool:
    spec = service.get("spec") or {}
    place = (spec.get("group"), spec.get("version"))
    return any((one.group, one.version) == place for one in session.discovery.resources())


def _holds(obj: Object, condition: str) -> bool:
    found = (obj.get("status") or {}).get("conditions") or ()
    return any(one.get("type") == condition and one.get("status") == "True" for one in found)


def _generation(obj: Object) -> object:
    return metadata_of(obj).get("generation")
