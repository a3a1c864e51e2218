"""The process in which jq expressions run that could run for ever: its parent ends it.

A program of its own that imports nothing of ours: a line of JSON in (``expression``, ``object``), a line out (``found``
or ``problem``). It has no environment, no files and a bounded memory.
"""

from __future__ import annotations

import json
import sys

MEMORY = 1 << 30
"""Bytes: a string that is repeated a billion times ends this process and not its parent."""


def answer(request: dict[str, object]) -> dict[str, object]:
    import jq

    try:
        return {"found": jq.compile(f"del({request['expression']})").input_value(request["object"]).all()}
    except ValueError as error:
        return {"problem": str(error)}


def main() -> None:
    import jq  # noqa: F401 - loaded before anybody counts the time

    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    except (ImportError, ValueError, OSError):  # not on this system: the time-out is left
        pass
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
