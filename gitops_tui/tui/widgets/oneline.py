"""One line of text that is painted only when it changed: header, banner, tabs, key bar."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct
from rich.text import Text
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from gitops_tui.tui.text import to_ascii
from gitops_tui.tui.theme import ink_styles
from gitops_tui.tui.widgets.lines import segments


class Spot(Struct, frozen=True):
    """Cells that can be clicked, the key that this stands for, and what a tooltip says."""

    start: int
    end: int
    key: str
    tooltip: str = ""


class Drawing(Struct, frozen=True):
    text: Text
    spots: tuple[Spot, ...] = ()


class OneLine(Widget):
    """Shows what the last `put` draws for the width that there is."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "OneLine { height: 1; width: 1fr; }"

    class Pressed(Message):
        """A spot was clicked; ``key`` is what it stands for."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._make: Callable[[int], Drawing] = lambda _width: Drawing(Text())
        self._drawing = Drawing(Text())

    @property
    def drawn(self) -> Text:
        return self._drawing.text

    def put(self, make: Callable[[int], Drawing | Text]) -> None:
        def drawing(width: int) -> Drawing:
            made = make(width)
            return made if isinstance(made, Drawing) else Drawing(made)

        self._make = drawing
        self.redraw()

    def redraw(self) -> None:
        made = self._make(self.size.width)
        if made != self._drawing:
            self._drawing = made
            self.refresh()

    def on_resize(self) -> None:
        self.redraw()

    def render_line(self, y: int) -> Strip:
        if y:
            return Strip.blank(self.size.width, self.rich_style)
        inks = ink_styles(self.app.theme_variables)
        made = segments(self._drawing.text, inks, self.rich_style, ascii_only=self.app.has_class("-ascii"))
        return Strip(made).adjust_cell_length(self.size.width, self.rich_style)

    def _spot(self, x: int) -> Spot | None:
        return next((spot for spot in self._drawing.spots if spot.start <= x < spot.end), None)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        spot = self._spot(event.x)
        self.tooltip = to_ascii(spot.tooltip) if spot and spot.tooltip else None

    def on_click(self, event: events.Click) -> None:
        spot = self._spot(event.x)
        if spot is not None:
            self.post_message(self.Pressed(spot.key))
