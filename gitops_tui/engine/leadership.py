"""One hand holds the wheel: a Lease says which instance reconciles by itself.

Only an instance that reconciles takes it; one that observes never does. Source: ``coordination.k8s.io/v1`` Lease as
client-go's leader election uses it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from gitops_tui.cluster.client import Reader
from gitops_tui.cluster.discovery import ApiResource
from gitops_tui.cluster.writer import Writer
from gitops_tui.errors import AlreadyExists, ClusterError, Conflict, NotFound
from gitops_tui.model.resource import Object

LEASE_NAME = "gitops-tui-controller"
DURATION_S = 15
RENEW_S = 5.0


class Leadership:
    """Takes, renews and gives back the Lease. `renew` is called every `RENEW_S` seconds and tells whether we lead."""

    def __init__(
        self,
        reader: Reader,
        writer: Writer,
        lease: ApiResource,
        *,
        namespace: str,
        holder: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._lease = lease
        self._namespace = namespace
        self._holder = holder
        self._clock = clock
        self._leads_until: datetime | None = None
        self._seen = ("", "")
        self._seen_at = clock()
        """A Lease that does not change for its duration is free: clocks of two machines are never compared."""
        self.leader = ""
        """Who leads, as far as we know; empty where nobody does or it could not be asked."""

    @property
    def is_leading(self) -> bool:
        """Believed only until the Lease that we last wrote runs out."""
        return self._leads_until is not None and self._clock() < self._leads_until

    def renew(self) -> bool:
        """Take or renew the Lease if nobody else holds it; on a network error we lead until it runs out."""
        try:
            found = self._read()
            if found is None:
                self._create()
            elif self._is_free(found):
                self._take(found)
            else:
                self._leads_until = None
                self.leader = str((found.get("spec") or {}).get("holderIdentity", ""))
        except (Conflict, AlreadyExists):
            self._leads_until = None
        except ClusterError:
            return self.is_leading
        return self.is_leading

    def give_back(self) -> None:
        """Let the next instance begin at once."""
        if not self.is_leading:
            return
        self._leads_until = None
        try:
            spec = {"holderIdentity": "", "leaseDurationSeconds": 1}
            self._writer.merge_patch(self._lease, self._namespace, LEASE_NAME, {"spec": spec})
        except ClusterError:
            return

    def _read(self) -> Object | None:
        try:
            return self._reader.get(self._lease, self._namespace, LEASE_NAME)
        except NotFound:
            return None

    def _is_free(self, lease: Object) -> bool:
        spec: dict[str, Any] = lease.get("spec") or {}
        holder = str(spec.get("holderIdentity") or "")
        if holder in ("", self._holder):
            return True
        seen = (holder, str(spec.get("renewTime") or ""))
        if seen != self._seen:
            self._seen, self._seen_at = seen, self._clock()
        patience = timedelta(seconds=int(spec.get("leaseDurationSeconds") or DURATION_S))
        return self._clock() - self._seen_at > patience

    def _create(self) -> None:
        began = self._clock()
        metadata = {"name": LEASE_NAME, "namespace": self._namespace}
        lease = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": metadata, "spec": self._spec()}
        self._writer.create(self._lease, lease)
        self._now_leading(began)

    def _take(self, found: Object) -> None:
        began = self._clock()
        version = found["metadata"]["resourceVersion"]
        patch = {"metadata": {"resourceVersion": version}, "spec": self._spec()}
        self._writer.merge_patch(self._lease, self._namespace, LEASE_NAME, patch)
        self._now_leading(began)

    def _spec(self) -> dict[str, Any]:
        now = self._clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return {"holderIdentity": self._holder, "leaseDurationSeconds": DURATION_S, "renewTime": now}

    def _now_leading(self, began: datetime) -> None:
        """Counted from before the request, however long it took: others count from the time that it wrote."""
        self._leads_until = began + timedelta(seconds=DURATION_S)
        self.leader = self._holder
