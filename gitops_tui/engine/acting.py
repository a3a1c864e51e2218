"""Runs resource actions: finds the object, asks the catalogue, writes what it answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from gitops_tui.actions.catalogue import Catalogue
from gitops_tui.actions.patch import merge_patch_between
from gitops_tui.cluster.discovery import ApiResource
from gitops_tui.cluster.writer import Writer
from gitops_tui.engine.comparison import Comparison
from gitops_tui.engine.patience import despite_conflicts
from gitops_tui.engine.session import Session
from gitops_tui.engine.tree import descendants
from gitops_tui.errors import ActionError, ClusterError, NotFound, ReadOnlyError
from gitops_tui.logs import logger
from gitops_tui.model.action import Action, Impacted, ImpactedBy, Parameters
from gitops_tui.model.plan import Outcome
from gitops_tui.model.resource import Object, ResourceKey, key_of, metadata_of, name_of, namespace_of

RAN = "ResourceActionRan"
"""Argo CD's reason of the event."""


class Acting:
    """``catalogue`` gives the actions as the settings have them now. Any thread may ask."""

    def __init__(self, catalogue: Callable[[], Catalogue], clock: Callable[[], datetime]) -> None:
        self._catalogue = catalogue
        self._clock = clock

    def available(self, comparison: Comparison, key: ResourceKey) -> tuple[Action, ...]:
        """The actions of an object of the application, or of one that an object of it owns."""
        return self._catalogue().available(_live(comparison, key))

    def perform(
        self, comparison: Comparison, key: ResourceKey, name: str, parameters: Parameters, operator: str
    ) -> Outcome:
        """Run it on the object as the server has it now. Raises `GitOpsError`."""
        session = comparison.session
        if session.writer is None:
            raise ReadOnlyError("read-only: nothing is written", hint="Start without --read-only to write.")
        _live(comparison, key)
        done = self._tried(comparison, session.writer, key, name, parameters)
        text = f"{name} on {key.short}: {', '.join(done) or 'nothing to change'}"
        if done:
            self._record(session, session.writer, key, f"{operator} ran action {name} on {key}: {', '.join(done)}")
        return Outcome(True, text)

    def _tried(
        self, comparison: Comparison, writer: Writer, key: ResourceKey, name: str, parameters: Parameters
    ) -> list[str]:
        """A patch holds for the version that it was made of; where that moved meanwhile it is made anew."""
        session = comparison.session
        resource = _resource(session, key)

        def attempt() -> list[str]:
            live = session.reader.get(resource, key.namespace, key.name)
            impacted = self._catalogue().perform(live, name, parameters, self._clock())
            _check_permitted(comparison, impacted)
            _check_created(session, impacted)
            return _all_written(session, writer, live, impacted)

        return despite_conflicts(attempt)

    def _record(self, session: Session, writer: Writer, key: ResourceKey, message: str) -> None:
        """An event beside the object, as Argo CD writes one; where it may not be written, the log has it."""
        logger(__name__).info("%s", message)
        events = session.discovery.find("", "Event")
        if events is None:
            return
        try:
            resource = _resource(session, key)
            live = session.reader.get(resource, key.namespace, key.name)
            writer.create(events, _event(live, message, self._clock()))
        except ClusterError as error:
            logger(__name__).info("no event was written for it: %s", error)


def _live(comparison: Comparison, key: ResourceKey) -> Object:
    found = comparison.find(key)
    if found is not None and found.live is not None:
        return found.live
    cache = comparison.session.cache
    roots = (one.live for one in comparison.objects if one.live is not None)
    below = (obj for root in roots for obj in descendants(root, cache.children, key.kind))
    obj = next((obj for obj in below if key_of(obj) == key), None)
    if obj is None:
        raise NotFound(f"{comparison.app.name} has no {key.short} in the cluster", resource=str(key))
    return obj


def _resource(session: Session, key: ResourceKey) -> ApiResource:
    found = session.discovery.find(key.group, key.kind)
    if found is None:
        raise ActionError(f"the cluster does not know {key.group_kind}", resource=str(key))
    return found


def _check_permitted(comparison: Comparison, impacted: Sequence[Impacted]) -> None:
    """Raises `ActionError` for what the project lets nobody manage, before anything is written.

    Source: Argo CD ``server/application/application.go`` RunResourceActionV2, verifyResourcePermitted: of what is
    patched and of what is created.
    """
    for one in impacted:
        key = key_of(one.obj)
        is_namespaced = comparison.session.is_namespaced(key.group, key.kind)
        if is_namespaced is None:
            continue  # nobody can write it: that is told where it is written
        reason = comparison.permits.why_not(key, is_namespaced=is_namespaced)
        if reason:
            hint = f"Let project {comparison.app.project} permit it."
            raise ActionError(f"{reason}: {key.short} is neither created nor changed", resource=str(key), hint=hint)


def _check_created(session: Session, impacted: Sequence[Impacted]) -> None:
    """A dry run of all that would be created: what the server refuses is refused before anything is written."""
    for one in impacted:
        resource = session.resource_for(one.obj) if one.operation is ImpactedBy.CREATE else None
        if resource is not None:
            session.dry_run.create(resource, one.obj)


def _all_written(session: Session, writer: Writer, live: Object, impacted: Sequence[Impacted]) -> list[str]:
    """Patches first, since only they may conflict and have all made anew: nothing is created twice."""
    first = sorted(range(len(impacted)), key=lambda number: impacted[number].operation is ImpactedBy.CREATE)
    said = {number: _written(session, writer, live, impacted[number]) for number in first}
    return [said[number] for number in range(len(impacted)) if said[number]]


def _written(session: Session, writer: Writer, live: Object, one: Impacted) -> str:
    """In words what was written; empty where there was nothing to."""
    if one.operation is ImpactedBy.CREATE:
        resource = session.resource_for(one.obj)
        if resource is None:
            raise ActionError(f"the cluster does not know {one.obj.get('apiVersion')} {one.obj.get('kind')}")
        made = writer.create(resource, one.obj)
        return f"{made.get('kind')}/{name_of(made)} created"
    patch = merge_patch_between(live, one.obj)
    if not patch:
        return ""
    _patch(writer, _resource(session, key_of(live)), live, patch)
    return f"{live.get('kind')}/{name_of(live)} patched"


def _patch(writer: Writer, resource: ApiResource, live: Object, patch: Object) -> None:
    """Status goes to its subresource; where the kind has none, with the rest (Argo CD ``splitStatusPatch``)."""
    namespace, name = namespace_of(live), name_of(live)
    version = str(metadata_of(live).get("resourceVersion") or "")
    status = {"status": patch["status"]} if "status" in patch else {}
    rest = {field: value for field, value in patch.items() if field != "status"}
    if rest:
        version = _version(writer.merge_patch(resource, namespace, name, _pinned(rest, version)))
    if not status:
        return
    try:
        writer.merge_patch(resource, namespace, name, _pinned(status, version), "status")
    except NotFound:
        writer.merge_patch(resource, namespace, name, _pinned(status, version))


def _pinned(patch: Object, version: str) -> Object:
    metadata = patch.get("metadata")
    return {**patch, "metadata": {**(metadata if isinstance(metadata, dict) else {}), "resourceVersion": version}}


def _version(obj: Object) -> str:
    return str(metadata_of(obj).get("resourceVersion") or "")


def _event(live: Object, message: str, now: datetime) -> Object:
    at = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    namespace = namespace_of(live) or "default"
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"generateName": f"{name_of(live)[:200]}.", "namespace": namespace},
        "involvedObject": {
            "apiVersion": live.get("apiVersion"),
            "kind": live.get("kind"),
            "namespace": namespace_of(live),
            "name": name_of(live),
            "uid": metadata_of(live).get("uid"),
        },
        "type": "Normal",
        "reason": RAN,
        "message": message[:1000],
        "source": {"component": "gitops-tui"},
        "firstTimestamp": at,
        "lastTimestamp": at,
        "count": 1,
    }
