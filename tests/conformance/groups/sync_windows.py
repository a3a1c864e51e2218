"""Sync windows: which apply, which are open, and whether a sync may run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from gitops_tui.model.application import Application, Destination
from gitops_tui.model.operation import parse_time
from gitops_tui.model.project import SyncWindow, parse_windows
from gitops_tui.sync import windows
from tests.conformance.check import NoAdapter, check_or_error

GROUP = "project/sync_windows"
FILE = "project/sync_windows.json"
SKIP: dict[str, str] = {}

Windows = tuple[SyncWindow, ...]


def run(case: dict[str, Any]) -> None:
    answer = ANSWERS.get(case["question"])
    if answer is None:
        raise NoAdapter(case["question"])
    found = parse_windows({"syncWindows": case["windows"]})

    def answered() -> Any:
        got = answer(found, case)
        is_list = isinstance(got, tuple) and all(isinstance(one, SyncWindow) for one in got)
        return [case["windows"][found.index(one)] for one in got] if is_list else got

    expected = case["expected"]
    check_or_error(answered, [] if expected is None else expected, case.get("error"))


def _at(case: dict[str, Any], word: str = "time") -> datetime | None:
    return parse_time(case.get(word))


def _now(case: dict[str, Any]) -> datetime:
    return _at(case) or datetime.now(UTC)


def _matching(found: Windows, case: dict[str, Any]) -> Windows:
    """Upstream's tests give both a server and a name, which no Application that is read may have."""
    app, named = case["app"], case["app"]["destination"]
    destination = Destination(*(named.get(word) or "" for word in ("server", "name", "namespace")))
    return windows.matching(found, Application(app["name"], app["namespace"], "default", (), destination))


def _can_sync(found: Windows, case: dict[str, Any]) -> bool:
    started_at = _at(case, "operation_start")
    return windows.can_sync(found, _now(case), is_manual=case["manual"], started_at=started_at)


def _is_valid(found: Windows, _: dict[str, Any]) -> bool:
    for one in found:
        windows.check_window(one)
    return True


def _denies(found: Windows, _: dict[str, Any]) -> list[bool]:
    denies = [one for one in found if one.kind == windows.DENY]
    return [bool(denies), bool(denies) and all(one.manual_sync for one in denies)]


ANSWERS: dict[str, Callable[[Windows, dict[str, Any]], Any]] = {
    "HasWindows": lambda found, _: bool(found),
    "active windows": lambda found, case: windows.active(found, _now(case)),
    "inactive allow windows": lambda found, case: windows.inactive_allows(found, _now(case)),
    "window is active": lambda found, case: windows.is_active(found[0], _now(case)),
    "window is valid": _is_valid,
    "windows that apply to the app": _matching,
    "can sync": _can_sync,
    "hasAllow": lambda found, _: any(one.kind == windows.ALLOW for one in found),
    "has deny (found, all of them allow manual sync)": _denies,
    "manualEnabled": lambda found, _: bool(found) and all(one.manual_sync for one in found),
}
