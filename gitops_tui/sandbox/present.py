"""Objects, lists and watch events in the form that the client asked for: plain, Table, or metadata only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from gitops_tui.model.resource import Object, metadata_of
from gitops_tui.sandbox import conversion, tables
from gitops_tui.sandbox.failure import status_of
from gitops_tui.sandbox.http import Answer
from gitops_tui.sandbox.reading import Change, Page
from gitops_tui.sandbox.registry import ResourceType
from gitops_tui.sandbox.storage import Record, encode

_INITIAL_END = {"k8s.io/initial-events-end": "true"}


class Presenter:
    """One request's form. ``included`` is the query's ``includeObject``."""

    def __init__(self, kind: ResourceType, form: str, included: str, now: datetime) -> None:
        self._kind = kind
        self._form = form
        self._included = included or "Metadata"
        self._now = now
        self._has_columns = False

    # --- one object
    def object(self, obj: Object, code: int = 200, warnings: tuple[str, ...] = ()) -> Answer:
        """``obj`` as served."""
        if self._form == "Table" and obj.get("kind") == self._kind.kind:
            stored = conversion.to_stored(self._kind, obj)
            return Answer.of(self._table([stored], metadata_of(obj).get("resourceVersion", ""), {}), code, warnings)
        if self._form == "PartialObjectMetadata" and obj.get("kind") == self._kind.kind:
            return Answer.of(tables.partial(obj), code, warnings)
        return Answer.of(obj, code, warnings)

    # --- lists
    def page(self, page: Page) -> Answer:
        meta: Object = {"resourceVersion": str(page.version)}
        if page.token:
            meta["continue"] = page.token
        if page.remaining is not None:
            meta["remainingItemCount"] = page.remaining
        if self._form == "Table":
            return Answer.of(self._table([record.obj for record in page.records], str(page.version), meta))
        if self._form == "PartialObjectMetadataList":
            items = [tables.partial(record.obj) for record in page.records]
            return Answer.of(_list("PartialObjectMetadataList", "meta.k8s.io/v1", meta, items))
        head = encode({"kind": self._kind.list_kind, "apiVersion": self._kind.api_version, "metadata": meta})
        items_json = b",".join(self._item(record) for record in page.records)
        return Answer(head[:-1] + b',"items":[' + items_json + b"]}\n")

    def _item(self, record: Record) -> bytes:
        """A list's items of a built-in kind do not repeat what they are; custom ones do."""
        if self._kind.custom is None and not conversion.is_converted(self._kind):
            return record.bare
        return self._whole(record)

    def _whole(self, record: Record) -> bytes:
        if conversion.is_converted(self._kind):
            return encode(conversion.to_served(self._kind, record.obj))
        return record.body(self._kind.kind, self._kind.api_version)

    def _table(self, stored: list[Object], version: str, meta: Object, *, has_columns: bool = True) -> Object:
        found: Object = {
            "kind": "Table",
            "apiVersion": "meta.k8s.io/v1",
            "metadata": {"resourceVersion": version, **meta},
            "columnDefinitions": tables.definitions(self._kind) if has_columns else [],
        }
        found["rows"] = [tables.row(self._kind, obj, self._part(obj), self._now) for obj in stored]
        return found

    def _part(self, stored: Object) -> Object | None:
        if self._included == "None":
            return None
        served = conversion.to_served(self._kind, stored)
        return served if self._included == "Object" else tables.partial(served)

    # --- watches
    def events(self, changes: Iterator[Change | None], clock: Callable[[], datetime]) -> Iterator[bytes]:
        for change in changes:
            if change is None:
                yield b""
                continue
            self._now = clock()
            yield b'{"type":"' + change.type.encode() + b'","object":' + self._event_object(change) + b"}\n"

    def _event_object(self, change: Change) -> bytes:
        if change.record is None:
            return encode(self._bookmark(change))
        obj = change.record.obj
        if self._form == "Table":
            has_columns, self._has_columns = not self._has_columns, True
            version = str(obj["metadata"]["resourceVersion"])
            return encode(self._table([obj], version, {}, has_columns=has_columns))
        if self._form.startswith("PartialObjectMetadata"):
            return encode(tables.partial(obj))
        return self._whole(change.record)

    def _bookmark(self, change: Change) -> Object:
        meta: Object = {"resourceVersion": str(change.version)}
        if change.is_initial_end:
            meta["annotations"] = _INITIAL_END
        found: Object = {"kind": self._kind.kind, "apiVersion": self._kind.api_version, "metadata": meta}
        if self._form == "Table":
            row: Object = {"cells": [], "object": found}
            return {**self._table([], str(change.version), {}, has_columns=False), "rows": [row]}
        return found


def error_event(error: Any) -> bytes:
    """How a watch that has begun says that it cannot go on."""
    return encode({"type": "ERROR", "object": status_of(error)}) + b"\n"


def _list(kind: str, api_version: str, meta: Object, items: list[Object]) -> Object:
    return {"kind": kind, "apiVersion": api_version, "metadata": meta, "items": items}
