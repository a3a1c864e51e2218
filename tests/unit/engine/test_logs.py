"""Logs of several pods: in the order of their times, and nothing lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops_tui.engine import logstream
from gitops_tui.engine.logmerge import Merge, time_key
from gitops_tui.engine.logstream import Tail
from gitops_tui.errors import NotFound
from gitops_tui.model.snapshot import LogLine

DAY = "2026-11-28T"


def line(pod: str, second: int, text: str = "") -> LogLine:
    return LogLine(pod, "c", text or f"{pod}{second}", f"{DAY}10:00:{second:02}Z")


def texts(lines: Sequence[LogLine]) -> list[str]:
    return [one.text for one in lines]


def test_times_sort_as_text() -> None:
    times = [
        f"{DAY}10:00:00Z", f"{DAY}10:00:00.12Z", f"{DAY}10:00:00.123Z", f"{DAY}10:00:00.123456789Z",
        f"{DAY}12:00:00.2+02:00", f"{DAY}10:00:01Z",
    ]  # fmt: skip
    keys = [time_key(one) for one in times]
    assert keys == sorted(keys) and len(set(keys)) == len(keys)
    assert time_key("") == time_key("yesterday") == ""


def test_lines_wait_for_older_ones_of_other_pods() -> None:
    merge = Merge(window_s=1.0)
    merge.add([line("a", 3), line("a", 5)], now=0.0)
    merge.add([line("b", 1), line("b", 4)], now=0.5)
    assert merge.due(0.9) == []
    assert texts(merge.due(1.0)) == ["b1", "a3", "b4", "a5"]
    merge.add([line("b", 2)], now=2.0)
    assert texts(merge.due(3.0)) == ["b2"], "too late: it follows where it came"
    assert len(merge) == 0 == len(merge.rest())


def test_a_line_without_a_time_stays_where_its_container_wrote_it() -> None:
    merge = Merge()
    merge.add([line("a", 5), LogLine("a", "c", "(cannot be read)")], 0.0)
    merge.add([line("b", 1), line("b", 9)], 0.0)
    assert texts(merge.rest()) == ["b1", "a5", "(cannot be read)", "b9"]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 59), st.booleans())))
def test_nothing_is_lost_and_each_container_keeps_its_order(steps: list[tuple[str, int, bool]]) -> None:
    merge, told, now = Merge(window_s=2.0), [], 0.0
    given_lines = [line(pod, second, f"{pod}-{number}") for number, (pod, second, _) in enumerate(steps)]
    for one, (_, _, is_looked_at) in zip(given_lines, steps, strict=True):
        merge.add([one], now)
        now += 1.0
        told += merge.due(now) if is_looked_at else []
    told += merge.rest()
    assert sorted(texts(told)) == sorted(texts(given_lines))
    for pod in "abc":
        numbers = [int(one.text.partition("-")[2]) for one in told if one.pod == pod]
        assert all(one < two for one, two in pairwise(numbers))


class Read:
    """The log of one container, which ends."""

    def __init__(self, *lines: str) -> None:
        self._lines = list(lines)

    def batches(self, _: int) -> Iterator[list[str]]:
        yield self._lines

    def close(self) -> None:
        pass


class FakeReader:
    """Nobody reads before ``begun`` is set."""

    def __init__(self, **logs: Read) -> None:
        self._logs = logs
        self.begun = threading.Event()

    def logs(self, namespace: str, pod: str, container: str, **_: Any) -> Read:
        assert self.begun.wait(60)
        if pod not in self._logs:
            raise NotFound(f"no pod {pod}", code=404)
        return self._logs[pod]


@pytest.mark.parametrize("pods", [["a"], ["a", "b", "gone"]])
def test_a_tail_hands_over_everything_by_time(pods: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logstream, "Merge", lambda: Merge(window_s=60.0))
    heard: list[LogLine] = []
    over = threading.Event()
    wanted = ["a1", "a3"] if pods == ["a"] else ["(cannot be read: no pod gone)", "a1", "b2", "a3"]

    def hear(lines: Sequence[LogLine]) -> None:
        heard.extend(lines)
        if len(heard) == len(wanted):
            over.set()

    reader = FakeReader(a=Read(f"{DAY}10:00:01Z a1", f"{DAY}10:00:03Z a3"), b=Read(f"{DAY}10:00:02.5Z b2"))
    tail = Tail(cast(Any, reader), hear, follow=True, previous=False, tail=10)
    for pod in pods:
        tail.add("shop", pod, "c")
    reader.begun.set()
    assert over.wait(60)
    tail.close()
    assert texts(heard) == wanted
