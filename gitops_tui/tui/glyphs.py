"""Every state as glyph + word + ink, so that no state is told by colour alone."""

from __future__ import annotations

from msgspec import Struct

from gitops_tui.model.plan import ItemAction
from gitops_tui.model.snapshot import BROKEN, TroubleKind
from gitops_tui.model.status import HealthStatus, SyncStatus


class Mark(Struct, frozen=True):
    glyph: str
    """One cell on every terminal: no emoji, no East Asian ambiguous width."""
    word: str
    ink: str


HEALTH = {
    HealthStatus.HEALTHY: Mark("✓", "Healthy", "ok"),
    HealthStatus.SUSPENDED: Mark("◌", "Suspended", "muted"),
    HealthStatus.PROGRESSING: Mark("↻", "Progressing", "busy"),
    HealthStatus.MISSING: Mark("◌", "Missing", "warn"),
    HealthStatus.DEGRADED: Mark("✗", "Degraded", "bad"),
    HealthStatus.UNKNOWN: Mark("?", "Unknown", "unknown"),
}

SYNC = {
    SyncStatus.SYNCED: Mark("✓", "Synced", "ok"),
    SyncStatus.OUT_OF_SYNC: Mark("!", "OutOfSync", "warn"),
    SyncStatus.UNKNOWN: Mark("?", "Unknown", "unknown"),
}

TROUBLE = {
    TroubleKind.DRIFTED: Mark("!", "drifted", "drift"),
    TroubleKind.DEGRADED: Mark("✗", "degraded", "bad"),
    TroubleKind.FAILED: Mark("✗", "sync failed", "bad"),
    TroubleKind.ERROR: Mark("✗", "error", "bad"),
    TroubleKind.OUT_OF_SYNC: Mark("!", "out of sync", "warn"),
    TroubleKind.SYNCING: Mark("↻", "syncing", "busy"),
    TroubleKind.PROGRESSING: Mark("↻", "progressing", "busy"),
    TroubleKind.MISSING: Mark("◌", "missing", "warn"),
    TroubleKind.UNKNOWN: Mark("?", "unknown", "unknown"),
    TroubleKind.SUSPENDED: Mark("◌", "suspended", "muted"),
    TroubleKind.NONE: Mark("✓", "healthy and in sync", "ok"),
}

ACTION = {
    ItemAction.CREATE: Mark("+", "create", "added"),
    ItemAction.CONFIGURE: Mark("!", "change", "warn"),
    ItemAction.UNCHANGED: Mark("✓", "unchanged", "muted"),
    ItemAction.PRUNE: Mark("✗", "prune", "bad"),
    ItemAction.SKIP: Mark("◌", "skip", "muted"),
    ItemAction.HOOK: Mark("↻", "hook", "busy"),
}

NO_STATUS = Mark("◌", "", "muted")


class Tally(Struct, frozen=True):
    """One number of the header and of the wall; each application is counted in exactly one."""

    glyph: str
    word: str
    ink: str
    kinds: frozenset[TroubleKind]


TALLIES = (
    Tally("✗", "degraded", "bad", BROKEN),
    Tally("!", "drifted", "drift", frozenset({TroubleKind.DRIFTED})),
    Tally("!", "out of sync", "warn", frozenset({TroubleKind.OUT_OF_SYNC})),
    Tally("↻", "busy", "busy", frozenset({TroubleKind.SYNCING, TroubleKind.PROGRESSING})),
    Tally("◌", "missing", "warn", frozenset({TroubleKind.MISSING, TroubleKind.SUSPENDED})),
    Tally("?", "unknown", "unknown", frozenset({TroubleKind.UNKNOWN})),
    Tally("✓", "ok", "ok", frozenset({TroubleKind.NONE})),
)
