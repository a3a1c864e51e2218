"""What the core holds of one application while it runs.

Owned by the reconcile thread; others read the published view.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from gitops_tui.engine.comparison import Comparison
from gitops_tui.engine.operation import OperationRun
from gitops_tui.engine.prepare import Prepared
from gitops_tui.engine.session import Session
from gitops_tui.engine.sources import SourceAt
from gitops_tui.engine.state import AppState
from gitops_tui.engine.targets import TargetSet
from gitops_tui.errors import GitOpsError
from gitops_tui.model.application import AppKey, Application
from gitops_tui.model.catalogue import Code, Section
from gitops_tui.model.decision import Decision, DecisionLog
from gitops_tui.model.facts import FactValue
from gitops_tui.model.operation import Condition
from gitops_tui.model.resource import ResourceKey
from gitops_tui.model.status import HealthStatus, OperationPhase


@dataclass
class Record:
    """Mutable on purpose: one thread changes it. ``error`` is why the last comparison could not be made."""

    app: Application
    session: Session | None = None
    pins: tuple[SourceAt, ...] = ()
    comparison: Comparison | None = None
    state: AppState = field(default_factory=lambda: AppState({}))
    error: GitOpsError | None = None
    outage: GitOpsError | None = None
    """A repository does not answer: it is compared with what was fetched last, and nothing begins by itself."""
    compared_at: datetime | None = None
    rest_until: float = 0.0
    """On the monotonic clock: what changes before is compared then."""
    refreshed_at: datetime | None = None
    """When the revision was last resolved: what Argo CD calls ``reconciledAt``."""
    managed_by: str = ""
    run: OperationRun | None = None
    log: DecisionLog = field(default_factory=DecisionLog)
    answers: tuple[Decision, ...] = ()
    """Why it acts by itself or does not, as decided last; emptied before it is decided anew."""
    health: HealthStatus = HealthStatus.UNKNOWN
    health_since: datetime | None = None
    polls: tuple[Decision, ...] = ()
    """When its repositories are asked next."""
    source_type: str = "Directory"
    targets: TargetSet | None = None
    targets_of: Prepared | None = None
    """What the targets were read from: the same rendering is not read twice."""
    has_unknown_kinds: bool = False
    """Their scope was guessed: once the kind is known, the targets are read again, or they would name other keys."""
    not_rendered: str = ""
    """The source types that are not rendered here, in words."""
    is_reported: bool = False
    """Its source is not rendered here: what is shown is what the Application's status reports."""
    orphans: tuple[ResourceKey, ...] = ()
    """What lives in its namespace and is nobody's, where the project asks for it."""
    window: str = ""
    """What the project's sync windows say now, in one short line; empty where none matters."""
    standing: tuple[Condition, ...] = ()
    """Conditions that automation raised and that stand until it decides anew."""

    @property
    def unread(self) -> GitOpsError | None:
        """Why it is not known what Git says now."""
        return self.error or self.outage

    @property
    def key(self) -> AppKey:
        return self.app.key

    def end_where_asked(self) -> None:
        """Another instance asked for the end of an operation that runs here."""
        operation = self.state.operation
        if self.run is not None and operation is not None and operation.phase is OperationPhase.TERMINATING:
            self.run.terminate()

    def because(
        self,
        code: Code,
        at: datetime,
        *,
        objects: tuple[ResourceKey, ...] = (),
        since: datetime | None = None,
        next_at: datetime | None = None,
        **facts: FactValue,
    ) -> None:
        """Say why: in the log, and, unless it is only a thing done, as an answer until it is decided anew."""
        self.decided(Decision(code, facts, objects, since, next_at), at)

    def decided(self, decision: Decision, at: datetime) -> None:
        """The same for what a rule returned."""
        self.log.add(decision, at)
        if decision.code.section is not Section.LOG:
            self.answers = (*self.answers, decision)
