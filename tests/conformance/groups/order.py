"""The order of a sync's tasks."""

from __future__ import annotations

from collections import Counter
from typing import Any

from msgspec.structs import replace

from gitops_tui.model.status import SyncPhase
from gitops_tui.sync.ordering import sort_tasks
from gitops_tui.sync.tasks import SyncTask, make_task
from tests.conformance.check import check

GROUP = "sync/order"
FILE = "sync/order.json"
SKIP: dict[str, str] = {}

_EXACT = ("phase", "wave", "kind", "namespace", "name")


def run(case: dict[str, Any]) -> None:
    found = [_shown(task) for task in sort_tasks(_task(one) for one in case["tasks"])]
    expected = [tuple(one[word] for word in _EXACT) for one in case["expected"]]
    if case["has_ties"]:
        check(Counter(found), Counter(expected))
        found, expected = ([(*one[:3], one[4]) for one in each] for each in (found, expected))
    check(found, expected)


def _task(one: dict[str, Any]) -> SyncTask:
    task = make_task(SyncPhase(one["phase"] or "Sync"), one["target"], one["live"])
    return task if one["waveOverride"] is None else replace(task, wave=one["waveOverride"])


def _shown(task: SyncTask) -> tuple[Any, ...]:
    return task.phase.value, task.wave, task.key.kind, task.key.namespace, task.key.name
