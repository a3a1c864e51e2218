"""From rendered objects to targets: namespaces filled in, duplicates settled, tracking set (semantics 1.5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct

from gitops_tui.model.operation import Condition
from gitops_tui.model.resource import GroupKind, Object, ResourceKey, key_of, metadata_of
from gitops_tui.model.status import ConditionType
from gitops_tui.sync.tracking import DEFAULT_TRACKING, Tracking, set_tracking

CRD = GroupKind("apiextensions.k8s.io", "CustomResourceDefinition")

IsNamespaced = Callable[[GroupKind], bool | None]
"""Whether a kind is namespaced; None where the cluster does not know it."""


class Targets(Struct, frozen=True):
    """The targets in the order of rendering, with what was wrong with them."""

    objects: tuple[Object, ...]
    conditions: tuple[Condition, ...] = ()


def normalize_targets(
    objects: Iterable[Object],
    *,
    app: str,
    namespace: str,
    is_namespaced: IsNamespaced,
    tracking: Tracking | None = DEFAULT_TRACKING,
) -> Targets:
    """What should be in the cluster. ``app`` is the instance name; ``tracking`` None: objects are not marked.

    Of objects with the same key the last one counts and a warning says so. Custom resource definitions are not
    tracked; an object of an unknown kind is taken for a namespaced one, as Argo CD does.
    """
    placed = [place(obj, namespace, is_namespaced) for obj in objects]
    kept, repeated = _unique(placed)
    if tracking is not None:
        kept = [_track(obj, app, tracking, namespace) for obj in kept]
    return Targets(tuple(kept), tuple(_repeated_warning(key, count) for key, count in repeated))


def without_excluded(
    objects: Iterable[Object], is_excluded: Callable[[GroupKind], bool]
) -> tuple[tuple[Object, ...], tuple[Condition, ...]]:
    """The objects of kinds that nobody excluded, and a warning for each of the others."""
    found = [(obj, key, key.group_kind) for obj in objects for key in (key_of(obj),)]
    excluded = {kind for kind in {kind for _, _, kind in found} if is_excluded(kind)}
    kept = tuple(obj for obj, _, kind in found if kind not in excluded)
    return kept, tuple(_excluded_warning(key) for _, key, kind in found if kind in excluded)


def _excluded_warning(key: ResourceKey) -> Condition:
    text = f"Resource {key.group}/{key.kind} {key.name} is excluded in the settings"
    return Condition(ConditionType.EXCLUDED_RESOURCE_WARNING.value, text)


def without_namespace(objects: Iterable[Object], is_namespaced: IsNamespaced) -> tuple[Condition, ...]:
    """A warning for each object that needs a namespace and finds none, neither its own nor the destination's.

    Its type is that of a spec that is not valid, though the application is compared all the same.
    """
    found = ((obj, key_of(obj)) for obj in objects)
    return tuple(
        Condition(ConditionType.INVALID_SPEC_ERROR.value, _no_namespace(obj, key.name))
        for obj, key in found
        if not key.namespace and is_namespaced(key.group_kind) is True
    )


def _no_namespace(obj: Object, name: str) -> str:
    return f"Namespace for {name} {obj.get('apiVersion')}, Kind={obj.get('kind')} is missing."


def place(obj: Object, namespace: str, is_namespaced: IsNamespaced) -> Object:
    """A copy with the namespace that its scope asks for: the destination's where it has none, none where cluster-wide.

    The namespace of an object with ``generateName`` is left alone.
    """
    metadata = metadata_of(obj)
    key = key_of(obj)
    if is_namespaced(key.group_kind) is False:
        wanted = ""
    else:
        wanted = key.namespace or namespace
    if wanted == key.namespace:
        return obj
    rest = {name: value for name, value in metadata.items() if name != "namespace"}
    return {**obj, "metadata": {**rest, "namespace": wanted} if wanted else rest}


def _unique(objects: list[Object]) -> tuple[list[Object], list[tuple[ResourceKey, int]]]:
    """The last object of each key at the place of the first, and the keys that came more than once.

    An object that is named when it is made (``generateName``) is never a repetition.
    """
    last: dict[object, Object] = {}
    counts: dict[ResourceKey, int] = {}
    for number, obj in enumerate(objects):
        key = key_of(obj)
        if not key.name and metadata_of(obj).get("generateName"):
            last[number] = obj
            continue
        counts[key] = counts.get(key, 0) + 1
        last[key] = obj
    return list(last.values()), [(key, count) for key, count in counts.items() if count > 1]


def _track(obj: Object, app: str, tracking: Tracking, namespace: str) -> Object:
    return obj if key_of(obj).group_kind == CRD else set_tracking(obj, app, tracking, namespace)


def _repeated_warning(key: ResourceKey, count: int) -> Condition:
    text = f"Resource {key} appeared {count} times among application resources."
    return Condition(ConditionType.REPEATED_RESOURCE_WARNING.value, text)
