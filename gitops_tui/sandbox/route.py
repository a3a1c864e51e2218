"""Which object or collection a path names."""

from __future__ import annotations

from msgspec import Struct

from gitops_tui.sandbox.auth import Attributes
from gitops_tui.sandbox.failure import no_such_resource
from gitops_tui.sandbox.registry import Registry, ResourceType

_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch"}


class Target(Struct, frozen=True):
    """``name`` "" is the collection; ``namespace`` "" all of them, or none for a cluster-scoped kind."""

    kind: ResourceType
    namespace: str = ""
    name: str = ""
    subresource: str = ""

    def attributes(self, method: str, *, is_watch: bool) -> Attributes:
        """What the request asks for, in the words of authorization."""
        return Attributes(
            verb=self.verb(method, is_watch=is_watch),
            group=self.kind.group,
            resource=self.kind.plural,
            subresource=self.subresource,
            namespace=self.name if self.kind.resource == "namespaces" else self.namespace,
            name=self.name,
            is_namespaced=self.kind.is_namespaced,
        )

    def verb(self, method: str, *, is_watch: bool) -> str:
        if method == "GET":
            return "watch" if is_watch else "get" if self.name else "list"
        if method == "DELETE":
            return "delete" if self.name else "deletecollection"
        return _VERBS.get(method, method.lower())


def resolve(registry: Registry, path: str) -> Target:
    """Raises `NotFound` where no served resource is at ``path``."""
    parts = [part for part in path.split("/") if part]
    if parts[0] == "api":
        group, version, rest = "", parts[1], parts[2:]
    else:
        group, version, rest = parts[1], parts[2], parts[3:]
    namespace = ""
    if len(rest) > 2 and rest[0] == "namespaces" and not (group == "" and rest[2] in ("status", "finalize")):
        namespace, rest = rest[1], rest[2:]
    kind = registry.find(group, version, rest[0])
    if kind is None or (namespace and not kind.is_namespaced) or len(rest) > 3:
        raise no_such_resource()
    name = rest[1] if len(rest) > 1 else ""
    subresource = rest[2] if len(rest) > 2 else ""
    if (name and kind.is_namespaced and not namespace) or (subresource and kind.subresource(subresource) is None):
        raise no_such_resource()
    return Target(kind, namespace, name, subresource)
