"""What work cost: time, processor time and memory of a process; requests, as the audit log has them."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
OUR_AGENT = "gitops-tui"
WRITES = frozenset({"create", "update", "patch", "delete", "deletecollection"})


@dataclass(frozen=True, slots=True)
class Usage:
    """One process from start to end, with the children it waited for."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    exit_code: int
    output: str


def run(command: Sequence[str], env: Mapping[str, str], *, is_fine: Sequence[int] = (0,)) -> Usage:
    """Run to the end; raises with its output where it exits otherwise than ``is_fine``."""
    began = time.perf_counter()
    process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - began
    code = process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    if code not in is_fine:
        raise RuntimeError(f"{' '.join(command)}: exit {code}: {output[-2000:]}")
    return Usage(wall_s, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, code, output)


def cpu_s(pid: int) -> float:
    """Processor time of a running process and of the children it waited for."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(one) for one in fields[11:15]) / TICKS


def peak_mb(pid: int) -> float:
    """The most memory that a running process held so far."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


@dataclass
class Span:
    """Wall and processor time of this very process over a block, in seconds."""

    wall_s: float = 0.0
    cpu_s: float = 0.0


@contextmanager
def span() -> Iterator[Span]:
    found = Span()
    wall, cpu = time.perf_counter(), time.process_time()
    try:
        yield found
    finally:
        found.wall_s, found.cpu_s = time.perf_counter() - wall, time.process_time() - cpu


def until(condition: object, timeout_s: float, what: str) -> None:
    """Poll ``condition()`` every 20 ms; raises `TimeoutError` with ``what``."""
    assert callable(condition)
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        threading.Event().wait(0.02)


class Requests:
    """The requests of ours since this was made, by verb; None where the control plane keeps no audit log."""

    def __init__(self, audit_log: Path) -> None:
        self._log = audit_log
        self._from = audit_log.stat().st_size if audit_log.exists() else 0

    def by_verb(self) -> Counter[str] | None:
        if not self._log.exists():
            return None
        entries = [json.loads(line) for line in self._lines()]
        return Counter(_verb(one) for one in entries if one.get("userAgent", "").startswith(OUR_AGENT))

    def _lines(self) -> list[bytes]:
        """Whole lines since the beginning; a log that grew too long has begun anew beside its old part."""
        if self._log.stat().st_size >= self._from:
            parts = [(self._log, self._from)]
        else:
            old = max(self._log.parent.glob("audit-*.log"), key=lambda one: one.stat().st_mtime)
            parts = [(old, self._from), (self._log, 0)]
        content = b"".join(part.read_bytes()[start:] for part, start in parts)
        return [line for line in content.splitlines(keepends=True) if line.endswith(b"\n")]


def _verb(entry: Mapping[str, str]) -> str:
    return f"dry-run {entry['verb']}" if "dryRun=All" in entry["requestURI"] else entry["verb"]
