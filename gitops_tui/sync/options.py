"""Sync options of the application and of a single object (semantics 1.8)."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from msgspec import Struct

from gitops_tui.model.annotations import HELM_RESOURCE_POLICY, MIGRATION_MANAGER, SYNC_OPTIONS
from gitops_tui.model.application import Application
from gitops_tui.model.resource import Object
from gitops_tui.sync import csv

CONFIRM = "confirm"

PROPAGATION_POLICIES = {"background": "Background", "foreground": "Foreground", "orphan": "Orphan"}
"""As options spell them and as the API does; where several are asked for, the first of these counts."""


class SyncOptions(Struct, frozen=True):
    """What ``spec.syncPolicy.syncOptions`` and the operation's own options say together.

    ``prune`` and ``delete``: ``"true"``, ``"false"``, ``"confirm"`` or empty; an object's own value beats them.
    ``propagation`` is how the API spells it (``Foreground``).
    """

    prune: str = ""
    delete: str = ""
    prune_last: bool = False
    propagation: str = "Foreground"
    validate: bool = True
    skip_dry_run_on_missing_resource: bool = False
    apply_out_of_sync_only: bool = False
    replace: bool = False
    server_side_apply: bool = False
    client_side_apply_migration: bool = True
    fail_on_shared_resource: bool = False
    respect_ignore_differences: bool = False
    create_namespace: bool = False


def parse_options(options: Iterable[str]) -> SyncOptions:
    """Read a list of ``Name=value``; what is not spelled to the letter is ignored, as Argo CD ignores it."""
    entries = tuple(options)
    return SyncOptions(
        prune=csv.value_in(entries, "Prune") or "",
        delete=csv.value_in(entries, "Delete") or "",
        prune_last="PruneLast=true" in entries,
        propagation=_propagation(entries),
        validate="Validate=false" not in entries,
        skip_dry_run_on_missing_resource="SkipDryRunOnMissingResource=true" in entries,
        apply_out_of_sync_only="ApplyOutOfSyncOnly=true" in entries,
        replace="Replace=true" in entries,
        server_side_apply="ServerSideApply=true" in entries,
        client_side_apply_migration="ClientSideApplyMigration=false" not in entries,
        fail_on_shared_resource="FailOnSharedResource=true" in entries,
        respect_ignore_differences="RespectIgnoreDifferences=true" in entries,
        create_namespace="CreateNamespace=true" in entries,
    )


def _propagation(entries: Collection[str]) -> str:
    asked = (spelled for word, spelled in PROPAGATION_POLICIES.items() if f"PrunePropagationPolicy={word}" in entries)
    return next(asked, "Foreground")


def has_option(obj: Object | None, option: str) -> bool:
    """Whether the object's own annotation holds ``option`` (``Replace=true``)."""
    return csv.has(obj, SYNC_OPTIONS, option)


def is_pruning_disabled(obj: Object, default: str = "") -> bool:
    """``Prune=false``; the object's own value beats the application's ``default``."""
    return _resolved(obj, "Prune", default) == "false"


def needs_prune_confirmation(obj: Object, default: str = "") -> bool:
    return _resolved(obj, "Prune", default) == CONFIRM


def is_deletion_disabled(obj: Object, default: str = "") -> bool:
    """``Delete=false``, or Helm's ``resource-policy: keep``."""
    kept = "keep" in csv.values(obj, HELM_RESOURCE_POLICY)
    return kept or _resolved(obj, "Delete", default) == "false"


def needs_deletion_confirmation(obj: Object, default: str = "") -> bool:
    return _resolved(obj, "Delete", default) == CONFIRM


def _resolved(obj: Object, option: str, default: str) -> str:
    found = csv.value_of(obj, SYNC_OPTIONS, option)
    return default if found is None else found


def is_replaced(target: Object | None, live: Object | None, default: bool) -> bool:
    """``Replace=true`` on either side, or for the whole operation."""
    return default or has_option(target, "Replace=true") or has_option(live, "Replace=true")


def is_forced(target: Object | None, live: Object | None, default: bool) -> bool:
    """``Force=true`` on either side, or for the whole operation: delete and create where an apply conflicts."""
    return default or has_option(target, "Force=true") or has_option(live, "Force=true")


def is_validated(target: Object | None, default: bool) -> bool:
    return default and not has_option(target, "Validate=false")


def is_missing_kind_skipped(target: Object | None, options: SyncOptions) -> bool:
    """Whether a kind that the API server does not know is left to the apply: a hook or a wave may bring it."""
    return options.skip_dry_run_on_missing_resource or has_option(target, "SkipDryRunOnMissingResource=true")


def is_server_side(target: Object | None, default: bool) -> bool:
    """``ServerSideApply=false`` on the object opts out of the application's setting."""
    if has_option(target, "ServerSideApply=false"):
        return False
    return default or has_option(target, "ServerSideApply=true")


def migrated_managers(app: Application, target: Object | None, options: SyncOptions) -> tuple[str, ...]:
    """Whose fields a server-side apply takes over besides those of ``kubectl apply``: whom the Application names.

    Only for what asks for server-side apply, as in Argo CD: elsewhere its annotation has no effect.
    """
    named = app.annotations.get(MIGRATION_MANAGER, "")
    return (named,) if named and is_server_side(target, options.server_side_apply) else ()


def is_pruned_last(live: Object | None, default: bool) -> bool:
    return default or has_option(live, "PruneLast=true")
