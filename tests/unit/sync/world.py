"""A cluster of plain objects, which a sync is stepped against."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from gitops_tui.model.annotations import HOOK, HOOK_DELETE_POLICY, HOOK_FINALIZER, SYNC_OPTIONS, SYNC_WAVE
from gitops_tui.model.resource import Object, ResourceKey, key_of, metadata_of
from gitops_tui.model.status import Health, HealthStatus
from gitops_tui.sync.hooks import is_hook
from gitops_tui.sync.machine import Action, Answer, Step, SyncState, Verb, step, terminate
from gitops_tui.sync.options import parse_options
from gitops_tui.sync.pairing import Pair
from gitops_tui.sync.settings import Observed, SyncSettings

NAMESPACE = "shop"
REVISION = "abcdef0123456789"
START = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)

HEALTHY = Health(HealthStatus.HEALTHY)
PROGRESSING = Health(HealthStatus.PROGRESSING, "is coming up")
DEGRADED = Health(HealthStatus.DEGRADED, "broke down")

WITHOUT_HEALTH = {"ConfigMap", "Secret", "Namespace", "CustomResourceDefinition", "ClusterRole"}


def settings(*options: str, **fields: Any) -> SyncSettings:
    return SyncSettings(namespace=NAMESPACE, revision=REVISION, options=parse_options(options), **fields)


def obj(
    name: str,
    kind: str = "ConfigMap",
    *,
    wave: int | None = None,
    hook: str = "",
    policy: str = "",
    options: str = "",
    api: str = "v1",
    namespace: str = NAMESPACE,
    **fields: Any,
) -> Object:
    words = {SYNC_WAVE: wave, HOOK: hook, HOOK_DELETE_POLICY: policy, SYNC_OPTIONS: options}
    annotations = {key: str(value) for key, value in words.items() if value not in (None, "")}
    metadata: Object = {"name": name, "namespace": namespace, "annotations": annotations}
    return {"apiVersion": api, "kind": kind, "metadata": {k: v for k, v in metadata.items() if v}, **fields}


def deployment(name: str, **words: Any) -> Object:
    return obj(name, "Deployment", api="apps/v1", **words)


def job(name: str, **words: Any) -> Object:
    return obj(name, "Job", api="batch/v1", **words)


@dataclass
class World:
    """``health`` by name; what has health and no entry is Healthy. ``refuses`` by name: why a write is refused."""

    targets: Sequence[Object] = ()
    lives: Iterable[Object] = ()
    health: dict[str, Health] = field(default_factory=dict)
    refuses: dict[str, str] = field(default_factory=dict)
    refuses_dry: dict[str, str] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    forbidden: set[str] = field(default_factory=set)
    modified: dict[ResourceKey, bool] | None = None
    is_confirmed: bool = False
    prunes_slowly: bool = False
    vanished: set[str] = field(default_factory=set)
    """Names of what is live as far as is known, and gone when it is deleted."""
    done: list[str] = field(default_factory=list)
    """What was asked for, in words; a dry run in parentheses."""
    batches: list[list[str]] = field(default_factory=list)
    """Names of what was asked for at once."""

    def __post_init__(self) -> None:
        self.live = {key_of(one): one for one in self.lives}

    # --- looking
    def observed(self) -> Observed:
        managed = [one for one in self.targets if not is_hook(one)]
        wanted = {key_of(one) for one in managed}
        extra = [one for key, one in self.live.items() if key not in wanted and self._is_ours(one)]
        pairs = [Pair(key_of(one), one, self.live.get(key_of(one))) for one in managed]
        return Observed(
            pairs=(*pairs, *(Pair(key_of(one), None, one) for one in extra)),
            hooks=tuple(one for one in self.targets if is_hook(one)),
            live=self.live.get,
            health=self.judge,
            unknown_kind=lambda one: "no such kind" if one["kind"] in self.unknown else "",
            forbidden=lambda one: "not permitted" if metadata_of(one)["name"] in self.forbidden else "",
            modified=self.modified,
            is_prune_confirmed=self.is_confirmed,
        )

    def _is_ours(self, one: Object) -> bool:
        return not is_hook(one) and one["kind"] != "Namespace"

    def judge(self, one: Object) -> Health | None:
        found = self.health.get(metadata_of(one)["name"])
        return found or (None if one["kind"] in WITHOUT_HEALTH else HEALTHY)

    # --- doing
    def answer(self, action: Action) -> Answer:
        name = action.task.key.name
        self.done.append(f"({action.verb} {name})" if action.dry_run else f"{action.verb} {name}")
        refusal = (self.refuses_dry if action.dry_run else self.refuses).get(name)
        if refusal:
            return Answer(False, refusal)
        if name in self.vanished and action.verb is Verb.DELETE_HOOK:
            del self.live[key_of(action.task.obj)]
            return Answer(True, is_gone=True)
        if not action.dry_run:
            self._do(action)
        return Answer(True, f"{name} {action.verb}")

    def _do(self, action: Action) -> None:
        key = key_of(action.task.obj)
        if action.verb is Verb.APPLY:
            assert action.task.target is not None
            self.live[key] = action.task.target
        elif action.verb is Verb.RELEASE_HOOK:
            self.live[key] = self._with(key, finalizers=[])
        elif self.prunes_slowly and action.verb is Verb.PRUNE:
            self.live[key] = self._with(key, deletionTimestamp="2026-11-24T12:00:00Z")
        else:
            held = metadata_of(self.live[key]).get("finalizers") or ()
            assert HOOK_FINALIZER not in held, "a hook is deleted and would hang"
            del self.live[key]

    def _with(self, key: ResourceKey, **fields: Any) -> Object:
        one = self.live[key]
        return {**one, "metadata": {**metadata_of(one), **fields}}

    # --- stepping
    def step(self, chosen: SyncSettings, state: SyncState | None = None) -> SyncState:
        return self.drive(step(chosen, state or SyncState(START), self.observed()))

    def terminate(self, chosen: SyncSettings, state: SyncState) -> SyncState:
        return self.drive(terminate(chosen, state, self.observed()))

    def drive(self, course: Step) -> SyncState:
        try:
            batch = next(course)
            while True:
                assert batch, "an empty batch is nothing to ask for"
                self.batches.append([action.task.key.name for action in batch])
                batch = course.send([self.answer(action) for action in batch])
        except StopIteration as end:
            found: SyncState = end.value
            return found

    def sync(
        self, chosen: SyncSettings, between: Callable[[SyncState], None] = lambda _: None, limit: int = 50
    ) -> SyncState:
        """Step to the end; ``between`` may change the world."""
        state = SyncState(START)
        for _ in range(limit):
            state = self.step(chosen, state)
            if state.phase.is_completed:
                return state
            between(state)
        raise AssertionError(f"no end after {limit} steps: {state.message}")

    @property
    def writes(self) -> list[str]:
        """What was done for real."""
        return [one for one in self.done if not one.startswith("(")]

    def lives_named(self) -> set[str]:
        return {key.name for key in self.live}


def outcomes(state: SyncState) -> dict[str, tuple[str | None, str | None]]:
    """Name to result code and phase."""
    return {one.key.name: (one.status, one.hook_phase) for one in state.results}


def resumed(state: SyncState) -> SyncState:
    """As somebody else reads the state from the results that were recorded."""
    return replace(SyncState(state.started_at), results=state.results)
