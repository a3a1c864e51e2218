"""Rendered sources as targets: placed, tracked, each with the file that declares it; hooks apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from gitops_tui.engine.session import Session
from gitops_tui.engine.system import System
from gitops_tui.model.application import Application
from gitops_tui.model.operation import Condition
from gitops_tui.model.resource import GroupKind, Object, ResourceKey, key_of
from gitops_tui.render.directory import Rendered, RenderedObject
from gitops_tui.sync.deletion import delete_hooks
from gitops_tui.sync.hooks import is_hook, is_ignored, is_skipped
from gitops_tui.sync.targets import IsNamespaced, normalize_targets, place, without_excluded
from gitops_tui.sync.tracking import instance_name


class Target(Struct, frozen=True):
    """One object that should be there, and where Git says so."""

    key: ResourceKey
    obj: Object
    file: str = ""
    line: int = 0


class TargetSet(Struct, frozen=True):
    """What one rendering wants. Misspelled hooks and ``Skip`` are in no list (semantics 1.7)."""

    resources: tuple[Target, ...]
    hooks: tuple[Object, ...] = ()
    delete_hooks: tuple[Object, ...] = ()
    """What runs when the Application is deleted; a hook of a sync may be one, too."""
    conditions: tuple[Condition, ...] = ()
    instance: str = ""
    """The name under which the application tracks its objects."""


def read_targets(
    app: Application,
    renderings: Sequence[Rendered],
    session: Session,
    system: System,
    *,
    home_namespace: str,
) -> TargetSet:
    """The targets of all sources together; of one key the last counts."""
    instance = instance_name(app.key, home_namespace)
    namespace = app.destination.namespace
    scope: IsNamespaced = lambda kind: session.is_namespaced(kind.group, kind.kind)  # noqa: E731 - names its type
    rendered = [one for rendering in renderings for one in rendering.objects]
    normalized = normalize_targets(
        (one.obj for one in rendered), app=instance, namespace=namespace, is_namespaced=scope, tracking=system.tracking
    )
    origins = _origins(rendered, namespace, scope)
    kept, excluded = without_excluded(normalized.objects, lambda kind: system.excludes(kind, session.names))
    hooks = tuple(obj for obj in kept if is_hook(obj) and not is_ignored(obj))
    plain = (obj for obj in kept if not is_hook(obj) and not is_skipped(obj))
    resources = tuple(Target(key_of(obj), obj, *origins.get(key_of(obj), ("", 0))) for obj in plain)
    conditions = (*normalized.conditions, *excluded)
    return TargetSet(resources, hooks, delete_hooks(kept), conditions, instance)


def _origins(
    rendered: Iterable[RenderedObject], namespace: str, scope: IsNamespaced
) -> dict[ResourceKey, tuple[str, int]]:
    return {key_of(place(one.obj, namespace, scope)): (one.file, one.line) for one in rendered}


def needs_discovery(targets: TargetSet, session: Session) -> bool:
    """Whether a kind is not known: a CustomResourceDefinition may have come since discovery was read."""
    kinds = {GroupKind(target.key.group, target.key.kind) for target in targets.resources}
    return any(session.is_namespaced(kind.group, kind.kind) is None for kind in kinds)
