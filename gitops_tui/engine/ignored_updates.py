"""Changes of objects that wake no comparison (``resource.customizations.ignoreResourceUpdates``).

Only what somebody declared: Argo CD leaves out every change of ``status`` besides; here a comparison is cheap and the
screen shows what ``status`` says. Source: Argo CD "Reconcile Optimization", ``controller/cache/cache.go``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gitops_tui.cluster.cache import Change
from gitops_tui.diff.ignore import DeleteSelected, rules_for
from gitops_tui.engine.system import System
from gitops_tui.model.annotations import IGNORE_RESOURCE_UPDATES
from gitops_tui.model.resource import Object, annotations_of, metadata_of
from gitops_tui.model.status import Health
from gitops_tui.sync.tracking import app_of

BOOKKEEPING: Final = ("resourceVersion", "generation", "managedFields")


class IgnoredUpdates:
    """Thread-safe: it keeps nothing."""

    def __init__(
        self, system: System, assess: Callable[[Object], Health | None], delete_selected: DeleteSelected
    ) -> None:
        self._system = system
        self._assess = assess
        self._delete_selected = delete_selected

    def covers(self, change: Change) -> bool:
        """Whether nothing changed but what is ignored. Another health is never ignored."""
        old, new = change.old, change.new
        if old is None or new is None or not self._may_be_ignored(new):
            return False
        ignoring = rules_for(change.key, self._system.settings.customized_updates)
        if not ignoring.json_pointers and not ignoring.jq_path_expressions:
            return False
        before, after = (ignoring.taken_from(_plain(one), self._delete_selected)[0] for one in (old, new))
        return before == after and self._status(old) == self._status(new)

    def _may_be_ignored(self, obj: Object) -> bool:
        """What an application tracks; what it owns only where the object itself asks for it."""
        return bool(app_of(obj, self._system.tracking)) or annotations_of(obj).get(IGNORE_RESOURCE_UPDATES) == "true"

    def _status(self, obj: Object) -> object:
        health = self._assess(obj)
        return health.status if health is not None else None


def _plain(obj: Object) -> Object:
    metadata = {name: value for name, value in metadata_of(obj).items() if name not in BOOKKEEPING}
    return {**obj, "metadata": metadata}
