"""What every full screen has: header, banner, key bar, movement, and the keys that mean the same everywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar, cast

from textual.app import ComposeResult
from textual.binding import ActiveBinding, BindingType
from textual.command import Provider
from textual.containers import Vertical
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input
from typing_extensions import override

from gitops_tui.model.snapshot import AppView
from gitops_tui.tui.acts import Acts
from gitops_tui.tui.bindings import EVERYWHERE, WRITES, bindings
from gitops_tui.tui.commands import ApplicationCommands, VerbCommands
from gitops_tui.tui.draw.header import banner, header
from gitops_tui.tui.palette import Palette
from gitops_tui.tui.seat import Seat, Subject
from gitops_tui.tui.widgets.keybar import KeyBar
from gitops_tui.tui.widgets.lines import Lines
from gitops_tui.tui.widgets.oneline import OneLine

SMALL, WIDE, BROAD, TALL = 60, 110, 160, 28
"""Cells: below 60 one pane at a time; from 110 x 28 on all panes at once, from 160 on the list says what is wrong."""


class Movement(Screen[object], inherit_bindings=False):
    """Moving by keys in whatever lines have the focus, else in the screen's main ones."""

    is_ready = False
    """Composed and mounted: there is something to draw into."""

    @property
    def seat(self) -> Seat:
        return cast(Seat, self.app)

    def lines(self) -> Lines:
        """The lines that keys move in."""
        raise LookupError("no lines here")

    def action_move(self, rows: int) -> None:
        self.lines().move_by(rows)

    def action_move_end(self, last: bool) -> None:
        self.lines().move_to_end(last=last)

    def action_page(self, share: float) -> None:
        self.lines().page(share)

    def action_pan(self, cells: int) -> None:
        self.lines().pan(cells)


class Frame(Movement):
    """A full screen about a subject. Subclasses give `body`, `lines` and `paint`."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(EVERYWHERE)]
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {VerbCommands, ApplicationCommands}
    IDLE: ClassVar[frozenset[str]] = frozenset({"select", "pane", "next_pane", "filter", "trouble"})
    """Actions that mean nothing on this screen: neither shown nor run."""
    UNSHOWN: ClassVar[frozenset[str]] = frozenset()
    """Ids that the key bar leaves out here."""

    def __init__(self, subject: Subject | None = None) -> None:
        super().__init__()
        self._subject = subject
        self.acts = Acts(self)
        self.header = OneLine(id="header")
        self.banner = OneLine(id="banner")

    # --- what it is about

    @property
    def subject(self) -> Subject | None:
        return self._subject

    def application(self) -> AppView | None:
        """The subject as the newest snapshot has it; None once it is gone."""
        return self.seat.newest().find(self.subject.app) if self.subject else None

    # --- drawing

    def body(self) -> Iterator[Widget]:
        raise LookupError("no body here")

    def compose(self) -> ComposeResult:
        yield self.header
        yield self.banner
        with Vertical(id="body"):
            yield from self.body()
        yield KeyBar(id="keys", unshown=self.UNSHOWN)

    def on_mount(self) -> None:
        self.begin()
        self.is_ready = True
        self.draw()

    def begin(self) -> None:
        """Once, before the first drawing. (Textual calls every class's own ``on_mount``: subclasses use this.)"""

    def on_screen_resume(self) -> None:
        self.draw()

    def on_resize(self) -> None:
        width, height = self.size
        self.call_after_refresh(self.resized)
        self.set_class(width < SMALL, "-tiny")
        self.set_class(width >= WIDE and height >= TALL, "-wide")
        self.set_class(width >= BROAD, "-broad")

    def resized(self) -> None:
        """After the layout followed a new size."""

    def draw(self) -> None:
        """Header and banner, then what the screen is for."""
        if not self.is_ready:
            return
        snapshot, now = self.seat.newest(), self.seat.now()
        said = banner(snapshot, now, self.size.width)
        self.header.put(lambda width: header(snapshot, width, now))
        self.banner.display = bool(said.plain)
        self.banner.put(lambda width: banner(snapshot, now, width))
        self.paint()

    def paint(self) -> None:
        """Draw the body. Called with every snapshot, and as time passes."""

    # --- what can be done now

    @override
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in self.IDLE or (isinstance(self.focused, Input) and action in ("open", "next_pane")):
            return False
        return None if self.why_not(action) else True

    def why_not(self, action: str) -> str:
        """Why an action cannot be done now, or empty. Dimmed keys and their toasts say it."""
        if action in WRITES and self.seat.refusal():
            return self.seat.refusal()
        return self.acts.why_not(action)

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """With the reason as the tooltip of what cannot be done now."""
        found = super().active_bindings
        return {
            key: one if one.enabled else one._replace(tooltip=self.why_not(one.binding.action) or one.tooltip)
            for key, one in found.items()
        }

    # --- keys that mean the same everywhere

    def action_back(self) -> None:
        self.dismiss()

    def action_open(self) -> None:
        """Into what is under the cursor; nothing where there is nothing to enter."""

    def _view(self, name: str) -> None:
        if self.subject is not None:
            self.seat.view(name, self.subject)

    def action_diff(self) -> None:
        self._view("diff")

    def action_objects(self) -> None:
        self._view("objects")

    def action_manifest(self) -> None:
        self._view("manifest")

    def action_events(self) -> None:
        self._view("events")

    def action_logs(self) -> None:
        self._view("logs")

    def action_why(self) -> None:
        self.acts.why()

    def action_help(self) -> None:
        self.acts.help()

    def action_sync(self) -> None:
        self.acts.sync()

    def action_heal(self) -> None:
        self.acts.heal()

    def action_revert(self) -> None:
        self.acts.revert(())

    def action_rollback(self) -> None:
        self.acts.rollback(None)

    def action_actions(self) -> None:
        self.acts.actions()

    def action_hold(self) -> None:
        self.acts.hold()

    def action_terminate(self) -> None:
        self.acts.terminate()

    def action_refresh(self) -> None:
        self.acts.refresh(hard=False)

    def action_refresh_hard(self) -> None:
        self.acts.refresh(hard=True)

    def action_leave(self) -> None:
        self.acts.leave()

    def action_command_palette(self) -> None:
        if not Palette.is_open(self.app):
            self.app.push_screen(Palette())

    def action_copy(self) -> None:
        """Copy what is shown; screens say what that is."""

    def on_one_line_pressed(self, event: OneLine.Pressed) -> None:
        self.app.simulate_key(event.key)
