"""Whole syncs, step by step, with a stand-in for the cluster."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from gitops_tui.health.assess import assess
from gitops_tui.model.operation import ResourceResult
from gitops_tui.model.resource import GroupKind, Object, ResourceKey, group_of, key_of
from gitops_tui.model.status import Health, HealthStatus, OperationPhase, ResultCode, SyncPhase
from gitops_tui.sync.machine import Action, Answer, SyncState, Verb, step, terminate
from gitops_tui.sync.options import PROPAGATION_POLICIES, SyncOptions
from gitops_tui.sync.pairing import Pair
from gitops_tui.sync.settings import Observed, SyncSettings
from gitops_tui.sync.targets import place
from gitops_tui.sync.tasklist import list_tasks
from gitops_tui.sync.tasks import SyncTask, TaskId
from tests.conformance.check import NoAdapter, check

GROUP = "sync/scenarios"
FILE = "sync/scenarios.json"
SKIP: dict[str, str] = {}

START = datetime(1, 1, 1, tzinfo=UTC)
"""Go's zero time: the start time of the recorded syncs, which is in the names of hooks."""

CLUSTER_WIDE = {
    "Namespace",
    "Node",
    "PersistentVolume",
    "ClusterRole",
    "ClusterRoleBinding",
    "CustomResourceDefinition",
}
MADE_UP_GROUP = "test.io"
"""The group of the custom resources; discovery knows its kinds only where the case's name says so."""


def skipped(case: dict[str, Any]) -> str:
    if any(one["options"]["hasResourcesFilter"] for one in case["steps"]):
        return "the selection of resources is a function, which the case does not carry"
    return ""


def run(case: dict[str, Any]) -> None:
    for one in case["steps"]:
        replay = _Replay(case, one)
        replay.check_plan()
        if not one["call"].startswith("plan only"):
            replay.check_step()


class _Replay:
    """One recorded step, asked again of the machine."""

    def __init__(self, case: dict[str, Any], recorded: dict[str, Any]) -> None:
        self._case = case
        self._recorded = recorded
        self._settings = _settings(recorded["options"])
        before = recorded.get("before") or {"results": recorded.get("results")}
        self._results = tuple(_result(one) for one in before["results"] or ())
        self._observed = self._observe()

    def check_plan(self) -> None:
        known = {TaskId(one.key, one.sync_phase or SyncPhase.SYNC): one for one in self._results}
        found = list_tasks(self._settings, self._observed, known, START)
        check([_task_words(task) for task in found.tasks], [_recorded_task(one) for one in self._recorded["tasks"]])
        check(not found.invalid, self._recorded.get("tasks_valid", self._recorded.get("successful")))

    def check_step(self) -> None:
        course = {"Sync": step, "Terminate": terminate}.get(self._recorded["call"])
        if course is None:
            raise NoAdapter(self._recorded["call"])
        stepped = course(self._settings, SyncState(START, results=self._results), self._observed)
        left = [one for one in map(_recorded_operation, self._recorded["operations"]) if one]
        try:
            batch = next(stepped)
            while True:
                ours = [one for one in map(_action_words, batch) if one]
                check(Counter(ours), Counter(left[: len(ours)]))
                left = left[len(ours) :]
                batch = stepped.send([self._answer(action) for action in batch])
        except StopIteration as end:
            state: SyncState = end.value
        check([], left)
        after = self._recorded["after"]
        check(state.phase.value, after["phase"])
        check(_outcomes(state.results), _outcomes(map(_result, after["results"])))

    def _observe(self) -> Observed:
        resources = self._recorded["resources"] or ()
        pairs = [self._pair(one) for one in resources]
        lives = {key: one.live for one in pairs if one.live is not None for key in (one.key, key_of(one.live))}
        for one in self._recorded.get("operations") or ():
            if one["op"] == "get live" and one["found"]:
                key = ResourceKey("", one["kind"], one["namespace"], one["name"])
                lives.setdefault(key, {"kind": one["kind"], "metadata": {"name": one["name"]}})
        options = self._recorded["options"]
        return Observed(
            pairs=tuple(pairs),
            hooks=tuple(self._placed(one) for one in self._recorded["hooks"] or ()),
            live=lives.get,
            health=self._health,
            unknown_kind=lambda obj: self._unknown(obj) or self._refused(obj, "failed to discover"),
            forbidden=lambda obj: self._refused(obj, "not permitted"),
            modified={_key(word): value for word, value in options["modificationResult"].items()}
            if options["hasModificationResult"]
            else None,
            is_prune_confirmed=options["pruneConfirmed"],
        )

    def _placed(self, obj: Object) -> Object:
        return place(obj, self._settings.namespace, _is_namespaced)

    def _pair(self, one: dict[str, Any]) -> Pair:
        target = None if one["target"] is None else self._placed(one["target"])
        return Pair(key_of(one["live"] if target is None else target), target, one["live"])

    def _health(self, obj: Object) -> Health | None:
        key = key_of(obj)
        for namespace in (key.namespace, ""):
            found = self._recorded["health"].get(f"{key.kind}/{namespace}/{key.name}")
            if found is not None:
                return Health(HealthStatus(found["status"]), found["message"])
        return assess(obj)

    def _unknown(self, obj: Object) -> str:
        is_known = group_of(obj) != MADE_UP_GROUP or "already_present" in self._case["id"]
        return "" if is_known else "not found"

    def _refused(self, obj: Object, words: str) -> str:
        """What the upstream test's own validator or discovery said of the object."""
        messages = (one["message"] for one in self._recorded["tasks"] if one["name"] == key_of(obj).name)
        return next((message for message in messages if message.startswith(words)), "")

    def _answer(self, action: Action) -> Answer:
        if action.verb in (Verb.DELETE_HOOK, Verb.RELEASE_HOOK):
            return _deleted(self._recorded_error(action))
        mock = self._recorded["cluster_errors"].get("resourceOps" if action.verb is Verb.APPLY else "kubectl") or {}
        if action.dry_run and not mock.get("executeForDryRun"):
            return Answer(True)
        command = (mock.get("commands") or {}).get(action.task.key.name) or {}
        return _answer(command.get("Err"))

    def _recorded_error(self, action: Action) -> object:
        operations = self._recorded["operations"]
        words = _action_words(action)
        return next((one["error"] for one in operations if _recorded_operation(one) == words), None)


def _is_namespaced(kind: GroupKind) -> bool:
    return kind.kind not in CLUSTER_WIDE


def _settings(options: dict[str, Any]) -> SyncSettings:
    chosen = SyncOptions(
        prune=options["defaultPruneOption"] or "",
        prune_last=options["pruneLast"],
        propagation=PROPAGATION_POLICIES.get(str(options["prunePropagationPolicy"]).lower(), "Foreground"),
        validate=options["validate"],
        skip_dry_run_on_missing_resource=options["skipDryRunOnMissingResource"],
        apply_out_of_sync_only=options["applyOutOfSyncOnly"],
        replace=options["replace"],
        server_side_apply=options["serverSideApply"],
        create_namespace=options["hasNamespaceModifier"],
    )
    return SyncSettings(
        namespace=options["namespace"],
        revision=options["revision"],
        options=chosen,
        prune=options["prune"],
        dry_run=options["dryRun"],
        force=options["force"],
        skip_hooks=options["skipHooks"],
    )


def _key(words: str) -> ResourceKey:
    return ResourceKey(*words.split("/", 3))


def _result(one: dict[str, Any]) -> ResourceResult:
    return ResourceResult(
        key=_key(one["key"]),
        version=one["version"],
        status=ResultCode(one["status"]) if one["status"] else None,
        message=one["message"],
        hook_type=one["hookType"],
        hook_phase=OperationPhase(one["hookPhase"]) if one["hookPhase"] else None,
        sync_phase=SyncPhase(one["syncPhase"]),
    )


def _outcomes(results: Iterable[ResourceResult]) -> set[tuple[object, ...]]:
    return {(str(one.key), one.sync_phase, one.status, one.hook_phase) for one in results}


def _task_words(task: SyncTask) -> tuple[object, ...]:
    sides = (task.target is not None, task.live is not None, task.is_hook, task.skip_dry_run)
    state = ("" if task.state is None else task.state.value, "" if task.status is None else task.status.value)
    key = task.key
    names = (key.group, key.kind, key.namespace, key.name)
    return (task.phase.value, task.wave, *names, *sides, *state)


def _recorded_task(one: dict[str, Any]) -> tuple[object, ...]:
    key = (one["group"], one["kind"], one["namespace"], one["name"])
    sides = (one["hasTarget"], one["hasLive"], one["hook"], one["skipDryRun"])
    return (one["phase"], one["wave"], *key, *sides, one["operationState"], one["syncStatus"])


def _recorded_operation(one: dict[str, Any]) -> tuple[object, ...]:
    """Comparable with `_action_words`; empty for what only repeats another entry."""
    if one["op"] == "remove hook finalizer":
        return (Verb.RELEASE_HOOK, one["phase"], one["kind"], one["name"])
    if one["op"] == "delete hook":
        return (Verb.DELETE_HOOK, one["phase"], one["kind"], one["name"])
    if one["op"] != "cluster call":
        return ()
    if one["call"] == "delete":
        return (Verb.PRUNE, one["name"])
    how = (one["dryRun"] != "none", one["call"] != "apply", one.get("force", False), one.get("validate"))
    return (Verb.APPLY, one["kind"], one["name"], *how)


def _action_words(action: Action) -> tuple[object, ...]:
    task = action.task
    if action.verb is Verb.PRUNE:
        return (action.verb, task.key.name)
    if action.verb is Verb.APPLY:
        validate = None if action.replace else action.validate
        return (action.verb, task.key.kind, task.key.name, action.dry_run, action.replace, action.force, validate)
    return (action.verb, task.phase.value, task.key.kind, task.key.name)


def _answer(error: object) -> Answer:
    return Answer(error is None, "" if error is None else str(error))


def _deleted(error: object) -> Answer:
    """A hook that is not there is as good as deleted."""
    is_gone = isinstance(error, str) and error.endswith("not found")
    return Answer(True, is_gone=True) if is_gone else _answer(error)
