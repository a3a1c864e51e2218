"""Comparing an answer with the recorded one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gitops_tui.errors import GitOpsError


class Mismatch(AssertionError):
    """The answer is another one; both are in it."""

    def __init__(self, got: object, expected: object) -> None:
        super().__init__(f"got      {got!r}\nexpected {expected!r}")


class NoAdapter(AssertionError):
    """The cases ask something that nothing here puts to the program yet."""


def check(got: object, expected: object) -> None:
    """Fail where the two differ; a number and a boolean do."""
    if got != expected or isinstance(got, bool) is not isinstance(expected, bool):
        raise Mismatch(got, expected)


def check_or_error(answer: Callable[[], Any], expected: object, error: object) -> None:
    """As `check`; with an error recorded only that there is one counts."""
    if error:
        with pytest.raises(GitOpsError):
            answer()
        return
    check(answer(), expected)
