"""The health of live objects: Argo CD's rules, or the script that somebody configured for the kind.

A verdict is kept by script, uid and resourceVersion: where nothing changed no script runs. Any thread may ask.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

from msgspec import Struct

from gitops_tui.health.assess import built_in, pending_deletion
from gitops_tui.health.custom import HealthScripts, health_scripts, judge
from gitops_tui.health.verdict import unknown
from gitops_tui.logs import logger
from gitops_tui.model.resource import GroupKind, Object, group_of, metadata_of
from gitops_tui.model.script import Answer, KindScripts, RunScript, Script
from gitops_tui.model.status import Health
from gitops_tui.model.system import Customization

MAX_KEPT = 20_000
MAX_STOPS = 3
REST_S = 60.0
"""How long a script rests that was stopped ``MAX_STOPS`` times in a row: each time costs the asking thread a second."""

NO_CUSTOMIZATIONS: Mapping[str, Customization] = {}
Customizations = Callable[[], Mapping[str, Customization]]


class _Kept(Struct, frozen=True):
    script: Script
    version: str
    health: Health


class Assessor:
    """Judges; call it with a live object. ``shipped``: the scripts of a folder in Argo CD's layout."""

    def __init__(
        self,
        customizations: Customizations = lambda: NO_CUSTOMIZATIONS,
        shipped: Mapping[str, KindScripts] | None = None,
        run: RunScript = lambda _script, _values: Answer(error="nothing runs Lua here"),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._customizations = customizations
        self._shipped = shipped or {}
        self._run = run
        self._lock = threading.Lock()
        self._read: tuple[Mapping[str, Customization] | None, HealthScripts] = (None, HealthScripts())
        self._kept: dict[str, _Kept] = {}
        self._rests = _Rests(clock)

    def __call__(self, obj: Object) -> Health | None:
        """None where the kind has neither script nor rule."""
        pending = pending_deletion(obj)
        if pending is not None:
            return pending
        script = self._scripts().find(GroupKind(group_of(obj), str(obj.get("kind") or "")))
        return built_in(obj) if script is None else self._judged(obj, script)

    @property
    def edition(self) -> object:
        """Another one, by identity, once verdicts may be others although no object changed."""
        return self._scripts()

    def _scripts(self) -> HealthScripts:
        """Made anew when the settings are others."""
        customizations = self._customizations()
        before, scripts = self._read
        if before is not customizations:
            scripts = health_scripts(customizations, self._shipped)
            self._read = (customizations, scripts)
        return scripts

    def _judged(self, obj: Object, script: Script) -> Health:
        metadata = metadata_of(obj)
        uid, version = str(metadata.get("uid") or ""), str(metadata.get("resourceVersion") or "")
        kept = self._kept.get(uid)
        if kept is not None and kept.script == script and kept.version == version and version:
            return kept.health
        if self._rests.is_resting(script):
            return unknown(f"{script.name} was stopped {MAX_STOPS} times in a row: it is not run for a minute")
        health = judge(obj, script, self._watched)
        if uid and version:
            self._keep(uid, _Kept(script, version, health))
        return health

    def _watched(self, script: Script, values: Mapping[str, object]) -> Answer:
        answer = self._run(script, values)
        self._rests.ran(script, answer)
        return answer

    def _keep(self, uid: str, kept: _Kept) -> None:
        with self._lock:
            self._kept.pop(uid, None)
            while len(self._kept) >= MAX_KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[uid] = kept


class _Rests:
    """Which scripts were stopped so often that they rest."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._stops: dict[Script, tuple[int, float]] = {}

    def ran(self, script: Script, answer: Answer) -> None:
        if not answer.is_runaway:
            self._stops.pop(script, None)
            return
        logger(__name__).warning("%s %s", script.name, answer.error)
        self._stops[script] = (self._stops.get(script, (0, 0.0))[0] + 1, self._clock())

    def is_resting(self, script: Script) -> bool:
        count, at = self._stops.get(script, (0, 0.0))
        return count >= MAX_STOPS and self._clock() - at < REST_S
