"""docs/why.md is held to the catalogue; every code is decided somewhere, and asked for by a test."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from gitops_tui.model.catalogue import Code
from gitops_tui.model.facts import FACTS

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "why.md"
HERE = ("tests/unit/docs/", "tests/unit/model/")


@cache
def text_of(folder: str) -> str:
    files = sorted((ROOT / folder).rglob("*.py"))
    kept = [file for file in files if not str(file.relative_to(ROOT)).startswith(HERE) and file.name != "catalogue.py"]
    return "\n".join(file.read_text(encoding="utf-8") for file in kept)


def rows(heading: str) -> list[list[str]]:
    part = PAGE.read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.replace("\\|", "\0").split("|")[1:-1]] for line in lines]


def expected(code: Code) -> list[str]:
    return [f"`{code.value}`", code.section.value, code.rule, code.sentence.replace("|", "\0"), code.hint]


def test_the_page_lists_the_catalogue_line_by_line() -> None:
    """``python -m tests.unit.docs.test_why`` prints the lines."""
    assert rows("Codes") == [expected(code) for code in Code]


def test_the_page_explains_every_fact() -> None:
    assert rows("Facts") == [[f"`{name}`", form.value, meaning] for name, (form, meaning) in FACTS.items()]


@pytest.mark.parametrize("code", Code)
def test_a_code_is_decided_somewhere(code: Code) -> None:
    assert re.search(rf"Code\.{code.name}\b", text_of("gitops_tui")), f"nothing decides {code.value}"


@pytest.mark.parametrize("code", Code)
def test_a_code_is_asked_for_by_a_test(code: Code) -> None:
    assert re.search(rf"Code\.{code.name}\b|[\"']{code.value}[\"']", text_of("tests")), f"no test of {code.value}"


def test_every_fact_is_used() -> None:
    named = {name for code in Code for name in (*re.findall(r"\{(\w+)\}", code.sentence), *code.also)}
    assert named >= FACTS.keys(), FACTS.keys() - named


@pytest.mark.parametrize("folder", ["engine", "sync", "diff", "health"])
def test_nothing_is_decided_in_free_text(folder: str) -> None:
    """A decision's code is a member of the catalogue, or a variable that holds one: never a string of the moment."""
    for file in sorted((ROOT / "gitops_tui" / folder).rglob("*.py")):
        for call in (one for one in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(one, ast.Call)):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            if name in ("Decision", "because") and call.args:
                first = ast.unparse(call.args[0])
                assert re.fullmatch(r"Code\.[A-Z_]+|code", first), f"{file.name}:{call.lineno}: {first}"


if __name__ == "__main__":
    print("\n".join(f"| {' | '.join(expected(code))} |" for code in Code))
    print("\n".join(f"| `{name}` | {form.value} | {meaning} |" for name, (form, meaning) in FACTS.items()))
