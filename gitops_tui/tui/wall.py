"""The wall: read-only, nobody at the keys, and honest about how old its data is."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from gitops_tui.model.snapshot import Snapshot
from gitops_tui.tui.bindings import bindings
from gitops_tui.tui.draw.header import banner
from gitops_tui.tui.draw.rows import Line
from gitops_tui.tui.draw.tile import wall_lines
from gitops_tui.tui.screens.frame import Movement
from gitops_tui.tui.widgets.lines import Lines, Listing
from gitops_tui.tui.widgets.oneline import OneLine

TURN_S = 12.0
"""How long one page of tiles stands."""


class WallScreen(Movement):
    """Pages turn by themselves; the only key is `q`."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(("quit",))]

    def __init__(self) -> None:
        super().__init__()
        self.banner = OneLine(id="banner")
        self.listing = Listing(id="wall", has_cursor=False)
        self.listing.spare_cells = 0

    def compose(self) -> ComposeResult:
        yield self.banner
        yield self.listing

    def on_mount(self) -> None:
        self.is_ready = True
        self.draw()

    def lines(self) -> Lines:
        return self.listing

    def draw(self) -> None:
        snapshot, now = self.seat.newest(), self.seat.now()
        said = banner(snapshot, now, self.size.width)
        self.banner.display = bool(said.plain)
        self.banner.put(lambda width: banner(snapshot, now, width))
        turn = int(self.seat.options.ticks() // TURN_S)
        self.listing.put(lambda width: self._lines(snapshot, width, turn, now))

    def _lines(self, snapshot: Snapshot, width: int, turn: int, now: datetime) -> list[Line]:
        height = self.listing.size.height
        return [Line(one) for one in wall_lines(snapshot, width, height, turn, now)] if height else []

    def action_leave(self) -> None:
        self.app.exit(0)
