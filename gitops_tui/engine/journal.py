"""What the journal tells of an application whose view changed."""

from __future__ import annotations

from gitops_tui.engine.board import Board
from gitops_tui.model.snapshot import AppView


def note_changes(board: Board, before: AppView | None, after: AppView) -> None:
    """One line for each of sync, health and drift that moved."""
    if before is None or before.is_loading:
        return
    if before.sync is not after.sync:
        board.note(after.key, f"{before.sync} → {after.sync}", "sync")
    if before.health.status is not after.health.status:
        text = f"{before.health.status} → {after.health.status} {after.health.message}".rstrip()
        board.note(after.key, text, "health")
    if before.progress is None and after.progress is None and before.is_drifted is not after.is_drifted:
        text = f"drifted: {after.trouble.what}" if after.is_drifted else "drift is gone"
        board.note(after.key, text, "drift")
