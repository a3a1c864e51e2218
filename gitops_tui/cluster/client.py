"""Reading from a cluster: plain dictionaries, paged lists, one watch stream at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from gitops_tui.cluster.connection import Connection
from gitops_tui.cluster.errors import no_kubernetes, status_error, unreachable
from gitops_tui.cluster.pool import shut
from gitops_tui.errors import Gone
from gitops_tui.model.resource import Object

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

    from gitops_tui.cluster.discovery import ApiResource

PAGE = 500
METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"
METADATA_WATCH = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json"
WATCH_SILENCE_S = 75.0
"""Bookmarks come about once a minute; a stream that is silent for longer is half open."""


class Listing(Struct, frozen=True):
    """Items with their ``apiVersion`` and ``kind`` filled in (a list leaves them out), at one resourceVersion."""

    items: list[Object]
    resource_version: str


class WatchEvent(Struct, frozen=True):
    """``type`` is ADDED, MODIFIED, DELETED or BOOKMARK."""

    type: str
    object: Object


class Reader:
    """Cannot write: it has no method that does."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def raw_json(self, path: str, *, accept: str = "application/json") -> Any:
        return self.connection.json("GET", path, accept=accept)

    def get(self, resource: ApiResource, namespace: str, name: str) -> Object:
        found: Object = self.connection.json("GET", resource.path(namespace, name))
        return found

    def list(
        self,
        resource: ApiResource,
        *,
        namespace: str = "",
        label_selector: str = "",
        field_selector: str = "",
        limit: int = PAGE,
        metadata_only: bool = False,
    ) -> Listing:
        """All pages. A continue token that ran out in the middle begins anew, without pages."""
        query = _selectors(label_selector, field_selector)
        accept = METADATA_LIST if metadata_only else "application/json"
        try:
            return self._pages(resource, namespace, {**query, "limit": str(limit)}, accept)
        except Gone:
            return self._pages(resource, namespace, query, accept)

    def _pages(self, resource: ApiResource, namespace: str, query: Mapping[str, str], accept: str) -> Listing:
        items: list[Object] = []
        token = ""
        while True:
            page = self.connection.json(
                "GET",
                resource.path(namespace),
                query={**query, **({"continue": token} if token else {})},
                accept=accept,
            )
            items += [_typed(one, resource) for one in page.get("items") or ()]
            metadata = page.get("metadata") or {}
            token = str(metadata.get("continue") or "")
            if not token:
                return Listing(items, str(metadata.get("resourceVersion") or ""))

    def watch(
        self,
        resource: ApiResource,
        *,
        namespace: str = "",
        resource_version: str,
        timeout_s: int = 290,
        metadata_only: bool = False,
    ) -> WatchStream:
        """One stream from ``resource_version`` on; `Gone` where that is too old."""
        query = {
            "watch": "1",
            "allowWatchBookmarks": "true",
            "resourceVersion": resource_version,
            "timeoutSeconds": str(timeout_s),
        }
        accept = METADATA_WATCH if metadata_only else "application/json"
        path = resource.path(namespace)
        response = self.connection.stream("GET", path, query=query, accept=accept, timeout_s=WATCH_SILENCE_S)
        return WatchStream(response, resource, path, self.connection.server)

    def logs(
        self,
        namespace: str,
        pod: str,
        container: str,
        *,
        follow: bool = False,
        previous: bool = False,
        tail: int | None = None,
        since_s: int | None = None,
        timestamps: bool = True,
    ) -> LogReader:
        """The log of one container, line by line; close it to end it from another thread.

        ``tail``: its last lines only; ``since_s``: only what was written in these last seconds.
        """
        query = {"container": container, "follow": str(follow).lower(), "previous": str(previous).lower(),
                 "timestamps": str(timestamps).lower()}  # fmt: skip
        if tail is not None:
            query["tailLines"] = str(tail)
        if since_s is not None:
            query["sinceSeconds"] = str(since_s)
        path = f"/api/v1/namespaces/{namespace}/pods/{pod}/log"
        response = self.connection.stream("GET", path, query=query, accept="*/*", timeout_s=3600.0 if follow else 30.0)
        return LogReader(response, self.connection.server)

    # --- about the server and ourselves
    def version(self) -> dict[str, Any]:
        found: dict[str, Any] = self.raw_json("/version")
        return found

    def ping(self, timeout_s: float = 5.0) -> None:
        """Raises where the API server does not answer."""
        self.connection.request("GET", "/version", timeout_s=timeout_s)

    def whoami(self) -> str:
        """The user as the API server knows it (a review: nothing is stored)."""
        review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
        answer = self.connection.json("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", body=review)
        return str(((answer.get("status") or {}).get("userInfo") or {}).get("username") or "")

    def can(self, verb: str, group: str, resource: str, namespace: str = "") -> bool:
        attributes = {"verb": verb, "group": group, "resource": resource, "namespace": namespace}
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        }
        answer = self.connection.json("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", body=review)
        return bool((answer.get("status") or {}).get("allowed"))


class _LineStream:
    """Lines of an answer as they come. `close` may be called from another thread."""

    def __init__(self, response: BaseHTTPResponse, server: str) -> None:
        self._response = response
        self._server = server
        self._closed = False

    def close(self) -> None:
        """End the stream now: the socket is shut, so that a blocked read returns."""
        self._closed = True
        connection: Any = getattr(self._response, "connection", None)
        shut(getattr(connection, "sock", None))

    def chunks(self) -> Iterator[bytes]:
        from urllib3.exceptions import HTTPError

        try:
            yield from self._response.stream(amt=65536, decode_content=True)
        except (HTTPError, OSError, ValueError, AttributeError) as error:
            if not self._closed:
                raise unreachable(self._server, error) from error
        finally:
            self._response.close()

    def line_batches(self) -> Iterator[list[bytes]]:
        """Whole lines of each chunk; a last line without an end comes at the end."""
        rest = b""
        for chunk in self.chunks():
            *lines, rest = (rest + chunk).split(b"\n")
            if lines:
                yield lines
        if rest and not self._closed:
            yield [rest]


class WatchStream(_LineStream):
    """The events of one watch."""

    def __init__(self, response: BaseHTTPResponse, resource: ApiResource, path: str, server: str) -> None:
        super().__init__(response, server)
        self._resource = resource
        self._path = path

    def events(self) -> Iterator[list[WatchEvent]]:
        """Events as they come, those of one chunk together; `Gone` and other errors as the server sends them."""
        for lines in self.line_batches():
            events = [self._event(line) for line in lines if line.strip()]
            if events:
                yield events

    def _event(self, line: bytes) -> WatchEvent:
        try:
            found: Mapping[str, Any] = msgspec.json.decode(line)
        except ValueError as error:  # the end of a stream that was cut
            raise no_kubernetes(self._server, line) from error
        if found["type"] == "ERROR":
            raise status_error("WATCH", self._path, dict(found.get("object") or {}))
        return WatchEvent(str(found["type"]), _typed(found["object"], self._resource))


class LogReader(_LineStream):
    """The lines of one container."""

    def batches(self, size: int) -> Iterator[list[str]]:
        """At most ``size`` lines at once, as text."""
        for lines in self.line_batches():
            for start in range(0, len(lines), size):
                yield [line.decode(errors="replace") for line in lines[start : start + size]]


def _typed(obj: Object, resource: ApiResource) -> Object:
    """Items of a list say no kind; metadata-only items say ``PartialObjectMetadata``."""
    obj["apiVersion"] = resource.api_version
    obj["kind"] = resource.kind
    return obj


def _selectors(label_selector: str, field_selector: str) -> dict[str, str]:
    query = {"labelSelector": label_selector, "fieldSelector": field_selector}
    return {key: value for key, value in query.items() if value}
