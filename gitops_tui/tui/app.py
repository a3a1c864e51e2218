"""The cockpit: a seat with screens, themes and a clock that makes ages grow."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import ClassVar

from textual.actions import ActionParseResult
from textual.app import SystemCommand
from textual.binding import BindingType
from textual.command import Provider
from textual.dom import DOMNode
from textual.screen import Screen
from textual.scrollbar import ScrollBar, ScrollBarRender
from typing_extensions import override

from gitops_tui.model.core import Core
from gitops_tui.tui.bindings import unknown_ids
from gitops_tui.tui.crash import log_crash
from gitops_tui.tui.quiet import Tidier
from gitops_tui.tui.screens.frame import Frame
from gitops_tui.tui.screens.main import MainScreen
from gitops_tui.tui.seat import Options, Seat, Subject
from gitops_tui.tui.theme import ANSI, DARK, DEFAULTS, THEMES, frame_colour
from gitops_tui.tui.views import import_the_rest, view_class

TICK_S, SLOW_TICK_S = 1.0, 5.0


class WholeCells(ScrollBarRender):
    """Scrollbars without eighths of a block, for ASCII."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "]
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "]


class Cockpit(Seat):
    """One person's seat, or a wall."""

    TITLE = "gitops-tui"
    CSS_PATH = "styles/cockpit.tcss"
    BINDINGS: ClassVar[list[BindingType]] = []
    ENABLE_COMMAND_PALETTE = True
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = set()
    """Textual's own come after ours (`VerbCommands`): what stands first is what an enter does."""
    COMMAND_PALETTE_BINDING = "ctrl+p"

    def __init__(self, core: Core, options: Options) -> None:
        self._frame_colour = "$primary"
        self.crash: Exception | None = None
        super().__init__(core, options)
        self._tidier = Tidier(options.ticks)
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = self._first_theme(options)
        self.set_class(options.ascii, "-ascii")
        ScrollBar.renderer = WholeCells if options.ascii else ScrollBarRender

    def _first_theme(self, options: Options) -> str:
        """``NO_COLOR`` by the letter needs a theme of the terminal's own colours; Textual greys the others."""
        if self.no_color:
            return ANSI
        return options.theme if options.theme in self.available_themes else DARK

    @override
    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What there is to look at differently; `?` and `q` are ours, and a pane that is alone has no key back."""
        yield SystemCommand("Theme", "Change the colours", self.action_change_theme)
        yield SystemCommand("Screenshot", "Save the screen as a picture (SVG)", self._save_picture)

    def _save_picture(self) -> None:
        self.set_timer(0.1, self.deliver_screenshot)  # once the palette is gone

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return {**DEFAULTS, "frame": "ansi_blue"}

    def get_css_variables(self) -> dict[str, str]:
        variables = super().get_css_variables()
        colour = self._frame_colour
        variables["frame"] = variables.get(colour[1:], colour) if colour.startswith("$") else colour
        self.theme_variables = variables
        return variables

    # --- coming and going

    def get_default_screen(self) -> Screen[object]:
        if not self.options.wall:
            return MainScreen()
        from gitops_tui.tui.wall import WallScreen

        return WallScreen()

    def on_mount(self) -> None:
        self.snapshot = self.core.snapshot()
        self.set_keymap(dict(self.options.bindings))
        for name in unknown_ids(self.options.bindings):
            self.tell(f"The configuration binds {name}, which is no key of ours: ? lists them", severity="warning")
        self.bridge.open()
        for number in self.options.ends_on:
            # By the loop, between two pieces of work: an exception out of a handler can be lost in a destructor.
            asyncio.get_running_loop().add_signal_handler(number, self.exit, 128 + number)
        self.set_interval(SLOW_TICK_S if self.options.slow else TICK_S, self._tick)

    def _tick(self) -> None:
        """Ages grow, and what nobody needs any more goes."""
        self.redraw()
        is_started = not self.newest().is_loading
        self._tidier.begin(is_started=is_started)
        if is_started and not self.options.wall:
            import_the_rest()
        self._tidier.tidy(is_hand_moving=self.is_hand_moving)

    def on_unmount(self) -> None:
        self.bridge.close()

    async def action_quit(self) -> None:
        """ctrl+q asks as `q` does."""
        screen = self.screen
        if isinstance(screen, Frame):
            screen.action_leave()
        else:
            self.exit(0)

    # --- an error of our own

    @override
    def _handle_exception(self, error: Exception) -> None:
        """Textual's one place for what nobody caught. What comes of the first error is in the log alone."""
        log_crash(error)
        self.crash = self.crash or error
        super()._handle_exception(error)

    @override
    def _fatal_error(self) -> None:
        """Ends it, and prints nothing: Textual's own shows every frame's local variables on the terminal."""
        self.panic()

    # --- snapshots

    def watch_snapshot(self) -> None:
        cluster = self.newest().cluster
        colour = frame_colour(cluster.colour, is_production=cluster.is_production)
        if colour != self._frame_colour:
            self._frame_colour = colour
            self.refresh_css(animate=False)
        super().watch_snapshot()

    # --- keys

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """A dimmed key says why when it is pressed, instead of doing nothing."""
        screen = self.screen
        if isinstance(screen, Frame) and default_namespace is screen and isinstance(action, str):
            name = action.partition("(")[0]
            if screen.check_action(name, ()) is None:
                self.tell(screen.why_not(name), severity="warning", timeout=4)
                return True
        return await super().run_action(action, default_namespace, namespaces)

    def view(self, name: str, subject: Subject) -> None:
        """Views take each other's place; esc always leads back to the main screen."""
        screen = view_class(name)(subject)
        if isinstance(self.screen, MainScreen):
            self.push_screen(screen)
        else:
            self.switch_screen(screen)

    def go_to(self, uid: str) -> None:
        while len(self.screen_stack) > 1:
            self.pop_screen()
        if isinstance(self.screen, MainScreen):
            self.screen.go_to(uid)
