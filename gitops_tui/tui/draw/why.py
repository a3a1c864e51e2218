"""Why an application is as it is: the answers by section, what comes when, and the log of what was decided."""

from __future__ import annotations

from datetime import datetime

from rich.text import Text

from gitops_tui.model.catalogue import Section
from gitops_tui.model.decision import Decision, Logged
from gitops_tui.model.resource import ResourceKey
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


def why_lines(app: AppView, width: int, now: datetime, resource: ResourceKey | None = None) -> list[Line]:
    """Sections that have nothing to say are left out; ``resource`` is told field by field; the log is newest first."""
    told = [(heading, [one for one in app.why if one.code.section is section]) for section, heading in HEADINGS.items()]
    if resource is not None:
        about = [one for one in app.why if one.code.section is Section.OBJECT and resource in one.objects]
        told.insert(1, (f"About {resource.short}", about))
    sections = [
        (heading, [text for one in found for text in _answer(app.in_own_words(one), width, now)])
        for heading, found in told
    ]
    sections.append(("Log", [text for one in app.log for text in _entry(app, one, width, now)]))
    lines: list[Line] = []
    for heading, texts in sections:
        if texts:
            lines += [Line(Text())] if lines else []
            lines += [Line(text) for text in (*wrap(plain(heading, "name"), width, INDENT), *texts)]
    return lines


def _answer(one: Decision, width: int, now: datetime) -> list[Text]:
    lines = _told(plain(one.sentence(now), "strong"), Text(one.timing(now), "muted"), width)
    hint = wrap(words((HINT, "muted"), plain(one.code.hint, "muted")), width - 2 * INDENT, len(HINT))
    return [*lines, *(words(" " * 2 * INDENT, text) for text in hint if one.code.hint)]


def _entry(app: AppView, one: Logged, width: int, now: datetime) -> list[Text]:
    times = f"{one.count}× since {clock(one.at, now)}, last {clock(one.last_at, now)}"
    when = times if one.count > 1 else clock(one.at, now)
    return _told(plain(app.in_own_words(one.decision).sentence(now)), Text(when, "muted"), width)


def _told(text: Text, when: Text, width: int) -> list[Text]:
    """The sentence with its time at the right end of the first line."""
    room = width - INDENT - when.cell_len - 1
    first, *rest = wrap(text, room, INDENT)
    return [spread(words(" " * INDENT, first), when, width), *(words(" " * INDENT, one) for one in rest)]
