"""``KUBECTL_EXTERNAL_DIFF``: two files, the cluster's first, and no shell."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from gitops_tui.cli.external_diff import external_diff, show_external
from gitops_tui.errors import ConfigError
from gitops_tui.model.application import AppKey
from gitops_tui.model.resource import ResourceKey
from gitops_tui.model.snapshot import ResourceDetail

SHOW = "import sys; print(sys.argv[1]); [print(open(one).read(), end='') for one in sys.argv[2:]]; sys.exit(1)"
KEY = ResourceKey("", "ConfigMap", "shop", "a;b")


def detail(compared: Any, predicted: Any) -> ResourceDetail:
    return ResourceDetail(AppKey("argocd", "web"), KEY, None, None, predicted, compared)


def test_the_words_are_split_as_a_shell_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBECTL_EXTERNAL_DIFF", raising=False)
    assert external_diff() == []
    monkeypatch.setenv("KUBECTL_EXTERNAL_DIFF", "diff -u --label 'a b'")
    assert external_diff() == ["diff", "-u", "--label", "a b"]


def test_both_sides_are_given_and_a_difference_is_no_error(capfd: pytest.CaptureFixture[str]) -> None:
    show_external([sys.executable, "-c", SHOW, "-u"], detail({"a": 1}, {"a": 2}))
    assert capfd.readouterr().out == "-u\na: 1\na: 2\n"
    show_external([sys.executable, "-c", SHOW, "-u"], detail(None, {"a": 2}))
    assert capfd.readouterr().out == "-u\na: 2\n"


@pytest.mark.parametrize("words", [["no-such-program"], [sys.executable, "-c", "raise SystemExit(2)"]])
def test_a_program_that_fails_is_told(words: list[str]) -> None:
    with pytest.raises(ConfigError, match="KUBECTL_EXTERNAL_DIFF"):
        show_external(words, detail({"a": 1}, {"a": 2}))
