"""Objects that ``kubectl apply`` or Argo CD applied client-side compare here as they do there.

The judge is the real three-way merge: what ``kubectl apply`` would make of it, as the API server's dry run says.
Where server-side apply gives another answer the row says so, and docs/compatibility.md too.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from gitops_tui.diff.normalize import normalize
from gitops_tui.structured import builtin
from tests.contract.diff.hand import Hand, Object, config_map, deployment, service

pytestmark = pytest.mark.control_plane

Change = Callable[[Object], None]


def pod(obj: Object) -> Object:
    found: Object = obj["spec"]["template"]["spec"]
    return found


def container(obj: Object) -> Object:
    found: Object = pod(obj)["containers"][0]
    return found


def role() -> Object:
    rules = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]
    return {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "r"}, "rules": rules}


def stateful_set() -> Object:
    labels = {"app": "db"}
    template = {
        "metadata": {"labels": labels},
        "spec": {"containers": [{"name": "db", "image": "registry.example/db:1"}]},
    }
    claim = {"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"],
             "resources": {"requests": {"storage": "1024Mi"}}}}  # fmt: skip
    spec = {
        "serviceName": "db",
        "selector": {"matchLabels": labels},
        "template": template,
        "volumeClaimTemplates": [claim],
    }
    return {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "db"}, "spec": spec}


@dataclass(frozen=True)
class Row:
    """``applied`` by ``kubectl apply``; then somebody's ``hand``; then ``git`` changes what is wanted."""

    what: str
    applied: Object
    git: Change = lambda _: None
    hand: tuple[tuple[str, ...], ...] = ()
    verb: str = "apply"
    differs: bool = False
    """Ours is modified and the three-way merge is not, or the other way round."""


def patch(kind: str, name: str, body: Any, how: str = "strategic") -> tuple[str, ...]:
    return ("patch", kind, name, f"--type={how}", "-p", json.dumps(body))


def in_container(**fields: Any) -> Any:
    return {"spec": {"template": {"spec": {"containers": [{"name": "auth", **fields}]}}}}


TWO_PORTS = {"spec": {"ports": [{"port": 81, "name": "x"}, {"port": 80, "name": "y"}]}}
TWO_ARGS = deployment(args=["a", "b"])
ROWS = [
    Row("nothing happened", deployment()),
    Row("a StatefulSet's claims with what the server fills in", stateful_set()),
    Row("a Service with what the server allocates", service()),
    Row("Git drops a field that was applied", deployment(), lambda one: container(one).pop("resources")),
    Row("Git drops a variable", deployment(), lambda one: container(one).update(env=[])),
    Row("Git drops the whole list of variables", deployment(), lambda one: container(one).pop("env")),
    Row("Git drops replicas", deployment(), lambda one: one["spec"].pop("replicas")),
    Row("Git drops a key of a ConfigMap", config_map(a="1", b="2"), lambda one: one["data"].pop("b")),
    Row("Git drops all data", config_map(a="1"), lambda one: one.pop("data")),
    Row("Git changes a value", deployment(), lambda one: container(one).update(image="registry.example/auth:2")),
    Row("Git writes a quantity otherwise", deployment(),
        lambda one: container(one).update(resources={"limits": {"cpu": 1, "memory": "1Gi"}})),
    Row("Git writes a default out", deployment(), lambda one: pod(one).update(restartPolicy="Always")),
    Row("Git writes an empty list", deployment(), lambda one: pod(one).update(volumes=[])),
    Row("Git drops an argument", TWO_ARGS, lambda one: container(one).update(args=["a"])),
    Row("a variable added by hand", deployment(), hand=(("set", "env", "deployment/auth", "DEBUG=1"),)),
    Row("a label added by hand", deployment(), hand=(("label", "deployment/auth", "a=b"),)),
    Row("an annotation added by hand", deployment(), hand=(("annotate", "deployment/auth", "a=b"),)),
    Row("a key added by hand", config_map(a="1"), hand=(patch("configmap", "settings", {"data": {"b": "2"}}),)),
    Row("a port added by hand", service(), hand=(patch("service", "auth", TWO_PORTS),)),
    Row("a sidecar added by hand", deployment(),
        hand=(patch("deployment", "auth", {"spec": {"template": {"spec": {"containers": [
            {"name": "side", "image": "registry.example/side:1"}]}}}}),)),
    Row("a volume added by hand", deployment(),
        hand=(patch("deployment", "auth", {"spec": {"template": {"spec": {"volumes": [
            {"name": "v", "emptyDir": {}}]}}}}),)),
    Row("replicas that Git sets, by hand", deployment(), hand=(("scale", "deployment/auth", "--replicas=5"),)),
    Row("an image by hand", deployment(), hand=(("set", "image", "deployment/auth", "auth=registry.example/auth:9"),)),
    Row("a value by hand", config_map(a="1"), hand=(patch("configmap", "settings", {"data": {"a": "2"}}),)),
    Row("an argument added by hand", TWO_ARGS,
        hand=(patch("deployment", "auth", in_container(args=["a", "b", "c"])),)),
    Row("a rule added by hand", role(),
        hand=(patch("role", "r", [{"op": "add", "path": "/rules/-", "value": role()["rules"][0]}], "json"),)),
    Row("a variable removed by hand", deployment(), hand=(("set", "env", "deployment/auth", "AUTH_MODE-"),)),
    Row("a field removed by hand", deployment(),
        hand=(patch("deployment", "auth", in_container(resources=None)),)),
    Row("what Git drops, changed by hand before", deployment(), lambda one: one["spec"].pop("replicas"),
        hand=(("scale", "deployment/auth", "--replicas=5"),), differs=True),
    Row("made by kubectl create: what Git does not set was never applied", deployment(),
        lambda one: container(one).pop("resources"), verb="create"),
    Row("made by kubectl create --save-config: what Git drops", deployment(),
        lambda one: container(one).pop("resources"), verb="create --save-config"),
]  # fmt: skip


def three_way(hand: Hand, target: Object) -> bool:
    """Whether ``kubectl apply`` would change the object, the copy of what it applied left aside."""
    after = hand._json("apply", "--dry-run=server", "-o", "json", "-f", "-", body=target)
    schema = builtin.schemas().for_kind(target["apiVersion"], target["kind"])
    return normalize(after, schema) != normalize(hand.live(target), schema)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.what)
def test_what_was_applied_client_side_compares_as_the_three_way_merge_does(hand: Hand, row: Row) -> None:
    hand.kubectl(*row.verb.split(), "-f", "-", body=row.applied)
    for words in row.hand:
        hand.kubectl(*words)
    target = copy.deepcopy(row.applied)
    row.git(target)
    expected = three_way(hand, target)
    assert hand.compared(target).modified is (expected is not row.differs)
    assert hand.compared(target, confirmed=hand.dry_run(target)).modified is (expected is not row.differs)
