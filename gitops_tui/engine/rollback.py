"""Back to what was deployed before: which entry of the history that is, whether it may be, and from which source.

Source: Argo CD ``server/application/application.go`` Rollback, ``cmd/argocd/commands/app.go`` findRevisionHistory
(semantics 1.10). The spec is not touched: afterwards the application is OutOfSync.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from gitops_tui.errors import OperationError
from gitops_tui.model.application import Application, parse_source
from gitops_tui.model.operation import HistoryEntry, Operation


def chosen_entry(app: Application, history: Sequence[HistoryEntry], entry: int | None) -> HistoryEntry:
    """The entry with this id, or the one before the last; raises `OperationError` where a rollback is refused."""
    if app.deletion_timestamp:
        raise OperationError(f"{app.name} is being deleted")
    if app.sync_policy.is_automated:
        raise OperationError(
            "rollback cannot be initiated when auto-sync is enabled",
            hint=f"Turn it off first (gitops-tui app set {app.name} --sync-policy none), or revert the commit in Git.",
        )
    found = _entry(app, history, entry)
    if not found.source and not found.sources:
        raise OperationError(
            f"entry {found.id} of the history names no source", hint="Sync to its revision instead (--revision)."
        )
    return found


def _entry(app: Application, history: Sequence[HistoryEntry], entry: int | None) -> HistoryEntry:
    if entry is None and len(history) < 2:
        raise OperationError(
            f"application '{app.name}' should have at least two successful deployments", hint="Name an entry's id."
        )
    if entry is None:
        return history[-2]
    found = next((one for one in history if one.id == entry), None)
    if found is None:
        known = ", ".join(str(one.id) for one in history) or "none"
        raise OperationError(
            f"application '{app.name}' does not have deployment id '{entry}' in history", hint=f"There are: {known}."
        )
    return found


def as_rollback(operation: Operation, entry: HistoryEntry) -> Operation:
    """The operation at an entry's sources and revisions; the apply strategy runs no hooks."""
    return replace(
        operation,
        revision=entry.revision,
        revisions=entry.revisions,
        source=entry.source,
        sources=entry.sources,
        strategy="apply",
    )


def with_sources(
    app: Application, source: Mapping[str, Any] | None, sources: Sequence[Mapping[str, Any]]
) -> Application:
    """The application as it would be with other sources, several or one; with none it is as it is.

    Raises `InvalidSpecError` where one of them is no source.
    """
    if not source and not sources:
        return app
    parsed = tuple(parse_source(one) for one in (sources or [source or {}]))
    if parsed == app.sources and bool(sources) is app.has_multiple_sources:
        return app
    spec = {key: value for key, value in (app.raw.get("spec") or {}).items() if key not in ("source", "sources")}
    spec |= {"sources": [dict(one) for one in sources]} if sources else {"source": dict(source or {})}
    return dataclasses.replace(app, sources=parsed, has_multiple_sources=bool(sources), raw={**app.raw, "spec": spec})
