"""The README is held to the program: keys, settings, options, commands, exit codes, links."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitops_tui.cli import exits
from gitops_tui.cli.flags import FLAGS
from gitops_tui.cli.main import COMMANDS
from gitops_tui.cli.parser import Later, build_parser
from gitops_tui.cli.settings import ARGOCD_CM, FOLDERS, LISTS, MAPPINGS, RECONCILE, TEXTS, WEBHOOK, parse_settings
from gitops_tui.config import ReconcileSettings, Settings
from gitops_tui.tui.bindings import KEYS

ROOT = Path(__file__).resolve().parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def section(title: str) -> str:
    return re.split(r"\n## ", README.split(f"\n## {title}\n", 1)[1])[0]


def cells(title: str, column: int) -> str:
    """One column of the tables of a section."""
    rows = [line for line in section(title).splitlines() if line.startswith("| ") and not line.startswith("| ---")]
    return "\n".join(re.split(r"(?<!\\)\|", row)[column + 1] for row in rows)


def parsers(parser: argparse.ArgumentParser, name: str = "") -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """The program's parser and those of its commands, by their names."""
    yield name, parser
    for action in parser._actions:
        for word, below in (action.choices or {}).items() if isinstance(action.choices, dict) else ():
            assert isinstance(below, Later)
            yield from parsers(below.parser(), f"{name} {word}".strip())


def options() -> set[str]:
    return {
        word for _, parser in parsers(build_parser()) for action in parser._actions for word in action.option_strings
    }


def test_every_setting_is_told_and_none_besides() -> None:
    told = set(re.findall(r"`([\w.-]+)`", cells("Settings", 0)))
    nested = {*(f"reconcile.{name}" for name in RECONCILE), *(f"webhook.{name}" for name in WEBHOOK)}
    real = {*TEXTS, *LISTS, *MAPPINGS, *FOLDERS, ARGOCD_CM[0], *nested}
    assert told == real


@pytest.mark.parametrize("name", RECONCILE)
def test_defaults_are_the_programs(name: str) -> None:
    told = re.search(rf"\| `reconcile\.{name}` \| `?(\w+)`? \|", README)
    default = getattr(ReconcileSettings(), RECONCILE[name])
    assert told is not None
    assert told[1] == (str(default).lower() if isinstance(default, bool) else f"{default:g}")


def test_the_example_of_settings_is_read() -> None:
    example = re.search(r"```yaml\n(.*?)```", section("Settings"), re.DOTALL)
    assert example is not None
    settings = parse_settings(example[1].encode(), "config.yaml")
    assert settings != Settings()
    assert settings.reconcile.poll_s == 60


def test_every_key_is_told_and_none_besides() -> None:
    told = re.findall(r"`([\w]+)`", cells("Keys", 1)) + re.findall(r"\(`(\w+)`\)", cells("Keys", 2))
    assert set(told) == {key.id for key in KEYS}


def test_every_option_exists_and_the_shared_ones_are_told() -> None:
    told = set(re.findall(r"(?<![\w-])--[a-z][\w-]*", README))
    others = {"--update-screens"}  # pytest's
    assert told - others <= options()
    assert {flag for one in FLAGS for flag in one.flags} <= {*told, "-n", "-A"}


def test_every_command_is_told() -> None:
    missing = [name for name in COMMANDS if name != "cockpit" and f"gitops-tui {name}" not in README]
    assert not missing


def test_every_exit_code_is_told() -> None:
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", README, re.MULTILINE)}
    assert told == {exits.OK, exits.FAILED, exits.USAGE, exits.ERROR, exits.INTERRUPTED}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
    gone = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert not gone


def test_the_gate_runs_the_readmes_test_command() -> None:
    command = re.search(r"&& (\S+/python -m pytest)\n", README)
    assert command is not None
    last = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()[-1]
    assert last.replace('"', "").replace("$venv", ".venv") == command[1]


def test_the_first_screenful_has_the_picture_and_both_commands() -> None:
    first = "\n".join(README.splitlines()[:24])
    assert "screenshots/overview.png" in first
    assert "gitops-tui demo" in first
    assert "-m pytest" in first
