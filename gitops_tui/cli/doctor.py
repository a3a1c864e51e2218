"""``doctor``: what is reachable, which tools were found, what is missing and how to get it.

Every question has its time-out and runs on a thread of its own: whatever hangs, the doctor answers.
"""

from __future__ import annotations

import argparse
import locale
import os
import platform
import sys
import threading
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import TextIO

from msgspec import Struct
from msgspec.structs import asdict

from gitops_tui import __version__
from gitops_tui.cli import exits
from gitops_tui.cli.options import GlobalOptions
from gitops_tui.cli.output import clean, document, is_coloured, paint, say, say_document, tell
from gitops_tui.errors import Forbidden, GitOpsError


class State(StrEnum):
    """``MISSING`` is said of what is optional; only ``BAD`` makes the doctor end with 1."""

    GOOD = "ok"
    MISSING = "missing"
    WARNING = "warning"
    BAD = "error"


class Finding(Struct, frozen=True):
    """One line: ``name`` within ``area``, what was found, and (where something is wrong) the way out."""

    area: str
    name: str
    state: State
    text: str
    hint: str = ""


Question = Callable[[], Sequence[Finding]]
_GLYPHS = {State.GOOD: "✓", State.MISSING: "·", State.WARNING: "!", State.BAD: "✗"}
_PLAIN = {State.GOOD: "ok", State.MISSING: "-", State.WARNING: "!", State.BAD: "FAIL"}
_COLOUR = {State.GOOD: "green", State.MISSING: "dim", State.WARNING: "yellow", State.BAD: "red"}
AREAS = ("Cluster", "Applications", "Git", "Tools", "Folders", "Terminal")


def run(parsed: argparse.Namespace, options: GlobalOptions) -> int:
    """Exit 1 where something that is needed does not work."""
    from gitops_tui.cli.examine import examine

    if parsed.output == "table":
        tell("examining …" if _is_unicode(sys.stderr, options) else "examining ...")
    findings = examine(options, parsed.timeout)
    if parsed.output == "table":
        _say_findings(findings, glyphs=_GLYPHS if _is_unicode(sys.stdout, options) else _PLAIN)
    else:
        say_document(document(report(findings), parsed.output))
    return exits.FAILED if any(one.state is State.BAD for one in findings) else exits.OK


def report(findings: Sequence[Finding]) -> dict[str, object]:
    """The findings for a program."""
    return {
        "version": __version__,
        "python": platform.python_version(),
        "ok": all(one.state is not State.BAD for one in findings),
        "findings": [{**asdict(one), "state": one.state.value} for one in findings],
    }


def _is_unicode(stream: TextIO, options: GlobalOptions) -> bool:
    """Glyphs and colour go together: neither in a pipe."""
    return is_coloured(stream) and not options.ascii and is_utf8()


def is_utf8() -> bool:
    """Whether the locale can say more than ASCII."""
    return locale.getpreferredencoding(False).lower().replace("-", "") == "utf8"


def _say_findings(findings: Sequence[Finding], glyphs: dict[State, str]) -> None:
    say(paint(f"gitops-tui {__version__}", "bold") + f" on Python {platform.python_version()}, {platform.system()}")
    width = max((len(one.name) for one in findings), default=0)
    mark = max(len(glyph) for glyph in glyphs.values())
    for area in AREAS:
        found = [one for one in findings if one.area == area]
        if found:
            say()
            say(paint(area, "bold"))
        for one in found:
            say(f"  {paint(glyphs[one.state].ljust(mark), _COLOUR[one.state])} {one.name:<{width}}  {clean(one.text)}")
            if one.hint:
                say(f"  {'':<{mark}} {'':<{width}}  {clean(one.hint)}")
    say()
    say(_summary(findings))


def _summary(findings: Sequence[Finding]) -> str:
    def number(state: State, word: str) -> str:
        count = sum(one.state is state for one in findings)
        return f"{count} {word}{'s' if count != 1 else ''}" if count else ""

    words = [word for word in (number(State.BAD, "problem"), number(State.WARNING, "warning")) if word]
    return f"{', '.join(words)}." if words else "Nothing is wrong."


def ask_all(questions: Sequence[tuple[str, str, Question]], timeout_s: float) -> list[Finding]:
    """Ask ``(area, name, question)`` all at once; the findings in the order of the questions.

    One that fails or does not come back within ``timeout_s`` is a finding itself.
    """
    asked = [_Asked(area, name, question) for area, name, question in questions]
    deadline = threading.Event()
    timer = threading.Timer(timeout_s, deadline.set)
    timer.daemon = True
    timer.start()
    try:
        return [finding for one in asked for finding in one.answer(deadline, timeout_s)]
    finally:
        timer.cancel()


class _Asked:
    """A question on its way, on a thread that nobody waits for in the end."""

    def __init__(self, area: str, name: str, question: Question) -> None:
        self._area = area
        self._name = name
        self._question = question
        self._found: Sequence[Finding] = ()
        self._done = threading.Event()
        threading.Thread(target=self._ask, name=f"doctor-{name}", daemon=True).start()

    def _ask(self) -> None:
        try:
            self._found = self._question()
        except Forbidden as error:
            self._found = (Finding(self._area, self._name, State.WARNING, str(error), error.hint),)
        except GitOpsError as error:
            self._found = (Finding(self._area, self._name, State.BAD, str(error), error.hint),)
        except Exception as error:  # noqa: BLE001 - the doctor says what is wrong with anything, itself included
            text = f"{type(error).__name__}: {error}"
            self._found = (Finding(self._area, self._name, State.BAD, text, "Report this as a bug."),)
        finally:
            self._done.set()

    def answer(self, deadline: threading.Event, timeout_s: float) -> Sequence[Finding]:
        while not self._done.wait(0.02):
            if deadline.is_set() and not self._done.is_set():
                text = f"no answer within {timeout_s:g} s"
                return (Finding(self._area, self._name, State.BAD, text, "Give it longer with --timeout."),)
        return self._found


def columns() -> tuple[int, int]:
    """Columns and lines of the terminal on any of the standard streams; (0, 0) where none is one."""
    for number in (1, 2, 0):
        try:
            found = os.get_terminal_size(number)
            return found.columns, found.lines
        except OSError:
            continue
    return 0, 0
