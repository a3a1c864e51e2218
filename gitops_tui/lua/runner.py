"""Asks the child process that runs scripts; starts it when first needed, and again after it was ended."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any

from gitops_tui.model.script import Answer, Script

CPU_S = 1.0
"""What one script may use, as in Argo CD."""
DEADLINE_S = 60.0
"""When nothing is heard for so long, although CPU time is bounded: the machine is starved, or the child stopped."""
MAX_ANSWER = 16 * 1024 * 1024
CHUNK = 1 << 16


class Runner:
    """One child, one script at a time. Any thread may ask; `close` ends the child."""

    def __init__(self, cpu_s: float = CPU_S, deadline_s: float = DEADLINE_S) -> None:
        self._cpu_s = cpu_s
        self._deadline_s = deadline_s
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def run(self, script: Script, values: Mapping[str, Any]) -> Answer:
        """Run ``script`` with ``values`` as its globals. Whatever it does, the answer is a value."""
        request = {
            "script": script.text,
            "name": script.name,
            "openLibs": script.open_libs,
            "values": dict(values),
            "cpuSeconds": self._cpu_s,
        }
        with self._lock:
            try:
                return self._asked(json.dumps(request).encode() + b"\n")
            except OSError as error:
                self._end()
                return Answer(error=f"Lua could not be asked: {error}")

    def close(self) -> None:
        with self._lock:
            self._end()

    def _asked(self, request: bytes) -> Answer:
        if self._child is None or self._child.poll() is not None:
            self._end()
            self._child = _start()
        child = self._child
        assert child.stdin is not None
        try:
            child.stdin.write(request)
            line = self._line(child)
        except BrokenPipeError:
            line = b""
        if line is None:
            self._end()
            return Answer(error=f"did not end within {self._deadline_s:.0f} s", is_runaway=True)
        return _answer(line) if line else self._died(child)

    def _line(self, child: subprocess.Popen[bytes]) -> bytes | None:
        """One line; empty: the child ended without one; None: the deadline passed."""
        assert child.stdout is not None
        until = time.monotonic() + self._deadline_s
        found = b""
        with selectors.DefaultSelector() as selector:
            selector.register(child.stdout, selectors.EVENT_READ)
            while not found.endswith(b"\n") and len(found) < MAX_ANSWER:
                if not selector.select(max(0.0, until - time.monotonic())):
                    return None
                chunk = os.read(child.stdout.fileno(), CHUNK)
                if not chunk:
                    return b""
                found += chunk
        return found if found.endswith(b"\n") else None

    def _died(self, child: subprocess.Popen[bytes]) -> Answer:
        code = child.wait()
        self._end()
        if code == -getattr(signal, "SIGPROF", 0):
            return Answer(error=f"was stopped: it used more than {self._cpu_s:g} s of CPU time", is_runaway=True)
        return Answer(error=f"ended the Lua interpreter (status {code})", is_runaway=True)

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()


def _start() -> subprocess.Popen[bytes]:
    """In a session of its own: a key in our terminal does not reach it. With no environment: it may hold secrets."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "gitops_tui.lua.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "TZ": os.environ.get("TZ", ""), "LC_ALL": "C"},
        bufsize=0,
        start_new_session=True,
    )


def _answer(line: bytes) -> Answer:
    found = json.loads(line)
    if "error" in found:
        return Answer(error=str(found["error"]))
    return Answer(kind=str(found["type"]), value=found["value"])
