"""A full screen with one framed listing about one application, and a filter where lines can be searched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from rich.text import Text
from textual.widget import Widget
from textual.widgets import Input

from gitops_tui.tui.draw.rows import Line, words
from gitops_tui.tui.screens.frame import Frame
from gitops_tui.tui.seat import Subject
from gitops_tui.tui.text import clean, plain
from gitops_tui.tui.widgets.lines import Lines, Listing, entitle


class View(Frame):
    """Subclasses draw into `listing` and name themselves."""

    NAME: ClassVar[str] = ""
    HAS_CURSOR: ClassVar[bool] = False
    PANS: ClassVar[bool] = False
    CAN_FILTER: ClassVar[bool] = False

    def __init__(self, subject: Subject) -> None:
        super().__init__(subject)
        self.about = subject
        self.listing = Listing(id="view", classes="pane", has_cursor=self.HAS_CURSOR, pans=self.PANS)
        self.filter = Input(id="filter", placeholder="filter", compact=True)

    def body(self) -> Iterator[Widget]:
        yield self.listing
        yield self.filter

    def begin(self) -> None:
        self.listing.focus()

    def lines(self) -> Lines:
        return self.listing

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "filter":
            return self.CAN_FILTER
        return super().check_action(action, parameters)

    def name_frame(self, *told: str | tuple[str, str] | Text) -> None:
        entitle(self.listing, words(f"{self.NAME} ─ ", *told))

    def subject_text(self) -> Text:
        app, resource = plain(self.about.app.name), self.about.resource
        return words(app, " · ", plain(resource.short)) if resource else app

    def paint(self) -> None:
        self.name_frame(self.subject_text())

    def say(self, text: str, ink: str = "muted") -> None:
        """One line in place of what is not there yet, or went wrong."""
        self.listing.put(lambda _width: [Line(plain(text, ink))])

    # --- the filter

    def action_filter(self) -> None:
        self.filter.display = True
        self.filter.focus()

    def on_input_changed(self) -> None:
        self.filtered()

    def filtered(self) -> None:
        """The filter is another one."""
        self.paint()

    def on_input_submitted(self) -> None:
        self.filter.display = bool(self.filter.value)
        self.listing.focus()

    def action_back(self) -> None:
        if self.filter.has_focus or self.filter.value:
            self.filter.value = ""
            self.filter.display = False
            self.listing.focus()
        else:
            super().action_back()

    def action_copy(self) -> None:
        self.seat.copy(self.listing.plain_text(), clean(f"{self.NAME.lower()} of {self.about.app.name}"))
