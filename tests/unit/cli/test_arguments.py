"""The command line: what may be said, in which order, and what a wrong word is told."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from gitops_tui.cli import main as program
from gitops_tui.cli.flags import FLAGS
from gitops_tui.cli.options import GlobalOptions, read_options
from gitops_tui.cli.parser import build_parser
from gitops_tui.errors import ConfigError

ROOT = Path(__file__).parents[3]
RUNS = 20


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for flag in FLAGS:
        monkeypatch.delenv(flag.variable, raising=False)


def options(*words: str) -> GlobalOptions:
    return read_options(build_parser().parse_args(words))


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit) as ended:
        build_parser().parse_args(words)
    assert ended.value.code == 2
    return capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ("-n", "other", "app", "list"),
        ("app", "-n", "other", "list"),
        ("app", "list", "-n", "other"),
        ("app", "list", "--namespace=other"),
    ],
)
def test_global_options_stand_anywhere(words: tuple[str, ...]) -> None:
    assert options(*words).namespace == "other"


def test_apps_are_collected_from_every_place() -> None:
    assert options("--apps", "a", "app", "--apps", "b", "list", "--apps", "c", "--apps", "d").apps == (
        "a",
        "b",
        "c",
        "d",
    )


def test_the_last_word_of_an_option_counts() -> None:
    assert options("--context", "first", "app", "list", "--context", "second").context == "second"


@pytest.mark.parametrize("flag", [flag for flag in FLAGS if flag.is_switch], ids=lambda flag: flag.name)
def test_every_switch_has_a_variable(flag: object, monkeypatch: pytest.MonkeyPatch) -> None:
    name, variable = flag.name, flag.variable
    before = options("app", "list")
    for value, changes in (("true", True), ("1", True), ("yes", True), ("on", True), ("false", False), ("0", False)):
        monkeypatch.setenv(variable, value)
        assert (options("app", "list") != before) is changes, (name, value)


@pytest.mark.parametrize("name", ["kubeconfig", "context", "namespace", "config", "theme"])
def test_every_text_has_a_variable(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"GITOPS_TUI_{name.upper()}", "from-environment")
    assert getattr(options("app", "list"), name) == "from-environment"
    assert getattr(options("app", "list", f"--{name}", "said"), name) == "said"


def test_apps_of_the_environment_one_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITOPS_TUI_APPS", "a folder\nhttps://host/repo.git@main:apps\n")
    assert options("app", "list").apps == ("a folder", "https://host/repo.git@main:apps")
    assert options("app", "list", "--apps", "x").apps == ("x",)


@pytest.mark.parametrize(("name", "value"), [("READ_ONLY", "maybe"), ("LOG_LEVEL", "loud")])
def test_a_wrong_variable_is_named(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"GITOPS_TUI_{name}", value)
    with pytest.raises(ConfigError, match=f"GITOPS_TUI_{name}: is '{value}'") as raised:
        options("app", "list")
    assert raised.value.hint


def test_a_wall_cannot_write() -> None:
    assert options("--wall").read_only


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("app",), "VERB"),
        (("app", "launch"), "invalid choice: 'launch'"),
        (("launch",), "invalid choice: 'launch'"),
        (("app", "get"), "APP"),
        (("app", "get", "a/b/c"), "expected NAME or NAMESPACE/NAME"),
        (("app", "get", "/"), "expected NAME or NAMESPACE/NAME"),
        (("app", "list", "-o", "xml"), "invalid choice: 'xml'"),
        (("app", "sync", "x", "--prun"), "unrecognized arguments: --prun"),
        (("app", "sync", "x", "--yes-prune", "-1"), "--yes-prune"),
        (("app", "sync", "x", "--retry-limit", "many"), "expected a whole number"),
        (("app", "wait", "x", "--timeout", "soon"), "expected seconds"),
        (("app", "wait", "x", "--timeout", "-5"), "--timeout"),
        (("app", "wait", "x", "--timeout", "nan"), "expected seconds"),
        (("app", "revert", "x"), "COMMIT"),
        (("--log-level", "loud"), "invalid choice: 'loud'"),
        (("completion", "tcsh"), "invalid choice: 'tcsh'"),
    ],
)
def test_wrong_words_are_told(words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = refused(capsys, *words)
    assert said in text
    assert text.startswith("usage: gitops-tui")
    assert len(text.splitlines()[0]) < 120


@pytest.mark.parametrize(
    ("words", "usage"),
    [
        (("--bogus", "app", "list"), "gitops-tui [OPTIONS] COMMAND ..."),
        (("app", "--bogus", "list"), "gitops-tui app [OPTIONS] VERB ..."),
        (("app", "list", "--bogus"), "gitops-tui app list [OPTIONS]"),
        (("app", "diff", "--bogus", "x"), "gitops-tui app diff [OPTIONS] APP"),
        (("app", "diff", "x", "y"), "gitops-tui app diff [OPTIONS] APP"),
        (("app", "actions", "run", "x", "restart", "--bogus"), "gitops-tui app actions run [OPTIONS] APP ACTION"),
        (("proj", "windows", "list", "shop", "--bogus"), "gitops-tui proj windows list [OPTIONS] PROJECT"),
        (("app", "rollback", "x", "3", "--bogus"), "gitops-tui app rollback [OPTIONS] APP [ID]"),
        (("app", "wait", "x", "--bogus"), "gitops-tui app wait [OPTIONS] APP ..."),
        (("doctor", "--bogus"), "gitops-tui doctor [OPTIONS]"),
    ],
)
def test_an_unknown_word_is_told_with_the_usage_of_its_command(
    words: tuple[str, ...], usage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    first, *_, last = refused(capsys, *words).splitlines()
    assert first == f"usage: {usage}"
    assert last.startswith(usage.partition(" [")[0] + ": error: unrecognized arguments")


@pytest.mark.parametrize(
    "words",
    [
        ("sync", "x"),
        ("revert", "x", "abc"),
        ("rollback", "x"),
        ("set", "x"),
        ("delete", "x"),
        ("terminate-op", "x"),
        ("confirm-deletion", "x"),
        ("patch-resource", "x", "--kind", "K", "--patch", "{}"),
        ("delete-resource", "x", "--kind", "K"),
        ("actions", "run", "x", "restart"),
    ],
)
def test_every_command_that_writes_takes_a_yes(words: tuple[str, ...]) -> None:
    assert not build_parser().parse_args(["app", *words]).yes
    for yes in ("--yes", "-y"):
        assert build_parser().parse_args(["app", *words, yes]).yes


@pytest.mark.parametrize(("text", "expected"), [("90", 90), ("1.5", 1.5), ("30s", 30), ("5m", 300), ("1h", 3600)])
def test_durations(text: str, expected: float) -> None:
    assert build_parser().parse_args(["app", "wait", "x", "--timeout", text]).timeout == expected


def test_every_command_has_its_function() -> None:
    from gitops_tui.cli.completion import read_commands

    leaves = {one.path for one in read_commands(build_parser(), "") if not one.below}
    assert leaves == set(program.COMMANDS)
    for name in leaves:
        assert callable(program._command(name))


@pytest.mark.parametrize("command", ["", *sorted(program.COMMANDS)])
def test_help_explains_every_option(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        build_parser().parse_args([*command.split(), "--help"])
    text = capsys.readouterr().out
    assert ended.value.code == 0
    assert "--kubeconfig FILE" in text
    assert f"usage: gitops-tui {command}".strip() in text


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys\nfrom gitops_tui.cli.main import main\n"
        "try: main(['app', 'sync', '--help'])\nexcept SystemExit: pass\n"
        "heavy = {'textual', 'rich', 'kubernetes', 'urllib3', 'git', 'yaml', 'dataclasses', 'typing', 'inspect'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-S", "-c", script], capture_output=True, text=True, check=True,
                          cwd=ROOT)  # fmt: skip
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize("word", ["--help", "--version"])
def test_help_and_version_at_the_interpreters_speed(word: str, tmp_path: Path) -> None:
    """Processor time of the fastest of some runs of each, taken in turns: other work on the machine slows both.

    Modules are compiled once, as where a user installed them, whatever this run's own environment says.
    """
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    environment = {**kept, "PYTHONPYCACHEPREFIX": str(tmp_path)}

    def seconds(*words: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *words], capture_output=True, check=True, env=environment, cwd=ROOT)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    script = f"from gitops_tui.cli.main import main; main(['{word}'])"
    bare = asked = float("inf")
    for run in range(RUNS):
        bare, asked = min(bare, seconds("-c", "pass")), min(asked, seconds("-c", script))
        if run > 2 and asked < 3 * bare:
            return
    raise AssertionError(f"{word} takes {asked * 1000:.0f} ms, a bare interpreter {bare * 1000:.0f} ms")
