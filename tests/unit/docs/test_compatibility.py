"""docs/compatibility.md is held to what exists: each line's proof is a test or a group of recorded answers."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.conformance.runner import OUT_OF_SCOPE, modules

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "compatibility.md"
STATES = ("yes", "partly", "differs", "no")


def rows() -> list[list[str]]:
    """What, state, note and proof of every line."""
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    return [one for one in cells if one[0] != "what"]


def names_in(file: Path) -> set[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {one.name for one in ast.walk(tree) if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef))}


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0][:40])
def test_a_line_has_a_state_and_its_proof_exists(row: list[str]) -> None:
    what, state, note, proof = row
    assert state in STATES, what
    assert note or state == "yes", f"{what}: {state} needs a note"
    assert proof or state == "no", f"{what}: {state} needs a proof"
    known = {str(module.GROUP) for module in modules()}
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", proof)
    groups = re.findall(r"`conformance:([\w/]+)`", proof)
    assert proof.count("`") == 2 * (len(named) + len(groups)), (
        f"{what}: a proof that is neither test nor group: {proof}"
    )
    for file, name in named:
        assert (ROOT / file).exists(), f"{what}: {file} is gone"
        assert name in names_in(ROOT / file), f"{what}: {file} has no {name}"
    assert set(groups) <= known, f"{what}: no group {set(groups) - known}"


def test_every_group_of_recorded_answers_is_named() -> None:
    page = PAGE.read_text(encoding="utf-8")
    missing = [module.GROUP for module in modules() if f"`conformance:{module.GROUP}`" not in page]
    assert not missing


@pytest.mark.parametrize("word", ["Helm", "Kustomize"])
def test_what_is_not_asked_is_said_to_be_missing(word: str) -> None:
    """The conformance runner leaves files of cases out for these reasons: users are told the same."""
    assert OUT_OF_SCOPE
    assert any(state == "no" and word in what for what, state, _, _ in rows())
