"""The doctor, with questions of the tests' own: order, time-outs, forms, exit codes."""

from __future__ import annotations

import argparse
import json
import subprocess
import threading
import time
from functools import partial
from pathlib import Path

import pytest

from gitops_tui.cli import doctor, examine
from gitops_tui.cli.doctor import Finding, State, ask_all
from gitops_tui.cli.options import GlobalOptions
from gitops_tui.config import Settings
from gitops_tui.errors import ClusterUnreachable, Forbidden

GOOD = Finding("Cluster", "server", State.GOOD, "answers")
BAD = Finding("Git", "repository", State.BAD, "cannot read \x1b[31mit", "Check the URL.")
OPTIONAL = Finding("Tools", "helm", State.MISSING, "not found")


def run(monkeypatch: pytest.MonkeyPatch, form: str, *findings: Finding) -> int:
    monkeypatch.setattr(examine, "examine", lambda options, timeout_s: list(findings))
    return doctor.run(argparse.Namespace(output=form, timeout=1.0), GlobalOptions())


def test_what_is_wrong_decides_the_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "table", GOOD, OPTIONAL) == 0
    assert "Nothing is wrong." in capsys.readouterr().out
    assert run(monkeypatch, "table", GOOD, BAD) == 1
    assert "1 problem." in capsys.readouterr().out


def test_plain_ascii_in_a_pipe(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    run(monkeypatch, "table", GOOD, BAD, OPTIONAL)
    out = capsys.readouterr().out
    assert "ok   server      answers" in out
    assert "FAIL repository  cannot read �[31mit" in out
    assert "Check the URL." in out
    assert out.replace("�", "").isascii()


def test_json_for_programs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "json", GOOD, BAD) == 1
    told = capsys.readouterr()
    found = json.loads(told.out)
    assert found["ok"] is False
    assert [one["state"] for one in found["findings"]] == ["ok", "error"]
    assert found["findings"][1]["hint"] == "Check the URL."
    assert told.err == ""


def test_questions_are_asked_at_once_and_answered_in_order() -> None:
    both = threading.Barrier(2)

    def meet(finding: Finding) -> list[Finding]:
        both.wait(60)
        return [finding]

    asked = [("Cluster", "server", partial(meet, GOOD)), ("Git", "repository", partial(meet, BAD))]
    assert ask_all(asked, 60.0) == [GOOD, BAD]


def test_whatever_hangs_the_doctor_answers() -> None:
    forever = threading.Event()
    start = time.monotonic()
    found = ask_all([("Cluster", "login", lambda: [GOOD] if forever.wait() else []), ("Git", "r", lambda: [BAD])], 0.2)
    assert time.monotonic() - start < 30
    assert found == [Finding("Cluster", "login", State.BAD, "no answer within 0.2 s", found[0].hint), BAD]
    forever.set()


def test_what_fails_is_a_finding() -> None:
    def raises(error: Exception) -> list[Finding]:
        raise error

    found = ask_all(
        [
            ("Cluster", "server", partial(raises, ClusterUnreachable("gone", hint="Look."))),
            ("Cluster", "leases", partial(raises, Forbidden("may not", hint="Ask."))),
            ("Cluster", "other", partial(raises, KeyError("x"))),
        ],
        5.0,
    )
    assert [(one.state, one.text) for one in found] == [
        (State.BAD, "gone"),
        (State.WARNING, "may not"),
        (State.BAD, "KeyError: 'x'"),
    ]
    assert all(one.hint for one in found)


def test_repositories_are_asked_without_anybody(tmp_path: Path) -> None:
    bare = tmp_path / "repo.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(bare)], check=True)
    empty = examine.repository("https://host/repo", str(bare), 10.0)[0]
    assert (empty.state, empty.hint) == (State.WARNING, "Push a branch first.")
    work = tmp_path / "work"
    git = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run([*git, "clone", "-q", str(bare), str(work)], check=True, capture_output=True)
    subprocess.run([*git, "-C", str(work), "commit", "-q", "--allow-empty", "-m", "first"], check=True)
    subprocess.run([*git, "-C", str(work), "push", "-q", "origin", "HEAD:main"], check=True)
    good = examine.repository("https://host/repo", str(bare), 10.0)[0]
    assert good.state is State.GOOD
    assert good.text == f"https://host/repo (fetched from {bare}), default branch main"
    bad = examine.repository("https://user:secret@localhost:1/x", "https://user:secret@localhost:1/x", 10.0)[0]
    assert bad.state is State.BAD
    assert "secret" not in bad.text + bad.hint
    assert bad.hint


def test_folders_that_cannot_be_written(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    settings = Settings(git_cache=blocked / "git", schema_cache=tmp_path / "new" / "openapi", saved_objects=tmp_path)
    states = {one.name: one.state for one in examine.folders(settings)}
    assert states["git cache"] is State.BAD
    assert states["schema cache"] is State.GOOD
    assert not (tmp_path / "new").exists()


def test_without_git_nothing_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert [(one.state, one.text) for one in examine.git_program()] == [(State.BAD, "not found")]
    tool = tmp_path / "git"
    tool.write_text("#!/bin/sh\necho git version 2.20.1\n")
    tool.chmod(0o755)
    assert examine.git_program()[0].state is State.BAD


def test_a_missing_tool_is_no_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = examine.optional_tool("helm", ("version",), "shown as reported", "https://example.org")[0]
    assert found == Finding("Tools", "helm", State.MISSING, "not found: shown as reported",
                            "Get it from https://example.org.")  # fmt: skip


@pytest.mark.parametrize(
    ("variables", "state", "text"),
    [
        ({"TERM": "dumb"}, State.WARNING, "TERM is dumb"),
        ({"TERM": "xterm", "NO_COLOR": "1"}, State.GOOD, "none, as NO_COLOR asks"),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, State.GOOD, "16 million (xterm)"),
        ({"TERM": "screen-256color"}, State.GOOD, "256 (screen-256color)"),
        ({"TERM": "linux"}, State.GOOD, "16 (linux)"),
    ],
)
def test_colours(variables: dict[str, str], state: State, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TERM", "COLORTERM", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(examine, "columns", lambda: (70, 20))
    size, colour, _ = examine.terminal()
    assert size.state is State.WARNING
    assert (colour.state, colour.text.partition(";")[0]) == (state, text)
