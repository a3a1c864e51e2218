"""Writing to a cluster. In read-only mode this is never constructed: there is nothing that could write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gitops_tui.cluster.connection import Connection
from gitops_tui.cluster.discovery import ApiResource
from gitops_tui.model.resource import Object, name_of, namespace_of

APPLY_PATCH = "application/apply-patch+yaml"
JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"


class Requests:
    """The requests that change an object, with what every one of them carries; shared with the dry run."""

    def __init__(self, connection: Connection, *, manager: str, query: Mapping[str, str] | None = None) -> None:
        self._connection = connection
        self._manager = manager
        self._query = dict(query or {})

    def _send(
        self,
        verb: str,
        path: str,
        body: Any,
        content_type: str = "application/json",
        *,
        manager: str = "",
        **query: str,
    ) -> Object:
        asked = {"fieldManager": manager or self._manager, **self._query, **query}
        found: Object = self._connection.json(verb, path, query=asked, body=body, content_type=content_type)
        return found

    def apply(
        self, resource: ApiResource, obj: Object, *, manager: str = "", force: bool = True, validate: bool = True
    ) -> Object:
        """Server-side apply. ``validate``: a field that the schema does not know is an error."""
        path = resource.path(namespace_of(obj), name_of(obj))
        options = {"force": str(force).lower(), "fieldValidation": "Strict" if validate else "Ignore"}
        return self._send("PATCH", path, obj, APPLY_PATCH, manager=manager, **options)

    def create(self, resource: ApiResource, obj: Object, *, validate: bool = True) -> Object:
        options = {"fieldValidation": "Strict" if validate else "Ignore"}
        return self._send("POST", resource.path(namespace_of(obj)), obj, **options)

    def replace(self, resource: ApiResource, obj: Object) -> Object:
        """The object must carry the resourceVersion that it replaces, or none."""
        return self._send("PUT", resource.path(namespace_of(obj), name_of(obj)), obj)

    def json_patch(
        self, resource: ApiResource, namespace: str, name: str, ops: Sequence[Mapping[str, Any]], subresource: str = ""
    ) -> Object:
        return self._send("PATCH", resource.path(namespace, name, subresource), list(ops), JSON_PATCH)

    def merge_patch(
        self, resource: ApiResource, namespace: str, name: str, patch: Mapping[str, Any], subresource: str = ""
    ) -> Object:
        return self._send("PATCH", resource.path(namespace, name, subresource), dict(patch), MERGE_PATCH)


class Writer(Requests):
    """What really changes the cluster."""

    def __init__(self, connection: Connection, *, manager: str = "gitops-tui") -> None:
        super().__init__(connection, manager=manager)

    def delete(
        self,
        resource: ApiResource,
        namespace: str,
        name: str,
        *,
        propagation: str = "Foreground",
        uid: str = "",
        resource_version: str = "",
        grace_s: int | None = None,
    ) -> None:
        """``propagation``: Foreground, Background or Orphan. With preconditions only that very object is deleted.

        ``grace_s``: seconds that it has to end by itself; None: as the object says.
        """
        pinned = {"uid": uid, "resourceVersion": resource_version}
        body: dict[str, Any] = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": propagation}
        preconditions = {key: value for key, value in pinned.items() if value}
        if preconditions:
            body["preconditions"] = preconditions
        if grace_s is not None:
            body["gracePeriodSeconds"] = grace_s
        self._connection.json("DELETE", resource.path(namespace, name), body=body)


class DryRun(Requests):
    """The same requests, each with ``dryRun=All``: the server answers what would be, and stores nothing."""

    def __init__(self, connection: Connection, *, manager: str = "gitops-tui") -> None:
        super().__init__(connection, manager=manager, query={"dryRun": "All"})
