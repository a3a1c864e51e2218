"""Why an application is as it is: the answers by section, what comes when, and the log of what was decided."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from rich.text import Text

from gitops_tui.model.catalogue import Section
from gitops_tui.model.decision import Decision, Logged
from gitops_tui.model.snapshot import AppView
from gitops_tui.tui.draw.rows import Line, spread, words, wrap
from gitops_tui.tui.text import plain
from gitops_tui.tui.words import clock

HEADINGS = {
    Section.NOW: "Now",
    Section.WAITING: "Waiting for",
    Section.NEXT: "Next",
    Section.HIDDEN: "Hidden by rules",
}
INDENT = 2
HINT = "→ "


def why_lines(app: AppView, width: int, now: datetime) -> list[Line]:
    """Sections that have nothing to say are left out; the log is newest first."""
    lines: list[Line] = []
    for section, heading in HEADINGS.items():
        answers = [one for one in app.why if one.code.section is section]
        lines += _section(heading, (text for one in answers for text in _answer(one, width, now)))
    return lines + _section("Log", (text for one in app.log for text in _entry(one, width, now)))


def _section(heading: str, texts: Iterable[Text]) -> list[Line]:
    drawn = [Line(text) for text in texts]
    return [Line(Text(heading, "name")), *drawn] if drawn else []


def _answer(one: Decision, width: int, now: datetime) -> list[Text]:
    lines = _told(plain(one.sentence(now), "strong"), Text(one.timing(now), "muted"), width)
    hint = wrap(words((HINT, "muted"), plain(one.code.hint, "muted")), width - INDENT, len(HINT))
    return [*lines, *(words(" " * INDENT, text) for text in hint if one.code.hint)]


def _entry(one: Logged, width: int, now: datetime) -> list[Text]:
    times = f"{one.count}× since {clock(one.at, now)}, last {clock(one.last_at, now)}"
    when = times if one.count > 1 else clock(one.at, now)
    return _told(plain(one.decision.sentence(now)), Text(when, "muted"), width)


def _told(text: Text, when: Text, width: int) -> list[Text]:
    """The sentence with its time at the right end of the first line."""
    room = width - INDENT - when.cell_len - 1
    first, *rest = wrap(text, room, INDENT)
    return [spread(words(" " * INDENT, first), when, width), *(words(" " * INDENT, one) for one in rest)]
