"""Comparisons with what an operation asks for: other revisions, other sources, objects that come with it, or none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from gitops_tui.engine.compare import Comparer
from gitops_tui.engine.comparison import Comparison
from gitops_tui.engine.prepare import prepare_at
from gitops_tui.engine.record import Record
from gitops_tui.engine.rollback import with_sources
from gitops_tui.engine.session import Session
from gitops_tui.engine.sources import SourceAt, Sources
from gitops_tui.engine.system import System
from gitops_tui.engine.targets import read_targets
from gitops_tui.errors import OperationError
from gitops_tui.manifest.decode import decode, expand_lists
from gitops_tui.model.application import Application
from gitops_tui.model.operation import Operation
from gitops_tui.render.directory import Rendered, RenderedObject

GIVEN = "operation.sync.manifests"
Rendering = tuple[tuple[SourceAt, ...], tuple[Rendered, ...]]
"""The commits of the sources, and what they hold."""


class Asked(Struct, frozen=True):
    """Works on any thread, the core's own included; what is remembered of the application is not touched."""

    comparer: Comparer
    sources: Sources
    system: System
    namespace: str
    clock: Callable[[], datetime]

    def comparison(self, record: Record, operation: Operation) -> Comparison:
        """At the sources and revisions that an operation names. Raises why it cannot be made."""
        app = with_sources(record.app, operation.source, operation.sources)
        if app is record.app and asks_for_target(record, operation):
            if record.outage is not None:
                raise record.outage
            return newest(record)
        session, now = record.session, self.clock()
        if session is None:
            raise record.error or OperationError(f"{app.name} was not compared yet")
        pins, renderings = self._rendered(app, session, operation)
        targets = read_targets(app, renderings, session, self.system, home_namespace=self.namespace)
        return self.comparer.compare(app, session, pins, targets, now, keep=False).usable

    def _rendered(self, app: Application, session: Session, operation: Operation) -> Rendering:
        """What came with the operation is of no commit, and Git is not asked."""
        if operation.manifests:
            return (), (_given(operation.manifests),)
        prepared = prepare_at(app, session, self.sources, operation.revision, self.clock(), operation.revisions)
        return prepared.pins, prepared.renderings

    def without_targets(self, record: Record) -> Comparison | None:
        """What lives of an application whose sources cannot be read; None where its cluster is not known either."""
        session, app = record.session, record.app
        if session is None:
            return None
        nothing = read_targets(app, (), session, self.system, home_namespace=self.namespace)
        return self.comparer.compare(app, session, record.pins, nothing, self.clock(), keep=False)


def newest(record: Record) -> Comparison:
    """The comparison that was made last; raises why there is none."""
    if record.error is not None:
        raise record.error
    if record.is_reported:
        raise OperationError(
            f"{record.not_rendered} sources are not rendered here", hint="Use argocd for this application."
        )
    if record.comparison is None:
        raise OperationError(f"{record.app.name} was not compared yet", hint="Try again in a moment.")
    return record.comparison.usable


def asks_for_target(record: Record, operation: Operation) -> bool:
    """Whether what was compared last is at the revisions that the operation names."""
    if operation.manifests:
        return False
    if operation.revisions:
        return operation.revisions == tuple(pin.sha for pin in record.pins)
    return operation.revision in ("", record.pins[0].sha if record.pins else "")


def _given(manifests: tuple[str, ...]) -> Rendered:
    documents = [
        one
        for number, text in enumerate(manifests)
        for one in expand_lists(decode(text.encode(), file=f"{GIVEN}[{number}]"))
    ]
    objects = tuple(RenderedObject(one.obj, GIVEN, one.index, one.line) for one in documents)
    return Rendered(objects, (GIVEN,))
