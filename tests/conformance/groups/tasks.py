"""What is asked of one task, and of whether an object may be pruned."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from gitops_tui.model.status import HookDeletePolicy, SyncPhase
from gitops_tui.sync import options
from gitops_tui.sync.tasks import SyncTask, has_delete_policy, is_multi_step, make_task
from tests.conformance.check import NoAdapter, check

GROUP = "sync/tasks"
FILE = "sync/tasks.json"
SKIP: dict[str, str] = {}

ANSWERS: dict[str, Callable[[SyncTask, Any], Any]] = {
    "wave": lambda task, _: task.wave,
    "hookType": lambda task, _: task.hook_type,
    "hasHookDeletePolicy": lambda task, policy: has_delete_policy(task, HookDeletePolicy(policy)),
    "deleteBeforeCreation": lambda task, _: task.deletes_before_creation,
    "deleteOnPhaseSuccessful": lambda task, _: _is_live_with(task, HookDeletePolicy.HOOK_SUCCEEDED),
    "deleteOnPhaseFailed": lambda task, _: _is_live_with(task, HookDeletePolicy.HOOK_FAILED),
    "deleteOnPhaseCompletion": lambda task, _: (
        _is_live_with(task, HookDeletePolicy.HOOK_SUCCEEDED) or _is_live_with(task, HookDeletePolicy.HOOK_FAILED)
    ),
}

PRUNE: dict[str, Callable[[dict[str, Any], str], bool]] = {
    "isPruningDisabled": options.is_pruning_disabled,
    "objRequiresPruneConfirmation": options.needs_prune_confirmation,
    "isDeletionDisabled": options.is_deletion_disabled,
}


def skipped(case: dict[str, Any]) -> str:
    is_reordered = case["question"] == "wave" and "TestWaveReorderingOfPruneTasks" in case["id"]
    if is_reordered and case["task"]["target"] is None and "sameWave" not in case["id"]:
        return "the wave of a prune task is that of its place among tasks that the case does not carry"
    return ""


def run(case: dict[str, Any]) -> None:
    question = case["question"]
    if question in PRUNE:
        obj = {"metadata": {"annotations": case["annotations"]}}
        check(PRUNE[question](obj, case["defaultPruneOption"] or ""), case["expected"])
    elif question.startswith("multiStep"):
        check(is_multi_step(_listed_task(one) for one in case["tasks"]), case["expected"])
    elif question in ANSWERS:
        check(ANSWERS[question](_task(case["task"]), case["argument"]), case["expected"])
    else:
        raise NoAdapter(question)


def _task(one: dict[str, Any]) -> SyncTask:
    return make_task(SyncPhase(one["phase"] or "Sync"), one["target"], one["live"])


def _listed_task(one: dict[str, Any]) -> SyncTask:
    obj = {"kind": one["kind"], "metadata": {"name": one["name"], "namespace": one["namespace"]}}
    return replace(make_task(SyncPhase(one["phase"] or "Sync"), obj, None), wave=one["wave"])


def _is_live_with(task: SyncTask, policy: HookDeletePolicy) -> bool:
    return task.live is not None and has_delete_policy(task, policy)
