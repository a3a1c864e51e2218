"""Completion scripts, the bash one by bash itself."""

from __future__ import annotations

import shlex
import shutil
import subprocess

import pytest

from gitops_tui.cli.completion import _bash, _fish, _zsh, read_commands
from gitops_tui.cli.parser import build_parser

COMMANDS = list(read_commands(build_parser(), ""))


def completed(*words: str, cwd: str = "/") -> list[str]:
    script = "\n".join(
        (
            _bash(COMMANDS),
            f"COMP_WORDS=(gitops-tui {shlex.join(words)})",
            f"COMP_CWORD={len(words)}; _gitops_tui",
            'printf "%s\\n" "${COMPREPLY[@]}"',
        )
    )
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True, cwd=cwd)
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("app", "sy"), ["sync"]),
        (("app", "sync", "guestbook", "--pr"), ["--preview-changes", "--prune"]),
        (("-n", "app", "app", "li"), ["list"]),
        (("--apps", "x", "app", "get", "guestbook", "-o", ""), ["json", "name", "table", "tree", "wide", "yaml"]),
        (("demo", "--scenario", "c"), ["calm"]),
        (("completion", "f"), ["fish"]),
        (("app", "diff", "--exit-code", ""), ["false", "true"]),
        (("--read-only", "doc"), ["doctor"]),
    ],
)
def test_bash_completes(words: tuple[str, ...], expected: list[str]) -> None:
    assert completed(*words) == expected


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_bash_completes_files(tmp_path: object) -> None:
    (tmp_path / "settings.yaml").write_text("")
    assert completed("--config", "se", cwd=str(tmp_path)) == ["settings.yaml"]


@pytest.mark.parametrize("path", [one.path for one in COMMANDS if one.path])
def test_every_command_is_in_every_script(path: str) -> None:
    leaf = path.rpartition(" ")[2]
    assert f"-a {leaf} -d" in _fish(COMMANDS)
    assert f"'{path}') words=" in _bash(COMMANDS)
    assert _zsh(COMMANDS).startswith("#compdef gitops-tui\n")
