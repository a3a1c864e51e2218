"""Renderings that stay valid for a newer commit, as ``manifest-generate-paths`` says.

Where none of the files that changed since is one of the paths, what was rendered is what the new commit gives, too,
and only the revision moves. Source: Argo CD's repo server, UpdateRevisionForPaths (semantics 1.1, 1.4).
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from gitops_tui.engine.sources import SourceAt, Sources
from gitops_tui.errors import GitOpsError
from gitops_tui.model.application import Application
from gitops_tui.render.directory import Rendered
from gitops_tui.render.paths import files_have_changed, refresh_paths


class Kept(Struct, frozen=True):
    """What a source gave at a commit."""

    pin: SourceAt
    rendering: Rendered


def rendered_as_before(app: Application, pin: SourceAt, before: Sequence[Kept], sources: Sources) -> Rendered | None:
    """The rendering of an earlier commit where it stays valid at ``pin``; None: render anew.

    ``before`` empty: the commit that the Application's status was compared with, by whichever instance, counts.
    """
    paths = refresh_paths(app, pin.source)
    if not paths:
        return None
    known = next((one for one in before if one.pin.source == pin.source), None)
    try:
        if known is not None:
            return known.rendering if _is_untouched(paths, known.pin.sha, pin) else None
        revision = compared_revision(app, pin)
        if not before and revision and _is_untouched(paths, revision, pin):
            return sources.render(sources.pin(app.key, pin.source, revision))
    except GitOpsError:  # the earlier commit is gone: a force push
        return None
    return None


def _is_untouched(paths: Sequence[str], earlier: str, pin: SourceAt) -> bool:
    if earlier == pin.sha:
        return True
    changed = pin.mirror.changed_files(earlier, pin.sha)
    return not changed or not files_have_changed(paths, changed)


def compared_revision(app: Application, pin: SourceAt) -> str:
    """The commit of ``status.sync``, where it was compared with this very source."""
    status = app.raw.get("status") or {}
    sync = status.get("sync") or {}
    compared = sync.get("comparedTo") or {}
    spec = app.raw.get("spec") or {}
    if not app.has_multiple_sources:
        return str(sync.get("revision") or "") if compared.get("source") == spec.get("source") else ""
    if compared.get("sources") != spec.get("sources"):
        return ""
    revisions = sync.get("revisions") or ()
    number = app.sources.index(pin.source)
    return str(revisions[number]) if number < len(revisions) else ""
