"""What must not happen, however odd the situation: rules that were broken once."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from gitops_tui.engine.deleting import Deleting
from gitops_tui.model.application import Application, Origin, parse_application
from gitops_tui.model.resource import Object, ResourceKey, key_of


def application(name: str = "web", namespace: str = "argocd", *, in_cluster: bool = True) -> Application:
    raw = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name, "namespace": namespace, "uid": f"uid-{name}"},
        "spec": {
            "project": "default",
            "source": {"repoURL": "https://example.com/r.git", "path": "."},
            "destination": {"server": "https://kubernetes.default.svc", "namespace": "shop"},
        },
    }
    return parse_application(raw, origin=Origin(in_cluster=in_cluster))


def config_map(name: str) -> Object:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "shop", "uid": name}}


def compared(live: Object, *, in_git: bool = True, requires_pruning: bool = False) -> Any:
    view = SimpleNamespace(requires_pruning=requires_pruning)
    return SimpleNamespace(key=key_of(live), live=live, target=live if in_git else None, view=view)


# --- deleting an Application with its objects


def left(objects: list[Any], marked: list[Object]) -> list[ResourceKey]:
    cache = SimpleNamespace(indexed=lambda instance: marked if instance == "web" else [])
    comparison = SimpleNamespace(
        app=application(),
        targets=SimpleNamespace(instance="web"),
        objects=objects,
        session=SimpleNamespace(cache=cache),
    )
    deleting = Deleting(*cast(Any, [None] * 6))
    return [key_of(obj) for obj in deleting._left(cast(Any, comparison))]


def test_an_object_that_git_names_but_nobody_adopted_is_not_deleted_with_the_application() -> None:
    ours, foreign, extra = config_map("ours"), config_map("foreign"), config_map("extra")
    objects = [compared(ours), compared(foreign), compared(extra, in_git=False, requires_pruning=True)]
    assert left(objects, [ours, extra]) == [key_of(ours), key_of(extra)]


def test_an_application_that_manages_itself_does_not_wait_for_its_own_end() -> None:
    itself = application().raw
    assert left([compared(itself)], [itself]) == []
