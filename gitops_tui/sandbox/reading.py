"""Lists in pages, and watches: which resourceVersion means what.

Source: Kubernetes API concepts, "Resource versions" and "Efficient detection of changes".
"""

from __future__ import annotations

import base64
import json
import secrets
import time
from collections import OrderedDict
from collections.abc import Iterator

from msgspec import Struct

from gitops_tui.sandbox import failure
from gitops_tui.sandbox.failure import expired
from gitops_tui.sandbox.options import ListOptions
from gitops_tui.sandbox.registry import ResourceType
from gitops_tui.sandbox.selectors import Predicate, predicate
from gitops_tui.sandbox.storage import Event, Record, Storage, Watcher

BOOKMARK_EVERY_S = 60.0
BOOKMARK_BEFORE_END_S = 2.0
HEARTBEAT_S = 2.0
_KEPT_PAGES = 256
_TOO_OLD_TOKEN = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list "
    "without the continue parameter, or use the continue token in this response to retrieve the remainder of the "
    "results. Continuing with the provided token results in an inconsistent list - objects that were created, "
    "modified, or deleted between the time the first chunk was returned and now may show up in the list."
)


class Page(Struct, frozen=True):
    """Part of a list. ``remaining`` is None where it is not told (a selector, or the last page)."""

    records: list[Record]
    version: int
    token: str = ""
    remaining: int | None = None


class Reader:
    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._rest: OrderedDict[str, tuple[list[Record], int, bool]] = OrderedDict()

    # --- lists
    def page(self, kind: ResourceType, namespace: str, asked: ListOptions) -> Page:
        """Raises `Gone` for a version or a token that is too old, `ServerError` (504) for one of the future."""
        wanted = predicate(asked.labels, asked.fields, kind.storage)
        if asked.token:
            return self._next_page(asked)
        self._check_version(asked)
        records, version = self._storage.all(kind.storage, namespace)
        if wanted is not None:
            records = [record for record in records if wanted(record.obj)]
        return self._cut(records, version, asked.limit, is_counted=wanted is None)

    def _check_version(self, asked: ListOptions) -> None:
        if not asked.version or asked.version == "0":
            return
        version, now = int(asked.version), self._storage.version
        if version > now:
            raise failure.too_large_version(version, now)
        if asked.match == "Exact" and version < self._storage.compacted:
            raise expired("The resourceVersion for the provided list is too old.")

    def _cut(self, records: list[Record], version: int, limit: int, *, is_counted: bool) -> Page:
        if not limit or len(records) <= limit:
            return Page(records, version)
        rest = records[limit:]
        token = secrets.token_urlsafe(9)
        with self._storage.lock:
            self._rest[token] = (rest, version, is_counted)
            while len(self._rest) > _KEPT_PAGES:
                self._rest.popitem(last=False)
        shown = json.dumps({"v": "meta.k8s.io/v1", "rv": version, "start": token}, separators=(",", ":"))
        coded = base64.urlsafe_b64encode(shown.encode()).decode().rstrip("=")
        return Page(records[:limit], version, coded, len(rest) if is_counted else None)

    def _next_page(self, asked: ListOptions) -> Page:
        """The rest as it was when the first page was read; a token may be used again."""
        start = _read_token(asked.token)
        with self._storage.lock:
            found = self._rest.get(start)
        if found is None or found[1] < self._storage.compacted:
            raise expired(_TOO_OLD_TOKEN)
        records, version, is_counted = found
        return self._cut(records, version, asked.limit, is_counted=is_counted)

    # --- watches
    def watch(self, kind: ResourceType, namespace: str, asked: ListOptions) -> Watch:
        """Raises `Gone` for a version that is too old, `Invalid` for a bad selector."""
        wanted = _in_namespace(namespace, predicate(asked.labels, asked.fields, kind.storage))
        if asked.wants_initial or asked.version in ("", "0"):
            records, version, watcher = self._storage.snapshot_and_watch(kind.storage, namespace)
            first = [record for record in records if wanted(record.obj)]
            return Watch(self._storage, watcher, wanted, asked, first, version)
        watcher = self._storage.watch(kind.storage, int(asked.version))
        return Watch(self._storage, watcher, wanted, asked, [], int(asked.version))


def _in_namespace(namespace: str, wanted: Predicate | None) -> Predicate:
    if not namespace:
        return wanted or (lambda _obj: True)
    return lambda obj: obj["metadata"].get("namespace") == namespace and (wanted is None or wanted(obj))


def _read_token(token: str) -> str:
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        return str(json.loads(raw)["start"])
    except (ValueError, KeyError, TypeError) as error:
        raise failure.bad_request(f"invalid continue token: continue key is not valid: {error}") from error


class Change(Struct, frozen=True):
    """What a watch sends. ``record`` None is a bookmark; ``is_initial_end`` marks the end of the initial events."""

    type: str
    record: Record | None
    version: int
    is_initial_end: bool = False


class Watch:
    """One running watch: iterate over it; it ends after ``timeoutSeconds`` or when closed."""

    def __init__(
        self,
        storage: Storage,
        watcher: Watcher,
        wanted: Predicate,
        asked: ListOptions,
        first: list[Record],
        version: int,
    ) -> None:
        self._storage = storage
        self._watcher = watcher
        self._wanted = wanted
        self._asked = asked
        self._first = first
        self._version = version
        self._is_closed = False

    def close(self) -> None:
        self._is_closed = True
        self._watcher.close()

    def __iter__(self) -> Iterator[Change | None]:
        """The changes; None every two idle seconds, so that the reader can see whether anybody still listens."""
        for record in self._first:
            yield Change("ADDED", record, int(record.obj["metadata"]["resourceVersion"]))
        if self._asked.wants_initial and self._asked.wants_bookmarks:
            yield Change("BOOKMARK", None, self._version, is_initial_end=True)
        yield from self._follow()

    def _follow(self) -> Iterator[Change | None]:
        end = None if self._asked.timeout_s is None else time.monotonic() + self._asked.timeout_s
        bookmark = _next_bookmark(end)
        while not self._is_closed:
            now = time.monotonic()
            if end is not None and now >= end:
                break
            if now >= bookmark:
                bookmark = _next_bookmark(None)
                if self._asked.wants_bookmarks:
                    yield Change("BOOKMARK", None, self._caught_up())
            event = self._watcher.next(max(0.0, min(bookmark, end or bookmark, now + HEARTBEAT_S) - now))
            if event is None:
                yield None
                continue
            self._version = event.version
            yield from self._seen(event)

    def _caught_up(self) -> int:
        """The version that this watch has seen everything up to."""
        with self._storage.lock:
            if self._watcher.is_drained:
                self._version = self._storage.version
        return self._version

    def _seen(self, event: Event) -> Iterator[Change]:
        """An object that stops matching the selector is deleted as far as this watch is concerned."""
        before = event.previous is not None and self._wanted(event.previous.obj)
        after = event.type != "DELETED" and self._wanted(event.record.obj)
        if after:
            yield Change("MODIFIED" if before else "ADDED", event.record, event.version)
        elif before:
            yield Change("DELETED", _last_state(event), event.version)


def _next_bookmark(end: float | None) -> float:
    """Once a minute, and two seconds before a watch ends, so that the next one starts from there."""
    regular = time.monotonic() + BOOKMARK_EVERY_S
    return regular if end is None else min(regular, end - BOOKMARK_BEFORE_END_S)


def _last_state(event: Event) -> Record:
    """What a watch last knew of the object, under the version of the change that took it away."""
    if event.type == "DELETED" or event.previous is None:
        return event.record
    before = event.previous.obj
    return Record({**before, "metadata": {**before["metadata"], "resourceVersion": str(event.version)}})
