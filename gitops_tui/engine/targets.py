"""Rendered sources as targets: placed, tracked, each with the file that declares it; hooks apart."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from gitops_tui.engine.session import Session
from gitops_tui.engine.system import System
from gitops_tui.model.application import Application
from gitops_tui.model.operation import Condition
from gitops_tui.model.resource import GroupKind, Object, ResourceKey, key_of
from gitops_tui.render.directory import Rendered
from gitops_tui.sync.deletion import delete_hooks
from gitops_tui.sync.hooks import is_hook, is_ignored, sync_wave
from gitops_tui.sync.targets import IsNamespaced, normalize_targets, place, without_excluded, without_namespace
from gitops_tui.sync.tracking import instance_name


class Origin(Struct, frozen=True):
    """Where an object stands: a file of one of the application's sources (from 0), a line from 1; 0: not known."""

    file: str = ""
    line: int = 0
    source: int = 0


class Target(Struct, frozen=True):
    """One object that should be there, and where Git says so."""

    key: ResourceKey
    obj: Object
    origin: Origin = Origin()
    wave: int = 0


class TargetSet(Struct, frozen=True):
    """What one rendering wants. Misspelled hooks are in no list; ``Skip`` is a resource that nobody prunes."""

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
    origins = {
        key_of(place(one.obj, namespace, scope)): Origin(one.file, one.line, source)
        for source, rendering in zip(_rendered_sources(app, renderings), renderings, strict=True)
        for one in rendering.objects
    }
    kept, excluded = without_excluded(normalized.objects, lambda kind: system.excludes(kind, session.names))
    hooks = tuple(obj for obj in kept if is_hook(obj) and not is_ignored(obj))
    plain = (obj for obj in kept if not is_hook(obj))
    named = ((key_of(obj), obj) for obj in plain)
    resources = tuple(Target(key, obj, origins.get(key, Origin()), sync_wave(obj)) for key, obj in named)
    homeless = without_namespace((one.obj for one in resources), scope)
    conditions = (*normalized.conditions, *excluded, *homeless)
    return TargetSet(resources, hooks, delete_hooks(kept), conditions, instance)


def _rendered_sources(app: Application, renderings: Sequence[Rendered]) -> Sequence[int]:
    """Which source each rendering is of. What comes with an operation, or from a folder, is in place of the first."""
    numbers = [number for number, source in enumerate(app.sources) if not source.is_only_reference]
    return numbers if len(numbers) == len(renderings) else [0] * len(renderings)


def needs_discovery(targets: TargetSet, session: Session) -> bool:
    """Whether a kind is not known: a CustomResourceDefinition may have come since discovery was read."""
    kinds = {GroupKind(target.key.group, target.key.kind) for target in targets.resources}
    return any(session.is_namespaced(kind.group, kind.kind) is None for kind in kinds)
