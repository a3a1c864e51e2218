"""Runs the jq expressions of ignore rules with a time-out that holds (``ignore.normalizer.jq.timeout``, a second).

What is plain runs here at once. The rest runs in a process beside us, which is ended where it takes too long.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import threading
import time
from pathlib import Path

from gitops_tui.diff import jqrule
from gitops_tui.model.resource import Object
from gitops_tui.model.system import DEFAULT_JQ_TIMEOUT_S

START_S = 30.0
"""How long the process may take to begin; no expression's time."""
REST_AFTER = 2
REST_S = 60.0
"""An expression that timed out twice in a row rests for so long, or a thousand objects would cost as many seconds."""


class JqRunner:
    """Thread-safe; one expression at a time. Used as `diff.rules.DeleteSelected`."""

    def __init__(self, timeout_s: float = DEFAULT_JQ_TIMEOUT_S) -> None:
        self.timeout_s = timeout_s
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._timeouts: dict[str, int] = {}
        self._rests_until: dict[str, float] = {}

    def delete(self, obj: Object, expression: str, *, secret: bool = False) -> tuple[Object, str]:
        """As `jqrule.delete`; too long, or a process that died, is a problem like any other."""
        if jqrule.is_plain(expression):
            return jqrule.delete(obj, expression, secret=secret)
        problem = jqrule.problem_with(expression)
        if problem:
            raise jqrule.RuleError(problem)
        with self._lock:
            return self._asked(obj, expression, secret)

    def stop(self) -> None:
        with self._lock:
            self._end()

    def _asked(self, obj: Object, expression: str, secret: bool) -> tuple[Object, str]:
        if time.monotonic() < self._rests_until.get(expression, 0.0):
            return obj, f"jq {expression}: took longer than {self.timeout_s:g} s before, and is not tried for a minute"
        request = json.dumps({"expression": expression, "object": obj}).encode() + b"\n"
        try:
            answer = self._answer(request)
        except TimeoutError:
            self._end()
            self._note_timeout(expression)
            return obj, f"jq {expression}: took longer than {self.timeout_s:g} s"
        except (OSError, EOFError, ValueError):
            self._end()
            return obj, f"jq {expression}: its process died (too much memory?)"
        self._timeouts.pop(expression, None)
        if "problem" in answer:
            return obj, jqrule.failed(expression, str(answer["problem"]), secret=secret)
        return jqrule.taken(obj, expression, answer["found"])

    def _note_timeout(self, expression: str) -> None:
        self._timeouts[expression] = self._timeouts.get(expression, 0) + 1
        if self._timeouts[expression] >= REST_AFTER:
            self._rests_until[expression] = time.monotonic() + REST_S

    def _answer(self, request: bytes) -> dict[str, list[object]]:
        child = self._child or self._begin()
        assert child.stdin is not None
        child.stdin.write(request)
        child.stdin.flush()
        found: dict[str, list[object]] = json.loads(self._line(child, self.timeout_s))
        return found

    def _begin(self) -> subprocess.Popen[bytes]:
        program = str(Path(__file__).with_name("jqchild.py"))
        child = self._child = subprocess.Popen(
            [sys.executable, "-I", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            bufsize=0,
        )
        self._line(child, START_S)
        return child

    @staticmethod
    def _line(child: subprocess.Popen[bytes], timeout_s: float) -> bytes:
        """One line of the process; raises `TimeoutError`, or `EOFError` where it has ended."""
        assert child.stdout is not None
        number, deadline = child.stdout.fileno(), time.monotonic() + timeout_s
        parts: list[bytes] = []
        while not parts or not parts[-1].endswith(b"\n"):
            readable, _, _ = select.select([number], [], [], max(0.0, deadline - time.monotonic()))
            if not readable:
                raise TimeoutError
            part = os.read(number, 1 << 16)
            if not part:
                raise EOFError
            parts.append(part)
        return b"".join(parts)

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.communicate()
