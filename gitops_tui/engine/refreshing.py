"""Refreshes that were asked for by annotation: each obeyed once, and taken off when what it asked for is written.

Whoever set the annotation waits for its going (``argocd app get --refresh``), and then reads the status: both go in one
request. One that was asked for again meanwhile (another ``refresh-timestamp``) stays, and is obeyed anew. Source: Argo
CD's ``controller/appcontroller.go`` persistAppStatus (semantics 1.1).
"""

from __future__ import annotations

from gitops_tui.model.annotations import REFRESH, REFRESH_TIMESTAMP
from gitops_tui.model.application import AppKey, Application
from gitops_tui.model.resource import Object, annotations_of, metadata_of

Ask = tuple[str, str, str]
"""The object's uid, what is asked for, and since when."""


class Refreshes:
    """Used on the core's thread; `went` on any."""

    def __init__(self) -> None:
        self._obeyed: dict[AppKey, Ask] = {}
        self._done: set[AppKey] = set()
        self._went_at: dict[AppKey, int] = {}
        """The resourceVersion with which the annotation was taken off: what the watch still holds of it is old."""

    def take(self, app: Application) -> bool:
        """Whether the Application asks for a refresh that was not obeyed yet; now it is."""
        ask = _ask(app.raw)
        if not ask[1] or _number(app.resource_version) <= self._went_at.get(app.key, -1):
            return False
        if self._obeyed.get(app.key) == ask:
            return False
        self._obeyed[app.key] = ask
        self._done.discard(app.key)
        return True

    def done(self, key: AppKey) -> bool:
        """What was asked for is compared; whether something was."""
        if key not in self._obeyed or key in self._done:
            return False
        self._done.add(key)
        return True

    def is_awaited(self, key: AppKey) -> bool:
        """Whether somebody waits for the status of what is compared."""
        return key in self._done

    def taken_off(self, key: AppKey, live: Object) -> Object:
        """What takes the annotation off ``live``, as a part of a merge patch; empty where it is not done, or not it."""
        if key not in self._done or self._obeyed.get(key) != _ask(live):
            return {}
        return {"metadata": {"annotations": {REFRESH: None}}}

    def went(self, key: AppKey, written: Object) -> None:
        """It is taken off; ``written`` is the object without it. The very same words may ask again."""
        self._went_at[key] = _number(str(metadata_of(written).get("resourceVersion", "")))
        self._done.discard(key)
        self._obeyed.pop(key, None)

    def forget(self, key: AppKey) -> None:
        """The Application is gone."""
        self._obeyed.pop(key, None)
        self._done.discard(key)
        self._went_at.pop(key, None)


def _ask(obj: Object) -> Ask:
    notes = annotations_of(obj)
    return str(metadata_of(obj).get("uid", "")), notes.get(REFRESH, ""), notes.get(REFRESH_TIMESTAMP, "")


def _number(resource_version: str) -> int:
    return int(resource_version) if resource_version.isdecimal() else 0
