"""Why it is in this state: the core's decision log, newest first."""

from __future__ import annotations

from rich.text import Text

from gitops_tui.model.application import AppKey
from gitops_tui.model.snapshot import TroubleKind
from gitops_tui.tui.draw.rows import Line, spread, words, wrap
from gitops_tui.tui.draw.status import hold_line, status_lines
from gitops_tui.tui.screens.question import Modal
from gitops_tui.tui.text import clean, plain
from gitops_tui.tui.words import clock


class WhyScreen(Modal):
    """The reasons of one application, as snapshots bring them."""

    def __init__(self, app: AppKey) -> None:
        super().__init__()
        self._key = app

    def begin(self) -> None:
        self.set_title(f"Why: {clean(self._key.name)}")
        self.draw()

    def draw(self) -> None:
        self.put(self._lines)

    def _lines(self, width: int) -> list[Line]:
        app, now = self.seat.newest().find(self._key), self.seat.now()
        if app is None:
            return [Line(plain("It is not there any more."))]
        if not app.reasons:
            told = plain("No decision was made about it yet. What is known:", "muted")
            return [Line(told), *(Line(line.text) for line in status_lines(app, width, now))]
        headline = plain(app.trouble.what) if app.trouble.kind is TroubleKind.DEGRADED else Text()
        lines = [Line(one) for text in (hold_line(app, now), headline) if text.plain for one in wrap(text, width, 2)]
        for reason in sorted(app.reasons, key=lambda one: one.at, reverse=True):
            first, *rest = wrap(plain(reason.text, "strong"), width - 8)
            lines.append(Line(spread(first, plain(clock(reason.at, now), "muted"), width)))
            lines += [Line(one) for one in rest]
            facts = ", ".join(f"{name} {value}" for name, value in reason.facts.items())
            lines += [Line(words("  ", one)) for one in wrap(plain(facts, "muted"), width - 2) if facts]
        return lines
