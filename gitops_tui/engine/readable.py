"""Whether what is not held is missing, or only was not read: nothing counts as missing that nobody could look for."""

from __future__ import annotations

from msgspec import Struct

from gitops_tui.engine.kinds import is_established
from gitops_tui.engine.session import Session
from gitops_tui.model.resource import ResourceKey


class Unread(Struct, frozen=True):
    """Why nothing is known of a kind's objects. ``is_restricted``: nobody here may read it; else it is only late."""

    reason: str
    is_restricted: bool = False
    is_failing: bool = False


class Readable:
    """Answers for one comparison; what it found out of a kind it keeps that long."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[tuple[str, str, str], Unread | None] = {}

    def why_unread(self, key: ResourceKey) -> Unread | None:
        """None where the kind was listed, is not served at all, or is left out of what is watched."""
        place = (key.group, key.kind, key.namespace)
        if place not in self._known:
            self._known[place] = self._ask(key)
        return self._known[place]

    def _ask(self, key: ResourceKey) -> Unread | None:
        state = self._session.cache.state(key.group, key.kind, key.namespace)
        if state.word == "synced":
            return None
        if state.word == "restricted":
            return Unread("may not be read", is_restricted=True)
        if state.word == "unknown":
            return self._not_watched(key)
        return Unread(f"cannot be read: {state.error}", is_failing=True) if state.error else Unread("not listed yet")

    def _not_watched(self, key: ResourceKey) -> Unread | None:
        discovery = self._session.discovery
        if discovery.find(key.group, key.kind) is not None:
            watched = {(one.group, one.kind) for one in self._session.cache.watchable()}
            return Unread("not listed yet") if (key.group, key.kind) in watched else None
        if any(one.rpartition("/")[0] == key.group for one in discovery.failed_groups):
            return Unread(f"cannot be read: the API group {key.group} does not answer", is_failing=True)
        return Unread("its kind is not served yet") if is_established(self._session, key.group, key.kind) else None
