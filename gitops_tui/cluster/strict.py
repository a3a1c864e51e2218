"""Reading where a refusal is believed only if an access review agrees (``resource.respectRBAC: strict``).

A 403 need not be about a role: a proxy or an authorizer that is down answers so too. Taken for a missing right it
would leave a kind out for minutes; here it is a failure then, told as one and tried again like any other.
Source: Argo CD's cluster cache, ``checkPermission``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from gitops_tui.cluster.client import Listing, Reader, WatchStream
from gitops_tui.cluster.connection import Connection
from gitops_tui.cluster.discovery import ApiResource
from gitops_tui.errors import ClusterError, Forbidden, ServerError


class StrictReader(Reader):
    """A `Reader` whose lists and watches raise `ServerError` for a refusal that is none, where ``is_strict`` says."""

    def __init__(self, connection: Connection, is_strict: Callable[[], bool]) -> None:
        super().__init__(connection)
        self._is_strict = is_strict

    def _pages(self, resource: ApiResource, namespace: str, query: Mapping[str, str], accept: str) -> Listing:
        with self._reviewed(resource, namespace):
            return super()._pages(resource, namespace, query, accept)

    def watch(
        self,
        resource: ApiResource,
        *,
        namespace: str = "",
        resource_version: str,
        timeout_s: int = 290,
        metadata_only: bool = False,
    ) -> WatchStream:
        with self._reviewed(resource, namespace):
            return super().watch(
                resource,
                namespace=namespace,
                resource_version=resource_version,
                timeout_s=timeout_s,
                metadata_only=metadata_only,
            )

    @contextmanager
    def _reviewed(self, resource: ApiResource, namespace: str) -> Iterator[None]:
        try:
            yield
        except Forbidden as error:
            if not self._is_strict() or self._agrees(resource, namespace):
                raise
            message = f"refused, although an access review permits it: {error.message}"
            raise ServerError(message, verb=error.verb, code=error.code, reason=error.reason) from error

    def _agrees(self, resource: ApiResource, namespace: str) -> bool:
        """Whether the review says the same; a review that gives no answer does not."""
        try:
            return not self.can("list", resource.group, resource.plural, namespace)
        except ClusterError:
            return False
