"""Whoever waits for logs to end has got all their lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

import pytest

from gitops_tui.engine.logstream import Tail
from gitops_tui.model.snapshot import LogLine


class Reader:
    """Two lines of each container, by a time that tells which comes first."""

    def logs(self, namespace: str, pod: str, container: str, **asked: Any) -> Any:
        del namespace, asked

        class Stream:
            def batches(self, size: int) -> Iterator[list[str]]:
                del size
                yield [f"2026-11-28T12:00:0{number}Z {pod}/{container} {number}" for number in (1, 2)]

            def close(self) -> None:
                pass

        return Stream()


@pytest.mark.parametrize("pods", [("a",), ("a", "b"), ("a", "b", "c")])
def test_all_lines_were_handed_on_when_the_wait_ends(pods: Sequence[str]) -> None:
    got: list[LogLine] = []
    tail = Tail(cast(Any, Reader()), got.extend, follow=False, previous=False, tail=None)
    for pod in pods:
        tail.add("shop", pod, "main")
    assert tail.wait(30)
    assert sorted(one.text for one in got) == sorted(f"{pod}/main {number}" for pod in pods for number in (1, 2))
    tail.close()
