"""Objects with honest managedFields, without a server: applied as we apply, then written to by others."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import fields

from gitops_tui.diff.compare import Difference, compare
from gitops_tui.diff.foreign import find_foreign
from gitops_tui.diff.ownership import Managers
from gitops_tui.diff.rules import Rules
from gitops_tui.model.drift import FieldDrift
from gitops_tui.structured import builtin
from gitops_tui.structured.apply import apply
from gitops_tui.structured.schema import SchemaNode
from gitops_tui.structured.update import update_managed_fields

Object = dict[str, Any]
Change = Callable[[Object], None]

OURS = "gitops-tui"
NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def ago(**how: float) -> str:
    """RFC 3339, as the API server writes it."""
    return (NOW - timedelta(**how)).strftime("%Y-%m-%dT%H:%M:%SZ")


MADE, EDITED = ago(days=30), ago(days=14)


def schema_of(obj: Object) -> SchemaNode | None:
    return builtin.schemas().for_kind(obj["apiVersion"], obj["kind"])


def applied(target: Object, live: Object | None = None, *, manager: str = OURS, time: str = MADE) -> Object:
    """What is live after a server-side apply of ``target``."""
    after = apply(live, copy.deepcopy(target), manager=manager, schema=schema_of(target), force=True, time=time).object
    server = {"uid": "7b0c", "resourceVersion": "41", "generation": 1, "creationTimestamp": MADE}
    return {**after, "metadata": {"namespace": "shop", **server, **after["metadata"]}}


def written(
    live: Object, change: Change, manager: str = "kubectl-edit", time: str = EDITED, subresource: str = ""
) -> Object:
    """``live`` after ``manager`` changed it in place with an update."""
    after = copy.deepcopy(live)
    change(after)
    after["metadata"]["resourceVersion"] = str(int(live["metadata"]["resourceVersion"]) + 1)
    return update_managed_fields(
        live, after, manager=manager, schema=schema_of(live), time=time, subresource=subresource
    )


def client_side_applied(target: Object, *, time: str = MADE) -> Object:
    """What is live after ``kubectl apply``, which keeps a copy of what it applied."""
    annotations = {LAST_APPLIED: json.dumps(target)}
    made: Object = copy.deepcopy({**target, "metadata": {**target["metadata"], "annotations": annotations}})
    made = update_managed_fields(None, made, manager="kubectl-client-side-apply", schema=schema_of(target), time=time)
    server = {"uid": "7b0c", "resourceVersion": "41", "creationTimestamp": MADE}
    return {**made, "metadata": {"namespace": "shop", **made["metadata"], **server}}


def rules_in(how: Object) -> Rules:
    """What of ``how`` are rules, taken out of it."""
    names = [one.name for one in fields(Rules) if one.name in how]
    return Rules(**{name: tuple(how.pop(name)) if name == "ignores" else how.pop(name) for name in names})


def compared(target: Object | None, live: Object | None, **how: Any) -> Difference:
    known = target or live
    assert known is not None
    how["rules"] = rules_in(how)
    return compare(target, live, schema=schema_of(known), manager=OURS, **how)


def foreign(live: Object, target: Object, *, pristine: Object | None = None, **how: Any) -> tuple[FieldDrift, ...]:
    """What is foreign; what Git alone would give is the target itself unless it is told."""
    rules = rules_in(how)
    settings: Object = {"managers": Managers(OURS), "now": NOW, "pristine": pristine or target, "rules": rules, **how}
    return find_foreign(live, target, schema=schema_of(target), **settings)


def deployment(**container: Any) -> Object:
    labels = {"app": "auth"}
    one = {
        "name": "auth",
        "image": "registry.example/auth:1",
        "env": [{"name": "AUTH_MODE", "value": "oidc"}],
        **container,
    }
    template = {"metadata": {"labels": labels}, "spec": {"containers": [one]}}
    spec = {"replicas": 3, "selector": {"matchLabels": labels}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "auth"}, "spec": spec}


def config_map(**data: str) -> Object:
    data = data or {"app.conf": "a=1\n"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}, "data": data}


def secret(**strings: str) -> Object:
    strings = strings or {"password": "s3cret-word"}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "keys"}, "stringData": strings}


def service(**port: Any) -> Object:
    ports = [{"port": 80, "protocol": "TCP", **port}]
    spec = {"type": "NodePort", "selector": {"app": "auth"}, "ports": ports}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "auth"}, "spec": spec}


def container_of(obj: Object) -> Object:
    found: Object = obj["spec"]["template"]["spec"]["containers"][0]
    return found


def adds_env(*names: str, value: str = "1") -> Change:
    def change(obj: Object) -> None:
        container_of(obj).setdefault("env", []).extend({"name": name, "value": value} for name in names)

    return change


def sets(path: str, value: Any) -> Change:
    """``path`` in dots."""
    *above, last = path.split(".")

    def change(obj: Object) -> None:
        found = obj
        for name in above:
            found = found.setdefault(name, {})
        found[last] = value

    return change


def annotates(name: str, value: str, *, below: str = "metadata", map_name: str = "annotations") -> Change:
    def change(obj: Object) -> None:
        found = obj
        for part in below.split("."):
            found = found.setdefault(part, {})
        found.setdefault(map_name, {})[name] = value

    return change
