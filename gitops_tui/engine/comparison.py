"""What a comparison found: each object with its faces, and the application as a whole."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from gitops_tui.engine.projects import EVERYTHING, Permits
from gitops_tui.engine.session import Session
from gitops_tui.engine.sources import SourceAt
from gitops_tui.engine.targets import TargetSet
from gitops_tui.errors import GitOpsError
from gitops_tui.model.application import Application
from gitops_tui.model.operation import Condition, Operation
from gitops_tui.model.resource import Object, ResourceKey
from gitops_tui.model.snapshot import ResourceView
from gitops_tui.model.status import Health, SyncStatus
from gitops_tui.model.system import DEFAULT_SYSTEM, SystemSettings
from gitops_tui.sync.hooks import is_skipped


class ComparedObject(Struct, frozen=True):
    """One object with its three faces; unmasked, so it never leaves the core as it is."""

    view: ResourceView
    target: Object | None
    live: Object | None
    """As the watch gave it."""
    shown_live: Object | None
    """Without the server's bookkeeping: the left side of a diff."""
    predicted: Object | None
    """What a heal leaves: the right side of a diff."""
    problems: tuple[str, ...] = ()
    """Ignore rules that did not work on it, in words."""

    @property
    def key(self) -> ResourceKey:
        return self.view.key

    @property
    def is_skipped(self) -> bool:
        """Git has it and says ``Skip``: it is neither applied nor judged, and not pruned either."""
        return self.target is not None and is_skipped(self.target)

    @property
    def is_managed(self) -> bool:
        """Git has it, or had it: not a hook that ran, not a copy that carries another object's tracking id, and
        nothing to be skipped.
        """
        if self.target is not None:
            return not self.is_skipped
        return self.view.requires_pruning and not self.view.is_hook


class Comparison(Struct, frozen=True):
    """An application as compared."""

    app: Application
    session: Session
    pins: tuple[SourceAt, ...]
    targets: TargetSet
    objects: tuple[ComparedObject, ...]
    sync: SyncStatus
    health: Health
    conditions: tuple[Condition, ...]
    at: datetime
    system: SystemSettings = DEFAULT_SYSTEM
    permits: Permits = EVERYTHING
    """What the project permits, as of this comparison."""
    refusal: GitOpsError | None = None
    """Why nothing may be done that rests on it: it is there to be shown."""

    @property
    def revision(self) -> str:
        """The commit of the first source; empty where nothing was read."""
        return self.pins[0].sha if self.pins else ""

    @property
    def commits(self) -> tuple[str, ...]:
        """The commit of each source."""
        return tuple(pin.sha for pin in self.pins)

    def pinned(self, operation: Operation) -> Operation:
        """The operation at these commits: ``revision`` for one source, ``revisions`` for several."""
        if self.app.has_multiple_sources:
            return replace(operation, revision="", revisions=self.commits)
        return replace(operation, revision=self.revision, revisions=())

    @property
    def usable(self) -> Comparison:
        """Itself; raises its refusal."""
        if self.refusal is not None:
            raise self.refusal
        return self

    def find(self, key: ResourceKey) -> ComparedObject | None:
        return next((one for one in self.objects if one.key == key), None)


def app_instance(app: Application, targets: TargetSet) -> str:
    """The name under which the application tracks its objects."""
    return targets.instance or app.name
