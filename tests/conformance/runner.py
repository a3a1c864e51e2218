"""Finds the cases and the groups, and puts the one to the other."""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import traceback
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.conformance import groups

VARIABLE = "GITOPS_TUI_CASES"
HOW_TO_GET_CASES = f"Set {VARIABLE} to the folder that holds the recorded cases (render/glob.json and so on)."

OUT_OF_SCOPE = {
    "render/helm_args": "Helm is not rendered by this version",
    "render/kustomize_build": "Kustomize is not rendered by this version",
    "render/kustomize_params": "Kustomize is not rendered by this version",
    "render/source_params": "parameters of Helm, Kustomize and plugins are not read by this version",
    "render/value_files": "Helm is not rendered by this version",
}
"""Files of cases without a group, and why; docs/compatibility.md says the same to users."""


@dataclass(frozen=True, slots=True)
class Failure:
    id: str
    words: str


@dataclass(slots=True)
class Outcome:
    """What became of a group. ``problem`` says why none of it ran."""

    group: str
    passed: int = 0
    failures: list[Failure] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    problem: str = ""

    @property
    def total(self) -> int:
        return self.passed + len(self.failures)

    def __str__(self) -> str:
        note = f" ({len(self.skipped)} skipped)" if self.skipped else ""
        return f"{self.group} {self.passed}/{self.total}{note}"


def cases_folder() -> Path | None:
    named = os.environ.get(VARIABLE)
    return Path(named) if named else None


def modules() -> list[ModuleType]:
    """The modules with a group, by its name."""
    names = (found.name for found in pkgutil.iter_modules(groups.__path__))
    loaded = (importlib.import_module(f"{groups.__name__}.{name}") for name in names)
    return sorted((one for one in loaded if hasattr(one, "GROUP")), key=lambda one: str(one.GROUP))


def chosen(wanted: Sequence[str], found: Iterable[ModuleType]) -> list[ModuleType]:
    """The groups that are wanted by name or by folder (``render``); all without any."""
    return [one for one in found if not wanted or any(_is_in(one.GROUP, name) for name in wanted)]


def _is_in(group: str, name: str) -> bool:
    return group == name or group.startswith(name.rstrip("/") + "/")


def cases_of(module: ModuleType, folder: Path) -> list[dict[str, Any]]:
    content = json.loads((folder / module.FILE).read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = content["cases"]
    return found


def reason_to_skip(module: ModuleType, case: dict[str, Any]) -> str:
    """Why the program is not asked this, or empty."""
    rule = getattr(module, "skipped", None)
    return module.SKIP.get(case["id"], "") or (rule(case) if rule else "")


def run_group(module: ModuleType, folder: Path) -> Outcome:
    outcome = Outcome(module.GROUP)
    try:
        cases = cases_of(module, folder)
    except OSError as error:
        outcome.problem = f"cannot read {module.FILE}: {error.strerror}"
        return outcome
    for case in cases:
        if reason := reason_to_skip(module, case):
            outcome.skipped[case["id"]] = reason
            continue
        try:
            module.run(case)
            outcome.passed += 1
        except (Exception, pytest.fail.Exception) as error:
            outcome.failures.append(Failure(case["id"], _words(error)))
    return outcome


def without_group(folder: Path, found: Iterable[ModuleType]) -> Iterator[str]:
    """Files of cases that no group asks: nothing is dropped in silence."""
    known = {one.FILE.removesuffix(".json") for one in found}
    for file in sorted(folder.glob("*/*.json")):
        name = f"{file.parent.name}/{file.stem}"
        if name not in known:
            yield name


def _words(error: BaseException) -> str:
    if str(error):
        return f"{type(error).__name__}: {error}"
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {Path(last.filename).name}:{last.lineno}: {last.line}"
