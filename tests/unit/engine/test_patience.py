"""What is tried again, and what is not."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from gitops_tui.engine import patience
from gitops_tui.engine.patience import CONFLICT_PAUSES_S, despite_conflicts
from gitops_tui.errors import Conflict, Invalid


class Moving:
    """An object that moves under the first writers."""

    def __init__(self, moves: int) -> None:
        self.moves = moves
        self.calls = 0

    def write(self) -> str:
        self.calls += 1
        if self.calls <= self.moves:
            raise Conflict("the object has been modified", code=409)
        return "written"


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "CONFLICT_PAUSES_S", (0.0,) * len(CONFLICT_PAUSES_S))


@pytest.mark.parametrize("moves", [0, 1, len(CONFLICT_PAUSES_S)])
def test_an_object_that_comes_to_rest_is_written(moves: int) -> None:
    found = Moving(moves)
    assert despite_conflicts(found.write) == "written"
    assert found.calls == moves + 1


def test_one_that_never_rests_is_given_up() -> None:
    found = Moving(1000)
    with pytest.raises(Conflict):
        despite_conflicts(found.write)
    assert found.calls == len(CONFLICT_PAUSES_S) + 1


def test_nobody_waits_once_it_was_abandoned() -> None:
    abandoned, found = threading.Event(), Moving(1000)
    abandoned.set()
    with pytest.raises(Conflict):
        despite_conflicts(found.write, abandoned)
    assert found.calls == 1


def test_another_error_is_told_at_once() -> None:
    calls: list[Any] = []

    def refused() -> None:
        calls.append(None)
        raise Invalid("no such field", code=422)

    with pytest.raises(Invalid):
        despite_conflicts(refused)
    assert len(calls) == 1
