"""Textual's command palette, for hands that type ahead.

Over a slow line whole words and their enter come in one piece: before the list has followed what was typed, and with
keys that were meant for what the palette opens.
"""

from __future__ import annotations

from textual import on
from textual.command import Command, CommandList, CommandPalette, Hit
from textual.fuzzy import Matcher
from textual.widgets import Input, OptionList

SHORT = 14
"""Rows of a screen below which it begins at the top."""
AGAIN_S = 0.05
PATIENCE = 20
"""So often an enter is asked again while the list does not follow what was typed; then it does nothing."""


class Palette(CommandPalette):
    """An enter is for what was typed, and chooses once."""

    def __init__(self) -> None:
        super().__init__(id="--command-palette")
        self.VERTICAL_BREAKPOINTS = [(0, "-short"), (SHORT, "-high")]
        self._is_over = False
        self._asked = 0

    @on(OptionList.OptionSelected)
    def _only_once(self, event: OptionList.OptionSelected) -> None:
        """Textual would close it once for each, and the program with it."""
        if self._is_over:
            event.stop()
            event.prevent_default()
        self._is_over = True

    @on(Input.Submitted)
    def _not_too_soon(self, event: Input.Submitted) -> None:
        """Handlers here come before Textual's own, and keep these from what is none of theirs."""
        if self._is_over or not self._follows(event.value):
            event.stop()
            event.prevent_default()
            if not self._is_over and self._asked < PATIENCE:
                self._asked += 1
                self.set_timer(AGAIN_S, event.input.action_submit)
        else:
            self._asked = 0

    def _follows(self, typed: str) -> bool:
        """Whether what is highlighted comes of what was typed."""
        commands = self.query_one(CommandList)
        if not typed:
            return True
        if commands.highlighted is None:
            return False
        command = commands.get_option_at_index(commands.highlighted)
        if not isinstance(command, Command) or not isinstance(command.hit, Hit):
            return False  # what stands there before anything is typed
        told = f"{command.hit.text or ''}\n{command.hit.help or ''}".casefold()
        return typed.casefold() in told or Matcher(typed).match(str(command.hit.text or "")) > 0
