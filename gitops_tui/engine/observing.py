"""What an operation sees before each step: the targets it deploys, and the cluster as it stands by then."""

from __future__ import annotations

from datetime import datetime

from gitops_tui.engine.assessor import Assessor
from gitops_tui.engine.comparison import Comparison
from gitops_tui.engine.overlay import Overlay
from gitops_tui.model.annotations import DELETION_APPROVED
from gitops_tui.model.application import Application
from gitops_tui.model.operation import parse_time
from gitops_tui.model.resource import Object, annotations_of, key_of
from gitops_tui.model.status import SyncStatus
from gitops_tui.sync.pairing import Pair
from gitops_tui.sync.settings import Observed


def observed(comparison: Comparison, overlay: Overlay, assess: Assessor, *, is_prune_confirmed: bool) -> Observed:
    """``overlay`` has what was written already, even where the watch has not shown it yet."""
    session = comparison.session
    wanted = [one for one in comparison.objects if one.is_managed or one.is_skipped]
    pairs = [Pair(one.key, one.target, overlay.live(one.key)) for one in wanted]
    restricted = {one.key for one in comparison.objects if one.view.is_restricted}

    def forbidden(obj: Object) -> str:
        return "its kind may not be read" if key_of(obj) in restricted else _not_permitted(comparison, obj)

    return Observed(
        pairs=tuple(pair for pair in pairs if pair.target is not None or pair.live is not None),
        hooks=comparison.targets.hooks,
        live=overlay.live,
        health=assess,
        unknown_kind=lambda obj: "" if session.resource_for(obj) else _unknown_words(obj),
        forbidden=forbidden,
        modified={one.key: one.view.sync is not SyncStatus.SYNCED for one in comparison.objects},
        is_prune_confirmed=is_prune_confirmed,
    )


def is_prune_confirmed(app: Application, began: datetime | None) -> bool:
    """Whether a person approved the prune since the operation began; in whole seconds, as annotations have them."""
    at = parse_time(annotations_of(app.raw).get(DELETION_APPROVED))
    return at is not None and began is not None and at >= began.replace(microsecond=0)


def _not_permitted(comparison: Comparison, obj: Object) -> str:
    """Why the project does not permit the object, in Argo CD's words; what is unknown has been refused before."""
    key = key_of(obj)
    is_namespaced = comparison.session.is_namespaced(key.group, key.kind) is True
    return comparison.permits.why_not(key, is_namespaced=is_namespaced)


def _unknown_words(obj: Object) -> str:
    return f"the cluster knows no kind {obj.get('kind')} in {obj.get('apiVersion')}"
