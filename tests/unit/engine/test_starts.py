"""What automation begins: off the core's thread, so many at once, each place given back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from gitops_tui.engine.pool import Pool
from gitops_tui.engine.starts import Starts
from gitops_tui.errors import InProgressError
from gitops_tui.model.application import AppKey

KEYS = [AppKey("argocd", f"app-{number}") for number in range(6)]


class Begun:
    """Collects who has begun and who is decided anew, and lets a test wait for it."""

    def __init__(self) -> None:
        self.keys: list[AppKey] = []
        self.started: list[AppKey] = []
        self._changed = threading.Condition()

    def again(self, key: AppKey) -> None:
        with self._changed:
            self.keys.append(key)
            self._changed.notify_all()

    def start(self, key: AppKey) -> Callable[[], None]:
        def begin() -> None:
            with self._changed:
                self.started.append(key)
                self._changed.notify_all()

        return begin

    def wait(self, *keys: AppKey) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: set(keys) <= set(self.keys), 30), self.keys

    def wait_started(self, *keys: AppKey) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: set(keys) <= set(self.started), 30), self.started


@pytest.fixture
def pool() -> Iterator[Pool]:
    made = Pool("starts", 2)
    yield made
    made.stop()


def test_only_so_many_begin_at_once_and_a_free_place_is_offered_to_whom_waits_longest(pool: Pool) -> None:
    begun = Begun()
    starts = Starts(pool, 2, begun.again)
    assert [starts.begin(key, begun.start(key)) for key in KEYS] == [True, True, *[False] * 4]
    begun.wait_started(*KEYS[:2])
    assert sorted(begun.started, key=str) == KEYS[:2]
    assert begun.keys == [], "an operation that has begun tells of itself"
    assert starts.is_busy(KEYS[0]) and not starts.is_busy(KEYS[2])
    starts.over(KEYS[0])
    begun.wait(KEYS[2])
    assert KEYS[3] not in begun.keys
    # Whoever was offered the place and does not want it any more leaves it to the next.
    starts.over(KEYS[1])
    begun.wait(KEYS[3], KEYS[4])
    assert starts.begin(KEYS[3], begun.start(KEYS[3]))


def test_a_place_is_given_back_once(pool: Pool) -> None:
    begun = Begun()
    starts = Starts(pool, 1, begun.again)
    assert starts.begin(KEYS[0], begun.start(KEYS[0]))
    begun.wait_started(KEYS[0])
    assert not starts.begin(KEYS[1], lambda: None)
    starts.over(KEYS[0])
    starts.over(KEYS[0])
    assert begun.keys.count(KEYS[1]) == 1


@pytest.mark.parametrize("error", [InProgressError("somebody was first"), RuntimeError("a mistake of ours")])
def test_what_does_not_begin_gives_its_place_back_and_says_why(pool: Pool, error: Exception) -> None:
    begun = Begun()
    starts = Starts(pool, 1, begun.again)

    def fail() -> None:
        raise error

    assert starts.begin(KEYS[0], fail)
    begun.wait(KEYS[0])
    assert not starts.is_busy(KEYS[0])
    told = starts.failure(KEYS[0])
    assert told is (error if isinstance(error, InProgressError) else None)
    assert starts.failure(KEYS[0]) is None
    assert starts.begin(KEYS[1], lambda: None)


def test_what_is_gone_waits_for_no_place(pool: Pool) -> None:
    begun = Begun()
    starts = Starts(pool, 1, begun.again)
    first, gone, last = KEYS[:3]
    assert [starts.begin(key, begun.start(key)) for key in (first, gone, last)] == [True, False, False]
    begun.wait_started(first)
    starts.forget(gone)
    starts.over(first)
    begun.wait(last)
    assert gone not in begun.keys
