"""Why it is in this state: the core's answers, what it waits for and what comes next, and its log."""

from __future__ import annotations

from collections.abc import Mapping

from rich.text import Text

from gitops_tui.model.application import AppKey
from gitops_tui.model.own_commits import told_revisions, with_path_commits
from gitops_tui.model.resource import ResourceKey
from gitops_tui.tui.draw.empty import problem_lines
from gitops_tui.tui.draw.rows import Line, wrap
from gitops_tui.tui.draw.status import status_lines
from gitops_tui.tui.draw.why import why_lines
from gitops_tui.tui.latest import Latest
from gitops_tui.tui.screens.question import Modal
from gitops_tui.tui.text import clean, plain


class WhyScreen(Modal):
    """The decisions about one application, as snapshots bring them."""

    def __init__(self, app: AppKey, resource: ResourceKey | None = None) -> None:
        super().__init__()
        self._key = app
        self._resource = resource
        self._commits: Latest[Mapping[tuple[int, str], str]] = Latest(self, self._show, is_patient=False)

    def begin(self) -> None:
        self.set_title(f"Why: {clean(self._key.name)}")
        self.draw()

    def draw(self) -> None:
        app, core = self.seat.newest().find(self._key), self.seat.core
        if app is not None and not app.is_loading:
            self._commits.want((self._key, told_revisions(app)), lambda: core.path_commits(self._key))
        self._show()

    def _show(self) -> None:
        self.put(self._lines)

    def _lines(self, width: int) -> list[Line]:
        return [*self._about_it(width), *self._unreadable(width)]

    def _unreadable(self, width: int) -> list[Line]:
        """Of no application, since it could not be read which one: here is where it is looked for."""
        told = [part for text in problem_lines(self.seat.newest()) for part in wrap(text, width, 2)]
        return [Line(Text()), Line(Text("Cannot be read", "heading")), *map(Line, told)] if told else []

    def _about_it(self, width: int) -> list[Line]:
        app, now = self.seat.newest().find(self._key), self.seat.now()
        if app is None:
            return [Line(plain("It is not there any more."))]
        if not app.why and not app.log:
            told = plain("No decision was made about it yet. What is known:", "muted")
            return [Line(told), *(Line(line.text) for line in status_lines(app, width, now, is_whole=True))]
        return why_lines(with_path_commits(app, self._commits.answer or {}), width, now, self._resource)
