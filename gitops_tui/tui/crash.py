"""An error of our own: its traceback goes to the log, and who sat there is told where that is.

Neither holds local variables, which may be anything: only where it happened and what the error says of itself.
"""

from __future__ import annotations

import traceback

from gitops_tui.logs import log_path, logger
from gitops_tui.tui.text import clean


def log_crash(error: BaseException) -> None:
    logger(__name__).error("the cockpit ended by an error of its own\n%s", "\n".join(_traceback(error)))


def last_words(error: BaseException) -> str:
    """For the terminal, once the screen is gone; without a log file, with the traceback itself."""
    path = log_path()
    told = "The cockpit ended by an error of its own. What ran in the cluster is left to its lease."
    if path is None:
        return "\n".join([told, *_traceback(error)])
    what = clean("".join(traceback.format_exception_only(error)).strip())
    return f"{told}\n{what}\nThe traceback, to report it with, is in the log:\n{path}"


def _traceback(error: BaseException) -> list[str]:
    """What an error says of itself may be text from outside."""
    return [clean(line) for line in "".join(traceback.format_exception(error)).splitlines()]
