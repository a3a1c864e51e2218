"""What a sync operation was asked to do, and what is known of the cluster while it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from gitops_tui.model.operation import Operation
from gitops_tui.model.resource import Object, ResourceKey
from gitops_tui.model.status import Health
from gitops_tui.sync.options import SyncOptions, parse_options
from gitops_tui.sync.pairing import Pair

WAVE_DELAY_S = 2.0
"""The pause after a wave that is not the last: controllers see what was applied (``ARGOCD_SYNC_WAVE_DELAY``)."""


NO_OPTIONS = SyncOptions()


class SyncSettings(Struct, frozen=True):
    """Fixed for one operation. ``resources`` empty: everything; ``namespace`` is the destination's."""

    namespace: str = ""
    revision: str = ""
    options: SyncOptions = NO_OPTIONS
    prune: bool = False
    dry_run: bool = False
    force: bool = False
    skip_hooks: bool = False
    resources: tuple[ResourceKey, ...] = ()
    namespace_metadata: Mapping[str, Mapping[str, str]] | None = None
    """``spec.syncPolicy.managedNamespaceMetadata``; only with ``CreateNamespace=true``."""
    wave_delay_s: float = WAVE_DELAY_S


def settings_of(
    operation: Operation,
    *,
    namespace: str,
    revision: str,
    options: Iterable[str] = (),
    namespace_metadata: Mapping[str, Mapping[str, str]] | None = None,
) -> SyncSettings:
    """The settings of an operation. ``options`` are the application's; an operation's own list replaces them."""
    chosen = operation.sync_options or tuple(options)
    return SyncSettings(
        namespace=namespace,
        revision=revision,
        options=parse_options(chosen),
        prune=operation.prune,
        dry_run=operation.dry_run,
        force=operation.force,
        skip_hooks=operation.skips_hooks,
        resources=operation.resources,
        namespace_metadata=namespace_metadata,
    )


def is_selected(key: ResourceKey, resources: Iterable[ResourceKey]) -> bool:
    """Whether a selective sync names the object; a selection without a namespace means any."""
    return any(key == one or (not one.namespace and key == replace(one, namespace=key.namespace)) for one in resources)


def _nothing(_: object) -> None:
    return None


def _no_words(_: object) -> str:
    return ""


class Observed(Struct, frozen=True):
    """The world at one step; fresh for each. The callables only read what is already in memory.

    ``pairs`` holds the managed objects (never hook targets), ``hooks`` the hook targets; both come normalised.
    """

    pairs: tuple[Pair, ...] = ()
    hooks: tuple[Object, ...] = ()
    live: Callable[[ResourceKey], Object | None] = _nothing
    """Any live object by its real key (a cluster-scoped one has no namespace)."""
    health: Callable[[Object], Health | None] = _nothing
    unknown_kind: Callable[[Object], str] = _no_words
    """Why the API server cannot take the object's kind, or empty."""
    forbidden: Callable[[Object], str] = _no_words
    """Why the project does not permit the object, or empty."""
    modified: Mapping[ResourceKey, bool] | None = None
    """By key, whether the comparison found a difference; for ``ApplyOutOfSyncOnly``."""
    is_prune_confirmed: bool = False
    """The Application carries a ``deletion-approved`` that is not older than the operation."""
