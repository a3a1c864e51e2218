"""What one application needs before it can be compared: its cluster listed, its commits resolved, its files rendered.

All of it may wait for a network, so it runs on threads of its own and hands the result to the core's thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from gitops_tui.engine.kept import Kept, rendered_as_before
from gitops_tui.engine.session import Clusters, Session
from gitops_tui.engine.sources import SourceAt, Sources
from gitops_tui.errors import RenderError, SourceError
from gitops_tui.model.annotations import REFRESH, REFRESH_TIMESTAMP
from gitops_tui.model.application import Application
from gitops_tui.render.detect import SourceType
from gitops_tui.render.directory import Rendered

READY_S = 60.0


class Prepared(Struct, frozen=True):
    """``not_rendered`` names the source types that are not rendered here: then there are no renderings."""

    session: Session
    pins: tuple[SourceAt, ...]
    renderings: tuple[Rendered, ...]
    type: str
    at: datetime
    not_rendered: str = ""
    error: SourceError | None = None
    """Why the commit cannot be rendered: its history can still be read, and the commit be reverted."""
    outage: SourceError | None = None
    """A repository does not answer, and this is what was fetched from it last."""

    def kept(self) -> tuple[Kept, ...]:
        """Each source that renders something, with what it gave."""
        rendered = [pin for pin in self.pins if not pin.source.is_only_reference]
        return tuple(map(Kept, rendered, self.renderings)) if len(rendered) == len(self.renderings) else ()

    def is_same_as(self, other: Prepared) -> bool:
        """Whether the same cluster is asked for the very same renderings: a refresh without a change."""
        same_count = len(self.renderings) == len(other.renderings)
        pairs = zip(self.renderings, other.renderings, strict=False)
        return self.session is other.session and same_count and all(one is two for one, two in pairs)


def prepare(
    app: Application,
    clusters: Clusters,
    sources: Sources,
    now: datetime,
    before: Prepared | None = None,
    *,
    keeps: bool = True,
) -> Prepared:
    """Raises what keeps the application from being compared (`errors.GitOpsError`).

    The cluster is listed while Git is asked: at the start that is most of the wait. ``before``: what it was when it was
    last prepared. ``keeps``: what that gave may stay valid for a newer commit.
    """
    session = clusters.resolve(app.destination)
    session.begin()
    kept = before.kept() if before is not None else ()
    prepared = _read(app, session, sources, now, kept if keeps else None)
    session.ready(READY_S)
    session.watch_in(app.destination.namespace, READY_S)
    return prepared


def _read(app: Application, session: Session, sources: Sources, now: datetime, kept: Sequence[Kept] | None) -> Prepared:
    charts = [source for source in app.sources if source.chart]
    if charts:
        return Prepared(session, (), (), SourceType.HELM, now, SourceType.HELM)
    pins = tuple(sources.pin(app.key, source) for source in app.sources)
    rendered = [pin for pin in pins if not pin.source.is_only_reference]
    kind = rendered[0].type if rendered else SourceType.DIRECTORY
    foreign = _foreign(pins)
    if foreign:
        return Prepared(session, pins, (), kind, now, foreign)
    try:
        renderings = [_rendering(app, pin, sources, kept) for pin in rendered]
        outage = next((found for source in app.sources if (found := sources.outage_of(source))), None)
        return Prepared(session, pins, tuple(renderings), kind, now, outage=outage)
    except SourceError as error:
        return Prepared(session, pins, (), kind, now, error=error)


def prepare_at(
    app: Application,
    session: Session,
    sources: Sources,
    revision: str,
    now: datetime,
    revisions: Sequence[str] = (),
) -> Prepared:
    """The same at another commit of the first source's repository, or at a revision for each source."""
    first = app.sources[0]
    wanted = [revision if source.repo_url == first.repo_url else None for source in app.sources]
    if len(revisions) == len(app.sources):
        wanted = [one or None for one in revisions]
    pins = tuple(sources.pin(app.key, source, at or None) for source, at in zip(app.sources, wanted, strict=True))
    foreign = _foreign(pins)
    if foreign:  # as a plain directory it would be something else
        raise RenderError(f"{app.name} is {foreign} there, which is not rendered here", hint="Use argocd for it.")
    rendered = tuple(sources.render(pin) for pin in pins if not pin.source.is_only_reference)
    return Prepared(session, pins, rendered, pins[0].type, now)


def _foreign(pins: Sequence[SourceAt]) -> str:
    """The types of sources that are not rendered here; empty where there are none."""
    types = {pin.type for pin in pins if not pin.source.is_only_reference} - {SourceType.DIRECTORY}
    return ", ".join(sorted(types))


def _rendering(app: Application, pin: SourceAt, sources: Sources, kept: Sequence[Kept] | None) -> Rendered:
    """``kept`` None: nothing that was rendered before counts."""
    found = rendered_as_before(app, pin, kept, sources) if kept is not None else None
    return sources.render(pin) if found is None else found


def spec_of(app: Application) -> tuple[object, ...]:
    """What decides how an Application is compared; its status and our own annotations do not."""
    notes = {key: text for key, text in app.annotations.items() if not key.startswith("gitops-tui.io/")}
    notes.pop(REFRESH, None)
    notes.pop(REFRESH_TIMESTAMP, None)
    return app.raw.get("spec"), notes, app.deletion_timestamp
