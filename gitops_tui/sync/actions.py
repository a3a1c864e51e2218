"""What the sync machine asks for, what it is answered, and what is kept between two of its steps."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from gitops_tui.model.operation import ResourceResult
from gitops_tui.model.snapshot import Progress
from gitops_tui.model.status import OperationPhase
from gitops_tui.sync.tasks import SyncTask


class Verb(StrEnum):
    APPLY = "apply"
    PRUNE = "prune"
    DELETE_HOOK = "delete hook"
    RELEASE_HOOK = "release hook"
    """Take the hook finalizer off a live hook."""


class Action(Struct, frozen=True):
    """One thing to do to the cluster, with the options that hold for this object."""

    verb: Verb
    task: SyncTask
    dry_run: bool = False
    replace: bool = False
    force: bool = False
    validate: bool = True
    propagation: str = "Foreground"


class Answer(Struct, frozen=True):
    """What became of an action. A deletion of what is already gone is ``ok``, and says so."""

    ok: bool
    message: str = ""
    is_gone: bool = False


class SyncState(Struct, frozen=True):
    """Everything that has to be kept between steps. ``wait_s``: the next step must not come sooner."""

    started_at: datetime
    phase: OperationPhase = OperationPhase.RUNNING
    message: str = ""
    results: tuple[ResourceResult, ...] = ()
    wait_s: float = 0.0
    progress: Progress = Progress()


Step = Generator[tuple[Action, ...], Sequence[Answer], SyncState]
