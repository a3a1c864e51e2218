"""What a request to the API server is about, from its method and URL, in the words of Kubernetes' metrics."""

from __future__ import annotations

from msgspec import Struct

_VERBS = {"POST": "Create", "PUT": "Update", "PATCH": "Patch", "DELETE": "Delete"}


class RequestInfo(Struct, frozen=True):
    """``kind`` is the plural (``deployments``), empty for what is no resource, as discovery and versions."""

    verb: str
    kind: str = ""
    namespace: str = ""


def request_info(method: str, path: str, *, is_watch: bool = False) -> RequestInfo:
    """Source: argoproj/pkg ``kubeclientmetrics``, which Argo CD counts with."""
    parts = [one for one in path.split("/") if one]
    rest = parts[2:] if parts[:1] == ["api"] else parts[3:] if parts[:1] == ["apis"] else []
    namespace = ""
    if len(rest) > 2 and rest[0] == "namespaces":
        namespace, rest = rest[1], rest[2:]
    if not rest:
        return RequestInfo(_VERBS.get(method, "Get"))
    verb = "Watch" if is_watch else ("Get" if len(rest) > 1 else "List")
    return RequestInfo(_VERBS.get(method, verb), rest[0], namespace)
