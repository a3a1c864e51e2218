"""The process that scripts run in: a JSON request is a line of standard input, its answer one of standard output.

It gives up what it could do before the first request: no file or socket can be opened, no process started, memory is
bounded. The kernel ends it when one script used its CPU time, wherever it is then: in Lua, in a pattern that
backtracks, or in turning its result into JSON.
"""

from __future__ import annotations

import json
import signal
import sys
from typing import Any

from gitops_tui.lua.machine import Machine, ScriptError

MAX_ADDRESS_SPACE = 1024 * 1024 * 1024


def main() -> None:
    """``{script, name, openLibs, values, cpuSeconds}`` -> ``{type, value}`` or ``{error}``, until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    machine = Machine()
    _answered(machine, {"script": "return {}", "name": "", "openLibs": True, "values": {}, "cpuSeconds": 0})
    _give_up()
    for line in sys.stdin.buffer:
        answer = _answered(machine, json.loads(line))
        sys.stdout.buffer.write(answer + b"\n")
        sys.stdout.buffer.flush()


def _answered(machine: Machine, request: dict[str, Any]) -> bytes:
    _bound(request["cpuSeconds"])
    try:
        kind, value = machine.run(request["script"], request["name"], request["openLibs"], request["values"])
        return json.dumps({"type": kind, "value": value}).encode()
    except ScriptError as error:
        return json.dumps({"error": str(error)}).encode()
    finally:
        _bound(0)


def _bound(seconds: float) -> None:
    """SIGPROF is not handled: it ends the process, also where Python would not get to run a handler."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)


def _give_up() -> None:
    try:
        import resource
    except ImportError:  # no limits on this system; the parent's deadline remains
        return
    limits = {
        "RLIMIT_NOFILE": 0,
        "RLIMIT_NPROC": 0,
        "RLIMIT_FSIZE": 0,
        "RLIMIT_CORE": 0,
        "RLIMIT_AS": MAX_ADDRESS_SPACE,
    }
    for name, limit in limits.items():
        try:
            resource.setrlimit(getattr(resource, name), (limit, limit))
        except (AttributeError, ValueError, OSError):
            continue


if __name__ == "__main__":
    main()
