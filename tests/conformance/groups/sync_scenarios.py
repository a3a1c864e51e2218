"""Whole syncs, step by step, with a stand-in for the cluster."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from gitops_tui.health.assess import assess
from gitops_tui.model.operation import ResourceResult
from gitops_tui.model.resource import GroupKind, Object, ResourceKey, group_of, key_of, name_of, namespace_of
from gitops_tui.model.status import Health, HealthStatus, OperationPhase, ResultCode, SyncPhase
from gitops_tui.sync.hooks import has_hook_finalizer
from gitops_tui.sync.machine import Action, Answer, SyncState, Verb, step, terminate
from gitops_tui.sync.options import PROPAGATION_POLICIES, SyncOptions
from gitops_tui.sync.pairing import Pair
from gitops_tui.sync.settings import Observed, SyncSettings
from gitops_tui.sync.targets import place
from gitops_tui.sync.tasklist import list_tasks, namespace_object
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
NAMESPACE_ERRORS = ("namespace auto creation failed", "namespaceModifier error")
NOTHING = ResourceKey("", "", "", "")
MADE_UP_GROUP = "test.io"
"""The group of the custom resources; discovery knows its kinds only where the case's name says so."""


def skipped(case: dict[str, Any]) -> str:
    steps = case["steps"]
    if any(one["options"]["hasResourcesFilter"] and one["hooks"] and not one["options"]["skipHooks"] for one in steps):
        return "a selection of resources runs no hooks here, as Argo CD's controller asks its engine for it"
    if any(task["message"].startswith(NAMESPACE_ERRORS) for one in steps for task in one["tasks"]):
        return "whether the namespace is there is known from a watch, and its metadata from the Application: no error"
    if any(_has_failed_look(one) for one in steps):
        return "what is live is known from a watch, which does not fail object by object"
    if any((one.get("after") or {}).get("message", "").startswith("SyncWaveHook failed") for one in steps):
        return "a pause is all that follows a wave, and that cannot fail"
    return ""


def _has_failed_look(recorded: dict[str, Any]) -> bool:
    looks = (one for one in recorded.get("operations") or () if one["op"] == "get live")
    return any(one["error"] and not str(one["error"]).endswith("not found") for one in looks)


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
        self._settings = _settings(recorded)
        before = recorded.get("before") or {"results": recorded.get("results")}
        self._results = tuple(_result(one) for one in before["results"] or ())
        self._observed = self._observe()

    def check_plan(self) -> None:
        known = {TaskId(one.key, one.sync_phase or SyncPhase.SYNC): one for one in self._results}
        found = list_tasks(self._settings, self._observed, known, START)
        check([_task_words(task) for task in found.tasks], [_recorded_task(one) for one in self._recorded["tasks"]])
        check(not found.invalid, self._is_valid())

    def _is_valid(self) -> bool:
        return bool(self._recorded.get("tasks_valid", self._recorded.get("successful")))

    def check_step(self) -> None:
        course = {"Sync": step, "Terminate": terminate}.get(self._recorded["call"])
        if course is None:
            raise NoAdapter(self._recorded["call"])
        stepped = course(self._settings, SyncState(START, results=self._results), self._observed)
        recorded, done = list(self._operations()), list[list[tuple[object, ...]]]()
        try:
            batch = next(stepped)
            while True:
                done.append([one for one in map(_action_words, batch) if one])
                batch = stepped.send([self._answer(action) for action in batch])
        except StopIteration as end:
            state: SyncState = end.value
        if course is terminate:  # Argo CD ends one hook after the other, with all that takes
            done = [[one for words in done for one in words]]
        for words in done:
            check(Counter(words), Counter(recorded[: len(words)]))
            recorded = recorded[len(words) :]
        check(recorded, [])
        after = self._recorded["after"]
        check(state.phase.value, after["phase"])
        check(_outcomes(state.results), _outcomes(map(_result, after["results"])))

    def _observe(self) -> Observed:
        resources = self._recorded["resources"] or ()
        pairs = [self._pair(one) for one in resources]
        lives = {key: one.live for one in pairs if one.live is not None for key in (one.key, key_of(one.live))}
        for one in self._recorded.get("operations") or ():
            if one["op"] == "get live" and one["found"]:
                found = self._looked_up(one)
                lives.setdefault(key_of(found), found)
        if _is_namespace_there(self._recorded):
            namespace = namespace_object(self._settings.namespace, None)
            lives.setdefault(key_of(namespace), namespace)
        self._lives = lives
        options = self._recorded["options"]
        return Observed(
            pairs=tuple(pairs),
            hooks=tuple(self._placed(one) for one in self._recorded["hooks"] or ()),
            live=lives.get,
            health=self._health,
            unknown_kind=self._unknown,
            forbidden=self._refused,
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

    def _refused(self, obj: Object) -> str:
        """What the upstream test's own validator or discovery said of the object."""
        if self._is_valid():
            return ""
        refused = (one for one in self._recorded["tasks"] if one["syncStatus"] and not one["operationState"])
        key = key_of(obj)
        return next((one["message"] for one in refused if (one["kind"], one["name"]) == (key.kind, key.name)), "")

    def _looked_up(self, operation: dict[str, Any]) -> Object:
        """What the upstream test's own cluster answered: the object that was applied, where the case has it."""
        names = (operation["kind"], operation["namespace"], operation["name"])
        wanted = (*(self._recorded["hooks"] or ()), *(one["target"] for one in self._recorded["resources"] or ()))
        placed = (self._placed(one) for one in wanted if one is not None)
        found = (one for one in placed if (one["kind"], namespace_of(one), name_of(one)) == names)
        kind, namespace, name = names
        return next(found, {"kind": kind, "metadata": {"name": name, "namespace": namespace}})

    def _operations(self) -> Iterator[tuple[object, ...]]:
        """What was done, without what only repeats another entry: a hook of two phases is freed and deleted once, one
        without a finalizer is not freed, and a migration is a part of the apply that follows.
        """
        seen = set()
        for one in self._recorded["operations"]:
            words = _recorded_operation(one)
            if not words or (words[0] is Verb.RELEASE_HOOK and not self._is_held(one)) or self._is_migration(one):
                continue
            if words[0] in (Verb.RELEASE_HOOK, Verb.DELETE_HOOK):
                if words in seen:
                    continue
                seen.add(words)
            yield words

    def _is_held(self, operation: dict[str, Any]) -> bool:
        names = (operation["kind"], operation["name"])
        return any(has_hook_finalizer(one) for one in self._lives.values() if (one["kind"], name_of(one)) == names)

    def _is_migration(self, operation: dict[str, Any]) -> bool:
        options = self._recorded["options"]
        is_asked_for = options["enableClientSideApplyMigration"] and operation.get("call") == "apply"
        return is_asked_for and operation["manager"] == options["clientSideApplyMigrationManager"]

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


def _is_namespace_there(recorded: dict[str, Any]) -> bool:
    """What the upstream test's own cluster said of the destination namespace: where it is there, no task makes it."""
    made = (one for one in recorded["tasks"] if (one["phase"], one["kind"]) == ("PreSync", "Namespace"))
    return recorded["options"]["hasNamespaceModifier"] and not any(not one["hasLive"] for one in made)


def _is_namespace_managed(recorded: dict[str, Any]) -> bool:
    """What the upstream test's callback said of a namespace that is there: only with managed metadata it is applied."""
    names = {"phase": "PreSync", "kind": "Namespace", "namespace": "", "hasLive": True}
    return any(names.items() <= one.items() for one in recorded["tasks"])


def _selected(recorded: dict[str, Any]) -> tuple[ResourceKey, ...]:
    """What the upstream test's own filter let through, as its tasks tell."""
    if not recorded["options"]["hasResourcesFilter"]:
        return ()
    tasks = {(one["kind"], one["name"]) for one in recorded["tasks"]}
    keys = (_key(one["key"]) for one in recorded["resources"] or ())
    return tuple(replace(key, namespace="") for key in keys if (key.kind, key.name) in tasks) or (NOTHING,)


def _settings(recorded: dict[str, Any]) -> SyncSettings:
    options = recorded["options"]
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
        resources=_selected(recorded),
        namespace_metadata={} if _is_namespace_managed(recorded) else None,
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
        return (Verb.RELEASE_HOOK, one["kind"], one["name"])
    if one["op"] == "delete hook":
        return (Verb.DELETE_HOOK, one["kind"], one["name"])
    if one["op"] != "cluster call":
        return ()
    if one["call"] == "delete":
        return (Verb.PRUNE, one["name"])
    is_applied = one["call"] == "apply"
    how = (
        one["dryRun"] != "none",
        not is_applied,
        one.get("force", False),
        one.get("validate") if is_applied else None,
    )
    return (Verb.APPLY, one["kind"], one["name"], *how)


def _action_words(action: Action) -> tuple[object, ...]:
    task = action.task
    if action.verb is Verb.PRUNE:
        return (action.verb, task.key.name)
    if action.verb is Verb.APPLY:
        validate = None if action.replace else action.validate
        return (action.verb, task.key.kind, task.key.name, action.dry_run, action.replace, action.force, validate)
    return (action.verb, task.key.kind, task.key.name)


def _answer(error: object) -> Answer:
    return Answer(error is None, "" if error is None else str(error))


def _deleted(error: object) -> Answer:
    """A hook that is not there is as good as deleted."""
    is_gone = isinstance(error, str) and error.endswith("not found")
    return Answer(True, is_gone=True) if is_gone else _answer(error)
