"""The real API server, asked the same as ours: every write is predicted first, then made, then compared."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import urllib3
from kubernetes import config

from gitops_tui.structured.apply import Applied, apply
from gitops_tui.structured.conflict import conflict_message
from gitops_tui.structured.managed import without_managed_fields
from gitops_tui.structured.mergepatch import merge_patch
from gitops_tui.structured.schema import Schemas
from gitops_tui.structured.strategic import strategic_merge
from gitops_tui.structured.unchanged import is_satisfied
from gitops_tui.structured.update import update_managed_fields

Object = dict[str, Any]
NOW = "2031-01-01T00:00:00Z"

APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
JSON = "application/json"


@dataclass
class Server:
    """One kind in one namespace."""

    kubeconfig: Path
    documents: dict[str, Object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        api = config.new_client_from_config(str(self.kubeconfig))
        self.pool: urllib3.PoolManager = api.rest_client.pool_manager
        self.base = api.configuration.host
        self.headers: dict[str, str] = {}
        api.update_params_for_auth(self.headers, [], ["BearerToken"], "", "GET", None)

    def call(self, verb: str, path: str, body: Any = None, media: str = JSON, **query: str) -> tuple[int, Object]:
        answer = self.pool.request(
            verb,
            f"{self.base}{path}?{urlencode(query)}",
            body=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": media, **self.headers},
        )
        return answer.status, json.loads(answer.data)

    def schemas(self, *names: str) -> Schemas:
        for name in names:
            if name not in self.documents:
                self.documents[name] = self.call("GET", f"/openapi/v3/{name}")[1]
        return Schemas.from_openapi_v3([self.documents[name] for name in names])


def path_of(obj: Object, namespace: str, plural: str, name: str = "") -> str:
    version = obj["apiVersion"]
    root = f"/apis/{version}" if "/" in version else f"/api/{version}"
    return f"{root}/namespaces/{namespace}/{plural}" + (f"/{name}" if name else "")


def timeless(entries: list[Object]) -> list[Object]:
    """managedFields without their times, in an order that does not depend on them."""
    bare = [{key: value for key, value in one.items() if key != "time"} for one in entries]
    return sorted(bare, key=lambda one: json.dumps(one, sort_keys=True))


def managed_of(obj: Object) -> list[Object]:
    return obj["metadata"].get("managedFields", [])


def content_of(obj: Object) -> Object:
    """What an apply decides: without what the server alone writes."""
    bare = copy.deepcopy(without_managed_fields(obj))
    for name in ("resourceVersion", "generation", "uid", "creationTimestamp", "selfLink"):
        bare["metadata"].pop(name, None)
    bare.pop("status", None)
    return bare


@dataclass
class Twin:
    """One object on the real server, and what we say becomes of it."""

    server: Server
    schemas: Schemas
    namespace: str
    plural: str
    api_version: str
    kind: str
    name: str = "twin"

    @property
    def schema(self) -> Any:
        return self.schemas.for_kind(self.api_version, self.kind)

    def path(self, name: str = "", subresource: str = "") -> str:
        base = path_of({"apiVersion": self.api_version}, self.namespace, self.plural, name)
        return f"{base}/{subresource}" if subresource else base

    def object(self, body: Object) -> Object:
        metadata = {"name": self.name, "namespace": self.namespace, **body.get("metadata", {})}
        return {"apiVersion": self.api_version, "kind": self.kind, **body, "metadata": metadata}

    def live(self) -> Object | None:
        status, obj = self.server.call("GET", self.path(self.name))
        return obj if status == 200 else None

    def apply(self, body: Object, manager: str, *, force: bool = False, subresource: str = "") -> Object | None:
        """Predict, dry-run, compare, then apply for real. None where the server's validation or a conflict refuses."""
        config_ = self.object(body)
        query = {"fieldManager": manager, "force": str(force).lower()}
        path = self.path(self.name, subresource)
        live, status, real = self.undisturbed("PATCH", path, config_, APPLY, **query)
        if status == 422:
            return None
        ours = apply(live, config_, manager=manager, schema=self.schema, force=force, time=NOW, subresource=subresource)
        if status == 409:
            assert sorted(conflict_message(ours.conflicts).splitlines()) == sorted(real["message"].splitlines())
            return None
        assert status in (200, 201), real
        assert not ours.conflicts, ours.conflicts
        self.compare(live, ours, real, config_, manager, subresource)
        return self.server.call("PATCH", path, config_, APPLY, **query)[1]

    def undisturbed(
        self, verb: str, path: str, body: Any, media: str, **query: str
    ) -> tuple[Object | None, int, Object]:
        """The live object and the answer of a dry run on just that state, however busy the controllers are."""
        for _ in range(10):
            live = self.live()
            status, real = self.server.call(verb, path, body, media, dryRun="All", **query)
            after = self.live()
            if (live and version_of(live)) == (after and version_of(after)):
                return live, status, real
        raise AssertionError("the object never came to rest")

    def compare(
        self, live: Object | None, ours: Applied, real: Object, config_: Object, manager: str, subresource: str
    ) -> None:
        assert timeless(managed_of(ours.object)) == timeless(managed_of(real))
        assert has_times(ours.object) == has_times(real)
        if live is None or subresource:
            return
        assert content_of(self.defaulted(ours.object)) == content_of(real)
        is_same = content_of(real) == content_of(live) and timeless(managed_of(real)) == timeless(managed_of(live))
        if is_satisfied(live, config_, self.schema, manager):
            assert is_same
        if not ours.changed:
            assert is_same

    def defaulted(self, obj: Object) -> Object:
        """What storing ``obj`` would give, by a dry run."""
        bare = without_managed_fields(obj)
        for _ in range(10):
            metadata = {**bare["metadata"], "resourceVersion": version_of(self.live() or {})}
            status, answer = self.server.call("PUT", self.path(self.name), {**bare, "metadata": metadata}, dryRun="All")
            if status != 409:
                break
        assert status == 200, answer
        return answer

    def create(self, body: Object, manager: str) -> Object:
        status, real = self.server.call("POST", self.path(), self.object(body), fieldManager=manager)
        assert status == 201, real
        ours = update_managed_fields(None, without_managed_fields(real), manager=manager, schema=self.schema, time=NOW)
        assert timeless(managed_of(ours)) == timeless(managed_of(real))
        return real

    def patch(self, patch: Any, manager: str, media: str = MERGE, subresource: str = "") -> Object | None:
        """Patch, compare what a merge of our own gives, and who owns what afterwards."""
        path = self.path(self.name, subresource)
        live, status, real = self.undisturbed("PATCH", path, patch, media, fieldManager=manager)
        if status == 422:
            return None
        assert status == 200, real
        assert live is not None
        if not subresource:
            merged = merge_patch(live, patch) if media == MERGE else strategic_merge(live, patch, self.schema)
            assert content_of(self.defaulted(merged)) == content_of(real)
        ours = update_managed_fields(
            live, without_managed_fields(real), manager=manager, schema=self.schema, time=NOW, subresource=subresource
        )
        assert timeless(managed_of(ours)) == timeless(managed_of(real))
        return self.server.call("PATCH", path, patch, media, fieldManager=manager)[1]


def version_of(obj: Object) -> str:
    return str(obj["metadata"]["resourceVersion"])


def has_times(obj: Object) -> dict[str, bool]:
    return {f"{e['manager']}/{e['operation']}/{e.get('subresource')}": "time" in e for e in managed_of(obj)}
